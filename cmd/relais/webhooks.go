package main

import (
	"fmt"
	"strconv"
	"strings"
	"time"

	"relais/client"
)

type webhooksCommand struct {
	Create     webhooksCreateCommand     `cmd:"" help:"Register an address; standard output gets its secret, this once."`
	List       webhooksListCommand       `cmd:"" help:"The account's webhooks."`
	Delete     webhooksDeleteCommand     `cmd:"" help:"Delete a webhook and what waits for it."`
	Enable     webhooksEnableCommand     `cmd:"" help:"Make a quarantined or disabled webhook active."`
	Deliveries webhooksDeliveriesCommand `cmd:"" help:"The log of a webhook, newest first."`
	Replay     webhooksReplayCommand     `cmd:"" help:"Deliver events again."`
	Rotate     webhooksRotateCommand     `cmd:"" help:"Give a webhook a new secret; the one before signs too for a while."`
	Secret     webhooksSecretCommand     `cmd:"" help:"The secret that signs for addresses which submissions and rules name."`
}

type webhooksCreateCommand struct {
	apiFlags
	Address string   `arg:"" help:"http or https address that events are sent to."`
	Events  []string `help:"Types of event; without it all of them." placeholder:"TYPE"`
}

// Run implements the command.
func (c *webhooksCreateCommand) Run(t *terminal) error {
	gateway, err := c.client(t)
	if err != nil {
		return err
	}
	made, err := gateway.CreateWebhook(t.ctx, c.Address, c.Events)
	if err != nil {
		return c.failed(t, err)
	}
	t.say("webhook_created", "webhook", made.ID)
	if c.JSON {
		return printJSON(t.stdout, made)
	}
	_, err = fmt.Fprintln(t.stdout, made.Secret)
	return err
}

type webhooksListCommand struct{ apiFlags }

// Run implements the command.
func (c *webhooksListCommand) Run(t *terminal) error {
	gateway, err := c.client(t)
	if err != nil {
		return err
	}
	list, err := gateway.Webhooks(t.ctx)
	if err != nil {
		return c.failed(t, err)
	}
	if c.JSON {
		return printJSON(t.stdout, list)
	}
	if len(list.Items) == 0 {
		t.say("webhooks_none")
		return nil
	}
	return printWebhooks(t, list.Items)
}

func printWebhooks(t *terminal, webhooks []client.Webhook) error {
	rows := [][]string{{t.text("head_id"), t.text("head_state"), t.text("head_waiting"), t.text("head_url"), t.text("head_events"), t.text("head_reason")}}
	for i := range webhooks {
		w := &webhooks[i]
		rows = append(rows, []string{w.ID, w.State, strconv.Itoa(w.Pending), w.URL, strings.Join(w.Events, ","), w.Reason})
	}
	return printTable(t.stdout, rows...)
}

// webhookFlags name a webhook and how to reach the gateway.
type webhookFlags struct {
	apiFlags
	ID string `arg:"" help:"The webhook's id, as webhooks list shows it."`
}

type webhooksDeleteCommand struct{ webhookFlags }

// Run implements the command.
func (c *webhooksDeleteCommand) Run(t *terminal) error {
	gateway, err := c.client(t)
	if err != nil {
		return err
	}
	if err := gateway.DeleteWebhook(t.ctx, c.ID); err != nil {
		return c.failed(t, err)
	}
	t.say("webhook_deleted", "webhook", c.ID)
	return nil
}

type webhooksEnableCommand struct{ webhookFlags }

// Run implements the command.
func (c *webhooksEnableCommand) Run(t *terminal) error {
	gateway, err := c.client(t)
	if err != nil {
		return err
	}
	w, err := gateway.EnableWebhook(t.ctx, c.ID)
	if err != nil {
		return c.failed(t, err)
	}
	if c.JSON {
		return printJSON(t.stdout, w)
	}
	return printWebhooks(t, []client.Webhook{*w})
}

type webhooksDeliveriesCommand struct {
	webhookFlags
	State  string `help:"Only in this state: pending, delivered or failed." placeholder:"WORD"`
	Limit  int    `help:"Most deliveries to show, up to 1000." default:"20"`
	Cursor string `help:"Go on after an earlier list."`
}

// Run implements the command.
func (c *webhooksDeliveriesCommand) Run(t *terminal) error {
	gateway, err := c.client(t)
	if err != nil {
		return err
	}
	list, err := gateway.Deliveries(t.ctx, c.ID, c.State, c.Limit, c.Cursor)
	if err != nil {
		return c.failed(t, err)
	}
	if c.JSON {
		return printJSON(t.stdout, list)
	}
	if len(list.Items) == 0 {
		t.say("deliveries_none")
		return nil
	}
	rows := [][]string{{t.text("head_event"), t.text("head_type"), t.text("head_state"), t.text("head_attempts"), t.text("head_last"), t.text("head_next"), t.text("head_reason")}}
	for i := range list.Items {
		d := &list.Items[i]
		rows = append(rows, []string{
			d.Event.ID, d.Event.Type, d.State, strconv.Itoa(d.Attempts), t.shownAt(d.LastAt), t.shownAt(d.NextAt), d.Error,
		})
	}
	if err := printTable(t.stdout, rows...); err != nil {
		return err
	}
	if list.Next != "" {
		t.say("messages_more", "cursor", list.Next)
	}
	return nil
}

// shownAt is shown of a time that may be absent.
func (t *terminal) shownAt(at *time.Time) string {
	if at == nil {
		return ""
	}
	return t.shown(*at)
}

type webhooksReplayCommand struct {
	webhookFlags
	Event string `help:"One event, such as evt_42." placeholder:"ID" xor:"which"`
	State string `help:"Those of a state: failed (the default), delivered or pending." placeholder:"WORD" xor:"which"`
	Since string `help:"Of events since: a date as for send --send-at, or how long ago: 24h." placeholder:"TIME"`
}

// Run implements the command.
func (c *webhooksReplayCommand) Run(t *terminal) error {
	gateway, err := c.client(t)
	if err != nil {
		return err
	}
	var seq int64
	if c.Event != "" {
		if seq, err = strconv.ParseInt(strings.TrimPrefix(c.Event, "evt_"), 10, 64); err != nil || seq < 1 {
			return &usageError{t.text("event_wrong")}
		}
	}
	since, err := t.readTime("--since", c.Since, ago)
	if err != nil {
		return err
	}
	n, err := gateway.ReplayWebhook(t.ctx, c.ID, seq, c.State, since)
	if err != nil {
		return c.failed(t, err)
	}
	if c.JSON {
		return printJSON(t.stdout, map[string]int{"replayed": n})
	}
	t.say("webhook_replayed", "deliveries", n)
	return nil
}

type webhooksRotateCommand struct {
	webhookFlags
	overlapFlag
}

// overlapFlag says how long a secret that is replaced signs too.
type overlapFlag struct {
	Overlap time.Duration `help:"How long the secret before signs too, up to 168h; 0s: it signs no more." default:"24h" placeholder:"DURATION"`
}

// Run implements the command.
func (c *webhooksRotateCommand) Run(t *terminal) error {
	gateway, err := c.client(t)
	if err != nil {
		return err
	}
	rotated, err := gateway.RotateWebhook(t.ctx, c.ID, c.Overlap)
	if err != nil {
		return c.failed(t, err)
	}
	if c.JSON {
		return printJSON(t.stdout, rotated)
	}
	return t.showRotated(&rotated.RotatedSecret)
}

func (t *terminal) showRotated(s *client.RotatedSecret) error {
	if s.FormerUntil == nil {
		t.say("secret_replaced")
	} else {
		t.say("secret_rotated", "time", t.shown(*s.FormerUntil))
	}
	_, err := fmt.Fprintln(t.stdout, s.Secret)
	return err
}

type webhooksSecretCommand struct {
	apiFlags
	Replace bool `help:"Make another secret."`
	overlapFlag
}

// Run implements the command.
func (c *webhooksSecretCommand) Run(t *terminal) error {
	gateway, err := c.client(t)
	if err != nil {
		return err
	}
	if c.Replace {
		return c.replace(t, gateway)
	}
	secret, err := gateway.WebhookSecret(t.ctx)
	if err != nil {
		return c.failed(t, err)
	}
	if c.JSON {
		return printJSON(t.stdout, map[string]string{"secret": secret})
	}
	_, err = fmt.Fprintln(t.stdout, secret)
	return err
}

func (c *webhooksSecretCommand) replace(t *terminal, gateway *client.Client) error {
	replaced, err := gateway.ReplaceWebhookSecret(t.ctx, c.Overlap)
	if err != nil {
		return c.failed(t, err)
	}
	if c.JSON {
		return printJSON(t.stdout, replaced)
	}
	return t.showRotated(replaced)
}

type eventsCommand struct {
	apiFlags
	After  string   `help:"Go on from the next of an earlier list; without it from the oldest that is kept." placeholder:"SEQ"`
	Types  []string `help:"Only these types of event." placeholder:"TYPE"`
	Limit  int      `help:"Most events of one list, up to 1000." default:"100"`
	Follow bool     `help:"Stay and print what comes, one JSON object a line."`
}

// Run implements the command.
func (c *eventsCommand) Run(t *terminal) error {
	gateway, err := c.client(t)
	if err != nil {
		return err
	}
	if c.Follow {
		return c.follow(t, gateway)
	}
	list, err := gateway.Events(t.ctx, c.After, c.Types, c.Limit)
	if err != nil {
		return c.failed(t, err)
	}
	if c.JSON {
		return printJSON(t.stdout, list)
	}
	rows := [][]string{{t.text("head_time"), t.text("head_event"), t.text("head_type"), t.text("head_data")}}
	for i := range list.Items {
		e := &list.Items[i]
		rows = append(rows, []string{t.shown(e.Timestamp), e.ID, e.Type, string(e.Data)})
	}
	if err := printTable(t.stdout, rows...); err != nil {
		return err
	}
	t.say("events_next", "event", list.Next)
	return nil
}

// follow asks again and again until the command is told to end. A gateway that does
// not answer for a while is asked on; where to go on stands at the end.
func (c *eventsCommand) follow(t *terminal, gateway *client.Client) error {
	after := c.After
	err := t.again(func() (more bool, err error) {
		list, err := gateway.Events(t.ctx, after, c.Types, c.Limit)
		if err != nil {
			return false, err
		}
		for i := range list.Items {
			if err := printLine(t.stdout, list.Items[i]); err != nil {
				return false, err
			}
		}
		after = list.Next
		return len(list.Items) == c.Limit, nil
	})
	if after != "" {
		t.say("events_next", "event", after)
	}
	if err != nil {
		return c.failed(t, err)
	}
	return nil
}
