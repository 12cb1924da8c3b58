package app

import (
	"context"
	"errors"
	"log/slog"
	"net"
	"strings"
	"time"

	"github.com/prometheus/client_golang/prometheus"
	"github.com/prometheus/client_golang/prometheus/collectors"

	"relais/auth"
	"relais/config"
	"relais/door"
	"relais/duty"
	"relais/internal/trial"
	"relais/sandbox"
	"relais/trace"
)

// process is what one process has from its start to its end, whatever configuration it
// reads meanwhile.
type process struct {
	version   string
	providers []door.Provider
	log       *slog.Logger
	store     Database
	leases    duty.Leases // nil: this process is alone
	node      duty.Node
	clock     *duty.Clock
	sealer    *auth.Sealer
	people    *auth.People  // who sign in; their limits outlive a reload
	guests    *guests       // nil: nobody comes in without a password
	traces    *trace.Tracer // nil: off
	registry  *prometheus.Registry
	effects   *effects
	listener  net.Listener // of the API
	address   string
	ports     ports // of doors
	failed    chan error

	sandboxURL string
	ends       cleanups
}

func newProcess(version string, log *slog.Logger, table []door.Provider) *process {
	p := &process{
		version: version, providers: table, log: log, clock: duty.NewClock(trial.Now), failed: make(chan error, 1),
		registry: prometheus.NewRegistry(),
	}
	p.effects = newEffects(p.registry)
	p.registry.MustRegister(
		collectors.NewGoCollector(), collectors.NewProcessCollector(collectors.ProcessCollectorOpts{}),
	)
	return p
}

// open opens what the configuration of the start names: database, traces, port, and the
// simulated operators where they are asked for.
func (p *process) open(ctx context.Context, c *config.Config) error {
	if err := p.openDatabase(ctx, c); err != nil {
		return err
	}
	if err := p.openTraces(ctx, c); err != nil {
		return err
	}
	if err := p.listen(ctx, c.Listen); err != nil {
		return err
	}
	if !usesSandbox(*c) {
		return nil
	}
	p.guests = newGuests(p.people, sandboxOpen(*c))
	return p.startSandbox(c) //nolint:contextcheck // the simulated operators outlive the start
}

func (p *process) startSandbox(c *config.Config) error {
	if c.SandboxAt != "" {
		p.sandboxURL = strings.TrimSuffix(c.SandboxAt, "/")
		return nil
	}
	s, err := sandbox.Start(sandbox.Options{
		Listen: c.SandboxListen, Taken: sandbox.TakenBy(time.Now()),
		Log: p.log.With("part", "sandbox"), Declared: Declared(),
	})
	if err != nil {
		return err
	}
	p.sandboxURL = s.URL()
	p.ends.add("simulated operators", func(context.Context) error { return s.Close() })
	return nil
}

func (p *process) listen(ctx context.Context, on string) error {
	listener, err := listenOn(ctx, on)
	if err != nil {
		return err
	}
	p.address, p.listener = listener.Addr().String(), listener
	p.ends.add("port", func(context.Context) error { return closed(listener.Close()) })
	return nil
}

// url is where the API answers.
func (p *process) url() string { return "http://" + p.address }

// fail ends Wait of the application; the first failure is the one that it tells.
func (p *process) fail(err error) {
	select {
	case p.failed <- err:
	default:
	}
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
