package mail

import (
	"bytes"
	"context"
	"crypto/sha256"
	"crypto/subtle"
	"errors"
	"time"

	"github.com/emersion/go-sasl"
	"github.com/emersion/go-smtp"

	"relais/auth"
)

// AuthMechanisms implements smtp.AuthSession. In the clear nobody logs in but from this machine.
func (s *session) AuthMechanisms() []string {
	if !s.encrypted && !s.from.IsLoopback() {
		return nil
	}
	return []string{sasl.Plain, sasl.Login}
}

// Auth implements smtp.AuthSession.
func (s *session) Auth(mechanism string) (sasl.Server, error) {
	switch {
	case len(s.AuthMechanisms()) == 0:
		return nil, s.refuse(errEncryption)
	case s.begun():
		return nil, s.refuse(errNotNow)
	case mechanism == sasl.Plain:
		return sasl.NewPlainServer(func(identity, user, password string) error {
			if identity != "" && identity != user { // nobody acts for another
				return s.refuse(errLogin)
			}
			return s.login(user, password)
		}), nil
	case mechanism == sasl.Login:
		return &loginServer{login: s.login}, nil
	}
	return nil, s.refuse(errMechanism)
}

// loginServer is the mechanism LOGIN (draft-murchison-sasl-login), which many devices know alone.
type loginServer struct {
	login func(user, password string) error
	user  []byte
	asked int
}

// Next implements sasl.Server. The user name may come with the command.
func (l *loginServer) Next(response []byte) (challenge []byte, done bool, err error) {
	if response == nil && l.asked == 0 {
		l.asked = 1
		return []byte("Username:"), false, nil
	}
	if l.asked < 2 {
		l.user, l.asked = response, 2
		return []byte("Password:"), false, nil
	}
	return nil, true, l.login(string(l.user), string(response))
}

// login finds who logs in. A name that does not exist takes as long as a wrong password; what is wrong stands in the log
// without what was sent.
func (s *session) login(user, password string) error {
	c, why, err := s.port.who(s.ctx(), user, password, s.from.String())
	switch {
	case err != nil:
		s.door.Log.Error("a login cannot be checked", "door", Format, "error", err)
		return errInternal
	case why != "":
		s.door.Log.Warn("a login was refused", "door", Format, "server", s.port.Name, "why", why)
		s.door.Metrics.turned("login")
		s.door.guard.Fail(s.from, s.door.Now())
		s.door.wait(putsOff)
		return s.refuse(errLogin)
	}
	s.door.guard.Clear(s.from)
	s.mu.Lock()
	defer s.mu.Unlock()
	s.who = c
	return nil
}

// putsOff is how long an answer to a wrong password waits.
const putsOff = time.Second

// who is the client of a login: one of the configuration, or whose API key the password is.
func (p *port) who(ctx context.Context, user, password, address string) (c *client, why string, err error) {
	if password == "" || bytes.IndexByte([]byte(user+password), 0) >= 0 {
		return nil, "no password", nil
	}
	want := ""
	for _, one := range p.clients {
		if one.name == user && one.Password != "" {
			c, want = one, one.Password
		}
	}
	if want == "" { // an unknown name takes as long as those whose password stands as a hash
		want = p.aHash()
	}
	if right := p.door.right(want, password); right && c != nil {
		return c, "", nil
	}
	key, err := p.door.Keys.Admit(ctx, password, address, auth.KeySend)
	refused, limited := errors.AsType[*auth.Error](err)
	switch {
	case err == nil:
		return ofKey(&key, password), "", nil
	case errors.Is(err, auth.ErrUnknown), errors.Is(err, auth.ErrRevoked):
		return nil, "the user name and the password do not go together", nil
	case limited:
		return nil, refused.Error(), nil
	}
	return nil, "", err
}

// aHash is one that a client's password stands as; empty: none does.
func (p *port) aHash() string {
	for _, one := range p.clients {
		if auth.IsPasswordHash(one.Password) {
			return one.Password
		}
	}
	return ""
}

// right reports whether a password is the one that is wanted, or of the hash that is. Hashes are made to take long: few are
// compared at a time.
func (d *Door) right(want, given string) bool {
	if auth.IsPasswordHash(want) {
		d.hashing <- struct{}{}
		defer func() { <-d.hashing }()
		return auth.MatchesPassword(want, given)
	}
	a, b := sha256.Sum256([]byte(want)), sha256.Sum256([]byte(given))
	return subtle.ConstantTimeCompare(a[:], b[:]) == 1 && want != ""
}

// stillMay looks whether an API key may send by now: the connection may stand for long.
func (s *session) stillMay(c *client) error {
	if c.secret == "" {
		return nil
	}
	_, err := s.door.Keys.Admit(s.ctx(), c.secret, s.from.String(), auth.KeySend)
	refused, limited := errors.AsType[*auth.Error](err)
	switch {
	case err == nil:
		return nil
	case limited:
		return refusal(550, smtp.EnhancedCode{5, 7, 1}, refused.Error())
	case errors.Is(err, auth.ErrUnknown), errors.Is(err, auth.ErrRevoked):
		return errLogin
	}
	return errInternal
}

// wait waits, or until the door stops.
func (d *Door) wait(span time.Duration) {
	timer := time.NewTimer(span)
	defer timer.Stop()
	select {
	case <-timer.C:
	case <-d.stopping.Done():
	}
}
