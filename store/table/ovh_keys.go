package table

import (
	"context"
	"encoding/json"
	"fmt"
	"strconv"
	"time"

	"relais/auth"
	"relais/door/ovh"
)

var _ ovh.Keys = Tables{}

// ovhKeys implements ovh.Keys.
type ovhKeys struct{ *runner }

const selectApplications = "SELECT id, key, secret, account, name, created_at, revoked_at, " +
	"used_at, limits FROM ovh_applications "

func scanApplication(scan Scan) (a ovh.Application, err error) {
	var limits string
	if err := scan(&a.ID, &a.Key, &a.Secret, &a.Account, &a.Name, &a.CreatedAt, &a.RevokedAt, &a.UsedAt,
		&limits); err != nil {
		return a, err
	}
	return a, readLimits(limits, &a.Limits)
}

// AddOVHApplication implements ovh.Keys.
func (t ovhKeys) AddOVHApplication(ctx context.Context, a ovh.Application) error {
	limits, err := limitsText(a.Limits)
	if err != nil {
		return err
	}
	return t.transact(ctx, func(tx runs) error {
		added, err := tx.exec(`INSERT INTO ovh_applications (id, key, secret, account, name, created_at, limits)
			SELECT $1, $2, $3, name, $4, $5, $6 FROM accounts WHERE name = $7`, a.ID, a.Key, a.Secret, a.Name,
			a.CreatedAt, limits, a.Account)
		if err := ofAccount(a.Account, added, err); err != nil {
			return err
		}
		return tx.did(ctx, a.Account, auth.KeyMade, called(&a), "")
	})
}

// called is an application in the audit.
func called(a *ovh.Application) string { return a.Name + " (" + strconv.FormatInt(a.ID, 10) + ")" }

func (t ovhKeys) application(ctx context.Context, where string, arg any) (ovh.Application, error) {
	return t.on(ctx).application(where, arg)
}

func (r runs) application(where string, arg any) (ovh.Application, error) {
	a, found, err := first(r, scanApplication, selectApplications+"WHERE "+where+" = $1", arg)
	return a, unknown(found, err, "read an application")
}

// OVHApplication implements ovh.Keys.
func (t ovhKeys) OVHApplication(ctx context.Context, key string) (ovh.Application, error) {
	return t.application(ctx, "key", key)
}

// OVHApplications implements ovh.Keys.
func (t ovhKeys) OVHApplications(ctx context.Context) ([]ovh.Application, error) {
	return list(t.on(ctx), scanApplication, selectApplications+"ORDER BY account, created_at")
}

// RevokeOVHApplication implements ovh.Keys.
func (t ovhKeys) RevokeOVHApplication(ctx context.Context, id int64, at time.Time) (a ovh.Application, err error) {
	err = t.transact(ctx, func(tx runs) error {
		const statement = "UPDATE ovh_applications SET revoked_at = $1 WHERE id = $2 AND revoked_at IS NULL"
		changed, err := tx.exec(statement, at, id)
		if err != nil {
			return fmt.Errorf("revoke an application: %w", err)
		}
		if a, err = tx.application("id", id); err != nil || changed == 0 {
			return err
		}
		return tx.did(ctx, a.Account, auth.KeyRevoked, called(&a), "")
	})
	return a, err
}

// LimitOVHApplication implements ovh.Keys.
func (t ovhKeys) LimitOVHApplication(
	ctx context.Context, id int64, limits auth.KeyLimits,
) (a ovh.Application, err error) {
	text, err := limitsText(limits)
	if err != nil {
		return ovh.Application{}, err
	}
	err = t.transact(ctx, func(tx runs) error {
		const hold = "UPDATE ovh_applications SET limits = limits WHERE id = $1"
		if err := tx.do(hold, id); err != nil {
			return fmt.Errorf("hold an application: %w", err)
		}
		if a, err = tx.application("id", id); err != nil {
			return err
		}
		const statement = "UPDATE ovh_applications SET limits = $1 WHERE id = $2 AND limits <> $1"
		changed, err := tx.exec(statement, text, id)
		if err != nil {
			return fmt.Errorf("change an application: %w", err)
		}
		if changed == 0 {
			return nil
		}
		edits := limits.Since(&a.Limits)
		a.Limits = limits
		return tx.changed(ctx, a.Account, auth.KeyLimited, called(&a), "", edits)
	})
	return a, err
}

// AddOVHCredential implements ovh.Keys.
func (t ovhKeys) AddOVHCredential(ctx context.Context, c ovh.Credential, stale time.Time, most int) error {
	rules, err := json.Marshal(c.Rules)
	if err != nil {
		return fmt.Errorf("encode rules: %w", err)
	}
	ips, err := json.Marshal(c.AllowedIPs)
	if err != nil {
		return fmt.Errorf("encode addresses: %w", err)
	}
	var token any
	if c.Token != (auth.Hash{}) {
		token = c.Token[:]
	}
	return t.transact(ctx, func(tx runs) error {
		const drop = "DELETE FROM ovh_credentials WHERE application = $1 AND state = $2 AND created_at < $3"
		if err := tx.do(drop, c.Application, ovh.Pending, stale); err != nil {
			return err
		}
		const count = "SELECT count(*) FROM ovh_credentials WHERE application = $1 AND state = $2"
		var waiting int
		if _, err := tx.read(count, []any{c.Application, ovh.Pending}, &waiting); err != nil {
			return err
		}
		if c.State == ovh.Pending && waiting >= most {
			return ovh.ErrTooMany
		}
		return tx.do(`INSERT INTO ovh_credentials (hash, id, token, application, state, rules, ips, created_at,
			expires_at)
			VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9)`,
			c.Hash[:], c.ID, token, c.Application, c.State, string(rules), string(ips), c.CreatedAt, c.ExpiresAt)
	})
}

const selectCredential = "SELECT hash, id, token, application, state, rules, ips, created_at, expires_at " +
	"FROM ovh_credentials "

func scanCredential(scan Scan) (c ovh.Credential, err error) {
	var hash, token, rules, ips []byte
	if err := scan(&hash, &c.ID, &token, &c.Application, &c.State, &rules, &ips, &c.CreatedAt,
		&c.ExpiresAt); err != nil {
		return c, err
	}
	copy(c.Hash[:], hash)
	copy(c.Token[:], token)
	if err := json.Unmarshal(rules, &c.Rules); err != nil {
		return c, fmt.Errorf("its rules: %w", err)
	}
	if err := json.Unmarshal(ips, &c.AllowedIPs); err != nil {
		return c, fmt.Errorf("its addresses: %w", err)
	}
	return c, nil
}

func (t ovhKeys) credential(r runs, where string, hash auth.Hash) (ovh.Credential, error) {
	c, found, err := first(r, scanCredential, selectCredential+"WHERE "+where+" = $1", hash[:])
	return c, unknown(found, err, "read a consumer key")
}

// OVHCredential implements ovh.Keys.
func (t ovhKeys) OVHCredential(ctx context.Context, hash auth.Hash) (ovh.Credential, error) {
	return t.credential(t.on(ctx), "hash", hash)
}

// DecideOVHCredential implements ovh.Keys.
func (t ovhKeys) DecideOVHCredential(
	ctx context.Context, token auth.Hash, stale time.Time, state ovh.State, expires time.Time,
) (c ovh.Credential, err error) {
	err = t.transact(ctx, func(tx runs) error {
		decided, err := tx.exec(`UPDATE ovh_credentials SET state = $1, expires_at = $2
			WHERE token = $3 AND state = $4 AND created_at >= $5`, state, expires, token[:], ovh.Pending, stale)
		if err != nil {
			return err
		}
		if decided == 0 {
			return auth.ErrUnknown
		}
		if c, err = t.credential(tx, "token", token); err != nil {
			return err
		}
		a, err := tx.application("id", c.Application)
		if err != nil {
			return err
		}
		return tx.did(ctx, a.Account, auth.KeyValidated, called(&a), "")
	})
	return c, err
}

// EndOVHCredential implements ovh.Keys.
func (t ovhKeys) EndOVHCredential(ctx context.Context, hash auth.Hash) error {
	return t.transact(ctx, func(tx runs) error {
		const end = "UPDATE ovh_credentials SET state = $1 WHERE hash = $2 AND state <> $1"
		ended, err := tx.exec(end, ovh.Ended, hash[:])
		if err != nil || ended == 0 {
			return err
		}
		c, err := t.credential(tx, "hash", hash)
		if err != nil {
			return err
		}
		a, err := tx.application("id", c.Application)
		if err != nil {
			return err
		}
		return tx.did(ctx, a.Account, auth.KeySignedOut, called(&a), "")
	})
}
