package app

import (
	"context"
	"crypto/rand"
	"crypto/subtle"
	"sync"

	"relais/auth"
	"relais/console"
	"relais/reason"
)

// DemoUser is who signs in by the address that a sandbox prints.
const DemoUser = "demo"

// guests let people in by the address that the terminal shows, as long as the program
// runs. As with SandboxKey, that is only where nobody else can reach the gateway.
type guests struct {
	people *auth.People
	code   string

	mu       sync.Mutex
	password string // of DemoUser, which nobody is told; empty until somebody comes
}

// newGuests is nil where nobody comes in without a password of their own.
func newGuests(people *auth.People, isOpen bool) *guests {
	if !isOpen {
		return nil
	}
	return &guests{people: people, code: rand.Text()}
}

// forConsole is g for the console: nil is nobody.
func (g *guests) forConsole() console.Guests {
	if g == nil {
		return nil
	}
	return g
}

// SignIn implements console.Guests.
func (g *guests) SignIn(ctx context.Context, code string, from auth.Browser) (string, auth.Session, error) {
	if subtle.ConstantTimeCompare([]byte(code), []byte(g.code)) != 1 {
		return "", auth.Session{}, &auth.Error{Reason: reason.Of(auth.CodeLink, nil)}
	}
	g.mu.Lock()
	defer g.mu.Unlock()
	if g.password != "" {
		token, s, err := g.people.SignIn(ctx, auth.Attempt{Name: DemoUser, Password: g.password, From: from})
		if !auth.HasCode(err, auth.CodeWrong) { // another node beside the same database has chosen one
			return token, s, err
		}
	}
	return g.choose(ctx, from)
}

// choose gives DemoUser a new password, which ends their sessions and begins one.
func (g *guests) choose(ctx context.Context, from auth.Browser) (string, auth.Session, error) {
	link, err := g.invite(ctx)
	if err != nil {
		return "", auth.Session{}, err
	}
	password := rand.Text()
	token, s, err := g.people.Redeem(ctx, link.Code, password, from)
	if err == nil {
		g.password = password
	}
	return token, s, err
}

// invite makes a link for DemoUser, and DemoUser where there is none.
func (g *guests) invite(ctx context.Context) (auth.Link, error) {
	by := auth.By{Actor: auth.Machine}
	known, err := g.people.UserNamed(ctx, DemoUser)
	if auth.HasCode(err, auth.CodeUserUnknown) {
		_, link, err := g.people.Create(ctx, by, auth.NewUser{
			Name: DemoUser, Roles: []auth.Grant{{Account: sandboxAccount, Role: auth.Manager}},
		})
		return link, err
	}
	if err != nil {
		return auth.Link{}, err
	}
	return g.people.Invite(ctx, by, known.ID)
}

// ConsoleURL is where the console is; where nobody else can reach a sandbox, an address
// that signs in.
func (a *App) ConsoleURL() string {
	if a.guests == nil {
		return a.url() + console.Home
	}
	return a.url() + console.Home + "demo#" + a.guests.code
}
