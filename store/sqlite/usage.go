package sqlite

import (
	"bytes"
	"context"
	"fmt"

	"relais/sms"
	"relais/usage"
)

// usageSize bounds the rows that one statement counts: SQLite sorts what it groups,
// in memory, and a long read keeps the log of writes from being taken over.
const usageSize = 5000

// sent holds for a message that its operator took. One that ended as expired or
// rejected was taken if the operator answered with an id, or told of it later; a
// refusal of the call leaves none of these.
const sent = `(p.status IN ('submitted', 'delivered', 'undelivered') OR p.status IN ('expired', 'rejected')
	AND (p.submitted_at IS NOT NULL OR p.provider_id IS NOT NULL OR coalesce(p.operator_code, '') <> ''))`

const selectUsage = `WITH page AS MATERIALIZED (
	SELECT id, submission, connector, status, segments, price, submitted_at, provider_id, operator_code
		FROM messages
	WHERE account = ?1 AND id > ?2 AND id < ?3 ORDER BY id LIMIT ?4)
SELECT s.actor, s.class, p.connector, count(*), sum(` + sent + `), sum(iif(` + sent + `, p.segments, 0)),
	sum(iif(` + sent + `, p.price, 0)),
	sum(` + sent + ` AND p.price = 0), sum(p.status = 'uncertain'), max(p.id)
FROM page p CROSS JOIN submissions s ON s.account = ?1 AND s.id = p.submission GROUP BY 1, 2, 3`

// Usage implements usage.Reader.
func (s *Store) Usage(ctx context.Context, q usage.Query) ([]usage.Row, error) {
	sum := usageSum{rows: []usage.Row{}, at: map[usageKey]int{}}
	for from := sms.FirstID(q.From); ; from = sum.last {
		counted, err := s.usagePage(ctx, q, from, &sum)
		if err != nil {
			return nil, err
		}
		if counted < usageSize {
			return sum.rows, nil
		}
	}
}

// usagePage counts the next messages behind an id.
func (s *Store) usagePage(
	ctx context.Context, q usage.Query, from sms.ID, sum *usageSum,
) (counted int64, err error) {
	rows, err := s.readers.QueryContext(ctx, selectUsage, q.Account, from[:], first(q.Until), usageSize)
	if err != nil {
		return 0, fmt.Errorf("count what was used: %w", explain(err))
	}
	defer rows.Close()
	for rows.Next() {
		var u usage.Row
		var last []byte
		if err := rows.Scan(&u.Key, &u.Class, &u.Connector, &u.Messages, &u.Sent, &u.Segments, &u.Price,
			&u.WithoutPrice, &u.InDoubt, &last); err != nil {
			return 0, fmt.Errorf("count what was used: %w", err)
		}
		id, err := idOf(last)
		if err != nil {
			return 0, err
		}
		sum.add(&u, id)
		counted += u.Messages
	}
	return counted, rows.Err()
}

type usageKey struct {
	key, connector string
	class          sms.Class
}

// usageSum adds pages up.
type usageSum struct {
	rows []usage.Row
	at   map[usageKey]int
	last sms.ID // that was counted
}

func (s *usageSum) add(u *usage.Row, last sms.ID) {
	if bytes.Compare(s.last[:], last[:]) < 0 {
		s.last = last
	}
	key := usageKey{u.Key, u.Connector, u.Class}
	if at, known := s.at[key]; known {
		s.rows[at].Add(u)
		return
	}
	s.at[key] = len(s.rows)
	s.rows = append(s.rows, *u)
}
