package remote

import (
	"fmt"
	"strconv"

	"relais/client"
	"relais/cmd/relais/terminal"
)

// printAdvice tells what the characters of a text cost. It says nothing of a text that
// needs no UCS-2.
func printAdvice(t *terminal.Terminal, advice *client.TextAdvice) error {
	if len(advice.Costly) == 0 {
		return nil
	}
	fmt.Fprintln(t.Stdout)
	rows := [][]string{{t.Text("head_text"), t.Text("head_encoding"), t.Text("head_segments"), t.Text("head_price"), ""}, costRow(t, t.Text("text_written"), &advice.Written)}
	if advice.GSM != nil {
		rows = append(rows, costRow(t, t.Text("text_gsm"), advice.GSM))
	}
	if err := terminal.PrintTable(t.Stdout, rows...); err != nil {
		return err
	}
	for _, c := range advice.Costly {
		if c.Instead == nil {
			fmt.Fprintln(t.Stdout, t.Text("text_no_instead", "character", c.Character, "code", c.Code, "position", c.Position))
			continue
		}
		fmt.Fprintln(t.Stdout, t.Text("text_instead", "character", c.Character, "code", c.Code, "position", c.Position, "instead", strconv.Quote(*c.Instead)))
	}
	return nil
}

func costRow(t *terminal.Terminal, label string, c *client.TextCost) []string {
	return []string{label, c.Encoding, fmt.Sprint(c.Segments), price(t, c.Price), fmt.Sprintf("%q", c.Text)}
}
