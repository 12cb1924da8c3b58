package engine

import (
	"context"
	"time"

	"relais/campaign/appointment"
	"relais/campaign/ledger"
	"relais/reason"
)

// next is the next rows of a campaign of which messages are made. Of reminders those are due that
// the clock of the place has come to; passed counts those whose time is over, which are left out.
func (f *Feeder) next(
	ctx context.Context, c *ledger.Campaign, claim ledger.Claim, most int,
) (rows []ledger.Row, passed int, err error) {
	if !c.Options.Appointments.Any() {
		rows, err = f.Desk.Store.WaitingRows(ctx, c.Account, c.ID, most)
		return rows, 0, err
	}
	now := appointment.Now(f.Desk.Now(), f.Desk.zoneOf(c))
	due, err := f.Desk.Store.DueRows(ctx, c.Account, c.ID, now, most)
	if err != nil {
		return nil, 0, err
	}
	var late []ledger.Row
	for i := range due {
		if missed(&due[i].Appointment, now) {
			due[i].Reason = reason.Of(tooLate, nil)
			late = append(late, due[i])
			continue
		}
		rows = append(rows, due[i])
	}
	return rows, len(late), f.skip(ctx, claim, late)
}

// validFor is how long the message of a row is worth something; 0: as its class says. A reminder is
// worth nothing once its appointment has begun.
func (f *Feeder) validFor(c *ledger.Campaign, row *ledger.Row) time.Duration {
	meets := row.Appointment.Meets
	if meets.IsZero() {
		return 0
	}
	left := appointment.Instant(meets, f.Desk.zoneOf(c)).Sub(f.Desk.Now())
	return min(max(left, time.Second), c.Class.Validity())
}
