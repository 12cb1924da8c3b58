package remote

import (
	"fmt"
	"strconv"
	"strings"

	"relais/client"
	"relais/cmd/relais/terminal"
)

type statusCommand struct {
	apiFlags
	ID    string `arg:"" help:"The message's id."`
	Watch bool   `short:"w" help:"Stay, and print what happens until the message has ended."`
}

// Run implements the command.
func (c *statusCommand) Run(t *terminal.Terminal) error {
	gateway, err := c.client(t)
	if err != nil {
		return err
	}
	m, err := gateway.Message(t.Ctx, c.ID)
	if err != nil {
		return c.failed(t, err)
	}
	if c.Watch {
		return c.watch(t, gateway, m)
	}
	if c.JSON {
		return terminal.PrintJSON(t.Stdout, m)
	}
	return printMessage(t, m)
}

func printMessage(t *terminal.Terminal, m *client.MessageWithTimeline) error {
	rows := [][]string{
		{t.Text("label_message"), m.ID},
		{t.Text("label_to"), m.To},
		{t.Text("label_status"), string(m.Status) + " (" + m.Reason + ")"},
		{t.Text("label_class"), m.Class},
		{t.Text("label_kind"), m.Kind},
		{t.Text("label_sender"), m.Sender},
		{t.Text("label_text"), textOf(t, m)},
		{t.Text("label_data"), m.Data},
		{t.Text("label_udh"), m.UDH},
		{t.Text("label_segments"), fmt.Sprintf("%d (%s)", m.Segments, m.Encoding)},
		{t.Text("label_connector"), m.Connector},
		{t.Text("label_notice"), m.Notice},
		{t.Text("label_routes"), strings.Join(m.Routes, ", ")},
		{t.Text("label_provider"), m.ProviderID},
		{t.Text("label_receipt"), receiptOf(m.Receipt)},
		{t.Text("label_reference"), m.Reference},
		{t.Text("label_due"), t.Shown(m.DueAt)},
		{t.Text("label_expires"), t.Shown(m.ExpiresAt)},
	}
	present := rows[:0]
	for _, row := range rows {
		if row[1] != "" {
			present = append(present, row)
		}
	}
	if err := terminal.PrintTable(t.Stdout, present...); err != nil {
		return err
	}
	if err := printDecisions(t, m.Decisions); err != nil {
		return err
	}
	return printTimeline(t, m.Timeline)
}

// textOf is the text in quotes, or that it is gone.
func textOf(t *terminal.Terminal, m *client.MessageWithTimeline) string {
	if m.TextRemoved {
		return t.Text("text_removed")
	}
	if m.Kind == client.Binary {
		return ""
	}
	return strconv.Quote(m.Text)
}

func receiptOf(r *client.Receipt) string {
	if r == nil {
		return ""
	}
	return strings.TrimSpace(r.Code + " " + r.Text)
}

func printDecisions(t *terminal.Terminal, decisions []client.Decision) error {
	if len(decisions) == 0 {
		return nil
	}
	fmt.Fprintf(t.Stdout, "\n%s\n", t.Text("label_decisions"))
	rows := make([][]string, len(decisions))
	for i, d := range decisions {
		rows[i] = []string{"  " + d.Code, d.Detail}
	}
	return terminal.PrintTable(t.Stdout, rows...)
}

func printTimeline(t *terminal.Terminal, timeline []client.Event) error {
	fmt.Fprintf(t.Stdout, "\n%s\n", t.Text("label_timeline"))
	return printEvents(t, timeline)
}

func printEvents(t *terminal.Terminal, timeline []client.Event) error {
	rows := make([][]string, len(timeline))
	for i, e := range timeline {
		attempt := ""
		if e.Attempt > 0 {
			attempt = t.Text("label_attempt", "attempt", e.Attempt)
		}
		rows[i] = []string{"  " + t.ShownFine(e.At), string(e.Status), e.Code, e.Actor, attempt, e.Detail}
	}
	return terminal.PrintTable(t.Stdout, rows...)
}

// watch prints what happens to a message, until it has ended.
func (c *statusCommand) watch(
	t *terminal.Terminal, gateway *client.Client, m *client.MessageWithTimeline,
) error {
	show := printMessage
	if c.JSON {
		show = func(t *terminal.Terminal, m *client.MessageWithTimeline) error {
			return terminal.PrintLine(t.Stdout, m)
		}
	}
	if err := show(t, m); err != nil || m.Status.Final() {
		return err
	}
	err := again(t, func() (bool, error) {
		now, err := gateway.Message(t.Ctx, c.ID)
		if err != nil {
			return false, err
		}
		news := now.Timeline[min(len(m.Timeline), len(now.Timeline)):]
		m = now
		switch {
		case len(news) == 0:
		case c.JSON:
			err = terminal.PrintLine(t.Stdout, now)
		default:
			err = printEvents(t, news)
		}
		if err == nil && now.Status.Final() {
			err = errEnded
		}
		return false, err
	})
	if err != nil {
		return c.failed(t, err)
	}
	return nil
}
