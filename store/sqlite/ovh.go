package sqlite

import (
	"context"
	"encoding/hex"
	"encoding/json"
	"fmt"

	"relais/door/ovh"
	"relais/sms"
)

var _ ovh.Store = (*Store)(nil)

const selectOVHNumber = "SELECT number, gone FROM ovh_numbers INDEXED BY ovh_numbers_id WHERE account = ? " +
	"AND id = ?"

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
	return all, s.commits.do(ctx, func(t *tx) error { return number(t, account, missing) })
}

func (s *Store) knownOVHNumbers(
	ctx context.Context, account string, ids []sms.ID,
) (map[sms.ID]ovh.Numbered, error) {
	texts := make([]string, len(ids))
	for i, id := range ids {
		texts[i] = hex.EncodeToString(id[:])
	}
	list, err := json.Marshal(texts)
	if err != nil {
		return nil, err
	}
	rows, err := s.readers.QueryContext(ctx, selectOVHNumbers, account, string(list))
	found, err := collect(rows, err, func(r row) (n ovh.Numbered, err error) {
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
func number(t *tx, account string, missing []*ovh.Numbered) error {
	for _, n := range missing {
		if err := t.exec(`INSERT INTO ovh_numbers (account, number, id, gone)
			VALUES (?1, coalesce((SELECT number FROM ovh_numbers WHERE account = ?1 ORDER BY number DESC
				LIMIT 1), 0) + 1, ?2, 0)
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
