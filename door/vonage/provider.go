package vonage

import (
	"context"
	"maps"
	"slices"

	"relais/auth"
	"relais/config/section"
	"relais/connector"
	"relais/door"
	"relais/webhook"
)

// everybodyKey is what everybody may use beside simulated operators: the client for Go sends no api_key of fewer than eight
// characters (read in its source).
const everybodyKey = "00000001"

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
	sections := section.Of[Section](env.Sections[Format])
	place := door.Place{For: "Vonage", Path: sendPath}
	fixed := map[string]auth.Key{}
	if e := env.Everybody; e != nil {
		place.Credentials = letIn(e, sections)
		fixed[e.Key] = auth.Key{ID: e.Key, Account: e.Account, Name: e.Key}
	}
	o := Options{
		Gateway: env.Gateway, Reader: reader, Keys: auth.NewKeeper(keys, fixed, env.Now), Used: env.Used,
		Report: env.Webhooks.ForFormat, CheckURL: env.CheckURL, Log: env.Log.With("part", "vonage door"), Now: env.Now,
	}
	for _, name := range slices.Sorted(maps.Keys(sections)) {
		s := sections[name]
		if err := env.CheckAccount(ctx, Format, name, s.Account); err != nil {
			return opened, err
		}
		env.WarnOf(Format, name, "receipts_url", s.ReceiptsURL)
		env.WarnOf(Format, name, "replies_url", s.RepliesURL)
		o.Accounts = append(o.Accounts, s.account(name, env.Account(s.Account).Connector))
	}
	d := New(o)
	return door.Opened{
		Mount: d, Places: []door.Place{place}, Formats: map[string]webhook.Format{Format: Callbacks{d}},
		ReplyEndpoints: d.ReplyEndpoints,
	}, nil
}

// letIn adds a section for everybody, and tells its credentials. What the configuration has under its name, and for its
// account, stays.
func letIn(e *door.Everybody, sections map[string]*Section) (credentials []string) {
	for name, s := range sections {
		if name == e.User || s.Account == e.Account || s.APIKey == everybodyKey {
			return nil
		}
	}
	s := newSection()
	s.APIKey, s.APISecret, s.SignatureSecret, s.Account = everybodyKey, connector.Secret(e.Password), connector.Secret(e.Password), e.Account
	sections[e.User] = s
	return []string{"api_key=" + everybodyKey, "api_secret=" + e.Password, "signature_secret=" + e.Password}
}

// account is the section as the door knows it; main is the connector of its account.
func (s *Section) account(name, main string) Account {
	a := Account{
		Name: name, Key: s.APIKey, Secret: s.APISecret.Reveal(), Signing: s.SignatureSecret.Reveal(), Method: s.SignatureMethod,
		Account: s.Account, AllowFrom: door.Networks(s.AllowFrom), Connector: s.Connector, Class: s.Class, Parts: s.Parts,
		ReceiptsURL: s.ReceiptsURL, RepliesURL: s.RepliesURL, HTTPMethod: s.HTTPMethod, CreditOf: main,
	}
	if s.Connector != "" {
		a.CreditOf = s.Connector
	}
	return a
}
