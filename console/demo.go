package console

import (
	"context"
	"errors"

	"relais/auth"
)

// Guests come in by an address that the terminal of a sandbox shows.
type Guests interface {
	// SignIn begins a session for who has the code of the address. The error for another
	// code is an *auth.Error.
	SignIn(ctx context.Context, code string, from auth.Browser) (token string, s auth.Session, err error)
}

// demoPage takes the code of the address, where no script does.
type demoPage struct {
	frame

	Why string
}

func guestRoutes() []route {
	return []route{
		{"GET /console/demo", open, showDemo},
		{"POST /console/demo", open, takeDemo},
	}
}

// showDemo asks for the code, which stands behind the # of the address as that of a
// one-time link does.
func showDemo(*request) (answer, error) { return view{name: "demo", data: &demoPage{}}, nil }

func takeDemo(q *request) (answer, error) {
	if err := q.read("link"); err != nil {
		return nil, err
	}
	token, s, err := q.console.Guests.SignIn(withoutCancel(q), q.field("link"), q.browser())
	if refused, ok := errors.AsType[*auth.Error](err); ok {
		return refuseForm("demo", &demoPage{Why: refused.Reason.In(q.lang)}, refused), nil
	}
	if err != nil {
		return nil, err
	}
	return q.enter(token, s, Home), nil
}
