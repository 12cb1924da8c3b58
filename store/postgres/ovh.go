package postgres

import (
	"context"
	"fmt"

	"github.com/jackc/pgx/v5"

	"relais/door/ovh"
	"relais/sms"
)

var _ ovh.Store = (*Store)(nil)

const selectOVHNumbers = `SELECT coalesce(n.number, 0), coalesce(n.gone, false)
	FROM unnest($2::uuid[]) WITH ORDINALITY AS t (id, ord)
	LEFT JOIN ovh_numbers n ON n.account = $1 AND n.id = t.id ORDER BY t.ord`

func readOVHNumbers(
	ctx context.Context, q querying, account string, ids []sms.ID,
) (all []ovh.Numbered, missing bool, err error) {
	plain := make([][16]byte, len(ids))
	for i := range ids {
		plain[i] = id(ids[i])
	}
	rows, err := q.Query(ctx, selectOVHNumbers, account, plain)
	all, err = collect(rows, err, func(r row) (n ovh.Numbered, err error) {
		err = r.Scan(&n.Number, &n.Gone)
		missing = missing || n.Number == 0
		return n, err
	})
	if err != nil {
		return nil, false, fmt.Errorf("read numbers: %w", err)
	}
	for i := range all {
		all[i].ID = ids[i]
	}
	return all, missing, nil
}

// OVHNumbers implements ovh.Numbers.
func (s *Store) OVHNumbers(ctx context.Context, account string, ids []sms.ID) ([]ovh.Numbered, error) {
	all, missing, err := readOVHNumbers(ctx, s.pool, account, ids)
	if err != nil || !missing {
		return all, err
	}
	err = s.transact(ctx, func(ctx context.Context, tx pgx.Tx) error {
		// One at a time gives numbers to an account: the next one is free then.
		if _, err := tx.Exec(ctx, "SELECT pg_advisory_xact_lock(hashtextextended('ovh_numbers:' || $1::text, 0))",
			account); err != nil {
			return err
		}
		var last int64
		if err := tx.QueryRow(ctx, "SELECT coalesce(max(number), 0) FROM ovh_numbers WHERE account = $1",
			account).Scan(&last); err != nil {
			return err
		}
		if all, _, err = readOVHNumbers(ctx, tx, account, ids); err != nil {
			return err
		}
		return numberOVH(ctx, tx, account, all, last)
	})
	if err != nil {
		return nil, fmt.Errorf("give numbers: %w", explain(err))
	}
	return all, nil
}

// numberOVH gives what has no number those behind last.
func numberOVH(ctx context.Context, tx pgx.Tx, account string, all []ovh.Numbered, last int64) error {
	batch := &pgx.Batch{}
	given := map[sms.ID]int64{}
	for i := range all {
		n := &all[i]
		if n.Number != 0 {
			continue
		}
		if n.Number = given[n.ID]; n.Number != 0 {
			continue
		}
		last++
		n.Number, given[n.ID] = last, last
		batch.Queue("INSERT INTO ovh_numbers (account, number, id, gone) VALUES ($1, $2, $3, false)", account,
			last, id(n.ID))
	}
	return tx.SendBatch(ctx, batch).Close()
}
