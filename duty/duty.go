package duty

import (
	"context"
	"sync"
	"time"
)

// Duty is work that one node does at a time: a lane, the sweep, the webhooks.
// Without leases it begins at the start and ends with the roster.
type Duty struct {
	Name string
	// Begin prepares the work each time that the lease comes from another node; nil:
	// nothing has to be done. It is not called where there are no leases.
	Begin  func(context.Context) error
	Chores []Chore

	leased bool // else it is always ours

	mu    sync.Mutex
	fence int64
	begun int64              // fence by which Begin succeeded
	until time.Time          // when the lease is over, by our clock at the latest
	clock *time.Timer        // quits then
	quit  context.CancelFunc // nil while the duty is not ours
	ended chan struct{}      // closed when the work has ended; nil before the first time
}

// Held reports whether the duty is ours at this moment, and by which fence.
func (d *Duty) Held() (fence int64, ours bool) {
	d.mu.Lock()
	defer d.mu.Unlock()
	return d.fence, d.quit != nil && (d.until.IsZero() || time.Now().Before(d.until))
}

// Elsewhere reports whether another node may have the duty at this moment.
func (d *Duty) Elsewhere() bool {
	_, ours := d.Held()
	return d.leased && !ours
}

// Lease is the name of the lease that the duty goes by; empty without leases.
func (d *Duty) Lease() string {
	if !d.leased {
		return ""
	}
	return d.Name
}

// extend keeps a duty that is ours, by the same fence. Otherwise it ends what is
// left of an earlier time and reports whether the duty is to be taken on.
func (d *Duty) extend(fence int64, until time.Time) (take bool) {
	d.mu.Lock()
	defer d.mu.Unlock()
	if d.quit != nil && d.fence == fence {
		d.until = until
		d.clock.Reset(time.Until(until))
		return false
	}
	if d.quit != nil {
		d.leave()
	}
	select {
	case <-d.ended:
		return true
	default:
		return d.ended == nil // else it still ends; the next renewal takes it on
	}
}

// leave stops the work; d.mu is held.
func (d *Duty) leave() {
	d.quit()
	d.quit = nil
	if d.clock != nil {
		d.clock.Stop()
	}
}

// lapse stops the work when the lease is over, unless it was renewed meanwhile.
func (d *Duty) lapse() {
	d.mu.Lock()
	defer d.mu.Unlock()
	if d.quit != nil && !time.Now().Before(d.until) {
		d.leave()
	}
}

// drop stops the work of a duty that is not ours any more.
func (d *Duty) drop() (was bool) {
	d.mu.Lock()
	defer d.mu.Unlock()
	if was = d.quit != nil; was {
		d.leave()
	}
	return was
}

// start notes that the duty is ours from now on. A zero until means for ever.
func (d *Duty) start(fence int64, until time.Time, quit context.CancelFunc) (ended chan struct{}) {
	d.mu.Lock()
	defer d.mu.Unlock()
	d.fence, d.until, d.quit, d.ended = fence, until, quit, make(chan struct{})
	if !until.IsZero() {
		d.clock = time.AfterFunc(time.Until(until), d.lapse)
	}
	return d.ended
}
