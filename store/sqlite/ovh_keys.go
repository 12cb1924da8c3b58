package sqlite

import (
	"context"
	"database/sql"
	"encoding/json"
	"errors"
	"fmt"
	"time"

	"relais/auth"
	"relais/door/ovh"
)

var _ ovh.Store = (*Store)(nil)

const selectOVHApplications = "SELECT id, key, secret, account, name, created_at, coalesce(revoked_at, 0) FROM ovh_applications "

func scanOVHApplication(r row) (ovh.Application, error) {
	var a ovh.Application
	var created, revoked int64
	err := r.Scan(&a.ID, &a.Key, &a.Secret, &a.Account, &a.Name, &created, &revoked)
	if errors.Is(err, sql.ErrNoRows) {
		return a, auth.ErrUnknown
	}
	if err != nil {
		return a, fmt.Errorf("read an application: %w", explain(err))
	}
	a.CreatedAt, a.RevokedAt = fromMicros(created), fromMicros(revoked)
	return a, nil
}

// AddOVHApplication implements ovh.Keys.
func (s *Store) AddOVHApplication(ctx context.Context, a ovh.Application) error {
	return s.commits.do(ctx, func(t *tx) error {
		added, err := t.execCount(`INSERT INTO ovh_applications (id, key, secret, account, name, created_at)
			SELECT ?, ?, ?, name, ?, ? FROM accounts WHERE name = ?`, a.ID, a.Key, a.Secret, a.Name, micros(a.CreatedAt), a.Account)
		if err == nil && added == 0 {
			return fmt.Errorf("account %q: %w", a.Account, auth.ErrUnknown)
		}
		return err
	})
}

// OVHApplication implements ovh.Keys.
func (s *Store) OVHApplication(ctx context.Context, key string) (ovh.Application, error) {
	return scanOVHApplication(s.readers.QueryRowContext(ctx, selectOVHApplications+"WHERE key = ?", key))
}

// OVHApplications implements ovh.Keys.
func (s *Store) OVHApplications(ctx context.Context) ([]ovh.Application, error) {
	rows, err := s.readers.QueryContext(ctx, selectOVHApplications+"ORDER BY account, created_at")
	return allOf(rows, err, scanOVHApplication)
}

// allOf reads every row.
func allOf[T any](rows *sql.Rows, err error, scan func(row) (T, error)) ([]T, error) {
	if err != nil {
		return nil, explain(err)
	}
	defer rows.Close()
	all := []T{}
	for rows.Next() {
		one, err := scan(rows)
		if err != nil {
			return nil, err
		}
		all = append(all, one)
	}
	return all, explain(rows.Err())
}

// RevokeOVHApplication implements ovh.Keys.
func (s *Store) RevokeOVHApplication(ctx context.Context, id int64, at time.Time) (ovh.Application, error) {
	err := s.commits.do(ctx, func(t *tx) error {
		return t.exec("UPDATE ovh_applications SET revoked_at = coalesce(revoked_at, ?) WHERE id = ?", micros(at), id)
	})
	if err != nil {
		return ovh.Application{}, err
	}
	return scanOVHApplication(s.readers.QueryRowContext(ctx, selectOVHApplications+"WHERE id = ?", id))
}

// AddOVHCredential implements ovh.Keys.
func (s *Store) AddOVHCredential(ctx context.Context, c ovh.Credential, stale time.Time, most int) error {
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
	return s.commits.do(ctx, func(t *tx) error {
		if err := t.exec("DELETE FROM ovh_credentials WHERE application = ? AND state = ? AND created_at < ?",
			c.Application, string(ovh.Pending), micros(stale)); err != nil {
			return err
		}
		var waiting int
		if err := t.queryRow("SELECT count(*) FROM ovh_credentials WHERE application = ? AND state = ?",
			[]any{c.Application, string(ovh.Pending)}, &waiting); err != nil {
			return err
		}
		if c.State == ovh.Pending && waiting >= most {
			return ovh.ErrTooMany
		}
		return t.exec(`INSERT INTO ovh_credentials (hash, id, token, application, state, rules, ips, created_at, expires_at)
			VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?)`,
			c.Hash[:], c.ID, token, c.Application, string(c.State), string(rules), string(ips), micros(c.CreatedAt), micros(c.ExpiresAt))
	})
}

const selectOVHCredential = "SELECT hash, id, token, application, state, rules, ips, created_at, expires_at FROM ovh_credentials "

func scanOVHCredential(r row) (ovh.Credential, error) {
	var c ovh.Credential
	var hash, token, rules, ips []byte
	var created, expires int64
	err := r.Scan(&hash, &c.ID, &token, &c.Application, &c.State, &rules, &ips, &created, &expires)
	if errors.Is(err, sql.ErrNoRows) {
		return c, auth.ErrUnknown
	}
	if err != nil {
		return c, fmt.Errorf("read a consumer key: %w", explain(err))
	}
	copy(c.Hash[:], hash)
	copy(c.Token[:], token)
	c.CreatedAt, c.ExpiresAt = fromMicros(created), fromMicros(expires)
	if err := json.Unmarshal(rules, &c.Rules); err != nil {
		return c, fmt.Errorf("read the rules of a consumer key: %w", err)
	}
	if err := json.Unmarshal(ips, &c.AllowedIPs); err != nil {
		return c, fmt.Errorf("read the addresses of a consumer key: %w", err)
	}
	return c, nil
}

// OVHCredential implements ovh.Keys.
func (s *Store) OVHCredential(ctx context.Context, hash auth.Hash) (ovh.Credential, error) {
	return scanOVHCredential(s.readers.QueryRowContext(ctx, selectOVHCredential+"WHERE hash = ?", hash[:]))
}

// DecideOVHCredential implements ovh.Keys.
func (s *Store) DecideOVHCredential(ctx context.Context, token auth.Hash, stale time.Time, state ovh.State, expires time.Time) (ovh.Credential, error) {
	err := s.commits.do(ctx, func(t *tx) error {
		decided, err := t.execCount("UPDATE ovh_credentials SET state = ?, expires_at = ? WHERE token = ? AND state = ? AND created_at >= ?",
			string(state), micros(expires), token[:], string(ovh.Pending), micros(stale))
		if err == nil && decided == 0 {
			return auth.ErrUnknown
		}
		return err
	})
	if err != nil {
		return ovh.Credential{}, err
	}
	return scanOVHCredential(s.readers.QueryRowContext(ctx, selectOVHCredential+"WHERE token = ?", token[:]))
}

// EndOVHCredential implements ovh.Keys.
func (s *Store) EndOVHCredential(ctx context.Context, hash auth.Hash) error {
	return s.commits.do(ctx, func(t *tx) error {
		return t.exec("UPDATE ovh_credentials SET state = ? WHERE hash = ?", string(ovh.Ended), hash[:])
	})
}
