package passerelle

import (
	"context"
	"maps"
	"slices"

	"relais/config/section"
	"relais/connector"
	"relais/door"
	"relais/door/shadow"
	"relais/plaintext"
	"relais/reason"
)

// Provider is the door's entry in the application's table.
func Provider() door.Provider {
	table := Table()
	return door.Provider{Name: prefix, Table: &table, Open: open}
}

func open(ctx context.Context, env *door.Env) (opened door.Opened, err error) {
	store, err := door.StoreOf[Store](env)
	if err != nil {
		return opened, err
	}
	sections := section.Of[Section](env.Sections[prefix])
	opened.Places = []door.Place{{For: "Publik", Path: "/passerelle/NAME/send/"}}
	if env.Everybody != nil {
		opened.Places = letIn(env.Everybody, sections)
	}
	o := Options{
		Gateway: env.Gateway, Orders: env.Orders, Store: store, Zone: env.Zone, Log: env.Log.With("part", "doors"),
		Now: env.Now,
	}
	tried := false
	for _, name := range slices.Sorted(maps.Keys(sections)) {
		if err := env.CheckAccount(ctx, prefix, name, sections[name].Account); err != nil {
			return opened, err
		}
		instance, err := sections[name].instance(name)
		if err != nil {
			return opened, err
		}
		o.Instances = append(o.Instances, instance)
		tried = tried || instance.Shadow != ""
	}
	if opened.Mount = New(o); tried {
		planning := o
		planning.Gateway, planning.Log = shadow.Planner{Gateway: env.Gateway}, o.Log.With("shadow", true)
		planning.Orders = nil
		opened.Mount = shadow.Wrap(env.Shadows, New(o), New(planning))
	}
	return opened, nil
}

// letIn adds an instance for each simulated operator, and says where they are. What
// the configuration has of their names, and of their old addresses, stays.
func letIn(e *door.Everybody, sections map[string]*Section) (places []door.Place) {
	configured := maps.Clone(sections)
	for _, name := range slices.Sorted(maps.Keys(e.Simulated)) {
		place := door.Place{For: "Publik", Path: "/passerelle/" + name + "/send/"}
		if sections[name] == nil {
			sections[name] = &Section{
				Account: e.Account, Connector: name, Kind: e.Simulated[name], Families: []string{"all"},
				MaxLength: longest,
				Callers: map[string]CallerSection{
					e.Account: {Kind: "apikey", Secret: connector.Secret(e.Password)},
				},
			}
			for other, own := range configured {
				if own.Kind == sections[name].Kind && own.slugOr(other) == name {
					sections[name].Kind = "" // the old address is of the configured one
				}
			}
		}
		if _, open := sections[name].Callers[e.Account]; open {
			place.Credentials = []string{"apikey=" + e.Password}
		}
		places = append(places, place)
	}
	return places
}

func (s *Section) instance(name string) (Instance, error) {
	i := Instance{
		Name: name, Kind: s.Kind, Slug: s.slugOr(name), Account: s.Account, Connector: s.Connector,
		Families: s.Families, Special: s.AllowPremium, Region: s.DefaultRegion, MaxLength: s.MaxLength,
		Class: s.Class, ValidFor: s.ValidFor, CampaignFrom: s.CampaignFrom, Proxies: door.Networks(s.Proxies), Shadow: s.Shadow,
	}
	for _, id := range slices.Sorted(maps.Keys(s.Callers)) {
		caller := s.Callers[id]
		i.Callers = append(i.Callers, Caller{
			ID: id, Kind: caller.Kind, Secret: caller.Secret.Reveal(), Orig: caller.Orig,
			Username:  caller.Username,
			Addresses: door.Networks(caller.Addresses),
		})
	}
	platform, err := knownServices(s.KnownServices)
	if err != nil {
		return i, reason.At("passerelle "+name+": known_services", err)
	}
	i.Callers = append(i.Callers, platform...)
	return i, nil
}

func knownServices(file string) ([]Caller, error) {
	if file == "" {
		return nil, nil
	}
	data, err := plaintext.ReadFile(file)
	if err != nil {
		return nil, reason.At(file, err)
	}
	return ParseKnownServices(data)
}
