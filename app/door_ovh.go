package app

import (
	"context"
	"errors"

	"relais/auth"
	"relais/config"
	"relais/door/http2sms"
	"relais/door/ovh"
	"relais/door/shadow"
	"relais/internal/trial"
	"relais/sms"
	"relais/webhook"
)

func (a *App) ovhDoor(webhooks *webhook.Manager) *ovh.Door {
	return ovh.New(ovh.Options{
		Gateway: a.gateway, Reader: a.store, Store: a.ovhStore, Open: a.sealer.Open, Derive: a.sealer.Derive,
		Settings: a.ovhSettings, PublicURL: a.config.PublicURL,
		Report: webhooks.ForFormat, CheckURL: func(url string) error { return plainly(webhook.CheckURL(url, webhooks.Policy)) }, Log: a.log.With("part", "ovh door"), Now: trial.Now,
	})
}

// http2smsDoor shares logins, numbers and credit with the door of OVH's API.
func (a *App) http2smsDoor(clients *ovh.Door, shadows *shadow.Keeper) door {
	o := http2sms.Options{
		Gateway: a.gateway, Numbers: clients.Numbers, Endpoint: clients.Endpoint, Credits: clients.Credits, Log: a.log.With("part", "http2sms door"), Now: trial.Now,
		Login: func(ctx context.Context, service, login, password, remote string) (string, error) {
			account, err := clients.Login(ctx, service, login, password, remote)
			switch {
			case errors.Is(err, ovh.ErrLogin):
				return "", http2sms.ErrLogin
			case errors.Is(err, ovh.ErrAddress):
				return "", http2sms.ErrAddress
			}
			return account, err
		},
	}
	if !a.triesHTTP2SMS() {
		return http2sms.New(o)
	}
	o.Shadow = a.shadowOf
	planning := o
	planning.Gateway, planning.Log = shadow.Planner{Gateway: a.gateway}, o.Log.With("shadow", true)
	planning.Endpoint = func(context.Context, string) (id sms.ID, err error) { return id, nil }
	planning.Numbers = func(_ context.Context, _ string, ids []sms.ID) ([]int64, error) { return make([]int64, len(ids)), nil }
	// Logins here have passwords of their own, which the clients do not know yet.
	planning.Login = func(ctx context.Context, service, _, _, _ string) (string, error) {
		account, _ := a.shadowOf(ctx, service)
		return account, nil
	}
	return shadow.Wrap(shadows, http2sms.New(o), http2sms.New(planning))
}

func (a *App) triesHTTP2SMS() bool {
	for _, c := range a.config.OVHClients {
		if c.ShadowHTTP2SMS != "" {
			return true
		}
	}
	return false
}

// shadowOf finds the account of a service and the http2sms that still answers. It
// remembers what it found: a database that is down must not end the old service.
func (a *App) shadowOf(ctx context.Context, service string) (account, base string) {
	found, err := a.store.OVHServiceNamed(ctx, service)
	if err != nil {
		if errors.Is(err, auth.ErrUnknown) {
			return "", ""
		}
		a.log.Error("cannot find the account of a service", "error", err)
		known, _ := a.services.Load(service)
		account, _ := known.(string)
		return account, a.config.OVH(account).ShadowHTTP2SMS
	}
	a.services.Store(service, found.Account) // as many as there are accounts
	return found.Account, a.config.OVH(found.Account).ShadowHTTP2SMS
}

// ovhSettings are those of an account's section; its credit is that of the
// connector that its messages take by default.
func (a *App) ovhSettings(account string) ovh.Settings {
	c := a.config.OVH(account)
	return ovh.Settings{
		Tolerance: c.ClockTolerance, Strict: c.Strict, BareNumbers: c.BareNumbers, PublicURLs: c.PublicURLs, Proxies: networks(c.Proxies), Senders: c.Senders, Credits: c.Credits,
		Sender: a.config.Account(account).DefaultSender, Connector: a.mainConnector(account),
	}
}

// mainConnector is the one that an account's messages take when no rule holds.
func (a *App) mainConnector(account string) string {
	for _, name := range []string{a.config.Account(account).DefaultConnector, a.config.DefaultConnector} {
		if name != "" {
			return name
		}
	}
	if len(a.config.Connectors) > 0 {
		return a.config.Connectors[0].Name
	}
	if usesSandbox(a.config) {
		return Simulated("")[0].Name
	}
	return ""
}

// OVHSeal hides the secret of an OVH client's application, and digests the
// password of a login, for commands that make them.
func OVHSeal(ctx context.Context, c config.Config, store Database) (seal func([]byte) []byte, derive func(string) string, err error) {
	s, err := sealerOf(ctx, c, store, false)
	if err != nil {
		return nil, nil, err
	}
	return s.Seal, s.Derive, nil
}
