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
	"relais/door/kannel"
	"relais/door/passerelle"
	"relais/internal/trial"
	"relais/sms"
	"relais/webhook"
)

// door answers callers that speak another gateway's language.
type door interface {
	http.Handler
	Name() string                   // in metrics
	Owns(path string) bool          // whether a path is the door's
	Panicked(w http.ResponseWriter) // its words for a failure of ours
}

// doors gives a path that belongs to a door to it and all else to the native API,
// whose guard holds for both.
func (a *App) doors(ctx context.Context, webhooks *webhook.Manager) (http.Handler, error) {
	publik, err := a.passerelle(ctx)
	if err != nil {
		return nil, err
	}
	clients, err := a.kannel(ctx, webhooks)
	if err != nil {
		return nil, err
	}
	all := []door{publik, clients}
	guarded := make([]http.Handler, len(all))
	for i, d := range all {
		guarded[i] = a.handler.Guard(func(*http.Request) string { return d.Name() }, d, d.Panicked)
	}
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		for i, d := range all {
			if d.Owns(r.URL.Path) {
				guarded[i].ServeHTTP(w, r)
				return
			}
		}
		a.handler.ServeHTTP(w, r)
	}), nil
}

// checkAccount refuses a section of the configuration whose account does not
// exist: nothing would send its messages.
func (a *App) checkAccount(ctx context.Context, section, name string) error {
	known, err := a.store.Accounts(ctx)
	if err != nil {
		return err
	}
	if slices.ContainsFunc(known, func(k auth.Account) bool { return k.Name == name }) {
		return nil
	}
	return fmt.Errorf("[%s]: there is no account %q; relais accounts create %s makes it", section, name, name)
}

// formats are the shapes of events that doors need.
func formats() map[string]webhook.Format {
	return map[string]webhook.Format{kannel.Format: kannel.Reports{}}
}

func (a *App) kannel(ctx context.Context, webhooks *webhook.Manager) (*kannel.Door, error) {
	users := map[string]kannel.User{}
	for name, u := range a.config.Kannel {
		if err := a.checkAccount(ctx, "kannel."+name, u.Account); err != nil {
			return nil, err
		}
		users[name] = kannel.User{
			Password: u.Password.Reveal(), Account: u.Account, AllowFrom: networks(u.AllowFrom), Sender: sms.Sender(u.Sender),
			Connector: u.Connector, ForceConnector: u.ForceConnector, Class: u.Class, UrgentClass: u.UrgentClass,
			National: u.Numbers == "national",
		}
	}
	return kannel.New(kannel.Options{Gateway: a.gateway, Users: users, Report: webhooks.ForFormat, Log: a.log, Now: trial.Now}), nil
}

func (a *App) passerelle(ctx context.Context) (*passerelle.Door, error) {
	o := passerelle.Options{
		Gateway: a.gateway, Store: a.store, Zone: time.Local, Log: a.log.With("part", "doors"), Now: trial.Now,
	}
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
	}
	return passerelle.New(o), nil
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

// networks reads what the configuration has checked.
func networks(texts []string) []netip.Prefix {
	var all []netip.Prefix
	for _, text := range texts {
		if n, err := config.ParseNetwork(text); err == nil {
			all = append(all, n.Masked())
		}
	}
	return all
}
