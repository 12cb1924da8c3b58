package postgres

import (
	"context"
	"fmt"
	"time"

	"github.com/jackc/pgx/v5"

	"relais/webhook"
)

var (
	_ webhook.EndpointStore = (*Store)(nil)
	_ webhook.DeliveryStore = (*Store)(nil)
	_ webhook.Log           = (*Store)(nil)
)

// updateDeliveries goes by the key, and not by what waits.
const updateDeliveries = `UPDATE deliveries d
	SET state = t.state, attempts = d.attempts + 1, next_at = t.next_at, last_at = t.at,
		status = t.status, error = t.error, took = t.took, answer = t.answer, earlier = t.earlier
	FROM unnest($1::text[], $2::uuid[], $3::bigint[], $4::text[], $5::bigint[], $6::bigint[], $7::integer[],
		$8::text[], $9::bigint[], $10::text[], $11::text[])
		AS t (account, endpoint, seq, state, next_at, at, status, error, took, answer, earlier)
	WHERE d.account = t.account AND d.endpoint = t.endpoint AND d.seq = t.seq AND d.state || '' = 'pending'`

// SettleDeliveries implements webhook.DeliveryStore.
func (s *Store) SettleDeliveries(ctx context.Context, attempts []webhook.Attempt) error {
	var accounts, states, errs, answers, earlier []string
	var endpoints uuids
	var seqs, next, at, took []int64
	var statuses []int32
	for i := range attempts {
		a := &attempts[i]
		accounts, endpoints, seqs = append(accounts, a.Account), append(endpoints, a.Endpoint), append(seqs, a.Seq)
		states, next, at = append(states, string(a.State)), append(next, micros(a.NextAt)), append(at, micros(a.At))
		statuses, errs = append(statuses, int32(a.Status)), append(errs, clean(a.Error))
		took, answers = append(took, a.Took.Microseconds()), append(answers, clean(a.Answer))
		before, err := webhook.JoinTries(a.Earlier)
		if err != nil {
			return err
		}
		earlier = append(earlier, before)
	}
	err := again(ctx, func(ctx context.Context) error {
		_, err := s.pool.Exec(ctx, updateDeliveries, accounts, endpoints, seqs, states, next, at, statuses, errs, took,
			answers, earlier)
		return err
	})
	if err != nil {
		return fmt.Errorf("settle webhooks: %w", err)
	}
	return nil
}

// pruneSize bounds one step of Prune.
const pruneSize = 1000

const (
	selectPrunable = `SELECT coalesce(max(seq), 0) FROM (SELECT seq, at FROM outbox WHERE account = $1
		ORDER BY seq LIMIT $2) AS oldest WHERE at < $3`
	deleteFinished = `DELETE FROM deliveries d USING (
		SELECT e.account, e.id, o.seq FROM outbox o CROSS JOIN endpoints e
		WHERE o.account = $1 AND o.seq <= $2 AND ($1 = '' OR e.account = $1) OFFSET 0) AS old
	WHERE d.account = old.account AND d.endpoint = old.id AND d.seq = old.seq AND d.state <> 'pending'`
	deleteOutbox = `DELETE FROM outbox o WHERE o.account = $1 AND o.seq <= $2 AND NOT EXISTS (
		SELECT 1 FROM endpoints e JOIN deliveries d ON d.account = e.account AND d.endpoint = e.id
			AND d.seq = o.seq AND d.state = 'pending'
		WHERE $1 = '' OR e.account = $1)`
)

// Prune implements webhook.DeliveryStore. It looks only at the oldest events of each
// account: one that waits there holds up the others for some days at most, until it is given
// up.
func (s *Store) Prune(ctx context.Context, before time.Time) (n int, err error) {
	accounts, err := s.Accounts(ctx)
	if err != nil {
		return 0, err
	}
	owners := []string{""}
	for _, a := range accounts {
		owners = append(owners, a.Name)
	}
	for _, owner := range owners {
		dropped, err := s.prune(ctx, owner, before)
		if err != nil {
			return n, fmt.Errorf("drop old events: %w", err)
		}
		n += dropped
	}
	return n, nil
}

func (s *Store) prune(ctx context.Context, owner string, before time.Time) (n int, err error) {
	err = s.transact(ctx, func(ctx context.Context, tx pgx.Tx) error {
		var seq int64
		if err := tx.QueryRow(ctx, selectPrunable, owner, pruneSize, micros(before)).Scan(&seq); err != nil ||
			seq == 0 {
			return err
		}
		if _, err := tx.Exec(ctx, deleteFinished, owner, seq); err != nil {
			return err
		}
		tag, err := tx.Exec(ctx, deleteOutbox, owner, seq)
		n = int(tag.RowsAffected())
		return err
	})
	return n, err
}
