package bench

import (
	"context"
	"fmt"
	"sync/atomic"
	"time"
)

// tally counts messages that are through, and lets the generator send as many
// more.
type tally struct {
	// room has a place for every message in flight, so that telling never waits.
	room    chan struct{}
	through atomic.Int64
}

func newTally(inFlight int) *tally { return &tally{room: make(chan struct{}, inFlight)} }

// tell counts a message that is through.
func (t *tally) tell() {
	t.through.Add(1)
	select {
	case t.room <- struct{}{}:
	default: // one too many, which the checks after the run will show
	}
}

// count counts what is through inside the window.
func (t *tally) count(ctx context.Context, w window) int64 {
	if wait(ctx, w.from) != nil {
		return 0
	}
	before := t.through.Load()
	if wait(ctx, w.to) != nil {
		return 0
	}
	return t.through.Load() - before
}

// throughWithin is how long messages may still need after the end.
const throughWithin = 20 * time.Second

// await returns when n messages are through in all.
func (t *tally) await(ctx context.Context, n int) error {
	ctx, cancel := context.WithTimeout(ctx, throughWithin)
	defer cancel()
	for t.through.Load() < int64(n) {
		select {
		case <-t.room:
		case <-ctx.Done():
			return fmt.Errorf("%d of %d acknowledged messages came through: %w",
				t.through.Load(), n, ctx.Err())
		}
	}
	return nil
}
