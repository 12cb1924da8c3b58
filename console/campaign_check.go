package console

import (
	"net/http"
	"slices"
	"strconv"
	"strings"

	"relais/campaign"
	"relais/campaign/ledger"
	"relais/reason"
)

// refusedForm is the status of a page that says what is wrong in its form.
const refusedForm = http.StatusUnprocessableEntity

// campaignCheckPage is the fourth step: what every row becomes, and why some are left out.
type campaignCheckPage struct {
	campaignFrame

	Why    string // what kept the check from ending; empty: nothing
	Bar    *gauge // of a check that is under way
	Report *campaignReport
}

// campaignReport is what a check found, in words.
type campaignReport struct {
	*campaign.Report

	Ready, Total string
	Forecast     *campaignForecast // nil: no gateway was asked
	Skipped      []campaignFound
	Repaired     []campaignFound
	Asked        []string // what a person may say better
	Warned       []string
	Noted        []string
	Longer       []string
	Families     []campaignFamily
	By           []string // messages by how many SMS each takes
}

// campaignFound is a sentence about some rows.
type campaignFound struct {
	Rows  string
	Why   string
	First string // a few of their numbers
}

// campaignFamily is a family of numbers.
type campaignFamily struct{ Name, Messages, Segments, Price string }

func showCampaignCheck(q *request) (answer, error) {
	p := &campaignCheckPage{}
	f, elsewhere, err := q.atStep(stepCheck)
	if err != nil || elsewhere != nil {
		return elsewhere, err
	}
	q.follow(q.ctx(), "campaign:"+f.Campaign.ID.String())
	if f, elsewhere, err = q.atStep(stepCheck); err != nil || elsewhere != nil { // what happens from here on is told
		return elsewhere, err
	}
	p.campaignFrame = f
	return view{name: "campaign_check", data: p}, p.fill()
}

func (p *campaignCheckPage) fill() (err error) {
	c := &p.Campaign
	p.Bar = p.campaignBar(c)
	if !c.Problem.IsZero() {
		p.Why = p.told(c.Problem)
	}
	if c.Status == ledger.Ready {
		p.Report, err = p.report(c)
	}
	return err
}

// report is the report of a campaign, in the language of the page; nil without one.
func (f *frame) report(c *ledger.Campaign) (*campaignReport, error) {
	if len(c.Report) == 0 {
		return nil, nil //nolint:nilnil // it was not checked, which is no error
	}
	read, err := campaign.ReadReport(c.Report, f.Lang)
	if err != nil {
		return nil, err
	}
	r := &campaignReport{Report: read, Ready: f.Count(int64(read.Rows.Ready)), Total: f.Count(int64(read.Rows.Total))}
	r.Skipped, r.Repaired = f.found(read.Skipped), f.found(read.Repaired)
	r.Asked, r.Warned, r.Noted = f.allTold(read.Questions), f.allTold(read.Warnings), f.allTold(read.Notes)
	r.Forecast = f.forecast(read.Forecast)
	for i := range read.Longer {
		r.Longer = append(r.Longer, f.longer(&read.Longer[i]))
	}
	for _, one := range read.Families {
		r.Families = append(r.Families, campaignFamily{
			f.family(one.Family), f.Count(int64(one.Messages)), f.Count(int64(one.Segments)), f.amount(one.Price),
		})
	}
	for _, count := range sortedCounts(read.Segments.ByCount) {
		each := reason.Count(count)
		r.By = append(r.By, f.many("campaigns_by", read.Segments.ByCount[strconv.Itoa(count)], "each", each))
	}
	return r, nil
}

func (f *frame) found(all []campaign.Found) (shown []campaignFound) {
	for i := range all {
		one := &all[i]
		var first []string
		for _, row := range one.First {
			first = append(first, f.Count(int64(row)))
		}
		shown = append(shown, campaignFound{f.Count(int64(one.Rows)), f.told(one.Reason), strings.Join(first, ", ")})
	}
	return shown
}

func (f *frame) allTold(all []campaign.Said) (told []string) {
	for i := range all {
		told = append(told, f.told(all[i].Reason))
	}
	return told
}

// longer says which column makes texts longer, and by how much.
func (f *frame) longer(l *campaign.Longer) string {
	name := "campaigns_longer"
	if l.Characters {
		name = "campaigns_characters"
	}
	return f.many(name, l.Rows, "column", l.Column, "segments", reason.Name(f.Count(int64(l.Segments))))
}

// family is how people call a family of numbers.
func (f *frame) family(name string) string {
	said := f.known("campaigns_family_" + strings.ReplaceAll(name, "-", "_"))
	if said == "" {
		return name
	}
	return said
}

func sortedCounts(by map[string]int) (all []int) {
	for name := range by {
		if n, err := strconv.Atoi(name); err == nil {
			all = append(all, n)
		}
	}
	slices.Sort(all)
	return all
}

// checkCampaign has every row of the file judged.
func checkCampaign(q *request) (answer, error) {
	if err := q.read(); err != nil {
		return nil, err
	}
	f, elsewhere, err := q.atStep(stepCheck)
	if err != nil || elsewhere != nil {
		return elsewhere, err
	}
	p := &campaignCheckPage{campaignFrame: f}
	return p.begin(q, "campaign_check", p, stepCheck, "problem")
}

// begin starts a check and goes to a step that shows how far it is.
func (p *campaignFrame) begin(
	q *request, page string, shown campaignForm, to, field string,
) (answer, error) {
	_, err := q.console.Campaigns.Check(withoutCancel(q), q.account, p.Campaign.ID, q.actor())
	if err != nil {
		return refusedStep(q, page, shown, err, field)
	}
	return redirect{to: p.Path + "/" + to}, nil
}
