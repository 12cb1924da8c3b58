package remote

import (
	"fmt"
	"strings"

	"relais/client"
	"relais/cmd/relais/terminal"
)

type smppCommand struct {
	Trace smppTraceCommand `cmd:"" help:"Show what the sessions of a connector say, without numbers and texts, until Ctrl-C."`
}

type smppTraceCommand struct {
	apiFlags
	Connector string `arg:"" help:"The connector."`
	Most      int    `help:"End after so many lines; 0: with Ctrl-C." default:"0"`
}

// Run implements the command.
func (c *smppTraceCommand) Run(t *terminal.Terminal) error {
	if c.Most < 0 {
		return t.Misuse("smpp_trace_most")
	}
	gateway, err := c.client(t)
	if err != nil {
		return err
	}
	after, left := "", c.Most
	err = again(t, func() (more bool, err error) {
		piece, err := gateway.Trace(t.Ctx, c.Connector, after)
		if err != nil {
			return false, err
		}
		if after == "" {
			t.Say("smpp_trace_begins", "connector", c.Connector)
		}
		if piece.Missed > 0 {
			t.Say("smpp_trace_missed", "count", int(piece.Missed))
		}
		for i := range piece.Items {
			if err := c.print(t, &piece.Items[i]); err != nil {
				return false, err
			}
			if left--; left == 0 {
				return false, errEnded
			}
		}
		after = piece.Next
		return false, nil
	})
	if err != nil {
		return c.failed(t, err)
	}
	return nil
}

// print shows one PDU in a line: an arrow says which way it went.
func (c *smppTraceCommand) print(t *terminal.Terminal, said *client.Said) error {
	if c.JSON {
		return terminal.PrintLine(t.Stdout, said)
	}
	arrow := "<"
	if said.Sent {
		arrow = ">"
	}
	line := fmt.Sprintf("%s %d %s %s %d %s %s", said.At.Local().Format("15:04:05.000"), said.Session, arrow,
		said.Command, said.Sequence, said.Status, said.Detail)
	_, err := fmt.Fprintln(t.Stdout, strings.Join(strings.Fields(line), " "))
	return err
}
