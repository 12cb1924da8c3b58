package lane

import (
	"context"
	"math"
	"slices"
	"sync"
	"time"

	"relais/internal/bell"
)

// pace is a rate that an operator allows, of calls or of segments. Bursts are at most 50 ms
// of the rate, so that low limits, which are contracts, hold in any second. It stays a
// little below the rate, because calls that leave evenly do not arrive evenly. It starts
// empty: a process that died may have used up the last second.
//
// The lane's messages and its questions to the operator wait in one line. A message goes
// first, then they alternate, so that neither waits for more than one of the other.
type pace struct {
	perSecond float64
	burst     float64

	mu      sync.Mutex
	tokens  float64
	counted time.Time // when tokens was right
	line    []*waiter
	asked   bool // the last turn that was used was a question's
}

// waiter stands in line for some tokens at once.
type waiter struct {
	tokens  float64
	message bool
	moved   bell.Bell // the line changed
}

func newPace(perSecond float64) *pace {
	if perSecond <= 0 {
		return nil
	}
	const margin = 0.95
	return &pace{
		perSecond: perSecond * margin, burst: math.Max(1, math.Floor(perSecond/20)),
		counted: time.Now(), asked: true,
	}
}

// question waits for the turn of a call that is no Submit: an operator counts them
// all.
func (p *pace) question(ctx context.Context) error {
	if err := p.wait(ctx, &waiter{tokens: 1}); err != nil {
		return err
	}
	p.used(true)
	return nil
}

// message waits for n tokens for messages. The caller says with used that it spent them.
func (p *pace) message(ctx context.Context, n int) error {
	return p.wait(ctx, &waiter{tokens: float64(n), message: true})
}

func (p *pace) used(question bool) {
	p.mu.Lock()
	defer p.mu.Unlock()
	p.asked = question
	p.tell()
}

// save waits for n tokens more than the burst may hold, bit by bit.
func (p *pace) save(ctx context.Context, n int) (saved int, err error) {
	for saved < n && err == nil {
		part := min(n-saved, int(p.burst))
		if err = p.message(ctx, part); err == nil {
			saved += part
		}
	}
	return saved, err
}

// more takes the tokens that there are at this moment, at most n.
func (p *pace) more(n int) int {
	p.mu.Lock()
	defer p.mu.Unlock()
	p.count()
	n = max(0, min(n, int(p.tokens)))
	p.tokens -= float64(n)
	return n
}

// giveBack returns tokens that were not used, as far as the burst has room.
func (p *pace) giveBack(n int) {
	p.mu.Lock()
	defer p.mu.Unlock()
	p.count()
	p.tokens = math.Min(p.burst, p.tokens+float64(n))
	p.tell()
}

func (p *pace) wait(ctx context.Context, w *waiter) error {
	w.moved = bell.New()
	p.mu.Lock()
	defer p.mu.Unlock()
	p.line = append(p.line, w)
	p.tell()
	defer func() {
		p.line = slices.DeleteFunc(p.line, func(other *waiter) bool { return other == w })
		p.tell()
	}()
	for {
		p.count()
		first := p.first() == w
		if first && p.tokens >= w.tokens {
			p.tokens -= w.tokens
			return nil
		}
		left := time.Duration(math.MaxInt64)
		if first {
			left = time.Duration(math.Ceil((w.tokens - p.tokens) / p.perSecond * float64(time.Second)))
		}
		p.mu.Unlock()
		_, err := w.moved.WaitAtMost(ctx, left)
		p.mu.Lock()
		if err != nil {
			return err
		}
	}
}

// first is whose turn is next; p.mu is held, as in what follows.
func (p *pace) first() *waiter {
	first := p.line[0]
	for _, w := range p.line {
		if w.message == p.asked {
			return w
		}
	}
	return first
}

// count adds the tokens that have become available since.
func (p *pace) count() {
	now := time.Now()
	p.tokens = math.Min(p.burst, p.tokens+p.perSecond*now.Sub(p.counted).Seconds())
	p.counted = now
}

// tell makes everybody in line look again.
func (p *pace) tell() {
	for _, w := range p.line {
		w.moved.Ring()
	}
}
