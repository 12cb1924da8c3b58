package sqlite

import (
	"context"
	"fmt"
	"sync"
	"time"

	"relais/gateway"
)

// probeLife is how long a good answer stands for further probes: each costs a
// sync to disk otherwise, and anybody may ask.
const probeLife = time.Second

// Ping tells whether the database takes writes: it commits one, or did within
// the last second. A disk with less than leastRoom counts as full before it is.
// Ping returns when ctx ends, and the write may still be done.
func (s *Store) Ping(ctx context.Context) error { return s.probes.ping(ctx) }

func (s *Store) takesWrites(dir string) error {
	if full(dir) {
		return gateway.ErrFull
	}
	return s.commits.do(context.Background(), func(t *tx) error {
		return t.exec("UPDATE accounts SET created_at = created_at WHERE name = 'default'")
	})
}

// prober runs one check at a time, however many ask: on a disk that hangs,
// their writes would pile up.
type prober struct {
	check func() error

	mu   sync.Mutex
	last *probe
}

type probe struct {
	done chan struct{} // closed once err and at are set
	err  error
	at   time.Time
}

func (p *prober) ping(ctx context.Context) error {
	probe := p.current()
	select {
	case <-probe.done:
		return probe.err
	case <-ctx.Done():
		return fmt.Errorf("wait for a write to be done: %w", ctx.Err())
	}
}

// current is the probe under way, one that was good a moment ago, or a new one.
func (p *prober) current() *probe {
	p.mu.Lock()
	defer p.mu.Unlock()
	if p.last != nil && p.last.stands() {
		return p.last
	}
	fresh := &probe{done: make(chan struct{})}
	p.last = fresh
	go func() { // ends with the write, which Close waits for
		defer close(fresh.done)
		fresh.err = p.check()
		fresh.at = time.Now()
	}()
	return fresh
}

func (p *probe) stands() bool {
	select {
	case <-p.done:
		return p.err == nil && time.Since(p.at) < probeLife
	default:
		return true
	}
}

// forget makes the next ping ask again.
func (p *prober) forget() {
	p.mu.Lock()
	defer p.mu.Unlock()
	p.last = nil
}
