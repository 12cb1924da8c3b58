package postgres

import (
	"context"
	"fmt"
	"sync"
	"time"

	"github.com/jackc/pgx/v5"

	"relais/inbox"
	"relais/sms"
	"relais/store/group"
)

// Receipts that come before the answer to their submit wait for their message.

const (
	// insertReceipts keeps receipts that no message is known by, in the order in which
	// they came.
	insertReceipts = `INSERT INTO receipts (connector, provider_id, ref, status, reason, code, text, at,
		received_at, parts, part)
	SELECT connector, provider_id, ref, status, reason, code, text, at, received_at, parts, part FROM (
		SELECT DISTINCT ON (t.connector, t.provider_id, t.status, t.code, ref, t.part) t.connector, t.provider_id,
			coalesce(t.ref, ` + zeroID + `) AS ref, t.status, t.reason, t.code, t.text, t.at, t.received_at,
			t.parts, t.part, t.ord
		FROM unnest($1::text[], $2::text[], $3::uuid[], $4::text[], $5::text[], $6::text[], $7::text[],
			$8::bigint[], $9::bigint[], $10::integer[], $11::text[]) WITH ORDINALITY
			AS t (connector, provider_id, ref, status, reason, code, text, at, received_at, parts, part, ord)
		LEFT JOIN messages m ON m.connector = t.connector AND m.provider_id = t.provider_id
		WHERE m.id IS NULL
		ORDER BY t.connector, t.provider_id, t.status, t.code, ref, t.part, t.ord) AS once
	ORDER BY ord
	ON CONFLICT DO NOTHING RETURNING connector, provider_id, ref, status, code, part`
	// selectKnown finds those whose message came to be known meanwhile.
	selectKnown = `SELECT t.ord FROM unnest($1::text[], $2::text[]) WITH ORDINALITY AS t (connector,
		provider_id, ord)
	WHERE EXISTS (SELECT 1 FROM messages m WHERE m.connector = t.connector AND m.provider_id = t.provider_id)`
)

// kept is what makes a receipt that waits the same as another.
type kept struct {
	connector, provider string
	ref                 sms.ID
	status, code, part  string
}

// unknownRows are the columns of insertReceipts.
type unknownRows struct {
	connectors, providers, statuses, reasons, codes, text []string
	refs                                                  uuids
	at, received                                          []int64
	counts                                                []int
	parts                                                 []string
}

func (c *unknownRows) add(i *item) {
	r := i.receipt()
	c.connectors, c.providers, c.refs = append(c.connectors, i.request.connector),
		append(c.providers, r.ProviderID), append(c.refs, r.Ref)
	c.statuses, c.reasons = append(c.statuses, string(r.Status)), append(c.reasons, string(r.Reason))
	c.codes, c.text = append(c.codes, r.Code), append(c.text, r.Text)
	c.at, c.received = append(c.at, micros(r.At)), append(c.received, micros(i.request.at))
	c.counts, c.parts = append(c.counts, r.Parts), append(c.parts, r.Part)
}

// queue keeps receipts that no message is known by. fresh gets those that were not kept
// before, known the position of those whose message is known by now.
func (c *unknownRows) queue(batch *pgx.Batch, fresh map[kept]bool, known map[int]bool) {
	batch.Queue(lockProviders, texts(c.providers))
	batch.Queue(insertReceipts, c.connectors, c.providers, c.refs, c.statuses, c.reasons, c.codes, c.text, c.at,
		c.received, c.counts, c.parts).
		Query(func(rows pgx.Rows) error {
			for rows.Next() {
				var k kept
				if err := rows.Scan(&k.connector, &k.provider, (*[16]byte)(&k.ref), &k.status, &k.code, &k.part); err != nil {
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
	if err := write(ctx, s.pool, batch); err != nil {
		return err
	}
	for n, i := range items {
		if known[n] {
			continue // judged in the next wave
		}
		k := kept{
			i.request.connector, i.receipt().ProviderID, i.receipt().Ref, string(i.receipt().Status),
			i.receipt().Code, i.receipt().Part,
		}
		if i.judged(inbox.Repeated); fresh[k] {
			i.judged(inbox.Kept)
			delete(fresh, k)
		}
	}
	return nil
}

const (
	selectEarly = `SELECT r.id, r.connector, r.provider_id, r.ref, r.status, r.reason, r.code, r.text, r.at, r.parts,
		r.part
	FROM unnest($1::text[], $2::text[]) AS t (connector, provider_id)
	JOIN receipts r ON r.connector = t.connector AND r.provider_id = t.provider_id ORDER BY r.id`
	// selectStranded finds receipts whose message is known: a node died between
	// the two.
	selectStranded = `SELECT DISTINCT r.connector, r.provider_id FROM receipts r
	CROSS JOIN LATERAL (SELECT 1 FROM messages m WHERE m.connector = r.connector
		AND m.provider_id = r.provider_id LIMIT 1) AS known`
	deleteTaken = "DELETE FROM receipts WHERE id = ANY ($1)"
)

// providerOf is a message by its operator's id.
type providerOf struct{ connector, id string }

// due is a message that has just got its operator's id, and since when: receipts that
// came before it are to be given to it.
type due struct {
	providerOf
	since time.Time
}

// owed are messages whose early receipts could not be given to them. The next settle tries
// again; if the node dies before, matchStranded does.
type owed struct {
	mu  sync.Mutex
	all []due
}

func (o *owed) add(all ...due) {
	o.mu.Lock()
	defer o.mu.Unlock()
	o.all = append(o.all, all...)
}

func (o *owed) take() []due {
	o.mu.Lock()
	defer o.mu.Unlock()
	all := o.all
	o.all = nil
	return all
}

// takeOwed gives messages, and those that are owed from before, the receipts that came
// before them, and returns which it moved.
func (s *Store) takeOwed(ctx context.Context, fresh []due) (moved []sms.ID, err error) {
	left := append(s.owed.take(), fresh...)
	for len(left) > 0 {
		some := left[:min(len(left), group.Most)]
		more, err := s.takeEarly(ctx, some)
		moved = append(moved, more...)
		if err != nil {
			s.owed.add(left...)
			return moved, err
		}
		left = left[len(some):]
	}
	return moved, nil
}

// takeEarly reads the early receipts of some messages at once and hands them to the
// writers of receipts, where they share transactions with all others that come.
func (s *Store) takeEarly(ctx context.Context, all []due) (moved []sms.ID, err error) {
	early, err := s.early(ctx, all)
	if err != nil {
		return nil, err
	}
	var fates []<-chan error
	for _, r := range early {
		fate, err := s.receives.Hand(ctx, r)
		if err != nil {
			fates = append(fates, failed(err))
			break
		}
		fates = append(fates, fate)
	}
	for i, fate := range fates {
		if failure := <-fate; failure != nil {
			err = failure
			continue
		}
		moved = append(moved, early[i].moved...)
	}
	return moved, err
}

func failed(err error) <-chan error {
	fate := make(chan error, 1)
	fate <- err
	return fate
}

// early reads the receipts that wait for some messages, oldest first: a request for each
// connector and moment.
func (s *Store) early(ctx context.Context, all []due) (early []*receiving, err error) {
	connectors, providers := make([]string, len(all)), make([]string, len(all))
	since := map[providerOf]time.Time{}
	for i, d := range all {
		connectors[i], providers[i] = d.connector, d.id
		since[d.providerOf] = d.since
	}
	requests := map[due]*receiving{}
	rows, err := s.pool.Query(ctx, selectEarly, connectors, providers)
	_, err = collect(rows, err, func(row row) (_ struct{}, err error) {
		var stored, at int64
		var connector string
		var r sms.Receipt
		err = row.Scan(&stored, &connector, &r.ProviderID, (*[16]byte)(&r.Ref), &r.Status, &r.Reason, &r.Code,
			&r.Text, &at, &r.Parts, &r.Part)
		r.At = fromMicros(at)
		now := since[providerOf{connector, r.ProviderID}]
		key := due{providerOf{connector: connector}, now}
		request := requests[key]
		if request == nil {
			request = &receiving{connector: connector, at: now}
			requests[key], early = request, append(early, request)
		}
		request.receipts, request.stored = append(request.receipts, r), append(request.stored, stored)
		request.verdicts = append(request.verdicts, "")
		return struct{}{}, err
	})
	if err != nil {
		return nil, fmt.Errorf("read receipts that came early: %w", err)
	}
	return early, nil
}

// matchStranded gives receipts to messages that are known by now.
func (s *Store) matchStranded(ctx context.Context, now time.Time) error {
	rows, err := s.pool.Query(ctx, selectStranded)
	stranded, err := collect(rows, err, func(r row) (d due, err error) {
		d.since = now
		return d, r.Scan(&d.connector, &d.id)
	})
	if err != nil {
		return fmt.Errorf("look for receipts that wait: %w", err)
	}
	_, err = s.takeOwed(ctx, stranded)
	return err
}
