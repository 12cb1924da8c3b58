package table

import (
	"context"
	"fmt"
	"net/url"
	"slices"
	"time"

	"relais/auth"
	"relais/sms"
	"relais/webhook"
)

// endpoints are where webhooks go. Who is told what, and when, is in the stores.
type endpoints struct{ *runner }

const (
	// endpointColumns count no deliveries, which would cost on the way of each one.
	endpointColumns = `e.account, e.id, e.url, e.events, e.secret, e.origin, e.state, e.reason, e.failures,
		e.failing_at, e.probe_at, e.created_at, coalesce(e.key, ''), e.format`
	// selectEndpoints counts them. What one tells happened when its event was made.
	selectEndpoints = "SELECT " + endpointColumns + `, (SELECT count(*) FROM deliveries d
			WHERE d.account = e.account AND d.endpoint = e.id AND d.state = 'pending'),
		(SELECT min(o.at) FROM outbox o WHERE o.account IN (e.account, '') AND o.seq = (
			SELECT min(d.seq) FROM deliveries d
			WHERE d.account = e.account AND d.endpoint = e.id AND d.state = 'pending'))
		FROM endpoints e WHERE e.account = $1 ORDER BY e.id`
	selectEndpoint = "SELECT " + endpointColumns + ", 0, NULL FROM endpoints e WHERE e.account = $1 AND " +
		"e.id = $2"
	selectEndpointOfKey = "SELECT " + endpointColumns + ", 0, NULL FROM endpoints e WHERE e.account = $1 AND " +
		"e.key = $2"
	selectEndpointOfRequest = "SELECT " + endpointColumns + `, 0, NULL FROM endpoints e INDEXED BY endpoints_request
		WHERE e.account = $1 AND e.url = $2 AND e.format = $3 AND e.origin = 'request'`
	countEndpointsOfRequests = `SELECT count(*) FROM endpoints e INDEXED BY endpoints_request
		WHERE e.account = $1 AND e.format <> '' AND e.origin = 'request'`
)

func scanEndpoint(scan Scan) (e webhook.Endpoint, err error) {
	var events string
	err = scan(&e.Account, &e.ID, &e.URL, &events, &e.Secret, &e.Origin, &e.State, &e.Reason, &e.Failures,
		&e.FailingAt, &e.ProbeAt, &e.CreatedAt, &e.Key, &e.Format, &e.Pending, &e.WaitingSince)
	e.Events = webhook.ParseTypes(events)
	return e, err
}

func (r runs) endpoint(statement string, args ...any) (webhook.Endpoint, bool, error) {
	e, known, err := first(r, scanEndpoint, statement, args...)
	if err != nil {
		return e, false, fmt.Errorf("read a webhook endpoint: %w", err)
	}
	return e, known, nil
}

// AddEndpoint implements webhook.EndpointStore.
func (t endpoints) AddEndpoint(ctx context.Context, e webhook.Endpoint) (known *webhook.Endpoint, err error) {
	err = t.transact(ctx, func(tx runs) error {
		known = nil
		added, err := tx.addEndpoint(e)
		if err != nil {
			return err
		}
		if added {
			return tx.did(ctx, e.Account, auth.WebhookMade, e.ID.String(), "")
		}
		have, found, err := tx.endpoint(selectEndpointOfKey, e.Account, e.Key)
		if found {
			known = &have
		}
		return err
	})
	return known, err
}

// addEndpoint adds one, unless there is one of its key, or of its request.
func (r runs) addEndpoint(e webhook.Endpoint) (added bool, err error) {
	if err := r.conn.EndpointsChange(); err != nil {
		return false, err
	}
	n, err := r.exec(`INSERT INTO endpoints
		(account, id, url, events, secret, origin, state, reason, failures, failing_at, probe_at, created_at, key,
			format)
		VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12, $13, $14) ON CONFLICT DO NOTHING`,
		e.Account, e.ID, e.URL, webhook.JoinTypes(e.Events), e.Secret, e.Origin, e.State, e.Reason,
		e.Failures, e.FailingAt, e.ProbeAt, e.CreatedAt, orNull(e.Key), e.Format)
	return n == 1, err
}

// Endpoints implements webhook.EndpointStore.
func (t endpoints) Endpoints(ctx context.Context, account string) ([]webhook.Endpoint, error) {
	found, err := list(t.on(ctx), scanEndpoint, selectEndpoints, account)
	if err != nil {
		return nil, fmt.Errorf("read webhook endpoints: %w", err)
	}
	return found, nil
}

// Endpoint implements webhook.EndpointStore. Pending is not counted.
func (t endpoints) Endpoint(ctx context.Context, account string, id sms.ID) (webhook.Endpoint, error) {
	e, known, err := t.on(ctx).endpoint(selectEndpoint, account, id)
	if err == nil && !known {
		return e, webhook.ErrUnknown
	}
	return e, err
}

// RemoveEndpoint implements webhook.EndpointStore.
func (t endpoints) RemoveEndpoint(ctx context.Context, account string, id sms.ID) error {
	return t.transact(ctx, func(tx runs) error {
		if err := tx.conn.EndpointsChange(); err != nil {
			return err
		}
		removed, err := tx.exec("DELETE FROM endpoints WHERE account = $1 AND id = $2", account, id)
		if err != nil {
			return err
		}
		if removed == 0 {
			return webhook.ErrUnknown
		}
		if err := tx.do("DELETE FROM former_secrets WHERE account = $1 AND endpoint = $2", account,
			id); err != nil {
			return err
		}
		const drop = "DELETE FROM deliveries WHERE account = $1 AND endpoint = $2"
		if err := tx.do(drop, account, id); err != nil {
			return err
		}
		return tx.did(ctx, account, auth.WebhookRemoved, id.String(), "")
	})
}

const (
	updateEndpoint = `UPDATE endpoints SET url = $1, events = $2, state = $3, reason = $4, failures = $5,
		failing_at = $6, probe_at = $7
		WHERE account = $8 AND id = $9 AND url = $10 AND events = $11 AND state = $12`
	judgeEndpoint = `UPDATE endpoints SET state = $1, reason = $2, failures = $3, failing_at = $4, probe_at = $5
		WHERE account = $6 AND id = $7 AND state = $8`
	hastenPending = `UPDATE deliveries INDEXED BY deliveries_pending SET next_at = 0
		WHERE account = $1 AND endpoint = $2 AND state = 'pending' AND next_at > 0 AND attempts > 0`
)

// ChangeEndpoint implements webhook.EndpointStore. What waited for an endpoint that comes
// back from quarantine is due at once.
func (t endpoints) ChangeEndpoint(ctx context.Context, before, after webhook.Endpoint) error {
	return t.transact(ctx, func(tx runs) error {
		if err := tx.conn.EndpointsChange(); err != nil {
			return err
		}
		changed, err := tx.exec(updateEndpoint, after.URL, webhook.JoinTypes(after.Events), after.State, after.Reason,
			after.Failures, after.FailingAt, after.ProbeAt, after.Account, after.ID,
			before.URL, webhook.JoinTypes(before.Events), before.State)
		if err != nil {
			return err
		}
		if changed == 0 {
			_, known, err := tx.endpoint(selectEndpoint, after.Account, after.ID)
			if err == nil && known {
				err = webhook.ErrOutdated
			} else if err == nil {
				err = webhook.ErrUnknown
			}
			return err
		}
		if err := tx.changed(ctx, after.Account, changeOf(&before, &after), after.ID.String(), "",
			endpointEdits(&before, &after)); err != nil {
			return err
		}
		return tx.hastenFor(&after)
	})
}

// endpointEdits are the fields of an endpoint that were changed. A secret may stand in the
// path of an address: the host alone is shown, where that is another.
func endpointEdits(before, after *webhook.Endpoint) (all auth.Edits) {
	host := func(address string) string {
		u, err := url.Parse(address)
		if err != nil {
			return ""
		}
		return u.Scheme + "://" + u.Host
	}
	if was, is := host(before.URL), host(after.URL); was != is {
		all.Note("address", []string{was}, []string{is})
	} else {
		all.NoteHidden("address", before.URL, after.URL)
	}
	all.Note("events", words(before.Events), words(after.Events))
	return all
}

func words(types []webhook.Type) []string {
	all := make([]string, len(types))
	for i, t := range types {
		all[i] = string(t)
	}
	return all
}

// changeOf is what was done about an endpoint.
func changeOf(before, after *webhook.Endpoint) auth.ActCode {
	switch {
	case before.URL != after.URL || !slices.Equal(before.Events, after.Events):
		return auth.WebhookChanged
	case after.State == webhook.Disabled:
		return auth.WebhookDisabled
	default:
		return auth.WebhookEnabled
	}
}

// hastenFor makes due what waits for an endpoint that has just been well.
func (r runs) hastenFor(e *webhook.Endpoint) error {
	if e.State != webhook.Active || e.Failures > 0 {
		return nil
	}
	return r.do(hastenPending, e.Account, e.ID)
}

// JudgeEndpoint implements webhook.DeliveryStore.
func (t endpoints) JudgeEndpoint(ctx context.Context, before, after webhook.Endpoint) error {
	return t.transact(ctx, func(tx runs) error {
		if err := tx.conn.EndpointsChange(); err != nil {
			return err
		}
		changed, err := tx.exec(judgeEndpoint, after.State, after.Reason, after.Failures, after.FailingAt,
			after.ProbeAt, after.Account, after.ID, before.State)
		if err != nil || changed == 0 {
			return err
		}
		return tx.hastenFor(&after)
	})
}

// RequestEndpoint implements webhook.EndpointStore.
func (t endpoints) RequestEndpoint(
	ctx context.Context, account, url, format string, fresh []byte, now time.Time, most int,
) (webhook.Endpoint, error) {
	e, known, err := t.on(ctx).endpoint(selectEndpointOfRequest, account, url, format)
	if err != nil || known {
		return e, err
	}
	err = t.transact(ctx, func(tx runs) error {
		have := 0
		if most > 0 {
			if _, err := tx.read(countEndpointsOfRequests, []any{account}, &have); err != nil {
				return err
			}
			if have >= most {
				return webhook.ErrFull
			}
		}
		secret, err := tx.signingSecret(account, fresh, false, now)
		if err != nil {
			return err
		}
		e = webhook.Endpoint{
			ID: sms.BucketOf(account).NewID(now), Account: account, URL: url, Secret: secret,
			Origin: webhook.OfRequest, State: webhook.Active, CreatedAt: now, Format: format,
		}
		added, err := tx.addEndpoint(e)
		if err != nil || added {
			return err
		}
		e, _, err = tx.endpoint(selectEndpointOfRequest, account, url, format) // somebody else was faster
		return err
	})
	return e, err
}
