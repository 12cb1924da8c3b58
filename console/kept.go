package console

import (
	"bytes"
	"compress/flate"
	"context"
	"encoding/base64"
	"encoding/json"
	"errors"
	"net/http"
	"net/url"
	"slices"
	"strings"
	"time"

	"relais/auth"
	"relais/reason"
)

// keptForm is a form that waits for its sender to prove who they are, or to sign in
// again. It goes through the browser, sealed, and counts for the person who sent it, for
// the account that they looked at, and for a time.
type keptForm struct {
	User    string     `json:"user"`
	Account string     `json:"account"`
	EndsAt  time.Time  `json:"ends_at"`
	Path    string     `json:"path"`
	Fields  url.Values `json:"fields"`
}

const (
	// keptMark begins what is sealed of forms: nothing else that is sealed begins so.
	keptMark = "\x00form\x00"
	// keptLife is how long a form waits.
	keptLife = 30 * time.Minute
	// keptCookie carries a form through signing in, by whatever way.
	keptCookie = "relais-kept"
	// longestKept is what browsers keep in a cookie, with its name and attributes.
	longestKept = 3800
)

// keep seals a form of somebody.
func (c *Console) keep(q *request, user, account string, fields url.Values) (string, error) {
	plain := bytes.NewBufferString(keptMark)
	small, err := flate.NewWriter(plain, flate.BestCompression) // a cookie has little room
	if err != nil {
		return "", err
	}
	err = json.NewEncoder(small).Encode(keptForm{user, account, c.Now().Add(keptLife), q.URL.Path, fields})
	if err := errors.Join(err, small.Close()); err != nil {
		return "", err
	}
	return base64.RawURLEncoding.EncodeToString(c.Sealer.Seal(plain.Bytes())), nil
}

// kept is the form that was sealed into a text; nil for an empty one. One of another
// person is foreign; one of another account, or too old, is refused with why.
func (c *Console) kept(q *request, text string) (*keptForm, error) {
	if text == "" {
		return nil, nil //nolint:nilnil // no form was kept, which is no error
	}
	foreign := &problem{http.StatusBadRequest, reason.Of(sayFormForeign, nil)}
	sealed, err := base64.RawURLEncoding.DecodeString(text)
	if err != nil {
		return nil, foreign
	}
	plain, err := c.Sealer.Open(sealed)
	if err != nil {
		return nil, foreign
	}
	rest, marked := strings.CutPrefix(string(plain), keptMark)
	var form keptForm
	err = json.NewDecoder(flate.NewReader(strings.NewReader(rest))).Decode(&form)
	switch {
	case err != nil || !marked || form.User != q.session.User.ID:
		return nil, foreign
	case !c.Now().Before(form.EndsAt):
		return nil, &problem{http.StatusConflict, reason.Of(sayFormOld, nil)}
	case form.Account != q.account:
		account := reason.Args{"account": reason.Name(form.Account)}
		return nil, &problem{http.StatusConflict, reason.Of(sayFormAccount, account)}
	}
	return &form, nil
}

// Endings knows of sessions that are over, and looks at one without making it last.
type Endings interface {
	Look(ctx context.Context, token string) (auth.Session, error)
	// Whose is the user of a session, though it is over; none where nobody knows.
	Whose(ctx context.Context, token string) (auth.User, error)
}

// atEnd sends somebody whose session is over to sign in. A form that they sent meanwhile
// is kept for them, or they are told that nothing was done.
func atEnd(q *request) (answer, error) {
	if q.Method != http.MethodPost || q.token() == "" {
		return toSignIn(q), nil
	}
	lost := redirect{Home + "signin", "form_lost"}
	user, err := q.console.Endings.Whose(q.ctx(), q.token())
	if err != nil {
		return nil, err
	}
	upload := strings.HasPrefix(q.Header.Get("Content-Type"), "multipart/")
	if user.ID == "" || upload {
		return lost, nil
	}
	if err := q.ParseForm(); err != nil {
		return lost, nil //nolint:nilerr // who sent it is told that it is lost
	}
	for name := range q.PostForm {
		if strings.Contains(name, "password") || strings.HasPrefix(name, secretMark) || secretFields[name] {
			return lost, nil
		}
	}
	_, account, err := q.accountsOf(user)
	if err != nil {
		return nil, err
	}
	sealed, err := q.console.keep(q, user.ID, account, q.PostForm)
	if err != nil {
		return nil, err
	}
	if len(sealed) > longestKept {
		return lost, nil
	}
	return withCookies{redirect{Home + "signin", "form_kept"}, func(w http.ResponseWriter) {
		q.console.setKept(w, sealed)
	}}, nil
}

// secretFields are those of forms that are not kept: they prove who somebody is.
var secretFields = map[string]bool{"old": true, "again": true, "code": true, fieldState: true, fieldAnswer: true}

func (c *Console) setKept(w http.ResponseWriter, sealed string) {
	age := int(keptLife.Seconds())
	if sealed == "" {
		age = -1
	}
	http.SetCookie(w, &http.Cookie{
		Name: keptCookie, Value: sealed, Path: Home, MaxAge: age, Secure: c.Secure, HttpOnly: true,
		SameSite: http.SameSiteLaxMode,
	})
}

// keptPage shows what was typed when a session ended, and sends it if it is wanted still.
type keptPage struct {
	frame

	Account string
	Fields  []keptField
}

// keptField is a field that was typed.
type keptField struct{ Name, Value string }

func showKept(q *request) (answer, error) {
	form, err := q.console.kept(q, q.cookie(keptCookie))
	if err != nil {
		return q.keptRefused(err), nil
	}
	if form == nil {
		return redirect{to: Home}, nil
	}
	p := &keptPage{frame: *q.frame(), Account: form.Account}
	for _, name := range typedFields {
		if value := form.Fields.Get(name); value != "" {
			p.Fields = append(p.Fields, keptField{p.keptName(name), p.keptValue(name, value)})
		}
	}
	for _, name := range valueFields() {
		if value := form.Fields.Get(name); value != "" {
			p.Fields = append(p.Fields, keptField{p.keptName("value"), value})
		}
	}
	return view{name: "kept", data: p}, nil
}

// typedFields are those in which people write, in the order in which they read them. What
// else a form has is of the page, such as the button that was pressed, and is sent with it.
var typedFields = []string{
	"account", "name", "display", "to", "number", "text", "note", "class", "sender", "when", "reference", "folder",
	"samples", "url", "mail", "networks", "connectors", "senders", "why", "reason",
}

// keptName is how people call a field.
func (f *frame) keptName(name string) string {
	return reason.Of(Words+"/kept_field_"+reason.Code(name), nil).In(f.Lang)
}

// keptValue is how people read a value.
func (f *frame) keptValue(name, value string) string {
	switch name {
	case "class":
		if code := Words + "/class_" + reason.Code(value); slices.Contains(reason.Codes(), code) {
			return reason.Of(code, nil).In(f.Lang)
		}
	case "when":
		return strings.Replace(value, "T", " ", 1)
	}
	return strings.ReplaceAll(value, "\r\n", "\n") // as browsers send the end of a line
}

// takeKept sends the form that was kept, or drops it.
func takeKept(q *request) (answer, error) {
	if err := q.read("do"); err != nil {
		return nil, err
	}
	if q.field("do") != "send" {
		return q.withoutKept(redirect{Home, "form_dropped"}), nil
	}
	form, err := q.console.kept(q, q.cookie(keptCookie))
	if err != nil {
		return q.keptRefused(err), nil
	}
	if form == nil {
		return redirect{to: Home}, nil
	}
	return q.withoutKept(replay{q.token(), form}), nil
}

// keptRefused says why a form is not sent, and forgets it, unless the person has only to
// choose its account.
func (q *request) keptRefused(err error) answer {
	refusal := q.console.refusal(q, err)
	if p, ok := errors.AsType[*problem](err); ok && p.reason.Code == sayFormAccount {
		return refusal
	}
	return q.withoutKept(refusal)
}

// withoutKept forgets the form of the browser with an answer.
func (q *request) withoutKept(a answer) answer {
	return withCookies{a, func(w http.ResponseWriter) { q.console.setKept(w, "") }}
}

// ending is how long a session lasts yet, for the script that warns.
type ending struct {
	Seconds int  `json:"seconds"`
	More    bool `json:"more"` // it can be made to last longer
}

func endingOf(s auth.Session, now time.Time) ending {
	idle, last := s.SeenAt.Add(auth.SessionIdle), s.EndsAt
	if last.Before(idle) {
		return ending{int(last.Sub(now) / time.Second), false}
	}
	return ending{int(idle.Sub(now) / time.Second), true}
}

// showEnding says how long the session lasts, without making it last.
func showEnding(q *request) (answer, error) {
	return inJSON{http.StatusOK, endingOf(q.session, q.console.Now())}, nil
}

// stay makes the session last: that it was asked for is enough.
func stay(q *request) (answer, error) {
	if err := q.read(); err != nil {
		return nil, err
	}
	return inJSON{http.StatusOK, endingOf(q.session, q.console.Now())}, nil
}

// quiet are the addresses that a page asks for by itself: they make no session last.
var quiet = map[string]bool{"GET " + Home + "session": true, "GET " + Home + "live": true}

// look finds the session of a request.
func (q *request) look() (auth.Session, error) {
	if quiet[q.Method+" "+q.URL.Path] || q.Header.Get(partHeader) == mainPart {
		return q.console.Endings.Look(q.ctx(), q.token())
	}
	return q.console.People.Session(q.ctx(), q.token())
}

// EndsIn is in how many seconds the session of the page ends at the earliest.
func (f *frame) EndsIn() int {
	const idle = int((auth.SessionIdle - time.Minute) / time.Second) // pages are noted to the minute
	return min(idle, endingOf(f.q.session, f.q.console.Now()).Seconds)
}
