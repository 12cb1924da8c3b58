package sqlite

import (
	"context"
	"fmt"
	"time"

	"relais/webhook"
)

var (
	_ webhook.EndpointStore = (*Store)(nil)
	_ webhook.DeliveryStore = (*Store)(nil)
	_ webhook.Log           = (*Store)(nil)
)

const updateDelivery = `UPDATE deliveries
	SET state = ?, attempts = attempts + 1, next_at = ?, last_at = ?, status = ?, error = ?
	WHERE account = ? AND endpoint = ? AND seq = ? AND +state = 'pending'`

// SettleDeliveries implements webhook.DeliveryStore.
func (s *Store) SettleDeliveries(ctx context.Context, attempts []webhook.Attempt) error {
	return s.commits.do(ctx, func(t *tx) error {
		for i := range attempts {
			a := &attempts[i]
			if err := t.exec(updateDelivery, string(a.State), micros(a.NextAt), micros(a.At), a.Status, a.Error,
				a.Account, a.Endpoint[:], a.Seq); err != nil {
				return fmt.Errorf("settle a webhook: %w", err)
			}
		}
		return nil
	})
}

// pruneSize bounds one step of Prune.
const pruneSize = 1000

const (
	selectPrunable = `SELECT coalesce(max(seq), 0), count(*) FROM (SELECT seq, at FROM outbox ORDER BY seq
		LIMIT ?) WHERE at < ?`
	deleteOutbox = `DELETE FROM outbox WHERE seq <= ? AND NOT EXISTS (
		SELECT 1 FROM deliveries d INDEXED BY deliveries_seq WHERE d.seq = outbox.seq AND d.state = 'pending')`
	deleteDeliveries = `DELETE FROM deliveries INDEXED BY deliveries_seq WHERE seq <= ? AND state <> 'pending'`
)

// Prune implements webhook.DeliveryStore. It looks at the oldest events alone: what
// waits there holds back nothing for long, for it is given up in days.
func (s *Store) Prune(ctx context.Context, before time.Time) (n int, err error) {
	err = s.commits.do(ctx, func(t *tx) error {
		var seq int64
		var old int
		if err := t.queryRow(selectPrunable, []any{pruneSize, micros(before)}, &seq, &old); err != nil || old == 0 {
			return err
		}
		if err := t.exec(deleteDeliveries, seq); err != nil {
			return err
		}
		dropped, err := t.execCount(deleteOutbox, seq)
		n = int(dropped)
		return err
	})
	return n, err
}
