package table

import (
	"context"
	"fmt"
	"time"

	"relais/auth"
	"relais/sms"
	"relais/webhook"
)

// secrets sign webhooks: one of each endpoint that an account made, and one of the
// account for the endpoints that requests named.
type secrets struct{ *runner }

const selectSecret = "SELECT secret FROM signing_secrets WHERE account = $1"

// SigningSecret implements webhook.EndpointStore.
func (t secrets) SigningSecret(
	ctx context.Context, account string, fresh []byte, replace bool, now time.Time,
) (sealed []byte, err error) {
	if fresh == nil {
		if _, err := t.on(ctx).read(selectSecret, []any{account}, &sealed); err != nil {
			return nil, fmt.Errorf("read a signing secret: %w", err)
		}
		return sealed, nil
	}
	err = t.transact(ctx, func(tx runs) error {
		sealed, err = tx.signingSecret(account, fresh, replace, now)
		return err
	})
	return sealed, err
}

// signingSecret is the account's secret, which is fresh where there was none, or
// where it replaces the one that was.
func (r runs) signingSecret(
	account string, fresh []byte, replace bool, now time.Time,
) (sealed []byte, err error) {
	conflict := "DO NOTHING"
	if replace {
		conflict = "(account) DO UPDATE SET secret = excluded.secret, created_at = excluded.created_at"
	}
	const insert = "INSERT INTO signing_secrets (account, secret, created_at) VALUES ($1, $2, $3) ON CONFLICT "
	if err := r.do(insert+conflict, account, fresh, now); err != nil {
		return nil, fmt.Errorf("keep a signing secret: %w", err)
	}
	if _, err := r.read(selectSecret, []any{account}, &sealed); err != nil {
		return nil, fmt.Errorf("read a signing secret: %w", err)
	}
	if !replace {
		return sealed, nil
	}
	return sealed, r.do(updateRequested, sealed, account)
}

// updateRequested gives the account's secret to the endpoints of its requests.
const updateRequested = "UPDATE endpoints SET secret = $1 WHERE account = $2 AND origin = 'request'"

// Rotate implements webhook.EndpointStore.
func (t secrets) Rotate(ctx context.Context, rotation webhook.Rotation) (got webhook.Rotated, err error) {
	err = t.transact(ctx, func(tx runs) error {
		got, err = rotate(tx, &rotation)
		if err != nil || got.Replayed {
			return err
		}
		return tx.did(ctx, rotation.Account, auth.WebhookRotated, subjectOf(rotation.Endpoint), utc(got.Until))
	})
	return got, err
}

// subjectOf is the id in an act, empty where there is none.
func subjectOf(id sms.ID) string {
	if id.IsZero() {
		return ""
	}
	return id.String()
}

// utc is a moment in an act, empty where there is none.
func utc(at time.Time) string {
	if at.IsZero() {
		return ""
	}
	return at.UTC().Format(time.RFC3339)
}

func rotate(r runs, rotation *webhook.Rotation) (webhook.Rotated, error) {
	where, args := "signing_secrets WHERE account = $1", []any{rotation.Account}
	if !rotation.Endpoint.IsZero() {
		where, args = "endpoints WHERE account = $1 AND id = $2", []any{rotation.Account, rotation.Endpoint}
	}
	var before []byte
	var by string
	var until time.Time
	found, err := r.read("SELECT secret, rotated_by, rotated_until FROM "+where+" FOR UPDATE", args, &before,
		&by, &until)
	if err != nil {
		return webhook.Rotated{}, fmt.Errorf("read a signing secret: %w", err)
	}
	if !found {
		return webhook.Rotated{}, webhook.ErrUnknown
	}
	if known, err := rotation.Known(by); known || err != nil {
		return webhook.Rotated{Secret: before, Until: until, Replayed: true}, err
	}
	if rotation.Seen != "" && rotation.Seen != webhook.SecretMark(before) {
		return webhook.Rotated{}, webhook.ErrOutdated
	}
	if until = rotation.Until; !until.After(rotation.Now) {
		until = time.Time{}
	}
	if err := keepFormer(r, rotation, before, until); err != nil {
		return webhook.Rotated{}, err
	}
	until = fromMicros(micros(until)) // as it will be read
	return webhook.Rotated{Secret: rotation.Secret, Until: until}, putSecret(r, rotation, until)
}

// keepFormer lets the secret that is replaced sign for a while, or ends all that do.
func keepFormer(r runs, rotation *webhook.Rotation, before []byte, until time.Time) error {
	if until.IsZero() {
		const drop = "DELETE FROM former_secrets WHERE account = $1 AND endpoint = $2"
		if err := r.do(drop, rotation.Account, rotation.Endpoint); err != nil {
			return fmt.Errorf("drop former secrets: %w", err)
		}
		return nil
	}
	const keep = "INSERT INTO former_secrets (account, endpoint, until, secret) VALUES ($1, $2, $3, $4) ON " +
		"CONFLICT DO NOTHING"
	if err := r.do(keep, rotation.Account, rotation.Endpoint, until, before); err != nil {
		return fmt.Errorf("keep a former secret: %w", err)
	}
	return nil
}

func putSecret(r runs, rotation *webhook.Rotation, until time.Time) error {
	const set = " SET secret = $1, rotated_by = $2, rotated_until = $3 WHERE account = $4"
	if !rotation.Endpoint.IsZero() {
		return r.do("UPDATE endpoints"+set+" AND id = $5", rotation.Secret, rotation.By(), until, rotation.Account,
			rotation.Endpoint)
	}
	if err := r.do("UPDATE signing_secrets"+set, rotation.Secret, rotation.By(), until,
		rotation.Account); err != nil {
		return err
	}
	return r.do(updateRequested, rotation.Secret, rotation.Account)
}

// Former implements webhook.DeliveryStore.
func (t secrets) Former(
	ctx context.Context, e *webhook.Endpoint, now time.Time, limit int,
) ([]webhook.Former, error) {
	endpoint := e.ID
	if e.Origin == webhook.OfRequest {
		endpoint = sms.ID{} // stands for the account's own secret
	}
	scan := func(scan Scan) (f webhook.Former, err error) { return f, scan(&f.Secret, &f.Until) }
	found, err := list(t.on(ctx), scan, `SELECT secret, until FROM former_secrets
		WHERE account = $1 AND endpoint = $2 AND until > $3 ORDER BY until DESC LIMIT $4`, e.Account, endpoint,
		now, limit)
	if err != nil {
		return nil, fmt.Errorf("read former secrets: %w", err)
	}
	return found, nil
}

// DropFormer implements webhook.DeliveryStore. Mostly there is nothing to drop, and nothing is
// written.
func (t secrets) DropFormer(ctx context.Context, now time.Time) error {
	var some bool
	found, err := t.on(ctx).read("SELECT true FROM former_secrets WHERE until <= $1 LIMIT 1", []any{now}, &some)
	if err != nil || !found {
		return err
	}
	return t.on(ctx).do("DELETE FROM former_secrets WHERE until <= $1", now)
}
