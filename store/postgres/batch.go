package postgres

import (
	"context"
	"errors"
	"fmt"

	"github.com/jackc/pgx/v5"

	"relais/campaign/ledger"
	"relais/gateway"
	"relais/quota"
)

// AcceptBatch implements gateway.Store. A batch is large enough for a transaction of its
// own: it shares none with single requests, which need not wait for it.
func (s *Store) AcceptBatch(ctx context.Context, all []*gateway.Acceptance) (replay []byte, err error) {
	group := make([]*accepting, len(all))
	for i, a := range all {
		if group[i], err = encode(a); err != nil {
			return nil, err
		}
	}
	if err := ctx.Err(); err != nil {
		return nil, err
	}
	// As with single requests, a caller that goes away takes nothing back.
	err = again(context.WithoutCancel(ctx), func(ctx context.Context) error {
		replay, err = s.writeBatch(ctx, group)
		return err
	})
	switch {
	case overQuota(err):
		return nil, quota.ErrExceeded
	case errors.Is(err, gateway.ErrKeyReused), errors.Is(err, quota.ErrExceeded),
		errors.Is(err, ledger.ErrTaken), errors.Is(err, ledger.ErrStopped):
		return nil, err
	case err != nil:
		return nil, fmt.Errorf("accept a batch: %w", err)
	}
	return replay, nil
}

func (s *Store) writeBatch(ctx context.Context, group []*accepting) (replay []byte, err error) {
	err = s.writeCounted(ctx, group, func(w *reliance, kept []*accepting) error {
		replay, err = s.writeWhole(ctx, w, group, kept)
		return err
	})
	return replay, err
}

func (s *Store) writeWhole(ctx context.Context, w *reliance, group, kept []*accepting) (replay []byte, err error) {
	err = pgx.BeginTxFunc(ctx, s.pool, readCommitted, func(tx pgx.Tx) error {
		if replay, err = takeKey(ctx, tx, group[0].a); err != nil || replay != nil {
			return err
		}
		if len(kept) < len(group) {
			return quota.ErrExceeded
		}
		all := make([]*gateway.Acceptance, len(group))
		for i, r := range group {
			all[i] = r.a
		}
		if err := takings.Take(within(ctx, tx, 0), all...); err != nil {
			return err
		}
		batch := &pgx.Batch{}
		queueSubmissions(batch, group)
		w.queueCheck(batch)
		queueMessages(batch, group)
		queueTemplates(batch, group)
		queueCharges(batch, group)
		return tx.SendBatch(ctx, batch).Close()
	})
	return replay, err
}

// takeKey takes the idempotency key of a batch, or returns the answer that it had.
func takeKey(ctx context.Context, tx pgx.Tx, a *gateway.Acceptance) (replay []byte, err error) {
	if a.Key == nil {
		return nil, nil
	}
	first := &a.Drafts[0]
	done, err := tx.Exec(ctx, insertKeys, []string{first.Account}, []string{a.Key.Key},
		[][]byte{a.Key.Request[:]},
		[][]byte{append([]byte{}, a.Answer...)}, []int64{micros(a.At)}, uuids{first.Submission})
	if err != nil || done.RowsAffected() == 1 {
		return nil, err
	}
	var request, answer []byte
	if err := tx.QueryRow(ctx, "SELECT request, answer FROM idempotency WHERE account = $1 AND key = $2",
		first.Account, a.Key.Key).
		Scan(&request, &answer); err != nil {
		return nil, err
	}
	return a.Key.Replay(request, answer)
}
