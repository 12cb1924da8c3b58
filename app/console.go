package app

import (
	"context"
	"net/http"
	"strings"
	"time"

	"github.com/prometheus/client_golang/prometheus"

	"relais/config"
	"relais/config/effect"
	"relais/config/section"
	"relais/console"
	"relais/door/ovh"
	"relais/inbox"
	"relais/internal/origin"
	"relais/look"
)

// newConsole makes the pages for people.
func (a *generation) newConsole(registry prometheus.Registerer) *console.Console {
	log := a.log.With("part", "console")
	return console.New(console.Options{
		Gateway: a.gateway, Persons: a.gateway.Persons, Inbox: a.gateway.Inbox, Reader: a.store, OptOuts: a.store,
		Desk:      &inbox.Desk{Store: a.store, Now: a.clock.Now},
		Templates: a.templates(), TemplateReader: a.store, Campaigns: a.desk, Lists: a.lists(), Contacts: a.contacts(),
		Sealer: a.sealer, People: a.people, Profile: a.people, Passkeys: a.people, Users: a.people, Journal: a.people,
		Proofs: a.store, Usage: a.store, Quotas: a.gateway, Pauses: a.gateway.Pauses,
		Credits: a.store, Changes: a.store, Metrics: console.NewMetrics(registry), Keys: a.store, Programs: programs{a.store},
		Webhooks: a.hooks, WebhookLog: a.store, WebhookTester: a.tester, PersonFile: a.handler.ExportPerson,
		Endings: a.people, Setup: a.setup, Senders: a.listedSenders,
		PublicURL: a.config.PublicURL, Secure: strings.HasPrefix(a.config.PublicURL, "https:"), Zone: time.Local,
		Sandbox: usesSandbox(a.config), Version: a.version, Now: a.clock.Now, Log: log,
		Handsets: newHandsets(a.sandboxURL), Guests: a.guests.forConsole(), Look: lookOf(a.config),
		Configuration: inEffect{a}, Presets: presets{a},
		Elsewhere: a.elsewhere(),
	})
}

// programs are the applications of the OVH door, for the console.
type programs struct{ store Database }

// Programs implements console.Programs.
func (p programs) Programs(ctx context.Context) ([]console.Program, error) {
	all, err := p.store.OVHApplications(ctx)
	found := make([]console.Program, len(all))
	for i := range all {
		found[i] = console.Program{Account: all[i].Account, Actor: ovh.ActorOf(&all[i]), Name: all[i].Name}
	}
	return found, err
}

// lookOf is the look that the configuration asks for, which has judged it.
func lookOf(all config.Config) console.Look {
	c, a := all.Console, all.Accessibility
	l := console.Look{Name: c.Name, Logo: c.Picture, Declaration: console.Declaration{
		Conformity: a.Conformity, Contact: a.Contact, Rate: a.Rate, Auditor: a.Auditor, AuditedOn: a.AuditedOn,
		DeclaredOn: a.DeclaredOn, Inaccessible: a.Inaccessible,
	}}
	if chosen, ok := look.ParseColour(c.Accent); ok {
		l.Accent = &chosen
	}
	return l
}

// inEffect is the configuration of a generation, for the console.
type inEffect struct{ generation *generation }

// Settings implements console.Configuration.
func (e inEffect) Settings() []effect.Setting { return e.generation.config.Settings() }

// Nodes implements console.Configuration.
func (e inEffect) Nodes(ctx context.Context) (effect.Nodes, error) {
	return effect.All(ctx, e.generation.store)
}

// Node implements console.Configuration.
func (e inEffect) Node() string { return e.generation.node.Name }

// withConsole gives the paths of the console to it and all others to next. The guard of
// the API holds for it too.
func (a *generation) withConsole(next http.Handler, registry prometheus.Registerer) http.Handler {
	a.console = a.newConsole(registry)
	pages := a.console
	guarded := a.handler.Guard(func(*http.Request) string { return pages.Name() }, pages, pages.Panicked)
	return a.trustedProxies().Handler(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		if pages.Owns(r.URL.Path) {
			guarded.ServeHTTP(w, r)
			return
		}
		next.ServeHTTP(w, r)
	}))
}

// trustedProxies are those of the configuration, which was judged.
func (a *generation) trustedProxies() origin.Proxies {
	proxies := origin.Proxies{}
	for _, text := range a.config.TrustedProxies {
		if network, err := section.ParseNetwork(text); err == nil {
			proxies = append(proxies, network.Masked())
		}
	}
	return proxies
}
