package table

import (
	"context"
	"fmt"

	"relais/door/passerelle"
	"relais/search"
	"relais/sms"
)

var _ passerelle.Store = Tables{}

// counts are figures of messages.
type counts struct{ *runner }

// selectCounted walks the messages since a time, for people who look at figures now and
// then. Ids do not bound it above: after a clock that jumped back they are later than their
// messages.
const selectCounted = `SELECT s.accepted_at / $1::bigint * $1::bigint, s.metadata::jsonb ->> $2::text,
		coalesce(s.metadata::jsonb ->> $3::text, ''), count(*)
	FROM messages m JOIN submissions s ON s.account = m.account AND s.id = m.submission
	WHERE m.account = $4 AND m.id >= $5 AND s.accepted_at >= $6 AND s.accepted_at < $7
		AND s.metadata::jsonb ->> $2::text IS NOT NULL GROUP BY 1, 2, 3 ORDER BY 1, 2, 3`

// CountByMetadata implements passerelle.Store.
func (t counts) CountByMetadata(ctx context.Context, c search.Count) ([]search.Counted, error) {
	scan := func(scan Scan) (one search.Counted, err error) {
		return one, scan(&one.At, &one.Value, &one.By, &one.Messages)
	}
	counted, err := list(t.on(ctx), scan, selectCounted, search.Slot.Microseconds(), c.Key, c.By, c.Account,
		sms.FirstID(c.Since), c.Since, c.Until)
	if err != nil {
		return nil, fmt.Errorf("count messages: %w", err)
	}
	return counted, nil
}
