package table

import (
	"context"
	"fmt"
	"reflect"

	"relais/auth"
)

const selectPasskeys = `SELECT id, name, created_at, used_at, credential, public FROM passkeys
	WHERE user_id = $1 ORDER BY created_at, id`

func scanPasskey(scan Scan) (k auth.Passkey, err error) {
	var public string
	err = scan(&k.ID, &k.Name, &k.CreatedAt, &k.UsedAt, &k.Credential, &public)
	k.Public = []byte(public)
	return k, err
}

// passkeys are those of a user, the oldest first.
func (r runs) passkeys(user string) ([]auth.Passkey, error) {
	keys, err := list(r, scanPasskey, selectPasskeys, user)
	if err != nil {
		return nil, fmt.Errorf("read passkeys: %w", err)
	}
	if len(keys) == 0 {
		return nil, nil
	}
	return keys, nil
}

// UserByPasskey implements auth.UserStore.
func (t users) UserByPasskey(ctx context.Context, credential []byte) (auth.Record, error) {
	return t.on(ctx).user(selectUsers+"WHERE id = (SELECT user_id FROM passkeys WHERE credential = $1)", credential)
}

// putPasskeys writes the passkeys of a user who had others.
func (r runs) putPasskeys(user string, before, now []auth.Passkey) error {
	if len(before) == 0 && len(now) == 0 || reflect.DeepEqual(before, now) {
		return nil
	}
	if err := r.do("DELETE FROM passkeys WHERE user_id = $1", user); err != nil {
		return fmt.Errorf("take passkeys: %w", err)
	}
	const insert = `INSERT INTO passkeys (id, user_id, credential, name, created_at, used_at, public)
		VALUES ($1, $2, $3, $4, $5, $6, $7) ON CONFLICT DO NOTHING`
	for _, k := range now {
		added, err := r.exec(insert, k.ID, user, k.Credential, k.Name, k.CreatedAt, k.UsedAt, string(k.Public))
		if err != nil {
			return fmt.Errorf("keep a passkey: %w", err)
		}
		if added == 0 {
			return auth.ErrKnownKey
		}
	}
	return nil
}

// spendAnswer lets the answer to a question count once.
func spendAnswer(r runs, _ string, c *auth.Change) error {
	if c.Spend == "" {
		return nil
	}
	if c.Begin != nil {
		if err := r.do(deleteNonces, c.Begin.SeenAt); err != nil {
			return fmt.Errorf("drop old nonces: %w", err)
		}
	}
	added, err := r.exec(insertNonce, "passkey", c.Spend, c.SpendUntil)
	if err != nil {
		return fmt.Errorf("spend an answer: %w", err)
	}
	if added == 0 {
		return auth.ErrSpent
	}
	return nil
}
