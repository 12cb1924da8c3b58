package table

import (
	"context"
	"encoding/json"
	"fmt"
	"time"

	"relais/door/shadow"
)

var _ shadow.Store = Tables{}

// shadows implements shadow.Store.
type shadows struct{ *runner }

const (
	insertShadow = "INSERT INTO shadows (account, id, at, door, instance, verdict, found) VALUES ($1, $2, $3, " +
		"$4, $5, $6, $7)"
	countShadows = `SELECT account, door, instance, verdict, count(*) FROM shadows
		WHERE at >= $1 GROUP BY 1, 2, 3, 4 ORDER BY 1, 2, 3, 4`
	selectShadows = `SELECT account, id, at, door, instance, verdict, found FROM shadows
		WHERE at >= $1 AND verdict <> 'same' ORDER BY at DESC LIMIT $2`
	// deleteShadows names the rows by their key: SQLite has no other name for them.
	deleteShadows = `DELETE FROM shadows WHERE (account, id) IN
		(SELECT account, id FROM shadows WHERE at < $1 ORDER BY at LIMIT $2)`
)

// KeepShadow implements shadow.Store.
func (t shadows) KeepShadow(ctx context.Context, r shadow.Row) error {
	found, err := json.Marshal(r.Found)
	if err != nil {
		return fmt.Errorf("encode what was compared: %w", err)
	}
	return t.on(ctx).do(insertShadow, r.Account, r.ID, r.At, r.Door, r.Instance, r.Verdict, string(found))
}

// CountShadows implements shadow.Store.
func (t shadows) CountShadows(ctx context.Context, since time.Time) ([]shadow.Count, error) {
	scan := func(scan Scan) (c shadow.Count, err error) {
		return c, scan(&c.Account, &c.Door, &c.Instance, &c.Verdict, &c.Requests)
	}
	return list(t.on(ctx), scan, countShadows, since)
}

// Shadows implements shadow.Store.
func (t shadows) Shadows(ctx context.Context, since time.Time, limit int) ([]shadow.Row, error) {
	return list(t.on(ctx), scanShadow, selectShadows, since, limit)
}

func scanShadow(scan Scan) (r shadow.Row, err error) {
	var found []byte
	if err := scan(&r.Account, &r.ID, &r.At, &r.Door, &r.Instance, &r.Verdict, &found); err != nil {
		return r, fmt.Errorf("read what was compared: %w", err)
	}
	return r, json.Unmarshal(found, &r.Found)
}

// PruneShadows implements shadow.Store.
func (t shadows) PruneShadows(ctx context.Context, before time.Time, limit int) (dropped int, err error) {
	if dropped, err = t.on(ctx).exec(deleteShadows, before, limit); err != nil {
		return 0, fmt.Errorf("drop old comparisons: %w", err)
	}
	return dropped, nil
}
