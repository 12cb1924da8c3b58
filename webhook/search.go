package webhook

import (
	"time"

	"relais/internal/bell"
)

// Idle is how long the search for work sleeps at most where Rouse tells of
// all of it.
const Idle = 5 * time.Second

// find wakes the couriers of endpoints that have something due.
func (d *Deliverer) find() {
	for d.running.Err() == nil {
		busy, next, err := d.Store.Busy(d.running, d.Now())
		if err != nil && d.running.Err() == nil {
			d.Log.Error("cannot look for webhooks that are due", "error", err)
		}
		for i := range busy {
			if d.serves(&busy[i]) {
				d.rouse(busy[i])
			}
		}
		wait := d.LookEvery
		if !next.IsZero() {
			wait = min(wait, max(next.Sub(d.Now()), breath))
		}
		d.rest(breath)
		_, _ = d.wake.WaitAtMost(d.running, wait)
	}
}

// breath is how long the search, and each courier, rests at least. On a busy gateway
// something new comes all the time, and one question for many events costs little more than
// one for a few.
const breath = 5 * time.Millisecond

func (d *Deliverer) rest(wait time.Duration) {
	timer := time.NewTimer(wait)
	defer timer.Stop()
	select {
	case <-timer.C:
	case <-d.running.Done():
	}
}

// rouse wakes the courier of an endpoint, or hires one.
func (d *Deliverer) rouse(e Endpoint) {
	d.mu.Lock()
	defer d.mu.Unlock()
	c := d.couriers[e.ID]
	if c == nil {
		c = &courier{
			d: d, id: e.ID, account: e.Account, wake: bell.New(), parcels: make(chan *parcel),
			flight: map[int64]bool{},
		}
		d.couriers[e.ID] = c
		d.loops.Go(c.run)
	}
	c.wake.Ring()
}

// forget drops a courier that has had nothing to do for a while.
func (d *Deliverer) forget(c *courier) (gone bool) {
	d.mu.Lock()
	defer d.mu.Unlock()
	if c.wake.Hush() {
		return false
	}
	delete(d.couriers, c.id)
	return true
}
