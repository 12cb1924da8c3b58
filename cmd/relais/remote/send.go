package remote

import (
	"cmp"
	"errors"
	"fmt"
	"io"
	"net"
	"slices"
	"strconv"
	"strings"
	"time"

	"relais/client"
	"relais/cmd/relais/terminal"
	"relais/plaintext"
)

// messageFlags describe a message to send or to preview.
type messageFlags struct {
	To        []string      `required:"" sep:"none" help:"Recipients, separated by commas; @FILE reads a list, - standard input: one a line or between commas, # begins a comment. May be repeated." placeholder:"NUMBER"`
	Text      string        `required:"" xor:"text" help:"The text; - reads it from standard input, without its last line end."`
	Template  string        `required:"" xor:"text" help:"The template that makes the text, by its name or id; @ and a number behind it name a version." placeholder:"NAME"`
	Value     []string      `sep:"none" help:"A value for --template: FIELD=VALUE. May be repeated." placeholder:"FIELD=VALUE"`
	Data      string        `required:"" xor:"text" help:"A binary message in the place of a text: octets in hexadecimal." placeholder:"HEX"`
	UDH       string        `name:"udh" help:"User data header of --data, in hexadecimal." placeholder:"HEX"`
	Flash     bool          `help:"Have the handset show it at once; it need not keep it. Connectors that cannot are passed over, or refuse."`
	Sender    string        `help:"Sender; default: the account's, else the connector's."`
	Class     string        `help:"otp, transactional or marketing; default: the account's."`
	Connector string        `help:"Connector to send through; default: the account's." placeholder:"NAME"`
	Reference string        `help:"Reference of your own, to search by."`
	SendAt    string        `help:"Not before: RFC 3339, \"2026-03-01 09:30\" in local time, or how far ahead: 2h." placeholder:"TIME"`
	ValidFor  time.Duration `help:"Give up after, from --send-at: 15m, 48h." placeholder:"DURATION"`
}

func (f *messageFlags) request(t *terminal.Terminal, gateway *client.Client) (client.SubmitRequest, error) {
	at, err := t.ReadTime("--send-at", f.SendAt, terminal.Ahead)
	if err != nil {
		return client.SubmitRequest{}, err
	}
	if f.ValidFor < 0 {
		return client.SubmitRequest{}, t.Misuse("duration_wrong", "flag", "--valid-for")
	}
	if f.Text == terminal.StandardInput && slices.Contains(f.To, terminal.StandardInput) {
		return client.SubmitRequest{}, t.Misuse("stdin_twice")
	}
	values, err := f.values(t)
	if err != nil {
		return client.SubmitRequest{}, err
	}
	to, err := recipients(t, f.To)
	if err != nil {
		return client.SubmitRequest{}, err
	}
	r := client.SubmitRequest{
		To: to, Text: f.Text, Sender: f.Sender, Class: f.Class, Connector: f.Connector,
		Reference: f.Reference, SendAt: at, ValidFor: client.Duration(f.ValidFor), Values: values,
	}
	r.Data, r.UDH = f.Data, f.UDH
	switch {
	case f.Data != "" && f.Flash:
		return r, t.Misuse("flash_or_data")
	case f.Data != "":
		r.Kind = client.Binary
	case f.Flash:
		r.Kind = client.Flash
	}
	if f.Text == terminal.StandardInput {
		r.Text, err = readText(t)
	}
	if f.Template != "" && err == nil {
		r.Template, r.TemplateVersion, err = templateOf(t, gateway, f.Template)
	}
	return r, err
}

// values are those for the fields of the template.
func (f *messageFlags) values(t *terminal.Terminal) (map[string]string, error) {
	if f.Template == "" && len(f.Value) > 0 {
		return nil, t.Misuse("value_without_template")
	}
	return valuesOf(t, f.Value)
}

// readText reads all of standard input, in UTF-8, or in UTF-16 with the mark that Windows
// puts before it. It drops the line end that echo and editors add: that would be one more
// character to pay for.
func readText(t *terminal.Terminal) (string, error) {
	data, err := io.ReadAll(t.Stdin)
	if err != nil {
		return "", t.Failed(err, "stdin_unreadable")
	}
	text, err := plaintext.Decode(data)
	if err != nil {
		return "", t.Misuse("stdin_not_utf8")
	}
	return strings.TrimSuffix(strings.TrimSuffix(string(text), "\n"), "\r"), nil
}

type sendCommand struct {
	apiFlags
	messageFlags
	IdempotencyKey string `help:"Equal keys make equal requests one, so that a second run sends nothing twice. Default: a fresh key." placeholder:"KEY"`
	waitFlags
	Quiet bool `short:"q" help:"Print the ids of the messages, one a line, and nothing else."`
}

// Run implements the command. Recipients that were refused show in the exit code,
// though the others are on their way.
func (c *sendCommand) Run(t *terminal.Terminal) error {
	if c.Quiet && c.JSON {
		return t.Misuse("quiet_or_json")
	}
	gateway, err := c.client(t)
	if err != nil {
		return err
	}
	request, err := c.request(t, gateway)
	if err != nil {
		return c.failed(t, err)
	}
	request.IdempotencyKey = c.IdempotencyKey
	sending := newSubmission(t, gateway, request, mostRecipients)
	answer, err := sending.send()
	sayWarnings(t, answer.Warnings)
	if err != nil {
		return errors.Join(c.printTaken(t, answer), c.broken(t, sending, answer, err))
	}
	sayRejected(t, answer.Rejected)
	if c.Wait {
		return c.wait(t, gateway, answer)
	}
	if err := c.print(t, answer.Messages, answer); err != nil {
		return err
	}
	return terminal.LeftOutIf(len(answer.Rejected) > 0)
}

// printTaken prints what was taken before a failure; nothing was in most.
func (c *sendCommand) printTaken(t *terminal.Terminal, answer *client.SubmitAnswer) error {
	sayRejected(t, answer.Rejected)
	if len(answer.Messages) == 0 {
		return nil
	}
	return c.print(t, answer.Messages, answer)
}

// broken says how to go on where what was asked may have been done in part.
func (c *sendCommand) broken(
	t *terminal.Terminal, s *submission, answer *client.SubmitAnswer, err error,
) error {
	if p, refused := errors.AsType[*client.Problem](err); refused && p.Code == client.CodeNoRecipient {
		return c.failed(t, err)
	}
	said := c.failed(t, err)
	if _, passes := passing(err); passes && !unsent(err) || len(answer.Messages) > 0 {
		t.Say("send_go_on", "messages", len(answer.Messages), "key", s.key)
	}
	return said
}

// waited is the answer to a submission with what the operator said since.
type waited struct {
	Messages []*client.MessageWithTimeline `json:"messages"`
	Rejected []client.Refused              `json:"rejected"`
	Warnings []client.Warning              `json:"warnings"`
}

func (c *sendCommand) wait(t *terminal.Terminal, gateway *client.Client, answer *client.SubmitAnswer) error {
	seen, err := c.all(t, gateway, answer.Messages)
	if err != nil {
		return errors.Join(c.print(t, answer.Messages, answer), c.failed(t, err))
	}
	result := waited{Messages: seen, Rejected: answer.Rejected, Warnings: answer.Warnings}
	messages, failed := make([]client.Message, len(seen)), false
	for i, m := range seen {
		messages[i] = m.Message
		failed = !c.judge(t, m) || failed
	}
	if err := c.print(t, messages, result); err != nil {
		return err
	}
	return cmp.Or(terminal.FailedIf(failed), terminal.LeftOutIf(len(answer.Rejected) > 0))
}

func (c *sendCommand) print(t *terminal.Terminal, messages []client.Message, whole any) error {
	if c.JSON {
		return terminal.PrintJSON(t.Stdout, whole)
	}
	if c.Quiet {
		return printIDs(t, messages)
	}
	rows := [][]string{{
		t.Text("head_id"), t.Text("head_to"), t.Text("head_status"), t.Text("head_reason"),
		t.Text("head_connector"), t.Text("head_segments"),
	}}
	for i := range messages {
		m := &messages[i]
		rows = append(rows, []string{
			m.ID, m.To, string(m.Status), m.Reason, m.Connector, strconv.Itoa(m.Segments),
		})
	}
	return terminal.PrintTable(t.Stdout, rows...)
}

// unsent reports whether a call never reached the gateway.
func unsent(err error) bool {
	dial, ok := errors.AsType[*net.OpError](err)
	return ok && dial.Op == "dial"
}

// printIDs prints what other programs go on with.
func printIDs(t *terminal.Terminal, messages []client.Message) error {
	var b strings.Builder
	for i := range messages {
		b.WriteString(messages[i].ID + "\n")
	}
	_, err := fmt.Fprint(t.Stdout, b.String())
	return err
}

func price(t *terminal.Terminal, p *client.Price) string {
	if p == nil {
		return t.Text("price_unknown")
	}
	return t.Amount(p.Amount, p.Currency)
}
