package console

import (
	"errors"
	"net/http"
	"net/url"
	"strconv"

	"relais/auth"
	"relais/campaign/ledger"
	"relais/gateway"
	"relais/reason"
)

// campaignRowsSeen is in the audit when somebody looks at the rows of a campaign.
const campaignRowsSeen auth.ActCode = "campaign_rows_seen"

// campaignPage shows where a campaign stands, and what became of it.
type campaignPage struct {
	campaignFrame

	Pill     pill
	State    string // in a sentence
	Why      string
	Bar      *gauge
	Counts   []campaignCount
	Class    string
	Made     madeBy
	Started  madeBy
	Asked    string // who started what waits for somebody to agree
	Approved madeBy
	Ended    moment
	Text     string // empty to those who may not read texts
	Timeline []campaignLine
	GoOn     string // address of the step at which a draft goes on; empty: it is none
	Edits    string // address at which what waits for somebody to agree is changed; empty: it does not
	Drops    bool   // it may be forgotten
	Pauses   string // what the buttons say; empty: there is no such button
	Resumes  string
	Cancels  string
	Exports  bool
	Retries  bool   // what did not arrive may be sent again
	Corrects bool   // a mended table may follow
	Source   string // address of the campaign that it goes on from; empty: none
}

// madeBy is who did something, and when.
type madeBy struct {
	At moment
	By string
}

// campaignCount is how many rows are in a state.
type campaignCount struct {
	Name, Word, Rows string
	Path             string // where they are listed
}

// campaignLine is a line of a timeline.
type campaignLine struct {
	At   moment
	Pill pill
	Why  string
	By   string
	Last bool
}

func showCampaign(q *request) (answer, error) {
	c, err := q.ofCampaign()
	if err != nil {
		return nil, err
	}
	q.follow(q.ctx(), "campaign:"+c.ID.String())
	if c, err = q.ofCampaign(); err != nil { // what happens from here on is told
		return nil, err
	}
	p := &campaignPage{campaignFrame: campaignFrame{frame: *q.frame(), Campaign: c, Path: campaignPath(c.ID)}}
	p.fill()
	events, err := q.console.Campaigns.Timeline(q.ctx(), q.account, c.ID)
	for i := range events {
		e := &events[i]
		line := campaignLine{
			At: p.At(e.At), Pill: p.campaignStatus(e.Status), By: p.actor(e.Actor), Last: i == len(events)-1,
		}
		switch {
		case e.Why == ledger.Tested:
			line.Why = p.say("campaigns_tested")
		case e.Status == ledger.Paused:
			line.Why = p.pausedBy(e.Why, e.Saw)
		case e.Status == ledger.Awaiting, e.Why == ledger.RefusedByPerson:
			line.Why = e.Saw.In(p.Lang)
		}
		p.Timeline = append(p.Timeline, line)
	}
	return view{name: "campaign", data: p}, err
}

func (p *campaignPage) fill() {
	c := &p.Campaign
	p.Pill, p.Why, p.Bar = p.campaignStatus(c.Status), p.campaignWhy(c), p.campaignBar(c)
	p.State = p.say("campaigns_is_" + string(c.Status))
	p.Class = p.class(c.Class)
	p.Made = madeBy{p.At(c.CreatedAt), p.actor(c.CreatedBy)}
	if !c.StartedAt.IsZero() {
		p.Started = madeBy{p.At(c.StartedAt), p.actor(c.StartedBy)}
		p.Counts = p.counts()
	}
	if c.Status == ledger.Awaiting {
		p.Asked = p.actor(c.StartedBy)
	}
	if c.ApprovedBy != "" {
		p.Approved = madeBy{p.At(c.ApprovedAt), p.actor(c.ApprovedBy)}
	}
	if !c.EndedAt.IsZero() {
		p.Ended = p.At(c.EndedAt)
	}
	if p.SeesTexts() {
		p.Text = c.Text
	}
	if p.MayDraft() {
		p.GoOn = p.goesOnAt()
		p.Drops = c.Status.Editable() && !c.Status.Started()
		if c.Status == ledger.Awaiting {
			p.Edits = p.Path + "/" + stepText
		}
		p.follows()
	}
	if p.MayStart() {
		p.buttons()
	}
	p.Exports = !c.StartedAt.IsZero() && p.q.mayExport(c)
}

// goesOnAt is the step of the wizard that a draft lacks.
func (p *campaignPage) goesOnAt() string {
	c := &p.Campaign
	switch {
	case c.Status == ledger.Draft && c.File.SHA256 == "":
		return p.Path + "/recipients"
	case c.Status == ledger.Draft && !c.Problem.IsZero(), c.Status == ledger.Checking:
		return p.Path + "/check"
	case c.Status == ledger.Draft:
		return p.Path + "/columns"
	case c.Status == ledger.Ready:
		return p.Path + "/" + stepSummary
	}
	return ""
}

// counts are the rows by what became of them, without what there is none of.
func (p *campaignPage) counts() (all []campaignCount) {
	n := &p.Campaign.Counts
	for _, one := range []struct {
		name string
		rows int
	}{
		{"waiting", n.Waiting},
		{"taken", n.Taken},
		{"delivered", n.Ended.Delivered},
		{"undelivered", n.Ended.Undelivered},
		{"expired", n.Ended.Expired},
		{"rejected", n.Ended.Rejected},
		{"withdrawn", n.Ended.Canceled},
		{"canceled", n.Canceled},
		{"skipped", n.Skipped},
	} {
		if one.rows == 0 {
			continue
		}
		shown := campaignCount{Name: one.name, Word: p.say("campaigns_rows_" + one.name), Rows: p.Count(int64(one.rows))}
		state := ledger.State(one.name)
		if !state.Valid() {
			state = ledger.Ended
		}
		shown.Path = p.Path + "/rows?state=" + string(state)
		all = append(all, shown)
	}
	return all
}

// dropCampaign forgets a draft.
func dropCampaign(q *request) (answer, error) {
	if err := q.read(); err != nil {
		return nil, err
	}
	id, err := q.id()
	if err != nil {
		return nil, err
	}
	err = q.console.Campaigns.Drop(withoutCancel(q), q.account, id)
	if hasMoved(err) {
		return redirect{campaignPath(id), "campaign_moved"}, nil
	}
	if err != nil {
		return nil, campaignError(err)
	}
	return redirect{Home + "campaigns", "campaign_dropped"}, nil
}

// hasMoved reports whether the campaign is no longer where the page showed it.
func hasMoved(err error) bool {
	refused, ok := errors.AsType[*gateway.Error](err)
	return errors.Is(err, ledger.ErrStatus) || ok && refused.Is(codeCampaignStatus)
}

// codeCampaignStatus is of what the status of a campaign does not allow.
const codeCampaignStatus reason.Code = "campaign_status"

// campaignRowsPage lists the rows of a campaign.
type campaignRowsPage struct {
	campaignFrame

	Rows  []campaignTableRow
	State ledger.State
	Next  string
}

// campaignTableRow is a row of the table, and what became of it.
type campaignTableRow struct {
	Row  int // of the table, as the spreadsheet counts
	To   string
	Pill pill
	Why  string
	Path string // of its message; empty: it has none
	At   *moment
	Of   *appointmentShown // nil: it is no reminder
}

// States are what the list can be narrowed to.
func (p *campaignRowsPage) States() (all []option) {
	for _, one := range ledger.States {
		all = append(all, option{string(one), p.say("campaigns_state_" + string(one)), one == p.State})
	}
	return all
}

func showCampaignRows(q *request) (answer, error) {
	asked := q.URL.Query()
	p := &campaignRowsPage{State: ledger.State(asked.Get("state"))}
	after, err := strconv.Atoi(asked.Get("after"))
	if p.State != "" && !p.State.Valid() || asked.Has("after") && (err != nil || after < 0) {
		return nil, &problem{http.StatusBadRequest, reason.Of(sayFilter, nil)}
	}
	c, err := q.ofCampaign()
	if err != nil {
		return nil, err
	}
	p.campaignFrame = campaignFrame{frame: *q.frame(), Campaign: c, Path: campaignPath(c.ID)}
	if q.may(auth.SeeTexts) {
		if err := recordOnce(q, campaignRowsSeen, c.ID.String()); err != nil {
			return nil, err
		}
	}
	found, more, err := q.console.Campaigns.Rows(q.ctx(), ledger.RowQuery{
		Account: q.account, Campaign: c.ID, State: p.State, After: after, Limit: pageSize,
	})
	if err != nil {
		return nil, campaignError(err)
	}
	for i := range found {
		p.Rows = append(p.Rows, p.tableRow(&found[i]))
	}
	if more {
		next := url.Values{"after": {strconv.Itoa(found[len(found)-1].Row)}}
		if p.State != "" {
			next.Set("state", string(p.State))
		}
		p.Next = p.Path + "/rows?" + next.Encode()
	}
	return view{name: "campaign_rows", data: p}, nil
}

var shapesOfRow = map[ledger.State]string{
	ledger.Waiting: "waiting", ledger.Taken: "moving", ledger.Ended: "good", ledger.Skipped: "careful",
	ledger.RowCanceled: "bad",
}

func (p *campaignRowsPage) tableRow(r *ledger.Row) campaignTableRow {
	row := campaignTableRow{
		Row: r.SheetRow(), Of: p.appointment(&r.Appointment), Pill: pill{shapesOfRow[r.State], p.say("campaigns_state_" + string(r.State))},
	}
	if r.Number != "" {
		row.To = p.Number(r.Number)
	}
	if r.Status != "" {
		row.Pill = p.status(r.Status)
	}
	switch {
	case !r.Reason.IsZero():
		row.Why = p.told(r.Reason)
	case r.Code != "":
		row.Why = p.title("event", r.Code)
	}
	if !r.Message.IsZero() {
		row.Path = Home + "messages/" + r.Message.String()
	}
	if !r.At.IsZero() {
		at := p.At(r.At)
		row.At = &at
	}
	return row
}

// SavesRows reports whether the person may keep the rows of the campaign as a file.
func (p *campaignFrame) SavesRows() bool { return p.q.mayExport(&p.Campaign) }

// mayExport reports whether the person may keep the rows of a campaign as a file: of their
// own with one right, of others' with another.
func (q *request) mayExport(c *ledger.Campaign) bool {
	return q.may(auth.Export) || q.ownCampaign(c) && q.may(auth.ExportOwn)
}
