package ovh

import (
	"errors"
	"slices"

	"relais/auth"
	"relais/gateway"
	"relais/sms"
)

// Metadata that this door gives messages, to find them by what the native API
// has no field for.
const (
	metaUser   = "ovh_user"   // login that sent it
	metaDiffer = "ovh_differ" // minutes that it was put off
)

// scope is the part of an account that a route is about: all of it, one user, or
// one virtual number.
type scope struct {
	login  string
	number string
}

// scope reads the path, and refuses users and numbers that do not exist.
func (c *call) scope() (scope, error) {
	s := scope{c.values["login"], c.values["number"]}
	if s.login != "" {
		if _, err := c.Store.OVHUser(c.ctx(), c.app.Account, s.login); err != nil {
			return s, missing(err, "user")
		}
	}
	if s.number != "" && !slices.Contains(c.numbers(), s.number) {
		return s, noObject("virtual number")
	}
	return s, nil
}

// missing turns what a store does not know into a 404.
func missing(err error, what string) error {
	if errors.Is(err, auth.ErrUnknown) || errors.Is(err, gateway.ErrNotFound) {
		return noObject(what)
	}
	return err
}

// holds reports whether a message belongs to the scope.
func (s scope) holds(m *sms.Message) bool {
	return (s.login == "" || m.Metadata[metaUser] == s.login) &&
		(s.number == "" || string(m.Sender) == s.number)
}

// numbers are the account's virtual numbers: senders that people can answer.
func (c *call) numbers() []string {
	found := []string{}
	for _, sender := range c.senders() {
		if sms.Sender(sender).Kind() == sms.LongNumber {
			found = append(found, sender)
		}
	}
	return found
}

func virtualNumbers(c *call) (any, error) { return c.numbers(), nil }

func getVirtualNumber(c *call) (any, error) {
	s, err := c.scope()
	if err != nil {
		return nil, err
	}
	return map[string]string{"number": s.number, "countryCode": "fr"}, nil
}

// WithinOf is what the limits of an application or a login let messages use.
func WithinOf(l auth.KeyLimits) gateway.Within {
	return gateway.Within{Connectors: l.Connectors, Senders: l.Senders}
}
