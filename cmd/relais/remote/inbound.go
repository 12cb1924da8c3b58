package remote

import (
	"strconv"

	"relais/client"
	"relais/cmd/relais/terminal"
)

type inboundCommand struct {
	List   inboundListCommand   `cmd:"" default:"withargs" help:"Replies, newest first."`
	Decide inboundDecideCommand `cmd:"" help:"Decide whether a reply is a STOP."`
}

type inboundListCommand struct {
	apiFlags
	From    string `help:"Only from this number." placeholder:"NUMBER"`
	Message string `help:"Only answers to this message." placeholder:"ID"`
	Intent  string `help:"Only with this intent: reply, stop, start or unsure." placeholder:"WORD"`

	Undecided bool `help:"Only those that may be a STOP and wait for a person."`

	Limit  int    `help:"Most replies to show, up to 1000." default:"20"`
	Cursor string `help:"Go on after an earlier list."`
}

// Run implements the command.
func (c *inboundListCommand) Run(t *terminal.Terminal) error {
	gateway, err := c.client(t)
	if err != nil {
		return err
	}
	list, err := gateway.Inbounds(t.Ctx,
		client.InboundQuery{
			From: c.From, Message: c.Message, Intent: c.Intent, Undecided: c.Undecided,
			Limit: c.Limit, Cursor: c.Cursor,
		})
	if err != nil {
		return c.failed(t, err)
	}
	if c.JSON {
		return terminal.PrintJSON(t.Stdout, list)
	}
	if len(list.Items) == 0 {
		t.Say("inbound_none")
		return nil
	}
	rows := [][]string{{
		t.Text("head_received"), t.Text("head_from"), t.Text("head_intent"),
		t.Text("head_text"), t.Text("head_answers"),
	}}
	for i := range list.Items {
		in := &list.Items[i]
		rows = append(rows, []string{
			t.Shown(in.ReceivedAt), in.From, intentOf(t, in), strconv.Quote(in.Text),
			in.Message,
		})
	}
	if err := terminal.PrintTable(t.Stdout, rows...); err != nil {
		return err
	}
	for i := range list.Items {
		if in := &list.Items[i]; in.Intent == "unsure" && in.Decision == "" {
			t.Say("inbound_undecided", "number", in.From, "reply", in.ID)
		}
	}
	if list.Next != "" {
		t.Say("messages_more", "cursor", list.Next)
	}
	return nil
}

// intentOf is the intent, and what a person made of it.
func intentOf(t *terminal.Terminal, in *client.Inbound) string {
	if in.Decision == "" {
		return in.Intent
	}
	return t.Text("inbound_decided_as", "intent", in.Intent, "decision", in.Decision)
}

type inboundDecideCommand struct {
	apiFlags
	ID       string `arg:"" help:"The reply's id."`
	Decision string `arg:"" enum:"stop,reply" help:"stop: the person wants no more marketing; reply: it was a mere reply."`
	Reason   string `help:"Kept with the proof."`
}

// Run implements the command.
func (c *inboundDecideCommand) Run(t *terminal.Terminal) error {
	gateway, err := c.client(t)
	if err != nil {
		return err
	}
	in, err := gateway.DecideReply(t.Ctx, c.ID, c.Decision, c.Reason)
	if err != nil {
		return c.failed(t, err)
	}
	if c.JSON {
		return terminal.PrintJSON(t.Stdout, in)
	}
	if in.Decision == "stop" {
		t.Say("inbound_decided_stop", "number", in.From)
		return nil
	}
	t.Say("inbound_decided_reply", "number", in.From)
	return nil
}
