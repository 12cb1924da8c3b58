package twilio

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

// Sids of the account and of the service that everybody may use beside simulated operators.
const (
	everybodySid        = "AC00000000000000000000000000000001"
	everybodyServiceSid = "MG00000000000000000000000000000001"
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
	sections := section.Of[Section](env.Sections["twilio"])
	place := door.Place{For: "Twilio", Path: prefix}
	fixed := map[string]auth.Key{}
	if e := env.Everybody; e != nil {
		place.Credentials = letIn(e, sections)
		fixed[e.Key] = auth.Key{ID: e.Key, Account: e.Account, Name: e.Key}
	}
	o := Options{
		Gateway: env.Gateway, Reader: reader, Keys: auth.NewKeeper(keys, fixed, env.Now), Used: env.Used,
		Report: env.Webhooks.ForFormat, CheckURL: env.CheckURL, Log: env.Log.With("part", "twilio door"), Now: env.Now,
	}
	for _, name := range slices.Sorted(maps.Keys(sections)) {
		s := sections[name]
		if err := env.CheckAccount(ctx, "twilio", name, s.Account); err != nil {
			return opened, err
		}
		if s.RepliesURL != "" {
			env.WarnOf("twilio", name, "replies_url", called(s.RepliesURL))
		}
		o.Accounts = append(o.Accounts, s.account(name, env.Account(s.Account).Connector))
	}
	d := New(o)
	return door.Opened{
		Mount: d, Places: []door.Place{place}, Formats: map[string]webhook.Format{Format: Callbacks{d}},
		ReplyEndpoints: d.ReplyEndpoints,
	}, nil
}

// letIn adds a section for everybody, and tells its credentials. What the configuration has under its
// name, and for its account, stays.
func letIn(e *door.Everybody, sections map[string]*Section) (credentials []string) {
	for _, s := range sections {
		if s.Account == e.Account || s.Sid == everybodySid {
			return nil
		}
	}
	if sections[e.User] != nil {
		return nil
	}
	sections[e.User] = &Section{
		Sid: everybodySid, Token: connector.Secret(e.Password), Account: e.Account,
		Services: map[string]ServiceSection{e.User: {Sid: everybodyServiceSid}},
	}
	return []string{
		"account_sid=" + everybodySid, "auth_token=" + e.Password, "messaging_service_sid=" + everybodyServiceSid,
	}
}

// account is the section as the door knows it; main is the connector of its account.
func (s *Section) account(name, main string) Account {
	a := Account{
		Name: name, Sid: s.Sid, Token: s.Token.Reveal(), Account: s.Account, AllowFrom: door.Networks(s.AllowFrom),
		Connector: s.Connector, Class: s.Class, RepliesURL: s.RepliesURL, CreditOf: main,
		Services: map[string]Service{},
	}
	if s.Connector != "" {
		a.CreditOf = s.Connector
	}
	for _, one := range s.Services {
		service := Service{Sender: sms.Sender(one.Sender), Connector: s.Connector, Class: s.Class}
		if one.Connector != "" {
			service.Connector = one.Connector
		}
		if one.Class != "" {
			service.Class = one.Class
		}
		a.Services[one.Sid] = service
	}
	return a
}
