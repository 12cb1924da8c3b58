package engine

import (
	"context"
	"errors"
	"math"
	"time"

	"relais/campaign/ledger"
	"relais/gateway"
	"relais/lane"
	"relais/reason"
)

// Codes of when rows leave.
const (
	TooLate reason.Code = "too_late" // why a row is skipped: the campaign was to end before

	codeEnd        reason.Code = "campaign_end"
	codeEndPast    reason.Code = "campaign_end_past"
	codeEndsBefore reason.Code = "campaign_ends_before"
	codeHours      reason.Code = "campaign_hours"
	codeDays       reason.Code = "campaign_hours/days"
)

// Reasons of pauses because of a connector.
const (
	Credit        reason.Code = "credit"         // its credit is known, and used up
	ConnectorGone reason.Code = "connector_gone" // it is no longer configured
)

// endOf reads when a campaign is to have fed its rows; zero: it does not say.
func endOf(o *ledger.Options) (time.Time, error) {
	if o.EndBy == "" {
		return time.Time{}, nil
	}
	at, err := time.Parse(time.RFC3339, o.EndBy)
	return at.UTC(), err
}

// checkTimes refuses times that cannot be read, and an end before the start.
func checkTimes(c *ledger.Content) error {
	o := &c.Options
	end, err := endOf(o)
	if err != nil || o.EndBy != "" && end.IsZero() {
		return refused("/options/end_by", codeEnd, nil)
	}
	if !end.IsZero() {
		o.EndBy = end.Format(time.RFC3339)
		if !c.StartAt.IsZero() && !end.After(c.StartAt) {
			return refused("/options/end_by", codeEndPast, nil)
		}
	}
	switch { // they are read in each turn, and by every list
	case !short(o.Hours):
		return refused("/options/hours", codeHours, nil)
	case !short(o.Days):
		return refused("/options/days", codeDays, nil)
	}
	switch _, hoursOK, daysOK := ledger.ReadHours(o.Hours, o.Days); {
	case !hoursOK:
		return refused("/options/hours", codeHours, nil)
	case !daysOK:
		return refused("/options/days", codeDays, nil)
	}
	return nil
}

// late reports whether rows of a campaign are too late at a moment.
func late(c *ledger.Campaign, at time.Time) bool {
	end, err := endOf(&c.Options)
	return err == nil && !end.IsZero() && !at.Before(end)
}

// open reports whether the hours of a campaign let messages leave now.
func (f *Feeder) open(c *ledger.Campaign) bool {
	h, _, _ := ledger.ReadHours(c.Options.Hours, c.Options.Days)
	return h.Open(f.Desk.Now().In(f.Desk.zoneOf(c)))
}

func (d *Desk) zone() *time.Location {
	if d.Zone == nil {
		return time.UTC
	}
	return d.Zone
}

// skipLate leaves out the rows that wait: a reminder after the event is worse than none. It
// reports whether there were some.
func (f *Feeder) skipLate(ctx context.Context, c *ledger.Campaign, claim ledger.Claim) (some bool, err error) {
	const page = 500
	rows, err := f.Desk.Store.WaitingRows(ctx, c.Account, c.ID, page)
	if err != nil || len(rows) == 0 {
		return false, err
	}
	for i := range rows {
		rows[i].Reason = reason.Of(TooLate, nil)
	}
	return true, f.skip(ctx, claim, rows)
}

// mayLeave reports whether messages of a campaign leave now: not outside its hours, nor after its end.
func (f *Feeder) mayLeave(c *ledger.Campaign) bool { return f.open(c) && !late(c, f.Desk.Now()) }

// recall takes back what waits to leave and may not, and reports whether something does. queued is
// how much does of the rows that were taken last; what is queued again may be of any row, and is
// looked for seldom.
func (f *Feeder) recall(ctx context.Context, c *ledger.Campaign, queued int) (some bool, err error) {
	k := f.courseOf(c)
	if queued == 0 && c.Counts.Taken > 0 {
		err = k.counting.do(func() (bool, error) {
			queued, err = f.Desk.Store.FedAhead(ctx, c.Account, c.ID, math.MaxInt32)
			return queued > 0, err
		})
	}
	if err != nil || queued == 0 {
		return false, err
	}
	k.following = seldom{} // the rows wait again as soon as that is seen
	return true, f.takeBack(ctx, c, takenBack)
}

// hold makes no messages of a campaign, whose messages may not leave now. Rows that wait after its
// end are left out.
func (f *Feeder) hold(
	ctx context.Context, c *ledger.Campaign, claim ledger.Claim, queued int,
) (next time.Duration, err error) {
	recalled, err := f.recall(ctx, c, queued)
	if err != nil {
		return look, err
	}
	if late(c, f.Desk.Now()) {
		if some, err := f.skipLate(ctx, c, claim); err != nil || some {
			return 0, err
		}
	}
	// Rows whose messages were taken back wait again, and are not in the counts yet.
	if !recalled && c.Counts.Waiting == 0 {
		err = f.allFed(ctx, c)
	}
	var what ledger.Wait
	if !f.open(c) {
		what = ledger.ForWindow
	}
	return look, errors.Join(err, f.waits(ctx, c, claim, what), f.follow(ctx, c, claim))
}

// waits keeps what a campaign waits for, where that is something else than before.
func (f *Feeder) waits(ctx context.Context, c *ledger.Campaign, claim ledger.Claim, what ledger.Wait) error {
	if what == c.WaitingFor {
		return nil
	}
	return f.Desk.Store.CampaignWaits(ctx, claim, what)
}

// connectorOf is the connector by which a campaign leaves unless a route says otherwise; empty:
// the routes decide.
func (f *Feeder) connectorOf(c *ledger.Campaign) string {
	if c.Connector != "" {
		return c.Connector
	}
	return f.Desk.Account(c.Account).Connector
}

// guardConnector pauses a campaign that names a connector which is gone, or has no credit: where
// it names none, routes choose for each row. A balance counts that was read since the campaign
// started, or since a person let it go on.
func (f *Feeder) guardConnector(c *ledger.Campaign) (why reason.Reason) {
	if c.Connector == "" {
		return reason.Reason{}
	}
	s, known := f.Gateway.Standing(c.Connector)
	switch {
	case !known:
		return reason.Of(ConnectorGone, reason.Args{"connector": reason.Name(c.Connector)})
	case s.UsedUp() && s.Balance.At.After(later(c.Watch.Since, c.StartedAt)):
		return reason.Of(Credit, reason.Args{"connector": reason.Name(c.Connector)})
	}
	return reason.Reason{}
}

// waiting is what a turn of the feeder found.
type waiting struct {
	left   rest
	full   bool // as many messages wait for the connector as may
	slowed bool // by the rate of the campaign
}

// tellWait keeps what a campaign waits for. Why messages do not leave is asked once a second.
func (f *Feeder) tellWait(ctx context.Context, c *ledger.Campaign, claim ledger.Claim, w waiting) error {
	var what ledger.Wait
	switch s, now := f.stateOf(c), f.Desk.Now(); {
	case w.full && now.Sub(s.looked) < time.Second:
		return nil
	case w.full:
		var err error
		if what, err = f.full(ctx, c); err != nil {
			return err
		}
		s.looked = now
	case w.left == held:
		what = ledger.ForConnector
	case w.slowed:
		what = ledger.ForRate
	}
	return f.waits(ctx, c, claim, what)
}

// full is why a campaign whose messages fill what may be ahead makes no more of them; empty:
// they leave.
func (f *Feeder) full(ctx context.Context, c *ledger.Campaign) (ledger.Wait, error) {
	if name := f.connectorOf(c); name != "" {
		if s, known := f.Gateway.Standing(name); known && s.State != lane.Running && s.State != lane.Elsewhere {
			return ledger.ForConnector, nil
		}
	}
	rows, err := f.Desk.Store.WaitingRows(ctx, c.Account, c.ID, 1)
	if err != nil || len(rows) == 0 {
		return "", err
	}
	return f.deferred(ctx, c, &rows[0])
}

// deferred asks whether the next row would wait for the hours of its rules.
func (f *Feeder) deferred(ctx context.Context, c *ledger.Campaign, row *ledger.Row) (ledger.Wait, error) {
	s, err := submission(c, row)
	if err != nil {
		return "", err
	}
	result, err := f.Gateway.Preview(ctx, s, time.Time{})
	if err != nil {
		return "", nil //nolint:nilerr // it is said when it is its turn
	}
	if due := dueOf(result); due.Sub(f.Desk.Now()) > time.Minute {
		return ledger.ForWindow, nil
	}
	return "", nil
}

func dueOf(result *gateway.Result) (due time.Time) {
	for i := range result.Messages {
		if m := &result.Messages[i]; m.DueAt.After(due) {
			due = m.DueAt
		}
	}
	return due
}
