package postgres

import (
	"context"
	"fmt"
	"time"

	"github.com/jackc/pgx/v5"

	"relais/duty"
	"relais/sms"
	"relais/webhook"
)

const (
	// What was put off since it was accepted waits for no date of its caller; a
	// throttled attempt does not count, and another connector keeps the date.
	selectAhead = selectMessages + `WHERE m.status = 'queued' AND m.connector = $1
		AND m.due_minute >= $2::bigint / 60000000 AND m.due_at > $2 AND m.updated_at > $3
	AND (m.attempt > 0 OR m.due_at = s.accepted_at OR m.reason NOT IN ('accepted', 'rerouted')) LIMIT $4`
	hastenDoubts = `UPDATE messages SET ask_at = $1 WHERE status = 'uncertain' AND ask_at > $1
		AND updated_at > $2`
	// An endpoint that failed for hours by the clock, and for a moment in truth.
	hastenProbes = `UPDATE endpoints SET probe_at = $1 WHERE state = 'quarantined' AND probe_at > $2`
	// A first attempt is due when its event happened.
	hastenDeliveries = `UPDATE deliveries d SET next_at = $1 FROM endpoints e
	WHERE d.account = e.account AND d.endpoint = e.id AND d.state = 'pending' AND d.next_at > $2
		AND (d.attempts = 0 OR d.last_at > $2)`
)

// Ahead implements gateway.Store.
func (s *Store) Ahead(
	ctx context.Context, connector string, now time.Time, limit int,
) ([]sms.Message, error) {
	return s.messages(ctx, selectAhead, connector, micros(now), micros(now.Add(duty.ClockSlack)), limit)
}

// Hasten implements gateway.Store.
func (s *Store) Hasten(ctx context.Context, now time.Time) error {
	return s.transact(ctx, func(ctx context.Context, tx pgx.Tx) error {
		ahead := now.Add(duty.ClockSlack)
		_, err := tx.Exec(ctx, hastenDoubts, micros(now), micros(ahead))
		if err == nil {
			_, err = tx.Exec(ctx, hastenProbes, micros(now), micros(ahead.Add(webhook.LongestProbe)))
		}
		if err == nil {
			_, err = tx.Exec(ctx, hastenDeliveries, micros(now), micros(ahead))
		}
		if err != nil {
			return fmt.Errorf("let go what a clock that ran ahead put off: %w", err)
		}
		return nil
	})
}
