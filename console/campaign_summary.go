package console

import (
	"strconv"
	"strings"
	"time"
	"unicode"

	"relais/auth"
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
	Needs    string // why somebody else has to agree; empty: nobody has to
	Type     string // the number that is typed before it starts; empty: nothing is
	Typed    string // what was typed
	Again    bool   // the same was sent before, and whoever reads may send it once more
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
			err = p.sentence()
		}
	}
	return view{name: "campaign_summary", data: p}, err
}

// sentence says what is about to happen, and what the button does.
func (p *campaignSummaryPage) sentence() error {
	c, ready := &p.Campaign, p.Report.Rows.Ready
	p.Sentence = p.sentenceOf(p.Report)
	p.Send = p.many("campaigns_send_do", ready)
	if !c.StartAt.IsZero() || p.Reminds() {
		p.Send = p.many("campaigns_plan_do", ready)
	}
	why, err := p.q.console.Campaigns.NeedsApproval(c)
	if err != nil {
		return err
	}
	if !why.IsZero() {
		p.Needs, p.Send = why.In(p.Lang), p.many("campaigns_submit_do", ready)
	}
	if n := p.q.console.Campaigns.Typed(c); n > 0 {
		p.Type = p.Count(int64(n))
	}
	return nil
}

// sentenceOf says what leaves, from whom and when.
func (p *campaignFrame) sentenceOf(r *campaignReport) string {
	c := &p.Campaign
	sender := reason.Arg(phrase("campaigns_own_sender"))
	if c.Sender != "" {
		sender = reason.Name(marked(string(c.Sender)))
	}
	when := reason.Arg(phrase("campaigns_at_once"))
	if !c.StartAt.IsZero() {
		when = reason.Name(fullMomentOf(&p.frame, c.StartAt).People)
	}
	if p.Reminds() {
		when = phrase("appointments_when")
	}
	size := p.Count(int64(r.Segments.Total)) + " SMS"
	if f := r.Forecast; f != nil && f.Price != "" {
		size += ", " + f.Price
	}
	return p.many("campaigns_sentence", r.Rows.Ready, "size", reason.Name(size), "sender", sender, "when", when)
}

// startCampaign has messages leave as they were checked. The form names the check: what was
// changed since does not leave.
func startCampaign(q *request) (answer, error) {
	if err := q.read("check", "typed", "again"); err != nil {
		return nil, err
	}
	id, err := q.id()
	if err != nil {
		return nil, err
	}
	path := campaignPath(id)
	if again, err := mistyped(q, id); again != nil || err != nil {
		return again, err
	}
	start := q.console.Campaigns.Start
	if q.field("again") != "" && q.may(auth.ApproveCampaigns) {
		start = q.console.Campaigns.StartAgain
	}
	c, err := start(withoutCancel(q), q.account, id, q.field("check"), time.Time{}, q.actor())
	switch {
	case hasMoved(err):
		return redirect{path, "campaign_moved"}, nil
	case checkOutdated(err):
		return redirect{path + "/" + stepCheck, "campaign_check_outdated"}, nil
	case err != nil:
		return refusedStart(q, id, err, "start")
	case c.Status == ledger.Awaiting:
		return redirect{path, "campaign_submitted"}, nil
	}
	return redirect{path, "campaign_started"}, nil
}

// mistyped shows the summary again where the number of messages was to be typed, and was not.
func mistyped(q *request, id sms.ID) (answer, error) {
	c, err := q.console.Campaigns.Campaign(q.ctx(), q.account, id)
	if err != nil {
		return nil, campaignError(err)
	}
	want := q.console.Campaigns.Typed(&c)
	if c.Status != ledger.Ready || want == 0 || digitsOf(q.field("typed")) == strconv.Itoa(want) {
		return nil, nil //nolint:nilnil // nothing is to be shown
	}
	said := reason.Args{"n": reason.Name(q.frame().Count(int64(want)))}
	return refusedStart(q, id, reason.NewError(Words+"/campaigns_typed_wrong", said), "typed")
}

// digitsOf are the digits of a number that people type with spaces.
func digitsOf(typed string) string {
	return strings.Map(func(r rune) rune {
		if unicode.IsSpace(r) || r == '.' || r == ',' {
			return -1
		}
		return r
	}, typed)
}

// refusedStart shows the summary with why nothing leaves.
func refusedStart(q *request, id sms.ID, err error, field string) (answer, error) {
	c, again := q.console.Campaigns.Campaign(q.ctx(), q.account, id)
	if again != nil {
		return nil, campaignError(again)
	}
	p := &campaignSummaryPage{
		campaignFrame: campaignFrame{frame: *q.frame(), Campaign: c, Path: campaignPath(id), Step: stepSummary},
		Class:         q.frame().class(c.Class),
	}
	if p.Report, again = p.report(&c); p.Report != nil {
		again = p.sentence()
	}
	if again != nil {
		return nil, again
	}
	p.Typed = q.field("typed")
	p.Again = refusedAs(err, codeSentBefore) && q.may(auth.ApproveCampaigns)
	return refusedStep(q, "campaign_summary", p, err, field)
}
