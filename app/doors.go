package app

import (
	"context"
	"fmt"
	"net/http"
	"net/netip"
	"slices"

	"relais/auth"
	"relais/config"
	"relais/door/kannel"
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
	var all []door
	if len(a.config.Kannel) > 0 {
		clients, err := a.kannel(ctx, webhooks)
		if err != nil {
			return nil, err
		}
		all = append(all, clients)
	}
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

// networks reads what the configuration has checked.
func networks(texts []string) []netip.Prefix {
	var all []netip.Prefix
	for _, text := range texts {
		if n, err := config.ParseNetwork(text); err == nil {
			all = append(all, n)
		}
	}
	return all
}
