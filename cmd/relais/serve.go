package main

import (
	"context"
	"errors"
	"fmt"
	"io"
	"log/slog"
	"os"

	"relais/app"
	"relais/config"
	"relais/connector"
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
	return serve(ctx, settings, log)
}

// serve runs the gateway until ctx ends.
func serve(ctx context.Context, settings config.Config, log *slog.Logger) error {
	for _, warning := range settings.Warnings {
		log.Warn("configuration", "warning", warning)
	}
	a, err := app.New(ctx, settings, version().Version, log)
	if err != nil {
		return err
	}
	if err := a.Start(ctx); err != nil {
		return errors.Join(err, a.Stop(context.WithoutCancel(ctx)))
	}
	log.Info("relais answers", "url", a.URL(), "sandbox", a.SandboxURL(), "version", version().Version)
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

// load reads the configuration: defaults, then the file, then the environment,
// then flags.
func (f *serveFlags) load() (config.Config, error) {
	settings, err := config.Load(f.Config, os.LookupEnv, app.Providers())
	if err != nil {
		return settings, err
	}
	set(&settings.Listen, f.Listen)
	if f.Database != nil {
		settings.Database = connector.Secret(*f.Database)
	}
	set(&settings.Data, f.Data)
	set(&settings.Sandbox, f.Sandbox)
	set(&settings.SandboxListen, f.SandboxListen)
	set(&settings.SandboxAt, f.SandboxAt)
	if settings.Sandbox && settings.SandboxAt != "" {
		return settings, &usageError{"--sandbox runs simulated operators here, --sandbox-at uses those elsewhere: give one of them"}
	}
	if err := settings.Validate(); err != nil {
		return settings, &usageError{fmt.Sprintf("the command line: %v", err)}
	}
	return settings, nil
}

func set[T any](setting, flag *T) {
	if flag != nil {
		*setting = *flag
	}
}
