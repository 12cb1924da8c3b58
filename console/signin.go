package console

import (
	"errors"
	"net/http"
	"slices"
	"strconv"
	"time"

	"relais/auth"
	"relais/reason"
)

// signInPage asks who somebody is.
type signInPage struct {
	frame

	Next string
	As   string // the name that was typed
	Why  string // the refusal; empty at first

	Passkey *passkeyForm // nil: there are none here
	// Elsewhere is the name of the provider of identities; empty: there is none.
	Elsewhere string
	Emergency bool // passwords are for emergencies alone
}

func newSignInPage(q *request, to, as, why string) *signInPage {
	button := q.passkeyForm("passkey", "passkey_sign_in", hiddenField{"next", to})
	p := &signInPage{Next: to, As: as, Why: why, Passkey: button}
	if there := q.console.Elsewhere; there != nil {
		p.Elsewhere, p.Emergency = there.Name, there.EmergencyOnly
	}
	return p
}

func showSignIn(q *request) (answer, error) {
	if q.signedIn() {
		return redirect{to: Home}, nil
	}
	return view{name: "signin", data: newSignInPage(q, next(q.URL.Query().Get("next")), "", "")}, nil
}

// signIn begins a session. The password is never shown again.
func signIn(q *request) (answer, error) {
	if err := q.read("name", "password", "next"); err != nil {
		return nil, err
	}
	to := next(q.field("next"))
	token, s, err := q.console.People.SignIn(q.ctx(), auth.Attempt{
		Name: q.field("name"), Password: q.form.Get("password"), From: q.browser(),
		EmergencyOnly: q.emergencyOnly(),
	})
	if refused, ok := errors.AsType[*auth.Error](err); ok {
		return refuseForm("signin", newSignInPage(q, to, q.field("name"), refused.Reason.In(q.lang)), refused), nil
	}
	if err != nil {
		return nil, err
	}
	return q.enter(token, s, to), nil
}

// emergencyOnly reports whether passwords and passkeys are for emergencies alone.
func (q *request) emergencyOnly() bool {
	return q.console.Elsewhere != nil && q.console.Elsewhere.EmergencyOnly
}

// enter gives the browser a session and sends it on: to the step that the session still
// asks for, to what was kept when the one before ended, else to a page.
func (q *request) enter(token string, s auth.Session, to string) answer {
	switch {
	case s.Step != auth.StepNone:
		to = Home + "step?next=" + escaped(to)
	case q.cookie(keptCookie) != "":
		to = Home + "kept"
	}
	return withCookies{redirect{to: to}, func(w http.ResponseWriter) { q.console.setSession(w, token) }}
}

// refuseForm shows a form again that people could not be let in by. Who has to wait is
// told for how long, in words and in Retry-After.
func refuseForm(page string, data framed, refused *auth.Error) answer {
	if refused.Wait <= 0 {
		return view{page, data, http.StatusUnprocessableEntity}
	}
	return withCookies{view{page, data, http.StatusTooManyRequests}, func(w http.ResponseWriter) {
		w.Header().Set("Retry-After", strconv.Itoa(int(refused.Wait.Round(time.Second)/time.Second)+1))
	}}
}

// signOut ends the session on the server and in the browser.
func signOut(q *request) (answer, error) {
	if err := q.read(); err != nil {
		return nil, err
	}
	if q.token() != "" {
		if err := q.console.People.SignOut(withoutCancel(q), q.token()); err != nil {
			return nil, err
		}
	}
	to := redirect{Home + "signin", "signed_out"}
	if q.console.Elsewhere != nil {
		to = redirect{to: Home + "oidc/left"}
	}
	return withCookies{to, func(w http.ResponseWriter) {
		q.console.setSession(w, "")
		w.Header().Set("Clear-Site-Data", `"cache"`)
	}}, nil
}

// Keys of one letter, as the browser keeps them.
const (
	keysOn  = "on"
	keysOff = "off"
)

// setPreferences keeps language, theme, account and keys of one letter, each where it was
// sent.
func setPreferences(q *request) (answer, error) {
	if err := q.read("language", "theme", "live", "account", "keys", "next"); err != nil {
		return nil, err
	}
	set := func(w http.ResponseWriter) {
		if l := q.field("language"); slices.Contains(reason.Languages(), reason.Language(l)) {
			q.console.remember(w, languageCookie, l)
		}
		if t := q.field("theme"); t == "light" || t == "dark" || t == "system" {
			q.console.remember(w, themeCookie, t)
		}
		if k := q.field("keys"); k == keysOn || k == keysOff {
			q.console.remember(w, keysCookie, k)
		}
		if l := q.field("live"); l == "on" || l == "off" {
			q.console.remember(w, liveCookie, l)
		}
		if a := q.field("account"); slices.Contains(q.has, a) {
			q.console.remember(w, accountCookie, a)
		}
	}
	return withCookies{redirect{to: next(q.field("next"))}, set}, nil
}
