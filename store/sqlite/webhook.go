package sqlite

import (
	"context"
	"database/sql"
	"errors"
	"fmt"
	"time"

	"relais/sms"
	"relais/webhook"
)

var _ webhook.Store = (*Store)(nil)

// AddEndpoint implements webhook.Store.
func (s *Store) AddEndpoint(ctx context.Context, e webhook.Endpoint) (known *webhook.Endpoint, err error) {
	err = s.commits.do(ctx, func(t *tx) error {
		known, err = t.endpointOfKey(e.Account, e.Key)
		if err != nil || known != nil {
			return err
		}
		return t.addEndpoint(e)
	})
	return known, err
}

func (t *tx) endpointOfKey(account, key string) (*webhook.Endpoint, error) {
	if key == "" {
		return nil, nil
	}
	rows, err := t.query("SELECT "+endpointFields+", 0 FROM endpoints e WHERE e.account = ? AND e.key = ?", account, key)
	found, err := endpointsOf(rows, err)
	if err != nil || len(found) == 0 {
		return nil, err
	}
	return &found[0], nil
}

func (t *tx) addEndpoint(e webhook.Endpoint) error {
	clear(t.interests)
	return t.exec(`INSERT INTO endpoints
		(account, id, url, events, secret, origin, state, reason, failures, failing_at, probe_at, created_at, key, format)
		VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)`,
		e.Account, e.ID[:], e.URL, webhook.JoinTypes(e.Events), e.Secret, string(e.Origin), string(e.State), e.Reason,
		e.Failures, micros(e.FailingAt), micros(e.ProbeAt), micros(e.CreatedAt), textOrNull(e.Key), e.Format)
}

// RemoveEndpoint implements webhook.Store.
func (s *Store) RemoveEndpoint(ctx context.Context, account string, id sms.ID) error {
	return s.commits.do(ctx, func(t *tx) error {
		clear(t.interests)
		n, err := t.execCount("DELETE FROM endpoints WHERE account = ? AND id = ?", account, id[:])
		if err != nil {
			return err
		}
		if n == 0 {
			return webhook.ErrUnknown
		}
		if err := t.exec("DELETE FROM former_secrets WHERE account = ? AND endpoint = ?", account, id[:]); err != nil {
			return err
		}
		return t.exec("DELETE FROM deliveries WHERE account = ? AND endpoint = ?", account, id[:])
	})
}

// ChangeEndpoint implements webhook.Store. What waited for an endpoint that comes
// back from quarantine is due at once.
func (s *Store) ChangeEndpoint(ctx context.Context, e webhook.Endpoint) error {
	return s.commits.do(ctx, func(t *tx) error {
		clear(t.interests)
		n, err := t.execCount(`UPDATE endpoints SET url = ?, events = ?, state = ?, reason = ?, failures = ?, failing_at = ?, probe_at = ?
			WHERE account = ? AND id = ?`,
			e.URL, webhook.JoinTypes(e.Events), string(e.State), e.Reason, e.Failures, micros(e.FailingAt), micros(e.ProbeAt), e.Account, e.ID[:])
		if err != nil {
			return err
		}
		if n == 0 {
			return webhook.ErrUnknown
		}
		if e.State != webhook.Active || e.Failures > 0 {
			return nil
		}
		return t.exec(`UPDATE deliveries INDEXED BY deliveries_pending SET next_at = 0
			WHERE account = ? AND endpoint = ? AND state = 'pending' AND next_at > 0 AND attempts > 0`, e.Account, e.ID[:])
	})
}

// RequestEndpoint implements webhook.Store.
func (s *Store) RequestEndpoint(ctx context.Context, account, url, format string, fresh []byte, now time.Time) (e webhook.Endpoint, err error) {
	known, err := s.requestEndpoint(ctx, account, url, format)
	if err != nil || known != nil {
		if known != nil {
			e = *known
		}
		return e, err
	}
	err = s.commits.do(ctx, func(t *tx) error {
		var id []byte
		var have int
		if err := t.queryRow(selectRequestEndpoint, []any{account, url, format}, &have, &id); err != nil {
			return err
		}
		secret, err := t.signingSecret(account, fresh, false, now)
		if err != nil {
			return err
		}
		if have > 0 {
			e = webhook.Endpoint{Account: account, URL: url, Origin: webhook.OfRequest, Format: format}
			e.ID, err = idOf(id)
			return err
		}
		e = webhook.Endpoint{
			ID: sms.NewID(now), Account: account, URL: url, Secret: secret, Origin: webhook.OfRequest, State: webhook.Active, CreatedAt: now,
			Format: format,
		}
		return t.addEndpoint(e)
	})
	return e, err
}

const selectRequestEndpoint = `SELECT count(*), coalesce(max(id), x'') FROM endpoints INDEXED BY endpoints_request
	WHERE account = ? AND url = ? AND format = ? AND origin = 'request'`

func (s *Store) requestEndpoint(ctx context.Context, account, url, format string) (*webhook.Endpoint, error) {
	rows, err := s.readers.QueryContext(ctx, "SELECT "+endpointColumns+` FROM endpoints e INDEXED BY endpoints_request
		WHERE account = ? AND url = ? AND format = ? AND origin = 'request'`, account, url, format)
	found, err := endpointsOf(rows, err)
	if err != nil || len(found) == 0 {
		return nil, err
	}
	return &found[0], nil
}

// SigningSecret implements webhook.Store.
func (s *Store) SigningSecret(ctx context.Context, account string, fresh []byte, replace bool, now time.Time) (sealed []byte, err error) {
	if fresh == nil {
		err = s.readers.QueryRowContext(ctx, "SELECT secret FROM signing_secrets WHERE account = ?", account).Scan(&sealed)
		if err != nil && !errors.Is(err, sql.ErrNoRows) {
			return nil, fmt.Errorf("read a signing secret: %w", explain(err))
		}
		return sealed, nil
	}
	err = s.commits.do(ctx, func(t *tx) error {
		sealed, err = t.signingSecret(account, fresh, replace, now)
		return err
	})
	return sealed, err
}

func (t *tx) signingSecret(account string, fresh []byte, replace bool, now time.Time) (sealed []byte, err error) {
	conflict := "DO NOTHING"
	if replace {
		conflict = "DO UPDATE SET secret = excluded.secret, created_at = excluded.created_at"
	}
	if err := t.exec("INSERT INTO signing_secrets (account, secret, created_at) VALUES (?, ?, ?) ON CONFLICT "+conflict,
		account, fresh, micros(now)); err != nil {
		return nil, fmt.Errorf("keep a signing secret: %w", err)
	}
	if err := t.queryRow("SELECT secret FROM signing_secrets WHERE account = ?", []any{account}, &sealed); err != nil {
		return nil, fmt.Errorf("read a signing secret: %w", err)
	}
	if !replace {
		return sealed, nil
	}
	return sealed, t.exec("UPDATE endpoints SET secret = ? WHERE account = ? AND origin = 'request'", sealed, account)
}

const updateDelivery = `UPDATE deliveries SET state = ?, attempts = attempts + 1, next_at = ?, last_at = ?, status = ?, error = ?
	WHERE account = ? AND endpoint = ? AND seq = ? AND +state = 'pending'`

// SettleDeliveries implements webhook.Store.
func (s *Store) SettleDeliveries(ctx context.Context, attempts []webhook.Attempt) error {
	return s.commits.do(ctx, func(t *tx) error {
		for i := range attempts {
			a := &attempts[i]
			if err := t.exec(updateDelivery, string(a.State), micros(a.NextAt), micros(a.At), a.Status, a.Error,
				a.Account, a.Endpoint[:], a.Seq); err != nil {
				return fmt.Errorf("settle a webhook: %w", err)
			}
		}
		return nil
	})
}

// Replay implements webhook.Store. Deliveries start from the first attempt.
func (s *Store) Replay(ctx context.Context, r webhook.Replay) (n int, err error) {
	query := `UPDATE deliveries SET state = 'pending', attempts = 0, next_at = ?, until = ?, error = '' WHERE account = ? AND endpoint = ? AND `
	args := []any{micros(r.Now), micros(r.Now.Add(webhook.GiveUp)), r.Account, r.Endpoint[:]}
	if r.Seq > 0 {
		query, args = query+"seq = ?", append(args, r.Seq)
	} else {
		state := r.State
		if state == "" {
			state = webhook.Failed
		}
		query += "+state = ? AND seq >= coalesce((SELECT min(seq) FROM outbox WHERE account IN (?, '') AND at >= ?), 9223372036854775807)"
		args = append(args, string(state), r.Account, micros(r.Since))
	}
	err = s.commits.do(ctx, func(t *tx) error {
		changed, err := t.execCount(query, args...)
		n = int(changed)
		return err
	})
	return n, err
}

// pruneSize bounds one step of Prune.
const pruneSize = 1000

const (
	selectPrunable = `SELECT coalesce(max(seq), 0), count(*) FROM (SELECT seq, at FROM outbox ORDER BY seq LIMIT ?) WHERE at < ?`
	deleteOutbox   = `DELETE FROM outbox WHERE seq <= ? AND NOT EXISTS (
		SELECT 1 FROM deliveries d INDEXED BY deliveries_seq WHERE d.seq = outbox.seq AND d.state = 'pending')`
	deleteDeliveries = `DELETE FROM deliveries INDEXED BY deliveries_seq WHERE seq <= ? AND state <> 'pending'`
)

// Prune implements webhook.Store. It looks at the oldest events alone: what
// waits there holds back nothing for long, for it is given up in days.
func (s *Store) Prune(ctx context.Context, before time.Time) (n int, err error) {
	err = s.commits.do(ctx, func(t *tx) error {
		var seq int64
		var old int
		if err := t.queryRow(selectPrunable, []any{pruneSize, micros(before)}, &seq, &old); err != nil || old == 0 {
			return err
		}
		if err := t.exec(deleteDeliveries, seq); err != nil {
			return err
		}
		dropped, err := t.execCount(deleteOutbox, seq)
		n = int(dropped)
		return err
	})
	return n, err
}
