package table

import (
	"context"
	"fmt"
	"time"

	"relais/auth"
)

var _ auth.Store = Tables{}

// accounts implements auth.Store.
type accounts struct{ *runner }

const selectKeys = "SELECT id, account, name, created_at, revoked_at FROM keys "

func scanKey(scan Scan) (k auth.Key, err error) {
	return k, scan(&k.ID, &k.Account, &k.Name, &k.CreatedAt, &k.RevokedAt)
}

func (t accounts) key(ctx context.Context, statement string, args ...any) (auth.Key, error) {
	k, found, err := first(t.on(ctx), scanKey, statement, args...)
	return k, unknown(found, err, "read a key")
}

// unknown is auth.ErrUnknown where there is nothing.
func unknown(found bool, err error, doing string) error {
	if err != nil {
		return fmt.Errorf("%s: %w", doing, err)
	}
	if !found {
		return auth.ErrUnknown
	}
	return nil
}

// ofAccount is the error of an INSERT that takes its row from accounts: without a row,
// there is no such account.
func ofAccount(account string, added int, err error) error {
	if err == nil && added == 0 {
		return fmt.Errorf("account %q: %w", account, auth.ErrUnknown)
	}
	return err
}

// KeyByHash implements auth.Store.
func (t accounts) KeyByHash(ctx context.Context, hash auth.Hash) (auth.Key, error) {
	return t.key(ctx, selectKeys+"WHERE hash = $1", hash[:])
}

// AddKey implements auth.Store. The account must exist.
func (t accounts) AddKey(ctx context.Context, k auth.Key, hash auth.Hash) error {
	added, err := t.on(ctx).exec(`INSERT INTO keys (hash, id, account, name, created_at)
		SELECT $1, $2, name, $3, $4 FROM accounts WHERE name = $5`, hash[:], k.ID, k.Name, k.CreatedAt, k.Account)
	return ofAccount(k.Account, added, err)
}

// RevokeKey implements auth.Store. Revoking twice keeps the first time.
func (t accounts) RevokeKey(ctx context.Context, id string, at time.Time) (auth.Key, error) {
	if err := t.on(ctx).do("UPDATE keys SET revoked_at = coalesce(revoked_at, $1) WHERE id = $2", at,
		id); err != nil {
		return auth.Key{}, fmt.Errorf("revoke a key: %w", err)
	}
	return t.key(ctx, selectKeys+"WHERE id = $1", id)
}

// Keys implements auth.Store.
func (t accounts) Keys(ctx context.Context) ([]auth.Key, error) {
	keys, err := list(t.on(ctx), scanKey, selectKeys+"ORDER BY account, created_at")
	if err != nil {
		return nil, fmt.Errorf("read keys: %w", err)
	}
	return keys, nil
}

// AddAccount implements auth.Store.
func (t accounts) AddAccount(ctx context.Context, a auth.Account) error {
	added, err := t.on(ctx).exec("INSERT INTO accounts (name, created_at) VALUES ($1, $2) ON CONFLICT DO "+
		"NOTHING", a.Name, a.CreatedAt)
	if err == nil && added == 0 {
		return fmt.Errorf("account %q: %w", a.Name, auth.ErrExists)
	}
	return err
}

// Accounts implements auth.Store.
func (t accounts) Accounts(ctx context.Context) ([]auth.Account, error) {
	scan := func(scan Scan) (a auth.Account, err error) { return a, scan(&a.Name, &a.CreatedAt) }
	all, err := list(t.on(ctx), scan, "SELECT name, created_at FROM accounts ORDER BY name")
	if err != nil {
		return nil, fmt.Errorf("read accounts: %w", err)
	}
	return all, nil
}
