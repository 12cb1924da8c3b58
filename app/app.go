package app

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"io"
	"log/slog"
	"net"
	"net/http"
	"os"
	"runtime/debug"
	"slices"
	"strings"
	"time"

	"github.com/prometheus/client_golang/prometheus"
	"github.com/prometheus/client_golang/prometheus/collectors"
	"github.com/prometheus/client_golang/prometheus/promhttp"

	"relais/api"
	"relais/auth"
	"relais/config"
	"relais/connector"
	"relais/door"
	"relais/door/shadow"
	"relais/duty"
	"relais/gateway"
	"relais/internal/trial"
	"relais/lane"
	"relais/number"
	"relais/policy"
	"relais/sandbox"
	"relais/sms"
	"relais/trace"
	"relais/usage"
	"relais/webhook"
)

// App is a running gateway: New prepares it, Start lets it send and answer,
// Stop ends it.
type App struct {
	config    config.Config
	accounts  accounts
	log       *slog.Logger
	store     Database
	leases    duty.Leases // nil: this process is alone
	node      duty.Node
	clock     *duty.Clock
	sealer    *auth.Sealer
	deliverer deliverer
	doors     doors         // that are open
	traces    *trace.Tracer // nil: off
	gateway   *gateway.Gateway
	handler   *api.Handler
	server    *http.Server
	listener  net.Listener
	address   string
	failed    chan error

	packs      map[string]*policy.Pack // rules of advertising, by name
	sandboxURL string
	ends       cleanups
}

// New opens the database, the simulated operators where they are asked for, the
// connectors and the port. Its errors are sentences for the person who starts
// the program; nothing stays open after one.
func New(ctx context.Context, c config.Config, version string, log *slog.Logger) (*App, error) {
	return newWith(ctx, c, version, log, DoorProviders())
}

func newWith(
	ctx context.Context, c config.Config, version string, log *slog.Logger, table []door.Provider,
) (_ *App, err error) {
	a := &App{
		config: c, log: log, clock: duty.NewClock(trial.Now), failed: make(chan error, 1),
		doors: doors{formats: map[string]webhook.Format{}},
	}
	defer func() {
		if err != nil {
			err = errors.Join(err, a.ends.undo(context.WithoutCancel(ctx)))
		}
	}()
	if err := a.open(ctx); err != nil {
		return nil, err
	}
	if err := a.openTraces(ctx, version); err != nil {
		return nil, err
	}
	if err := a.listen(ctx); err != nil {
		return nil, err
	}
	if a.packs, err = c.Packs(); err != nil {
		return nil, err
	}
	a.accounts = newAccounts(c, a.packs)
	instances, err := a.instances() //nolint:contextcheck // a simulated operator outlives the start
	if err != nil {
		return nil, err
	}
	registry := prometheus.NewRegistry()
	registry.MustRegister(collectors.NewGoCollector(),
		collectors.NewProcessCollector(collectors.ProcessCollectorOpts{}))
	shadows := a.shadows(registry)
	webhooks := a.webhooks(version, registry)
	if a.gateway, err = a.newGateway(ctx, instances, webhooks, shadows, registry); err != nil {
		return nil, err
	}
	a.ends.add("gateway", a.gateway.Stop)
	if err := a.openDoors(ctx, table, webhooks, shadows); err != nil {
		return nil, err
	}
	a.handler = api.New(api.Options{
		Gateway: a.gateway, Reader: a.store, Keys: auth.NewKeeper(a.store, sandboxKeys(c), trial.Now),
		Webhooks: webhooks, Traces: a.traces,
		CallbackSecret: func(instance string) (string, bool) { return callbackSecret(c, a.sealer, instance) },
		Months:         usage.Calendar{Now: a.clock.Now, Zone: time.Local},
		Metrics:        promhttp.HandlerFor(registry, promhttp.HandlerOpts{}),
		Answers:        api.NewMetrics(registry),
		Home:           a.home(), Version: version, Log: log,
	})
	a.serve(a.doors.routes(a.handler))
	if usesSandbox(c) && !loopback(c.Listen) {
		log.Warn("the key \"sandbox\" does not work: the API listens beyond this machine", "listen", c.Listen)
	}
	return a, nil
}

// webhooks makes what delivers events, and what registers who gets them.
func (a *App) webhooks(version string, registry prometheus.Registerer) *webhook.Manager {
	a.deliverer.options = webhook.Options{
		Store: a.store, Open: a.sealer.Open, Policy: webhookPolicy(a.config),
		Proxy:   a.config.Webhooks.ProxyURL(),
		Formats: a.doors.formats, Timeout: a.config.Webhooks.Timeout,
		Concurrency: a.config.Webhooks.Concurrency, UserAgent: "Relais/" + version,
		LookEvery: lookEvery(a.leases),
		Metrics:   webhook.NewMetrics(registry), Traces: a.traces, Log: a.log.With("part", "webhooks"),
		Now: a.clock.Now,
	}
	return &webhook.Manager{
		Store: a.store, Seal: a.sealer.Seal, Open: a.sealer.Open, Derive: a.sealer.Derive,
		Policy: webhookPolicy(a.config), Now: trial.Now,
		Changed: a.deliverer.rouse,
	}
}

func (a *App) newGateway(
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
		Quotas: a.quotas(registry), Currency: c.Currency,
		Rules: rules(c), ReplyRules: replies, Credit: watched,
		Health: lane.Health{
			ErrorRate: c.Health.ErrorRate, Least: c.Health.Least, ReceiptDelay: c.Health.ReceiptDelay,
			ProbeEvery: c.Health.ProbeEvery,
		},
		ReceiptTimes: lane.ReceiptTimes{
			sms.OTP: c.Receipts.OTP, sms.Transactional: c.Receipts.Transactional,
			sms.Marketing: c.Receipts.Marketing,
		},
		ResendCodes: c.Doubt.OTP == "resend",
		Endpoint:    webhooks.ForRequest, Told: a.deliverer.rouse,
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
func (a *App) roster(shadows *shadow.Keeper, registry prometheus.Registerer) *duty.Roster {
	r := duty.NewRoster(duty.Options{
		Leases: a.leases, Node: a.node, Life: a.config.Lease, Metrics: duty.NewMetrics(registry), Log: a.log,
	})
	r.Add(
		&duty.Duty{Name: "webhooks", Chores: []duty.Chore{{
			Name: "webhooks", Every: cmp.Or(a.deliverer.options.LookEvery, webhook.Idle), On: "an event", Loop: a.deliverer.run,
		}}},
		&duty.Duty{Name: "shadow", Chores: []duty.Chore{{
			Name: "shadow", Every: shadow.PruneEvery, Loop: shadows.Prune,
		}}},
	)
	return r
}

// instances opens the configured connectors and, beside simulated operators,
// ovh and sfr.
func (a *App) instances() ([]lane.Instance, error) {
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
	if err := a.startSandbox(); err != nil {
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
			return fmt.Errorf("connector %s is a real operator; start without --sandbox, or with a "+
				"configuration without real connectors", instance.Name)
		}
		if slices.ContainsFunc(
			Simulated(""), func(c config.Connector) bool { return c.Name == instance.Name },
		) {
			return fmt.Errorf("connector %s: with --sandbox that name is the simulated operator's; rename "+
				"yours in the configuration", instance.Name)
		}
	}
	return nil
}

func (a *App) startSandbox() error {
	if a.config.SandboxAt != "" {
		a.sandboxURL = strings.TrimSuffix(a.config.SandboxAt, "/")
		return nil
	}
	s, err := sandbox.Start(sandbox.Options{
		Listen: a.config.SandboxListen, Taken: sandbox.TakenBy(time.Now()),
		Log: a.log.With("part", "sandbox"),
	})
	if err != nil {
		return err
	}
	a.sandboxURL = s.URL()
	a.ends.add("simulated operators", func(context.Context) error { return s.Close() })
	return nil
}

func (a *App) listen(ctx context.Context) error {
	listener, err := listenOn(ctx, a.config.Listen)
	if err != nil {
		return err
	}
	a.address, a.listener = listener.Addr().String(), listener
	a.ends.add("port", func(context.Context) error { return closed(listener.Close()) })
	return nil
}

// callbackURL is the address that an operator calls, "" when it cannot. Simulated
// operators are on this machine.
func (a *App) callbackURL(instance string) string {
	secret, known := callbackSecret(a.config, a.sealer, instance)
	base := a.config.PublicURL
	if _, configured := a.config.Connector(instance); !configured && base == "" {
		base = a.URL()
	}
	if !known || base == "" {
		return ""
	}
	return base + "/callbacks/" + instance + "/" + secret
}

func (a *App) serve(handler http.Handler) {
	a.server = &http.Server{
		Handler:           handler,
		ReadHeaderTimeout: 10 * time.Second,
		ReadTimeout:       time.Minute,
		WriteTimeout:      2 * time.Minute,
		IdleTimeout:       2 * time.Minute,
		ErrorLog:          slog.NewLogLogger(a.log.Handler(), slog.LevelDebug),
	}
	a.ends.add("http server", a.stopServer)
}

// drainTime is how long a stop waits for requests under way; calls to operators
// have the rest of the time.
const drainTime = 5 * time.Second

// stopServer takes no more claims and no more requests. A client that is too
// slow loses its connection: its request was not acknowledged.
func (a *App) stopServer(ctx context.Context) error {
	a.handler.Stopping()
	a.gateway.StopClaims()
	ctx, cancel := context.WithTimeout(ctx, drainTime)
	defer cancel()
	if err := a.server.Shutdown(ctx); err != nil {
		a.log.Warn("requests under way were cut", "error", err)
		return errors.Join(a.server.Close(), closed(a.listener.Close()))
	}
	return closed(a.listener.Close())
}

func closed(err error) error {
	if errors.Is(err, net.ErrClosed) {
		return nil
	}
	return err
}

// plainNet keeps the reason of a network error: the address is in our sentence.
func plainNet(err error) error {
	if e, ok := errors.AsType[*net.OpError](err); ok {
		return e.Err
	}
	return err
}

// Start takes up what an earlier process left, begins to send and answers
// requests.
func (a *App) Start(ctx context.Context) error {
	spareTheCollector()
	if usesSandbox(a.config) {
		a.teacher().begin(ctx)
	}
	if err := a.renewOptOuts(ctx); err != nil {
		return err
	}
	if err := a.gateway.Start(ctx); err != nil {
		return err
	}
	a.runDoors(ctx)
	go func() { // ends with the server; Wait reports its failure
		if err := a.server.Serve(a.listener); !errors.Is(err, http.ErrServerClosed) &&
			!errors.Is(err, net.ErrClosed) {
			a.fail(fmt.Errorf("the HTTP server ended: %w", err))
		}
	}()
	return nil
}

// renewed names the setting that holds the rules by which the database's opt-outs were last
// renewed.
const renewed = "opt_outs_renewed"

// renewOptOuts moves what people refused under an old form of their number to today's form,
// before the first message leaves. It reads every list once for each change of the rules.
func (a *App) renewOptOuts(ctx context.Context) error {
	done, err := a.store.Setting(ctx, renewed)
	if err != nil || done == number.Repairs {
		return err
	}
	accounts, err := a.store.Accounts(ctx)
	if err != nil {
		return err
	}
	for _, account := range accounts {
		changes, err := a.gateway.Inbox.RenewOptOuts(ctx, account.Name)
		if err != nil {
			return err
		}
		if changes > 0 {
			a.log.Info("opt-outs under old forms of numbers were renewed",
				"account", account.Name, "changes", changes)
		}
	}
	return a.store.SetSetting(ctx, renewed, number.Repairs)
}

// spareTheCollector lets the heap grow to five times what lives in it, unless
// GOGC says otherwise: the heap is small, because what waits is in the
// database, and collecting it less often leaves more of the machine to messages.
func spareTheCollector() {
	const percent = 400
	if os.Getenv("GOGC") == "" {
		debug.SetGCPercent(percent)
	}
}

// URL is where the API answers.
func (a *App) URL() string { return "http://" + a.address }

// SandboxURL is where the simulated operators answer; empty without them.
func (a *App) SandboxURL() string { return a.sandboxURL }

// Wait returns when ctx ends, or with the reason why the gateway cannot go on.
func (a *App) Wait(ctx context.Context) error {
	select {
	case <-ctx.Done():
		return nil
	case err := <-a.failed:
		return err
	}
}

// fail ends Wait, which returns the first failure.
func (a *App) fail(err error) {
	select {
	case a.failed <- err:
	default:
	}
}

// Stop ends the parts in the reverse order of their start: no more requests,
// no more claims, then it waits for calls under way until ctx ends.
func (a *App) Stop(ctx context.Context) error { return a.ends.undo(ctx) }

// NewLogger makes the program's logger.
func NewLogger(w io.Writer, c config.Log) *slog.Logger {
	var level slog.Level
	if err := level.UnmarshalText([]byte(c.Level)); err != nil {
		level = slog.LevelInfo // the configuration was checked before
	}
	options := &slog.HandlerOptions{Level: level}
	if c.Format == "json" {
		return slog.New(slog.NewJSONHandler(w, options))
	}
	return slog.New(slog.NewTextHandler(w, options))
}
