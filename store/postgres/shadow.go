package postgres

import (
	"context"
	"encoding/json"
	"fmt"
	"time"

	"relais/door/shadow"
)

var _ shadow.Store = (*Store)(nil)

const (
	insertShadow  = "INSERT INTO shadows (account, id, at, door, instance, verdict, found) VALUES ($1, $2, $3, $4, $5, $6, $7)"
	countShadows  = "SELECT account, door, instance, verdict, count(*) FROM shadows WHERE at >= $1 GROUP BY 1, 2, 3, 4 ORDER BY 1, 2, 3, 4"
	selectShadows = `SELECT account, id, at, door, instance, verdict, found FROM shadows
		WHERE at >= $1 AND verdict <> 'same' ORDER BY at DESC LIMIT $2`
	deleteShadows = `DELETE FROM shadows WHERE (account, id) IN (SELECT account, id FROM shadows WHERE at < $1 ORDER BY at LIMIT $2)`
)

// KeepShadow implements shadow.Store.
func (s *Store) KeepShadow(ctx context.Context, r shadow.Row) error {
	found, err := json.Marshal(r.Found)
	if err != nil {
		return fmt.Errorf("encode what was compared: %w", err)
	}
	_, err = s.pool.Exec(ctx, insertShadow, r.Account, id(r.ID), micros(r.At), r.Door, clean(r.Instance), string(r.Verdict), clean(string(found)))
	return explain(err)
}

// CountShadows implements shadow.Store.
func (s *Store) CountShadows(ctx context.Context, since time.Time) ([]shadow.Count, error) {
	rows, err := s.pool.Query(ctx, countShadows, micros(since))
	return collect(rows, err, func(r row) (c shadow.Count, err error) {
		err = r.Scan(&c.Account, &c.Door, &c.Instance, &c.Verdict, &c.Requests)
		return c, err
	})
}

// Shadows implements shadow.Store.
func (s *Store) Shadows(ctx context.Context, since time.Time, limit int) ([]shadow.Row, error) {
	rows, err := s.pool.Query(ctx, selectShadows, micros(since), limit)
	return collect(rows, err, func(from row) (r shadow.Row, err error) {
		var at int64
		var found []byte
		if err := from.Scan(&r.Account, (*[16]byte)(&r.ID), &at, &r.Door, &r.Instance, &r.Verdict, &found); err != nil {
			return r, fmt.Errorf("read what was compared: %w", err)
		}
		r.At = fromMicros(at)
		return r, json.Unmarshal(found, &r.Found)
	})
}

// PruneShadows implements shadow.Store.
func (s *Store) PruneShadows(ctx context.Context, before time.Time, limit int) (int, error) {
	tag, err := s.pool.Exec(ctx, deleteShadows, micros(before), limit)
	if err != nil {
		return 0, fmt.Errorf("drop old comparisons: %w", explain(err))
	}
	return int(tag.RowsAffected()), nil
}
