package jasmin

import (
	"context"
	"maps"
	"slices"
	"strings"

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
	place := door.Place{For: "Jasmin", Path: pathSend}
	if e := env.Everybody; e != nil {
		place.Credentials = letIn(e, sections)
		fixed[e.Key] = auth.Key{ID: e.Key, Account: e.Account, Name: e.Key}
	}
	o := Options{
		Gateway: env.Gateway, Reader: reader, Users: map[string]User{}, Keys: auth.NewKeeper(keys, fixed, env.Now), Used: env.Used,
		Main: func(account string) string { return env.Account(account).Connector }, Report: env.Webhooks.ForFormat, CheckURL: env.CheckURL,
		Zone: env.Zone, Log: env.Log.With("part", "jasmin door"), Now: env.Now,
	}
	for _, name := range slices.Sorted(maps.Keys(sections)) {
		if err := env.CheckAccount(ctx, Format, name, sections[name].Account); err != nil {
			return opened, err
		}
		env.WarnOf(Format, name, "replies_url", sections[name].RepliesURL)
		o.Users[name] = sections[name].user()
	}
	d := New(o)
	return door.Opened{
		Mount: d, Places: []door.Place{place}, Formats: map[string]webhook.Format{Format: Callbacks{d}}, ReplyEndpoints: d.ReplyEndpoints,
	}, nil
}

// letIn adds a user for everybody, and tells the credentials. What the configuration has under its name stays.
func letIn(e *door.Everybody, sections map[string]*Section) (credentials []string) {
	if sections[e.User] == nil {
		sections[e.User] = &Section{Password: connector.Secret(e.Password), Account: e.Account}
	}
	if sections[e.User].Password.Reveal() != e.Password {
		return nil
	}
	return []string{"username=" + e.User, "password=" + e.Password}
}

// user is the section as the door knows it.
func (s *Section) user() User {
	return User{
		Password: s.Password.Reveal(), Account: s.Account, AllowFrom: door.Networks(s.AllowFrom), Sender: sms.Sender(s.Sender), Connector: s.Connector,
		Class: s.Class, UrgentClass: s.UrgentClass, Replies: s.RepliesURL, RepliesBy: strings.ToUpper(s.RepliesMethod),
	}
}
