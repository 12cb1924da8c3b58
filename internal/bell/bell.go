// Package bell wakes a loop that waits for work.
package bell

import (
	"context"
	"time"
)

// Bell calls one loop to its work. It remembers one ring: a loop that is at work when the bell
// rings, however often, looks once more when it comes back.
type Bell chan struct{}

// New makes a bell that has not rung.
func New() Bell { return make(Bell, 1) }

// Ring calls the loop, and never waits.
func (b Bell) Ring() {
	select {
	case b <- struct{}{}:
	default:
	}
}

// Hush forgets a ring, and reports whether there was one.
func (b Bell) Hush() (rang bool) {
	select {
	case <-b:
		return true
	default:
		return false
	}
}

// Wait waits for a ring. The error is that of ctx, when it ends first.
func (b Bell) Wait(ctx context.Context) error {
	select {
	case <-b:
		return nil
	case <-ctx.Done():
		return ctx.Err()
	}
}

// WaitAtMost waits for a ring or for a time, whichever comes first, and reports whether the
// bell rang. The error is that of ctx, when it has ended.
func (b Bell) WaitAtMost(ctx context.Context, d time.Duration) (rang bool, err error) {
	timer := time.NewTimer(d)
	defer timer.Stop()
	select {
	case <-b:
		rang = true
	case <-timer.C:
	case <-ctx.Done():
	}
	return rang, ctx.Err()
}
