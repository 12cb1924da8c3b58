package remote

import (
	"relais/client"
	"relais/cmd/relais/terminal"
)

type campaignApproveCommand struct {
	campaignFlags
	Check string `required:"" help:"The check that you read, by the hash that show prints: what is approved is what was checked." placeholder:"HASH"`
	Watch bool   `help:"Stay, and tell how it goes on."`
}

// Run implements the command.
func (c *campaignApproveCommand) Run(t *terminal.Terminal) error {
	gateway, err := c.client(t)
	if err != nil {
		return err
	}
	approved, err := gateway.ApproveCampaign(t.Ctx, c.ID, c.Check)
	if err != nil || !c.Watch {
		return c.showCampaign(t, approved, err)
	}
	return c.watch(t, gateway)
}

type campaignRefuseCommand struct {
	campaignFlags
	Sentence string `arg:"" help:"Why, for whoever wrote it: one sentence, at most 500 characters."`
	Check    string `required:"" help:"The check that you read, by the hash that show prints." placeholder:"HASH"`
}

// Run implements the command.
func (c *campaignRefuseCommand) Run(t *terminal.Terminal) error {
	gateway, err := c.client(t)
	if err != nil {
		return err
	}
	refused, err := gateway.RefuseCampaign(t.Ctx, c.ID, c.Check, c.Sentence)
	return c.showCampaign(t, refused, err)
}

// showAwaited prints what somebody reads before they agree: the report that its author has seen.
func (c *campaignShowCommand) showAwaited(t *terminal.Terminal, gateway *client.Client, one *client.Campaign) error {
	if one.Status != client.CampaignAwaiting {
		return nil
	}
	found, err := gateway.CampaignReport(t.Ctx, c.ID)
	if err != nil {
		return c.failed(t, err)
	}
	report, err := reportFrom(found)
	if err != nil {
		return err
	}
	sayAwaited(t, one)
	return printCheck(t, report)
}

// sayAwaited says of a campaign that waits for somebody to agree why, and what that person writes.
func sayAwaited(t *terminal.Terminal, c *client.Campaign) {
	if c.Status == client.CampaignAwaiting {
		t.Say("campaign_awaiting", "detail", c.Detail, "id", c.ID, "check", c.Check)
	}
}
