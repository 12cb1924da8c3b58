package postgres

import (
	"context"
	"encoding/json"
	"fmt"
	"time"

	"github.com/jackc/pgx/v5"

	"relais/auth"
	"relais/door/ovh"
)

var _ ovh.Store = (*Store)(nil)

// unknown turns "no row" into auth.ErrUnknown.
func unknown(err error, doing string) error {
	if err == nil {
		return nil
	}
	if none(err) {
		return auth.ErrUnknown
	}
	return fmt.Errorf("%s: %w", doing, explain(err))
}

const selectOVHApplications = "SELECT id, key, secret, account, name, created_at, coalesce(revoked_at, 0) FROM ovh_applications "

func scanOVHApplication(r row) (ovh.Application, error) {
	var a ovh.Application
	var created, revoked int64
	err := r.Scan(&a.ID, &a.Key, &a.Secret, &a.Account, &a.Name, &created, &revoked)
	a.CreatedAt, a.RevokedAt = fromMicros(created), fromMicros(revoked)
	return a, err
}

func (s *Store) ovhApplication(ctx context.Context, query string, args ...any) (ovh.Application, error) {
	a, err := scanOVHApplication(s.pool.QueryRow(ctx, query, args...))
	return a, unknown(err, "read an application")
}

// AddOVHApplication implements ovh.Keys.
func (s *Store) AddOVHApplication(ctx context.Context, a ovh.Application) error {
	tag, err := s.pool.Exec(ctx, `INSERT INTO ovh_applications (id, key, secret, account, name, created_at)
		SELECT $1, $2, $3, name, $4, $5 FROM accounts WHERE name = $6`, a.ID, a.Key, a.Secret, a.Name, micros(a.CreatedAt), a.Account)
	if err == nil && tag.RowsAffected() == 0 {
		return fmt.Errorf("account %q: %w", a.Account, auth.ErrUnknown)
	}
	return explain(err)
}

// OVHApplication implements ovh.Keys.
func (s *Store) OVHApplication(ctx context.Context, key string) (ovh.Application, error) {
	return s.ovhApplication(ctx, selectOVHApplications+"WHERE key = $1", clean(key))
}

// OVHApplications implements ovh.Keys.
func (s *Store) OVHApplications(ctx context.Context) ([]ovh.Application, error) {
	rows, err := s.pool.Query(ctx, selectOVHApplications+"ORDER BY account, created_at")
	return collect(rows, err, scanOVHApplication)
}

// RevokeOVHApplication implements ovh.Keys.
func (s *Store) RevokeOVHApplication(ctx context.Context, application int64, at time.Time) (ovh.Application, error) {
	return s.ovhApplication(ctx, `UPDATE ovh_applications SET revoked_at = coalesce(revoked_at, $1) WHERE id = $2
		RETURNING id, key, secret, account, name, created_at, revoked_at`, micros(at), application)
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
	var token []byte
	if c.Token != (auth.Hash{}) {
		token = c.Token[:]
	}
	return s.transact(ctx, func(ctx context.Context, tx pgx.Tx) error {
		if _, err := tx.Exec(ctx, "DELETE FROM ovh_credentials WHERE application = $1 AND state = $2 AND created_at < $3",
			c.Application, string(ovh.Pending), micros(stale)); err != nil {
			return err
		}
		var waiting int
		if err := tx.QueryRow(ctx, "SELECT count(*) FROM ovh_credentials WHERE application = $1 AND state = $2",
			c.Application, string(ovh.Pending)).Scan(&waiting); err != nil {
			return err
		}
		if c.State == ovh.Pending && waiting >= most {
			return ovh.ErrTooMany
		}
		_, err := tx.Exec(ctx, `INSERT INTO ovh_credentials (hash, id, token, application, state, rules, ips, created_at, expires_at)
			VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9)`,
			c.Hash[:], c.ID, token, c.Application, string(c.State), clean(string(rules)), clean(string(ips)), micros(c.CreatedAt), micros(c.ExpiresAt))
		return err
	})
}

const ovhCredentialColumns = "hash, id, token, application, state, rules, ips, created_at, expires_at"

func (s *Store) ovhCredential(ctx context.Context, query string, args ...any) (ovh.Credential, error) {
	var c ovh.Credential
	var hash, token []byte
	var rules, ips string
	var created, expires int64
	err := s.pool.QueryRow(ctx, query, args...).Scan(&hash, &c.ID, &token, &c.Application, &c.State, &rules, &ips, &created, &expires)
	if err != nil {
		return c, unknown(err, "read a consumer key")
	}
	copy(c.Hash[:], hash)
	copy(c.Token[:], token)
	c.CreatedAt, c.ExpiresAt = fromMicros(created), fromMicros(expires)
	if err := json.Unmarshal([]byte(rules), &c.Rules); err != nil {
		return c, fmt.Errorf("read the rules of a consumer key: %w", err)
	}
	if err := json.Unmarshal([]byte(ips), &c.AllowedIPs); err != nil {
		return c, fmt.Errorf("read the addresses of a consumer key: %w", err)
	}
	return c, nil
}

// OVHCredential implements ovh.Keys.
func (s *Store) OVHCredential(ctx context.Context, hash auth.Hash) (ovh.Credential, error) {
	return s.ovhCredential(ctx, "SELECT "+ovhCredentialColumns+" FROM ovh_credentials WHERE hash = $1", hash[:])
}

// DecideOVHCredential implements ovh.Keys.
func (s *Store) DecideOVHCredential(ctx context.Context, token auth.Hash, stale time.Time, state ovh.State, expires time.Time) (ovh.Credential, error) {
	return s.ovhCredential(ctx, "UPDATE ovh_credentials SET state = $1, expires_at = $2 WHERE token = $3 AND state = $4 AND created_at >= $5 RETURNING "+ovhCredentialColumns,
		string(state), micros(expires), token[:], string(ovh.Pending), micros(stale))
}

// EndOVHCredential implements ovh.Keys.
func (s *Store) EndOVHCredential(ctx context.Context, hash auth.Hash) error {
	_, err := s.pool.Exec(ctx, "UPDATE ovh_credentials SET state = $1 WHERE hash = $2", string(ovh.Ended), hash[:])
	return explain(err)
}
