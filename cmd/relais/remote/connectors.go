package remote

import (
	"fmt"
	"sort"
	"strings"

	"relais/cmd/relais/terminal"
)

type connectorsCommand struct {
	List     connectorsListCommand     `cmd:"" help:"The connectors: state, and what waits for them."`
	Pause    connectorsPauseCommand    `cmd:"" help:"Pause a connector, for every account; messages wait, or go on through others of their route."`
	Resume   connectorsResumeCommand   `cmd:"" help:"Resume a connector that is paused."`
	Reassign connectorsReassignCommand `cmd:"" help:"Give the account's queued messages of a connector, also of one that is gone, to another."`
}

type connectorsListCommand struct{ apiFlags }

// Run implements the command.
func (c *connectorsListCommand) Run(t *terminal.Terminal) error {
	gateway, err := c.client(t)
	if err != nil {
		return err
	}
	list, err := gateway.Connectors(t.Ctx)
	if err != nil {
		return c.failed(t, err)
	}
	if c.JSON {
		return terminal.PrintJSON(t.Stdout, list)
	}
	rows := [][]string{{
		t.Text("head_connector"), t.Text("head_state"), t.Text("head_waiting"),
		t.Text("head_note"),
	}}
	for i := range list.Items {
		one := &list.Items[i]
		var waiting []string
		for status, n := range one.Waiting {
			waiting = append(waiting, fmt.Sprintf("%d %s", n, status))
		}
		sort.Strings(waiting)
		rows = append(rows, []string{one.Name, string(one.State), strings.Join(waiting, ", "), one.Reason})
	}
	return terminal.PrintTable(t.Stdout, rows...)
}

type connectorsReassignCommand struct {
	apiFlags
	From string `arg:"" help:"The connector that they wait for; it need not be configured any more."`
	To   string `arg:"" help:"The connector that gets them."`
}

// Run implements the command.
func (c *connectorsReassignCommand) Run(t *terminal.Terminal) error {
	gateway, err := c.client(t)
	if err != nil {
		return err
	}
	done, err := gateway.Reassign(t.Ctx, c.From, c.To)
	if err != nil {
		return c.failed(t, err)
	}
	if c.JSON {
		return terminal.PrintJSON(t.Stdout, done)
	}
	if done.Moved == 0 && done.Left == 0 {
		t.Say("reassigned_none", "connector", c.From)
		return nil
	}
	t.Say("reassigned", "messages", done.Moved, "from", c.From, "to", c.To)
	if done.Left > 0 {
		t.Say("reassigned_left", "messages", done.Left)
	}
	return nil
}
