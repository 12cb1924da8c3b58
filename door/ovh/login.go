package ovh

import (
	"context"
	"errors"
	"regexp"
	"time"

	"relais/auth"
	"relais/reason"
)

// Login is a user with its password. It is shown once.
type Login struct {
	Account  string `json:"account"`
	Service  string `json:"service"`
	Login    string `json:"login"`
	Password string `json:"password"`
}

// passwordSize is that of the control panel (observed).
const passwordSize = 8

var logins = regexp.MustCompile(`^[A-Za-z0-9][A-Za-z0-9._-]{0,39}$`)

// CheckLogin refuses logins that would be awkward in a URL or a timeline. Their
// length is that of the control panel.
func CheckLogin(login string) error {
	if logins.MatchString(login) {
		return nil
	}
	return reason.NewError(whyLoginName, nil)
}

// digest is what is stored of a password: a digest with the seal key, since
// eight characters are few for one without.
func digest(derive func(string) string, account, login, password string) []byte {
	return []byte(derive("ovh user:" + account + ":" + login + ":" + password))
}

// IssueLogin makes a login with a new password, or gives a new password to the
// one that is there.
func IssueLogin(
	ctx context.Context, s Services, derive func(string) string, account, login,
	service string, now time.Time,
) (*Login, error) {
	password, err := randomText(passwordSize)
	if err != nil {
		return nil, err
	}
	name, err := NameService(ctx, s, account, service)
	if err != nil {
		return nil, err
	}
	u := User{Account: account, Login: login, CreatedAt: now}
	if known, err := s.OVHUser(ctx, account, login); err == nil {
		u = known
	} else if !errors.Is(err, auth.ErrUnknown) {
		return nil, err
	}
	u.Password = digest(derive, account, login, password)
	if err := s.KeepOVHUser(ctx, u); err != nil {
		return nil, reason.Wrap(err, whyLogin, nil)
	}
	return &Login{Account: account, Service: name, Login: login, Password: password}, nil
}
