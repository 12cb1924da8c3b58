package duty

import (
	"context"
	"time"
)

// Chore is work that comes again and again.
type Chore struct {
	Name   string
	Every  time.Duration // between two rounds; 0: Work goes on by itself, until its context ends
	AtOnce bool          // the first round comes at the start; else it too is waited for
	Work   func(context.Context)
}

// run does a chore until ctx ends.
func (c *Chore) run(ctx context.Context) {
	if c.Every <= 0 {
		c.Work(ctx)
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
