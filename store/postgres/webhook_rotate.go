package postgres

import (
	"context"
	"fmt"
	"time"

	"github.com/jackc/pgx/v5"

	"relais/sms"
	"relais/webhook"
)

// Rotate implements webhook.Store.
func (s *Store) Rotate(ctx context.Context, r webhook.Rotation) (got webhook.Rotated, err error) {
	err = s.transact(ctx, func(ctx context.Context, tx pgx.Tx) error {
		got, err = rotate(ctx, tx, &r)
		return err
	})
	return got, err
}

func rotate(ctx context.Context, tx pgx.Tx, r *webhook.Rotation) (webhook.Rotated, error) {
	where, args := "signing_secrets WHERE account = $1", []any{r.Account}
	if !r.Endpoint.IsZero() {
		where, args = "endpoints WHERE account = $1 AND id = $2", []any{r.Account, id(r.Endpoint)}
	}
	var before []byte
	var by string
	var until int64
	err := tx.QueryRow(ctx, "SELECT secret, rotated_by, rotated_until FROM "+where+" FOR UPDATE", args...).Scan(&before, &by, &until)
	if none(err) {
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
		_, err = tx.Exec(ctx, "INSERT INTO former_secrets (account, endpoint, until, secret) VALUES ($1, $2, $3, $4) ON CONFLICT DO NOTHING",
			r.Account, id(r.Endpoint), until, before)
	} else {
		_, err = tx.Exec(ctx, "DELETE FROM former_secrets WHERE account = $1 AND endpoint = $2", r.Account, id(r.Endpoint))
	}
	if err != nil {
		return webhook.Rotated{}, fmt.Errorf("keep a former secret: %w", err)
	}
	return webhook.Rotated{Secret: r.Secret, Until: fromMicros(until)}, putSecret(ctx, tx, r, until)
}

func putSecret(ctx context.Context, tx pgx.Tx, r *webhook.Rotation, until int64) error {
	const set = " SET secret = $1, rotated_by = $2, rotated_until = $3 WHERE account = $4"
	if !r.Endpoint.IsZero() {
		_, err := tx.Exec(ctx, "UPDATE endpoints"+set+" AND id = $5", r.Secret, r.By(), until, r.Account, id(r.Endpoint))
		return err
	}
	if _, err := tx.Exec(ctx, "UPDATE signing_secrets"+set, r.Secret, r.By(), until, r.Account); err != nil {
		return err
	}
	_, err := tx.Exec(ctx, "UPDATE endpoints SET secret = $1 WHERE account = $2 AND origin = 'request'", r.Secret, r.Account)
	return err
}

// Former implements webhook.Store.
func (s *Store) Former(ctx context.Context, e *webhook.Endpoint, now time.Time, limit int) ([]webhook.Former, error) {
	endpoint := e.ID
	if e.Origin == webhook.OfRequest {
		endpoint = sms.ID{}
	}
	rows, err := s.pool.Query(ctx, `SELECT secret, until FROM former_secrets
		WHERE account = $1 AND endpoint = $2 AND until > $3 ORDER BY until DESC LIMIT $4`, e.Account, id(endpoint), micros(now), limit)
	found, err := collect(rows, err, func(r row) (f webhook.Former, err error) {
		var until int64
		err = r.Scan(&f.Secret, &until)
		f.Until = fromMicros(until)
		return f, err
	})
	if err != nil {
		return nil, fmt.Errorf("read former secrets: %w", explain(err))
	}
	return found, nil
}

// DropFormer implements webhook.Store.
func (s *Store) DropFormer(ctx context.Context, now time.Time) error {
	_, err := s.pool.Exec(ctx, "DELETE FROM former_secrets WHERE until <= $1", micros(now))
	return err
}
