package postgres

import (
	"context"
	"fmt"

	"relais/sms"
	"relais/usage"
)

// sent holds for a message that its operator took. One that ended as expired or
// rejected was taken if the operator answered with an id, or told of it later; a
// refusal of the call leaves none of these.
const sent = `(m.status IN ('submitted', 'delivered', 'undelivered') OR m.status IN ('expired', 'rejected')
	AND (m.submitted_at IS NOT NULL OR m.provider_id IS NOT NULL OR m.operator_code <> ''))`

const selectUsage = `SELECT s.actor, s.class, m.connector, count(*), count(*) FILTER (WHERE ` + sent + `),
	coalesce(sum(m.segments) FILTER (WHERE ` + sent + `), 0)::bigint,
		coalesce(sum(m.price) FILTER (WHERE ` + sent + `), 0)::bigint,
	count(*) FILTER (WHERE ` + sent + ` AND m.price = 0), count(*) FILTER (WHERE m.status = 'uncertain')
FROM messages m JOIN submissions s ON s.account = m.account AND s.id = m.submission
WHERE m.account = $1 AND m.id >= $2 AND m.id < $3 GROUP BY 1, 2, 3`

// Usage implements usage.Reader.
func (s *Store) Usage(ctx context.Context, q usage.Query) ([]usage.Row, error) {
	rows, err := s.pool.Query(ctx, selectUsage, q.Account, id(sms.FirstID(q.From)), id(sms.FirstID(q.Until)))
	used, err := collect(rows, err, func(r row) (u usage.Row, err error) {
		err = r.Scan(&u.Key, &u.Class, &u.Connector, &u.Messages, &u.Sent, &u.Segments, &u.Price, &u.WithoutPrice,
			&u.InDoubt)
		return u, err
	})
	if err != nil {
		return nil, fmt.Errorf("count what was used: %w", explain(err))
	}
	return used, nil
}
