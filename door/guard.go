package door

import (
	"net/netip"
	"sync"
	"time"
)

// Bounds of logins that fail.
const (
	mostFailures  = 10          // from one address; then it is not answered for a while
	failuresAge   = time.Minute // after which they are forgotten
	mostAddresses = 10_000      // that are remembered
)

// Guard remembers the addresses from which logins failed. Make it with NewGuard.
type Guard struct {
	mu     sync.Mutex
	failed map[netip.Addr]failures
}

type failures struct {
	count int
	last  time.Time
}

// NewGuard makes a guard that remembers nobody.
func NewGuard() *Guard {
	return &Guard{failed: map[netip.Addr]failures{}}
}

// Fail notes a login that failed.
func (g *Guard) Fail(from netip.Addr, now time.Time) {
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
func (g *Guard) forget(now time.Time) {
	for from, f := range g.failed {
		if now.Sub(f.last) > failuresAge {
			delete(g.failed, from)
		}
	}
	if len(g.failed) >= mostAddresses {
		clear(g.failed)
	}
}

// Shuts reports whether nothing from an address is listened to now.
func (g *Guard) Shuts(from netip.Addr, now time.Time) bool {
	g.mu.Lock()
	defer g.mu.Unlock()
	f, failed := g.failed[from]
	return failed && f.count >= mostFailures && now.Sub(f.last) <= failuresAge
}

// Clear forgets the failures of an address that a login succeeded from.
func (g *Guard) Clear(from netip.Addr) {
	g.mu.Lock()
	defer g.mu.Unlock()
	delete(g.failed, from)
}
