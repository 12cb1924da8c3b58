package app

import (
	"context"
	"fmt"
	"maps"
	"slices"
	"time"

	"relais/config"
	"relais/door/passerelle"
	"relais/door/shadow"
	"relais/internal/trial"
	"relais/plaintext"
)

func (a *App) passerelle(ctx context.Context, shadows *shadow.Keeper) (door, error) {
	o := passerelle.Options{
		Gateway: a.gateway, Store: a.store, Zone: time.Local, Log: a.log.With("part", "doors"), Now: trial.Now,
	}
	tried := false
	for _, name := range slices.Sorted(maps.Keys(a.config.Passerelles)) {
		c := a.config.Passerelles[name]
		if err := a.checkAccount(ctx, "passerelle."+name, c.Account); err != nil {
			return nil, err
		}
		instance := passerelleInstance(name, c)
		platform, err := knownServices(c.KnownServices)
		if err != nil {
			return nil, fmt.Errorf("passerelle %s: known_services: %w", name, err)
		}
		instance.Callers = append(instance.Callers, platform...)
		o.Instances = append(o.Instances, instance)
		tried = tried || instance.Shadow != ""
	}
	if !tried {
		return passerelle.New(o), nil
	}
	planning := o
	planning.Gateway, planning.Log = shadow.Planner{Gateway: a.gateway}, o.Log.With("shadow", true)
	return shadow.Wrap(shadows, passerelle.New(o), passerelle.New(planning)), nil
}

func passerelleInstance(name string, c config.Passerelle) passerelle.Instance {
	i := passerelle.Instance{
		Name: name, Kind: c.Kind, Slug: c.SlugOr(name), Account: c.Account, Connector: c.Connector,
		Families: c.Families, Special: c.AllowPremium, Region: c.DefaultRegion, MaxLength: c.MaxLength,
		Class: c.Class, ValidFor: c.ValidFor, Proxies: networks(c.Proxies), Shadow: c.Shadow,
	}
	for _, id := range slices.Sorted(maps.Keys(c.Callers)) {
		caller := c.Callers[id]
		i.Callers = append(i.Callers, passerelle.Caller{
			ID: id, Kind: caller.Kind, Secret: caller.Secret.Reveal(), Orig: caller.Orig, Username: caller.Username,
			Addresses: networks(caller.Addresses),
		})
	}
	return i
}

func knownServices(file string) ([]passerelle.Caller, error) {
	if file == "" {
		return nil, nil
	}
	data, err := plaintext.ReadFile(file)
	if err != nil {
		return nil, fmt.Errorf("%s: %w", file, err)
	}
	return passerelle.ParseKnownServices(data)
}
