package postgres

import (
	"context"
	"fmt"
	"time"

	"github.com/jackc/pgx/v5"

	"relais/sms"
	"relais/webhook"
)

var _ webhook.Store = (*Store)(nil)

const endpointFields = `e.account, e.id, e.url, e.events, e.secret, e.origin, e.state, e.reason, e.failures, e.failing_at, e.probe_at,
	e.created_at, coalesce(e.key, ''), e.format`

const (
	selectEndpoints = "SELECT " + endpointFields + `,
		(SELECT count(*) FROM deliveries d WHERE d.account = e.account AND d.endpoint = e.id AND d.state = 'pending')
	FROM endpoints e WHERE e.account = $1 ORDER BY e.id`
	selectEndpoint          = "SELECT " + endpointFields + ", 0 FROM endpoints e WHERE e.account = $1 AND e.id = $2"
	selectEndpointOfKey     = "SELECT " + endpointFields + ", 0 FROM endpoints e WHERE e.account = $1 AND e.key = $2"
	selectEndpointOfRequest = "SELECT " + endpointFields + ", 0 FROM endpoints e WHERE e.account = $1 AND e.url = $2 AND e.format = $3 AND e.origin = 'request'"
)

func scanEndpoint(r row) (webhook.Endpoint, error) {
	var e webhook.Endpoint
	var events string
	var failing, probe, created int64
	err := r.Scan(&e.Account, (*[16]byte)(&e.ID), &e.URL, &events, &e.Secret, &e.Origin, &e.State, &e.Reason,
		&e.Failures, &failing, &probe, &created, &e.Key, &e.Format, &e.Pending)
	e.Events, e.FailingAt, e.ProbeAt, e.CreatedAt = webhook.ParseTypes(events), fromMicros(failing), fromMicros(probe), fromMicros(created)
	return e, err
}

// endpoint reads one; known is false when there is none.
func endpoint(ctx context.Context, q querier, query string, args ...any) (e webhook.Endpoint, known bool, err error) {
	e, err = scanEndpoint(q.QueryRow(ctx, query, args...))
	if none(err) {
		return webhook.Endpoint{}, false, nil
	}
	if err != nil {
		return e, false, fmt.Errorf("read a webhook endpoint: %w", explain(err))
	}
	return e, true, nil
}

// AddEndpoint implements webhook.Store.
func (s *Store) AddEndpoint(ctx context.Context, e webhook.Endpoint) (known *webhook.Endpoint, err error) {
	err = s.transact(ctx, func(ctx context.Context, tx pgx.Tx) error {
		known = nil
		added, err := addEndpoint(ctx, tx, e)
		if err != nil || added {
			return err
		}
		have, found, err := endpoint(ctx, tx, selectEndpointOfKey, e.Account, e.Key)
		if err == nil && found {
			known = &have
		}
		return err
	})
	return known, err
}

func addEndpoint(ctx context.Context, tx pgx.Tx, e webhook.Endpoint) (added bool, err error) {
	tag, err := tx.Exec(ctx, `INSERT INTO endpoints
		(account, id, url, events, secret, origin, state, reason, failures, failing_at, probe_at, created_at, key, format)
		VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12, $13, $14) ON CONFLICT DO NOTHING`,
		e.Account, id(e.ID), e.URL, webhook.JoinTypes(e.Events), e.Secret, string(e.Origin), string(e.State), e.Reason,
		e.Failures, micros(e.FailingAt), micros(e.ProbeAt), micros(e.CreatedAt), textOrNull(e.Key), e.Format)
	return tag.RowsAffected() == 1, err
}

// Endpoints implements webhook.Store.
func (s *Store) Endpoints(ctx context.Context, account string) ([]webhook.Endpoint, error) {
	rows, err := s.pool.Query(ctx, selectEndpoints, account)
	found, err := collect(rows, err, scanEndpoint)
	if err != nil {
		return nil, fmt.Errorf("read webhook endpoints: %w", err)
	}
	return found, nil
}

// Endpoint implements webhook.Store. Pending is not counted.
func (s *Store) Endpoint(ctx context.Context, account string, name sms.ID) (webhook.Endpoint, error) {
	e, known, err := endpoint(ctx, s.pool, selectEndpoint, account, id(name))
	if err == nil && !known {
		return e, webhook.ErrUnknown
	}
	return e, err
}

// RemoveEndpoint implements webhook.Store.
func (s *Store) RemoveEndpoint(ctx context.Context, account string, name sms.ID) error {
	return s.transact(ctx, func(ctx context.Context, tx pgx.Tx) error {
		tag, err := tx.Exec(ctx, "DELETE FROM endpoints WHERE account = $1 AND id = $2", account, id(name))
		if err != nil {
			return err
		}
		if tag.RowsAffected() == 0 {
			return webhook.ErrUnknown
		}
		if _, err := tx.Exec(ctx, "DELETE FROM former_secrets WHERE account = $1 AND endpoint = $2", account, id(name)); err != nil {
			return err
		}
		_, err = tx.Exec(ctx, "DELETE FROM deliveries WHERE account = $1 AND endpoint = $2", account, id(name))
		return err
	})
}

// ChangeEndpoint implements webhook.Store. What waited for an endpoint that comes
// back from quarantine is due at once.
func (s *Store) ChangeEndpoint(ctx context.Context, e webhook.Endpoint) error {
	return s.transact(ctx, func(ctx context.Context, tx pgx.Tx) error {
		tag, err := tx.Exec(ctx, `UPDATE endpoints SET url = $1, events = $2, state = $3, reason = $4, failures = $5, failing_at = $6, probe_at = $7
			WHERE account = $8 AND id = $9`,
			e.URL, webhook.JoinTypes(e.Events), string(e.State), e.Reason, e.Failures, micros(e.FailingAt), micros(e.ProbeAt), e.Account, id(e.ID))
		if err != nil {
			return err
		}
		if tag.RowsAffected() == 0 {
			return webhook.ErrUnknown
		}
		if e.State != webhook.Active || e.Failures > 0 {
			return nil
		}
		_, err = tx.Exec(ctx, `UPDATE deliveries SET next_at = 0
			WHERE account = $1 AND endpoint = $2 AND state = 'pending' AND next_at > 0 AND attempts > 0`, e.Account, id(e.ID))
		return err
	})
}

// RequestEndpoint implements webhook.Store.
func (s *Store) RequestEndpoint(ctx context.Context, account, url, format string, fresh []byte, now time.Time) (webhook.Endpoint, error) {
	e, known, err := endpoint(ctx, s.pool, selectEndpointOfRequest, account, url, format)
	if err != nil || known {
		return e, err
	}
	err = s.transact(ctx, func(ctx context.Context, tx pgx.Tx) error {
		secret, err := signingSecret(ctx, tx, account, fresh, false, now)
		if err != nil {
			return err
		}
		e = webhook.Endpoint{
			ID: sms.NewID(now), Account: account, URL: url, Secret: secret, Origin: webhook.OfRequest, State: webhook.Active, CreatedAt: now,
			Format: format,
		}
		added, err := addEndpoint(ctx, tx, e)
		if err != nil || added {
			return err
		}
		e, _, err = endpoint(ctx, tx, selectEndpointOfRequest, account, url, format) // somebody else was faster
		return err
	})
	return e, err
}

// SigningSecret implements webhook.Store.
func (s *Store) SigningSecret(ctx context.Context, account string, fresh []byte, replace bool, now time.Time) (sealed []byte, err error) {
	if fresh == nil {
		err = s.pool.QueryRow(ctx, "SELECT secret FROM signing_secrets WHERE account = $1", account).Scan(&sealed)
		if err = ignoreNone(err); err != nil {
			return nil, fmt.Errorf("read a signing secret: %w", explain(err))
		}
		return sealed, nil
	}
	err = s.transact(ctx, func(ctx context.Context, tx pgx.Tx) error {
		sealed, err = signingSecret(ctx, tx, account, fresh, replace, now)
		return err
	})
	return sealed, err
}

func signingSecret(ctx context.Context, tx pgx.Tx, account string, fresh []byte, replace bool, now time.Time) (sealed []byte, err error) {
	conflict := "DO NOTHING"
	if replace {
		conflict = "(account) DO UPDATE SET secret = excluded.secret, created_at = excluded.created_at"
	}
	if _, err := tx.Exec(ctx, "INSERT INTO signing_secrets (account, secret, created_at) VALUES ($1, $2, $3) ON CONFLICT "+conflict,
		account, fresh, micros(now)); err != nil {
		return nil, fmt.Errorf("keep a signing secret: %w", err)
	}
	if err := tx.QueryRow(ctx, "SELECT secret FROM signing_secrets WHERE account = $1", account).Scan(&sealed); err != nil {
		return nil, fmt.Errorf("read a signing secret: %w", err)
	}
	if !replace {
		return sealed, nil
	}
	_, err = tx.Exec(ctx, "UPDATE endpoints SET secret = $1 WHERE account = $2 AND origin = 'request'", sealed, account)
	return sealed, err
}

const updateDeliveries = `UPDATE deliveries d SET state = t.state, attempts = d.attempts + 1, next_at = t.next_at, last_at = t.at,
		status = t.status, error = t.error
	FROM unnest($1::text[], $2::uuid[], $3::bigint[], $4::text[], $5::bigint[], $6::bigint[], $7::integer[], $8::text[])
		AS t (account, endpoint, seq, state, next_at, at, status, error)
	WHERE d.account = t.account AND d.endpoint = t.endpoint AND d.seq = t.seq AND d.state || '' = 'pending'` // so that it goes by the key, and not by what waits

// SettleDeliveries implements webhook.Store.
func (s *Store) SettleDeliveries(ctx context.Context, attempts []webhook.Attempt) error {
	var accounts, states, errs []string
	var endpoints uuids
	var seqs, next, at []int64
	var statuses []int32
	for i := range attempts {
		a := &attempts[i]
		accounts, endpoints, seqs = append(accounts, a.Account), append(endpoints, a.Endpoint), append(seqs, a.Seq)
		states, next, at = append(states, string(a.State)), append(next, micros(a.NextAt)), append(at, micros(a.At))
		statuses, errs = append(statuses, int32(a.Status)), append(errs, clean(a.Error))
	}
	err := again(ctx, func(ctx context.Context) error {
		_, err := s.pool.Exec(ctx, updateDeliveries, accounts, endpoints, seqs, states, next, at, statuses, errs)
		return err
	})
	if err != nil {
		return fmt.Errorf("settle webhooks: %w", err)
	}
	return nil
}

// Replay implements webhook.Store. Deliveries start from the first attempt.
func (s *Store) Replay(ctx context.Context, r webhook.Replay) (int, error) {
	f := &filter{args: []any{micros(r.Now), micros(r.Now.Add(webhook.GiveUp))}}
	f.add("account = ?", r.Account)
	f.add("endpoint = ?", id(r.Endpoint))
	if r.Seq > 0 {
		f.add("seq = ?", r.Seq)
	} else {
		state := r.State
		if state == "" {
			state = webhook.Failed
		}
		f.add("state = ?", string(state))
		f.add(`seq >= coalesce((SELECT min(seq) FROM outbox WHERE account IN (?, '') AND at >= ?), 9223372036854775807)`, r.Account, micros(r.Since))
	}
	tag, err := s.pool.Exec(ctx, "UPDATE deliveries SET state = 'pending', attempts = 0, next_at = $1, until = $2, error = '' "+f.where(), f.args...)
	if err != nil {
		return 0, fmt.Errorf("replay webhooks: %w", explain(err))
	}
	return int(tag.RowsAffected()), nil
}

// pruneSize bounds one step of Prune.
const pruneSize = 1000

const (
	selectPrunable = `SELECT coalesce(max(seq), 0) FROM (SELECT seq, at FROM outbox WHERE account = $1 ORDER BY seq LIMIT $2) AS oldest WHERE at < $3`
	deleteFinished = `DELETE FROM deliveries d USING (
		SELECT e.account, e.id, o.seq FROM outbox o CROSS JOIN endpoints e
		WHERE o.account = $1 AND o.seq <= $2 AND ($1 = '' OR e.account = $1) OFFSET 0) AS old
	WHERE d.account = old.account AND d.endpoint = old.id AND d.seq = old.seq AND d.state <> 'pending'`
	deleteOutbox = `DELETE FROM outbox o WHERE o.account = $1 AND o.seq <= $2 AND NOT EXISTS (
		SELECT 1 FROM endpoints e JOIN deliveries d ON d.account = e.account AND d.endpoint = e.id AND d.seq = o.seq AND d.state = 'pending'
		WHERE $1 = '' OR e.account = $1)`
)

// Prune implements webhook.Store. It looks at the oldest events of each account
// alone: what waits there holds back nothing for long, for it is given up in days.
func (s *Store) Prune(ctx context.Context, before time.Time) (n int, err error) {
	accounts, err := s.Accounts(ctx)
	if err != nil {
		return 0, err
	}
	owners := []string{""}
	for _, a := range accounts {
		owners = append(owners, a.Name)
	}
	for _, owner := range owners {
		dropped, err := s.prune(ctx, owner, before)
		if err != nil {
			return n, fmt.Errorf("drop old events: %w", err)
		}
		n += dropped
	}
	return n, nil
}

func (s *Store) prune(ctx context.Context, owner string, before time.Time) (n int, err error) {
	err = s.transact(ctx, func(ctx context.Context, tx pgx.Tx) error {
		var seq int64
		if err := tx.QueryRow(ctx, selectPrunable, owner, pruneSize, micros(before)).Scan(&seq); err != nil || seq == 0 {
			return err
		}
		if _, err := tx.Exec(ctx, deleteFinished, owner, seq); err != nil {
			return err
		}
		tag, err := tx.Exec(ctx, deleteOutbox, owner, seq)
		n = int(tag.RowsAffected())
		return err
	})
	return n, err
}
