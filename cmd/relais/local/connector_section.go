package local

import (
	"cmp"
	"errors"
	"fmt"
	"strings"

	"relais/cmd/relais/terminal"
	"relais/config"
	"relais/connector"
	"relais/connector/httpapi"
)

type connectorSectionCommand struct {
	Preset  string `arg:"" help:"The operator, such as brevo."`
	Name    string `help:"Name of the connector in the configuration; by default that of the operator." placeholder:"NAME"`
	Login   string `help:"Login of the account, where the operator has one."`
	Profile string `help:"Profile, group or number within the login, where the operator has one."`
	Sender  string `help:"Sender of messages that name none."`
	BaseURL string `name:"base-url" help:"Address of the API, where the operator has several." placeholder:"URL"`
	Keep    string `help:"Where the secrets are to stand: file or environment." enum:"file,environment" default:"file"`
	JSON    bool   `help:"Print JSON."`
}

// Run implements the command. It calls nobody, and neither takes nor prints a secret.
func (c *connectorSectionCommand) Run(t *terminal.Terminal) error {
	if _, found := httpapi.Preset(c.Preset); !found {
		return fmt.Errorf("%s", t.Text("connector_no_preset", "presets", strings.Join(httpapi.Presets(), ", ")))
	}
	name := cmp.Or(c.Name, c.Preset)
	if why := config.CheckInstanceName(name); !why.IsZero() {
		return &terminal.UsageError{Text: "--name: " + why.In(t.Language)}
	}
	written, err := httpapi.Section(connector.Choice{
		Preset: c.Preset, Instance: name, Keep: connector.Keeping(c.Keep),
		Given: map[string]string{"login": c.Login, "profile": c.Profile, "sender": c.Sender, "base_url": c.BaseURL},
	})
	if err != nil {
		return c.refused(t, err)
	}
	if c.JSON {
		return terminal.PrintJSON(t.Stdout, written)
	}
	_, err = fmt.Fprint(t.Stdout, written.Section)
	for _, s := range written.Secrets {
		if !s.Optional {
			t.Say("connector_secret", "key", s.Key, "place", cmp.Or(s.File, s.Variable))
		}
	}
	return err
}

// refused says of each flag what is wrong with it.
func (c *connectorSectionCommand) refused(t *terminal.Terminal, err error) error {
	joined, ok := err.(interface{ Unwrap() []error })
	if !ok {
		return err
	}
	var said []string
	for _, one := range joined.Unwrap() {
		wrong, ok := errors.AsType[*connector.ConfigError](one)
		if !ok {
			return err
		}
		said = append(said, "--"+strings.ReplaceAll(wrong.Key, "_", "-")+": "+wrong.Reason.In(t.Language))
	}
	return &terminal.UsageError{Text: strings.Join(said, "\n")}
}
