package console

import (
	"relais/auth"
	"relais/campaign/ledger"
	"relais/sms"
)

// campaignApprovalPage is what somebody reads before they agree to a campaign: what its author saw.
type campaignApprovalPage struct {
	campaignFrame

	Report   *campaignReport
	Sentence string // what is about to happen
	Class    string
	Made     madeBy
	Started  string // who started it
	Own      bool   // the person wrote or started it
	Approves string // what the button says
	Reason   string // of a refusal, as it was typed
}

// What is said once somebody agreed, or did not.
const (
	saidApproved = "campaign_approved"
	saidRefused  = "campaign_refused"
)

func showCampaignApproval(q *request) (answer, error) {
	c, err := q.ofCampaign()
	if err != nil {
		return nil, err
	}
	q.follow(q.ctx(), "campaign:"+c.ID.String())
	if c, err = q.ofCampaign(); err != nil { // what happens from here on is told
		return nil, err
	}
	if c.Status != ledger.Awaiting {
		return redirect{to: campaignPath(c.ID)}, nil
	}
	p, err := approvalPage(q, c)
	return view{name: "campaign_approval", data: p}, err
}

func approvalPage(q *request, c ledger.Campaign) (*campaignApprovalPage, error) {
	p := &campaignApprovalPage{campaignFrame: campaignFrame{frame: *q.frame(), Campaign: c, Path: campaignPath(c.ID)}}
	p.Class, p.Own = p.class(c.Class), c.Own(q.actor())
	p.Made, p.Started = madeBy{p.At(c.CreatedAt), p.actor(c.CreatedBy)}, p.actor(c.StartedBy)
	report, err := p.report(&c)
	if err != nil || report == nil {
		return p, err
	}
	p.Report, p.Sentence = report, p.sentenceOf(report)
	p.Approves = p.many("campaigns_approve_do", report.Rows.Ready)
	return p, nil
}

// Awaits reports whether the person may agree to the campaign, or not.
func (p *campaignFrame) Awaits() bool {
	return p.Campaign.Status == ledger.Awaiting && p.May(auth.ApproveCampaigns) && !p.Campaign.Own(p.q.actor())
}

// approveCampaign agrees to a campaign. The form names the check that was read.
func approveCampaign(q *request) (answer, error) {
	if err := q.read("check"); err != nil {
		return nil, err
	}
	id, err := q.id()
	if err != nil {
		return nil, err
	}
	_, err = q.console.Campaigns.Approve(withoutCancel(q), q.account, id, q.field("check"), q.actor())
	return decided(q, id, err, saidApproved, "approve")
}

// refuseCampaign does not agree to a campaign, and says why.
func refuseCampaign(q *request) (answer, error) {
	if err := q.read("check", "sentence"); err != nil {
		return nil, err
	}
	id, err := q.id()
	if err != nil {
		return nil, err
	}
	_, err = q.console.Campaigns.Refuse(
		withoutCancel(q), q.account, id, q.field("check"), q.field("sentence"), q.actor())
	return decided(q, id, err, saidRefused, "sentence")
}

// decided goes back to the campaign, or shows the page again with what is wrong.
func decided(q *request, id sms.ID, err error, said, field string) (answer, error) {
	switch {
	case err == nil:
		return redirect{campaignPath(id), said}, nil
	case hasMoved(err), checkOutdated(err):
		return redirect{campaignPath(id), "campaign_moved"}, nil
	}
	c, again := q.console.Campaigns.Campaign(q.ctx(), q.account, id)
	if again != nil {
		return nil, campaignError(again)
	}
	p, again := approvalPage(q, c)
	if again != nil {
		return nil, again
	}
	p.Reason = q.field("sentence")
	return refusedStep(q, "campaign_approval", p, err, field)
}

// findApprovals adds the campaigns that wait for this person to agree.
func (p *homePage) findApprovals(q *request) error {
	if !q.may(auth.ApproveCampaigns) {
		return nil
	}
	found, _, err := q.console.Campaigns.Campaigns(q.ctx(), ledger.Query{
		Account: q.account, Status: ledger.Awaiting, Limit: most,
	})
	if err != nil {
		return err
	}
	count, path := 0, "campaigns?status="+string(ledger.Awaiting)
	for i := range found {
		if !found[i].Own(q.actor()) {
			count++
		}
	}
	if len(found) == 1 {
		path = "campaigns/" + found[0].ID.String() + "/approval"
	}
	p.add("approvals", count, path)
	return nil
}
