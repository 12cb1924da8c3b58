package alertmanager

import (
	"context"
	"maps"
	"slices"

	"relais/alert"
	"relais/config/section"
	"relais/connector"
	"relais/door"
	"relais/reason"
	"relais/sms"
)

// Provider is the door's entry in the application's table.
func Provider() door.Provider {
	table := Table()
	return door.Provider{Name: "alertmanager", Table: &table, Open: open}
}

func open(ctx context.Context, env *door.Env) (opened door.Opened, err error) {
	sections := section.Of[Section](env.Sections["alertmanager"])
	place := door.Place{For: "Alertmanager", Path: Prefix + "NAME"}
	if e := env.Everybody; e != nil {
		place.Path = Prefix + e.User
		if sections[e.User] == nil {
			sections[e.User] = &Section{
				Secret: connector.Secret(e.Password), Account: e.Account,
				To: []string{e.OnCall}, Resolved: true,
				MaxSegments: 3,
			}
		}
		if sections[e.User].Secret.Reveal() == e.Password {
			place.Credentials = []string{"username=" + e.User, "password=" + e.Password}
		}
	}
	o := Options{Gateway: env.Gateway, Receivers: map[string]Receiver{}, Log: env.Log}
	for _, name := range slices.Sorted(maps.Keys(sections)) {
		if err := env.CheckAccount(ctx, "alertmanager", name, sections[name].Account); err != nil {
			return opened, err
		}
		if o.Receivers[name], err = sections[name].receiver(); err != nil {
			return opened, reason.At("[alertmanager."+name+"]: template", err)
		}
	}
	return door.Opened{Mount: New(o), Places: []door.Place{place}}, nil
}

func (s *Section) receiver() (Receiver, error) {
	text, err := alert.Parse(s.Text())
	return Receiver{
		Secret: s.Secret.Reveal(), Account: s.Account, AllowFrom: door.Networks(s.AllowFrom), To: s.To,
		Sender: sms.Sender(s.Sender),
		Class:  s.Class, Connector: s.Connector, Template: text, Resolved: s.Resolved,
		MaxSegments: s.MaxSegments,
	}, err
}
