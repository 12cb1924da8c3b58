package table

import (
	"context"
	"fmt"

	"relais/inbox"
)

// unmatched are receipts that wait for a message.
type unmatched struct{ *runner }

// UnmatchedReceipts implements gateway.Store.
func (t unmatched) UnmatchedReceipts(ctx context.Context) (map[string]int, error) {
	counts := map[string]int{}
	err := t.on(ctx).query("SELECT connector, count(*) FROM receipts GROUP BY connector", nil,
		func(scan Scan) error {
			var connector string
			var n int
			err := scan(&connector, &n)
			counts[connector] = n
			return err
		})
	if err != nil {
		return nil, fmt.Errorf("count receipts without a message: %w", err)
	}
	return counts, nil
}

// Unmatched lists the receipts that wait for a message, newest first.
func (t unmatched) Unmatched(ctx context.Context, limit int) ([]inbox.UnmatchedReceipt, error) {
	scan := func(scan Scan) (u inbox.UnmatchedReceipt, err error) {
		return u, scan(&u.Connector, &u.ProviderID, &u.Ref, &u.Status, &u.Reason, &u.Code, &u.Text, &u.At,
			&u.ReceivedAt)
	}
	found, err := list(t.on(ctx), scan, `SELECT connector, provider_id, ref, status, reason, code, text, at,
			received_at
		FROM receipts ORDER BY id DESC LIMIT $1`, limit)
	if err != nil {
		return nil, fmt.Errorf("read receipts without a message: %w", err)
	}
	return found, nil
}
