package engine

import (
	"context"
	"time"

	"relais/campaign/ledger"
	"relais/gateway"
	"relais/lane"
	"relais/reason"
)

// Codes of when rows leave.
const (
	TooLate reason.Code = "too_late" // why a row is skipped: the campaign was to end before

	codeEnd     reason.Code = "campaign_end"
	codeEndPast reason.Code = "campaign_end_past"
	codeHours   reason.Code = "campaign_hours"
	codeDays    reason.Code = "campaign_hours/days"
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
	if err != nil {
		return refused("/options/end_by", codeEnd, nil)
	}
	if !end.IsZero() {
		o.EndBy = end.Format(time.RFC3339)
		if !c.StartAt.IsZero() && !end.After(c.StartAt) {
			return refused("/options/end_by", codeEndPast, nil)
		}
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
	return h.Open(f.Desk.Now().In(f.Desk.zone()))
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

// closed takes back what waits to leave outside the hours of a campaign. Rows whose messages
// were taken back wait again, and are not in its counts yet: nothing new is made of them here.
func (f *Feeder) closed(ctx context.Context, c *ledger.Campaign, queued int) error {
	switch {
	case queued > 0:
		return f.takeBack(ctx, c, takenBack)
	case c.Counts.Waiting == 0:
		return f.allFed(ctx, c)
	}
	return nil
}

// waits keeps what a campaign waits for, where that is something else than before.
func (f *Feeder) waits(ctx context.Context, c *ledger.Campaign, claim ledger.Claim, what ledger.Wait) error {
	if what == c.WaitingFor {
		return nil
	}
	return f.Desk.Store.CampaignWaits(ctx, claim, what)
}

// connectorOf is the connector of a campaign; empty: the routes decide.
func (f *Feeder) connectorOf(c *ledger.Campaign) string {
	if c.Connector != "" {
		return c.Connector
	}
	return f.Desk.Account(c.Account).Connector
}

// guardConnector pauses a campaign whose connector is gone, or has no credit. A balance counts
// that was read since a person let the campaign go on.
func (f *Feeder) guardConnector(c *ledger.Campaign) (why reason.Reason) {
	name := f.connectorOf(c)
	if name == "" {
		return reason.Reason{}
	}
	s, known := f.Gateway.Standing(name)
	switch {
	case !known && c.Connector != "":
		return reason.Of(ConnectorGone, reason.Args{"connector": reason.Name(name)})
	case known && s.UsedUp() && s.Balance.At.After(c.Watch.Since):
		return reason.Of(Credit, reason.Args{"connector": reason.Name(name)})
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
