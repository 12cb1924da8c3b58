package postgres

import (
	"context"
	"fmt"
	"maps"
	"sync"
	"time"

	"github.com/jackc/pgx/v5"

	"relais/inbox"
	"relais/sms"
)

// Receipts that come before the answer to their submit wait for their message.

const (
	// insertReceipts keeps receipts that no message is known by.
	insertReceipts = `INSERT INTO receipts (connector, provider_id, ref, status, reason, code, text, at,
		received_at)
	SELECT DISTINCT ON (t.connector, t.provider_id, t.status, t.code, ref) t.connector, t.provider_id,
		coalesce(t.ref, ` + zeroID + `) AS ref,
		t.status, t.reason, t.code, t.text, t.at, t.received_at
	FROM unnest($1::text[], $2::text[], $3::uuid[], $4::text[], $5::text[], $6::text[], $7::text[],
		$8::bigint[], $9::bigint[])
		AS t (connector, provider_id, ref, status, reason, code, text, at, received_at)
	WHERE NOT EXISTS (SELECT 1 FROM messages m WHERE m.connector = t.connector AND m.provider_id = t.provider_id)
	ON CONFLICT DO NOTHING RETURNING connector, provider_id, ref, status, code`
	// selectKnown finds those whose message came to be known meanwhile.
	selectKnown = `SELECT t.ord FROM unnest($1::text[], $2::text[]) WITH ORDINALITY AS t (connector,
		provider_id, ord)
	WHERE EXISTS (SELECT 1 FROM messages m WHERE m.connector = t.connector AND m.provider_id = t.provider_id)`
)

// kept is what makes a receipt that waits the same as another.
type kept struct {
	connector, provider string
	ref                 sms.ID
	status, code        string
}

// unknownRows are the columns of insertReceipts.
type unknownRows struct {
	connectors, providers, statuses, reasons, codes, text []string
	refs                                                  uuids
	at, received                                          []int64
}

func (c *unknownRows) add(i *item) {
	r := i.receipt()
	c.connectors, c.providers, c.refs = append(c.connectors, i.request.connector),
		append(c.providers, r.ProviderID), append(c.refs, r.Ref)
	c.statuses, c.reasons = append(c.statuses, string(r.Status)), append(c.reasons, string(r.Reason))
	c.codes, c.text = append(c.codes, r.Code), append(c.text, r.Text)
	c.at, c.received = append(c.at, micros(r.At)), append(c.received, micros(i.request.at))
}

// queue keeps receipts that no message is known by. fresh gets those that were not kept
// before, known the position of those whose message is known by now.
func (c *unknownRows) queue(batch *pgx.Batch, fresh map[kept]bool, known map[int]bool) {
	batch.Queue(lockProviders, texts(c.providers))
	batch.Queue(insertReceipts, c.connectors, c.providers, c.refs, c.statuses, c.reasons, c.codes, c.text, c.at,
		c.received).
		Query(func(rows pgx.Rows) error {
			for rows.Next() {
				var k kept
				if err := rows.Scan(&k.connector, &k.provider, (*[16]byte)(&k.ref), &k.status, &k.code); err != nil {
					return err
				}
				fresh[k] = true
			}
			return rows.Err()
		})
	batch.Queue(selectKnown, c.connectors, c.providers).Query(func(rows pgx.Rows) error {
		for rows.Next() {
			var ord int
			if err := rows.Scan(&ord); err != nil {
				return err
			}
			known[ord-1] = true
		}
		return rows.Err()
	})
}

// keepUnknown lets receipts wait for their message. It holds the locks of their
// operator's ids, so that a message that gets its id at this moment is either
// seen here or sees them there.
func (s *Store) keepUnknown(ctx context.Context, items []*item) error {
	if len(items) == 0 {
		return nil
	}
	var rows unknownRows
	for _, i := range items {
		rows.add(i)
	}
	fresh, known := map[kept]bool{}, map[int]bool{}
	batch := &pgx.Batch{}
	rows.queue(batch, fresh, known)
	if err := s.pool.SendBatch(ctx, batch).Close(); err != nil {
		return err
	}
	for n, i := range items {
		if known[n] {
			continue // judged in the next wave
		}
		k := kept{
			i.request.connector, i.receipt().ProviderID, i.receipt().Ref, string(i.receipt().Status),
			i.receipt().Code,
		}
		if i.judged(inbox.Repeated); fresh[k] {
			i.judged(inbox.Kept)
			delete(fresh, k)
		}
	}
	return nil
}

const (
	selectEarly = `SELECT id, ref, status, reason, code, text, at FROM receipts WHERE connector = $1
		AND provider_id = $2 ORDER BY id`
	// selectStranded finds receipts whose message is known: a node died between
	// the two.
	selectStranded = `SELECT DISTINCT r.connector, r.provider_id FROM receipts r
	CROSS JOIN LATERAL (SELECT 1 FROM messages m WHERE m.connector = r.connector
		AND m.provider_id = r.provider_id LIMIT 1) AS known`
)

// providerOf is a message by its operator's id.
type providerOf struct{ connector, id string }

// owed are messages that have just got their operator's id, and have not been given their
// early receipts yet. If the node dies, matchStranded gives them.
type owed struct {
	mu    sync.Mutex
	since map[providerOf]time.Time
}

func (o *owed) add(p providerOf, at time.Time) {
	o.mu.Lock()
	defer o.mu.Unlock()
	if o.since == nil {
		o.since = map[providerOf]time.Time{}
	}
	o.since[p] = at
}

func (o *owed) all() map[providerOf]time.Time {
	o.mu.Lock()
	defer o.mu.Unlock()
	return maps.Clone(o.since)
}

func (o *owed) paid(p providerOf) {
	o.mu.Lock()
	defer o.mu.Unlock()
	delete(o.since, p)
}

// takeOwed returns the messages that their early receipts moved.
func (s *Store) takeOwed(ctx context.Context) (moved []sms.ID, err error) {
	for p, at := range s.owed.all() {
		more, err := s.takeEarly(ctx, p, at)
		if err != nil {
			return moved, err
		}
		s.owed.paid(p)
		moved = append(moved, more...)
	}
	return moved, nil
}

// takeEarly gives a message that has got its operator's id the receipts that came
// before it, and returns which it moved.
func (s *Store) takeEarly(ctx context.Context, p providerOf, now time.Time) (moved []sms.ID, err error) {
	ids, early, err := s.early(ctx, p, now)
	if err != nil || len(ids) == 0 {
		return nil, err
	}
	for _, r := range early {
		if err := s.receives.Do(ctx, r); err != nil {
			return moved, err
		}
		moved = append(moved, r.moved...)
	}
	_, err = s.pool.Exec(ctx, "DELETE FROM receipts WHERE id = ANY ($1)", ids)
	return moved, explain(err)
}

func (s *Store) early(
	ctx context.Context, p providerOf, now time.Time,
) (ids []int64, early []*receiving, err error) {
	rows, err := s.pool.Query(ctx, selectEarly, p.connector, p.id)
	early, err = collect(rows, err, func(row row) (*receiving, error) {
		var rowID, at int64
		r := sms.Receipt{ProviderID: p.id}
		err := row.Scan(&rowID, (*[16]byte)(&r.Ref), &r.Status, &r.Reason, &r.Code, &r.Text, &at)
		r.At, ids = fromMicros(at), append(ids, rowID)
		return &receiving{
			connector: p.connector, at: now, receipts: []sms.Receipt{r},
			verdicts: make([]inbox.Verdict, 1),
		}, err
	})
	if err != nil {
		return nil, nil, fmt.Errorf("read receipts that came early: %w", err)
	}
	return ids, early, nil
}

// matchStranded gives receipts to messages that are known by now.
func (s *Store) matchStranded(ctx context.Context, now time.Time) error {
	rows, err := s.pool.Query(ctx, selectStranded)
	stranded, err := collect(rows, err, func(r row) (p providerOf, err error) {
		err = r.Scan(&p.connector, &p.id)
		return p, err
	})
	if err != nil {
		return fmt.Errorf("look for receipts that wait: %w", err)
	}
	for _, p := range stranded {
		if _, err := s.takeEarly(ctx, p, now); err != nil {
			return err
		}
	}
	return nil
}
