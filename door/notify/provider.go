package notify

import (
	"context"
	"maps"
	"slices"
	"strings"

	"relais/config/section"
	"relais/connector"
	"relais/door"
	"relais/sms"
	"relais/webhook"
)

// Ids that everybody may use beside simulated operators.
const (
	everybodyService = "00000000-0000-4000-8000-000000000001"
	everybodySecret  = "00000000-0000-4000-8000-000000000002"
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
	sections := section.Of[Section](env.Sections[Format])
	place := door.Place{For: "GOV.UK Notify", Path: "/v2/notifications"}
	if env.Everybody != nil {
		place.Credentials = letIn(env.Everybody, sections)
	}
	o := Options{
		Gateway: env.Gateway, Reader: reader, Report: env.Webhooks.ForFormat, PublicURL: env.PublicURL,
		Log: env.Log.With("part", "notify door"), Now: env.Now,
	}
	for _, name := range slices.Sorted(maps.Keys(sections)) {
		if err := env.CheckAccount(ctx, Format, name, sections[name].Account); err != nil {
			return opened, err
		}
		env.WarnOf(Format, name, "receipts_url", sections[name].ReceiptsURL)
		env.WarnOf(Format, name, "replies_url", sections[name].RepliesURL)
		o.Services = append(o.Services, sections[name].instance(name))
	}
	d := New(o)
	return door.Opened{
		Mount: d, Places: []door.Place{place}, Formats: map[string]webhook.Format{Format: Callbacks{d}},
		ReplyEndpoints: d.ReplyEndpoints,
	}, nil
}

// letIn adds a section for everybody, and tells its key. What the configuration has under its name, and for its
// account, stays.
func letIn(e *door.Everybody, sections map[string]*Section) (credentials []string) {
	for _, s := range sections {
		if s.Account == e.Account || s.Service == everybodyService {
			return nil
		}
	}
	if sections[e.User] != nil {
		return nil
	}
	sections[e.User] = &Section{
		Service: everybodyService, Account: e.Account,
		Keys: map[string]KeySection{e.User: {Secret: connector.Secret(everybodySecret), Kind: kindLive}},
	}
	return []string{"api_key=" + e.User + "-" + everybodyService + "-" + everybodySecret}
}

// instance is the section as the door knows it.
func (s *Section) instance(name string) Service {
	i := Service{
		Name: name, ID: strings.ToLower(s.Service), Account: s.Account, AllowFrom: door.Networks(s.AllowFrom), Connector: s.Connector,
		Class: s.Class, Region: s.DefaultRegion, ReceiptsURL: s.ReceiptsURL, ReceiptsToken: s.ReceiptsToken.Reveal(),
		RepliesURL: s.RepliesURL, RepliesToken: s.RepliesToken.Reveal(), Senders: map[string]sms.Sender{},
	}
	for _, one := range s.Senders {
		i.Senders[strings.ToLower(one.ID)] = sms.Sender(one.Sender)
	}
	for _, name := range slices.Sorted(maps.Keys(s.Keys)) {
		key := Key{Name: name, Secret: s.Keys[name].Secret.Reveal(), Kind: s.Keys[name].Kind}
		for _, guest := range s.Keys[name].Guests {
			key.Guests = append(key.Guests, sms.Number(guest))
		}
		i.Keys = append(i.Keys, key)
	}
	return i
}
