package main

import (
	"context"
	"errors"
	"io"
	"strconv"
	"strings"
	"time"

	"relais/client"
)

// messageFlags describe a message to send or to preview.
type messageFlags struct {
	To        []string      `required:"" help:"Recipients, separated by commas; or repeat the flag." placeholder:"NUMBER"`
	Text      string        `required:"" help:"The text; - reads it from standard input, without its last line end."`
	Sender    string        `help:"Sender; default: the account's, else the connector's."`
	Class     string        `help:"otp, transactional or marketing; default: the account's."`
	Connector string        `help:"Connector to send through; default: the account's." placeholder:"NAME"`
	Reference string        `help:"Reference of your own, to search by."`
	SendAt    string        `help:"Not before: RFC 3339, \"2026-03-01 09:30\" in local time, or how far ahead: 2h." placeholder:"TIME"`
	ValidFor  time.Duration `help:"Give up after, from --send-at: 15m, 48h." placeholder:"DURATION"`
}

func (f *messageFlags) request(t *terminal) (client.SubmitRequest, error) {
	at, err := t.readTime("--send-at", f.SendAt, ahead)
	if err != nil {
		return client.SubmitRequest{}, err
	}
	if f.ValidFor < 0 {
		return client.SubmitRequest{}, &usageError{t.text("duration_wrong", "--valid-for")}
	}
	r := client.SubmitRequest{
		To: f.To, Text: f.Text, Sender: f.Sender, Class: f.Class, Connector: f.Connector,
		Reference: f.Reference, SendAt: at, ValidFor: client.Duration(f.ValidFor),
	}
	for i := range r.To {
		r.To[i] = strings.TrimSpace(r.To[i])
	}
	if f.Text == "-" {
		r.Text, err = t.readText()
	}
	return r, err
}

// readText reads all of standard input. The line end that echo and editors add
// would be one more character to pay.
func (t *terminal) readText() (string, error) {
	data, err := io.ReadAll(t.stdin)
	if err != nil {
		return "", errors.New(t.text("stdin_unreadable", err))
	}
	return strings.TrimSuffix(strings.TrimSuffix(string(data), "\n"), "\r"), nil
}

type sendCommand struct {
	apiFlags
	messageFlags
	IdempotencyKey string        `help:"Equal keys make equal requests one; default: a fresh key." placeholder:"KEY"`
	Wait           bool          `help:"Wait for the operator's answer; one that is not a yes fails the command."`
	Timeout        time.Duration `help:"How long --wait waits." default:"1m" placeholder:"DURATION"`
}

// Run implements the command. A recipient that was refused fails it, though the
// others are on their way.
func (c *sendCommand) Run(t *terminal) error {
	gateway, err := c.client(t)
	if err != nil {
		return err
	}
	request, err := c.request(t)
	if err != nil {
		return err
	}
	request.IdempotencyKey = c.IdempotencyKey
	answer, err := gateway.Submit(t.ctx, request)
	if err != nil {
		return c.failed(t, err)
	}
	t.sayWarnings(answer.Warnings)
	t.sayRejected(answer.Rejected)
	if c.Wait {
		return c.wait(t, gateway, answer)
	}
	if err := c.print(t, answer.Messages, answer); err != nil {
		return err
	}
	return failedIf(len(answer.Rejected) > 0)
}

func failedIf(failed bool) error {
	if failed {
		return errSaid
	}
	return nil
}

// waited is the answer to a submission with what the operator said since.
type waited struct {
	Messages []*client.MessageWithTimeline `json:"messages"`
	Rejected []client.Refused              `json:"rejected"`
	Warnings []client.Warning              `json:"warnings"`
}

func (c *sendCommand) wait(t *terminal, gateway *client.Client, answer *client.SubmitAnswer) error {
	ctx, cancel := context.WithTimeout(t.ctx, c.Timeout)
	defer cancel()
	result := waited{Rejected: answer.Rejected, Warnings: answer.Warnings}
	failed := len(answer.Rejected) > 0
	messages := make([]client.Message, len(answer.Messages))
	for i := range answer.Messages {
		m, err := gateway.Wait(ctx, answer.Messages[i].ID)
		if err != nil && !errors.Is(err, context.DeadlineExceeded) {
			return c.failed(t, err)
		}
		if m == nil { // the time was over before the first question
			m = &client.MessageWithTimeline{Message: answer.Messages[i]}
		}
		result.Messages = append(result.Messages, m)
		messages[i] = m.Message
		failed = !c.judge(t, m) || failed
	}
	if err := c.print(t, messages, result); err != nil {
		return err
	}
	return failedIf(failed)
}

// judge tells whether the operator took the message, and says why when not.
func (c *sendCommand) judge(t *terminal, m *client.MessageWithTimeline) bool {
	if m.Status == client.Submitted || m.Status == client.Delivered {
		return true
	}
	if m.Status.Waiting() {
		t.say("message_waits", m.To, m.Status, c.Timeout, m.Reason, m.ID)
		return false
	}
	if n := len(m.Timeline); n > 0 && m.Timeline[n-1].Detail != "" {
		t.say("message_why", m.To, m.Status, m.Reason, m.Timeline[n-1].Detail)
		return false
	}
	t.say("message_failed", m.To, m.Status, m.Reason)
	return false
}

func (c *sendCommand) print(t *terminal, messages []client.Message, whole any) error {
	if c.JSON {
		return printJSON(t.stdout, whole)
	}
	rows := [][]string{{
		t.text("head_id"), t.text("head_to"), t.text("head_status"), t.text("head_reason"),
		t.text("head_connector"), t.text("head_segments"),
	}}
	for i := range messages {
		m := &messages[i]
		rows = append(rows, []string{m.ID, m.To, string(m.Status), m.Reason, m.Connector, strconv.Itoa(m.Segments)})
	}
	return printTable(t.stdout, rows...)
}

type previewCommand struct {
	apiFlags
	messageFlags
	At string `help:"As if it were asked for then: a time as for --send-at." placeholder:"TIME"`
}

// Run implements the command.
func (c *previewCommand) Run(t *terminal) error {
	gateway, err := c.client(t)
	if err != nil {
		return err
	}
	request, err := c.request(t)
	if err != nil {
		return err
	}
	at, err := t.readTime("--at", c.At, ahead)
	if err != nil {
		return err
	}
	answer, err := gateway.Preview(t.ctx, client.PreviewRequest{SubmitRequest: request, At: at})
	if err != nil {
		return c.failed(t, err)
	}
	t.sayWarnings(answer.Warnings)
	t.sayRejected(answer.Rejected)
	if err := c.print(t, answer); err != nil {
		return err
	}
	return failedIf(len(answer.Rejected) > 0)
}

func (c *previewCommand) print(t *terminal, answer *client.PreviewAnswer) error {
	if c.JSON {
		return printJSON(t.stdout, answer)
	}
	for i := range answer.Messages {
		m := &answer.Messages[i]
		err := printTable(t.stdout, []string{
			t.text("head_to"), t.text("head_status"), t.text("head_connector"), t.text("head_encoding"),
			t.text("head_segments"), t.text("head_price"), t.text("head_due"),
		}, []string{m.To, string(m.Status), m.Connector, m.Encoding, strconv.Itoa(m.Segments), t.price(m.Price), t.shown(m.DueAt)})
		if err != nil {
			return err
		}
		if err := printDecisions(t, m.Decisions); err != nil {
			return err
		}
	}
	if len(answer.Messages) > 1 {
		t.say("preview_total", answer.Total.Messages, answer.Total.Segments, t.price(answer.Total.Price))
	}
	return printAdvice(t, &answer.Text)
}

func (t *terminal) price(p *client.Price) string {
	if p == nil {
		return t.text("price_unknown")
	}
	return t.amount(p.Amount, p.Currency)
}

// amount writes a sum of money for people: French has a comma.
func (t *terminal) amount(sum, currency string) string {
	if t.language == french {
		sum = strings.Replace(sum, ".", ",", 1)
	}
	return sum + " " + currency
}
