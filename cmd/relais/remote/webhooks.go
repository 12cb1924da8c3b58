package remote

import (
	"fmt"
	"strconv"
	"strings"
	"time"

	"relais/client"
	"relais/cmd/relais/terminal"
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
func (c *webhooksCreateCommand) Run(t *terminal.Terminal) error {
	gateway, err := c.client(t)
	if err != nil {
		return err
	}
	made, err := gateway.CreateWebhook(t.Ctx, c.Address, c.Events)
	if err != nil {
		return c.failed(t, err)
	}
	t.Say("webhook_created", "webhook", made.ID)
	if c.JSON {
		return terminal.PrintJSON(t.Stdout, made)
	}
	_, err = fmt.Fprintln(t.Stdout, made.Secret)
	return err
}

type webhooksListCommand struct{ apiFlags }

// Run implements the command.
func (c *webhooksListCommand) Run(t *terminal.Terminal) error {
	gateway, err := c.client(t)
	if err != nil {
		return err
	}
	list, err := gateway.Webhooks(t.Ctx)
	if err != nil {
		return c.failed(t, err)
	}
	if c.JSON {
		return terminal.PrintJSON(t.Stdout, list)
	}
	if len(list.Items) == 0 {
		t.Say("webhooks_none")
		return nil
	}
	return printWebhooks(t, list.Items)
}

func printWebhooks(t *terminal.Terminal, webhooks []client.Webhook) error {
	rows := [][]string{{
		t.Text("head_id"), t.Text("head_state"), t.Text("head_waiting"), t.Text("head_url"),
		t.Text("head_events"), t.Text("head_reason"),
	}}
	for i := range webhooks {
		w := &webhooks[i]
		rows = append(rows, []string{
			w.ID, w.State, strconv.Itoa(w.Pending), w.URL, strings.Join(w.Events, ","), w.Reason,
		})
	}
	return terminal.PrintTable(t.Stdout, rows...)
}

// webhookFlags name a webhook and how to reach the gateway.
type webhookFlags struct {
	apiFlags
	ID string `arg:"" help:"The webhook's id, as webhooks list shows it."`
}

type webhooksDeleteCommand struct{ webhookFlags }

// Run implements the command.
func (c *webhooksDeleteCommand) Run(t *terminal.Terminal) error {
	gateway, err := c.client(t)
	if err != nil {
		return err
	}
	if err := gateway.DeleteWebhook(t.Ctx, c.ID); err != nil {
		return c.failed(t, err)
	}
	t.Say("webhook_deleted", "webhook", c.ID)
	return nil
}

type webhooksEnableCommand struct{ webhookFlags }

// Run implements the command.
func (c *webhooksEnableCommand) Run(t *terminal.Terminal) error {
	gateway, err := c.client(t)
	if err != nil {
		return err
	}
	w, err := gateway.EnableWebhook(t.Ctx, c.ID)
	if err != nil {
		return c.failed(t, err)
	}
	if c.JSON {
		return terminal.PrintJSON(t.Stdout, w)
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
func (c *webhooksDeliveriesCommand) Run(t *terminal.Terminal) error {
	gateway, err := c.client(t)
	if err != nil {
		return err
	}
	list, err := gateway.Deliveries(t.Ctx, c.ID, c.State, c.Limit, c.Cursor)
	if err != nil {
		return c.failed(t, err)
	}
	if c.JSON {
		return terminal.PrintJSON(t.Stdout, list)
	}
	if len(list.Items) == 0 {
		t.Say("deliveries_none")
		return nil
	}
	rows := [][]string{{
		t.Text("head_event"), t.Text("head_type"), t.Text("head_state"),
		t.Text("head_attempts"), t.Text("head_last"), t.Text("head_next"), t.Text("head_reason"),
	}}
	for i := range list.Items {
		d := &list.Items[i]
		rows = append(rows, []string{
			d.Event.ID, d.Event.Type, d.State, strconv.Itoa(d.Attempts), shownAt(t, d.LastAt),
			shownAt(t, d.NextAt), d.Error,
		})
	}
	if err := terminal.PrintTable(t.Stdout, rows...); err != nil {
		return err
	}
	if list.Next != "" {
		t.Say("messages_more", "cursor", list.Next)
	}
	return nil
}

// shownAt is shown of a time that may be absent.
func shownAt(t *terminal.Terminal, at *time.Time) string {
	if at == nil {
		return ""
	}
	return t.Shown(*at)
}

type webhooksReplayCommand struct {
	webhookFlags
	Event string `help:"One event, such as evt_42." placeholder:"ID" xor:"which"`
	State string `help:"Those of a state: failed (the default), delivered or pending." placeholder:"WORD" xor:"which"`
	Since string `help:"Of events since: a date as for send --send-at, or how long ago: 24h." placeholder:"TIME"`
}

// Run implements the command.
func (c *webhooksReplayCommand) Run(t *terminal.Terminal) error {
	gateway, err := c.client(t)
	if err != nil {
		return err
	}
	var seq int64
	if c.Event != "" {
		if seq, err = strconv.ParseInt(strings.TrimPrefix(c.Event, "evt_"), 10, 64); err != nil || seq < 1 {
			return t.Misuse("event_wrong")
		}
	}
	since, err := t.ReadTime("--since", c.Since, terminal.Ago)
	if err != nil {
		return err
	}
	n, err := gateway.ReplayWebhook(t.Ctx, c.ID, seq, c.State, since)
	if err != nil {
		return c.failed(t, err)
	}
	if c.JSON {
		return terminal.PrintJSON(t.Stdout, map[string]int{"replayed": n})
	}
	t.Say("webhook_replayed", "deliveries", n)
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
func (c *webhooksRotateCommand) Run(t *terminal.Terminal) error {
	gateway, err := c.client(t)
	if err != nil {
		return err
	}
	rotated, err := gateway.RotateWebhook(t.Ctx, c.ID, c.Overlap)
	if err != nil {
		return c.failed(t, err)
	}
	if c.JSON {
		return terminal.PrintJSON(t.Stdout, rotated)
	}
	return showRotated(t, &rotated.RotatedSecret)
}

func showRotated(t *terminal.Terminal, s *client.RotatedSecret) error {
	if s.FormerUntil == nil {
		t.Say("secret_replaced")
	} else {
		t.Say("secret_rotated", "time", t.Shown(*s.FormerUntil))
	}
	_, err := fmt.Fprintln(t.Stdout, s.Secret)
	return err
}

type webhooksSecretCommand struct {
	apiFlags
	Replace bool `help:"Make another secret."`
	overlapFlag
}

// Run implements the command.
func (c *webhooksSecretCommand) Run(t *terminal.Terminal) error {
	gateway, err := c.client(t)
	if err != nil {
		return err
	}
	if c.Replace {
		return c.replace(t, gateway)
	}
	secret, err := gateway.WebhookSecret(t.Ctx)
	if err != nil {
		return c.failed(t, err)
	}
	if c.JSON {
		return terminal.PrintJSON(t.Stdout, map[string]string{"secret": secret})
	}
	_, err = fmt.Fprintln(t.Stdout, secret)
	return err
}

func (c *webhooksSecretCommand) replace(t *terminal.Terminal, gateway *client.Client) error {
	replaced, err := gateway.ReplaceWebhookSecret(t.Ctx, c.Overlap)
	if err != nil {
		return c.failed(t, err)
	}
	if c.JSON {
		return terminal.PrintJSON(t.Stdout, replaced)
	}
	return showRotated(t, replaced)
}
