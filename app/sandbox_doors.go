package app

import (
	"context"
	"maps"
	"slices"

	"relais/api"
	"relais/auth"
	"relais/config"
	"relais/connector"
	"relais/door/ovh"
	"relais/internal/trial"
)

// Credentials of the doors of a gateway beside simulated operators. Like SandboxKey
// everybody knows them: they work only where nobody else can reach the gateway.
const (
	SandboxUser     = "sandbox" // of the door for Kannel, and login of http2sms
	SandboxPassword = "sandbox"
)

// sandboxOpen reports whether the doors stand open with credentials that everybody
// knows.
func sandboxOpen(c config.Config) bool { return usesSandbox(c) && loopback(c.Listen) }

// withSandboxDoors adds a door for Publik for each simulated operator, and a user of
// the door for Kannel. What the configuration has of these names stays.
func withSandboxDoors(c config.Config) config.Config {
	if !sandboxOpen(c) {
		return c
	}
	doors := map[string]config.Passerelle{}
	for name, kind := range map[string]string{"ovh": "ovh", "sfr": "sfr-dmc"} {
		doors[name] = config.Passerelle{
			Account: sandboxAccount, Connector: name, Kind: kind, Families: []string{"all"}, MaxLength: longestOfPasserelle,
			Callers: map[string]config.PasserelleCaller{sandboxAccount: {Kind: "apikey", Secret: SandboxPassword}},
		}
	}
	for name, own := range c.Passerelles {
		for ours, door := range doors {
			if door.Kind == own.Kind && ours == own.SlugOr(name) {
				door.Kind = "" // the old address is of the configured one
				doors[ours] = door
			}
		}
	}
	maps.Copy(doors, c.Passerelles)
	users := map[string]config.Kannel{SandboxUser: {
		Password: connector.Secret(SandboxPassword), Account: sandboxAccount, Numbers: "international",
	}}
	maps.Copy(users, c.Kannel)
	alerts := map[string]config.Alertmanager{SandboxUser: {
		Secret: connector.Secret(SandboxPassword), Account: sandboxAccount, To: []string{sandboxOnCall}, Resolved: true, MaxSegments: 3,
	}}
	maps.Copy(alerts, c.Alertmanagers)
	c.Passerelles, c.Kannel, c.Alertmanagers = doors, users, alerts
	return c
}

// sandboxOnCall is who gets alerts there.
const sandboxOnCall = "+33639980001"

// longestOfPasserelle is the default of a configured instance.
const longestOfPasserelle = 2000

// openOVH lets clients of OVH's API and of http2sms in with credentials that
// everybody knows.
func (a *App) openOVH(ctx context.Context) error {
	a.ovhStore = a.store
	if !sandboxOpen(a.config) {
		return nil
	}
	var err error
	a.ovhStore, a.ovhService, err = ovh.WithGiven(ctx, a.store, ovh.Given{
		Account: sandboxAccount, ApplicationKey: SandboxUser, ApplicationSecret: SandboxPassword, ConsumerKey: SandboxKey,
		Login: SandboxUser, Password: SandboxPassword,
	}, a.sealer.Seal, a.sealer.Derive, trial.Now())
	return err
}

// Key is the API key that everybody knows, "" where none works.
func (a *App) Key() string {
	if sandboxOpen(a.config) {
		return SandboxKey
	}
	return ""
}

func (a *App) home() api.Home {
	return api.Home{PublicURL: a.config.PublicURL, Sandbox: a.sandboxURL, Key: a.Key(), Doors: a.Doors()}
}

// Doors are those for programs that were written for another gateway, with their
// credentials where everybody knows them.
func (a *App) Doors() []api.Door {
	if !sandboxOpen(a.config) {
		return []api.Door{
			{For: "Publik", Path: "/passerelle/NAME/send/"},
			{For: "OVHcloud", Path: "/ovh/1.0"},
			{For: "http2sms", Path: "/cgi-bin/sms/http2sms.cgi"},
			{For: "Kannel", Path: "/cgi-bin/sendsms"},
			{For: "Alertmanager", Path: "/alertmanager/NAME"},
		}
	}
	var doors []api.Door
	for _, name := range []string{"ovh", "sfr"} {
		door := api.Door{For: "Publik", Path: "/passerelle/" + name + "/send/"}
		if _, open := a.config.Passerelles[name].Callers[sandboxAccount]; open {
			door.Credentials = []string{"apikey=" + SandboxPassword}
		}
		doors = append(doors, door)
	}
	kannel := api.Door{For: "Kannel", Path: "/cgi-bin/sendsms"}
	if a.config.Kannel[SandboxUser].Password == SandboxPassword {
		kannel.Credentials = []string{"username=" + SandboxUser, "password=" + SandboxPassword}
	}
	alerts := api.Door{For: "Alertmanager", Path: "/alertmanager/" + SandboxUser}
	if a.config.Alertmanagers[SandboxUser].Secret == SandboxPassword {
		alerts.Credentials = []string{"username=" + SandboxUser, "password=" + SandboxPassword}
	}
	return append(doors,
		api.Door{For: "OVHcloud", Path: "/ovh/1.0", Credentials: []string{
			"application_key=" + SandboxUser, "application_secret=" + SandboxPassword, "consumer_key=" + SandboxKey, "service=" + a.ovhService,
		}},
		api.Door{For: "http2sms", Path: "/cgi-bin/sms/http2sms.cgi", Credentials: []string{
			"account=" + a.ovhService, "login=" + SandboxUser, "password=" + SandboxPassword,
		}},
		kannel, alerts)
}

// Missing is what a gateway still needs before a message can leave.
type Missing struct {
	Connector, Account, Key bool
}

// Missing reports what a person has to do yet. The key that everybody knows counts.
func (a *App) Missing(ctx context.Context) (m Missing, err error) {
	m.Connector = len(a.config.Connectors) == 0 && !usesSandbox(a.config)
	if a.Key() != "" {
		return m, nil
	}
	keys, err := a.store.Keys(ctx)
	if err != nil {
		return m, err
	}
	if m.Key = !slices.ContainsFunc(keys, func(k auth.Key) bool { return k.RevokedAt.IsZero() }); !m.Key {
		return m, nil
	}
	accounts, err := a.store.Accounts(ctx)
	m.Account = !slices.ContainsFunc(accounts, func(k auth.Account) bool { return k.Name != sandboxAccount && k.Name != defaultAccount })
	return m, err
}

// defaultAccount is there from the start, and has no key.
const defaultAccount = "default"
