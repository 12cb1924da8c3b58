package console

import (
	"errors"

	"relais/auth"
	"relais/reason"
)

// welcomePage takes a one-time link: its code, then a password.
type welcomePage struct {
	frame

	Code string // that was typed, or came with the link; empty: it is asked for
	For  string // whom the link is for; empty until the code was taken
	Why  string

	Passkey *passkeyForm // instead of a password; nil: not here
}

// showWelcome asks for the code of a link. It stands behind the # of the address, so that
// no log of a server has it; a script puts it into the field.
func showWelcome(*request) (answer, error) {
	return view{name: "welcome", data: &welcomePage{}}, nil
}

func newWelcomePage(q *request, code string, invited auth.Invited) *welcomePage {
	p := &welcomePage{Code: code, For: invited.User.Shown()}
	if !invited.User.HasSecondStep() {
		p.Passkey = q.maker("welcome/passkey", hiddenField{"link", code})
	}
	return p
}

// welcomeAgain shows the page of a link again, with why its user is not in yet.
func welcomeAgain(q *request, code string, refused *auth.Error) (answer, error) {
	p := &welcomePage{}
	invited, err := q.invitation(code)
	if err == nil {
		p = newWelcomePage(q, code, invited)
	} else if _, ended := errors.AsType[*auth.Error](err); !ended {
		return nil, err
	}
	p.Why = refused.Reason.In(q.lang)
	return refuseForm("welcome", p, refused), nil
}

// takeWelcome takes the code, then the password that goes with it.
func takeWelcome(q *request) (answer, error) {
	if err := q.read("link", "password", "again"); err != nil {
		return nil, err
	}
	code := q.field("link")
	invited, err := q.invitation(code)
	if refused, ok := errors.AsType[*auth.Error](err); ok {
		return refuseForm("welcome", &welcomePage{Why: refused.Reason.In(q.lang)}, refused), nil
	}
	if err != nil {
		return nil, err
	}
	p := newWelcomePage(q, code, invited)
	password := q.form.Get("password")
	if password == "" && !q.form.Has("password") {
		return view{name: "welcome", data: p}, nil
	}
	if password != q.form.Get("again") {
		refused := &auth.Error{Reason: phrase("passwords_differ")}
		p.Why = refused.Reason.In(q.lang)
		return refuseForm("welcome", p, refused), nil
	}
	token, s, err := q.console.People.Redeem(q.ctx(), code, password, q.browser())
	if refused, ok := errors.AsType[*auth.Error](err); ok {
		p.Why = refused.Reason.In(q.lang)
		return refuseForm("welcome", p, refused), nil
	}
	if err != nil {
		return nil, err
	}
	return q.enter(token, s, Home), nil
}

// invitation is whom a link is for. Where people sign in elsewhere, links are for who signs
// in by password all the same.
func (q *request) invitation(code string) (auth.Invited, error) {
	invited, err := q.console.People.Invitation(q.ctx(), code)
	if err == nil && q.emergencyOnly() && !invited.User.Emergency {
		return auth.Invited{}, &auth.Error{Reason: reason.Of(auth.CodeNoPassword, nil)}
	}
	return invited, err
}
