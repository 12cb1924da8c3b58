package smpp

import (
	"net/netip"
	"sync"
	"time"
)

// Bounds of logins that fail.
const (
	mostFailures   = 10          // from one address; then it is not answered for a while
	failuresAge    = time.Minute // after which they are forgotten
	mostAddresses  = 10_000      // that are remembered
	mostRefusing   = 64          // refusals that are put off at once; others are closed without a word
	refusalPutsOff = time.Second
)

// guard remembers the addresses from which logins failed.
type guard struct {
	mu       sync.Mutex
	failed   map[netip.Addr]failures
	refusing chan struct{}
}

type failures struct {
	count int
	last  time.Time
}

func newGuard() *guard {
	return &guard{failed: map[netip.Addr]failures{}, refusing: make(chan struct{}, mostRefusing)}
}

// fail notes a login that failed.
func (g *guard) fail(from netip.Addr, now time.Time) {
	g.mu.Lock()
	defer g.mu.Unlock()
	if len(g.failed) >= mostAddresses {
		g.forget(now)
	}
	f := g.failed[from]
	if now.Sub(f.last) > failuresAge {
		f.count = 0
	}
	g.failed[from] = failures{f.count + 1, now}
}

// forget makes room: what is old first, else all of it. g.mu is held.
func (g *guard) forget(now time.Time) {
	for from, f := range g.failed {
		if now.Sub(f.last) > failuresAge {
			delete(g.failed, from)
		}
	}
	if len(g.failed) >= mostAddresses {
		clear(g.failed)
	}
}

// shuts reports whether nothing from an address is listened to now.
func (g *guard) shuts(from netip.Addr, now time.Time) bool {
	g.mu.Lock()
	defer g.mu.Unlock()
	f, failed := g.failed[from]
	return failed && f.count >= mostFailures && now.Sub(f.last) <= failuresAge
}

// clear forgets the failures of an address that a login succeeded from.
func (g *guard) clear(from netip.Addr) {
	g.mu.Lock()
	defer g.mu.Unlock()
	delete(g.failed, from)
}
