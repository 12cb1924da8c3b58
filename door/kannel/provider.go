package kannel

import (
	"context"
	"maps"
	"slices"

	"relais/auth"
	"relais/config/section"
	"relais/connector"
	"relais/door"
	"relais/door/shadow"
	"relais/sms"
	"relais/webhook"
)

// Provider is the door's entry in the application's table.
func Provider() door.Provider {
	table := Table()
	return door.Provider{Name: "kannel", Table: &table, Open: open}
}

func open(ctx context.Context, env *door.Env) (opened door.Opened, err error) {
	keys, err := door.StoreOf[auth.Store](env)
	if err != nil {
		return opened, err
	}
	sections := section.Of[Section](env.Sections["kannel"])
	fixed := map[string]auth.Key{}
	place := door.Place{For: "Kannel", Path: Path}
	if e := env.Everybody; e != nil {
		if sections[e.User] == nil {
			sections[e.User] = &Section{
				Password: connector.Secret(e.Password), Account: e.Account,
				Numbers: "international",
			}
		}
		if sections[e.User].Password.Reveal() == e.Password {
			place.Credentials = []string{"username=" + e.User, "password=" + e.Password}
		}
		fixed[e.Key] = auth.Key{ID: e.Key, Account: e.Account, Name: e.Key}
	}
	o := Options{
		Gateway: env.Gateway, Users: map[string]User{}, Report: env.Webhooks.ForFormat,
		Keys: auth.NewKeeper(keys, fixed, env.Now), Used: env.Used, Log: env.Log, Now: env.Now,
	}
	tried := false
	for _, name := range slices.Sorted(maps.Keys(sections)) {
		s := sections[name]
		if err := env.CheckAccount(ctx, "kannel", name, s.Account); err != nil {
			return opened, err
		}
		o.Users[name] = s.user()
		tried = tried || s.Shadow != ""
	}
	opened = door.Opened{
		Mount: New(o), Places: []door.Place{place},
		Formats: map[string]webhook.Format{Format: Reports{}},
	}
	if tried {
		opened.Mount = shadow.Wrap(env.Shadows, New(o), New(planning(o, env)))
	}
	return opened, nil
}

// planning is a door that sends nothing.
func planning(o Options, env *door.Env) Options {
	o.Gateway, o.Log = shadow.Planner{Gateway: env.Gateway}, o.Log.With("shadow", true)
	o.Report = func(_ context.Context, _, url, _ string) (id sms.ID, err error) {
		return id, env.CheckURL(url)
	}
	return o
}

func (s *Section) user() User {
	return User{
		Password: s.Password.Reveal(), Account: s.Account, AllowFrom: door.Networks(s.AllowFrom),
		Sender:    sms.Sender(s.Sender),
		Connector: s.Connector, ForceConnector: s.ForceConnector, Class: s.Class, UrgentClass: s.UrgentClass,
		National: s.Numbers == "national", Shadow: s.Shadow,
	}
}
