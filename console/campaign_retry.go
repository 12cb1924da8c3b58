package console

import (
	"context"

	"relais/campaign/engine"
	"relais/campaign/ledger"
	"relais/sms"
)

// CampaignFollower makes campaigns that go on from others.
type CampaignFollower interface {
	// Retry makes a draft of the rows that certainly did not arrive.
	Retry(ctx context.Context, account string, id sms.ID, r engine.Retry) (ledger.Campaign, error)
	// Correct makes a draft for a mended table.
	Correct(ctx context.Context, account string, id sms.ID, by sms.Actor) (ledger.Campaign, error)
}

// follows reports what may go on from a campaign.
func (p *campaignPage) follows() {
	c := &p.Campaign
	p.Corrects = c.Status.Final() || p.Reminds() && !c.StartedAt.IsZero()
	if n := &c.Counts.Ended; c.Status.Final() && !p.Reminds() {
		p.Retries = n.Undelivered+n.Expired+n.Rejected > 0
	}
	if from := c.Options.From.Campaign; !from.IsZero() {
		p.Source = campaignPath(from)
	}
}

// retryCampaign makes a draft of what did not arrive, and has it checked.
func retryCampaign(q *request) (answer, error) {
	return followCampaign(q, func(id sms.ID) (ledger.Campaign, error) {
		made, err := q.console.Campaigns.Retry(withoutCancel(q), q.account, id, engine.Retry{By: q.actor()})
		if err == nil {
			_, err = q.console.Campaigns.Check(withoutCancel(q), q.account, made.ID, q.actor())
		}
		return made, err
	}, stepCheck)
}

// correctCampaign makes a draft for a mended table.
func correctCampaign(q *request) (answer, error) {
	return followCampaign(q, func(id sms.ID) (ledger.Campaign, error) {
		return q.console.Campaigns.Correct(withoutCancel(q), q.account, id, q.actor())
	}, stepRecipients)
}

func followCampaign(q *request, follow func(id sms.ID) (ledger.Campaign, error), step string) (answer, error) {
	if err := q.read(); err != nil {
		return nil, err
	}
	id, err := q.id()
	if err != nil {
		return nil, err
	}
	made, err := follow(id)
	switch {
	case hasMoved(err):
		return redirect{campaignPath(id), "campaign_moved"}, nil
	case refusedAs(err, engine.CodeNothing):
		return redirect{campaignPath(id), "campaign_nothing"}, nil
	case err != nil:
		return nil, campaignError(err)
	}
	return redirect{campaignPath(made.ID) + "/" + step, ""}, nil
}
