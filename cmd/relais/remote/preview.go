package remote

import (
	"fmt"
	"strconv"

	"relais/client"
	"relais/cmd/relais/terminal"
)

type previewCommand struct {
	apiFlags
	messageFlags
	At string `help:"As if it were asked for then: a time as for --send-at." placeholder:"TIME"`
}

// Run implements the command.
func (c *previewCommand) Run(t *terminal.Terminal) error {
	gateway, err := c.client(t)
	if err != nil {
		return err
	}
	request, err := c.request(t, gateway)
	if err != nil {
		return c.failed(t, err)
	}
	at, err := t.ReadTime("--at", c.At, terminal.Ahead)
	if err != nil {
		return err
	}
	answer, err := gateway.Preview(t.Ctx, client.PreviewRequest{SubmitRequest: request, At: at})
	if err != nil {
		return c.failed(t, err)
	}
	sayWarnings(t, answer.Warnings)
	sayRejected(t, answer.Rejected)
	if err := c.print(t, answer); err != nil {
		return err
	}
	return terminal.LeftOutIf(len(answer.Rejected) > 0)
}

func (c *previewCommand) print(t *terminal.Terminal, answer *client.PreviewAnswer) error {
	if c.JSON {
		return terminal.PrintJSON(t.Stdout, answer)
	}
	return printPreview(t, answer)
}

// printPreview prints a preview for people.
func printPreview(t *terminal.Terminal, answer *client.PreviewAnswer) error {
	for i := range answer.Messages {
		m := &answer.Messages[i]
		err := terminal.PrintTable(t.Stdout, []string{
			t.Text("head_to"), t.Text("head_status"), t.Text("head_connector"), t.Text("head_encoding"),
			t.Text("head_segments"), t.Text("head_price"), t.Text("head_due"),
		}, []string{
			m.To, string(m.Status), m.Connector, m.Encoding, strconv.Itoa(m.Segments), price(t, m.Price),
			t.Shown(m.DueAt),
		})
		if err != nil {
			return err
		}
		if err := printDecisions(t, m.Decisions); err != nil {
			return err
		}
	}
	if len(answer.Messages) > 1 {
		t.Say("preview_total", "messages", answer.Total.Messages, "segments", answer.Total.Segments, "price",
			price(t, answer.Total.Price))
	}
	return printAdvice(t, &answer.Text)
}

// printAdvice tells what the characters of a text cost. It says nothing of a text that
// needs no UCS-2.
func printAdvice(t *terminal.Terminal, advice *client.TextAdvice) error {
	if len(advice.Costly) == 0 {
		return nil
	}
	fmt.Fprintln(t.Stdout)
	rows := [][]string{{
		t.Text("head_text"), t.Text("head_encoding"), t.Text("head_segments"),
		t.Text("head_price"), "",
	}, costRow(t, t.Text("text_written"), &advice.Written)}
	if advice.GSM != nil {
		rows = append(rows, costRow(t, t.Text("text_gsm"), advice.GSM))
	}
	if err := terminal.PrintTable(t.Stdout, rows...); err != nil {
		return err
	}
	for _, c := range advice.Costly {
		if c.Instead == nil {
			fmt.Fprintln(t.Stdout, t.Text("text_no_instead",
				"character", c.Character, "code", c.Code, "position", c.Position))
			continue
		}
		fmt.Fprintln(t.Stdout, t.Text("text_instead", "character", c.Character, "code", c.Code,
			"position", c.Position, "instead", strconv.Quote(*c.Instead)))
	}
	return nil
}

func costRow(t *terminal.Terminal, label string, c *client.TextCost) []string {
	return []string{label, c.Encoding, fmt.Sprint(c.Segments), price(t, c.Price), fmt.Sprintf("%q", c.Text)}
}
