package console

import (
	"errors"

	"relais/auth"
)

// welcomePage takes a one-time link: its code, then a password.
type welcomePage struct {
	frame

	Code string // that was typed, or came with the link; empty: it is asked for
	For  string // whom the link is for; empty until the code was taken
	Why  string
}

// showWelcome asks for the code of a link. It stands behind the # of the address, so that
// no log of a server has it; a script puts it into the field.
func showWelcome(*request) (answer, error) {
	return view{name: "welcome", data: &welcomePage{}}, nil
}

// takeWelcome takes the code, then the password that goes with it.
func takeWelcome(q *request) (answer, error) {
	if err := q.read("link", "password", "again"); err != nil {
		return nil, err
	}
	code := q.field("link")
	invited, err := q.console.People.Invitation(q.ctx(), code)
	if refused, ok := errors.AsType[*auth.Error](err); ok {
		return refuseForm("welcome", &welcomePage{Why: refused.Reason.In(q.lang)}, refused), nil
	}
	if err != nil {
		return nil, err
	}
	p := &welcomePage{Code: code, For: invited.User.Shown()}
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
