package console

import (
	"context"
	"errors"
	"io"
	"net/http"
	"net/url"
	"slices"

	"relais/auth"
	"relais/campaign/ledger"
	"relais/gateway"
	"relais/reason"
	"relais/sheet"
	"relais/sms"
)

// Campaigns makes campaigns, starts them, and says what became of their rows.
type Campaigns interface {
	CampaignReader
	CampaignDrafts
	CampaignRunner
	CampaignTrier
	CampaignFollower
	CampaignAudiences
}

// CampaignReader finds campaigns.
type CampaignReader interface {
	Campaigns(ctx context.Context, q ledger.Query) (found []ledger.Campaign, more bool, err error)
	Campaign(ctx context.Context, account string, id sms.ID) (ledger.Campaign, error)
	Rows(ctx context.Context, q ledger.RowQuery) (found []ledger.Row, more bool, err error)
	Timeline(ctx context.Context, account string, id sms.ID) ([]ledger.Event, error)
	// Head returns the first rows of the file, as people see them.
	Head(ctx context.Context, account string, id sms.ID, most int) ([]sheet.Row, error)
	// BadRows writes the rows of the file that are left out, as a table to be mended.
	BadRows(ctx context.Context, account string, id sms.ID, out io.Writer, l reason.Language) error
}

// CampaignDrafts keeps what people write before anything leaves.
type CampaignDrafts interface {
	Create(ctx context.Context, account string, c ledger.Content, by sms.Actor) (ledger.Campaign, error)
	Change(
		ctx context.Context, account string, id sms.ID, seen int, c ledger.Content, by sms.Actor,
	) (ledger.Campaign, error)
	Drop(ctx context.Context, account string, id sms.ID) error
	PutFile(
		ctx context.Context, account string, id sms.ID, seen int, name string, file io.Reader, by sms.Actor,
	) (ledger.Campaign, error)
	Check(ctx context.Context, account string, id sms.ID, by sms.Actor) (ledger.Campaign, error)
}

// campaignsPage lists the campaigns of an account, newest first.
type campaignsPage struct {
	frame

	Rows   []campaignRow
	Status ledger.Status // that the list is narrowed to; empty: none
	Next   string        // address of the next page; empty on the last
}

// campaignRow is a campaign in a list.
type campaignRow struct {
	ID   sms.ID
	Name string
	Path string
	Pill pill
	Why  string // what it waits for, or what is wrong; empty: nothing
	Bar  *gauge // nil: nothing moves
	At   moment
	By   string
}

// gauge is how far something is.
type gauge struct {
	Done, All int64
	Words     string
}

// Statuses are what the list can be narrowed to.
func (p *campaignsPage) Statuses() (all []option) {
	for _, one := range ledger.Statuses {
		all = append(all, option{string(one), p.campaignStatus(one).Word, one == p.Status})
	}
	return all
}

func showCampaigns(q *request) (answer, error) {
	asked := q.URL.Query()
	p := &campaignsPage{frame: *q.frame(), Status: ledger.Status(asked.Get("status"))}
	query := ledger.Query{Account: q.account, Status: p.Status, Limit: pageSize}
	if p.Status != "" && !p.Status.Valid() {
		return nil, &problem{http.StatusBadRequest, reason.Of(sayFilter, nil)}
	}
	if before := asked.Get("before"); before != "" {
		var err error
		if query.Before, err = sms.ParseRef(before); err != nil {
			return nil, &problem{http.StatusBadRequest, reason.Of(sayNoCursor, nil)}
		}
	}
	q.follow(q.ctx(), "campaigns")
	found, more, err := q.console.Campaigns.Campaigns(q.ctx(), query)
	if err != nil {
		return nil, err
	}
	for i := range found {
		p.Rows = append(p.Rows, p.campaignRow(&found[i]))
	}
	if more {
		next := url.Values{"before": {found[len(found)-1].ID.Ref()}}
		if p.Status != "" {
			next.Set("status", string(p.Status))
		}
		p.Next = Home + "campaigns?" + next.Encode()
	}
	return view{name: "campaigns", data: p}, nil
}

func campaignPath(id sms.ID) string { return Home + "campaigns/" + id.String() }

func (f *frame) campaignRow(c *ledger.Campaign) campaignRow {
	row := campaignRow{
		ID: c.ID, Name: c.Name, Path: campaignPath(c.ID), Pill: f.campaignStatus(c.Status), Why: f.campaignWhy(c),
		Bar: f.campaignBar(c), At: f.At(c.CreatedAt), By: f.actor(c.CreatedBy),
	}
	if !c.StartedAt.IsZero() {
		row.At, row.By = f.At(c.StartedAt), f.actor(c.StartedBy)
	}
	return row
}

var shapesOfCampaign = map[ledger.Status]string{
	ledger.Awaiting: "careful", ledger.Draft: "waiting", ledger.Checking: "moving", ledger.Ready: "waiting", ledger.Scheduled: "waiting",
	ledger.Running: "moving", ledger.Paused: "careful", ledger.Finishing: "moving", ledger.Finished: "good",
	ledger.Canceling: "careful", ledger.Canceled: "bad",
}

func (f *frame) campaignStatus(s ledger.Status) pill {
	return pill{shapesOfCampaign[s], f.say("campaigns_status_" + string(s))}
}

// campaignWhy is what a person should know of a state.
func (f *frame) campaignWhy(c *ledger.Campaign) string {
	switch {
	case c.Status == ledger.Draft && !c.Problem.IsZero():
		return f.told(c.Problem)
	case c.Status == ledger.Awaiting, c.Why == ledger.RefusedByPerson:
		return c.Saw.In(f.Lang)
	case c.Status == ledger.Scheduled:
		return reason.Of(Words+"/campaigns_starts", reason.Args{"at": reason.Name(f.At(c.StartAt).People)}).In(f.Lang)
	case c.Status == ledger.Running && c.WaitingFor != "":
		return f.known("campaigns_waits_" + string(c.WaitingFor))
	case c.Status == ledger.Paused:
		return f.pausedBy(c.Why, c.Saw)
	}
	return ""
}

// pausedBy says why a campaign is paused, with what was seen.
func (f *frame) pausedBy(why reason.Code, saw reason.Reason) string {
	said := f.known("campaigns_paused_" + why.Wire())
	switch {
	case said == "":
		return f.say("campaigns_paused")
	case saw.IsZero():
		return said
	}
	return saw.In(f.Lang) + " " + said
}

// known is a phrase; empty where nobody wrote it down.
func (f *frame) known(name string) string {
	if !slices.Contains(reason.Codes(), Words+"/"+reason.Code(name)) {
		return ""
	}
	return f.say(name)
}

// told is a sentence of package campaign. Where it tells what to write on a command line,
// pages tell what to choose.
func (f *frame) told(r reason.Reason) string {
	here := Words + "/campaigns_told_" + reason.Code(r.Code)
	if slices.Contains(reason.Codes(), here) {
		return reason.Of(here, r.Args).In(f.Lang)
	}
	return r.In(f.Lang)
}

// campaignBar is how far the check is, or how many messages left.
func (f *frame) campaignBar(c *ledger.Campaign) *gauge {
	if c.Status == ledger.Checking {
		if c.Progress.Total == 0 {
			return nil
		}
		return &gauge{c.Progress.Done, c.Progress.Total, f.say("campaigns_reading")}
	}
	left := c.Counts.Taken + c.Counts.Ended.Total()
	all := left + c.Counts.Waiting + c.Counts.Canceled
	if c.StartedAt.IsZero() || all == 0 {
		return nil
	}
	return &gauge{int64(left), int64(all), f.many("campaigns_left", left, "all", reason.Name(f.Count(int64(all))))}
}

// many is a phrase about a number of things, which it has as n: in groups of three digits.
func (f *frame) many(name string, n int, pairs ...any) string {
	args, err := argsOf(pairs)
	if err != nil {
		panic(err) // the pairs stand in this package
	}
	args["count"], args["n"] = reason.Count(n), reason.Name(f.Count(int64(n)))
	return reason.Of(Words+"/"+reason.Code(name), args).In(f.Lang)
}

// Many is many, for templates.
func (f *frame) Many(name string, n int) string { return f.many(name, n) }

// ofCampaign finds the campaign in the path.
func (q *request) ofCampaign() (ledger.Campaign, error) {
	id, err := q.id()
	if err != nil {
		return ledger.Campaign{}, err
	}
	c, err := q.console.Campaigns.Campaign(q.ctx(), q.account, id)
	return c, campaignError(err)
}

// campaignError is what pages make of an error of a campaign that is not there.
func campaignError(err error) error {
	if errors.Is(err, ledger.ErrUnknown) {
		return notFound()
	}
	return err
}

// campaignFrame is what every page of one campaign has.
type campaignFrame struct {
	frame
	problems

	Campaign ledger.Campaign
	Path     string
	Step     string // of the wizard; empty: it is another page
}

// MayStart reports whether the person may have messages leave.
func (p *campaignFrame) MayStart() bool { return p.May(auth.StartCampaigns) }

// MayDraft reports whether the person may write campaigns.
func (p *campaignFrame) MayDraft() bool { return p.May(auth.DraftCampaigns) }

// refusedCampaign puts an error beside the field at fault, and reports the status of the
// page. It is 0 where a person cannot mend it on that page.
func (p *campaignFrame) refusedCampaign(q *request, err error, fields map[string]string, other string) int {
	if errors.Is(err, ledger.ErrOutdated) {
		now, again := q.console.Campaigns.Campaign(q.ctx(), q.account, p.Campaign.ID)
		if again != nil {
			return 0
		}
		p.Campaign = now // whoever sends the form again has seen what the colleague did
		p.refuse(other, p.say("campaigns_outdated"))
		return http.StatusConflict
	}
	if wrong, ok := errors.AsType[*gateway.Error](err); ok && wrong.Kind != gateway.Unavailable {
		field := fields[wrong.Field]
		if field == "" {
			field = other
		}
		p.refuse(field, p.told(wrong.Reason))
		return http.StatusUnprocessableEntity
	}
	if wrong, ok := errors.AsType[*reason.Error](err); ok {
		p.refuse(other, p.told(wrong.Reason))
		return http.StatusUnprocessableEntity
	}
	return 0
}
