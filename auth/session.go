package auth

import (
	"context"
	"crypto/rand"
	"encoding/base64"
	"errors"
	"fmt"
	"slices"
	"time"
)

// How long a session lasts, and how fresh a proof of who one is must be.
const (
	SessionIdle = 2 * time.Hour       // without a page
	SessionLife = 12 * time.Hour      // in all
	ProofLife   = 10 * time.Minute    // for rights that ask for one
	StepLife    = 10 * time.Minute    // between the password and the second step
	LinkLife    = 30 * time.Minute    // of an invitation
	AddressLife = 90 * 24 * time.Hour // that a user is known to sign in from
	touchEvery  = time.Minute         // how exact the idle time is
)

// Step is what a session still asks for before it gives any right.
type Step string

// The steps.
const (
	StepNone  Step = ""      // signed in
	StepCode  Step = "code"  // People.SecondStep with a code, or SecondStepByPasskey
	StepEnrol Step = "enrol" // a role asks for a second step: Enrol and ConfirmStep, or AddPasskey
)

// Session is a browser that signed in. Its token is in the cookie alone, and the store
// has the token's hash.
type Session struct {
	ID        string // shown in lists; ends it, and never opens it
	User      User
	CreatedAt time.Time // when the password was given
	SeenAt    time.Time // the last page, to the minute
	ProvedAt  time.Time // when the person last proved who they are
	EndsAt    time.Time // whatever happens
	Address   string    // of the browser when it signed in
	Agent     string    // what the browser calls itself; hostile text
	Step      Step
}

// May reports whether who is signed in has a right on an account; "" is the whole
// gateway. A session that asks for a step more has none.
func (s Session) May(right Right, account string) bool {
	return s.Step == StepNone && s.User.May(right, account)
}

// Ended reports whether the session is over at a moment.
func (s Session) Ended(now time.Time) bool {
	return !now.Before(s.EndsAt) || now.Sub(s.SeenAt) >= SessionIdle
}

// Fresh reports whether the person proved who they are a short while ago.
func (s Session) Fresh(now time.Time) bool { return now.Sub(s.ProvedAt) <= ProofLife }

// newToken makes a token of 256 random bits.
func newToken() (string, error) {
	var secret [32]byte
	if _, err := rand.Read(secret[:]); err != nil {
		return "", fmt.Errorf("make a token: %w", err)
	}
	return base64.RawURLEncoding.EncodeToString(secret[:]), nil
}

// Browser is where a request of a person comes from.
type Browser struct {
	Address string // of the network, as far as proxies can be trusted
	Agent   string // what it calls itself
}

// maxAgent is what a list has room for.
const maxAgent = 200

func (b Browser) agent() string {
	runes := []rune(b.Agent)
	return string(runes[:min(len(runes), maxAgent)])
}

// sessions are those of browsers that signed in.
type sessions struct{ *core }

// Session returns the session of a token, and notes that its person is there. The error
// is CodeSessionEnded for one that is over, or never was.
func (p sessions) Session(ctx context.Context, token string) (Session, error) {
	s, err := p.Look(ctx, token)
	if err != nil {
		return Session{}, err
	}
	if now := p.now(); now.Sub(s.SeenAt) >= touchEvery {
		s.SeenAt = now
		if err := p.store.TouchSession(ctx, HashOf(token), now); err != nil {
			return Session{}, fmt.Errorf("note that a session is used: %w", err)
		}
	}
	return s, nil
}

// Look is Session for what happens without the person, such as a page that is kept up to
// date: it does not make the session last.
func (p sessions) Look(ctx context.Context, token string) (Session, error) { return p.look(ctx, token) }

// Whose is the user of a session, though it is over; none where the store has forgotten
// it. It opens nothing.
func (p sessions) Whose(ctx context.Context, token string) (User, error) {
	s, err := p.store.SessionByHash(ctx, HashOf(token))
	if errors.Is(err, ErrUnknown) {
		return User{}, nil
	}
	if err != nil {
		return User{}, fmt.Errorf("look for a session: %w", err)
	}
	return s.User, nil
}

// SignOut ends the session of a token. One that is over already is no error.
func (p sessions) SignOut(ctx context.Context, token string) error {
	s, err := p.look(ctx, token)
	if HasCode(err, CodeSessionEnded) {
		return nil
	}
	if err != nil {
		return err
	}
	return p.change(ctx, s.User.ID, func(r *Record) (Change, error) {
		return Change{End: s.ID, Acts: []Act{own(r.User, Browser{Address: s.Address}, SignedOut)}}, nil
	})
}

// Sessions returns those of a user, the latest first, without the user.
func (p sessions) Sessions(ctx context.Context, user string) ([]Session, error) {
	all, err := p.store.SessionsOf(ctx, user, p.now())
	return slices.DeleteFunc(all, func(s Session) bool { return s.Ended(p.now()) }), err
}

// EndSession ends one session of a user by its id.
func (p sessions) EndSession(ctx context.Context, by By, user, id string) error {
	err := p.change(ctx, user, func(r *Record) (Change, error) {
		return Change{End: id, Acts: []Act{by.about(r.User, SessionStopped)}}, nil
	})
	if errors.Is(err, ErrUnknown) {
		return refuse(CodeSessionEnded, nil)
	}
	return err
}

func (c *core) look(ctx context.Context, token string) (Session, error) {
	s, err := c.store.SessionByHash(ctx, HashOf(token))
	if err != nil && !errors.Is(err, ErrUnknown) {
		return Session{}, fmt.Errorf("look for a session: %w", err)
	}
	if err != nil || s.Ended(c.now()) || !s.User.DisabledAt.IsZero() {
		return Session{}, refuse(CodeSessionEnded, nil)
	}
	return s, nil
}

// begin makes a session of a user, which the store does not have yet.
func (c *core) begin(u User, from Browser) (token string, s Session, err error) {
	if token, err = newToken(); err != nil {
		return "", Session{}, err
	}
	id, err := randomText(8)
	if err != nil {
		return "", Session{}, err
	}
	now := c.now()
	return token, Session{
		ID: id, User: u, CreatedAt: now, SeenAt: now, ProvedAt: now, EndsAt: now.Add(SessionLife),
		Address: from.Address, Agent: from.agent(),
	}, nil
}

// asks lets a session ask for the step that its user needs, and lasts as long as that.
func (s *Session) asks(step Step) {
	s.Step, s.EndsAt = step, s.CreatedAt.Add(SessionLife)
	if soon := s.SeenAt.Add(StepLife); step != StepNone && soon.Before(s.EndsAt) {
		s.EndsAt = soon
	}
}
