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
	Change     webhooksChangeCommand     `cmd:"" help:"Give a webhook another address, or other events."`
	Delete     webhooksDeleteCommand     `cmd:"" help:"Delete a webhook and what waits for it."`
	Enable     webhooksEnableCommand     `cmd:"" help:"Make a quarantined or disabled webhook active."`
	Disable    webhooksDisableCommand    `cmd:"" help:"Send a webhook nothing until it is enabled."`
	Test       webhooksTestCommand       `cmd:"" help:"Send a webhook a test event, and tell what it answers."`
	Deliveries webhooksDeliveriesCommand `cmd:"" help:"The log of a webhook, newest first."`
	Delivery   webhooksDeliveryCommand   `cmd:"" help:"One delivery of a webhook, with its attempts."`
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

type webhooksDisableCommand struct{ webhookFlags }

// Run implements the command.
func (c *webhooksDisableCommand) Run(t *terminal.Terminal) error {
	gateway, err := c.client(t)
	if err != nil {
		return err
	}
	w, err := gateway.DisableWebhook(t.Ctx, c.ID)
	if err != nil {
		return c.failed(t, err)
	}
	if c.JSON {
		return terminal.PrintJSON(t.Stdout, w)
	}
	return printWebhooks(t, []client.Webhook{*w})
}

type webhooksChangeCommand struct {
	webhookFlags
	Address string   `help:"http or https address that events are sent to from now on." placeholder:"URL"`
	Events  []string `help:"Types of event from now on." placeholder:"TYPE" xor:"events"`
	All     bool     `help:"All types of event from now on." xor:"events"`
}

// Run implements the command.
func (c *webhooksChangeCommand) Run(t *terminal.Terminal) error {
	var change client.WebhookChange
	if c.Address != "" {
		change.URL = &c.Address
	}
	if c.All {
		change.Events = &[]string{}
	} else if len(c.Events) > 0 {
		change.Events = &c.Events
	}
	if change.URL == nil && change.Events == nil {
		return t.Misuse("webhook_unchanged")
	}
	gateway, err := c.client(t)
	if err != nil {
		return err
	}
	w, err := gateway.ChangeWebhook(t.Ctx, c.ID, change)
	if err != nil {
		return c.failed(t, err)
	}
	if c.JSON {
		return terminal.PrintJSON(t.Stdout, w)
	}
	return printWebhooks(t, []client.Webhook{*w})
}

type webhooksTestCommand struct{ webhookFlags }

// Run implements the command.
func (c *webhooksTestCommand) Run(t *terminal.Terminal) error {
	gateway, err := c.client(t)
	if err != nil {
		return err
	}
	test, err := gateway.TestWebhook(t.Ctx, c.ID)
	if err != nil {
		return c.failed(t, err)
	}
	if c.JSON {
		return terminal.PrintJSON(t.Stdout, test)
	}
	return printTries(t, []client.Try{test.Try})
}

func printTries(t *terminal.Terminal, tries []client.Try) error {
	rows := [][]string{{
		t.Text("head_time"), t.Text("head_took"), t.Text("head_status"), t.Text("head_reason"), t.Text("head_answer"),
	}}
	for i := range tries {
		try := &tries[i]
		rows = append(rows, []string{
			t.Shown(try.At), time.Duration(try.TookMS * int64(time.Millisecond)).String(), statusOf(try.Status),
			try.Error, try.Answer,
		})
	}
	return terminal.PrintTable(t.Stdout, rows...)
}

// statusOf is shown of an HTTP status that may be absent.
func statusOf(status int) string {
	if status == 0 {
		return ""
	}
	return strconv.Itoa(status)
}

type webhooksDeliveryCommand struct {
	webhookFlags
	Event string `arg:"" help:"The event's id, such as evt_42."`
}

// Run implements the command.
func (c *webhooksDeliveryCommand) Run(t *terminal.Terminal) error {
	gateway, err := c.client(t)
	if err != nil {
		return err
	}
	d, err := gateway.Delivery(t.Ctx, c.ID, c.Event)
	if err != nil {
		return c.failed(t, err)
	}
	if c.JSON {
		return terminal.PrintJSON(t.Stdout, d)
	}
	if err := printDeliveries(t, []client.Delivery{d.Delivery}); err != nil || len(d.Tries) == 0 {
		return err
	}
	fmt.Fprintln(t.Stdout)
	return printTries(t, d.Tries)
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
	if err := printDeliveries(t, list.Items); err != nil {
		return err
	}
	if list.Next != "" {
		t.Say("messages_more", "cursor", list.Next)
	}
	return nil
}

func printDeliveries(t *terminal.Terminal, deliveries []client.Delivery) error {
	rows := [][]string{{
		t.Text("head_event"), t.Text("head_type"), t.Text("head_state"),
		t.Text("head_attempts"), t.Text("head_last"), t.Text("head_next"), t.Text("head_reason"),
	}}
	for i := range deliveries {
		d := &deliveries[i]
		rows = append(rows, []string{
			d.Event.ID, d.Event.Type, d.State, strconv.Itoa(d.Attempts), shownAt(t, d.LastAt),
			shownAt(t, d.NextAt), d.Error,
		})
	}
	return terminal.PrintTable(t.Stdout, rows...)
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
	Dry   bool   `name:"dry-run" help:"Only tell how many would go again."`
}

// Run implements the command.
func (c *webhooksReplayCommand) Run(t *terminal.Terminal) error {
	gateway, err := c.client(t)
	if err != nil {
		return err
	}
	wanted := client.Replay{State: c.State, DryRun: c.Dry}
	if c.Event != "" {
		wanted.Seq, err = strconv.ParseInt(strings.TrimPrefix(c.Event, "evt_"), 10, 64)
		if err != nil || wanted.Seq < 1 {
			return t.Misuse("event_wrong")
		}
	}
	since, err := t.ReadTime("--since", c.Since, terminal.Ago)
	if err != nil {
		return err
	}
	if !since.IsZero() {
		wanted.Since = &since
	}
	answer, err := gateway.ReplayWebhook(t.Ctx, c.ID, wanted)
	if err != nil {
		return c.failed(t, err)
	}
	if c.JSON {
		return terminal.PrintJSON(t.Stdout, answer)
	}
	said := "webhook_replayed"
	if c.Dry {
		said = "webhook_replay_counted"
	}
	t.Say(said, "deliveries", answer.Replayed)
	if answer.More {
		t.Say("webhook_replay_more")
	}
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
