package webhook

import (
	"context"
	"time"
)

// Carrier takes events to endpoints that no address leads to: callers who open connections
// to the gateway, and get events by these while they stand.
type Carrier interface {
	// Ready reports whether the caller is there at this moment, and reached from this process.
	// Until then nothing is tried, and what waits stays as it is.
	Ready(e *Endpoint) bool
	// Carry takes an event to the caller, and returns once that is known to have it, or not. It waits for the event's turn
	// before it hands it over, and ends the turn then: the end of the call does so too.
	Carry(ctx context.Context, e *Endpoint, event *Event, turn *Turn) Carried
}

// Carried is what became of an event.
type Carried struct {
	Nothing bool  // there was nothing to tell
	Err     error // why the caller does not have it; it repeats neither number nor text
	Final   bool  // and never will
	// Again is when it is tried again; 0: by the schedule of all events.
	Again time.Duration
}

// carry makes one attempt by a carrier. Whether a caller is there says nothing of an endpoint,
// so that none is quarantined.
func (d *Deliverer) carry(by Carrier, a *Attempt, e *Endpoint, delivery *Delivery, turn *Turn, now time.Time) {
	began := time.Now()
	came := by.Carry(context.WithoutCancel(d.running), e, &delivery.Event, turn)
	if came.Nothing {
		a.State = Delivered
		return
	}
	a.Took = time.Since(began)
	if came.Err == nil {
		a.State = Delivered
		d.Metrics.took(a.Took)
		return
	}
	a.Error = came.Err.Error()
	wait := came.Again
	if wait <= 0 {
		wait = pause(delivery.Attempts+1, a.Seq)
	}
	if a.NextAt = now.Add(wait); came.Final || !a.NextAt.Before(delivery.Until) {
		a.State = Failed
	}
}

// carrier is how events leave for an endpoint; nil: by requests.
func (c *caller) carrier(format string) Carrier { return c.Carriers[format] }

// serves reports whether an endpoint is this deliverer's, and can be told of something now.
func (d *Deliverer) serves(e *Endpoint) bool {
	by := d.carrier(e.Format)
	if by == nil || !d.Carries {
		return by == nil && !d.Carries
	}
	return by.Ready(e)
}

// lapseEvery is how often what waits for absent callers is looked through.
const lapseEvery = 10 * time.Minute

// errAbsent is why an event was given up for a caller who never came.
const errAbsent = "the client was not there for as long as events are kept"

// lapse gives up what has waited for absent callers for longer than events are kept.
// After an outage each of them has the time between two rounds to come back.
func (d *Deliverer) lapse() {
	for {
		d.rest(lapseEvery)
		if d.running.Err() != nil {
			return
		}
		if d.Leapt != nil && d.Leapt() {
			continue // by a wrong clock everything would be over
		}
		busy, _, err := d.Store.Busy(d.running, d.Now())
		for i := range busy {
			by := d.carrier(busy[i].Format)
			if err == nil && by != nil && !by.Ready(&busy[i]) {
				err = d.lapseOf(&busy[i])
			}
		}
		if err != nil && d.running.Err() == nil {
			d.Log.Error("cannot give up events of clients who are not there", "error", err)
		}
	}
}

func (d *Deliverer) lapseOf(e *Endpoint) error {
	for {
		now := d.Now()
		due, err := d.Store.Due(d.running, *e, now, nil, most)
		if err != nil {
			return err
		}
		var gone []Attempt
		for i := range due {
			if one := &due[i]; now.After(one.Until) {
				gone = append(gone, Attempt{
					Account: e.Account, Endpoint: e.ID, Seq: one.Event.Seq, State: Failed,
					Try: Try{At: now, Error: errAbsent}, Earlier: one.tries(),
				})
			}
		}
		if len(gone) == 0 {
			return nil
		}
		if err := d.Store.SettleDeliveries(d.running, gone); err != nil {
			return err
		}
		d.Metrics.settled(gone)
	}
}
