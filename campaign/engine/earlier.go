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
// comes sooner.
type earlier struct {
	gateway Forecaster
	account string
	hours   ledger.Hours
	zone    *time.Location
	known   map[place]time.Time
	opens   map[place]time.Time
}

// place is what hours depend on: a moment, and where a number is from, of which rules know more by
// its first digits.
type place struct {
	at     int64
	prefix string
}

func newEarlier(g Forecaster, c *ledger.Campaign, zone *time.Location) *earlier {
	e := &earlier{gateway: g, account: c.Account, zone: zone, known: map[place]time.Time{}, opens: map[place]time.Time{}}
	e.hours, _, _ = ledger.ReadHours(c.Options.Hours, c.Options.Days)
	return e
}

// due is when a reminder leaves that was to leave at a wall-clock time.
func (e *earlier) due(ctx context.Context, s gateway.Submission, due time.Time) (time.Time, error) {
	at := appointment.Instant(due, e.zone)
	of := placeOf(s, at)
	moved, known := e.known[of]
	if !known {
		var err error
		if moved, err = e.last(ctx, s, at); err != nil {
			return due, err
		}
		e.known[of] = moved
	}
	if moved.Equal(at) {
		return due, nil
	}
	return appointment.Now(moved, e.zone), nil
}

func placeOf(s gateway.Submission, at time.Time) place {
	const digits = 7 // +262639 is Mayotte, +262692 La Réunion
	return place{at.Unix(), s.To[0][:min(digits, len(s.To[0]))]}
}

// next is the first moment from a wall-clock time on at which a message may leave; that time itself
// where there is none.
func (e *earlier) next(ctx context.Context, s gateway.Submission, now time.Time) (time.Time, error) {
	from := appointment.Instant(now, e.zone)
	of := placeOf(s, from)
	if opens, known := e.opens[of]; known {
		return opens, nil
	}
	opens := now
	for at := from; at.Sub(from) < farthestBack; at = at.Truncate(hoursGrid).Add(hoursGrid) {
		open, err := e.open(ctx, s, at)
		if err != nil {
			return now, err
		}
		if open {
			if at.After(from) {
				opens = appointment.Now(at, e.zone)
			}
			break
		}
	}
	e.opens[of] = opens
	return opens, nil
}

// last is the last moment up to one at which a message may leave, some time before the hours end;
// that one itself where there is none.
func (e *earlier) last(ctx context.Context, s gateway.Submission, at time.Time) (time.Time, error) {
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

func (e *earlier) open(ctx context.Context, s gateway.Submission, at time.Time) (bool, error) {
	if !e.hours.Open(at.In(e.zone)) {
		return false, nil
	}
	out, err := e.gateway.Forecast(ctx, e.account, []gateway.Submission{s}, at)
	if err != nil {
		return false, err
	}
	if refusal := out[0].Refusal; refusal != nil { // what is wrong at every hour is said elsewhere
		return !isNotYet(causeOf(refusal)), nil
	}
	return !out[0].Result.Messages[0].DueAt.After(at.Add(time.Second)), nil
}
