package main

import (
	"strconv"

	"relais/client"
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
func (c *inboundListCommand) Run(t *terminal) error {
	gateway, err := c.client(t)
	if err != nil {
		return err
	}
	list, err := gateway.Inbounds(t.ctx, client.InboundQuery{From: c.From, Message: c.Message, Intent: c.Intent, Undecided: c.Undecided, Limit: c.Limit, Cursor: c.Cursor})
	if err != nil {
		return c.failed(t, err)
	}
	if c.JSON {
		return printJSON(t.stdout, list)
	}
	if len(list.Items) == 0 {
		t.say("inbound_none")
		return nil
	}
	rows := [][]string{{t.text("head_received"), t.text("head_from"), t.text("head_intent"), t.text("head_text"), t.text("head_answers")}}
	for i := range list.Items {
		in := &list.Items[i]
		rows = append(rows, []string{t.shown(in.ReceivedAt), in.From, intentOf(t, in), strconv.Quote(in.Text), in.Message})
	}
	if err := printTable(t.stdout, rows...); err != nil {
		return err
	}
	for i := range list.Items {
		if in := &list.Items[i]; in.Intent == "unsure" && in.Decision == "" {
			t.say("inbound_undecided", "number", in.From, "reply", in.ID)
		}
	}
	if list.Next != "" {
		t.say("messages_more", "cursor", list.Next)
	}
	return nil
}

// intentOf is the intent, and what a person made of it.
func intentOf(t *terminal, in *client.Inbound) string {
	if in.Decision == "" {
		return in.Intent
	}
	return t.text("inbound_decided_as", "intent", in.Intent, "decision", in.Decision)
}

type inboundDecideCommand struct {
	apiFlags
	ID       string `arg:"" help:"The reply's id."`
	Decision string `arg:"" enum:"stop,reply" help:"stop: the person wants no more marketing; reply: it was a mere reply."`
	Reason   string `help:"Kept with the proof."`
}

// Run implements the command.
func (c *inboundDecideCommand) Run(t *terminal) error {
	gateway, err := c.client(t)
	if err != nil {
		return err
	}
	in, err := gateway.DecideReply(t.ctx, c.ID, c.Decision, c.Reason)
	if err != nil {
		return c.failed(t, err)
	}
	if c.JSON {
		return printJSON(t.stdout, in)
	}
	if in.Decision == "stop" {
		t.say("inbound_decided_stop", "number", in.From)
		return nil
	}
	t.say("inbound_decided_reply", "number", in.From)
	return nil
}
