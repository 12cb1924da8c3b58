package main

import (
	"context"
	"fmt"
	"log/slog"
	"time"

	"relais/app"
	"relais/cmd/relais/terminal"
	"relais/config/section"
	"relais/sandbox"
	"relais/sandbox/dmc"
	"relais/sandbox/ovh"
	"relais/sandbox/smsc"
)

type sandboxCommand struct {
	Listen string `help:"Address." default:"127.0.0.1:8081" env:"RELAIS_SANDBOX_LISTEN"`
	JSON   bool   `help:"Print routes and credentials as JSON."`
}

// Run implements the command.
func (c *sandboxCommand) Run(t *terminal.Terminal) error {
	if wrong := section.WrongAddress(c.Listen); !wrong.IsZero() {
		return &terminal.UsageError{Text: "--listen: " + wrong.In(t.Language)}
	}
	ctx, stop := endure(t.Ctx, slog.New(slog.NewTextHandler(t.Stderr, nil)), t.Stderr, nil)
	defer stop()
	s, err := sandbox.Start(sandbox.Options{Listen: c.Listen, Taken: sandbox.TakenBy(time.Now()), Declared: app.Declared()})
	if err != nil {
		return err
	}
	if err := c.announce(t, s); err != nil {
		return err
	}
	<-ctx.Done()
	stopping, cancel := context.WithTimeout(context.WithoutCancel(ctx), 5*time.Second)
	defer cancel()
	return s.Stop(stopping)
}

func (c *sandboxCommand) announce(t *terminal.Terminal, s *sandbox.Server) error {
	if c.JSON {
		return terminal.PrintJSON(t.Stdout, s.Help())
	}
	_, err := fmt.Fprintf(t.Stdout, sandboxBanner, s.URL(),
		ovh.ApplicationKey, ovh.ApplicationSecret, ovh.ConsumerKey, ovh.Service,
		dmc.ServiceID, dmc.Password, dmc.SpaceID, s.SMSC().Address(), smsc.SystemID, smsc.Password)
	return err
}

// The credentials of simulated operators are public: they open nothing real.
const sandboxBanner = `simulated operators at %[1]s
  OVH  endpoint %[1]s/ovh/1.0
       application key %[2]s
       application secret %[3]s
       consumer key %[4]s
       SMS account %[5]s
  DMC  base URL %[1]s/dmc
       service %[6]s, password %[7]s, space %[8]s
  SMSC SMPP at %[9]s, system id %[10]s, password %[11]s
  operators with a preset at %[1]s/operator/NAME; their keys at %[1]s/operators
  handsets at %[1]s/handsets
`
