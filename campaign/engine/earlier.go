package engine

import (
	"context"
	"time"

	"relais/campaign/appointment"
	"relais/campaign/ledger"
	"relais/gateway"
)

const (
	// beforeClosing is how long before the end of hours a reminder leaves that would leave after
	// them: those of a whole evening have to go through a connector.
	beforeClosing = 30 * time.Minute
	// hoursGrid is on which the hours of rules begin and end, to go by.
	hoursGrid = 5 * time.Minute
	// farthestBack is how far a reminder is moved.
	farthestBack = 8 * 24 * time.Hour
)

// earlier moves reminders that would leave outside of hours: those of their campaign, and those
// that rules have for their message. A reminder that comes later is of less use than one that
// comes sooner. What was asked once is known for all messages that go the same way to the same place.
type earlier struct {
	gateway Forecaster
	account string
	hours   ledger.Hours
	zone    *time.Location
	isOpen  map[opening]bool
}

// sample is a message, with what its hours depend on.
type sample struct {
	gateway.Submission

	place string
}

// opening is a moment at which messages to a place leave or do not.
type opening struct {
	at    int64
	place string
}

// sampleOf is a message of which the gateway has said by which connector and to where it goes. Of
// one that it refuses for now rules know as much by the first digits of its number.
func sampleOf(s gateway.Submission, m *foreseen) sample {
	if m != nil {
		return sample{s, m.message.Connector + " " + m.message.Country + " " + m.message.Family}
	}
	const digits = 7 // +262639 is Mayotte, +262692 La Réunion
	return sample{s, s.To[0][:min(digits, len(s.To[0]))]}
}

func newEarlier(g Forecaster, c *ledger.Campaign, zone *time.Location) *earlier {
	e := &earlier{gateway: g, account: c.Account, zone: zone, isOpen: map[opening]bool{}}
	e.hours, _, _ = ledger.ReadHours(c.Options.Hours, c.Options.Days)
	return e
}

// due is when a reminder leaves that was to leave at a wall-clock time.
func (e *earlier) due(ctx context.Context, s sample, due time.Time) (time.Time, error) {
	at := appointment.Instant(due, e.zone)
	moved, err := e.last(ctx, s, at)
	if err != nil || moved.Equal(at) {
		return due, err
	}
	return appointment.Now(moved, e.zone), nil
}

// next is the first moment from a wall-clock time on at which a message may leave; that time itself
// where there is none.
func (e *earlier) next(ctx context.Context, s sample, now time.Time) (time.Time, error) {
	from := appointment.Instant(now, e.zone)
	for at := from; at.Sub(from) < farthestBack; at = at.Truncate(hoursGrid).Add(hoursGrid) {
		switch open, err := e.open(ctx, s, at); {
		case err != nil:
			return now, err
		case open && at.After(from):
			return appointment.Now(at, e.zone), nil
		case open:
			return now, nil
		}
	}
	return now, nil
}

// last is the last moment up to one at which a message may leave, some time before the hours end;
// that one itself where there is none.
func (e *earlier) last(ctx context.Context, s sample, at time.Time) (time.Time, error) {
	switch open, err := e.open(ctx, s, at); {
	case err != nil:
		return at, err
	case open:
		return at, nil
	}
	var closes time.Time
	for back := at.Truncate(hoursGrid); at.Sub(back) < farthestBack; back = back.Add(-hoursGrid) {
		open, err := e.open(ctx, s, back)
		switch {
		case err != nil:
			return at, err
		case open && closes.IsZero():
			closes = back.Add(hoursGrid)
		case !open && !closes.IsZero():
			return back.Add(hoursGrid), nil
		}
		if !closes.IsZero() && closes.Sub(back) >= beforeClosing {
			return back, nil
		}
	}
	return at, nil
}

func (e *earlier) open(ctx context.Context, s sample, at time.Time) (bool, error) {
	if !e.hours.Open(at.In(e.zone)) {
		return false, nil
	}
	of := opening{at.Unix(), s.place}
	if open, known := e.isOpen[of]; known {
		return open, nil
	}
	out, err := e.gateway.Forecast(ctx, e.account, []gateway.Submission{s.Submission}, at)
	if err != nil {
		return false, err
	}
	if refusal := out[0].Refusal; refusal != nil { // what is wrong at every hour is said elsewhere
		e.isOpen[of] = !isNotYet(causeOf(refusal))
	} else {
		e.isOpen[of] = !out[0].Result.Messages[0].DueAt.After(at.Add(time.Second))
	}
	return e.isOpen[of], nil
}
