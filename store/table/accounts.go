package table

import (
	"context"
	"encoding/json"
	"fmt"
	"maps"
	"slices"
	"strconv"
	"strings"
	"time"

	"relais/auth"
)

var _ auth.Store = Tables{}

// accounts implements auth.Store.
type accounts struct{ *runner }

const selectKeys = "SELECT id, account, name, created_at, revoked_at, used_at, limits, made_by FROM keys "

func scanKey(scan Scan) (k auth.Key, err error) {
	var limits string
	if err := scan(&k.ID, &k.Account, &k.Name, &k.CreatedAt, &k.RevokedAt, &k.UsedAt, &limits, &k.MadeBy); err != nil {
		return k, err
	}
	return k, readLimits(limits, &k.Limits)
}

// limitsText is what is stored of limits: nothing where there are none.
func limitsText(l auth.KeyLimits) (string, error) {
	text, err := json.Marshal(l)
	if err != nil {
		return "", fmt.Errorf("encode the limits of a key: %w", err)
	}
	if string(text) == "{}" {
		return "", nil
	}
	return string(text), nil
}

// readLimits fails where they cannot be read: a key must not lose its limits.
func readLimits(text string, into *auth.KeyLimits) error {
	if text == "" {
		return nil
	}
	if err := json.Unmarshal([]byte(text), into); err != nil {
		return fmt.Errorf("the limits of a key: %w", err)
	}
	return nil
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
	limits, err := limitsText(k.Limits)
	if err != nil {
		return err
	}
	return t.transact(ctx, func(tx runs) error {
		added, err := tx.exec(`INSERT INTO keys (hash, id, account, name, created_at, limits, made_by)
			SELECT $1, $2, name, $3, $4, $5, $6 FROM accounts WHERE name = $7 ON CONFLICT (id) DO NOTHING`,
			hash[:], k.ID, k.Name, k.CreatedAt, limits, k.MadeBy, k.Account)
		switch {
		case err != nil:
			return err
		case added > 0:
			return tx.did(ctx, k.Account, auth.KeyMade, k.Called(), "")
		}
		if _, err := tx.key(k.ID); err == nil {
			return fmt.Errorf("key %q: %w", k.ID, auth.ErrExists)
		}
		return ofAccount(k.Account, 0, nil)
	})
}

func (r runs) key(id string) (auth.Key, error) {
	k, found, err := first(r, scanKey, selectKeys+"WHERE id = $1", id)
	return k, unknown(found, err, "read a key")
}

// LimitKey implements auth.Store.
func (t accounts) LimitKey(
	ctx context.Context, id string, seen *auth.KeyLimits, limits auth.KeyLimits,
) (k auth.Key, err error) {
	text, err := limitsText(limits)
	if err != nil {
		return auth.Key{}, err
	}
	err = t.transact(ctx, func(tx runs) error {
		before, err := tx.holdKey(id)
		if err != nil {
			return err
		}
		if seen != nil && !before.Limits.Same(seen) {
			return fmt.Errorf("key %q: %w", id, auth.ErrLimited)
		}
		const statement = "UPDATE keys SET limits = $1 WHERE id = $2 AND limits <> $1"
		changed, err := tx.exec(statement, text, id)
		if err != nil {
			return fmt.Errorf("change a key: %w", err)
		}
		k = before
		if changed == 0 {
			return nil
		}
		k.Limits = limits
		return tx.changed(ctx, k.Account, auth.KeyLimited, k.Called(), "", limits.Since(&before.Limits))
	})
	return k, err
}

// holdKey reads a key that nobody changes before the transaction ends: a statement that
// changes nothing holds the row.
func (r runs) holdKey(id string) (auth.Key, error) {
	if err := r.do("UPDATE keys SET limits = limits WHERE id = $1", id); err != nil {
		return auth.Key{}, fmt.Errorf("hold a key: %w", err)
	}
	return r.key(id)
}

// KeysUsed implements auth.Store.
func (t accounts) KeysUsed(ctx context.Context, used map[string]time.Time) error {
	return t.transact(ctx, func(tx runs) error {
		for _, id := range slices.Sorted(maps.Keys(used)) { // in one order: nodes do not wait for each other
			if err := keyUsed(tx, id, used[id]); err != nil {
				return fmt.Errorf("keep when a key was used: %w", err)
			}
		}
		return nil
	})
}

// keyUsed finds the key by the form of its id: that of a login has a slash, that of an
// application is a number, and so may be that of a key.
func keyUsed(tx runs, id string, at time.Time) error {
	if account, login, found := strings.Cut(id, "/"); found {
		return tx.do("UPDATE ovh_users SET used_at = $1 WHERE account = $2 AND login = $3 AND used_at < $4",
			at, account, login, at)
	}
	if number, err := strconv.ParseInt(id, 10, 64); err == nil {
		err := tx.do("UPDATE ovh_applications SET used_at = $1 WHERE id = $2 AND used_at < $3", at, number, at)
		if err != nil {
			return err
		}
	}
	return tx.do("UPDATE keys SET used_at = $1 WHERE id = $2 AND used_at < $3", at, id, at)
}

// RevokeKey implements auth.Store. Revoking twice keeps the first time.
func (t accounts) RevokeKey(ctx context.Context, id string, at time.Time) (k auth.Key, err error) {
	err = t.transact(ctx, func(tx runs) error {
		const statement = "UPDATE keys SET revoked_at = $1 WHERE id = $2 AND revoked_at IS NULL"
		changed, err := tx.exec(statement, at, id)
		if err != nil {
			return fmt.Errorf("revoke a key: %w", err)
		}
		if k, err = tx.key(id); err != nil || changed == 0 {
			return err
		}
		return tx.did(ctx, k.Account, auth.KeyRevoked, k.Called(), "")
	})
	return k, err
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
	return t.transact(ctx, func(tx runs) error {
		const insert = "INSERT INTO accounts (name, created_at) VALUES ($1, $2) ON CONFLICT DO NOTHING"
		added, err := tx.exec(insert, a.Name, a.CreatedAt)
		switch {
		case err != nil:
			return err
		case added == 0:
			return fmt.Errorf("account %q: %w", a.Name, auth.ErrExists)
		}
		return tx.did(ctx, a.Name, auth.AccountMade, a.Name, "")
	})
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
