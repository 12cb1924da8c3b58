package main

import (
	"fmt"
	"strconv"

	"relais/client"
)

// printAdvice tells what the characters of a text cost. It says nothing of a text that
// needs no UCS-2.
func printAdvice(t *terminal, advice *client.TextAdvice) error {
	if len(advice.Costly) == 0 {
		return nil
	}
	fmt.Fprintln(t.stdout)
	rows := [][]string{{t.text("head_text"), t.text("head_encoding"), t.text("head_segments"), t.text("head_price"), ""}, t.costRow(t.text("text_written"), &advice.Written)}
	if advice.GSM != nil {
		rows = append(rows, t.costRow(t.text("text_gsm"), advice.GSM))
	}
	if err := printTable(t.stdout, rows...); err != nil {
		return err
	}
	for _, c := range advice.Costly {
		if c.Instead == nil {
			fmt.Fprintln(t.stdout, t.text("text_no_instead", "character", c.Character, "code", c.Code, "position", c.Position))
			continue
		}
		fmt.Fprintln(t.stdout, t.text("text_instead", "character", c.Character, "code", c.Code, "position", c.Position, "instead", strconv.Quote(*c.Instead)))
	}
	return nil
}

func (t *terminal) costRow(label string, c *client.TextCost) []string {
	return []string{label, c.Encoding, fmt.Sprint(c.Segments), t.price(c.Price), fmt.Sprintf("%q", c.Text)}
}
