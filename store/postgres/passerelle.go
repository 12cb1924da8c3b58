package postgres

import (
	"context"
	"fmt"

	"relais/door/passerelle"
	"relais/search"
	"relais/sms"
)

var _ passerelle.Store = (*Store)(nil)

// selectCounted walks the messages since a time, for people who look at figures
// now and then. Ids do not bound it above: after a clock that jumped back they
// are later than their messages.
const selectCounted = "SELECT s.accepted_at / $1::bigint * $1::bigint, s.metadata::jsonb ->> $2::text, " +
	"coalesce(s.metadata::jsonb ->> $3::text, ''), count(*)" +
	messageTables + `WHERE m.account = $4 AND m.id >= $5 AND s.accepted_at >= $6 AND s.accepted_at < $7
	AND s.metadata::jsonb ->> $2::text IS NOT NULL GROUP BY 1, 2, 3 ORDER BY 1, 2, 3`

// CountByMetadata implements passerelle.Store.
func (s *Store) CountByMetadata(ctx context.Context, c search.Count) ([]search.Counted, error) {
	rows, err := s.pool.Query(ctx, selectCounted, search.Slot.Microseconds(), clean(c.Key), clean(c.By),
		c.Account,
		id(sms.FirstID(c.Since)), micros(c.Since), micros(c.Until))
	counted, err := collect(rows, err, func(r row) (one search.Counted, err error) {
		var at int64
		err = r.Scan(&at, &one.Value, &one.By, &one.Messages)
		one.At = fromMicros(at)
		return one, err
	})
	if err != nil {
		return nil, fmt.Errorf("count messages: %w", err)
	}
	return counted, nil
}
