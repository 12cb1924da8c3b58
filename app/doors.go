package app

import (
	"net/http"
	"net/netip"
	"time"

	"relais/config"
	"relais/door/kannel"
	"relais/sms"
	"relais/webhook"
)

// doors puts the doors of other gateways' clients before the native API: a path
// that belongs to one goes there. Panics are caught and logged as there.
func (a *App) doors(webhooks *webhook.Manager) http.Handler {
	opened := map[string]http.Handler{}
	if len(a.config.Kannel) > 0 {
		opened[kannel.Path] = a.handler.Guard(a.kannel(webhooks))
	}
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		if door, known := opened[r.URL.Path]; known {
			door.ServeHTTP(w, r)
			return
		}
		a.handler.ServeHTTP(w, r)
	})
}

// formats are the shapes of events that doors need.
func formats() map[string]webhook.Format {
	return map[string]webhook.Format{kannel.Format: kannel.Reports{}}
}

func (a *App) kannel(webhooks *webhook.Manager) *kannel.Door {
	users := map[string]kannel.User{}
	for name, u := range a.config.Kannel {
		users[name] = kannel.User{
			Password: u.Password.Reveal(), Account: u.Account, AllowFrom: networks(u.AllowFrom), Sender: sms.Sender(u.Sender),
			Connector: u.Connector, ForceConnector: u.ForceConnector, Class: u.Class, UrgentClass: u.UrgentClass,
			National: u.Numbers == "national",
		}
	}
	return kannel.New(kannel.Options{Gateway: a.gateway, Users: users, Report: webhooks.ForFormat, Log: a.log, Now: time.Now})
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
