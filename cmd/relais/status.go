package main

import (
	"fmt"
	"strconv"
	"strings"

	"relais/client"
)

type statusCommand struct {
	apiFlags
	ID    string `arg:"" help:"The message's id."`
	Watch bool   `short:"w" help:"Stay, and print what happens until the message has ended."`
}

// Run implements the command.
func (c *statusCommand) Run(t *terminal) error {
	gateway, err := c.client(t)
	if err != nil {
		return err
	}
	m, err := gateway.Message(t.ctx, c.ID)
	if err != nil {
		return c.failed(t, err)
	}
	if c.Watch {
		return c.watch(t, gateway, m)
	}
	if c.JSON {
		return printJSON(t.stdout, m)
	}
	return printMessage(t, m)
}

type cancelCommand struct {
	apiFlags
	ID string `arg:"" help:"The message's id."`
}

// Run implements the command.
func (c *cancelCommand) Run(t *terminal) error {
	gateway, err := c.client(t)
	if err != nil {
		return err
	}
	m, err := gateway.Cancel(t.ctx, c.ID)
	if err != nil {
		return c.failed(t, err)
	}
	if c.JSON {
		return printJSON(t.stdout, m)
	}
	_, err = fmt.Fprintln(t.stdout, t.text("message_ended"))
	return err
}

type resolveCommand struct {
	apiFlags
	ID      string `arg:"" help:"The message's id."`
	Outcome string `arg:"" enum:"taken,not_taken,given_up" help:"taken: the operator has it; not_taken: it is sent again; given_up: it ends."`
}

// Run implements the command.
func (c *resolveCommand) Run(t *terminal) error {
	gateway, err := c.client(t)
	if err != nil {
		return err
	}
	m, err := gateway.Resolve(t.ctx, c.ID, c.Outcome)
	if err != nil {
		return c.failed(t, err)
	}
	if c.JSON {
		return printJSON(t.stdout, m)
	}
	return printMessage(t, m)
}

func printMessage(t *terminal, m *client.MessageWithTimeline) error {
	rows := [][]string{
		{t.text("label_message"), m.ID},
		{t.text("label_to"), m.To},
		{t.text("label_status"), string(m.Status) + " (" + m.Reason + ")"},
		{t.text("label_class"), m.Class},
		{t.text("label_sender"), m.Sender},
		{t.text("label_text"), t.textOf(m)},
		{t.text("label_segments"), fmt.Sprintf("%d (%s)", m.Segments, m.Encoding)},
		{t.text("label_connector"), m.Connector},
		{t.text("label_notice"), m.Notice},
		{t.text("label_routes"), strings.Join(m.Routes, ", ")},
		{t.text("label_provider"), m.ProviderID},
		{t.text("label_receipt"), receiptOf(m.Receipt)},
		{t.text("label_reference"), m.Reference},
		{t.text("label_due"), t.shown(m.DueAt)},
		{t.text("label_expires"), t.shown(m.ExpiresAt)},
	}
	present := rows[:0]
	for _, row := range rows {
		if row[1] != "" {
			present = append(present, row)
		}
	}
	if err := printTable(t.stdout, present...); err != nil {
		return err
	}
	if err := printDecisions(t, m.Decisions); err != nil {
		return err
	}
	return printTimeline(t, m.Timeline)
}

// textOf is the text in quotes, or that it is gone.
func (t *terminal) textOf(m *client.MessageWithTimeline) string {
	if m.TextRemoved {
		return t.text("text_removed")
	}
	return strconv.Quote(m.Text)
}

func receiptOf(r *client.Receipt) string {
	if r == nil {
		return ""
	}
	return strings.TrimSpace(r.Code + " " + r.Text)
}

func printDecisions(t *terminal, decisions []client.Decision) error {
	if len(decisions) == 0 {
		return nil
	}
	fmt.Fprintf(t.stdout, "\n%s\n", t.text("label_decisions"))
	rows := make([][]string, len(decisions))
	for i, d := range decisions {
		rows[i] = []string{"  " + d.Code, d.Detail}
	}
	return printTable(t.stdout, rows...)
}

func printTimeline(t *terminal, timeline []client.Event) error {
	fmt.Fprintf(t.stdout, "\n%s\n", t.text("label_timeline"))
	return printEvents(t, timeline)
}

func printEvents(t *terminal, timeline []client.Event) error {
	rows := make([][]string, len(timeline))
	for i, e := range timeline {
		attempt := ""
		if e.Attempt > 0 {
			attempt = t.text("label_attempt", "attempt", e.Attempt)
		}
		rows[i] = []string{"  " + t.shownFine(e.At), string(e.Status), e.Code, e.Actor, attempt, e.Detail}
	}
	return printTable(t.stdout, rows...)
}

type messagesCommand struct {
	apiFlags
	To        string `help:"Only to this number." placeholder:"NUMBER"`
	Status    string `help:"Only in this status."`
	Class     string `help:"Only of this class."`
	Connector string `help:"Only through this connector." placeholder:"NAME"`
	Reference string `help:"Only with this reference."`
	Metadata  string `help:"Only with this value of one key of the metadata; --since bounds the time that it takes." placeholder:"KEY=VALUE"`
	Since     string `help:"Only accepted since: a date as for send --send-at, or how long ago: 24h." placeholder:"TIME"`
	Until     string `help:"Only accepted before." placeholder:"TIME"`
	Limit     int    `help:"Most messages to show." default:"20"`
	Cursor    string `help:"Go on after an earlier list."`
	Quiet     bool   `short:"q" help:"Print the ids of the messages, one a line, and nothing else."`
	Watch     bool   `short:"w" help:"Stay, and show every second what is new or has changed: on a terminal the whole list, elsewhere one message a line."`
}

// Run implements the command.
func (c *messagesCommand) Run(t *terminal) error {
	gateway, err := c.client(t)
	if err != nil {
		return err
	}
	q, err := c.query(t)
	if err != nil {
		return err
	}
	if c.Watch {
		return c.watch(t, gateway, q)
	}
	list, err := pages(t, gateway, q)
	if err != nil {
		return c.failed(t, err)
	}
	if c.JSON {
		return printJSON(t.stdout, list)
	}
	if c.Quiet {
		return printIDs(t, list.Items)
	}
	return printMessages(t, list)
}

func (c *messagesCommand) query(t *terminal) (client.Query, error) {
	if c.Limit < 1 {
		return client.Query{}, &usageError{t.text("limit_wrong")}
	}
	if c.Quiet && c.JSON {
		return client.Query{}, &usageError{t.text("quiet_or_json")}
	}
	q := client.Query{
		To: c.To, Status: client.Status(c.Status), Class: c.Class, Connector: c.Connector,
		Reference: c.Reference, Metadata: c.Metadata, Limit: c.Limit, Cursor: c.Cursor,
	}
	var err error
	if q.Since, err = t.readTime("--since", c.Since, ago); err != nil {
		return q, err
	}
	q.Until, err = t.readTime("--until", c.Until, ago)
	return q, err
}

// pages fetches q.Limit messages, in as many pages as that takes.
func pages(t *terminal, gateway *client.Client, q client.Query) (*client.MessageList, error) {
	const largest = 1000 // of one page
	whole := &client.MessageList{Items: []client.Message{}}
	for left := q.Limit; left > 0; left = q.Limit - len(whole.Items) {
		page := q
		page.Limit = min(left, largest)
		list, err := gateway.Messages(t.ctx, page)
		if err != nil {
			return nil, err
		}
		whole.Items, whole.Next = append(whole.Items, list.Items...), list.Next
		if list.Next == "" {
			break
		}
		q.Cursor = list.Next
	}
	return whole, nil
}

func printMessages(t *terminal, list *client.MessageList) error {
	if len(list.Items) == 0 {
		t.say("messages_none")
		return nil
	}
	rows := [][]string{{
		t.text("head_id"), t.text("head_to"), t.text("head_status"), t.text("head_reason"),
		t.text("head_connector"), t.text("head_accepted"),
	}}
	for i := range list.Items {
		m := &list.Items[i]
		rows = append(rows, []string{m.ID, m.To, string(m.Status), m.Reason, m.Connector, t.shown(m.CreatedAt)})
	}
	if err := printTable(t.stdout, rows...); err != nil {
		return err
	}
	if list.Next != "" {
		t.say("messages_more", "cursor", list.Next)
	}
	return nil
}
