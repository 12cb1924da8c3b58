package main

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"io"
	"net"
	"slices"
	"strconv"
	"strings"
	"time"

	"relais/client"
	"relais/plaintext"
	"relais/reason"
)

// messageFlags describe a message to send or to preview.
type messageFlags struct {
	To        []string      `required:"" sep:"none" help:"Recipients, separated by commas; @FILE reads a list, - standard input: one a line or between commas, # begins a comment. May be repeated." placeholder:"NUMBER"`
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
		return client.SubmitRequest{}, &usageError{t.text("duration_wrong", "flag", "--valid-for")}
	}
	if f.Text == standardInput && slices.Contains(f.To, standardInput) {
		return client.SubmitRequest{}, &usageError{t.text("stdin_twice")}
	}
	to, err := t.recipients(f.To)
	if err != nil {
		return client.SubmitRequest{}, err
	}
	r := client.SubmitRequest{
		To: to, Text: f.Text, Sender: f.Sender, Class: f.Class, Connector: f.Connector,
		Reference: f.Reference, SendAt: at, ValidFor: client.Duration(f.ValidFor),
	}
	if f.Text == standardInput {
		r.Text, err = t.readText()
	}
	return r, err
}

// readText reads all of standard input, in UTF-8, or in UTF-16 with the mark that Windows puts before it. The line end that echo and editors add
// would be one more character to pay.
func (t *terminal) readText() (string, error) {
	data, err := io.ReadAll(t.stdin)
	if err != nil {
		return "", errors.New(t.text("stdin_unreadable", "error", err))
	}
	text, err := plaintext.Decode(data)
	if err != nil {
		return "", &usageError{t.text("stdin_not_utf8")}
	}
	return strings.TrimSuffix(strings.TrimSuffix(string(text), "\n"), "\r"), nil
}

type sendCommand struct {
	apiFlags
	messageFlags
	IdempotencyKey string        `help:"Equal keys make equal requests one, so that a second run sends nothing twice. Default: a fresh key." placeholder:"KEY"`
	Wait           bool          `help:"Wait for the operator's answer; one that is not a yes fails the command."`
	Timeout        time.Duration `help:"How long --wait waits." default:"1m" placeholder:"DURATION"`
	Quiet          bool          `short:"q" help:"Print the ids of the messages, one a line, and nothing else."`
}

// Run implements the command. Recipients that were refused show in the exit code,
// though the others are on their way.
func (c *sendCommand) Run(t *terminal) error {
	if c.Quiet && c.JSON {
		return &usageError{t.text("quiet_or_json")}
	}
	gateway, err := c.client(t)
	if err != nil {
		return err
	}
	request, err := c.request(t)
	if err != nil {
		return err
	}
	request.IdempotencyKey = c.IdempotencyKey
	sending := newSubmission(t, gateway, request, mostRecipients)
	answer, err := sending.send()
	t.sayWarnings(answer.Warnings)
	if err != nil {
		return errors.Join(c.printTaken(t, answer), c.broken(t, sending, answer, err))
	}
	t.sayRejected(answer.Rejected)
	if c.Wait {
		return c.wait(t, gateway, answer)
	}
	if err := c.print(t, answer.Messages, answer); err != nil {
		return err
	}
	return leftOutIf(len(answer.Rejected) > 0)
}

// printTaken prints what was taken before a failure; nothing was in most.
func (c *sendCommand) printTaken(t *terminal, answer *client.SubmitAnswer) error {
	t.sayRejected(answer.Rejected)
	if len(answer.Messages) == 0 {
		return nil
	}
	return c.print(t, answer.Messages, answer)
}

// broken says how to go on where what was asked may have been done in part.
func (c *sendCommand) broken(t *terminal, s *submission, answer *client.SubmitAnswer, err error) error {
	if p, refused := errors.AsType[*client.Problem](err); refused && p.Code == "no_recipient" {
		return c.failed(t, err)
	}
	said := c.failed(t, err)
	if _, passes := passing(err); passes && !unsent(err) || len(answer.Messages) > 0 {
		t.say("send_go_on", "messages", len(answer.Messages), "key", s.key)
	}
	return said
}

func failedIf(failed bool) error {
	if failed {
		return errSaid
	}
	return nil
}

// leftOutIf ends a command that did what it was asked, but for some.
func leftOutIf(some bool) error {
	if some {
		return errLeftOut
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
	failed := false
	shown := t.progress("wait_progress", len(answer.Messages), waitPause)
	messages := make([]client.Message, len(answer.Messages))
	for i := range answer.Messages {
		m, err := gateway.Wait(ctx, answer.Messages[i].ID)
		if err != nil && !errors.Is(err, context.DeadlineExceeded) {
			shown.clear()
			return errors.Join(c.print(t, answer.Messages, answer), c.failed(t, err))
		}
		shown.at(i + 1)
		if m == nil { // the time was over before the first question
			m = &client.MessageWithTimeline{Message: answer.Messages[i]}
		}
		result.Messages = append(result.Messages, m)
		messages[i] = m.Message
	}
	shown.clear()
	for _, m := range result.Messages {
		failed = !c.judge(t, m) || failed
	}
	if err := c.print(t, messages, result); err != nil {
		return err
	}
	return cmp.Or(failedIf(failed), leftOutIf(len(answer.Rejected) > 0))
}

// waitPause is how often --wait says how far it is where no terminal shows a bar.
const waitPause = 5 * time.Second

// judge tells whether the operator took the message, and says why when not.
func (c *sendCommand) judge(t *terminal, m *client.MessageWithTimeline) bool {
	if m.Status == client.Submitted || m.Status == client.Delivered {
		return true
	}
	if m.Status.Waiting() {
		t.say("message_waits", "number", m.To, "status", m.Status, "time", c.Timeout, "code", m.Reason, "message", m.ID)
		return false
	}
	if n := len(m.Timeline); n > 0 && m.Timeline[n-1].Detail != "" {
		t.say("message_why", "number", m.To, "status", m.Status, "code", m.Reason, "detail", m.Timeline[n-1].Detail)
		return false
	}
	t.say("message_failed", "number", m.To, "status", m.Status, "code", m.Reason)
	return false
}

func (c *sendCommand) print(t *terminal, messages []client.Message, whole any) error {
	if c.JSON {
		return printJSON(t.stdout, whole)
	}
	if c.Quiet {
		return printIDs(t, messages)
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

// unsent reports whether a call never reached the gateway.
func unsent(err error) bool {
	dial, ok := errors.AsType[*net.OpError](err)
	return ok && dial.Op == "dial"
}

// printIDs prints what other programs go on with.
func printIDs(t *terminal, messages []client.Message) error {
	var b strings.Builder
	for i := range messages {
		b.WriteString(messages[i].ID + "\n")
	}
	_, err := fmt.Fprint(t.stdout, b.String())
	return err
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
	return leftOutIf(len(answer.Rejected) > 0)
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
		t.say("preview_total", "messages", answer.Total.Messages, "segments", answer.Total.Segments, "price", t.price(answer.Total.Price))
	}
	return printAdvice(t, &answer.Text)
}

func (t *terminal) price(p *client.Price) string {
	if p == nil {
		return t.text("price_unknown")
	}
	return t.amount(p.Amount, p.Currency)
}

// amount writes a sum of money as the person's language does.
func (t *terminal) amount(sum, currency string) string {
	return t.text("amount", "sum", reason.Money{Amount: sum, Currency: currency})
}
