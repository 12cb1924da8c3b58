package smpp

import (
	"sync"
	"time"
)

// pace is how fast a client may send. A nil pace bounds nothing.
type pace struct {
	each time.Duration // between two segments
	mu   sync.Mutex
	next time.Time // when the next segment may come
}

// burst is how many segments may come at once: more than the longest message has, for a client
// sends the parts of one together, and a bucket that holds less would refuse the second of each
// (observed: ksmppd#6, ksmppd#126).
const burst = 20

// patience is how long a request is put off before it is refused.
const patience = time.Second

func newPace(rate float64) *pace {
	if rate <= 0 {
		return nil
	}
	return &pace{each: time.Duration(float64(time.Second) / rate)}
}

// take asks for segments. wait is how long to put them off; ok is false when that would be
// too long, and then they are not counted.
func (p *pace) take(segments int, now time.Time) (wait time.Duration, ok bool) {
	if p == nil {
		return 0, true
	}
	p.mu.Lock()
	defer p.mu.Unlock()
	if earliest := now.Add(-burst * p.each); p.next.Before(earliest) {
		p.next = earliest
	}
	wait = max(p.next.Sub(now), 0)
	if wait > patience {
		return patience, false
	}
	p.next = p.next.Add(time.Duration(segments) * p.each)
	return wait, true
}
