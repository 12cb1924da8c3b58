package ovh

import (
	"context"

	"relais/door"
	"relais/webhook"
)

// Provider is the door's entry in the application's table.
func Provider() door.Provider {
	table := Table()
	return door.Provider{Name: "ovh", Table: &table, Open: open}
}

func open(ctx context.Context, env *door.Env) (opened door.Opened, err error) {
	reader, err := door.StoreOf[Reader](env)
	if err != nil {
		return opened, err
	}
	store, err := door.StoreOf[Store](env)
	if err != nil {
		return opened, err
	}
	place := door.Place{For: "OVHcloud", Path: "/ovh/1.0"}
	formats := map[string]webhook.Format{Format: Callbacks{Numbers: store.OVHNumbers}}
	service := ""
	if e := env.Everybody; e != nil {
		if store, service, err = WithGiven(ctx, store, Given{
			Account: e.Account, ApplicationKey: e.User, ApplicationSecret: e.Password, ConsumerKey: e.Key,
			Login: e.User, Password: e.Password,
		}, env.Sealer.Seal, env.Sealer.Derive, env.Now()); err != nil {
			return opened, err
		}
		place.Credentials = []string{
			"application_key=" + e.User, "application_secret=" + e.Password, "consumer_key=" + e.Key,
			"service=" + service,
		}
	}
	d := New(Options{
		Gateway: env.Gateway, Reader: reader, Store: store, Open: env.Sealer.Open, Derive: env.Sealer.Derive,
		Settings: func(account string) Settings { return settings(env, account) }, PublicURL: env.PublicURL,
		GivenService: service, Used: env.Used,
		Report: env.Webhooks.ForFormat, CheckURL: env.CheckURL,
		Log: env.Log.With("part", "ovh door"), Now: env.Now,
	})
	return door.Opened{
		Mount: d, Places: []door.Place{place}, Formats: formats, ReplyEndpoints: d.ReplyEndpoints,
	}, nil
}

// settings are those of an account's section; its credit is that of the connector
// that its messages take by default.
func settings(env *door.Env, account string) Settings {
	s, shown := SectionOf(env.Sections["ovh"], account), env.Account(account)
	return Settings{
		Tolerance: s.ClockTolerance, Strict: s.Strict, BareNumbers: s.BareNumbers, PublicURLs: s.PublicURLs,
		Proxies: door.Networks(s.Proxies), Senders: s.Senders, Credits: s.Credits,
		Sender: shown.Sender, Connector: shown.Connector,
	}
}
