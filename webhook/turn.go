package webhook

import (
	"context"
	"sync"
)

// Turn is the place of an event among those that its endpoint is told: the oldest is handed over first, though several
// are under way at once. Nothing stands before a nil Turn.
type Turn struct {
	before <-chan struct{} // closed when the event before was handed over
	over   chan struct{}
	once   sync.Once
}

func newTurn(before <-chan struct{}) *Turn { return &Turn{before: before, over: make(chan struct{})} }

// Wait waits until the event before was handed over, or nobody has it and it is put off. Its error is that of ctx.
func (t *Turn) Wait(ctx context.Context) error {
	if t == nil || t.before == nil {
		return nil
	}
	select {
	case <-t.before:
		return nil
	case <-ctx.Done():
		return ctx.Err()
	}
}

// End lets the next event go.
func (t *Turn) End() {
	if t != nil {
		t.once.Do(func() { close(t.over) })
	}
}
