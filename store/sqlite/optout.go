package sqlite

import (
	"context"
	"database/sql"
	"fmt"

	"relais/inbox"
	"relais/sms"
)

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
func (t *tx) optedOut(m *sms.Message) (inbox.OptOut, bool, error) {
	s, err := t.rows.asks(selectOptedOut) //nolint:sqlclosecheck // it is kept for the next time
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
