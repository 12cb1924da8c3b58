package app

import (
	"context"
	"fmt"
	"net/http"
	"net/netip"
	"slices"

	"relais/api"
	"relais/auth"
	"relais/config"
	"relais/door/kannel"
	"relais/door/ovh"
	"relais/door/shadow"
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
func (a *App) doors(ctx context.Context, webhooks *webhook.Manager, shadows *shadow.Keeper) (http.Handler, error) {
	publik, err := a.passerelle(ctx, shadows)
	if err != nil {
		return nil, err
	}
	clients, err := a.kannel(ctx, webhooks, shadows)
	if err != nil {
		return nil, err
	}
	alerts, err := a.alertmanager(ctx)
	if err != nil {
		return nil, err
	}
	a.clients = a.ovhDoor(webhooks)
	a.later("comparisons with old gateways", shadows.Stop)
	all := []door{publik, a.clients, a.http2smsDoor(a.clients, shadows), clients, alerts}
	guarded := make([]http.Handler, len(all))
	for i, d := range all {
		guarded[i] = a.handler.Guard(func(*http.Request) string { return d.Name() }, d, d.Panicked)
	}
	return api.OneSlash(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		for i, d := range all {
			if d.Owns(r.URL.Path) {
				guarded[i].ServeHTTP(w, r)
				return
			}
		}
		a.handler.ServeHTTP(w, r)
	})), nil
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
func (a *App) formats() map[string]webhook.Format {
	return map[string]webhook.Format{kannel.Format: kannel.Reports{}, ovh.Format: ovh.Callbacks{Numbers: a.store.OVHNumbers}}
}

// plainly is nil where there is no error.
func plainly(err *webhook.Error) error {
	if err == nil {
		return nil
	}
	return err
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
