package app

import (
	"context"
	"errors"
	"io"
	"log/slog"
	"net"
	"net/http"
	"sync/atomic"
	"time"

	"relais/config"
	"relais/door"
	"relais/number"
	"relais/reason"
)

// App is a running gateway: New prepares it, Start lets it send and answer, Reload gives
// it another configuration, Stop ends it.
type App struct {
	*process

	start   config.Config // the one of the start, which has what no reload can change
	current atomic.Pointer[generation]
	server  *http.Server
	turn    turn // of reloads, and of the stop
	end     *end
	stopped bool
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
	a := &App{process: newProcess(version, log, table), start: c, turn: newTurn(), end: newEnd()}
	defer func() {
		if err != nil {
			err = errors.Join(err, a.ends.undo(context.WithoutCancel(ctx)))
		}
	}()
	if err := a.open(ctx, &c); err != nil {
		return nil, err
	}
	first, err := newGeneration(ctx, a.process, c)
	if err != nil {
		return nil, err
	}
	a.current.Store(first)
	a.serve()
	if usesSandbox(c) && !loopback(c.Listen) {
		log.Warn("the key \"sandbox\" does not work: the API listens beyond this machine", "listen", c.Listen)
	}
	return a, nil
}

// serve makes the server. Each request is answered by the generation that is there when
// it comes.
func (a *App) serve() {
	a.server = &http.Server{
		Handler:           http.HandlerFunc(a.answer),
		ReadHeaderTimeout: 10 * time.Second,
		ReadTimeout:       time.Minute,
		WriteTimeout:      2 * time.Minute,
		IdleTimeout:       2 * time.Minute,
		ErrorLog:          slog.NewLogLogger(a.log.Handler(), slog.LevelDebug),
	}
}

// answer gives a request to the present generation.
func (a *App) answer(w http.ResponseWriter, r *http.Request) {
	g := a.current.Load()
	for !g.requests.begin() { // it was replaced meanwhile
		g = a.current.Load()
	}
	defer g.requests.end()
	g.ServeHTTP(w, r)
}

// drainTime is how long a stop waits for requests under way; calls to operators
// have the rest of the time.
const drainTime = 5 * time.Second

// stopServer takes no more claims and no more requests. A client that is too
// slow loses its connection: its request was not acknowledged.
func (a *App) stopServer(ctx context.Context) error {
	g := a.current.Load()
	g.handler.Stopping()
	g.console.EndStreams()
	g.gateway.StopClaims()
	ctx, cancel := context.WithTimeout(ctx, drainTime)
	defer cancel()
	if err := a.server.Shutdown(ctx); err != nil {
		a.log.Warn("requests under way were cut", "error", err)
		return errors.Join(a.server.Close(), closed(a.listener.Close()))
	}
	return closed(a.listener.Close())
}

// Start takes up what an earlier process left, begins to send and answers
// requests.
func (a *App) Start(ctx context.Context) error {
	spareTheCollector()
	if err := a.renewOptOuts(ctx); err != nil {
		return err
	}
	if err := a.current.Load().start(ctx); err != nil {
		return err
	}
	if err := a.applied(ctx, &a.start, nil); err != nil {
		return err
	}
	go func() { // ends with the server; Wait reports its failure
		if err := a.server.Serve(a.listener); !errors.Is(err, http.ErrServerClosed) &&
			!errors.Is(err, net.ErrClosed) {
			a.fail(reason.Wrap(err, whyServerEnded, nil))
		}
	}()
	return nil
}

// renewed is where the database keeps by which rules its opt-outs were renewed.
const renewed = "opt_outs_renewed"

// renewOptOuts puts what people refused under an old form of their number under today's,
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
		changes, err := a.current.Load().gateway.Inbox.RenewOptOuts(ctx, account.Name)
		if err != nil {
			return err
		}
		if changes > 0 {
			a.log.Info("opt-outs under old forms of numbers were renewed", "account", account.Name, "changes", changes)
		}
	}
	return a.store.SetSetting(ctx, renewed, number.Repairs)
}

// URL is where the API answers.
func (a *App) URL() string { return a.url() }

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

// Stop ends the parts in the reverse order of their start: no more requests,
// no more claims, then it waits for calls under way until ctx ends. A reload that is
// under way ends with it, and takes none of its time.
func (a *App) Stop(ctx context.Context) error {
	a.end.begin(ctx)
	// What the reload waits for ends with ctx at the latest, so its turn does too.
	a.turn.take(context.WithoutCancel(ctx))
	defer a.turn.give()
	if a.stopped {
		return nil
	}
	a.stopped = true
	err := errors.Join(a.stopServer(ctx), a.current.Load().stop(ctx))
	a.leave(ctx)
	return errors.Join(err, a.ends.undo(ctx))
}

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
