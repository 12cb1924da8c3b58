package console

import (
	"context"
	"errors"
	"time"

	"relais/campaign/ledger"
	"relais/gateway"
	"relais/reason"
	"relais/sms"
)

// CampaignRunner starts campaigns and stops them.
type CampaignRunner interface {
	// Start starts what was checked under a name; at zero: as the campaign says, else now.
	Start(
		ctx context.Context, account string, id sms.ID, check string, at time.Time, by sms.Actor,
	) (ledger.Campaign, error)
	// StartAgain is Start although the same texts went to the same numbers a while ago.
	StartAgain(
		ctx context.Context, account string, id sms.ID, check string, at time.Time, by sms.Actor,
	) (ledger.Campaign, error)
	// NeedsApproval says why somebody else has to agree to a start; zero: nobody has to.
	NeedsApproval(c *ledger.Campaign) (reason.Reason, error)
	// Typed is how many messages a person types before a start; 0: nothing is typed.
	Typed(c *ledger.Campaign) int
	Approve(ctx context.Context, account string, id sms.ID, check string, by sms.Actor) (ledger.Campaign, error)
	Refuse(
		ctx context.Context, account string, id sms.ID, check, sentence string, by sms.Actor,
	) (ledger.Campaign, error)
	Pause(ctx context.Context, account string, id sms.ID, by sms.Actor) (ledger.Campaign, error)
	Resume(ctx context.Context, account string, id sms.ID, by sms.Actor) (ledger.Campaign, error)
	Cancel(ctx context.Context, account string, id sms.ID, by sms.Actor) (ledger.Campaign, error)
}

// buttons are what may be done now, each with what it does to how many.
func (p *campaignPage) buttons() {
	c := &p.Campaign
	if c.Status == ledger.Running {
		p.Pauses = p.many("campaigns_pause_do", c.Counts.Waiting)
	}
	if c.Status == ledger.Paused {
		p.Resumes = p.many("campaigns_resume_do", c.Counts.Waiting)
	}
	if c.Status == ledger.Running || c.Status == ledger.Paused || c.Status.Started() {
		p.Cancels = p.many("campaigns_cancel_do", c.Counts.Waiting)
	}
}

// What is said once a campaign was moved.
const (
	saidPaused   = "campaign_paused"
	saidResumed  = "campaign_resumed"
	saidCanceled = "campaign_canceled"
)

// pauseCampaign lets nothing new of a campaign leave.
func pauseCampaign(q *request) (answer, error) {
	return moveCampaign(q, q.console.Campaigns.Pause, saidPaused)
}

// resumeCampaign lets a paused campaign go on.
func resumeCampaign(q *request) (answer, error) {
	return moveCampaign(q, q.console.Campaigns.Resume, saidResumed)
}

// cancelCampaign ends a campaign: what waits does not leave.
func cancelCampaign(q *request) (answer, error) {
	return moveCampaign(q, q.console.Campaigns.Cancel, saidCanceled)
}

func moveCampaign(
	q *request, move func(context.Context, string, sms.ID, sms.Actor) (ledger.Campaign, error), said string,
) (answer, error) {
	if err := q.read(); err != nil {
		return nil, err
	}
	id, err := q.id()
	if err != nil {
		return nil, err
	}
	_, err = move(withoutCancel(q), q.account, id, q.actor())
	if hasMoved(err) {
		return redirect{campaignPath(id), "campaign_moved"}, nil
	}
	if err != nil {
		return nil, campaignError(err)
	}
	return redirect{campaignPath(id), said}, nil
}

// refusedAs reports whether an error is a refusal by a code.
func refusedAs(err error, code reason.Code) bool {
	refused, ok := errors.AsType[*gateway.Error](err)
	return ok && refused.Is(code)
}

// checkOutdated reports whether a campaign was changed since its check.
func checkOutdated(err error) bool {
	return errors.Is(err, ledger.ErrOutdated) || refusedAs(err, codeCheckOutdated)
}

// codeSentBefore is of a start that would send once more what another campaign sent.
const codeSentBefore reason.Code = "sent_before"

// codeCheckOutdated is of a campaign that was changed since its check.
const codeCheckOutdated reason.Code = "check_outdated"
