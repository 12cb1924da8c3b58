package table

import (
	"bytes"
	"cmp"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"slices"

	"relais/auth"
	"relais/door/ovh"
	"relais/gateway"
	"relais/sms"
)

// ovhServices implements what of ovh.Services and ovh.Numbers needs no lock of its own.
type ovhServices struct{ *runner }

func (t ovhServices) service(ctx context.Context, where, arg string) (s ovh.Service, err error) {
	found, err := t.on(ctx).read("SELECT account, name, data FROM ovh_services WHERE "+where+" = $1",
		[]any{arg}, &s.Account, &s.Name, &s.Data)
	return s, unknown(found, err, "read a service")
}

// AddOVHService implements ovh.Services.
func (t ovhServices) AddOVHService(ctx context.Context, account, name string) (ovh.Service, error) {
	known, err := t.OVHService(ctx, account)
	if err == nil || !errors.Is(err, auth.ErrUnknown) {
		return known, err
	}
	if err := t.on(ctx).do(`INSERT INTO ovh_services (account, name)
		SELECT name, $1 FROM accounts WHERE name = $2 ON CONFLICT DO NOTHING`, name, account); err != nil {
		return ovh.Service{}, fmt.Errorf("name a service: %w", err)
	}
	return t.OVHService(ctx, account)
}

// OVHService implements ovh.Services.
func (t ovhServices) OVHService(ctx context.Context, account string) (ovh.Service, error) {
	return t.service(ctx, "account", account)
}

// OVHServiceNamed implements ovh.Services.
func (t ovhServices) OVHServiceNamed(ctx context.Context, name string) (ovh.Service, error) {
	return t.service(ctx, "name", name)
}

// KeepOVHService implements ovh.Services.
func (t ovhServices) KeepOVHService(ctx context.Context, account string, data []byte) error {
	return t.transact(ctx, func(tx runs) error {
		var name string
		var before []byte
		const read = "SELECT name, data FROM ovh_services WHERE account = $1"
		known, err := tx.read(read, []any{account}, &name, &before)
		if err != nil || !known {
			return err
		}
		if err := tx.do("UPDATE ovh_services SET data = $1 WHERE account = $2", data, account); err != nil {
			return fmt.Errorf("change a service: %w", err)
		}
		edits := fieldsChanged(before, data)
		if len(edits) == 0 {
			return nil
		}
		return tx.changed(ctx, account, auth.ServiceChanged, name, "", edits)
	})
}

// fieldsChanged are the fields of two JSON objects that differ, without what they hold:
// addresses may have secrets in them.
func fieldsChanged(before, after []byte) (all auth.Edits) {
	fields := func(text []byte) (found map[string]json.RawMessage) {
		if err := json.Unmarshal(text, &found); err != nil {
			return nil // there was nothing yet
		}
		return found
	}
	was, is := fields(before), fields(after)
	for name, value := range is {
		all.NoteHidden(name, string(was[name]), string(value))
	}
	for name, value := range was {
		if _, stays := is[name]; !stays {
			all.NoteHidden(name, string(value), "")
		}
	}
	slices.SortFunc(all, func(a, b auth.Edit) int { return cmp.Compare(a.Field, b.Field) })
	return all
}

// KeepOVHUser implements ovh.Services.
func (t ovhServices) KeepOVHUser(ctx context.Context, u ovh.User) error {
	limits, err := limitsText(u.Limits)
	if err != nil {
		return err
	}
	return t.transact(ctx, func(tx runs) error {
		before, known, err := first(tx, scanOVHUser, selectOVHUsers+"AND login = $2", u.Account, u.Login)
		if err != nil {
			return err
		}
		kept, err := tx.exec(`INSERT INTO ovh_users (account, login, password, data, created_at, limits)
			SELECT name, $1, $2, $3, $4, $5 FROM accounts WHERE name = $6
			ON CONFLICT (account, login) DO UPDATE SET password = excluded.password, data = excluded.data,
				limits = excluded.limits`,
			u.Login, u.Password, u.Data, u.CreatedAt, limits, u.Account)
		if err := ofAccount(u.Account, kept, err); err != nil {
			return err
		}
		act, edits := auth.KeyMade, auth.Edits(nil)
		if known && bytes.Equal(before.Password, u.Password) {
			act, edits = auth.KeyLimited, u.Limits.Since(&before.Limits)
		}
		return tx.changed(ctx, u.Account, act, u.Account+"/"+u.Login, "", edits)
	})
}

const selectOVHUsers = "SELECT account, login, password, data, created_at, used_at, limits FROM ovh_users " +
	"WHERE account = $1 "

func scanOVHUser(scan Scan) (u ovh.User, err error) {
	var limits string
	if err := scan(&u.Account, &u.Login, &u.Password, &u.Data, &u.CreatedAt, &u.UsedAt, &limits); err != nil {
		return u, err
	}
	return u, readLimits(limits, &u.Limits)
}

// OVHUser implements ovh.Services.
func (t ovhServices) OVHUser(ctx context.Context, account, login string) (ovh.User, error) {
	u, found, err := first(t.on(ctx), scanOVHUser, selectOVHUsers+"AND login = $2", account, login)
	return u, unknown(found, err, "read a user")
}

// OVHUsers implements ovh.Services.
func (t ovhServices) OVHUsers(ctx context.Context, account string) ([]ovh.User, error) {
	return list(t.on(ctx), scanOVHUser, selectOVHUsers+"ORDER BY login", account)
}

// DeleteOVHUser implements ovh.Services.
func (t ovhServices) DeleteOVHUser(ctx context.Context, account, login string) error {
	return t.transact(ctx, func(tx runs) error {
		dropped, err := tx.exec("DELETE FROM ovh_users WHERE account = $1 AND login = $2", account, login)
		if err != nil || dropped == 0 {
			return err
		}
		return tx.did(ctx, account, auth.KeyRevoked, account+"/"+login, "")
	})
}

// KeepOVHBatch implements ovh.Services.
func (t ovhServices) KeepOVHBatch(ctx context.Context, b ovh.Batch) error {
	return t.on(ctx).do(`INSERT INTO ovh_batches (account, id, at, data) VALUES ($1, $2, $3, $4)
		ON CONFLICT (account, id) DO UPDATE SET data = excluded.data`, b.Account, b.ID, b.At, b.Data)
}

const selectOVHBatches = "SELECT account, id, at, data FROM ovh_batches WHERE account = $1 "

func scanOVHBatch(scan Scan) (b ovh.Batch, err error) {
	return b, scan(&b.Account, &b.ID, &b.At, &b.Data)
}

// OVHBatch implements ovh.Services.
func (t ovhServices) OVHBatch(ctx context.Context, account string, id sms.ID) (ovh.Batch, error) {
	b, found, err := first(t.on(ctx), scanOVHBatch, selectOVHBatches+"AND id = $2", account, id)
	return b, notFound(found, err, "read a batch")
}

// notFound is gateway.ErrNotFound where there is nothing.
func notFound(found bool, err error, doing string) error {
	if err != nil {
		return fmt.Errorf("%s: %w", doing, err)
	}
	if !found {
		return gateway.ErrNotFound
	}
	return nil
}

// OVHBatches implements ovh.Services.
func (t ovhServices) OVHBatches(ctx context.Context, account string) ([]ovh.Batch, error) {
	return list(t.on(ctx), scanOVHBatch, selectOVHBatches+"ORDER BY id DESC", account)
}

// OVHNumbered implements ovh.Numbers.
func (t ovhServices) OVHNumbered(ctx context.Context, account string, number int64) (ovh.Numbered, error) {
	n := ovh.Numbered{Number: number}
	found, err := t.on(ctx).read("SELECT id, gone FROM ovh_numbers WHERE account = $1 AND number = $2",
		[]any{account, number}, &n.ID, &n.Gone)
	return n, notFound(found, err, "read a number")
}

// HideOVHNumber implements ovh.Numbers.
func (t ovhServices) HideOVHNumber(ctx context.Context, account string, number int64) error {
	return t.on(ctx).do("UPDATE ovh_numbers SET gone = true WHERE account = $1 AND number = $2", account, number)
}
