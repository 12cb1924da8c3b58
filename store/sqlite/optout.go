package sqlite

import (
	"context"
	"database/sql"
	"encoding/json"
	"fmt"

	"relais/inbox"
	"relais/sms"
	"relais/webhook"
)

// optOuts writes the suppression lists.
type optOuts struct {
	*statements
	*outbox
}

// insertOptOut turns a provisional entry into a lasting one, and never the other way round.
const insertOptOut = `INSERT INTO opt_outs (account, number, sender, source, since, proof, provisional)
	VALUES (?, ?, ?, ?, ?, ?, ?)
	ON CONFLICT (account, number, sender) DO UPDATE
		SET source = excluded.source, proof = excluded.proof, provisional = 0
		WHERE opt_outs.provisional = 1 AND excluded.provisional = 0`

// addOptOut puts a number on a list, keeps the proof and tells callers. It does
// nothing when the number is there, unless it makes a provisional entry stand.
func (t *optOuts) addOptOut(c *inbox.OptOutChange) (added bool, err error) {
	n, err := t.execCount(insertOptOut, c.Account, string(c.Number), string(c.Sender), string(c.Source),
		micros(c.At), c.ID[:], c.Provisional)
	if err != nil || n == 0 {
		return false, err
	}
	if err := t.decideOthers(c); err != nil {
		return false, err
	}
	if err := t.proof(c); err != nil {
		return false, err
	}
	data, err := json.Marshal(c.Data())
	if err != nil {
		return false, err
	}
	_, err = t.tell(told{account: c.Account, kind: webhook.OptOutAdded, subject: c.ID, at: c.At, data: data})
	return err == nil, err
}

// removeOptOut takes a number off a list: for one sender, or, when none is
// named, for every sender. What is provisional goes alone where the change is.
func (t *optOuts) removeOptOut(c *inbox.OptOutChange) (removed bool, err error) {
	n, err := t.execCount(`DELETE FROM opt_outs WHERE account = ?1 AND number = ?2 AND (?3 = '' OR sender = ?3)
		AND provisional >= ?4`,
		c.Account, string(c.Number), string(c.Sender), c.Provisional)
	if err != nil || n == 0 {
		return false, err
	}
	if err := t.decideOthers(c); err != nil {
		return false, err
	}
	return true, t.proof(c)
}

func (t *optOuts) proof(c *inbox.OptOutChange) error {
	change := "removed"
	if c.Added {
		change = "added"
	}
	var message, inbound any
	if !c.Message.IsZero() {
		message = c.Message[:]
	}
	if !c.Inbound.IsZero() {
		inbound = c.Inbound[:]
	}
	return t.exec(`INSERT INTO opt_out_changes (account, id, number, sender, change, source, actor, message,
		inbound, note, at, provisional)
		VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)`,
		c.Account, c.ID[:], string(c.Number), string(c.Sender), change, string(c.Source), c.Actor, message,
		inbound, c.Note, micros(c.At), c.Provisional)
}

// ChangeOptOuts implements inbox.OptOutStore.
func (s *Store) ChangeOptOuts(ctx context.Context, changes []inbox.OptOutChange) (made int, err error) {
	err = s.commits.do(ctx, func(t *tx) error {
		made = 0
		for i := range changes {
			change := t.removeOptOut
			if changes[i].Added {
				change = t.addOptOut
			}
			done, err := change(&changes[i])
			if err != nil {
				return fmt.Errorf("change a suppression list: %w", err)
			}
			if done {
				made++
			}
		}
		return nil
	})
	return made, err
}

const selectOptedOut = `SELECT sender, source, since, proof, provisional FROM opt_outs
	WHERE account = ?1 AND number = ?2 AND (sender = '' OR sender = ?3) ORDER BY sender LIMIT 1`

// OptedOut implements inbox.OptOutStore.
func (s *Store) OptedOut(
	ctx context.Context, account string, sender sms.Sender, numbers []sms.Number,
) (map[sms.Number]inbox.OptOut, error) {
	query, err := s.readers.PrepareContext(ctx, selectOptedOut)
	if err != nil {
		return nil, fmt.Errorf("look for opt-outs: %w", explain(err))
	}
	defer query.Close() //nolint:errcheck // it was only read from
	out := map[sms.Number]inbox.OptOut{}
	for _, n := range numbers {
		o, found, err := scanOptOut(query.QueryRowContext(ctx, account, string(n), string(sender)), account, n)
		if err != nil {
			return nil, fmt.Errorf("look for opt-outs: %w", explain(err))
		}
		if found {
			out[n] = o
		}
	}
	return out, nil
}

// optedOut looks for one number inside a transaction.
func (t *optOuts) optedOut(m *sms.Message) (inbox.OptOut, bool, error) {
	s, err := t.stmt(selectOptedOut) //nolint:sqlclosecheck // it is kept for the next time
	if err != nil {
		return inbox.OptOut{}, false, err
	}
	return scanOptOut(s.QueryRowContext(context.Background(), m.Account, string(m.To), string(m.Sender)),
		m.Account, m.To)
}

func scanOptOut(r row, account string, n sms.Number) (inbox.OptOut, bool, error) {
	o := inbox.OptOut{Account: account, Number: n}
	var since int64
	var proof []byte
	switch err := r.Scan(&o.Sender, &o.Source, &since, &proof, &o.Provisional); {
	case err == sql.ErrNoRows: //nolint:errorlint // Scan returns it as it is
		return o, false, nil
	case err != nil:
		return o, false, err
	}
	o.Since = fromMicros(since)
	var err error
	o.Proof, err = idOf(proof)
	return o, err == nil, err
}

const (
	selectOptOuts = `SELECT number, sender, source, since, proof, provisional FROM opt_outs WHERE account = ?
		AND number > ?
		ORDER BY number, sender LIMIT ?`
	selectOptOutsOf = `SELECT number, sender, source, since, proof, provisional FROM opt_outs WHERE account = ?
		AND number = ? ORDER BY sender`
	selectProofs = `SELECT id, sender, change, source, actor, message, inbound, note, at, provisional
		FROM opt_out_changes
		INDEXED BY opt_out_changes_number WHERE account = ? AND number = ? ORDER BY id`
)

// OptOuts implements inbox.OptOutStore. A page never ends between the senders
// of one number.
func (s *Store) OptOuts(
	ctx context.Context, q inbox.OptOutQuery,
) (found []inbox.OptOut, more bool, err error) {
	const sendersOfOne = 100
	all, err := s.optOuts(ctx, q.Account, selectOptOuts, q.Account, string(q.After), q.Limit+sendersOfOne)
	if err != nil || len(all) <= q.Limit {
		return all, false, err
	}
	end := q.Limit
	for end < len(all) && all[end].Number == all[end-1].Number {
		end++
	}
	return all[:end], end < len(all), nil
}

func (s *Store) optOuts(ctx context.Context, account, query string, args ...any) ([]inbox.OptOut, error) {
	rows, err := s.readers.QueryContext(ctx, query, args...)
	if err != nil {
		return nil, fmt.Errorf("read a suppression list: %w", explain(err))
	}
	defer rows.Close()
	found := []inbox.OptOut{}
	for rows.Next() {
		o := inbox.OptOut{Account: account}
		var since int64
		var proof []byte
		if err := rows.Scan(&o.Number, &o.Sender, &o.Source, &since, &proof, &o.Provisional); err != nil {
			return nil, fmt.Errorf("read a suppression list: %w", err)
		}
		o.Since = fromMicros(since)
		if o.Proof, err = idOf(proof); err != nil {
			return nil, err
		}
		found = append(found, o)
	}
	return found, rows.Err()
}

// OptOutProofs implements inbox.OptOutStore.
func (s *Store) OptOutProofs(
	ctx context.Context, account string, n sms.Number,
) ([]inbox.OptOut, []inbox.OptOutChange, error) {
	entries, err := s.optOuts(ctx, account, selectOptOutsOf, account, string(n))
	if err != nil {
		return nil, nil, err
	}
	rows, err := s.readers.QueryContext(ctx, selectProofs, account, string(n))
	if err != nil {
		return nil, nil, fmt.Errorf("read proofs: %w", explain(err))
	}
	defer rows.Close()
	changes := []inbox.OptOutChange{}
	for rows.Next() {
		c := inbox.OptOutChange{Account: account, Number: n}
		var id, message, inbound []byte
		var change string
		var at int64
		if err := rows.Scan(&id, &c.Sender, &change, &c.Source, &c.Actor, &message, &inbound, &c.Note, &at,
			&c.Provisional); err != nil {
			return nil, nil, fmt.Errorf("read proofs: %w", err)
		}
		c.Added, c.At = change == "added", fromMicros(at)
		if c.ID, err = idOf(id); err != nil {
			return nil, nil, err
		}
		copy(c.Message[:], message)
		copy(c.Inbound[:], inbound)
		changes = append(changes, c)
	}
	return entries, changes, rows.Err()
}
