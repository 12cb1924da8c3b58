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
