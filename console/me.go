package console

import (
	"context"
	"crypto/sha256"
	"encoding/hex"
	"errors"
	"fmt"
	"net/http"
	"slices"
	"strings"

	"relais/auth"
	"relais/reason"
)

// Rights that everybody has who is signed in, over themselves.
const (
	self     auth.Right = "self"      // their own page, the help
	selfSure auth.Right = "self_sure" // the same with a fresh proof of who they are
)

// Profile is what people do about themselves.
type Profile interface {
	SetProfile(ctx context.Context, user, display string, language reason.Language) error
	ChangePassword(ctx context.Context, token, old, password string, from auth.Browser) (string, auth.Session, error)
	RemoveStep(ctx context.Context, token string, from auth.Browser) (string, auth.Session, error)
	NewCodes(ctx context.Context, user string, from auth.Browser) ([]string, error)
	Sessions(ctx context.Context, user string) ([]auth.Session, error)
	EndSession(ctx context.Context, by auth.By, user, id string) error
}

// newMePage shows somebody what the gateway knows of them, and lets them change it.
type mePage struct {
	frame
	problems

	Display   string
	Language  string
	Seen      string  // name and language that the form is about
	StepSince *moment // nil: no second step
	CodesLeft int
	StepMust  bool // a role asks for a second step
	Roles     []string
	Sessions  []sessionRow

	Password bool // there is one
	// NoPassword says that people have none here, but for emergencies.
	NoPassword bool
	Elsewhere  string // the provider of identities that knows the person; empty: none
	Second     bool   // a second step of whatever kind
	Passkeys   []passkeyRow
	Passkey    *passkeyForm // to make one; nil: not here
}

// sessionRow is a browser that is signed in.
type sessionRow struct {
	ID      string
	Agent   string // what the browser calls itself; hostile text
	Address string
	Since   moment
	Seen    moment
	Own     bool // the browser of this page
}

// Languages are those that pages may be in; the first is that of the browser.
func languagesOf(f *frame, chosen string) []option {
	all := []option{{"", f.say("me_language_browser"), chosen == ""}}
	for _, l := range reason.Languages() {
		all = append(all, option{string(l), reason.Of(Words+"/language_"+reason.Code(l), nil).In(f.Lang), chosen == string(l)})
	}
	return all
}

// say is Say for phrases without arguments.
func (f *frame) say(name string) string { return phrase(name).In(f.Lang) }

// Languages are those that pages may be in.
func (p *mePage) Languages() []option { return languagesOf(&p.frame, p.Language) }

func showMe(q *request) (answer, error) {
	p, err := newMePage(q)
	if err != nil {
		return nil, err
	}
	return view{name: "me", data: p}, nil
}

func newMePage(q *request) (*mePage, error) {
	u := q.session.User
	p := &mePage{
		frame: *q.frame(), Display: u.Display, Language: string(u.Language), Seen: seenProfile(&u), CodesLeft: u.CodesLeft,
		StepMust: u.NeedsSecondStep(), Password: u.HasPassword, Second: u.HasSecondStep(),
		Passkey: q.maker("me/passkeys"),
	}
	if there := q.console.Elsewhere; there != nil {
		p.Elsewhere, p.NoPassword = there.Name, there.EmergencyOnly && !u.Emergency
	}
	if !u.SecondStepAt.IsZero() {
		at := p.At(u.SecondStepAt)
		p.StepSince = &at
	}
	for _, g := range u.Roles {
		p.Roles = append(p.Roles, grantOf(&p.frame, g))
	}
	keys, err := q.console.Passkeys.Passkeys(q.ctx(), u.ID)
	if err != nil {
		return nil, err
	}
	p.Passkeys = p.passkeyRows(keys)
	open, err := q.console.Profile.Sessions(q.ctx(), u.ID)
	p.Sessions = p.sessionRows(open)
	return p, err
}

// grantOf is a role as pages name it, with the account for which it is.
func grantOf(f *frame, g auth.Grant) string {
	if g.Account == "" {
		return g.Role.Title().In(f.Lang)
	}
	return reason.Of(Words+"/role_of_account", reason.Args{"role": g.Role.Title(), "account": reason.Name(g.Account)}).In(f.Lang)
}

func (f *frame) sessionRows(all []auth.Session) (rows []sessionRow) {
	for _, s := range all {
		rows = append(rows, sessionRow{
			ID: s.ID, Agent: browserName(s.Agent), Address: s.Address, Since: f.At(s.CreatedAt), Seen: f.At(s.SeenAt),
			Own: s.ID == f.q.session.ID,
		})
	}
	return rows
}

// Marks of browsers and machines in what browsers call themselves, the more special ones
// first, and their names.
var (
	browserMarks = [][2]string{
		{"Edg/", "Edge"}, {"OPR/", "Opera"}, {"Firefox/", "Firefox"}, {"Chrome/", "Chrome"}, {"Safari/", "Safari"},
	}
	machineMarks = [][2]string{
		{"Android", "Android"},
		{"iPhone", "iPhone"},
		{"iPad", "iPad"},
		{"Windows", "Windows"},
		{"Mac OS X", "macOS"},
		{"Linux", "Linux"},
	}
)

// browserName is how people call a browser; what it calls itself where nobody knows it.
func browserName(agent string) string {
	named := func(marks [][2]string) string {
		for _, m := range marks {
			if strings.Contains(agent, m[0]) {
				return m[1]
			}
		}
		return ""
	}
	browser, machine := named(browserMarks), named(machineMarks)
	if browser == "" || machine == "" {
		return agent
	}
	return browser + ", " + machine
}

// refuseMe shows the page again with what is wrong with a field of it.
func refuseMe(q *request, field string, refused *auth.Error, typed func(*mePage)) (answer, error) {
	p, err := newMePage(q)
	if err != nil {
		return nil, err
	}
	if typed != nil {
		typed(p)
	}
	p.refuse(field, refused.Reason.In(q.lang))
	return refuseForm("me", p, refused), nil
}

// setProfile keeps name and language. What was chosen for this browser before gives way.
func setProfile(q *request) (answer, error) {
	if err := q.read("display", "language", "seen"); err != nil {
		return nil, err
	}
	display, language := q.field("display"), q.field("language")
	now := seenProfile(&q.session.User)
	wanted := auth.User{Display: display, Language: reason.Language(language)}
	if seen := q.field("seen"); seen != "" && seen != now && seenProfile(&wanted) != now {
		return profileOvertaken(q, display, language)
	}
	err := q.console.Profile.SetProfile(withoutCancel(q), q.session.User.ID, display, reason.Language(language))
	if refused, ok := errors.AsType[*auth.Error](err); ok {
		field := "display"
		if refused.Reason.Code == auth.CodeLanguage {
			field = "language"
		}
		return refuseMe(q, field, refused, func(p *mePage) { p.Display, p.Language = display, language })
	}
	if err != nil {
		return nil, err
	}
	return withCookies{redirect{Home + "me", "profile"}, func(w http.ResponseWriter) {
		q.console.remember(w, languageCookie, language)
	}}, nil
}

// seenProfile marks in a form which name and language its reader saw.
func seenProfile(u *auth.User) string {
	digest := sha256.Sum256(fmt.Appendf(nil, "%q %q", u.Display, u.Language))
	return hex.EncodeToString(digest[:8])
}

// profileOvertaken shows what stands there since the page was opened, in another window or
// another browser of the person. Whoever saves again has seen it.
func profileOvertaken(q *request, display, language string) (answer, error) {
	p, err := newMePage(q)
	if err != nil {
		return nil, err
	}
	called := reason.Args{"name": reason.Name(q.session.User.Shown())}
	p.refuse("display", reason.Of(Words+"/me_overtaken", called).In(p.Lang))
	p.Display, p.Language = display, language
	return view{"me", p, http.StatusConflict}, nil
}

// changePassword gives the person another password, and this browser another session.
func changePassword(q *request) (answer, error) {
	if err := q.read("old", "password", "again"); err != nil {
		return nil, err
	}
	old, password := q.form.Get("old"), q.form.Get("password")
	if password != q.form.Get("again") {
		return refuseMe(q, "again", &auth.Error{Reason: phrase("passwords_differ")}, nil)
	}
	if !q.session.User.HasPassword && q.wantsProof(selfSure) {
		return toProof(q)
	}
	token, _, err := q.console.Profile.ChangePassword(withoutCancel(q), q.token(), old, password, q.browser())
	if refused, ok := errors.AsType[*auth.Error](err); ok {
		field := "password"
		if refused.Reason.Code == auth.CodeProof || refused.Reason.Code == auth.CodeWait {
			field = "old"
		}
		return refuseMe(q, field, refused, nil)
	}
	if err != nil {
		return nil, err
	}
	return q.renewed(token, redirect{Home + "me", "password"}), nil
}

// renewed gives the browser another token with an answer.
func (q *request) renewed(token string, a answer) answer {
	return withCookies{a, func(w http.ResponseWriter) { q.console.setSession(w, token) }}
}

// ownStepPage shows the secret of a new second step, and takes its first code.
type ownStepPage struct {
	frame
	problems

	Secret string
	Dots   *dots
}

func showOwnStep(q *request) (answer, error) {
	if !q.session.User.SecondStepAt.IsZero() {
		return redirect{to: Home + "me"}, nil
	}
	p := &ownStepPage{}
	return view{name: "me_step", data: p}, p.fill(q)
}

func (p *ownStepPage) fill(q *request) error {
	made, err := secretOf(q)
	if err != nil {
		return err
	}
	p.Secret = inFours(made.Secret)
	p.Dots, err = dotsOf(made.URI)
	return err
}

func confirmOwnStep(q *request) (answer, error) {
	if err := q.read("code"); err != nil {
		return nil, err
	}
	codes, token, s, err := q.console.People.ConfirmStep(withoutCancel(q), q.token(), q.field("code"), q.browser())
	if auth.HasCode(err, auth.CodeStepSet) { // in another window
		return redirect{to: Home + "me"}, nil
	}
	if refused, ok := errors.AsType[*auth.Error](err); ok {
		p := &ownStepPage{}
		p.refuse("code", refused.Reason.In(q.lang))
		return refuseForm("me_step", p, refused), p.fill(q)
	}
	if err != nil {
		return nil, err
	}
	q.session = s
	return q.renewed(token, view{name: "codes", data: &codesPage{Codes: codes, Next: Home + "me"}}), nil
}

func removeOwnStep(q *request) (answer, error) {
	if err := q.read(); err != nil {
		return nil, err
	}
	if q.session.User.SecondStepAt.IsZero() {
		return redirect{to: Home + "me"}, nil
	}
	token, s, err := q.console.Profile.RemoveStep(withoutCancel(q), q.token(), q.browser())
	if err != nil {
		return nil, err
	}
	if s.Step != auth.StepNone {
		return q.enter(token, s, Home+"me"), nil
	}
	return q.renewed(token, redirect{Home + "me", "step_removed"}), nil
}

// newCodes shows new recovery codes, once: those of before count no more.
func newCodes(q *request) (answer, error) {
	if err := q.read(); err != nil {
		return nil, err
	}
	codes, err := q.console.Profile.NewCodes(withoutCancel(q), q.session.User.ID, q.browser())
	if err != nil {
		return nil, err
	}
	return view{name: "codes", data: &codesPage{Codes: codes, Next: Home + "me"}}, nil
}

// by is who does something about users.
func (q *request) by() auth.By { return auth.By{Actor: q.actor(), Address: q.browser().Address} }

// endOwnSession ends another browser's session. One that is over already is no error: the
// page that follows shows what there is.
func endOwnSession(q *request) (answer, error) {
	if err := q.read(); err != nil {
		return nil, err
	}
	id := q.PathValue("session")
	if id == q.session.ID {
		return signOut(q)
	}
	err := q.console.Profile.EndSession(withoutCancel(q), q.by(), q.session.User.ID, id)
	if auth.HasCode(err, auth.CodeSessionEnded) {
		return nil, notFound()
	}
	return redirect{Home + "me", "session_ended"}, err
}

// endOtherSessions leaves this browser alone signed in.
func endOtherSessions(q *request) (answer, error) {
	if err := q.read(); err != nil {
		return nil, err
	}
	all, err := q.console.Profile.Sessions(q.ctx(), q.session.User.ID)
	if err != nil {
		return nil, err
	}
	all = slices.DeleteFunc(all, func(s auth.Session) bool { return s.ID == q.session.ID })
	for _, s := range all {
		err := q.console.Profile.EndSession(withoutCancel(q), q.by(), q.session.User.ID, s.ID)
		if err != nil && !auth.HasCode(err, auth.CodeSessionEnded) {
			return nil, err
		}
	}
	return redirect{Home + "me", "sessions_ended"}, nil
}
