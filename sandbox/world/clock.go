package world

import (
	"container/heap"
	"sync"
	"sync/atomic"
	"time"
)

// Clock is the operators' own: real time plus a shift.
type Clock struct {
	real  func() time.Time
	shift atomic.Int64
}

// NewClock makes a clock over another, time.Now when nil.
func NewClock(real func() time.Time) *Clock {
	if real == nil {
		real = time.Now
	}
	return &Clock{real: real}
}

// Now is the time of the operators.
func (c *Clock) Now() time.Time {
	return c.real().Add(time.Duration(c.shift.Load()))
}

// Set moves the clock to now, from where it runs on; the zero time puts it back to
// the real one.
func (c *Clock) Set(now time.Time) {
	if now.IsZero() {
		c.shift.Store(0)
		return
	}
	c.shift.Store(int64(now.Sub(c.real())))
}

// Agenda holds what will happen to messages later: one goroutine for all of
// them. Whoever reads the state of an operator settles the agenda first, so that
// what the clock says has happened is always seen.
type Agenda struct {
	clock *Clock
	wake  chan struct{}

	mu     sync.Mutex
	events eventHeap
	seq    int64
	busy   int // events that are happening
}

type event struct {
	at  time.Time
	seq int64 // keeps the order of events of one time
	do  func(now time.Time)
}

// NewAgenda makes an agenda that nobody runs yet.
func NewAgenda(c *Clock) *Agenda {
	return &Agenda{clock: c, wake: make(chan struct{}, 1)}
}

// At plans do for time t.
func (a *Agenda) At(t time.Time, do func(now time.Time)) {
	a.mu.Lock()
	a.seq++
	heap.Push(&a.events, event{at: t, seq: a.seq, do: do})
	a.mu.Unlock()
	a.Rearm()
}

// Settle does all that is due.
func (a *Agenda) Settle() {
	now := a.clock.Now()
	for {
		e, ok := a.pop(now)
		if !ok {
			return
		}
		e.do(now)
		a.mu.Lock()
		a.busy--
		a.mu.Unlock()
	}
}

func (a *Agenda) pop(now time.Time) (event, bool) {
	a.mu.Lock()
	defer a.mu.Unlock()
	if len(a.events) == 0 || a.events[0].at.After(now) {
		return event{}, false
	}
	a.busy++
	return heap.Pop(&a.events).(event), true
}

// Rearm makes Run look at the clock again.
func (a *Agenda) Rearm() {
	select {
	case a.wake <- struct{}{}:
	default:
	}
}

// Run settles the agenda as time goes by.
func (a *Agenda) Run(stop <-chan struct{}) {
	const idle = time.Hour
	timer := time.NewTimer(idle)
	defer timer.Stop()
	for {
		a.Settle()
		timer.Reset(a.pause(idle))
		select {
		case <-stop:
			return
		case <-a.wake:
		case <-timer.C:
		}
	}
}

// pause is how long nothing will be due. It is never zero: a clock that a test
// holds still must not make run spin.
func (a *Agenda) pause(longest time.Duration) time.Duration {
	a.mu.Lock()
	defer a.mu.Unlock()
	if len(a.events) == 0 {
		return longest
	}
	return min(max(a.events[0].at.Sub(a.clock.Now()), time.Millisecond), longest)
}

// Waiting reports whether anything is still to happen.
func (a *Agenda) Waiting() bool {
	a.Settle()
	a.mu.Lock()
	defer a.mu.Unlock()
	return len(a.events) > 0 || a.busy > 0
}

type eventHeap []event

func (h eventHeap) Len() int { return len(h) }
func (h eventHeap) Less(i, j int) bool {
	if h[i].at.Equal(h[j].at) {
		return h[i].seq < h[j].seq
	}
	return h[i].at.Before(h[j].at)
}
func (h eventHeap) Swap(i, j int) { h[i], h[j] = h[j], h[i] }
func (h *eventHeap) Push(e any)   { *h = append(*h, e.(event)) }
func (h *eventHeap) Pop() any {
	old := *h
	last := old[len(old)-1]
	old[len(old)-1] = event{}
	*h = old[:len(old)-1]
	return last
}
