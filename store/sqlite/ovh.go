package sqlite

import (
	"context"
	"database/sql"
	"encoding/hex"
	"encoding/json"
	"errors"
	"fmt"

	"relais/auth"
	"relais/door/ovh"
	"relais/gateway"
	"relais/sms"
)

func scanOVHService(r row) (ovh.Service, error) {
	var s ovh.Service
	err := r.Scan(&s.Account, &s.Name, &s.Data)
	if errors.Is(err, sql.ErrNoRows) {
		return s, auth.ErrUnknown
	}
	if err != nil {
		return s, fmt.Errorf("read a service: %w", explain(err))
	}
	return s, nil
}

const selectOVHService = "SELECT account, name, data FROM ovh_services "

// AddOVHService implements ovh.Services.
func (s *Store) AddOVHService(ctx context.Context, account, name string) (ovh.Service, error) {
	known, err := scanOVHService(s.readers.QueryRowContext(ctx, selectOVHService+"WHERE account = ?", account))
	if err == nil || !errors.Is(err, auth.ErrUnknown) {
		return known, err
	}
	err = s.commits.do(ctx, func(t *tx) error {
		return t.exec("INSERT INTO ovh_services (account, name) SELECT name, ? FROM accounts WHERE name = ? ON CONFLICT DO NOTHING", name, account)
	})
	if err != nil {
		return ovh.Service{}, err
	}
	return scanOVHService(s.readers.QueryRowContext(ctx, selectOVHService+"WHERE account = ?", account))
}

// OVHService implements ovh.Services.
func (s *Store) OVHService(ctx context.Context, account string) (ovh.Service, error) {
	return scanOVHService(s.readers.QueryRowContext(ctx, selectOVHService+"WHERE account = ?", account))
}

// OVHServiceNamed implements ovh.Services.
func (s *Store) OVHServiceNamed(ctx context.Context, name string) (ovh.Service, error) {
	return scanOVHService(s.readers.QueryRowContext(ctx, selectOVHService+"WHERE name = ?", name))
}

// KeepOVHService implements ovh.Services.
func (s *Store) KeepOVHService(ctx context.Context, account string, data []byte) error {
	return s.commits.do(ctx, func(t *tx) error {
		return t.exec("UPDATE ovh_services SET data = ? WHERE account = ?", data, account)
	})
}

// KeepOVHUser implements ovh.Services.
func (s *Store) KeepOVHUser(ctx context.Context, u ovh.User) error {
	return s.commits.do(ctx, func(t *tx) error {
		kept, err := t.execCount(`INSERT INTO ovh_users (account, login, password, data, created_at)
			SELECT name, ?, ?, ?, ? FROM accounts WHERE name = ?
			ON CONFLICT (account, login) DO UPDATE SET password = excluded.password, data = excluded.data`,
			u.Login, u.Password, u.Data, micros(u.CreatedAt), u.Account)
		if err == nil && kept == 0 {
			return fmt.Errorf("account %q: %w", u.Account, auth.ErrUnknown)
		}
		return err
	})
}

const selectOVHUsers = "SELECT account, login, password, data, created_at FROM ovh_users WHERE account = ? "

func scanOVHUser(r row) (ovh.User, error) {
	var u ovh.User
	var created int64
	err := r.Scan(&u.Account, &u.Login, &u.Password, &u.Data, &created)
	if errors.Is(err, sql.ErrNoRows) {
		return u, auth.ErrUnknown
	}
	if err != nil {
		return u, fmt.Errorf("read a user: %w", explain(err))
	}
	u.CreatedAt = fromMicros(created)
	return u, nil
}

// OVHUser implements ovh.Services.
func (s *Store) OVHUser(ctx context.Context, account, login string) (ovh.User, error) {
	return scanOVHUser(s.readers.QueryRowContext(ctx, selectOVHUsers+"AND login = ?", account, login))
}

// OVHUsers implements ovh.Services.
func (s *Store) OVHUsers(ctx context.Context, account string) ([]ovh.User, error) {
	rows, err := s.readers.QueryContext(ctx, selectOVHUsers+"ORDER BY login", account)
	return allOf(rows, err, scanOVHUser)
}

// DeleteOVHUser implements ovh.Services.
func (s *Store) DeleteOVHUser(ctx context.Context, account, login string) error {
	return s.commits.do(ctx, func(t *tx) error {
		return t.exec("DELETE FROM ovh_users WHERE account = ? AND login = ?", account, login)
	})
}

// KeepOVHBatch implements ovh.Services.
func (s *Store) KeepOVHBatch(ctx context.Context, b ovh.Batch) error {
	return s.commits.do(ctx, func(t *tx) error {
		return t.exec(`INSERT INTO ovh_batches (account, id, at, data) VALUES (?, ?, ?, ?)
			ON CONFLICT (account, id) DO UPDATE SET data = excluded.data`, b.Account, b.ID[:], micros(b.At), b.Data)
	})
}

const selectOVHBatches = "SELECT account, id, at, data FROM ovh_batches WHERE account = ? "

func scanOVHBatch(r row) (ovh.Batch, error) {
	var b ovh.Batch
	var id []byte
	var at int64
	err := r.Scan(&b.Account, &id, &at, &b.Data)
	if errors.Is(err, sql.ErrNoRows) {
		return b, gateway.ErrNotFound
	}
	if err != nil {
		return b, fmt.Errorf("read a batch: %w", explain(err))
	}
	b.At = fromMicros(at)
	b.ID, err = idOf(id)
	return b, err
}

// OVHBatch implements ovh.Services.
func (s *Store) OVHBatch(ctx context.Context, account string, id sms.ID) (ovh.Batch, error) {
	return scanOVHBatch(s.readers.QueryRowContext(ctx, selectOVHBatches+"AND id = ?", account, id[:]))
}

// OVHBatches implements ovh.Services.
func (s *Store) OVHBatches(ctx context.Context, account string) ([]ovh.Batch, error) {
	rows, err := s.readers.QueryContext(ctx, selectOVHBatches+"ORDER BY id DESC", account)
	return allOf(rows, err, scanOVHBatch)
}

const selectOVHNumber = "SELECT number, gone FROM ovh_numbers INDEXED BY ovh_numbers_id WHERE account = ? AND id = ?"

// selectOVHNumbers finds many at once, since a list may have ten thousand.
const selectOVHNumbers = `SELECT id, number, gone FROM ovh_numbers INDEXED BY ovh_numbers_id
	WHERE account = ? AND id IN (SELECT unhex(value) FROM json_each(?))`

// OVHNumbers implements ovh.Numbers.
func (s *Store) OVHNumbers(ctx context.Context, account string, ids []sms.ID) ([]ovh.Numbered, error) {
	known, err := s.knownOVHNumbers(ctx, account, ids)
	if err != nil {
		return nil, fmt.Errorf("read numbers: %w", err)
	}
	all := make([]ovh.Numbered, len(ids))
	var missing []*ovh.Numbered
	for i, id := range ids {
		n, found := known[id]
		if all[i] = n; !found {
			all[i].ID = id
			missing = append(missing, &all[i])
		}
	}
	if len(missing) == 0 {
		return all, nil
	}
	return all, s.commits.do(ctx, func(t *tx) error { return t.number(account, missing) })
}

func (s *Store) knownOVHNumbers(ctx context.Context, account string, ids []sms.ID) (map[sms.ID]ovh.Numbered, error) {
	texts := make([]string, len(ids))
	for i, id := range ids {
		texts[i] = hex.EncodeToString(id[:])
	}
	list, err := json.Marshal(texts)
	if err != nil {
		return nil, err
	}
	rows, err := s.readers.QueryContext(ctx, selectOVHNumbers, account, string(list))
	found, err := allOf(rows, err, func(r row) (n ovh.Numbered, err error) {
		var id []byte
		if err = r.Scan(&id, &n.Number, &n.Gone); err == nil {
			n.ID, err = idOf(id)
		}
		return n, err
	})
	known := make(map[sms.ID]ovh.Numbered, len(found))
	for _, n := range found {
		known[n.ID] = n
	}
	return known, err
}

// number gives numbers to what has none. The writer is alone, so the next
// number is free.
func (t *tx) number(account string, missing []*ovh.Numbered) error {
	for _, n := range missing {
		if err := t.exec(`INSERT INTO ovh_numbers (account, number, id, gone)
			VALUES (?1, coalesce((SELECT number FROM ovh_numbers WHERE account = ?1 ORDER BY number DESC LIMIT 1), 0) + 1, ?2, 0)
			ON CONFLICT (account, id) DO NOTHING`,
			account, n.ID[:]); err != nil {
			return fmt.Errorf("give a number: %w", err)
		}
		if err := t.queryRow(selectOVHNumber, []any{account, n.ID[:]}, &n.Number, &n.Gone); err != nil {
			return fmt.Errorf("read a number: %w", err)
		}
	}
	return nil
}

// OVHNumbered implements ovh.Numbers.
func (s *Store) OVHNumbered(ctx context.Context, account string, number int64) (ovh.Numbered, error) {
	n := ovh.Numbered{Number: number}
	var id []byte
	err := s.readers.QueryRowContext(ctx, "SELECT id, gone FROM ovh_numbers WHERE account = ? AND number = ?", account, number).Scan(&id, &n.Gone)
	if errors.Is(err, sql.ErrNoRows) {
		return n, gateway.ErrNotFound
	}
	if err != nil {
		return n, fmt.Errorf("read a number: %w", explain(err))
	}
	n.ID, err = idOf(id)
	return n, err
}

// HideOVHNumber implements ovh.Numbers.
func (s *Store) HideOVHNumber(ctx context.Context, account string, number int64) error {
	return s.commits.do(ctx, func(t *tx) error {
		return t.exec("UPDATE ovh_numbers SET gone = 1 WHERE account = ? AND number = ?", account, number)
	})
}
