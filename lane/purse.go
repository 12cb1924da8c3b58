package lane

import (
	"context"
	"sync"
	"time"

	"relais/connector"
)

// purse is what a lane knows of the credit at its operator.
type purse struct {
	threshold *float64 // below it people are told; nil: never

	mu      sync.Mutex
	known   connector.Balance
	perDay  float64
	emptyAt time.Time
}

// KeepBalance keeps a reading of the credit, and the forecast that was made of it.
func (l *Lane) KeepBalance(b connector.Balance, perDay float64, emptyAt time.Time) {
	l.credit.mu.Lock()
	defer l.credit.mu.Unlock()
	l.credit.known, l.credit.perDay, l.credit.emptyAt = b, perDay, emptyAt
}

func (p *purse) forecast() (threshold *float64, perDay float64, emptyAt time.Time) {
	p.mu.Lock()
	defer p.mu.Unlock()
	return p.threshold, p.perDay, p.emptyAt
}

// last returns the balance that was read last.
func (p *purse) last() connector.Balance {
	p.mu.Lock()
	defer p.mu.Unlock()
	return p.known
}

const (
	balanceAge  = time.Minute // how old a shown balance may be
	balanceWait = 5 * time.Second
)

// balance asks the operator when the last answer is old. After a failure it shows the old
// answer, whose date says so.
func (l *Lane) balance(ctx context.Context) *connector.Balance {
	if l.Caps.Balancer == nil {
		return nil
	}
	known := l.credit.last()
	if time.Since(known.At) > balanceAge {
		ctx, cancel := context.WithTimeout(ctx, balanceWait)
		defer cancel()
		if fresh, err := l.Guard.Balance(l.Paced(ctx)); err == nil {
			known = fresh
			l.credit.mu.Lock()
			l.credit.known = known
			l.credit.mu.Unlock()
		}
	}
	if known.At.IsZero() {
		return nil
	}
	return &known
}
