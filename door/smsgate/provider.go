package smsgate

import (
	"context"
	"maps"
	"slices"

	"relais/auth"
	"relais/config/section"
	"relais/connector"
	"relais/door"
	"relais/sms"
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
	sections, fixed := section.Of[Section](env.Sections[Format]), map[string]auth.Key{}
	place := door.Place{For: "SMSGate", Path: base}
	if e := env.Everybody; e != nil {
		place.Credentials = letIn(e, sections)
		fixed[e.Key] = auth.Key{ID: e.Key, Account: e.Account, Name: e.Key}
	}
	o := Options{
		Gateway: env.Gateway, Reader: reader, Webhooks: env.Webhooks, Users: map[string]User{}, Keys: auth.NewKeeper(keys, fixed, env.Now), Used: env.Used,
		Derive: env.Sealer.Derive, Log: env.Log.With("part", "smsgate door"), Now: env.Now,
	}
	for _, name := range slices.Sorted(maps.Keys(sections)) {
		if err := env.CheckAccount(ctx, Format, name, sections[name].Account); err != nil {
			return opened, err
		}
		o.Users[name] = sections[name].user()
	}
	d := New(o)
	return door.Opened{Mount: d, Places: []door.Place{place}, Formats: map[string]webhook.Format{Format: Callbacks{d}}}, nil
}

// letIn adds a user for everybody, and tells the credentials. What the configuration has under its name stays.
func letIn(e *door.Everybody, sections map[string]*Section) (credentials []string) {
	if sections[e.User] == nil {
		sections[e.User] = &Section{Password: connector.Secret(e.Password), Account: e.Account, UrgentClass: sms.OTP}
	}
	if sections[e.User].Password.Reveal() != e.Password {
		return nil
	}
	return []string{"login=" + e.User, "password=" + e.Password}
}

// user is the section as the door knows it.
func (s *Section) user() User {
	return User{
		Password: s.Password.Reveal(), Account: s.Account, AllowFrom: door.Networks(s.AllowFrom), Sender: sms.Sender(s.Sender), Connector: s.Connector,
		Class: s.Class, UrgentClass: s.UrgentClass, SigningKey: s.SigningKey.Reveal(),
	}
}
