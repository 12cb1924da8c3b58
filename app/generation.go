package app

import (
	"cmp"
	"context"
	"errors"
	"net/http"
	"slices"
	"time"

	"github.com/prometheus/client_golang/prometheus"
	"github.com/prometheus/client_golang/prometheus/promhttp"

	"relais/api"
	"relais/auth"
	"relais/campaign/engine"
	"relais/config"
	"relais/config/effect"
	"relais/connector"
	"relais/console"
	"relais/contact"
	"relais/door/shadow"
	"relais/duty"
	"relais/gateway"
	"relais/internal/trial"
	"relais/lane"
	"relais/policy"
	"relais/reason"
	"relais/sms"
	"relais/template"
	"relais/usage"
	"relais/webhook"
)

// generation is the gateway of one configuration. A reload makes the next one beside it,
// gives it the requests, and starts it once this one has ended its work. What it measures
// ends with it: counters begin anew, as after a restart.
type generation struct {
	*process

	config    config.Config
	accounts  accounts
	packs     map[string]*policy.Pack // rules of advertising, by name
	deliverer deliverer
	carrier   deliverer     // to clients that are connected to this node
	clients   *clientLeases // nil: this process is alone
	hooks     *webhook.Manager
	tester    *webhook.Tester
	doors     doors          // that are open
	asked     map[string]int // how often its doors asked for an address
	keys      *auth.Keeper
	gateway   *gateway.Gateway
	desk      *engine.Desk // of campaigns
	feeder    *engine.Feeder
	handler   *api.Handler
	console   *console.Console
	routes    http.Handler // everything that answers on the port of the API
	requests  requests
	ends      cleanups
}

// newGeneration opens everything that a configuration names, and starts nothing. Its
// errors are sentences for the person who wrote the configuration; nothing stays open
// after one.
func newGeneration(ctx context.Context, p *process, c config.Config) (_ *generation, err error) {
	a := &generation{process: p, config: c, asked: map[string]int{}, doors: doors{
		formats: map[string]webhook.Format{}, carriers: map[string]webhook.Carrier{},
	}}
	defer func() {
		if err != nil {
			err = errors.Join(err, a.ends.undo(context.WithoutCancel(ctx)))
		}
	}()
	if a.packs, err = c.Packs(); err != nil {
		return nil, err
	}
	a.accounts = newAccounts(c, a.packs)
	instances, err := a.instances()
	if err != nil {
		return nil, err
	}
	a.keys = auth.NewKeeper(a.store, sandboxKeys(c), trial.Now)
	a.ends.add("the last uses of keys", a.keys.Flush)
	registry := prometheus.NewRegistry()
	shadows := a.shadows(registry)
	webhooks := a.webhooks(registry)
	a.hooks = webhooks
	a.campaigns(registry)
	if a.gateway, err = a.newGateway(ctx, instances, webhooks, shadows, registry); err != nil {
		return nil, err
	}
	a.ends.add("gateway", a.gateway.Stop)
	a.feeder.Gateway, a.desk.Line, a.desk.Hidden = a.gateway, a.gateway, a.gateway.Persons.Hidden
	if err := a.openDoors(ctx, webhooks, shadows, registry); err != nil {
		return nil, err
	}
	a.tester = webhook.NewTester(a.deliverer.options)
	measured := prometheus.Gatherers{p.registry, registry}
	a.handler = api.New(api.Options{
		Gateway: a.gateway, Reader: a.store, Keys: a.keys,
		Webhooks: webhooks, Tester: a.tester, Templates: a.templates(), Campaigns: a.desk, Lists: a.lists(), Contacts: a.contacts(),
		Traces: a.traces, Configuration: inEffect{a},
		CallbackSecret: func(instance string) (string, bool) { return callbackSecret(c, a.sealer, instance) },
		Months:         usage.Calendar{Now: a.clock.Now, Zone: time.Local},
		Metrics:        promhttp.HandlerFor(measured, promhttp.HandlerOpts{}), Answers: api.NewMetrics(registry),
		Home: a.home(), Version: p.version, Log: a.log,
	})
	a.routes = a.withConsole(a.doors.routes(a.handler), registry) //nolint:contextcheck // pages have the contexts of their requests
	return a, nil
}

// ServeHTTP implements http.Handler.
func (a *generation) ServeHTTP(w http.ResponseWriter, r *http.Request) { a.routes.ServeHTTP(w, r) }

// start takes up what an earlier process or configuration left, and begins to send.
func (a *generation) start(ctx context.Context) error {
	if usesSandbox(a.config) {
		a.teacher().begin(ctx)
	}
	if err := a.gateway.Start(ctx); err != nil {
		return err
	}
	a.runDoors(ctx)
	a.warnOfPasskeys(ctx)
	return nil
}

// warnOfPasskeys tells of people whose passkeys opened the console under another name than
// the configuration has: they do not see why they are not let in.
func (a *generation) warnOfPasskeys(ctx context.Context) {
	here := auth.SiteOf(a.config.PublicURL).Host
	stray, err := a.store.StrayPasskeys(ctx, here)
	switch {
	case err != nil && ctx.Err() == nil:
		a.log.Warn("passkeys cannot be compared with public_url", "error", err)
	case stray.People > 0:
		a.log.Warn("passkeys were made for another host and do not work at that of public_url: give it back, or have "+
			"these people sign in by password and make new ones (docs/sign-in.md)",
			"people", stray.People, "made_for", stray.Hosts, "host", here)
	}
}

// stop ends its work: no more claims, then it waits for calls under way until ctx ends.
func (a *generation) stop(ctx context.Context) error { return a.ends.undo(ctx) }

// templates are the texts with fields of all accounts.
func (a *generation) templates() *template.Book {
	return &template.Book{Store: a.store, Now: a.clock.Now}
}

// lists are the people of all accounts who get texts again and again.
func (a *generation) lists() *contact.Book {
	return &contact.Book{Store: a.store, Now: a.clock.Now, Account: func(name string) contact.Account {
		account := a.accounts.of(name)
		return contact.Account{Region: account.Region, Numbers: account.Numbers}
	}}
}

// rouse tells that the outbox has something new, or that a client came for what it has.
func (a *generation) rouse() {
	a.deliverer.rouse()
	a.carrier.rouse()
}

// carriedAtOnce is how many events are under way to one client; its window bounds them.
const carriedAtOnce = 100

// contacts are the contacts and the groups of all accounts.
func (a *generation) contacts() *contact.Directory {
	return &contact.Directory{Store: a.store, Now: a.clock.Now, Account: a.lists().Account}
}

// campaigns makes the desk that doors call, and what works on campaigns.
func (a *generation) campaigns(registry prometheus.Registerer) {
	a.desk = &engine.Desk{
		Store: a.store, Account: a.accounts.of, Segments: a.config.Limits.Segments, Seal: a.sealer.Seal,
		Open: a.sealer.Open, Now: a.clock.Now, Zone: time.Local, Log: a.log.With("part", "campaigns"),
		Keyed: a.sealer.Derive, Told: a.rouse, Metrics: engine.NewMetrics(registry), Lists: a.lists(),
		Groups: a.contacts(),
	}
	a.feeder = engine.NewFeeder(a.desk)
}

// webhooks makes what delivers events, and what registers who gets them.
func (a *generation) webhooks(registry prometheus.Registerer) *webhook.Manager {
	a.deliverer.options = webhook.Options{
		Store: a.store, Open: a.sealer.Open, Policy: webhookPolicy(a.config), Proxy: a.config.Webhooks.ProxyURL(),
		Formats: a.doors.formats, Carriers: a.doors.carriers, Timeout: a.config.Webhooks.Timeout,
		Concurrency: a.config.Webhooks.Concurrency, UserAgent: "Relais/" + a.version, LookEvery: lookEvery(a.leases),
		Metrics: webhook.NewMetrics(registry), Traces: a.traces, Log: a.log.With("part", "webhooks"),
		Now: a.clock.Now, Leapt: a.clock.Leapt, Tested: a.tested,
	}
	a.carrier.options = a.deliverer.options
	if a.leases != nil {
		a.clients = newClientLeases(a.leases, a.node, a.config.Lease, a.carrier.rouse, a.log)
	}
	a.carrier.options.Carries, a.carrier.options.Concurrency = true, carriedAtOnce
	return &webhook.Manager{
		Store: a.store, Seal: a.sealer.Seal, Open: a.sealer.Open, Derive: a.sealer.Derive,
		Policy: webhookPolicy(a.config), Now: trial.Now,
		Changed: a.rouse,
	}
}

func (a *generation) newGateway(
	ctx context.Context, instances []lane.Instance, webhooks *webhook.Manager, shadows *shadow.Keeper,
	registry prometheus.Registerer,
) (*gateway.Gateway, error) {
	c := a.config
	for _, key := range sandboxKeys(c) { // stores look for messages in the accounts that they know
		err := a.store.AddAccount(ctx, auth.Account{Name: key.Account, CreatedAt: time.Now()})
		if err != nil && !errors.Is(err, auth.ErrExists) {
			return nil, err
		}
	}
	replies, err := replyRules(c)
	if err != nil {
		return nil, err
	}
	watched, err := a.credit(registry)
	if err != nil {
		return nil, err
	}
	return gateway.New(gateway.Options{
		Store: a.store, Instances: instances, DefaultConnector: c.DefaultConnector, Account: a.accounts.of,
		Limits: gateway.Limits{
			Segments: c.Limits.Segments, Recipients: c.Limits.Recipients,
			Backlog: c.Limits.Backlog,
		},
		Quotas: a.quotas(registry), Currency: c.Currency, Templates: a.templates(),
		Rules: rules(c), ReplyRules: replies, Credit: watched,
		Health: lane.Health{
			ErrorRate: c.Health.ErrorRate, Least: c.Health.Least, ReceiptDelay: c.Health.ReceiptDelay,
			ProbeEvery: c.Health.ProbeEvery,
		},
		ReceiptTimes: lane.ReceiptTimes{
			sms.OTP: c.Receipts.OTP, sms.Transactional: c.Receipts.Transactional, sms.Marketing: c.Receipts.Marketing,
		},
		ResendCodes: c.Doubt.OTP == "resend",
		Endpoint:    webhooks.ForRequest, Told: a.rouse,
		ReplyEndpoints: a.doors.replyEndpoints,
		HistoryMonths:  c.KeepHistoryMonths, Retentions: retentions(a.store, c),
		Pseudonym: func(account string, n sms.Number) string {
			return a.sealer.Derive("number:" + account + ":" + string(n))
		},
		Roster: a.roster(shadows, registry), LookEvery: lookEvery(a.leases),
		Metrics: gateway.NewMetrics(registry), Traces: a.traces, Log: a.log, Clock: a.clock,
	})
}

// roster has the chores that are not the gateway's own, which it adds.
func (a *generation) roster(shadows *shadow.Keeper, registry prometheus.Registerer) *duty.Roster {
	r := duty.NewRoster(duty.Options{
		Leases: a.leases, Node: a.node, Life: a.config.Lease, Metrics: duty.NewMetrics(registry), Log: a.log,
	})
	if r.Shared() {
		r.AddCommon(duty.Chore{Name: "configuration", Every: effect.TellEvery, Work: a.tellAgain})
	}
	r.Add(
		&duty.Duty{Name: "webhooks", Chores: []duty.Chore{{
			Name: "webhooks", Every: cmp.Or(a.deliverer.options.LookEvery, webhook.Idle), On: "an event",
			Loop: a.deliverer.run,
		}}},
		a.feeder.Duty(),
		&duty.Duty{Name: "audit", Chores: []duty.Chore{{
			Name: "audit", Every: time.Hour, Work: a.dropActs,
		}}},
		&duty.Duty{Name: "shadow", Chores: []duty.Chore{{
			Name: "shadow", Every: shadow.PruneEvery, Loop: shadows.Prune,
		}}},
	)
	r.AddCommon(duty.Chore{
		Name: "clients", Every: cmp.Or(a.carrier.options.LookEvery, webhook.Idle), On: "an event, or a bind",
		Loop: a.carrier.run,
	})
	if a.clients != nil {
		r.AddCommon(duty.Chore{
			Name: "presence", Every: a.config.Lease / 3, On: "a client who was not there", Loop: a.clients.keep,
		})
	}
	r.AddCommon(duty.Chore{Name: "keys", Every: auth.FlushEvery, Work: func(ctx context.Context) {
		if err := a.keys.Flush(ctx); err != nil && ctx.Err() == nil {
			a.log.Error("cannot keep when API keys were used", "error", err)
		}
	}})
	return r
}

// tested puts into the audit that somebody sent an endpoint a test event.
func (a *generation) tested(ctx context.Context, account string, endpoint sms.ID) error {
	by, somebody := auth.ByOf(ctx)
	if !somebody {
		return nil
	}
	return a.people.Record(ctx, by.Act(account, auth.WebhookTested, endpoint.String(), ""))
}

// dropActs is work of the chore by which the audit does not keep for ever what people did.
func (a *generation) dropActs(ctx context.Context) {
	months := a.config.KeepAuditMonths
	if months == 0 || a.clock.Leapt() { // what is dropped does not come back
		return
	}
	dropped, err := a.people.DropActs(ctx, a.clock.Now().AddDate(0, -months, 0))
	switch {
	case err != nil && ctx.Err() == nil:
		a.log.Error("old entries of the audit cannot be removed", "error", err)
	case dropped > 0:
		a.log.Info("old entries of the audit were removed", "entries", dropped, "older_than_months", months)
	}
}

// instances opens the configured connectors and, beside simulated operators,
// ovh, sfr and smsc.
func (a *generation) instances() ([]lane.Instance, error) {
	// One lane keeps as many connections as it makes calls at once; more are
	// never idle together.
	const idleConnections = 256
	client := connector.NewHTTPClient(idleConnections)
	a.ends.add("operator connections", func(context.Context) error {
		client.CloseIdleConnections()
		return nil
	})
	configured, err := OpenInstances(a.config.Connectors, client, a.log, trial.Now, a.callbackURL)
	for i := range configured {
		c, _ := a.config.Connector(configured[i].Name)
		configured[i].Overlay = a.packs[c.PolicyOverlay]
	}
	if err != nil || !usesSandbox(a.config) {
		return configured, err
	}
	if err := onlySimulated(configured); err != nil {
		return nil, err
	}
	simulated, err := OpenInstances(Simulated(a.sandboxURL), client, a.log, trial.Now, a.callbackURL)
	for i := range simulated {
		simulated[i].Facts.Simulated = true // --sandbox-at may name another machine
	}
	return append(configured, simulated...), err
}

// onlySimulated refuses real operators beside simulated ones: anybody on the
// machine knows the sandbox's key, and it must not cost a paid SMS.
func onlySimulated(configured []lane.Instance) error {
	for _, instance := range configured {
		if !instance.Facts.Simulated {
			return reason.NewError(whyRealOperator, reason.Args{"connector": reason.Name(instance.Name)})
		}
		if slices.ContainsFunc(Simulated(""), func(c config.Connector) bool { return c.Name == instance.Name }) {
			return reason.NewError(whyTakenName, reason.Args{"connector": reason.Name(instance.Name)})
		}
	}
	return nil
}

// callbackURL is the address that an operator calls, "" when it cannot. Simulated
// operators are on this machine.
func (a *generation) callbackURL(instance string) string {
	secret, known := callbackSecret(a.config, a.sealer, instance)
	base := a.config.PublicURL
	if base == "" && usesSandbox(a.config) { // it has simulated operators alone
		base = a.url()
	}
	if !known || base == "" {
		return ""
	}
	return base + "/callbacks/" + instance + "/" + secret
}
