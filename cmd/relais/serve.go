package main

import (
	"context"
	"errors"
	"io"
	"log/slog"

	"relais/app"
	"relais/cmd/relais/local"
	"relais/cmd/relais/terminal"
	"relais/config"
	"relais/reason"
)

type serveCommand struct {
	local.Flags
}

// Run implements the command.
func (c *serveCommand) Run(t *terminal.Terminal) error {
	settings, err := c.Load(t)
	if err != nil {
		return err
	}
	lines := newLogQueue(t.Stderr, func(to io.Writer, lost int64) {
		app.NewLogger(to, settings.Log).Warn("log lines were lost: whoever reads the log is too slow",
			"lines", lost)
	})
	defer lines.close()
	log := app.NewLogger(lines, settings.Log)
	hangup := make(chan struct{}, 1)
	ctx, stop := endure(t.Ctx, log, lines, hangup)
	defer stop()
	return serve(ctx, settings, log, func(a *app.App) error {
		go c.reload(ctx, t, a, hangup, log)
		return c.welcome(t, a) //nolint:contextcheck // it outlives a stop
	})
}

// reload reads the configuration anew whenever somebody asks for it.
func (c *serveCommand) reload(
	ctx context.Context, t *terminal.Terminal, a *app.App, asked <-chan struct{}, log *slog.Logger,
) {
	for {
		select {
		case <-asked:
		case <-ctx.Done():
			return
		}
		settings, err := c.Load(t)
		if err != nil {
			log.Error("the configuration is wrong and changes nothing", "error", err)
			if err := a.Refused(ctx, err); err != nil {
				log.Error("cannot tell that the configuration was refused", "error", err)
			}
			continue
		}
		for _, warning := range settings.Warnings {
			log.Warn("configuration", "warning", warning.In(reason.English))
		}
		needRestart, err := a.Reload(ctx, settings)
		switch {
		case errors.Is(err, app.ErrStopping):
			return
		case err != nil:
			log.Error("the configuration is wrong and changes nothing", "error", err)
		default:
			log.Info("the configuration was read anew and is in effect", "digest", settings.Digest,
				"needs_restart", needRestart)
		}
	}
}

// serve runs the gateway until ctx ends. started is called once it answers.
func serve(
	ctx context.Context, settings config.Config, log *slog.Logger, started func(*app.App) error,
) error {
	for _, warning := range settings.Warnings {
		log.Warn("configuration", "warning", warning.In(reason.English))
	}
	a, err := app.New(ctx, settings, version().Version, log)
	if err != nil {
		return atStart(ctx, log, err)
	}
	if err := a.Start(ctx); err != nil {
		return errors.Join(atStart(ctx, log, err), a.Stop(context.WithoutCancel(ctx)))
	}
	log.Info("relais answers", "url", a.URL(), "sandbox", a.SandboxURL(), "version", version().Version)
	if err := started(a); err != nil {
		log.Warn("cannot say what to do next", "error", err)
	}
	failure := a.Wait(ctx)
	log.Info("stopping; waiting for calls to operators under way", "at_most", settings.StopTimeout)
	stopping, cancel := context.WithTimeout(context.WithoutCancel(ctx), settings.StopTimeout)
	defer cancel()
	if err := errors.Join(failure, a.Stop(stopping)); err != nil {
		return err
	}
	log.Info("stopped")
	return nil
}

// atStart is what a start that broke off ends with: nothing where the end was asked
// for meanwhile.
func atStart(ctx context.Context, log *slog.Logger, err error) error {
	if ctx.Err() == nil {
		return err
	}
	log.Info("stopped before the gateway was ready", "reason", err)
	return nil
}
