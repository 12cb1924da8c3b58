package console

import (
	"context"
	"encoding/json"
	"errors"
	"net"
	"net/http"

	"relais/auth"
)

// Passkeys lets people in by keys that a browser holds for them.
type Passkeys interface {
	AskToEnter(s auth.Site) (auth.Ask, error)
	AskToProve(ctx context.Context, token string, s auth.Site) (auth.Ask, error)
	AskToAdd(ctx context.Context, token string, s auth.Site) (auth.Ask, error)
	AskToWelcome(ctx context.Context, code string, s auth.Site) (auth.Ask, error)

	SignInByPasskey(ctx context.Context, a auth.Answer) (token string, s auth.Session, err error)
	SecondStepByPasskey(ctx context.Context, token string, a auth.Answer) (string, auth.Session, error)
	ProveByPasskey(ctx context.Context, token string, a auth.Answer) (string, auth.Session, error)
	RedeemByPasskey(ctx context.Context, code, name string, a auth.Answer) (string, auth.Session, error)
	AddPasskey(
		ctx context.Context, token, name string, a auth.Answer,
	) (codes []string, fresh string, s auth.Session, err error)

	Passkeys(ctx context.Context, user string) ([]auth.Passkey, error)
	RemovePasskey(ctx context.Context, token, id string, from auth.Browser) (string, auth.Session, error)
}

// site is what passkeys are for: the host of the public address, or localhost on the
// machine itself.
func (q *request) site() auth.Site {
	site := auth.SiteOf(q.console.PublicURL)
	if q.console.Secure {
		return site
	}
	host := q.Host
	if name, _, err := net.SplitHostPort(host); err == nil {
		host = name
	}
	if host != site.Host {
		return auth.Site{}
	}
	site.Origin = "http://" + q.Host
	return site
}

// PasskeysWork reports whether browsers make passkeys for the address of this page.
func (f *frame) PasskeysWork() bool { return f.q.site().Works() }

// PasskeysElsewhere says why there are no passkeys here.
func (f *frame) PasskeysElsewhere() string {
	if f.q.console.Secure {
		return f.say("passkey_needs_name")
	}
	return f.say("passkey_needs_https")
}

// passkeyForm is a button that asks the browser for a passkey. It is hidden until a
// script finds that the browser can.
type passkeyForm struct {
	*frame

	Action string
	Make   bool // a new one, under a name
	Hidden []hiddenField
	Name   string
	Button string
}

// hiddenField is one that goes back as it came.
type hiddenField struct{ Name, Value string }

// passkeyForm is the form of a page; nil where passkeys do not work.
func (q *request) passkeyForm(action, button string, hidden ...hiddenField) *passkeyForm {
	if !q.site().Works() {
		return nil
	}
	f := q.frame()
	return &passkeyForm{frame: f, Action: Home + action, Hidden: hidden, Button: f.say(button)}
}

// maker is a form that makes a passkey. The name that it proposes is that of the browser.
func (q *request) maker(action string, hidden ...hiddenField) *passkeyForm {
	form := q.passkeyForm(action, "passkey_make", hidden...)
	if form == nil {
		return nil
	}
	const longest = 60
	name := []rune(browserName(q.UserAgent()))
	form.Make, form.Name = true, string(name[:min(len(name), longest)])
	return form
}

// signed is what the browser answered.
func (q *request) signed() auth.Answer {
	return auth.Answer{
		Site: q.site(), State: q.form.Get("state"), Response: q.form.Get("answer"), From: q.browser(),
		EmergencyOnly: q.emergencyOnly(),
	}
}

// inJSON is an answer to the script.
type inJSON struct {
	status int
	data   any
}

func (a inJSON) write(w http.ResponseWriter, _ *request) {
	w.Header().Set("Content-Type", "application/json")
	w.WriteHeader(a.status)
	json.NewEncoder(w).Encode(a.data) //nolint:errcheck // the browser may have gone
}

// asked gives the script what the browser is asked, or why it is not.
func (q *request) asked(ask auth.Ask, err error) (answer, error) {
	if refused, ok := errors.AsType[*auth.Error](err); ok {
		why := map[string]string{"why": refused.Reason.In(q.lang)}
		return inJSON{http.StatusUnprocessableEntity, why}, nil
	}
	return inJSON{http.StatusOK, ask}, err
}

// What comes with each form for a passkey.
const fieldState, fieldAnswer = "state", "answer"

func askToSignIn(q *request) (answer, error) {
	if err := q.read("next", fieldState, fieldAnswer); err != nil {
		return nil, err
	}
	return q.asked(q.console.Passkeys.AskToEnter(q.site()))
}

// signInByPasskey begins a session without a password.
func signInByPasskey(q *request) (answer, error) {
	if err := q.read("next", fieldState, fieldAnswer); err != nil {
		return nil, err
	}
	to := next(q.field("next"))
	token, s, err := q.console.Passkeys.SignInByPasskey(q.ctx(), q.signed())
	if refused, ok := errors.AsType[*auth.Error](err); ok {
		return refuseForm("signin", newSignInPage(q, to, "", refused.Reason.In(q.lang)), refused), nil
	}
	if err != nil {
		return nil, err
	}
	return q.enter(token, s, to), nil
}

func askAtStep(q *request) (answer, error) {
	if err := q.read("next", "name", fieldState, fieldAnswer); err != nil {
		return nil, err
	}
	if !q.signedIn() {
		return toSignIn(q), nil
	}
	if q.session.Step == auth.StepEnrol {
		return q.asked(q.console.Passkeys.AskToAdd(q.ctx(), q.token(), q.site()))
	}
	return q.asked(q.console.Passkeys.AskToProve(q.ctx(), q.token(), q.site()))
}

// stepByPasskey takes a passkey as the second step, or makes one for that.
func stepByPasskey(q *request) (answer, error) {
	if err := q.read("next", "name", fieldState, fieldAnswer); err != nil {
		return nil, err
	}
	to := next(q.field("next"))
	switch {
	case !q.signedIn():
		return toSignIn(q), nil
	case q.session.Step == auth.StepNone:
		return redirect{to: to}, nil
	}
	var codes []string
	var token string
	var s auth.Session
	var err error
	if q.session.Step == auth.StepEnrol {
		codes, token, s, err = q.console.Passkeys.AddPasskey(q.ctx(), q.token(), q.field("name"), q.signed())
	} else {
		token, s, err = q.console.Passkeys.SecondStepByPasskey(q.ctx(), q.token(), q.signed())
	}
	if refused, ok := errors.AsType[*auth.Error](err); ok {
		p := &stepPage{Next: to, Why: refused.Reason.In(q.lang)}
		return refuseForm("step", p, refused), p.fill(q)
	}
	if err != nil {
		return nil, err
	}
	return q.withCodes(token, s, codes, to), nil
}

// withCodes shows recovery codes that were made, once, and goes on.
func (q *request) withCodes(token string, s auth.Session, codes []string, to string) answer {
	if len(codes) == 0 {
		return q.enter(token, s, to)
	}
	q.session = s
	return q.renewed(token, view{name: "codes", data: &codesPage{Codes: codes, Next: to}})
}

func askAtWelcome(q *request) (answer, error) {
	if err := q.read("link", "name", fieldState, fieldAnswer); err != nil {
		return nil, err
	}
	return q.asked(q.console.Passkeys.AskToWelcome(q.ctx(), q.field("link"), q.site()))
}

// welcomeByPasskey uses a link up without a password.
func welcomeByPasskey(q *request) (answer, error) {
	if err := q.read("link", "name", fieldState, fieldAnswer); err != nil {
		return nil, err
	}
	code := q.field("link")
	var token string
	var s auth.Session
	_, err := q.invitation(code)
	if err == nil {
		token, s, err = q.console.Passkeys.RedeemByPasskey(q.ctx(), code, q.field("name"), q.signed())
	}
	if refused, ok := errors.AsType[*auth.Error](err); ok {
		return welcomeAgain(q, code, refused)
	}
	if err != nil {
		return nil, err
	}
	return q.enter(token, s, Home), nil
}

func askAtProof(q *request) (answer, error) {
	if err := q.read("next", "kept", fieldState, fieldAnswer); err != nil {
		return nil, err
	}
	return q.asked(q.console.Passkeys.AskToProve(q.ctx(), q.token(), q.site()))
}

func proveByPasskey(q *request) (answer, error) {
	if err := q.read("next", "kept", fieldState, fieldAnswer); err != nil {
		return nil, err
	}
	return q.prove(func() (string, auth.Session, error) {
		return q.console.Passkeys.ProveByPasskey(q.ctx(), q.token(), q.signed())
	})
}

// passkeyRow is a passkey of who looks at the page.
type passkeyRow struct {
	ID    string
	Name  string
	Since moment
	Used  *moment // nil: never
}

func (f *frame) passkeyRows(all []auth.Passkey) (rows []passkeyRow) {
	for _, k := range all {
		row := passkeyRow{ID: k.ID, Name: k.Name, Since: f.At(k.CreatedAt)}
		if !k.UsedAt.IsZero() {
			at := f.At(k.UsedAt)
			row.Used = &at
		}
		rows = append(rows, row)
	}
	return rows
}

func askForOwnPasskey(q *request) (answer, error) {
	if err := q.read("name", fieldState, fieldAnswer); err != nil {
		return nil, err
	}
	return q.asked(q.console.Passkeys.AskToAdd(q.ctx(), q.token(), q.site()))
}

// addOwnPasskey gives the person a passkey. A form without an answer comes from a page
// that had no fresh proof: the button is pressed again there.
func addOwnPasskey(q *request) (answer, error) {
	if err := q.read("name", fieldState, fieldAnswer); err != nil {
		return nil, err
	}
	if q.form.Get(fieldAnswer) == "" {
		return redirect{Home + "me", "passkey_again"}, nil
	}
	codes, token, s, err := q.console.Passkeys.AddPasskey(withoutCancel(q), q.token(), q.field("name"), q.signed())
	if refused, ok := errors.AsType[*auth.Error](err); ok {
		return refuseMe(q, "passkey-name", refused, func(p *mePage) {
			if p.Passkey != nil {
				p.Passkey.Name = q.field("name")
			}
		})
	}
	if err != nil {
		return nil, err
	}
	if len(codes) > 0 {
		return q.withCodes(token, s, codes, Home+"me"), nil
	}
	return q.renewed(token, redirect{Home + "me", "passkey_added"}), nil
}

func removeOwnPasskey(q *request) (answer, error) {
	if err := q.read(); err != nil {
		return nil, err
	}
	token, s, err := q.console.Passkeys.RemovePasskey(withoutCancel(q), q.token(), q.PathValue("passkey"), q.browser())
	if auth.HasCode(err, auth.CodePasskeyUnknown) {
		return nil, notFound()
	}
	if refused, ok := errors.AsType[*auth.Error](err); ok {
		return refuseMe(q, "passkeys", refused, nil)
	}
	if err != nil {
		return nil, err
	}
	if s.Step != auth.StepNone {
		return q.enter(token, s, Home+"me"), nil
	}
	return q.renewed(token, redirect{Home + "me", "passkey_removed"}), nil
}
