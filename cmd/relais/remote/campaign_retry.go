package remote

import (
	"os"

	"relais/client"
	"relais/cmd/relais/terminal"
)

type campaignRetryCommand struct {
	campaignFlags
	Outcomes []string `help:"Of the messages: undelivered, expired, rejected, canceled. Default: the first three, where it is certain that nothing arrived." placeholder:"OUTCOME"`
	Codes    []string `help:"Rows with these codes too, such as no_receipt, whose messages may have arrived." placeholder:"CODE"`
}

// Run implements the command.
func (c *campaignRetryCommand) Run(t *terminal.Terminal) error {
	gateway, err := c.client(t)
	if err != nil {
		return err
	}
	r := client.CampaignRetry{Codes: c.Codes}
	for _, one := range c.Outcomes {
		r.Outcomes = append(r.Outcomes, client.Status(one))
	}
	made, err := gateway.RetryCampaign(t.Ctx, c.ID, r)
	if err != nil {
		return c.failed(t, err)
	}
	report, err := c.reportMade(t, gateway, made.ID)
	if err != nil {
		return err
	}
	return terminal.LeftOutIf(report.Rows.Skipped > 0)
}

type campaignCorrectCommand struct {
	campaignFlags
	File         string `arg:"" help:"The mended table: CSV, TSV, XLSX, XLSM or ODS."`
	Complete     bool   `help:"Of reminders: the table has every appointment, and those that it lacks are canceled."`
	ManyGone     bool   `name:"many-gone" help:"Of reminders: also where more than a fifth of them are canceled."`
	AllowSkipped bool   `name:"allow-skipped" help:"Rows that are left out are no failure: exit code 0 instead of 3."`
}

// Run implements the command. A file that cannot be read leaves no campaign behind.
func (c *campaignCorrectCommand) Run(t *terminal.Terminal) error {
	file, err := os.Open(c.File)
	if err != nil {
		return t.Failed(err, "file_unreadable", "file", c.File)
	}
	defer file.Close()
	gateway, err := c.client(t)
	if err != nil {
		return err
	}
	made, err := gateway.CorrectCampaign(t.Ctx, c.ID)
	if err != nil {
		return c.failed(t, err)
	}
	if c.Complete || c.ManyGone {
		whole := client.CampaignAppointments{Complete: c.Complete, Many: c.ManyGone}
		_, err := gateway.ChangeCampaign(t.Ctx, made.ID, made.Version, client.CampaignChange{
			Options: &client.CampaignOptions{Appointments: whole},
		})
		if err != nil {
			return c.giveUp(t, gateway, made.ID, err)
		}
	}
	return c.giveTable(t, gateway, made.ID, file, c.AllowSkipped)
}
