package sqlite

import (
	"context"
	"encoding/json"
	"fmt"
	"time"

	"relais/door/shadow"
)

var _ shadow.Store = (*Store)(nil)

const (
	insertShadow  = "INSERT INTO shadows (account, id, at, door, instance, verdict, found) VALUES (?, ?, ?, ?, ?, ?, ?)"
	countShadows  = "SELECT account, door, instance, verdict, count(*) FROM shadows WHERE at >= ? GROUP BY 1, 2, 3, 4 ORDER BY 1, 2, 3, 4"
	selectShadows = `SELECT account, id, at, door, instance, verdict, found FROM shadows
		WHERE at >= ? AND verdict <> 'same' ORDER BY at DESC LIMIT ?`
	// deleteShadows names the rows by their key: there is no rowid.
	deleteShadows = `DELETE FROM shadows WHERE (account, id) IN (SELECT account, id FROM shadows WHERE at < ? ORDER BY at LIMIT ?)`
)

// KeepShadow implements shadow.Store.
func (s *Store) KeepShadow(ctx context.Context, r shadow.Row) error {
	found, err := json.Marshal(r.Found)
	if err != nil {
		return fmt.Errorf("encode what was compared: %w", err)
	}
	return s.commits.do(ctx, func(t *tx) error {
		return t.exec(insertShadow, r.Account, r.ID[:], micros(r.At), r.Door, r.Instance, string(r.Verdict), string(found))
	})
}

// CountShadows implements shadow.Store.
func (s *Store) CountShadows(ctx context.Context, since time.Time) ([]shadow.Count, error) {
	rows, err := s.readers.QueryContext(ctx, countShadows, micros(since))
	return allOf(rows, err, func(r row) (c shadow.Count, err error) {
		err = r.Scan(&c.Account, &c.Door, &c.Instance, &c.Verdict, &c.Requests)
		return c, err
	})
}

// Shadows implements shadow.Store.
func (s *Store) Shadows(ctx context.Context, since time.Time, limit int) ([]shadow.Row, error) {
	rows, err := s.readers.QueryContext(ctx, selectShadows, micros(since), limit)
	return allOf(rows, err, scanShadow)
}

func scanShadow(from row) (r shadow.Row, err error) {
	var id, found []byte
	var at int64
	if err := from.Scan(&r.Account, &id, &at, &r.Door, &r.Instance, &r.Verdict, &found); err != nil {
		return r, fmt.Errorf("read what was compared: %w", err)
	}
	r.At = fromMicros(at)
	if r.ID, err = idOf(id); err != nil {
		return r, err
	}
	return r, json.Unmarshal(found, &r.Found)
}

// PruneShadows implements shadow.Store.
func (s *Store) PruneShadows(ctx context.Context, before time.Time, limit int) (dropped int, err error) {
	err = s.commits.do(ctx, func(t *tx) error {
		n, err := t.execCount(deleteShadows, micros(before), limit)
		dropped = int(n)
		return err
	})
	return dropped, err
}
