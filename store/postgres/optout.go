package postgres

import (
	"context"
	"fmt"

	"github.com/jackc/pgx/v5"

	"relais/inbox"
	"relais/sms"
)

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
