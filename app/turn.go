package app

import "context"

// turn lets one at a time through, and nobody who will not wait.
type turn chan struct{}

func newTurn() turn { return make(turn, 1) }

// take waits until it is free, and reports whether it is ours before ctx ends.
func (t turn) take(ctx context.Context) bool {
	select {
	case t <- struct{}{}:
		return true
	default:
	}
	select {
	case t <- struct{}{}:
		return true
	case <-ctx.Done():
		return false
	}
}

func (t turn) give() { <-t }
