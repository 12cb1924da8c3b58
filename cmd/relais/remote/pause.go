package remote

import (
	"fmt"
	"time"

	"relais/client"
	"relais/cmd/relais/terminal"
)

type connectorsPauseCommand struct {
	apiFlags
	Name string        `arg:"" help:"The connector."`
	Why  string        `help:"Why; colleagues read it until the connector is resumed." required:"" placeholder:"TEXT"`
	For  time.Duration `help:"How long: 90m, 2h; without it, until somebody resumes it." placeholder:"DURATION"`
	Keep bool          `help:"Messages wait for this connector, though another one of their route could send them."`
	Yes  bool          `help:"Do not ask."`
}

// Run implements the command: it tells what the pause would do, asks, and pauses.
func (c *connectorsPauseCommand) Run(t *terminal.Terminal) error {
	gateway, err := c.client(t)
	if err != nil {
		return err
	}
	asked := client.PauseRequest{Why: c.Why, For: client.Duration(c.For), Keep: c.Keep, Preview: true}
	if !c.Yes {
		told, err := gateway.Pause(t.Ctx, c.Name, asked)
		if err != nil {
			return c.failed(t, err)
		}
		for _, line := range told.Says {
			fmt.Fprintln(t.Stderr, line)
		}
		if err := t.Confirm(t.Text("pause_sure", "connector", c.Name)); err != nil {
			return err
		}
	}
	asked.Preview = false
	done, err := gateway.Pause(t.Ctx, c.Name, asked)
	if err != nil {
		return c.failed(t, err)
	}
	if c.JSON {
		return terminal.PrintJSON(t.Stdout, done)
	}
	t.Say("paused", "connector", c.Name)
	return nil
}

type connectorsResumeCommand struct {
	apiFlags
	Name string `arg:"" help:"The connector; it need not be configured any more."`
}

// Run implements the command.
func (c *connectorsResumeCommand) Run(t *terminal.Terminal) error {
	gateway, err := c.client(t)
	if err != nil {
		return err
	}
	done, err := gateway.Resume(t.Ctx, c.Name)
	if err != nil {
		return c.failed(t, err)
	}
	switch {
	case c.JSON:
		return terminal.PrintJSON(t.Stdout, done)
	case done.Resumed:
		t.Say("resumed", "connector", c.Name)
	default:
		t.Say("resumed_none", "connector", c.Name)
	}
	return nil
}
