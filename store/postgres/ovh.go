package postgres

import (
	"context"
	"errors"
	"fmt"

	"github.com/jackc/pgx/v5"

	"relais/auth"
	"relais/door/ovh"
	"relais/gateway"
	"relais/sms"
)

func (s *Store) ovhService(ctx context.Context, where, arg string) (ovh.Service, error) {
	var found ovh.Service
	err := s.pool.QueryRow(ctx, "SELECT account, name, data FROM ovh_services WHERE "+where+" = $1", clean(arg)).
		Scan(&found.Account, &found.Name, &found.Data)
	return found, unknown(err, "read a service")
}

// AddOVHService implements ovh.Services.
func (s *Store) AddOVHService(ctx context.Context, account, name string) (ovh.Service, error) {
	known, err := s.ovhService(ctx, "account", account)
	if err == nil || !errors.Is(err, auth.ErrUnknown) {
		return known, err
	}
	if _, err := s.pool.Exec(ctx, `INSERT INTO ovh_services (account, name)
		SELECT name, $1 FROM accounts WHERE name = $2 ON CONFLICT DO NOTHING`, clean(name), account); err != nil {
		return ovh.Service{}, fmt.Errorf("name a service: %w", explain(err))
	}
	return s.ovhService(ctx, "account", account)
}

// OVHService implements ovh.Services.
func (s *Store) OVHService(ctx context.Context, account string) (ovh.Service, error) {
	return s.ovhService(ctx, "account", account)
}

// OVHServiceNamed implements ovh.Services.
func (s *Store) OVHServiceNamed(ctx context.Context, name string) (ovh.Service, error) {
	return s.ovhService(ctx, "name", name)
}

// KeepOVHService implements ovh.Services.
func (s *Store) KeepOVHService(ctx context.Context, account string, data []byte) error {
	_, err := s.pool.Exec(ctx, "UPDATE ovh_services SET data = $1 WHERE account = $2", data, account)
	return explain(err)
}

// KeepOVHUser implements ovh.Services.
func (s *Store) KeepOVHUser(ctx context.Context, u ovh.User) error {
	tag, err := s.pool.Exec(ctx, `INSERT INTO ovh_users (account, login, password, data, created_at)
		SELECT name, $1, $2, $3, $4 FROM accounts WHERE name = $5
		ON CONFLICT (account, login) DO UPDATE SET password = excluded.password, data = excluded.data`,
		clean(u.Login), u.Password, u.Data, micros(u.CreatedAt), u.Account)
	if err == nil && tag.RowsAffected() == 0 {
		return fmt.Errorf("account %q: %w", u.Account, auth.ErrUnknown)
	}
	return explain(err)
}

const selectOVHUsers = "SELECT account, login, password, data, created_at FROM ovh_users WHERE account = $1 "

func scanOVHUser(r row) (ovh.User, error) {
	var u ovh.User
	var created int64
	err := r.Scan(&u.Account, &u.Login, &u.Password, &u.Data, &created)
	u.CreatedAt = fromMicros(created)
	return u, err
}

// OVHUser implements ovh.Services.
func (s *Store) OVHUser(ctx context.Context, account, login string) (ovh.User, error) {
	u, err := scanOVHUser(s.pool.QueryRow(ctx, selectOVHUsers+"AND login = $2", account, clean(login)))
	return u, unknown(err, "read a user")
}

// OVHUsers implements ovh.Services.
func (s *Store) OVHUsers(ctx context.Context, account string) ([]ovh.User, error) {
	rows, err := s.pool.Query(ctx, selectOVHUsers+"ORDER BY login", account)
	return collect(rows, err, scanOVHUser)
}

// DeleteOVHUser implements ovh.Services.
func (s *Store) DeleteOVHUser(ctx context.Context, account, login string) error {
	_, err := s.pool.Exec(ctx, "DELETE FROM ovh_users WHERE account = $1 AND login = $2", account, clean(login))
	return explain(err)
}

// KeepOVHBatch implements ovh.Services.
func (s *Store) KeepOVHBatch(ctx context.Context, b ovh.Batch) error {
	_, err := s.pool.Exec(ctx, `INSERT INTO ovh_batches (account, id, at, data) VALUES ($1, $2, $3, $4)
		ON CONFLICT (account, id) DO UPDATE SET data = excluded.data`, b.Account, id(b.ID), micros(b.At), b.Data)
	return explain(err)
}

const selectOVHBatches = "SELECT account, id, at, data FROM ovh_batches WHERE account = $1 "

func scanOVHBatch(r row) (ovh.Batch, error) {
	var b ovh.Batch
	var at int64
	err := r.Scan(&b.Account, (*[16]byte)(&b.ID), &at, &b.Data)
	b.At = fromMicros(at)
	return b, err
}

// OVHBatch implements ovh.Services.
func (s *Store) OVHBatch(ctx context.Context, account string, batch sms.ID) (ovh.Batch, error) {
	b, err := scanOVHBatch(s.pool.QueryRow(ctx, selectOVHBatches+"AND id = $2", account, id(batch)))
	if none(err) {
		return b, gateway.ErrNotFound
	}
	if err != nil {
		return b, fmt.Errorf("read a batch: %w", explain(err))
	}
	return b, nil
}

// OVHBatches implements ovh.Services.
func (s *Store) OVHBatches(ctx context.Context, account string) ([]ovh.Batch, error) {
	rows, err := s.pool.Query(ctx, selectOVHBatches+"ORDER BY id DESC", account)
	return collect(rows, err, scanOVHBatch)
}

const selectOVHNumbers = `SELECT coalesce(n.number, 0), coalesce(n.gone, false) FROM unnest($2::uuid[]) WITH ORDINALITY AS t (id, ord)
	LEFT JOIN ovh_numbers n ON n.account = $1 AND n.id = t.id ORDER BY t.ord`

func readOVHNumbers(ctx context.Context, q querying, account string, ids []sms.ID) (all []ovh.Numbered, missing bool, err error) {
	plain := make([][16]byte, len(ids))
	for i := range ids {
		plain[i] = id(ids[i])
	}
	rows, err := q.Query(ctx, selectOVHNumbers, account, plain)
	all, err = collect(rows, err, func(r row) (n ovh.Numbered, err error) {
		err = r.Scan(&n.Number, &n.Gone)
		missing = missing || n.Number == 0
		return n, err
	})
	if err != nil {
		return nil, false, fmt.Errorf("read numbers: %w", err)
	}
	for i := range all {
		all[i].ID = ids[i]
	}
	return all, missing, nil
}

// OVHNumbers implements ovh.Numbers.
func (s *Store) OVHNumbers(ctx context.Context, account string, ids []sms.ID) ([]ovh.Numbered, error) {
	all, missing, err := readOVHNumbers(ctx, s.pool, account, ids)
	if err != nil || !missing {
		return all, err
	}
	err = s.transact(ctx, func(ctx context.Context, tx pgx.Tx) error {
		// One at a time gives numbers to an account: the next one is free then.
		if _, err := tx.Exec(ctx, "SELECT pg_advisory_xact_lock(hashtextextended('ovh_numbers:' || $1::text, 0))", account); err != nil {
			return err
		}
		var last int64
		if err := tx.QueryRow(ctx, "SELECT coalesce(max(number), 0) FROM ovh_numbers WHERE account = $1", account).Scan(&last); err != nil {
			return err
		}
		if all, _, err = readOVHNumbers(ctx, tx, account, ids); err != nil {
			return err
		}
		return numberOVH(ctx, tx, account, all, last)
	})
	if err != nil {
		return nil, fmt.Errorf("give numbers: %w", explain(err))
	}
	return all, nil
}

// numberOVH gives what has no number those behind last.
func numberOVH(ctx context.Context, tx pgx.Tx, account string, all []ovh.Numbered, last int64) error {
	batch := &pgx.Batch{}
	given := map[sms.ID]int64{}
	for i := range all {
		n := &all[i]
		if n.Number != 0 {
			continue
		}
		if n.Number = given[n.ID]; n.Number != 0 {
			continue
		}
		last++
		n.Number, given[n.ID] = last, last
		batch.Queue("INSERT INTO ovh_numbers (account, number, id, gone) VALUES ($1, $2, $3, false)", account, last, id(n.ID))
	}
	return tx.SendBatch(ctx, batch).Close()
}

// OVHNumbered implements ovh.Numbers.
func (s *Store) OVHNumbered(ctx context.Context, account string, number int64) (ovh.Numbered, error) {
	n := ovh.Numbered{Number: number}
	err := s.pool.QueryRow(ctx, "SELECT id, gone FROM ovh_numbers WHERE account = $1 AND number = $2", account, number).
		Scan((*[16]byte)(&n.ID), &n.Gone)
	if none(err) {
		return n, gateway.ErrNotFound
	}
	if err != nil {
		return n, fmt.Errorf("read a number: %w", explain(err))
	}
	return n, nil
}

// HideOVHNumber implements ovh.Numbers.
func (s *Store) HideOVHNumber(ctx context.Context, account string, number int64) error {
	_, err := s.pool.Exec(ctx, "UPDATE ovh_numbers SET gone = true WHERE account = $1 AND number = $2", account, number)
	return explain(err)
}
