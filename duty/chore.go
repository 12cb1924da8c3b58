package duty

import (
	"context"
	"time"
)

// Chore is work that comes again and again. It has Work or a Loop.
type Chore struct {
	Name string
	// Every is the time between two rounds of Work, and the longest that a Loop sleeps
	// when nothing wakes it. It is 0 where there is no such time: On says more then.
	Every  time.Duration
	On     string // what wakes a Loop, in words for people who read the list
	AtOnce bool   // the first round of Work comes at the start; else it too is waited for
	// Work does one round.
	Work func(context.Context)
	// Loop does all rounds, until its context ends: for a chore that is woken between two
	// of them, or that waits for something other than time.
	Loop func(context.Context)
}

// run does a chore until ctx ends.
func (c *Chore) run(ctx context.Context) {
	if c.Loop != nil {
		c.Loop(ctx)
		return
	}
	if !c.AtOnce && Sleep(ctx, c.Every) != nil {
		return
	}
	for {
		c.Work(ctx)
		if Sleep(ctx, c.Every) != nil {
			return
		}
	}
}

// Sleep waits for a time, or until ctx ends, which is its error.
func Sleep(ctx context.Context, d time.Duration) error {
	timer := time.NewTimer(d)
	defer timer.Stop()
	select {
	case <-timer.C:
		return nil
	case <-ctx.Done():
		return ctx.Err()
	}
}
