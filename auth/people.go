package auth

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"slices"
	"time"

	"relais/reason"
)

// People is what the console and the commands know of those who sign in: who they are,
// what they may do, and whether it is them. What it does stands in the audit. Errors that
// a person is to read are an *Error.
type People struct {
	entry
	sessions
	profile
	passkeys
	administration
	identities
	audit
}

// PeopleOptions are what People needs. Store is required.
type PeopleOptions struct {
	Store  PeopleStore
	Sealer *Sealer          // of the second step's secrets; nil: nobody can set one
	Now    func() time.Time // nil: the machine's clock
	// Sleep holds up the answer to who guesses; nil: by the machine's clock.
	Sleep  func(context.Context, time.Duration) error
	Log    *slog.Logger // nil: none
	Issuer string       // under which telephones list the codes; "": Relais
}

// NewPeople returns the people of a store.
func NewPeople(o PeopleOptions) *People {
	if o.Now == nil {
		o.Now = time.Now
	}
	if o.Sleep == nil {
		o.Sleep = sleep
	}
	if o.Log == nil {
		o.Log = slog.New(slog.DiscardHandler)
	}
	if o.Issuer == "" {
		o.Issuer = "Relais"
	}
	c := &core{
		store: o.Store, sealer: o.Sealer, now: o.Now, sleep: o.Sleep, log: o.Log, issuer: o.Issuer,
		limits: newLimits(o.Now), hashers: newHashers(),
	}
	return &People{entry{c}, sessions{c}, profile{c}, passkeys{entry{c}}, administration{c}, identities{c}, audit{c}}
}

func sleep(ctx context.Context, d time.Duration) error {
	timer := time.NewTimer(d)
	defer timer.Stop()
	select {
	case <-timer.C:
		return nil
	case <-ctx.Done():
		return ctx.Err()
	}
}

// core is what the parts of People share.
type core struct {
	store   PeopleStore
	sealer  *Sealer
	now     func() time.Time
	sleep   func(context.Context, time.Duration) error
	log     *slog.Logger
	issuer  string
	limits  *limits
	hashers *hashers
}

// change is the store's ChangeUser, with the acts stamped and errors for people.
func (c *core) change(ctx context.Context, id string, change func(*Record) (Change, error)) error {
	err := c.store.ChangeUser(ctx, id, func(r *Record) (Change, error) {
		made, err := change(r)
		made.Acts = c.stamp(made.Acts...)
		return made, err
	})
	return explain(err)
}

// explain puts errors of the store into words, where they are about what a person did.
func explain(err error) error {
	var told *Error
	switch {
	case err == nil, errors.As(err, &told), errors.Is(err, ErrUnknown):
		return err
	case errors.Is(err, ErrExists):
		return refuse(CodeUserExists, nil)
	case errors.Is(err, ErrSpent):
		return refuse(CodePasskeyLate, nil)
	case errors.Is(err, ErrKnownKey):
		return refuse(CodePasskeyKnown, nil)
	case errors.Is(err, ErrNoAccount):
		return refuse(CodeAccount, nil)
	case errors.Is(err, ErrMailTaken):
		return refuse(CodeMailTaken, nil)
	case errors.Is(err, ErrBound):
		return refuse(CodeIdentityTaken, nil)
	case errors.Is(err, ErrLastAdmin):
		return refuse(CodeLastAdmin, nil)
	default:
		return fmt.Errorf("change a user: %w", err)
	}
}

// hash makes the hash of a new password, of whom is known.
func (c *core) hash(ctx context.Context, password string) (string, error) {
	done, err := c.hashers.take(ctx, true)
	if err != nil {
		return "", err
	}
	defer done()
	return HashPassword(password)
}

// verify reports whether a password is that of a stored hash; fresh is the hash to keep
// instead, "" where it is good. Who guesses many at once is refused here: strangers come
// one by one.
func (c *core) verify(
	ctx context.Context, stored, password string, g guess,
) (right bool, fresh string, err error) {
	done, err := c.hashers.take(ctx, g.known)
	if err != nil {
		return false, "", err
	}
	defer done()
	if err := c.limits.refused(g); err != nil {
		return false, "", err
	}
	if len(password) > 4*MaxPassword {
		password = "" // no password is as long
	}
	right, stale, err := matches(stored, password)
	if right && stale {
		fresh, err = HashPassword(password)
	}
	return right, fresh, err
}

// checkLanguage refuses languages that there are not; "" is none.
func checkLanguage(l reason.Language) error {
	if l == "" {
		return nil
	}
	if slices.Contains(reason.Languages(), l) {
		return nil
	}
	return refuse(CodeLanguage, reason.Args{"languages": reason.Names(reason.Languages())})
}
