package sms

import (
	"sync"
	"time"
)

// The machine's clock may jump: by a person's hand, a bad time server, a virtual
// machine that slept. An id with a time years ahead would stand before all others for
// years, in lists, in what is counted and in what is kept, so that ids do not follow
// a jump ahead until it has lasted. ADR 0027 tells why.

const (
	jump    = time.Minute     // a smaller step ahead is followed at once
	lasting = 5 * time.Minute // a jump that lasts so long is the time
)

// firstDay is before Relais: a clock before it was never set.
var firstDay = time.Date(2026, 1, 1, 0, 0, 0, 0, time.UTC)

// reading is one look at the machine's clock.
type reading struct {
	wall time.Time     // without monotonic time
	ran  time.Duration // since the process started, which no step of the clock moves
}

var started = time.Now()

func readMachine() reading {
	now := time.Now()
	return reading{now.Round(0), now.Sub(started)}
}

// machine is what is believed of the machine's clock.
type machine struct {
	believed reading
	jumped   time.Duration // ran of the first reading behind a jump; 0: there is none
}

// ahead is how far the clock has jumped ahead of what is believed. A step back is
// believed at once: it is the end of a jump, or the first right time.
func (m *machine) ahead(at reading) time.Duration {
	step := at.wall.Sub(m.believed.wall) - (at.ran - m.believed.ran)
	switch {
	case step < jump || m.believed.wall.Before(firstDay):
	case m.jumped == 0:
		m.jumped = at.ran
		return step
	case at.ran-m.jumped < lasting:
		return step
	}
	m.believed, m.jumped = at, 0
	return 0
}

// Steady watches a clock for jumps ahead. The zero value believes the first time that it
// is shown.
type Steady struct {
	mu      sync.Mutex
	machine machine
}

// Ahead is how far a clock that says now has jumped ahead of what is believed of it; 0
// where it has not, or has kept the time for minutes.
func (s *Steady) Ahead(now time.Time) time.Duration {
	s.mu.Lock()
	defer s.mu.Unlock()
	return s.machine.ahead(reading{now.Round(0), time.Since(started)})
}
