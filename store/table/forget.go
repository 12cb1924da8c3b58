package table

import (
	"context"
	"fmt"
	"time"

	"relais/sms"
)

// forgetting drops what nobody asks for any more.
type forgetting struct{ *runner }

// forgetSize bounds one Forget.
const forgetSize = 1000

// partLife is how much longer than idempotency keys the parts of a message are known: its last
// receipt comes days after the end of its validity, which is as long as a key lives.
const partLife = 4 * 24 * time.Hour

// keysOutlive is how much longer keys live than parts of which nobody tells a client any more, because it was
// taken out of the configuration: they have texts and numbers, and others are told of for three days.
const keysOutlive = 3 * 24 * time.Hour

const partsSize = 10 * forgetSize // a message has several

const (
	deleteKeys = `DELETE FROM idempotency WHERE (account, key) IN
		(SELECT account, key FROM idempotency WHERE at < $1 ORDER BY at LIMIT $2)`
	// deleteReceipts drops what no message was ever known by.
	deleteReceipts = `DELETE FROM receipts WHERE id IN
		(SELECT id FROM receipts WHERE received_at < $1 ORDER BY received_at LIMIT $2)`
)

// Forget implements gateway.Store.
func (t forgetting) Forget(ctx context.Context, before time.Time) error {
	return t.transact(ctx, func(tx runs) error {
		if err := tx.do(deleteReceipts, before, forgetSize); err != nil {
			return fmt.Errorf("forget receipts: %w", err)
		}
		if err := tx.do("DELETE FROM answering WHERE at < $1", before); err != nil {
			return fmt.Errorf("forget who was answering: %w", err)
		}
		if err := tx.do(deleteParts, sms.FirstID(before.Add(-partLife)), partsSize); err != nil {
			return fmt.Errorf("forget parts of messages: %w", err)
		}
		if err := tx.do(deleteLoose, sms.FirstID(before.Add(keysOutlive)), partsSize); err != nil {
			return fmt.Errorf("forget parts that came to nothing: %w", err)
		}
		return tx.do(deleteKeys, before, forgetSize)
	})
}
