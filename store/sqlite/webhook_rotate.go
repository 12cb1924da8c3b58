package sqlite

import (
	"context"
	"database/sql"
	"errors"
	"fmt"
	"time"

	"relais/webhook"
)

// ofAccount stands for the endpoint of an account's own secret.
var ofAccount = []byte{}

// Rotate implements webhook.Store.
func (s *Store) Rotate(ctx context.Context, r webhook.Rotation) (got webhook.Rotated, err error) {
	err = s.commits.do(ctx, func(t *tx) error {
		got, err = t.rotate(&r)
		return err
	})
	return got, err
}

func (t *tx) rotate(r *webhook.Rotation) (webhook.Rotated, error) {
	where, args, endpoint := "signing_secrets WHERE account = ?", []any{r.Account}, ofAccount
	if !r.Endpoint.IsZero() {
		where, args, endpoint = "endpoints WHERE account = ? AND id = ?", []any{r.Account, r.Endpoint[:]}, r.Endpoint[:]
	}
	var before []byte
	var by string
	var until int64
	err := t.queryRow("SELECT secret, rotated_by, rotated_until FROM "+where, args, &before, &by, &until)
	if errors.Is(err, sql.ErrNoRows) {
		return webhook.Rotated{}, webhook.ErrUnknown
	}
	if err != nil {
		return webhook.Rotated{}, fmt.Errorf("read a signing secret: %w", err)
	}
	if known, err := r.Known(by); known || err != nil {
		return webhook.Rotated{Secret: before, Until: fromMicros(until), Replayed: true}, err
	}
	until = 0
	if r.Until.After(r.Now) {
		until = micros(r.Until)
		if err := t.exec("INSERT OR IGNORE INTO former_secrets (account, endpoint, until, secret) VALUES (?, ?, ?, ?)",
			r.Account, endpoint, until, before); err != nil {
			return webhook.Rotated{}, fmt.Errorf("keep a former secret: %w", err)
		}
	} else if err := t.exec("DELETE FROM former_secrets WHERE account = ? AND endpoint = ?", r.Account, endpoint); err != nil {
		return webhook.Rotated{}, fmt.Errorf("drop former secrets: %w", err)
	}
	return webhook.Rotated{Secret: r.Secret, Until: fromMicros(until)}, t.putSecret(r, until)
}

func (t *tx) putSecret(r *webhook.Rotation, until int64) error {
	const set = " SET secret = ?, rotated_by = ?, rotated_until = ? WHERE account = ?"
	if !r.Endpoint.IsZero() {
		return t.exec("UPDATE endpoints"+set+" AND id = ?", r.Secret, r.By(), until, r.Account, r.Endpoint[:])
	}
	if err := t.exec("UPDATE signing_secrets"+set, r.Secret, r.By(), until, r.Account); err != nil {
		return err
	}
	return t.exec("UPDATE endpoints SET secret = ? WHERE account = ? AND origin = 'request'", r.Secret, r.Account)
}

// Former implements webhook.Store.
func (s *Store) Former(ctx context.Context, e *webhook.Endpoint, now time.Time, limit int) ([]webhook.Former, error) {
	endpoint := e.ID[:]
	if e.Origin == webhook.OfRequest {
		endpoint = ofAccount
	}
	rows, err := s.readers.QueryContext(ctx, `SELECT secret, until FROM former_secrets
		WHERE account = ? AND endpoint = ? AND until > ? ORDER BY until DESC LIMIT ?`, e.Account, endpoint, micros(now), limit)
	if err != nil {
		return nil, fmt.Errorf("read former secrets: %w", explain(err))
	}
	defer rows.Close()
	var found []webhook.Former
	for rows.Next() {
		var f webhook.Former
		var until int64
		if err := rows.Scan(&f.Secret, &until); err != nil {
			return nil, fmt.Errorf("read former secrets: %w", err)
		}
		f.Until = fromMicros(until)
		found = append(found, f)
	}
	return found, rows.Err()
}

// DropFormer implements webhook.Store. Mostly there is nothing to drop, and nothing is
// written.
func (s *Store) DropFormer(ctx context.Context, now time.Time) error {
	var some bool
	err := s.readers.QueryRowContext(ctx, "SELECT EXISTS (SELECT 1 FROM former_secrets WHERE until <= ?)", micros(now)).Scan(&some)
	if err != nil || !some {
		return err
	}
	return s.commits.do(ctx, func(t *tx) error { return t.exec("DELETE FROM former_secrets WHERE until <= ?", micros(now)) })
}
