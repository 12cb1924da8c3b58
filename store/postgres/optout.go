package postgres

import (
	"context"
	"fmt"

	"github.com/jackc/pgx/v5"

	"relais/inbox"
	"relais/sms"
	"relais/webhook"
)

// insertOptOut makes a provisional entry one that stands, and no other way round.
const insertOptOut = `INSERT INTO opt_outs (account, number, sender, source, since, proof, provisional)
	VALUES ($1, $2, $3, $4, $5, $6, $7)
	ON CONFLICT (account, number, sender) DO UPDATE
		SET source = excluded.source, proof = excluded.proof, provisional = false
		WHERE opt_outs.provisional AND NOT excluded.provisional`

// addOptOut puts a number on a list, keeps the proof and tells callers, as the
// nth event of the transaction. It does nothing when the number is
// there, unless it makes a provisional entry stand.
func addOptOut(ctx context.Context, tx pgx.Tx, n int, c *inbox.OptOutChange) (added bool, err error) {
	tag, err := tx.Exec(ctx, insertOptOut, c.Account, clean(string(c.Number)), string(c.Sender),
		string(c.Source), micros(c.At), id(c.ID), c.Provisional)
	if err != nil || tag.RowsAffected() == 0 {
		return false, err
	}
	if err := decideOthers(ctx, tx, c); err != nil {
		return false, err
	}
	if err := prove(ctx, tx, c); err != nil {
		return false, err
	}
	data, err := encoded(c.Data())
	if err != nil {
		return false, err
	}
	_, err = tell(ctx, tx, n, told{
		account: c.Account, kind: webhook.OptOutAdded, subject: c.ID, at: c.At,
		data: []byte(data),
	})
	return err == nil, err
}

// removeOptOut takes a number off a list: for one sender, or, when none is named,
// for every sender. What is provisional goes alone where the change is.
func removeOptOut(ctx context.Context, tx pgx.Tx, c *inbox.OptOutChange) (removed bool, err error) {
	tag, err := tx.Exec(ctx, "DELETE FROM opt_outs WHERE account = $1 AND number = $2 AND ($3 = '' OR sender "+
		"= $3) AND (provisional OR NOT $4)",
		c.Account, clean(string(c.Number)), string(c.Sender), c.Provisional)
	if err != nil || tag.RowsAffected() == 0 {
		return false, err
	}
	if err := decideOthers(ctx, tx, c); err != nil {
		return false, err
	}
	return true, prove(ctx, tx, c)
}

func prove(ctx context.Context, tx pgx.Tx, c *inbox.OptOutChange) error {
	change := "removed"
	if c.Added {
		change = "added"
	}
	_, err := tx.Exec(ctx, `INSERT INTO opt_out_changes (account, id, number, sender, change, source, actor,
		message, inbound, note, at, provisional)
		VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12)`,
		c.Account, id(c.ID), clean(string(c.Number)), string(c.Sender), change, string(c.Source), c.Actor,
		idOrNull(c.Message),
		idOrNull(c.Inbound), clean(c.Note), micros(c.At), c.Provisional)
	return err
}

// ChangeOptOuts implements inbox.OptOutStore.
func (s *Store) ChangeOptOuts(ctx context.Context, changes []inbox.OptOutChange) (made int, err error) {
	err = s.transact(ctx, func(ctx context.Context, tx pgx.Tx) error {
		made = 0
		for i := range changes {
			done, err := changeOptOut(ctx, tx, i+1, &changes[i])
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

func changeOptOut(ctx context.Context, tx pgx.Tx, n int, c *inbox.OptOutChange) (bool, error) {
	if c.Added {
		return addOptOut(ctx, tx, n, c)
	}
	return removeOptOut(ctx, tx, c)
}

const selectOptedOut = `SELECT t.ord, o.sender, o.source, o.since, o.proof, o.provisional
	FROM unnest($1::text[], $2::text[], $3::text[]) WITH ORDINALITY AS t (account, number, sender, ord)
	CROSS JOIN LATERAL (SELECT sender, source, since, proof, provisional FROM opt_outs
		WHERE account = t.account AND number = t.number AND (sender = '' OR sender = t.sender) ORDER BY sender
			LIMIT 1) AS o`

type querying interface {
	Query(ctx context.Context, sql string, args ...any) (pgx.Rows, error)
}

// OptedOut implements inbox.OptOutStore.
func (s *Store) OptedOut(
	ctx context.Context, account string, sender sms.Sender, numbers []sms.Number,
) (map[sms.Number]inbox.OptOut, error) {
	accounts, to, senders := make([]string, len(numbers)), make([]string, len(numbers)),
		make([]string, len(numbers))
	for i, n := range numbers {
		accounts[i], to[i], senders[i] = account, clean(string(n)), string(sender)
	}
	out := map[sms.Number]inbox.OptOut{}
	err := readOptedOut(ctx, s.pool, accounts, to, senders, func(i int, o inbox.OptOut) { out[o.Number] = o })
	if err != nil {
		return nil, fmt.Errorf("look for opt-outs: %w", err)
	}
	return out, nil
}

// optedOut finds marketing to people who opted out.
func optedOut(ctx context.Context, conn querying, due []sms.Message) (map[sms.ID]inbox.OptOut, error) {
	var accounts, numbers, senders []string
	var ids []sms.ID
	for i := range due {
		if m := &due[i]; inbox.HoldsBack(m.Class) {
			accounts, numbers, senders = append(accounts, m.Account), append(numbers, string(m.To)),
				append(senders, string(m.Sender))
			ids = append(ids, m.ID)
		}
	}
	if len(ids) == 0 {
		return nil, nil
	}
	out := map[sms.ID]inbox.OptOut{}
	return out, readOptedOut(ctx, conn, accounts, numbers, senders,
		func(i int, o inbox.OptOut) { out[ids[i]] = o })
}

func readOptedOut(
	ctx context.Context, q querying, accounts, numbers, senders []string, found func(int, inbox.OptOut),
) error {
	rows, err := q.Query(ctx, selectOptedOut, accounts, numbers, senders)
	_, err = collect(rows, err, func(r row) (struct{}, error) {
		var ord int
		var since int64
		var o inbox.OptOut
		if err := r.Scan(&ord, &o.Sender, &o.Source, &since, (*[16]byte)(&o.Proof), &o.Provisional); err != nil {
			return struct{}{}, err
		}
		o.Account, o.Number, o.Since = accounts[ord-1], sms.Number(numbers[ord-1]), fromMicros(since)
		found(ord-1, o)
		return struct{}{}, nil
	})
	return err
}

const (
	selectOptOuts = `SELECT number, sender, source, since, proof, provisional FROM opt_outs WHERE account = $1
		AND number > $2
		ORDER BY number, sender LIMIT $3`
	selectOptOutsOf = `SELECT number, sender, source, since, proof, provisional FROM opt_outs WHERE account = $1
		AND number = $2 ORDER BY sender`
	selectProofs = `SELECT id, sender, change, source, actor, coalesce(message, ` + zeroID + `),
		coalesce(inbound, ` + zeroID + `), note, at, provisional
		FROM opt_out_changes WHERE account = $1 AND number = $2 ORDER BY id`
)

// OptOuts implements inbox.OptOutStore. A page never ends between the senders
// of one number.
func (s *Store) OptOuts(
	ctx context.Context, q inbox.OptOutQuery,
) (found []inbox.OptOut, more bool, err error) {
	const sendersOfOne = 100
	all, err := s.optOuts(ctx, q.Account, selectOptOuts, q.Account, clean(string(q.After)), q.Limit+sendersOfOne)
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
	rows, err := s.pool.Query(ctx, query, args...)
	found, err := collect(rows, err, func(r row) (inbox.OptOut, error) {
		o := inbox.OptOut{Account: account}
		var since int64
		err := r.Scan(&o.Number, &o.Sender, &o.Source, &since, (*[16]byte)(&o.Proof), &o.Provisional)
		o.Since = fromMicros(since)
		return o, err
	})
	if err != nil {
		return nil, fmt.Errorf("read a suppression list: %w", err)
	}
	return found, nil
}

// OptOutProofs implements inbox.OptOutStore.
func (s *Store) OptOutProofs(
	ctx context.Context, account string, n sms.Number,
) ([]inbox.OptOut, []inbox.OptOutChange, error) {
	number := clean(string(n))
	entries, err := s.optOuts(ctx, account, selectOptOutsOf, account, number)
	if err != nil {
		return nil, nil, err
	}
	rows, err := s.pool.Query(ctx, selectProofs, account, number)
	changes, err := collect(rows, err, func(r row) (inbox.OptOutChange, error) {
		c := inbox.OptOutChange{Account: account, Number: n}
		var change string
		var at int64
		err := r.Scan((*[16]byte)(&c.ID), &c.Sender, &change, &c.Source, &c.Actor, (*[16]byte)(&c.Message),
			(*[16]byte)(&c.Inbound), &c.Note, &at, &c.Provisional)
		c.Added, c.At = change == "added", fromMicros(at)
		return c, err
	})
	if err != nil {
		return nil, nil, fmt.Errorf("read proofs: %w", err)
	}
	return entries, changes, nil
}
