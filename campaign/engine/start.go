package engine

import (
	"context"
	"errors"
	"slices"
	"time"

	"relais/campaign/ledger"
	"relais/reason"
	"relais/sms"
)

// Codes of why a start is refused.
const (
	CodeOutdated reason.Code = "check_outdated"
	CodeNoRows   reason.Code = "campaign_without_rows"

	codeFar  reason.Code = "campaign_start_too_far"
	codePast reason.Code = "campaign_start_past"
)

// Reasons of pauses.
const (
	ByPerson    reason.Code = "by_person"
	MissedStart reason.Code = "missed_start"
	Refused     reason.Code = "refused" // the gateway takes none of its messages any more
	Quota       reason.Code = "quota_used_up"
)

// mostAhead is how far ahead a start may be.
const mostAhead = 366 * 24 * time.Hour

// slack is how long a time of start may be over while somebody starts the campaign.
const slack = time.Minute

// Start starts a campaign that was checked, or says when it starts. check names the check,
// so that nothing is sent from a file that somebody has not seen judged. at is when; zero:
// as the campaign says, else now. Where its account wants somebody else to agree, it waits for
// that. One that was started by the same check goes on. Where the same texts went to the same numbers
// within 30 days, it is refused.
func (d *Desk) Start(
	ctx context.Context, account string, id sms.ID, check string, at time.Time, by sms.Actor,
) (ledger.Campaign, error) {
	return d.start(ctx, account, id, check, at, by, false)
}

func (d *Desk) start(
	ctx context.Context, account string, id sms.ID, check string, at time.Time, by sms.Actor, again bool,
) (ledger.Campaign, error) {
	c, err := d.Campaign(ctx, account, id)
	if err != nil {
		return c, err
	}
	now := d.Now()
	if at.IsZero() {
		at = c.StartAt
	}
	at = at.UTC().Truncate(time.Microsecond)
	switch {
	case startedFrom(&c, check):
		return c, nil
	case c.Status != ledger.Ready:
		return c, explained(c, ledger.ErrStatus)
	case check != c.Check:
		return c, conflict(reason.Of(CodeOutdated, nil))
	}
	if err := d.mayBegin(&c, at, now); err != nil {
		return c, err
	}
	why, err := d.NeedsApproval(&c)
	if err != nil {
		return c, explained(c, err)
	}
	m := ledger.Move{To: ledger.Running, StartAt: at}
	if !again {
		m.SentSince = sentSince(&c, now)
	}
	switch {
	case !why.IsZero():
		m.To, m.Why, m.Saw = ledger.Awaiting, CodeNeeded, why
	case at.After(now):
		m.To = ledger.Scheduled
	}
	c, err = d.setOff(ctx, &c, m, by, startedFrom)
	return c, d.sentBefore(ctx, account, err)
}

// takesOver reports whether a start does something though no row waits: reminders of before go.
func takesOver(c *ledger.Campaign) bool {
	return c.Options.Appointments.Any() && !c.Options.From.Campaign.IsZero()
}

func later(a, b time.Time) time.Time {
	if a.After(b) {
		return a
	}
	return b
}

// startedFrom reports whether a campaign was started from a check. One that is checked again
// still has the check of before.
func startedFrom(c *ledger.Campaign, check string) bool {
	switch c.Status {
	case ledger.Draft, ledger.Checking, ledger.Ready:
		return false
	default:
		return check != "" && check == c.Check
	}
}

// Pause keeps a campaign from making messages. What waits to leave is taken back.
func (d *Desk) Pause(ctx context.Context, account string, id sms.ID, by sms.Actor) (ledger.Campaign, error) {
	return d.move(ctx, account, id, ledger.Move{
		Mark: d.mark(by), From: []ledger.Status{ledger.Running, ledger.Scheduled, ledger.Finishing},
		To: ledger.Paused, Why: ByPerson,
	}, ledger.Paused)
}

// Resume lets a paused campaign go on. One that never started, and whose time is yet to come,
// waits for it.
func (d *Desk) Resume(ctx context.Context, account string, id sms.ID, by sms.Actor) (ledger.Campaign, error) {
	c, err := d.Campaign(ctx, account, id)
	if err != nil {
		return c, err
	}
	m := ledger.Move{Mark: d.mark(by), From: []ledger.Status{ledger.Paused}, To: ledger.Running}
	if c.StartedAt.IsZero() && c.StartAt.After(d.Now()) {
		m.To, m.StartAt = ledger.Scheduled, c.StartAt
	}
	return d.move(ctx, account, id, m, ledger.Scheduled, ledger.Running, ledger.Finishing, ledger.Finished)
}

// Cancel ends a campaign. What waits to leave is taken back; what is under way ends by itself.
func (d *Desk) Cancel(ctx context.Context, account string, id sms.ID, by sms.Actor) (ledger.Campaign, error) {
	return d.move(ctx, account, id, ledger.Move{
		Mark: d.mark(by), From: []ledger.Status{
			ledger.Awaiting, ledger.Scheduled, ledger.Running, ledger.Paused, ledger.Finishing,
		}, To: ledger.Canceling,
	}, ledger.Canceling, ledger.Canceled)
}

// move moves a campaign, and leaves one alone that has been moved there before.
func (d *Desk) move(
	ctx context.Context, account string, id sms.ID, m ledger.Move, done ...ledger.Status,
) (ledger.Campaign, error) {
	c, err := d.Store.MoveCampaign(ctx, account, id, m)
	d.Rouse()
	d.moved(&m, err)
	if errors.Is(err, ledger.ErrStatus) && slices.Contains(done, c.Status) {
		return c, nil
	}
	return c, explained(c, err)
}
