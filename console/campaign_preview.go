package console

import (
	"context"
	"errors"
	"math"
	"net/http"
	"strconv"

	"relais/campaign"
	"relais/campaign/engine"
	"relais/campaign/ledger"
	"relais/gateway"
	"relais/reason"
	"relais/sms"
)

// CampaignTrier shows what single rows become, before all leave.
type CampaignTrier interface {
	PreviewRow(ctx context.Context, account string, id sms.ID, n int) (*engine.RowPreview, error)
	// Test sends the text of a row to a number of the person's own.
	Test(ctx context.Context, account string, id sms.ID, t engine.Test) (*gateway.Result, error)
}

// campaignPreviewPage shows what one row becomes, and sends its text to the person who looks.
type campaignPreviewPage struct {
	campaignFrame

	Row      string // as it was asked for
	Shown    string // the row of the table; empty: what was typed names none
	Reminder string // by which rule it leaves; empty: it is no reminder

	To      string // that the row has
	Preview *preview
	Each    string // segments, in words
	When    string
	By      string
	From    string
	Refused string // why it gets no message; empty: it gets one
	Own     string // number for a test, as it was typed
	Tests   bool   // the person may send one

	First, Before, Behind, Last, Longest string // addresses of other rows; empty: there is none
}

func showCampaignPreview(q *request) (answer, error) {
	p, elsewhere, err := previewPage(q)
	if err != nil || elsewhere != nil {
		return elsewhere, err
	}
	if p.Row = q.URL.Query().Get("row"); p.Row == "" {
		return redirect{to: p.First}, nil
	}
	status, err := p.fill(q)
	return view{"campaign_preview", p, status}, err
}

// previewPage is a page about a campaign that was checked, with the ways to its rows.
func previewPage(q *request) (*campaignPreviewPage, answer, error) {
	c, err := q.ofCampaign()
	if err != nil {
		return nil, nil, err
	}
	p := &campaignPreviewPage{
		campaignFrame: campaignFrame{frame: *q.frame(), Campaign: c, Path: campaignPath(c.ID)},
	}
	p.Tests = p.MayStart() && !c.Status.Final() && c.Status != ledger.Canceling
	if p.First, err = p.at(q, ledger.RowQuery{}); err != nil {
		return nil, nil, err
	}
	switch {
	case c.Status == ledger.Draft, c.Status == ledger.Checking:
		return nil, redirect{to: p.Path + "/" + stepCheck}, nil
	case p.First == "":
		return nil, redirect{to: p.Path + "/rows"}, nil
	}
	return p, nil, recordOnce(q, campaignRowsSeen, c.ID.String())
}

// at is the address of the first row that a query finds, of those that get a message where
// the campaign did not begin; empty: there is none.
func (p *campaignPreviewPage) at(q *request, asked ledger.RowQuery) (string, error) {
	asked.Account, asked.Campaign, asked.Limit = q.account, p.Campaign.ID, 1
	if p.Campaign.Status == ledger.Ready && p.Campaign.Counts.Waiting > 0 {
		asked.State = ledger.Waiting
	}
	found, _, err := q.console.Campaigns.Rows(q.ctx(), asked)
	if err != nil || len(found) == 0 {
		return "", campaignError(err)
	}
	return p.rowPath(found[0].Row), nil
}

func (p *campaignPreviewPage) rowPath(n int) string {
	return p.Path + "/preview?row=" + strconv.Itoa(n)
}

// fill shows the row that was asked for, and returns the status of the page.
func (p *campaignPreviewPage) fill(q *request) (int, error) {
	n, err := strconv.Atoi(p.Row)
	if err != nil || n < 1 {
		p.refuse("row", p.say("campaigns_row_unreadable"))
		return refusedForm, nil //nolint:nilerr // the page says it beside the field
	}
	if err := p.neighbours(q, n); err != nil {
		return 0, err
	}
	seen, err := q.console.Campaigns.PreviewRow(q.ctx(), q.account, p.Campaign.ID, n)
	if err != nil {
		if status := p.refusedCampaign(q, err, nil, "row"); status != 0 {
			return status, nil
		}
		return 0, campaignError(err)
	}
	p.Shown = strconv.Itoa(seen.Row.SheetRow())
	p.Reminder = rulesInWords(seen.Row.Appointment.Rule, p.Lang)
	if seen.Row.Number != "" {
		p.To = p.Number(seen.Row.Number)
	}
	if !seen.Refused.IsZero() {
		p.Refused = p.told(seen.Refused)
		return http.StatusOK, nil
	}
	page := &sendPage{frame: p.frame}
	p.Preview = page.previewOf(seen.Result)
	if !p.SeesTexts() {
		p.Preview.Text, p.Preview.Cheaper = nil, ""
	}
	m := &seen.Result.Messages[0]
	how := page.fate(m)
	p.When, p.By, p.From = how.When, how.By, string(m.Sender)
	p.Each = p.many("campaigns_segments_one", m.Segments)
	return http.StatusOK, nil
}

// neighbours are the ways to the rows around one.
func (p *campaignPreviewPage) neighbours(q *request, n int) (err error) {
	for _, way := range []struct {
		to    *string
		query ledger.RowQuery
	}{
		{&p.Before, ledger.RowQuery{Before: n}},
		{&p.Behind, ledger.RowQuery{After: n}},
		{&p.Last, ledger.RowQuery{Before: math.MaxInt32}},
	} {
		if *way.to, err = p.at(q, way.query); err != nil {
			return err
		}
	}
	report, err := campaign.ReadReport(p.Campaign.Report, p.Lang)
	if err == nil && report.Segments.LongestRow > 0 {
		p.Longest = p.rowPath(report.Segments.LongestRow)
	}
	return err
}

// testCampaign sends the text of a row to the person who looks at it.
func testCampaign(q *request) (answer, error) {
	if err := q.read("row", "to"); err != nil {
		return nil, err
	}
	p, elsewhere, err := previewPage(q)
	if err != nil || elsewhere != nil {
		return elsewhere, err
	}
	p.Row, p.Own = q.field("row"), q.field("to")
	if status, err := p.fill(q); err != nil || status != http.StatusOK {
		return view{"campaign_preview", p, status}, err
	}
	n, _ := strconv.Atoi(p.Row)
	test := engine.Test{Row: n, To: p.Own, By: q.actor()}
	_, err = q.console.Campaigns.Test(withoutCancel(q), q.account, p.Campaign.ID, test)
	if err == nil {
		return redirect{p.rowPath(n), "campaign_tested"}, nil
	}
	return p.refusedTest(q, err)
}

// refusedTest shows the page again, with why nothing was sent.
func (p *campaignPreviewPage) refusedTest(q *request, err error) (answer, error) {
	if refused, ok := errors.AsType[*gateway.Error](err); ok && len(refused.Rejected) > 0 {
		err = reason.NewError(refused.Rejected[0].Code, refused.Rejected[0].Args)
	}
	return refusedStep(q, "campaign_preview", p, err, "to")
}
