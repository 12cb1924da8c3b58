package app

import (
	"context"
	"fmt"
	"maps"
	"net/http"
	"net/netip"
	"os"
	"slices"
	"time"

	"relais/auth"
	"relais/config"
	"relais/door/passerelle"
)

// door answers callers that speak another gateway's language.
type door interface {
	http.Handler
	// Owns tells whether a path is the door's.
	Owns(path string) bool
}

// doors gives a path that belongs to a door to it and everything else to the
// native API, whose guard holds for both.
func (a *App) doors(ctx context.Context) (http.Handler, error) {
	type guarded struct {
		door
		http.Handler
	}
	var all []guarded
	mount := func(d door, panicked func(http.ResponseWriter)) {
		all = append(all, guarded{d, a.handler.Guard(d, panicked)})
	}
	publik, err := a.passerelle(ctx)
	if err != nil {
		return nil, err
	}
	mount(passerelle.New(publik), passerelle.Panicked)
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		for _, d := range all {
			if d.Owns(r.URL.Path) {
				d.Handler.ServeHTTP(w, r)
				return
			}
		}
		a.handler.ServeHTTP(w, r)
	}), nil
}

func (a *App) passerelle(ctx context.Context) (passerelle.Options, error) {
	o := passerelle.Options{
		Gateway: a.gateway, Store: a.store, Zone: time.Local, Log: a.log.With("part", "doors"), Now: time.Now,
	}
	accounts, err := a.store.Accounts(ctx)
	if err != nil {
		return o, err
	}
	for _, name := range slices.Sorted(maps.Keys(a.config.Passerelles)) {
		c := a.config.Passerelles[name]
		if !slices.ContainsFunc(accounts, func(known auth.Account) bool { return known.Name == c.Account }) {
			return o, fmt.Errorf("passerelle %s: there is no account %q; relais accounts create makes it", name, c.Account)
		}
		instance := passerelleInstance(name, c)
		platform, err := knownServices(c.KnownServices)
		if err != nil {
			return o, fmt.Errorf("passerelle %s: known_services: %w", name, err)
		}
		instance.Callers = append(instance.Callers, platform...)
		o.Instances = append(o.Instances, instance)
	}
	return o, nil
}

func passerelleInstance(name string, c config.Passerelle) passerelle.Instance {
	i := passerelle.Instance{
		Name: name, Kind: c.Kind, Slug: c.SlugOr(name), Account: c.Account, Connector: c.Connector,
		Families: c.Families, Special: c.AllowPremium, Region: c.DefaultRegion, MaxLength: c.MaxLength,
		Class: c.Class, ValidFor: c.ValidFor, Proxies: networks(c.Proxies),
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
	data, err := os.ReadFile(file)
	if err != nil {
		return nil, err
	}
	return passerelle.ParseKnownServices(data)
}

// networks were checked with the configuration.
func networks(texts []string) (all passerelle.Networks) {
	for _, text := range texts {
		if network, err := netip.ParsePrefix(text); err == nil {
			all = append(all, network.Masked())
		}
	}
	return all
}
