package app

import (
	"context"
	"sync"
)

// requests counts those that are under way, until no more are taken.
type requests struct {
	mu    sync.Mutex
	under int
	last  chan struct{} // closed when the last one ended; nil while more are taken
}

// begin counts one, and reports false once no more are taken.
func (r *requests) begin() bool {
	r.mu.Lock()
	defer r.mu.Unlock()
	if r.last != nil {
		return false
	}
	r.under++
	return true
}

func (r *requests) end() {
	r.mu.Lock()
	defer r.mu.Unlock()
	r.under--
	if r.last != nil && r.under == 0 {
		close(r.last)
	}
}

// drain takes no more, and waits for those under way until ctx ends.
func (r *requests) drain(ctx context.Context) error {
	r.mu.Lock()
	r.last = make(chan struct{})
	if r.under == 0 {
		close(r.last)
	}
	last := r.last
	r.mu.Unlock()
	select {
	case <-last:
		return nil
	case <-ctx.Done():
		return ctx.Err()
	}
}
