package table

import (
	"context"
	"fmt"
	"time"
)

// nonces are those of signed requests, so that none is used twice.
type nonces struct{ *runner }

const (
	deleteNonces = "DELETE FROM nonces WHERE until < $1"
	insertNonce  = "INSERT INTO nonces (scope, nonce, until) VALUES ($1, $2, $3) ON CONFLICT DO NOTHING"
)

// SpendNonce implements passerelle.Store. Two nodes that get one nonce at once
// meet at the primary key.
func (t nonces) SpendNonce(
	ctx context.Context, scope, nonce string, now, until time.Time,
) (fresh bool, err error) {
	err = t.transact(ctx, func(tx runs) error {
		if err := tx.do(deleteNonces, now); err != nil {
			return fmt.Errorf("drop old nonces: %w", err)
		}
		added, err := tx.exec(insertNonce, scope, nonce, until)
		if err != nil {
			return fmt.Errorf("keep a nonce: %w", err)
		}
		fresh = added == 1
		return nil
	})
	return fresh, err
}
