package console

import (
	"strconv"
	"strings"
	"time"

	"relais/campaign"
	"relais/campaign/ledger"
)

// campaignOptionsPage is the fifth step: when and how it leaves.
type campaignOptionsPage struct {
	campaignFrame

	Draft ledger.Content
	When  string // as typed
	End   string // as typed
	Rate  string
	Most  string // segments of one message
}

var campaignOptionsFields = []string{
	"version", "when", "end", "hours", "days", "rate", "duplicates", "segments", "gsm",
}

// usualDays are the days that people choose from, with how they are called.
var usualDays = []struct{ days, word string }{
	{"", "campaigns_days_all"}, {"mon-fri", "campaigns_days_five"}, {"mon-sat", "campaigns_days_six"},
}

// Days are those on which messages may leave. What a program chose stays there to be chosen.
func (p *campaignOptionsPage) Days() (all []option) {
	chosen, known := p.Draft.Options.Days, false
	for _, one := range usualDays {
		all = append(all, option{one.days, p.say(one.word), one.days == chosen})
		known = known || one.days == chosen
	}
	if !known {
		all = append(all, option{chosen, chosen, true})
	}
	return all
}

// Duplicates are what may become of rows with the same number.
func (p *campaignOptionsPage) Duplicates() (all []option) {
	chosen := p.Draft.Options.Duplicates
	if chosen == "" {
		chosen = string(campaign.SameText)
	}
	for _, one := range []campaign.Duplicates{campaign.SameText, campaign.FirstOnly, campaign.EveryRow} {
		all = append(all, option{string(one), p.say("campaigns_duplicates_" + string(one)), string(one) == chosen})
	}
	return all
}

const localForm = "2006-01-02T15:04" // of an input of the type datetime-local

func showCampaignOptions(q *request) (answer, error) {
	p, elsewhere, err := optionsPage(q)
	if err != nil || elsewhere != nil {
		return elsewhere, err
	}
	return view{name: "campaign_options", data: p}, nil
}

func optionsPage(q *request) (*campaignOptionsPage, answer, error) {
	f, elsewhere, err := q.atStep(stepOptions)
	if err != nil || elsewhere != nil {
		return nil, elsewhere, err
	}
	p := &campaignOptionsPage{campaignFrame: f, Draft: f.Campaign.Content}
	if !p.Draft.StartAt.IsZero() {
		p.When = p.Draft.StartAt.In(q.console.Zone).Format(localForm)
	}
	if end, err := time.Parse(time.RFC3339, p.Draft.Options.EndBy); err == nil {
		p.End = end.In(q.console.Zone).Format(localForm)
	}
	p.Rate, p.Most = written(p.Draft.Options.Rate), written(p.Draft.Options.Segments)
	return p, nil, nil
}

// written is a number that is not 0.
func written(n int) string {
	if n == 0 {
		return ""
	}
	return strconv.Itoa(n)
}

// changeCampaignOptions keeps what was chosen. What the check would judge otherwise now is
// checked again.
func changeCampaignOptions(q *request) (answer, error) {
	p, elsewhere, err := optionsPage(q)
	if err != nil || elsewhere != nil {
		return elsewhere, err
	}
	if err := q.read(campaignOptionsFields...); err != nil {
		return nil, err
	}
	p.readOptions(q)
	if len(p.Problems) > 0 {
		return view{"campaign_options", p, refusedForm}, nil
	}
	if err := p.change(q, p.Draft); err != nil {
		return refusedStep(q, "campaign_options", p, err, "when")
	}
	if p.Campaign.Status != ledger.Draft {
		return redirect{to: p.Path + "/" + stepSummary}, nil
	}
	return p.begin(q, "campaign_options", p, stepSummary, "when")
}

// readOptions takes what was typed.
func (p *campaignOptionsPage) readOptions(q *request) {
	o := &p.Draft.Options
	p.When, p.End, p.Rate, p.Most = q.field("when"), q.field("end"), q.field("rate"), q.field("segments")
	p.Draft.StartAt = p.momentIn(q, "when", p.When)
	o.EndBy = ""
	if end := p.momentIn(q, "end", p.End); !end.IsZero() {
		o.EndBy = end.Format(time.RFC3339)
	}
	o.Hours, o.Days = q.field("hours"), q.field("days")
	o.Rate, o.Segments = p.numberIn("rate", p.Rate), p.numberIn("segments", p.Most)
	o.Duplicates, o.GSM = q.field("duplicates"), q.field("gsm") == "1"
	if o.Duplicates == string(campaign.SameText) {
		o.Duplicates = "" // as it is where nobody says
	}
}

// momentIn is a moment to come that was typed; zero: none was.
func (p *campaignOptionsPage) momentIn(q *request, field, typed string) time.Time {
	if typed == "" {
		return time.Time{}
	}
	at, err := time.ParseInLocation(localForm, typed, q.console.Zone)
	switch {
	case err != nil:
		p.refuse(field, p.say("when_unreadable"))
	case at.Before(q.now()):
		p.refuse(field, p.say("campaigns_when_past"))
	}
	return at.UTC()
}

// numberIn is a whole number that was typed; 0: none was.
func (p *campaignOptionsPage) numberIn(field, typed string) int {
	if typed == "" {
		return 0
	}
	n, err := strconv.Atoi(strings.ReplaceAll(typed, " ", ""))
	if err != nil || n < 1 {
		p.refuse(field, p.say("campaigns_number_unreadable"))
		return 0
	}
	return n
}
