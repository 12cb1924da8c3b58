package app

import (
	"context"
	"maps"
	"net"
	"net/http"
	"slices"
	"time"

	"github.com/prometheus/client_golang/prometheus"

	"relais/api"
	"relais/config"
	"relais/door"
	"relais/door/alertmanager"
	"relais/door/brevo"
	"relais/door/http2sms"
	"relais/door/jasmin"
	"relais/door/kannel"
	"relais/door/mail"
	"relais/door/notify"
	"relais/door/ovh"
	"relais/door/passerelle"
	"relais/door/shadow"
	"relais/door/smpp"
	"relais/door/smsgate"
	"relais/door/twilio"
	"relais/door/vonage"
	"relais/inbox"
	"relais/internal/trial"
	"relais/reason"
	"relais/sms"
	"relais/webhook"
)

// DoorProviders is the table of doors. A new one is a line here; a test fails when a
// directory under door/ is missing. A path that two own is the first one's.
func DoorProviders() []door.Provider {
	return []door.Provider{
		passerelle.Provider(),
		kannel.Provider(),
		alertmanager.Provider(),
		ovh.Provider(),
		http2sms.Provider(), // which shares logins with ovh
		smpp.Provider(),
		twilio.Provider(),
		notify.Provider(),
		jasmin.Provider(),
		vonage.Provider(),
		mail.Provider(),
		smsgate.Provider(),
		brevo.Provider(), // which numbers messages as ovh does
	}
}

// Parts are what brings sections of its own to the configuration.
func Parts() config.Parts { return partsWith(DoorProviders()) }

func partsWith(doors []door.Provider) config.Parts {
	parts := config.Parts{Connectors: Providers()}
	for _, p := range doors {
		if p.Table != nil {
			parts.Doors = append(parts.Doors, *p.Table)
		}
	}
	return parts
}

// doors are those that stand open.
type doors struct {
	mounts    []door.Mount
	listeners []listening
	places    []door.Place
	formats   map[string]webhook.Format
	carriers  map[string]webhook.Carrier
	replies   []func(context.Context, *inbox.Inbound) ([]sms.ID, error)
}

// listening is a door with connections of its own.
type listening struct {
	name string
	door.Listener
}

// openDoors opens those of the table, one after the other. What one opened is closed
// with the application.
func (a *generation) openDoors(
	ctx context.Context, webhooks *webhook.Manager, shadows *shadow.Keeper, registry prometheus.Registerer,
) error {
	post, err := letters(a.config.Mail)
	if err != nil {
		return err
	}
	env := door.Env{
		Post: post, Language: reason.Language(a.config.Mail.Language),
		Gateway: a.gateway, Orders: a.desk, Store: a.store, Accounts: a.store.Accounts, Webhooks: webhooks, Shadows: shadows,
		Sealer: a.sealer, Used: a.keys.Used,
		Sections: a.config.Doors, Account: a.shownAccount, PublicURL: a.config.PublicURL,
		Everybody: everybody(a.config), SMPP: smppPorts(a.config), Leads: a.clients.leads(), Metrics: registry,
		Before: map[string]door.Mount{}, Listen: a.listenForDoor, Zone: time.Local, Log: a.log, Now: trial.Now,
	}
	a.ends.add("comparisons with old gateways", shadows.Stop)
	for _, p := range a.providers {
		opened, err := p.Open(ctx, &env)
		if err != nil {
			return err
		}
		if a.clients != nil {
			for name, carrier := range opened.Carriers {
				opened.Carriers[name] = leased{carrier, a.clients}
			}
		}
		a.doors.add(p.Name, opened)
		if opened.Mount != nil {
			env.Before[p.Name] = opened.Mount
		}
		if opened.Listener != nil {
			a.ends.add("door "+p.Name, opened.Listener.Stop)
		}
	}
	return nil
}

func (d *doors) add(name string, opened door.Opened) {
	if opened.Mount != nil {
		d.mounts = append(d.mounts, opened.Mount)
	}
	if opened.Listener != nil {
		d.listeners = append(d.listeners, listening{name, opened.Listener})
	}
	if opened.ReplyEndpoints != nil {
		d.replies = append(d.replies, opened.ReplyEndpoints)
	}
	d.places = append(d.places, opened.Places...)
	maps.Copy(d.formats, opened.Formats)
	maps.Copy(d.carriers, opened.Carriers)
}

// smppPorts are where SMPP clients come. Beside simulated operators the door is open unless
// told otherwise, as all doors are.
func smppPorts(c config.Config) door.SMPP {
	ports := door.SMPP{
		Listen: c.SMPPListen, TLS: c.SMPPTLS.Listen, Certificate: c.SMPPTLS.Certificate, Key: c.SMPPTLS.Key,
	}
	if ports.Listen == "" && sandboxOpen(c) {
		ports.Listen = portOf(c)(smppPort)
	}
	return ports
}

// portOf gives a door of a gateway that is tried its usual port, or any beside another gateway on the machine.
func portOf(c config.Config) func(usual string) (address string) {
	return func(usual string) string {
		if c.Listen != defaultListen {
			usual = "0"
		}
		return "127.0.0.1:" + usual
	}
}

const (
	defaultListen = "127.0.0.1:8080"
	smppPort      = "2775" // that IANA has for SMPP
)

// replyEndpoints are where doors want a reply to go.
func (d *doors) replyEndpoints(ctx context.Context, in *inbox.Inbound) (all []sms.ID, err error) {
	for _, endpoints := range d.replies {
		found, err := endpoints(ctx, in)
		if err != nil {
			return nil, err
		}
		all = append(all, found...)
	}
	return all, nil
}

// routes gives a path that belongs to a door to it and all else to the native API,
// whose guard holds for both.
func (d *doors) routes(native *api.Handler) http.Handler {
	guarded := make([]http.Handler, len(d.mounts))
	for i, m := range d.mounts {
		guarded[i] = native.Guard(func(*http.Request) string { return m.Name() }, m, m.Panicked)
	}
	return api.OneSlash(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		for i, m := range d.mounts {
			if m.Owns(r.URL.Path) {
				guarded[i].ServeHTTP(w, r)
				return
			}
		}
		native.ServeHTTP(w, r)
	}))
}

// runDoors has the doors that listen serve until they are stopped.
func (a *generation) runDoors(ctx context.Context) {
	ctx = context.WithoutCancel(ctx)
	for _, l := range a.doors.listeners {
		go func() { // ends with its Stop; Wait reports its failure
			if err := l.Run(ctx); err != nil {
				a.fail(reason.Wrap(err, whyDoorEnded, reason.Args{"door": reason.Name(l.name)}))
			}
		}()
	}
}

func (a *generation) listenForDoor(ctx context.Context, address string) (net.Listener, error) {
	listener, err := a.ports.lend(ctx, ask{address, a.asked[address]})
	if err != nil {
		return nil, err
	}
	a.asked[address]++
	a.ends.add("port of a door", func(context.Context) error { return closed(listener.Close()) })
	return listener, nil
}

// shownAccount is what doors show of an account.
func (a *generation) shownAccount(name string) door.Account {
	return door.Account{Sender: a.config.Account(name).DefaultSender, Connector: mainConnector(a.config, name)}
}

// mainConnector is the one that an account's messages take when no rule holds.
func mainConnector(c config.Config, account string) string {
	for _, name := range []string{c.Account(account).DefaultConnector, c.DefaultConnector} {
		if name != "" {
			return name
		}
	}
	if len(c.Connectors) > 0 {
		return c.Connectors[0].Name
	}
	if usesSandbox(c) {
		return Simulated("")[0].Name
	}
	return ""
}

// doorAddresses are those that doors of a configuration listen on.
func doorAddresses(c config.Config) (addresses []string) {
	for _, sections := range c.Doors {
		for _, s := range sections {
			if l, listens := s.(door.Listening); listens {
				addresses = append(addresses, l.Addresses()...)
			}
		}
	}
	addresses = append(addresses, smppPorts(c).Listen, smppPorts(c).TLS)
	addresses = slices.DeleteFunc(addresses, func(at string) bool { return at == "" })
	slices.Sort(addresses)
	return addresses
}

// OVHSeal hides the secret of an OVH client's application, and digests the
// password of a login, for commands that make them.
func OVHSeal(
	ctx context.Context, c config.Config, store Database,
) (seal func([]byte) []byte, derive func(string) string, err error) {
	s, err := sealerOf(ctx, c, store, false)
	if err != nil {
		return nil, nil, err
	}
	return s.Seal, s.Derive, nil
}
