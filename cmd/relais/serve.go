package main

import (
	"context"
	"errors"
	"io"
	"log/slog"
	"os"

	"relais/app"
	"relais/config"
	"relais/connector"
	"relais/reason"
)

// serveFlags are the settings that the command line may set; each has a key in
// the file and a RELAIS_ variable. A flag wins over both.
type serveFlags struct {
	Config        string  `help:"Configuration file (TOML)." placeholder:"FILE" env:"RELAIS_CONFIG"`
	Listen        *string `help:"Address of the API (default 127.0.0.1:8080)." placeholder:"ADDR"`
	Database      *string `help:"Database URL; default: SQLite in --data." placeholder:"URL"`
	Data          *string `help:"Data directory (default ./relais-data)." placeholder:"DIR"`
	Sandbox       *bool   `help:"Run simulated operators in the same process; connectors ovh and sfr, API key \"sandbox\"."`
	SandboxListen *string `help:"Address of the simulated operators (default 127.0.0.1:8081)." placeholder:"ADDR"`
	SandboxAt     *string `help:"Like --sandbox, with simulated operators that run at URL." placeholder:"URL"`
}

type serveCommand struct {
	serveFlags
}

// Run implements the command.
func (c *serveCommand) Run(t *terminal) error {
	settings, err := c.load()
	if err != nil {
		return err
	}
	lines := newLogQueue(t.stderr, func(to io.Writer, lost int64) {
		app.NewLogger(to, settings.Log).Warn("log lines were lost: whoever reads the log is too slow", "lines", lost)
	})
	defer lines.close()
	log := app.NewLogger(lines, settings.Log)
	ctx, stop := endure(t.ctx, log, lines)
	defer stop()
	return serve(ctx, settings, log, func(a *app.App) error { return c.welcome(t, a) })
}

// serve runs the gateway until ctx ends. started is called once it answers.
func serve(ctx context.Context, settings config.Config, log *slog.Logger, started func(*app.App) error) error {
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

// load reads the configuration: defaults, then the file, then the environment,
// then flags.
func (f *serveFlags) load() (config.Config, error) {
	if f.Sandbox != nil && *f.Sandbox && f.SandboxAt != nil {
		return config.Config{}, &usageError{"--sandbox runs simulated operators here, --sandbox-at uses those elsewhere: give one of them"}
	}
	settings, err := config.Load(f.Config, os.LookupEnv, app.Parts(), f.given()...)
	if err == nil && settings.Sandbox && settings.SandboxAt != "" {
		return settings, &usageError{"sandbox runs simulated operators here, sandbox_at uses those elsewhere: give one of them"}
	}
	return settings, err
}

// given are the flags that the command line sets. One way to have simulated operators
// replaces the other.
func (f *serveFlags) given() []config.Flag {
	var flags []config.Flag
	add := func(given bool, key string, set func(*config.Config)) {
		if given {
			flags = append(flags, config.Flag{Key: key, Set: set})
		}
	}
	add(f.Listen != nil, "listen", func(c *config.Config) { c.Listen = *f.Listen })
	add(f.Database != nil, "database", func(c *config.Config) { c.Database = connector.Secret(*f.Database) })
	add(f.Data != nil, "data", func(c *config.Config) { c.Data = *f.Data })
	add(f.SandboxListen != nil, "sandbox_listen", func(c *config.Config) { c.SandboxListen = *f.SandboxListen })
	add(f.Sandbox != nil, "sandbox", func(c *config.Config) {
		if c.Sandbox = *f.Sandbox; c.Sandbox {
			c.SandboxAt = ""
		}
	})
	add(f.SandboxAt != nil, "sandbox_at", func(c *config.Config) { c.SandboxAt, c.Sandbox = *f.SandboxAt, false })
	return flags
}
