package sqlite

import (
	"context"
	"fmt"
	"time"

	"relais/duty"
	"relais/sms"
	"relais/webhook"
)

const (
	// What was put off since it was accepted waits for no date of its caller; a
	// throttled attempt does not count, and another connector keeps the date.
	selectAhead = "SELECT " + messageColumns + ` FROM messages m INDEXED BY messages_waiting
	JOIN submissions s ON s.account = m.account AND s.id = m.submission
	WHERE m.status = 'queued' AND m.connector = ?1 AND m.priority = ?2 AND m.due_minute >= ?3 / 60000000
		AND m.due_at > ?3 AND m.updated_at > ?4
		AND (m.attempt > 0 OR m.due_at = s.accepted_at OR m.reason NOT IN ('accepted', 'rerouted')) LIMIT ?5`
	hastenDoubts = `UPDATE messages INDEXED BY messages_waiting SET ask_at = ?1
	WHERE status = 'uncertain' AND ask_at > ?1 AND updated_at > ?2`
	// An endpoint that failed for hours by the clock, and for a moment in truth.
	hastenProbes = `UPDATE endpoints SET probe_at = ?1 WHERE state = 'quarantined' AND probe_at > ?2`
	// A first attempt is due when its event happened.
	hastenDeliveries = `UPDATE deliveries INDEXED BY deliveries_pending SET next_at = ?1
	WHERE (account, endpoint) IN (SELECT account, id FROM endpoints) AND state = 'pending' AND next_at > ?2
		AND (attempts = 0 OR last_at > ?2)`
)

// Ahead implements gateway.Store.
func (s *Store) Ahead(
	ctx context.Context, connector string, now time.Time, limit int,
) (ahead []sms.Message, err error) {
	for _, priority := range priorities {
		rows, err := s.readers.QueryContext(ctx, selectAhead, connector, priority, micros(now),
			micros(now.Add(duty.ClockSlack)), limit-len(ahead))
		more, err := messagesOf(rows, err)
		if err != nil {
			return nil, err
		}
		ahead = append(ahead, more...)
	}
	return ahead, nil
}

// Hasten implements gateway.Store.
func (s *Store) Hasten(ctx context.Context, now time.Time) error {
	return s.commits.do(ctx, func(t *tx) error {
		ahead := now.Add(duty.ClockSlack)
		err := t.exec(hastenDoubts, micros(now), micros(ahead))
		if err == nil {
			err = t.exec(hastenProbes, micros(now), micros(ahead.Add(webhook.LongestProbe)))
		}
		if err == nil {
			err = t.exec(hastenDeliveries, micros(now), micros(ahead))
		}
		if err != nil {
			return fmt.Errorf("let go what a clock that ran ahead put off: %w", err)
		}
		return nil
	})
}
