package remote

import (
	"relais/client"
	"relais/cmd/relais/terminal"
)

type eventsCommand struct {
	apiFlags
	After  string   `help:"Go on from the next of an earlier list; without it from the oldest that is kept." placeholder:"SEQ"`
	Types  []string `help:"Only these types of event." placeholder:"TYPE"`
	Limit  int      `help:"Most events of one list, up to 1000." default:"100"`
	Follow bool     `help:"Stay and print what comes, one JSON object a line."`
}

// Run implements the command.
func (c *eventsCommand) Run(t *terminal.Terminal) error {
	gateway, err := c.client(t)
	if err != nil {
		return err
	}
	if c.Follow {
		return c.follow(t, gateway)
	}
	list, err := gateway.Events(t.Ctx, c.After, c.Types, c.Limit)
	if err != nil {
		return c.failed(t, err)
	}
	if c.JSON {
		return terminal.PrintJSON(t.Stdout, list)
	}
	rows := [][]string{{t.Text("head_time"), t.Text("head_event"), t.Text("head_type"), t.Text("head_data")}}
	for i := range list.Items {
		e := &list.Items[i]
		rows = append(rows, []string{t.Shown(e.Timestamp), e.ID, e.Type, string(e.Data)})
	}
	if err := terminal.PrintTable(t.Stdout, rows...); err != nil {
		return err
	}
	t.Say("events_next", "event", list.Next)
	return nil
}

// follow asks again and again until the command is told to end. A gateway that does
// not answer for a while is asked on; where to go on stands at the end.
func (c *eventsCommand) follow(t *terminal.Terminal, gateway *client.Client) error {
	after := c.After
	err := again(t, func() (more bool, err error) {
		list, err := gateway.Events(t.Ctx, after, c.Types, c.Limit)
		if err != nil {
			return false, err
		}
		for i := range list.Items {
			if err := terminal.PrintLine(t.Stdout, list.Items[i]); err != nil {
				return false, err
			}
		}
		after = list.Next
		return len(list.Items) == c.Limit, nil
	})
	if after != "" {
		t.Say("events_next", "event", after)
	}
	if err != nil {
		return c.failed(t, err)
	}
	return nil
}
