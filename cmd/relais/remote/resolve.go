package remote

import (
	"fmt"

	"relais/cmd/relais/terminal"
)

type cancelCommand struct {
	apiFlags
	ID string `arg:"" help:"The message's id."`
}

// Run implements the command.
func (c *cancelCommand) Run(t *terminal.Terminal) error {
	gateway, err := c.client(t)
	if err != nil {
		return err
	}
	m, err := gateway.Cancel(t.Ctx, c.ID)
	if err != nil {
		return c.failed(t, err)
	}
	if c.JSON {
		return terminal.PrintJSON(t.Stdout, m)
	}
	_, err = fmt.Fprintln(t.Stdout, t.Text("message_ended"))
	return err
}

type resolveCommand struct {
	apiFlags
	ID      string `arg:"" help:"The message's id."`
	Outcome string `arg:"" enum:"taken,not_taken,given_up" help:"taken: the operator has it; not_taken: it is sent again; given_up: it ends."`
}

// Run implements the command.
func (c *resolveCommand) Run(t *terminal.Terminal) error {
	gateway, err := c.client(t)
	if err != nil {
		return err
	}
	m, err := gateway.Resolve(t.Ctx, c.ID, c.Outcome)
	if err != nil {
		return c.failed(t, err)
	}
	if c.JSON {
		return terminal.PrintJSON(t.Stdout, m)
	}
	return printMessage(t, m)
}
