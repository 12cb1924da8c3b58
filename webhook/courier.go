package webhook

import (
	"errors"
	"sync"
	"time"

	"relais/internal/bell"
	"relais/sms"
)

// courier serves one endpoint.
type courier struct {
	d       *Deliverer
	id      sms.ID
	account string
	wake    bell.Bell
	parcels chan *parcel
	porters int             // each makes one request at a time
	last    <-chan struct{} // closed when the turn of the parcel that was handed out last is over

	mu       sync.Mutex
	endpoint Endpoint
	flight   map[int64]bool // events under way, or settled and not stored yet
	done     []Attempt
	storing  bool
	idle     sync.WaitGroup
}

// most is how many deliveries are read at once, so that a request never waits
// for the database.
const most = 256

// idleFor is how long a courier without work stays.
const idleFor = time.Minute

func (c *courier) run() {
	defer c.idle.Wait()
	defer close(c.parcels)
	for {
		rang, err := c.wake.WaitAtMost(c.d.running, idleFor)
		if err != nil || !rang && c.d.forget(c) {
			return
		}
		for c.round() {
			c.d.rest(breath)
		}
		c.d.rest(breath)
	}
}

// round sends what is due, and reports whether there may be more.
func (c *courier) round() (more bool) {
	if c.d.running.Err() != nil {
		return false
	}
	e, err := c.d.Store.Endpoint(c.d.running, c.account, c.id)
	if errors.Is(err, ErrUnknown) {
		return false // deleted
	}
	if err == nil {
		c.mu.Lock()
		c.endpoint = e
		skip := make(map[int64]bool, len(c.flight))
		for seq := range c.flight {
			skip[seq] = true
		}
		c.mu.Unlock()
		var due []Delivery
		if due, err = c.due(e, skip); err == nil {
			return c.send(e, due)
		}
	}
	if c.d.running.Err() == nil {
		c.d.Log.Error("cannot read webhooks that are due", "endpoint", c.id.String(), "error", err)
	}
	return false
}

// due reads what an endpoint is sent now: one delivery to try it while it is
// quarantined.
func (c *courier) due(e Endpoint, skip map[int64]bool) ([]Delivery, error) {
	now := c.d.Now()
	switch {
	case e.State == Disabled, !c.d.serves(&e):
		return nil, nil
	case c.d.carrier(e.Format) != nil:
		e.State = Active // that a request failed says nothing of a caller who is there now
	case e.State == Quarantined && (now.Before(e.ProbeAt) || len(skip) > 0):
		return nil, nil
	case e.State == Quarantined:
		return c.d.Store.Due(c.d.running, e, now, skip, 1)
	}
	return c.d.Store.Due(c.d.running, e, now, skip, most)
}

func (c *courier) send(e Endpoint, due []Delivery) (more bool) {
	if len(due) == 0 {
		return false
	}
	signers, err := c.d.signers(c.d.running, &e)
	if err != nil {
		c.d.Log.Error("a webhook cannot be signed", "endpoint", c.id.String(), "error", err)
		return false
	}
	for i := range due {
		c.mu.Lock()
		c.flight[due[i].Event.Seq] = true
		c.mu.Unlock()
		turn := newTurn(c.last)
		c.last = turn.over
		if !c.hand(&parcel{e, signers, turn, &due[i]}) {
			return false
		}
	}
	return true
}

// parcel is a delivery on its way.
type parcel struct {
	endpoint Endpoint
	signers  []signer
	turn     *Turn
	*Delivery
}

// hand gives a parcel to a porter that is free, or hires one, or waits for one.
// It returns false when the courier is to end.
func (c *courier) hand(p *parcel) bool {
	select {
	case c.parcels <- p:
		return true
	default:
	}
	if c.porters < c.d.Concurrency {
		c.porters++
		c.idle.Go(c.carry)
	}
	select {
	case c.parcels <- p:
		return true
	case <-c.d.running.Done():
		return false
	}
}

// carry is a porter's work: one request after another, until the courier goes.
func (c *courier) carry() {
	for p := range c.parcels {
		c.settle(c.attempt(p))
	}
}

// attempt makes one, and lets the next event go in any case.
func (c *courier) attempt(p *parcel) Attempt {
	defer p.turn.End()
	return c.d.attempt(p.endpoint, p.signers, p.Delivery, p.turn)
}
