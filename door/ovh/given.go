package ovh

import (
	"context"
	"errors"
	"slices"
	"sync"
	"time"

	"relais/auth"
	"relais/reason"
)

// givenID is the application's of Given. Those that are made have odd numbers.
const givenID = 2

// Given are an application, its consumer key and a login that everybody knows: the
// door is open for a trial. Nothing of them is stored, so that a gateway without the
// trial refuses them.
type Given struct {
	Account                                        string
	ApplicationKey, ApplicationSecret, ConsumerKey string
	Login, Password                                string
}

// given is a store with what is Given beside what it stores.
type given struct {
	Store

	mu          sync.Mutex
	application Application
	credentials map[auth.Hash]Credential // also those that programs ask for with the application
	user        User
}

// WithGiven returns a store that knows g too, and the name of its account's service.
func WithGiven(
	ctx context.Context, s Store, g Given, seal func([]byte) []byte,
	derive func(string) string, now time.Time,
) (Store, string, error) {
	service, err := NameService(ctx, s, g.Account, "")
	if err != nil {
		return nil, "", reason.Wrap(err, whyNotOpened, nil)
	}
	with := &given{
		Store: s, credentials: map[auth.Hash]Credential{},
		application: Application{
			ID: givenID, Key: g.ApplicationKey, Secret: seal([]byte(g.ApplicationSecret)), Account: g.Account,
			Name: g.ApplicationKey, CreatedAt: now,
		},
		user: User{
			Account: g.Account, Login: g.Login, Password: digest(derive, g.Account, g.Login, g.Password),
			CreatedAt: now,
		},
	}
	hash := auth.HashOf(g.ConsumerKey)
	with.credentials[hash] = Credential{
		ID: givenID, Hash: hash, Application: givenID, State: Validated, Rules: everything(), CreatedAt: now,
	}
	return with, service, nil
}

// OVHApplication implements Keys.
func (g *given) OVHApplication(ctx context.Context, key string) (Application, error) {
	if key == g.application.Key {
		return g.application, nil
	}
	return g.Store.OVHApplication(ctx, key)
}

// AddOVHCredential implements Keys. What the given application asks for is granted at
// once: its secret is no secret.
func (g *given) AddOVHCredential(ctx context.Context, c Credential, stale time.Time, most int) error {
	if c.Application != givenID {
		return g.Store.AddOVHCredential(ctx, c, stale, most)
	}
	g.mu.Lock()
	defer g.mu.Unlock()
	if len(g.credentials) > most {
		return ErrTooMany
	}
	c.State = Validated
	g.credentials[c.Hash] = c
	return nil
}

// OVHCredential implements Keys.
func (g *given) OVHCredential(ctx context.Context, hash auth.Hash) (Credential, error) {
	g.mu.Lock()
	c, known := g.credentials[hash]
	g.mu.Unlock()
	if known {
		return c, nil
	}
	return g.Store.OVHCredential(ctx, hash)
}

// EndOVHCredential implements Keys.
func (g *given) EndOVHCredential(ctx context.Context, hash auth.Hash) error {
	g.mu.Lock()
	defer g.mu.Unlock()
	c, known := g.credentials[hash]
	if !known {
		return g.Store.EndOVHCredential(ctx, hash)
	}
	c.State = Ended
	g.credentials[hash] = c
	return nil
}

// owns reports whether a login is the given one, and not one of that name which is
// stored.
func (g *given) owns(ctx context.Context, account, login string) (bool, error) {
	if account != g.user.Account || login != g.user.Login {
		return false, nil
	}
	_, err := g.Store.OVHUser(ctx, account, login)
	if errors.Is(err, auth.ErrUnknown) {
		return true, nil
	}
	return false, err
}

// OVHUser implements Services.
func (g *given) OVHUser(ctx context.Context, account, login string) (User, error) {
	ours, err := g.owns(ctx, account, login)
	if err != nil {
		return User{}, err
	}
	if ours {
		return g.login(), nil
	}
	return g.Store.OVHUser(ctx, account, login)
}

func (g *given) login() User {
	g.mu.Lock()
	defer g.mu.Unlock()
	return g.user
}

// OVHUsers implements Services.
func (g *given) OVHUsers(ctx context.Context, account string) ([]User, error) {
	stored, err := g.Store.OVHUsers(ctx, account)
	named := slices.ContainsFunc(stored, func(u User) bool { return u.Login == g.user.Login })
	if err != nil || named || account != g.user.Account {
		return stored, err
	}
	return append(stored, g.login()), nil
}

// KeepOVHUser implements Services. What a client sets of the given login lasts as
// long as the gateway runs.
func (g *given) KeepOVHUser(ctx context.Context, u User) error {
	ours, err := g.owns(ctx, u.Account, u.Login)
	if err != nil {
		return err
	}
	if !ours {
		return g.Store.KeepOVHUser(ctx, u)
	}
	g.mu.Lock()
	defer g.mu.Unlock()
	g.user.Password, g.user.Data = u.Password, u.Data
	return nil
}

// DeleteOVHUser implements Services. The given login stays.
func (g *given) DeleteOVHUser(ctx context.Context, account, login string) error {
	ours, err := g.owns(ctx, account, login)
	if err != nil || ours {
		return err
	}
	return g.Store.DeleteOVHUser(ctx, account, login)
}
