package console

import (
	"time"

	"relais/campaign/ledger"
	"relais/reason"
	"relais/sms"
)

// campaignSummaryPage is the sixth step: all that matters in a sentence, and the button.
type campaignSummaryPage struct {
	campaignFrame

	Bar      *gauge // of a check that is under way
	Report   *campaignReport
	Sentence string
	Send     string // what the button says
	Class    string
}

func showCampaignSummary(q *request) (answer, error) {
	f, elsewhere, err := q.atStep(stepSummary)
	if err != nil || elsewhere != nil {
		return elsewhere, err
	}
	q.follow(q.ctx(), "campaign:"+f.Campaign.ID.String())
	if f, elsewhere, err = q.atStep(stepSummary); err != nil || elsewhere != nil { // what happens from here on is told
		return elsewhere, err
	}
	p := &campaignSummaryPage{campaignFrame: f, Bar: f.campaignBar(&f.Campaign), Class: f.class(f.Campaign.Class)}
	if f.Campaign.Status == ledger.Ready {
		if p.Report, err = p.report(&f.Campaign); p.Report != nil {
			p.sentence()
		}
	}
	return view{name: "campaign_summary", data: p}, err
}

// sentence says what is about to happen.
func (p *campaignSummaryPage) sentence() {
	c, read := &p.Campaign, p.Report.Report
	sender := reason.Arg(phrase("campaigns_own_sender"))
	if c.Sender != "" {
		sender = reason.Name(marked(string(c.Sender)))
	}
	when := reason.Arg(phrase("campaigns_at_once"))
	if !c.StartAt.IsZero() {
		when = reason.Name(fullMomentOf(&p.frame, c.StartAt).People)
	}
	size := p.Count(int64(read.Segments.Total)) + " SMS"
	if f := p.Report.Forecast; f != nil && f.Price != "" {
		size += ", " + f.Price
	}
	p.Sentence = p.many("campaigns_sentence", read.Rows.Ready, "size", reason.Name(size), "sender", sender, "when", when)
	p.Send = p.many("campaigns_send_do", read.Rows.Ready)
	if !c.StartAt.IsZero() {
		p.Send = p.many("campaigns_plan_do", read.Rows.Ready)
	}
}

// startCampaign has messages leave as they were checked. The form names the check: what was
// changed since does not leave.
func startCampaign(q *request) (answer, error) {
	if err := q.read("check"); err != nil {
		return nil, err
	}
	id, err := q.id()
	if err != nil {
		return nil, err
	}
	path := campaignPath(id)
	_, err = q.console.Campaigns.Start(withoutCancel(q), q.account, id, q.field("check"), time.Time{}, q.actor())
	switch {
	case hasMoved(err):
		return redirect{path, "campaign_moved"}, nil
	case checkOutdated(err):
		return redirect{path + "/" + stepCheck, "campaign_check_outdated"}, nil
	case err != nil:
		return refusedStart(q, id, err)
	}
	return redirect{path, "campaign_started"}, nil
}

// refusedStart shows the summary with why nothing leaves.
func refusedStart(q *request, id sms.ID, err error) (answer, error) {
	c, again := q.console.Campaigns.Campaign(q.ctx(), q.account, id)
	if again != nil {
		return nil, campaignError(again)
	}
	p := &campaignSummaryPage{
		campaignFrame: campaignFrame{frame: *q.frame(), Campaign: c, Path: campaignPath(id), Step: stepSummary},
		Class:         q.frame().class(c.Class),
	}
	if p.Report, again = p.report(&c); p.Report != nil {
		p.sentence()
	}
	if again != nil {
		return nil, again
	}
	return refusedStep(q, "campaign_summary", p, err, "start")
}
