package table

import (
	"context"
	"fmt"

	"relais/sms"
	"relais/usage"
)

var _ usage.Reader = Tables{}

// usages count what was used.
type usages struct{ *runner }

// usageSize bounds the messages that one statement counts: what is grouped is sorted in
// memory, and a long read keeps a log of writes from being taken over.
const usageSize = 5000

const (
	// sent holds for a message that its operator took. One that ended as expired or rejected
	// was taken if the operator answered with an id, or told of it later; a refusal of the
	// call leaves none of these.
	sent = `(p.status IN ('submitted', 'delivered', 'undelivered') OR p.status IN ('expired', 'rejected')
		AND (p.submitted_at IS NOT NULL OR p.provider_id IS NOT NULL OR coalesce(p.operator_code, '') <> ''))`
	selectUsage = `WITH page AS MATERIALIZED (
		SELECT id, submission, connector, status, segments, price, submitted_at, provider_id, operator_code
		FROM messages WHERE account = $1 AND id > $2 AND id < $3 ORDER BY id LIMIT $4
	)
	SELECT s.actor, s.class, p.connector, count(*), count(*) FILTER (WHERE ` + sent + `),
		coalesce(sum(p.segments) FILTER (WHERE ` + sent + `), 0)::bigint,
		coalesce(sum(p.price) FILTER (WHERE ` + sent + `), 0)::bigint,
		count(*) FILTER (WHERE ` + sent + ` AND p.price = 0), count(*) FILTER (WHERE p.status = 'uncertain'),
		(SELECT id FROM page ORDER BY id DESC LIMIT 1)
	FROM page p CROSS JOIN submissions s WHERE s.account = $1 AND s.id = p.submission GROUP BY 1, 2, 3`
)

// Usage implements usage.Reader.
func (t usages) Usage(ctx context.Context, q usage.Query) ([]usage.Row, error) {
	sum := usageSum{rows: []usage.Row{}, at: map[usageKey]int{}}
	until := sms.FirstID(q.Until)
	for last := sms.FirstID(q.From); ; {
		counted := 0
		err := t.on(ctx).query(selectUsage, []any{q.Account, last, until, usageSize}, func(scan Scan) error {
			var u usage.Row
			if err := scan(&u.Key, &u.Class, &u.Connector, &u.Messages, &u.Sent, &u.Segments, &u.Price,
				&u.WithoutPrice, &u.InDoubt, &last); err != nil {
				return err
			}
			counted += int(u.Messages)
			sum.add(&u)
			return nil
		})
		if err != nil {
			return nil, fmt.Errorf("count what was used: %w", err)
		}
		if counted < usageSize {
			return sum.rows, nil
		}
	}
}

type usageKey struct {
	key       sms.Actor
	connector string
	class     sms.Class
}

// usageSum adds pages up.
type usageSum struct {
	rows []usage.Row
	at   map[usageKey]int
}

func (s *usageSum) add(u *usage.Row) {
	key := usageKey{u.Key, u.Connector, u.Class}
	if at, known := s.at[key]; known {
		s.rows[at].Add(u)
		return
	}
	s.at[key] = len(s.rows)
	s.rows = append(s.rows, *u)
}
