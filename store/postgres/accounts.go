package postgres

import (
	"context"
	"fmt"
	"time"

	"relais/auth"
)

var _ auth.Store = (*Store)(nil)

const selectKeyRows = "SELECT id, account, name, created_at, coalesce(revoked_at, 0) FROM keys "

func scanKey(r row) (auth.Key, error) {
	var k auth.Key
	var created, revoked int64
	err := r.Scan(&k.ID, &k.Account, &k.Name, &created, &revoked)
	k.CreatedAt, k.RevokedAt = fromMicros(created), fromMicros(revoked)
	return k, err
}

func (s *Store) key(ctx context.Context, query string, arg any) (auth.Key, error) {
	k, err := scanKey(s.pool.QueryRow(ctx, query, arg))
	if none(err) {
		return auth.Key{}, auth.ErrUnknown
	}
	if err != nil {
		return auth.Key{}, fmt.Errorf("read a key: %w", explain(err))
	}
	return k, nil
}

// KeyByHash implements auth.Store.
func (s *Store) KeyByHash(ctx context.Context, hash auth.Hash) (auth.Key, error) {
	return s.key(ctx, selectKeyRows+"WHERE hash = $1", hash[:])
}

// AddKey implements auth.Store. The account must exist.
func (s *Store) AddKey(ctx context.Context, k auth.Key, hash auth.Hash) error {
	tag, err := s.pool.Exec(ctx, `INSERT INTO keys (hash, id, account, name, created_at)
		SELECT $1, $2, name, $3, $4 FROM accounts WHERE name = $5`, hash[:], k.ID, k.Name, micros(k.CreatedAt), k.Account)
	if err == nil && tag.RowsAffected() == 0 {
		return fmt.Errorf("account %q: %w", k.Account, auth.ErrUnknown)
	}
	return explain(err)
}

// RevokeKey implements auth.Store. Revoking twice keeps the first time.
func (s *Store) RevokeKey(ctx context.Context, key string, at time.Time) (auth.Key, error) {
	if _, err := s.pool.Exec(ctx, "UPDATE keys SET revoked_at = coalesce(revoked_at, $1) WHERE id = $2", micros(at), clean(key)); err != nil {
		return auth.Key{}, fmt.Errorf("revoke a key: %w", explain(err))
	}
	return s.key(ctx, selectKeyRows+"WHERE id = $1", clean(key))
}

// Keys implements auth.Store.
func (s *Store) Keys(ctx context.Context) ([]auth.Key, error) {
	rows, err := s.pool.Query(ctx, selectKeyRows+"ORDER BY account, created_at")
	keys, err := collect(rows, err, scanKey)
	if err != nil {
		return nil, fmt.Errorf("read keys: %w", err)
	}
	return keys, nil
}

// AddAccount implements auth.Store.
func (s *Store) AddAccount(ctx context.Context, a auth.Account) error {
	tag, err := s.pool.Exec(ctx, "INSERT INTO accounts (name, created_at) VALUES ($1, $2) ON CONFLICT DO NOTHING", a.Name, micros(a.CreatedAt))
	if err == nil && tag.RowsAffected() == 0 {
		return fmt.Errorf("account %q: %w", a.Name, auth.ErrExists)
	}
	return explain(err)
}

// Accounts implements auth.Store.
func (s *Store) Accounts(ctx context.Context) ([]auth.Account, error) {
	rows, err := s.pool.Query(ctx, "SELECT name, created_at FROM accounts ORDER BY name")
	accounts, err := collect(rows, err, func(r row) (a auth.Account, err error) {
		var created int64
		err = r.Scan(&a.Name, &created)
		a.CreatedAt = fromMicros(created)
		return a, err
	})
	if err != nil {
		return nil, fmt.Errorf("read accounts: %w", err)
	}
	return accounts, nil
}
