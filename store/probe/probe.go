// Package probe asks a store whether it takes writes. Each store keeps one probe, which asks
// so seldom that anybody may call it at any time.
package probe

import (
	"context"
	"fmt"
	"sync"
	"time"
)

// Life is how long a good answer is given again: each check costs a sync to disk, and
// anybody may ask.
const Life = time.Second

// Probe runs one check at a time, however many ask: on a disk that hangs,
// their writes would pile up.
type Probe struct {
	check func() error

	mu   sync.Mutex
	last *answer
}

// New makes a probe of what check finds out.
func New(check func() error) *Probe { return &Probe{check: check} }

type answer struct {
	done chan struct{} // closed once err and at are set
	err  error
	at   time.Time
}

// Ping asks, or returns what was found within the last second. It returns when ctx
// ends, and the check may still go on.
func (p *Probe) Ping(ctx context.Context) error {
	a := p.current()
	select {
	case <-a.done:
		return a.err
	case <-ctx.Done():
		return fmt.Errorf("wait for a write to be done: %w", ctx.Err())
	}
}

// current is the probe under way, one that was good a moment ago, or a new one.
func (p *Probe) current() *answer {
	p.mu.Lock()
	defer p.mu.Unlock()
	if p.last != nil && p.last.stands() {
		return p.last
	}
	fresh := &answer{done: make(chan struct{})}
	p.last = fresh
	go func() { // ends with the check
		defer close(fresh.done)
		fresh.err = p.check()
		fresh.at = time.Now()
	}()
	return fresh
}

func (a *answer) stands() bool {
	select {
	case <-a.done:
		return a.err == nil && time.Since(a.at) < Life
	default:
		return true
	}
}

// Forget makes the next ping ask again.
func (p *Probe) Forget() {
	p.mu.Lock()
	defer p.mu.Unlock()
	p.last = nil
}
