package table

import (
	"context"
	"fmt"
	"reflect"

	"relais/auth"
)

const selectPasskeys = `SELECT id, name, created_at, used_at, credential, public, host FROM passkeys
	WHERE user_id = $1 ORDER BY created_at, id`

func scanPasskey(scan Scan) (k auth.Passkey, err error) {
	var public string
	err = scan(&k.ID, &k.Name, &k.CreatedAt, &k.UsedAt, &k.Credential, &public, &k.Host)
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

const selectStrayPasskeys = `SELECT host, user_id FROM passkeys WHERE host <> '' AND host <> $1
	AND EXISTS (SELECT 1 FROM users WHERE users.id = passkeys.user_id AND disabled_at = 0)
	GROUP BY host, user_id ORDER BY host, user_id`

// StrayPasskeys implements auth.UserStore.
func (t users) StrayPasskeys(ctx context.Context, host string) (stray auth.StrayPasskeys, err error) {
	people := map[string]bool{}
	err = t.on(ctx).query(selectStrayPasskeys, []any{host}, func(scan Scan) error {
		var at, user string
		if err := scan(&at, &user); err != nil {
			return err
		}
		if len(stray.Hosts) == 0 || stray.Hosts[len(stray.Hosts)-1] != at {
			stray.Hosts = append(stray.Hosts, at)
		}
		people[user] = true
		return nil
	})
	if err != nil {
		return stray, fmt.Errorf("read passkeys of other hosts: %w", err)
	}
	stray.People = len(people)
	return stray, nil
}

// putPasskeys writes the passkeys of a user who had others.
func (r runs) putPasskeys(user string, before, now []auth.Passkey) error {
	if len(before) == 0 && len(now) == 0 || reflect.DeepEqual(before, now) {
		return nil
	}
	if err := r.do("DELETE FROM passkeys WHERE user_id = $1", user); err != nil {
		return fmt.Errorf("take passkeys: %w", err)
	}
	const insert = `INSERT INTO passkeys (id, user_id, credential, name, created_at, used_at, public, host)
		VALUES ($1, $2, $3, $4, $5, $6, $7, $8) ON CONFLICT DO NOTHING`
	for _, k := range now {
		added, err := r.exec(insert, k.ID, user, k.Credential, k.Name, k.CreatedAt, k.UsedAt, string(k.Public), k.Host)
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
