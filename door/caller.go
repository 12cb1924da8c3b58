package door

import (
	"context"
	"crypto/sha256"
	"crypto/subtle"
	"errors"
	"time"

	"relais/auth"
	"relais/gateway"
	"relais/reason"
	"relais/sms"
)

// Keys knows the API keys.
type Keys interface {
	Recognise(ctx context.Context, text string) (auth.Key, error)
}

// Caller is who calls a door: with the secret of a section, or with an API key.
type Caller struct {
	Actor  sms.Actor
	Key    auth.Key // zero: the secret, which may everything that concerns its account
	Within gateway.Within
}

// KeyCaller is who calls with an API key. why says for the log that it is none, and repeats nothing that was sent; an
// error is one of the database.
func KeyCaller(ctx context.Context, keys Keys, door, text string, now time.Time) (c Caller, why string, err error) {
	key, err := keys.Recognise(ctx, text)
	switch {
	case errors.Is(err, auth.ErrUnknown), errors.Is(err, auth.ErrRevoked):
		return c, "no such API key", nil
	case err != nil:
		return c, "", err
	case key.Limits.Over(now):
		return c, "the API key is over", nil
	}
	return Caller{
		Actor: sms.DoorActor(door, key.Name), Key: key,
		Within: gateway.Within{Connectors: key.Limits.Connectors, Senders: key.Limits.Senders},
	}, "", nil
}

// Refuses says why the caller, from an address, must not do what needs a right; zero: it may.
func (c *Caller) Refuses(right auth.KeyRight, address string, now time.Time) reason.Reason {
	if c.Key.ID == "" {
		return reason.Reason{}
	}
	return c.Key.Limits.Refuses(right, address, now)
}

// By stands in the audit.
func (c *Caller) By(address string) auth.By {
	return auth.By{Actor: c.Actor, Address: address, Via: c.Key.ID}
}

// SameSecret reports whether a caller showed a secret, which is not empty. It takes the same time for each answer.
func SameSecret(given, want string) bool {
	a, b := sha256.Sum256([]byte(given)), sha256.Sum256([]byte(want))
	return subtle.ConstantTimeCompare(a[:], b[:]) == 1 && want != ""
}
