package remote

import (
	"fmt"
	"strconv"

	"relais/client"
	"relais/cmd/relais/terminal"
)

type campaignPreviewCommand struct {
	campaignFlags
	Row int `required:"" help:"The row, as the spreadsheet counts." placeholder:"NUMBER"`
}

// Run implements the command.
func (c *campaignPreviewCommand) Run(t *terminal.Terminal) error {
	gateway, err := c.client(t)
	if err != nil {
		return err
	}
	p, err := gateway.PreviewCampaignRow(t.Ctx, c.ID, c.Row)
	if err != nil {
		return c.failed(t, err)
	}
	if c.JSON {
		if err := terminal.PrintJSON(t.Stdout, p); err != nil {
			return err
		}
	} else if err := printRowPreview(t, p); err != nil {
		return err
	}
	return terminal.LeftOutIf(p.Refused != nil)
}

func printRowPreview(t *terminal.Terminal, p *client.CampaignPreview) error {
	if p.Refused != nil {
		t.Say("refused", "detail", p.Refused.Detail, "code", p.Refused.Code)
		return nil
	}
	fmt.Fprintf(t.Stdout, "%s\n\n", terminal.ShownSafely(p.Preview.Text.Written.Text))
	return printPreview(t, p.Preview)
}

type campaignTestCommand struct {
	campaignFlags
	Row int    `required:"" help:"The row, as the spreadsheet counts." placeholder:"NUMBER"`
	To  string `required:"" help:"A number of your own." placeholder:"NUMBER"`
}

// Run implements the command.
func (c *campaignTestCommand) Run(t *terminal.Terminal) error {
	gateway, err := c.client(t)
	if err != nil {
		return err
	}
	answer, err := gateway.TestCampaign(t.Ctx, c.ID, c.Row, c.To)
	if err != nil {
		return c.failed(t, err)
	}
	if c.JSON {
		return terminal.PrintJSON(t.Stdout, answer)
	}
	sayWarnings(t, answer.Warnings)
	rows := [][]string{{t.Text("head_id"), t.Text("head_to"), t.Text("head_segments"), t.Text("head_price")}}
	for i := range answer.Messages {
		m := &answer.Messages[i]
		rows = append(rows, []string{m.ID, m.To, strconv.Itoa(m.Segments), price(t, m.Price)})
	}
	return terminal.PrintTable(t.Stdout, rows...)
}
