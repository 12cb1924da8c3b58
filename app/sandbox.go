package app

import (
	"context"
	"slices"

	"relais/api"
	"relais/auth"
	"relais/config"
	"relais/door"
)

// Credentials of the doors of a gateway beside simulated operators. Like SandboxKey
// everybody knows them: they work only where nobody else can reach the gateway.
const (
	SandboxUser     = "sandbox" // of the door for Kannel, and login of http2sms
	SandboxPassword = "sandbox"
)

// sandboxOpen reports whether the doors stand open with credentials that everybody
// knows.
func sandboxOpen(c config.Config) bool { return usesSandbox(c) && loopback(c.Listen) }

// everybody is the account that doors open for without credentials of their own; nil: none.
func everybody(c config.Config) *door.Everybody {
	if !sandboxOpen(c) {
		return nil
	}
	return &door.Everybody{
		Account: sandboxAccount, User: SandboxUser, Password: SandboxPassword, Key: SandboxKey,
		Simulated: map[string]string{"ovh": "ovh", "sfr": "sfr-dmc"}, OnCall: sandboxOnCall,
		Port: portOf(c),
	}
}

// sandboxOnCall is who gets alerts there.
const sandboxOnCall = "+33639980001"

// key is the API key that everybody knows, "" where none works.
func (a *generation) key() string {
	if sandboxOpen(a.config) {
		return SandboxKey
	}
	return ""
}

func (a *generation) home() api.Home {
	return api.Home{PublicURL: a.config.PublicURL, Sandbox: a.sandboxURL, Key: a.key(), Doors: a.places()}
}

// places are where the doors are.
func (a *generation) places() []api.Door {
	all := make([]api.Door, len(a.doors.places))
	for i, p := range a.doors.places {
		all[i] = api.Door(p)
	}
	return all
}

// Key is the API key that everybody knows, "" where none works.
func (a *App) Key() string { return a.current.Load().key() }

// Doors are those for programs that were written for another gateway, with their
// credentials where everybody knows them.
func (a *App) Doors() []api.Door { return a.current.Load().places() }

// Missing is what a gateway still needs before a message can leave.
type Missing struct {
	Connector, Account, Key bool
	Administrator           bool // of the console
}

// Missing reports what a person has to do yet. The key that everybody knows counts.
func (a *App) Missing(ctx context.Context) (m Missing, err error) {
	c := a.current.Load().config
	m.Connector = len(c.Connectors) == 0 && !usesSandbox(c)
	if a.Key() != "" {
		return m, nil
	}
	there, err := a.people.HasAdministrator(ctx)
	if err != nil {
		return m, err
	}
	m.Administrator = !there
	keys, err := a.store.Keys(ctx)
	if err != nil {
		return m, err
	}
	if m.Key = !slices.ContainsFunc(keys, func(k auth.Key) bool { return k.RevokedAt.IsZero() }); !m.Key {
		return m, nil
	}
	accounts, err := a.store.Accounts(ctx)
	m.Account = !slices.ContainsFunc(accounts,
		func(k auth.Account) bool { return k.Name != sandboxAccount && k.Name != defaultAccount })
	return m, err
}

// defaultAccount is there from the start, and has no key.
const defaultAccount = "default"
