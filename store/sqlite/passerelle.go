package sqlite

import (
	"context"
	"fmt"

	"relais/door/passerelle"
	"relais/search"
)

var _ passerelle.Store = (*Store)(nil)

// selectCounted walks the messages since a time, for people who look at figures
// now and then. Ids do not bound it above: after a clock that jumped back they
// are later than their messages.
const selectCounted = "SELECT s.accepted_at / ?1 * ?1, json_extract(s.metadata, ?2), " +
	"coalesce(json_extract(s.metadata, ?3), ''), count(*)" + messageTables +
	`WHERE m.account = ?4 AND m.id >= ?5 AND s.accepted_at >= ?6 AND s.accepted_at < ?7
	AND json_extract(s.metadata, ?2) IS NOT NULL GROUP BY 1, 2, 3 ORDER BY 1, 2, 3`

// CountByMetadata implements passerelle.Store.
func (s *Store) CountByMetadata(ctx context.Context, c search.Count) ([]search.Counted, error) {
	rows, err := s.readers.QueryContext(ctx, selectCounted, search.Slot.Microseconds(), jsonPath(c.Key),
		jsonPath(c.By),
		c.Account, first(c.Since), micros(c.Since), micros(c.Until))
	if err != nil {
		return nil, fmt.Errorf("count messages: %w", explain(err))
	}
	defer rows.Close()
	counted := []search.Counted{}
	for rows.Next() {
		var one search.Counted
		var at int64
		if err := rows.Scan(&at, &one.Value, &one.By, &one.Messages); err != nil {
			return nil, fmt.Errorf("count messages: %w", err)
		}
		one.At = fromMicros(at)
		counted = append(counted, one)
	}
	return counted, rows.Err()
}
