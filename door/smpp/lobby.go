package smpp

import (
	"net/netip"
	"sync"
)

// mostUnbound is how many connections may stand before their bind.
const mostUnbound = 500

// lobby is where connections are before their bind. When it is full, the oldest one leaves of
// the address that has most: whoever opens thousands loses his own.
type lobby struct {
	mu      sync.Mutex
	waiting []*session // the oldest first
}

// enter takes a connection in, and returns the one that has to leave for it; nil: none.
func (l *lobby) enter(s *session) (leaves *session) {
	l.mu.Lock()
	defer l.mu.Unlock()
	l.waiting = append(l.waiting, s)
	if len(l.waiting) <= mostUnbound {
		return nil
	}
	counts := map[netip.Addr]int{}
	var crowd netip.Addr
	for _, one := range l.waiting {
		counts[one.from]++
		if counts[one.from] > counts[crowd] {
			crowd = one.from
		}
	}
	for _, one := range l.waiting {
		if one.from == crowd {
			return one
		}
	}
	return nil
}

// leave is called for each connection once: it is bound, or over.
func (l *lobby) leave(s *session) {
	l.mu.Lock()
	defer l.mu.Unlock()
	for i, one := range l.waiting {
		if one == s {
			l.waiting = append(l.waiting[:i], l.waiting[i+1:]...)
			return
		}
	}
}
