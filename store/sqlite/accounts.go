package sqlite

import (
	"context"
	"database/sql"
	"errors"
	"fmt"
	"time"

	"relais/auth"
)

var _ auth.Store = (*Store)(nil)

const keyColumns = "id, account, name, created_at, coalesce(revoked_at, 0)"

// KeyByHash implements auth.Store.
func (s *Store) KeyByHash(ctx context.Context, hash auth.Hash) (auth.Key, error) {
	return scanKey(s.readers.QueryRowContext(ctx, "SELECT "+keyColumns+" FROM keys WHERE hash = ?", hash[:]))
}

type row interface{ Scan(...any) error }

func scanKey(r row) (auth.Key, error) {
	var k auth.Key
	var created, revoked int64
	err := r.Scan(&k.ID, &k.Account, &k.Name, &created, &revoked)
	if errors.Is(err, sql.ErrNoRows) {
		return auth.Key{}, auth.ErrUnknown
	}
	if err != nil {
		return auth.Key{}, fmt.Errorf("read a key: %w", explain(err))
	}
	k.CreatedAt, k.RevokedAt = fromMicros(created), fromMicros(revoked)
	return k, nil
}

// AddKey implements auth.Store. The account must exist.
func (s *Store) AddKey(ctx context.Context, k auth.Key, hash auth.Hash) error {
	return s.commits.do(ctx, func(t *tx) error {
		added, err := t.execCount(`INSERT INTO keys (hash, id, account, name, created_at)
			SELECT ?, ?, name, ?, ? FROM accounts WHERE name = ?`, hash[:], k.ID, k.Name, micros(k.CreatedAt), k.Account)
		if err == nil && added == 0 {
			return fmt.Errorf("account %q: %w", k.Account, auth.ErrUnknown)
		}
		return err
	})
}

// RevokeKey implements auth.Store. Revoking twice keeps the first time.
func (s *Store) RevokeKey(ctx context.Context, id string, at time.Time) (auth.Key, error) {
	err := s.commits.do(ctx, func(t *tx) error {
		return t.exec("UPDATE keys SET revoked_at = coalesce(revoked_at, ?) WHERE id = ?", micros(at), id)
	})
	if err != nil {
		return auth.Key{}, err
	}
	return scanKey(s.readers.QueryRowContext(ctx, "SELECT "+keyColumns+" FROM keys WHERE id = ?", id))
}

// Keys implements auth.Store.
func (s *Store) Keys(ctx context.Context) ([]auth.Key, error) {
	rows, err := s.readers.QueryContext(ctx, "SELECT "+keyColumns+" FROM keys ORDER BY account, created_at")
	if err != nil {
		return nil, fmt.Errorf("read keys: %w", explain(err))
	}
	defer rows.Close()
	keys := []auth.Key{}
	for rows.Next() {
		k, err := scanKey(rows)
		if err != nil {
			return nil, err
		}
		keys = append(keys, k)
	}
	return keys, rows.Err()
}

// AddAccount implements auth.Store.
func (s *Store) AddAccount(ctx context.Context, a auth.Account) error {
	return s.commits.do(ctx, func(t *tx) error {
		added, err := t.execCount("INSERT INTO accounts (name, created_at) VALUES (?, ?) ON CONFLICT DO NOTHING",
			a.Name, micros(a.CreatedAt))
		if err == nil && added == 0 {
			return fmt.Errorf("account %q: %w", a.Name, auth.ErrExists)
		}
		return err
	})
}

// Accounts implements auth.Store.
func (s *Store) Accounts(ctx context.Context) ([]auth.Account, error) {
	rows, err := s.readers.QueryContext(ctx, "SELECT name, created_at FROM accounts ORDER BY name")
	if err != nil {
		return nil, fmt.Errorf("read accounts: %w", explain(err))
	}
	defer rows.Close()
	accounts := []auth.Account{}
	for rows.Next() {
		var a auth.Account
		var created int64
		if err := rows.Scan(&a.Name, &created); err != nil {
			return nil, fmt.Errorf("read accounts: %w", err)
		}
		a.CreatedAt = fromMicros(created)
		accounts = append(accounts, a)
	}
	return accounts, rows.Err()
}
