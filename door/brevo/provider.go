package brevo

import (
	"context"
	"maps"
	"slices"
	"time"
	_ "time/tzdata" // the zone of callbacks, also where the machine has none

	"relais/auth"
	"relais/config/section"
	"relais/connector"
	"relais/door"
	"relais/webhook"
)

// Provider is the door's entry in the application's table.
func Provider() door.Provider {
	table := Table()
	return door.Provider{Name: Format, Table: &table, Open: open}
}

func open(ctx context.Context, env *door.Env) (opened door.Opened, err error) {
	reader, err := door.StoreOf[Reader](env)
	if err != nil {
		return opened, err
	}
	keys, err := door.StoreOf[auth.Store](env)
	if err != nil {
		return opened, err
	}
	paris, err := time.LoadLocation("Europe/Paris") // documented: BRW
	if err != nil {
		return opened, err
	}
	sections := section.Of[Section](env.Sections[Format])
	place := door.Place{For: "Brevo", Path: prefix}
	if e := env.Everybody; e != nil {
		place.Credentials = letIn(e, sections)
	}
	o := Options{
		Gateway: env.Gateway, Reader: reader, Keys: auth.NewKeeper(keys, nil, env.Now), Used: env.Used,
		Report: env.Webhooks.ForFormat, CheckURL: env.CheckURL, Zone: paris, Log: env.Log.With("part", "brevo door"), Now: env.Now,
	}
	for _, name := range slices.Sorted(maps.Keys(sections)) {
		s := sections[name]
		if err := env.CheckAccount(ctx, Format, name, s.Account); err != nil {
			return opened, err
		}
		env.WarnOf(Format, name, "events_url", s.EventsURL)
		o.Accounts = append(o.Accounts, s.instance(name, env.Account(s.Account).Connector))
	}
	d := New(o)
	return door.Opened{
		Mount: d, Places: []door.Place{place}, Formats: map[string]webhook.Format{Format: Callbacks{d}},
		ReplyEndpoints: d.ReplyEndpoints,
	}, nil
}

// letIn adds a section for everybody, and tells its key. What the configuration has under its name, and for its account,
// stays.
func letIn(e *door.Everybody, sections map[string]*Section) (credentials []string) {
	for name, s := range sections {
		if name == e.User || s.Account == e.Account || s.Key.Reveal() == e.Key {
			return nil
		}
	}
	s := newSection()
	s.Key, s.Account = connector.Secret(e.Key), e.Account
	sections[e.User] = s
	return []string{"api-key=" + e.Key}
}

// instance is the section as the door knows it; main is the connector of its account.
func (s *Section) instance(name, main string) Account {
	a := Account{
		Name: name, Key: s.Key.Reveal(), Account: s.Account, AllowFrom: door.Networks(s.AllowFrom), Connector: s.Connector,
		EventsURL: s.EventsURL, EventsToken: s.EventsToken.Reveal(), RepeatsWithin: s.RepeatsWithin, CreditOf: main,
	}
	if s.Connector != "" {
		a.CreditOf = s.Connector
	}
	return a
}
