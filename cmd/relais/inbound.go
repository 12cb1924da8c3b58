package main

import (
	"strconv"

	"relais/client"
)

type inboundCommand struct {
	apiFlags
	From    string `help:"Only from this number." placeholder:"NUMBER"`
	Message string `help:"Only answers to this message." placeholder:"ID"`
	Intent  string `help:"Only with this intent: reply, stop or start." placeholder:"WORD"`
	Limit   int    `help:"Most replies to show, up to 1000." default:"20"`
	Cursor  string `help:"Go on after an earlier list."`
}

// Run implements the command.
func (c *inboundCommand) Run(t *terminal) error {
	gateway, err := c.client(t)
	if err != nil {
		return err
	}
	list, err := gateway.Inbounds(t.ctx, client.InboundQuery{From: c.From, Message: c.Message, Intent: c.Intent, Limit: c.Limit, Cursor: c.Cursor})
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
		rows = append(rows, []string{t.shown(in.ReceivedAt), in.From, in.Intent, strconv.Quote(in.Text), in.Message})
	}
	if err := printTable(t.stdout, rows...); err != nil {
		return err
	}
	if list.Next != "" {
		t.say("messages_more", list.Next)
	}
	return nil
}
