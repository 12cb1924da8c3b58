package gateway

import (
	"context"
	"fmt"
	"log/slog"
	"slices"
	"sync/atomic"
	"time"

	"relais/internal/recent"
	"relais/lane"
	"relais/reason"
	"relais/sms"
)

// BacklogStore counts what waits.
type BacklogStore interface {
	// Backlog counts the messages that wait: queued, submitting or uncertain.
	Backlog(ctx context.Context) ([]lane.Backlog, error)
	// Undecided counts replies that may be a STOP and wait for a person.
	Undecided(ctx context.Context) (int, error)
	// UnmatchedReceipts counts receipts that wait for a message, by connector.
	UnmatchedReceipts(ctx context.Context) (map[string]int, error)
}

// backlog is what waits, as it was last counted, and what came and went since.
type backlog struct {
	store   BacklogStore
	lanes   *lane.Set
	metrics *Metrics
	log     *slog.Logger
	now     func() time.Time
	limit   int // messages waiting, after which submissions are put off

	messages atomic.Int64 // in queued, about
	missed   atomic.Pointer[[]string]
	recent   recent.Answers[everything, []lane.Backlog]
}

// everything is the only question about what waits.
type everything struct{}

// missing are the connectors that messages waited for, and that nobody configured.
func (b *backlog) missing() []string {
	if names := b.missed.Load(); names != nil {
		return *names
	}
	return nil
}

// warnOfMissing logs the connectors that messages wait for and nobody configured.
func (b *backlog) warnOfMissing(ctx context.Context) error {
	waits, err := b.store.Backlog(ctx)
	if err != nil {
		return fmt.Errorf("count what waits: %w", err)
	}
	for _, s := range b.lanes.Missing(waits) {
		b.log.Warn("messages wait for a connector that is not configured", "connector", s.Name)
	}
	return nil
}

// count counts what waits, and shows it in the metrics.
func (b *backlog) count(ctx context.Context) error {
	waits, err := b.store.Backlog(ctx)
	if err != nil {
		return fmt.Errorf("count what waits: %w", err)
	}
	waiting := 0
	for _, w := range waits {
		if w.Status == sms.Queued {
			waiting += w.Messages
		}
	}
	b.messages.Store(int64(waiting))
	b.metrics.waiting(waits, b.now())
	b.noteMissing(waits)
	undecided, err := b.store.Undecided(ctx)
	if err != nil {
		return fmt.Errorf("count what waits for a decision: %w", err)
	}
	b.metrics.undecided.Set(float64(undecided))
	unmatched, err := b.store.UnmatchedReceipts(ctx)
	if err != nil {
		return fmt.Errorf("count receipts without a message: %w", err)
	}
	b.metrics.unknown(b.lanes.Names(), unmatched)
	return nil
}

// noteMissing keeps what missing returns, and shows it in the metrics.
func (b *backlog) noteMissing(waits []lane.Backlog) {
	var names []string
	for _, s := range b.lanes.Missing(waits) {
		names = append(names, s.Name)
		b.metrics.lanes.ShowMissing(s.Name, true)
	}
	for _, name := range b.missing() {
		if !slices.Contains(names, name) {
			b.metrics.lanes.ShowMissing(name, false)
		}
	}
	b.missed.Store(&names)
}

// recoverMissing takes up what was being sent by connectors that are no longer configured.
func (b *backlog) recoverMissing(ctx context.Context) error {
	waits, err := b.store.Backlog(ctx)
	if err != nil {
		return err
	}
	for _, s := range b.lanes.Missing(waits) {
		if err := b.lanes.Recover(ctx, s.Name); err != nil {
			return err
		}
	}
	return nil
}

// countEvery is how often what waits is counted afresh.
const countEvery = 10 * time.Second

// recount keeps the limit of what may wait and the metrics true, on each node.
func (b *backlog) recount(ctx context.Context) {
	if err := b.count(ctx); err != nil && ctx.Err() == nil {
		b.log.Error("cannot count what waits", "error", err)
	}
}

// full refuses more where too much waits, with what waits elsewhere.
func (b *backlog) full(elsewhere int) error {
	if b.messages.Load()+int64(elsewhere) < int64(b.limit) {
		return nil
	}
	return &Error{Kind: Overloaded, Reason: reason.Of(codeBacklogFull, nil)}
}

// accepted counts what was stored and wakes the lanes that will send it.
func (b *backlog) accepted(r *Result) {
	b.messages.Add(int64(len(r.Messages)))
	for first := 0; first < len(r.Messages); {
		name := r.Messages[first].Connector
		next, due := first, false
		for next < len(r.Messages) && r.Messages[next].Connector == name {
			m := &r.Messages[next]
			due = due || !m.DueAt.After(m.AcceptedAt.Add(lane.Idle)) // else the lane looks again before that
			next++
		}
		b.metrics.accepted.WithLabelValues(string(r.Messages[first].Class), name).Add(float64(next - first))
		if l := b.lanes.Get(name); l != nil && due {
			l.Rouse()
		}
		first = next
	}
}
