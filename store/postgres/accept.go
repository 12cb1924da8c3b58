package postgres

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"slices"
	"strings"
	"time"

	"github.com/jackc/pgx/v5"

	"relais/gateway"
	"relais/quota"
	"relais/reason"
	"relais/sms"
)

// accepting is one Accept on its way to disk.
type accepting struct {
	a         *gateway.Acceptance
	decisions string
	metadata  string
	own       []string // decisions of each draft, JSON; empty: none

	replay []byte
	reused bool
	over   bool // a quota does not allow it
}

// Accept implements gateway.Store.
func (s *Store) Accept(ctx context.Context, a *gateway.Acceptance) (replay []byte, err error) {
	if a.Taking != nil { // what it finds decides whether anything is stored: it shares no transaction
		return s.AcceptBatch(ctx, []*gateway.Acceptance{a})
	}
	request, err := encode(a)
	if err != nil {
		return nil, err
	}
	if err := s.accepts.Do(ctx, request); overQuota(err) {
		return nil, quota.ErrExceeded
	} else if err != nil {
		return nil, err
	}
	if request.over {
		return nil, quota.ErrExceeded
	}
	if request.reused {
		return nil, gateway.ErrKeyReused
	}
	return request.replay, nil
}

func encode(a *gateway.Acceptance) (*accepting, error) {
	request := &accepting{a: a, own: make([]string, len(a.Drafts)), decisions: reason.Texts(a.Decisions)}
	if metadata := a.Drafts[0].Metadata; len(metadata) > 0 {
		var err error
		if request.metadata, err = encoded(metadata); err != nil {
			return nil, err
		}
	}
	for i := range a.Drafts {
		if own := a.Drafts[i].Decisions; len(own) > 0 {
			request.own[i] = reason.Texts(own)
		}
	}
	return request, nil
}

func encoded(value any) (string, error) {
	b, err := json.Marshal(value)
	if err != nil {
		return "", fmt.Errorf("encode for the database: %w", err)
	}
	return string(b), nil
}

// insertKeys takes idempotency keys in one order, so that two nodes that take the
// same ones wait for each other and not in a circle.
const insertKeys = `INSERT INTO idempotency (account, key, request, answer, at, submission)
	SELECT account, key, request, answer, at, submission
	FROM unnest($1::text[], $2::text[], $3::bytea[], $4::bytea[], $5::bigint[], $6::uuid[])
		AS t (account, key, request, answer, at, submission) ORDER BY account, key
	ON CONFLICT DO NOTHING`

// selectKeys tells whose the keys are now.
const selectKeys = `SELECT t.ord, i.submission = t.submission, i.request, i.answer
	FROM unnest($1::text[], $2::text[], $3::uuid[]) WITH ORDINALITY AS t (account, key, submission, ord)
	JOIN idempotency i ON i.account = t.account AND i.key = t.key`

// ours reports whether an acceptance may be written: it came without a key, or it took its
// key.
const ours = `(t.key IS NULL OR EXISTS (SELECT 1 FROM idempotency i
		WHERE i.account = t.account AND i.key = t.key AND i.submission = t.submission))`

const insertSubmissions = `INSERT INTO submissions
		(account, id, text, sender, class, encoding, metadata, actor, accepted_at, decisions, recipients, trace,
			kind)
	SELECT account, submission, text, sender, class, encoding, metadata, actor, at, decisions, recipients, trace, kind
	FROM unnest($1::text[], $2::uuid[], $3::text[], $4::text[], $5::text[], $6::text[], $7::text[], $8::text[],
		$9::bigint[],
			$10::text[], $11::integer[], $12::text[], $13::text[], $14::text[])
		AS t (account, submission, text, sender, class, encoding, metadata, actor, at, decisions, recipients,
			trace, key, kind)
	WHERE ` + ours

var insertMessages = `INSERT INTO messages
		(account, id, submission, recipient, reference, connector, status, reason, segments, priority, attempt,
			solo, due_at,
		 expires_at, updated_at, decisions, routes, chance, endpoint, price, actor, due_minute, country, family)
	SELECT account, id, submission, recipient, reference, connector, 'queued', 'accepted', segments, priority,
		0, false, due_at,
		expires_at, updated_at, decisions, routes, chance, endpoint, price, actor, ` + dueMinute("due_at",
	"updated_at") + `, country, family
	FROM unnest($1::text[], $2::uuid[], $3::uuid[], $4::text[], $5::text[], $6::text[], $7::integer[],
		$8::integer[], $9::bigint[],
			$10::bigint[], $11::bigint[], $12::text[], $13::text[], $14::bigint[], $15::uuid[], $16::text[],
				$17::bigint[], $18::text[], $19::text[], $20::text[])
		AS t (account, id, submission, recipient, reference, connector, segments, priority, due_at, expires_at,
			updated_at,
			decisions, routes, chance, endpoint, key, price, actor, country, family)
	WHERE ` + ours

// writeAccepts stores a group in one round trip and one transaction.
func (s *Store) writeAccepts(ctx context.Context, group []*accepting) error {
	return s.writeCounted(ctx, group, func(w *reliance, kept []*accepting) error {
		if len(kept) == 0 {
			return nil
		}
		return s.writeGroup(ctx, w, kept)
	})
}

// writeCounted writes those of a group that quotas for single numbers allow.
func (s *Store) writeCounted(
	ctx context.Context, group []*accepting, write func(w *reliance, kept []*accepting) error,
) error {
	if slices.ContainsFunc(group, func(r *accepting) bool { return len(r.a.Repeats) > 0 }) {
		if err := s.claimPeople(ctx); err != nil {
			return err
		}
	}
	var all []recipient
	for _, r := range group {
		for i := range r.a.Drafts {
			m := &r.a.Drafts[i].Message
			all = append(all, recipient{m.Account, string(m.To)})
		}
	}
	return s.writeTo(ctx, all, func(w *reliance) error {
		for _, r := range group {
			r.replay, r.reused, r.over = nil, false, false // of an attempt that was taken back
		}
		kept, err := s.repeated(ctx, w, group)
		if err != nil {
			return err
		}
		return write(w, kept)
	})
}

func (s *Store) writeGroup(ctx context.Context, w *reliance, group []*accepting) error {
	batch := &pgx.Batch{}
	keyed := queueKeys(batch, group)
	queueSubmissions(batch, group)
	w.queueCheck(batch)
	queueMessages(batch, group)
	queueTemplates(batch, group)
	if len(keyed) > 0 {
		queueKeyOwners(batch, keyed)
	}
	queueCharges(batch, group)
	return write(ctx, s.pool, batch)
}

// queueKeys takes the keys of a group, and returns who has one.
func queueKeys(batch *pgx.Batch, group []*accepting) (keyed []*accepting) {
	var accounts, keys []string
	var requests, answers [][]byte
	var at []int64
	var submissions uuids
	for _, r := range group {
		key := r.a.Key
		if key == nil {
			continue
		}
		keyed = append(keyed, r)
		accounts, keys = append(accounts, r.a.Drafts[0].Account), append(keys, key.Key)
		requests, answers = append(requests, key.Request[:]), append(answers, append([]byte{}, r.a.Answer...))
		at, submissions = append(at, micros(r.a.At)), append(submissions, r.a.Drafts[0].Submission)
	}
	if len(keyed) > 0 {
		batch.Queue(insertKeys, accounts, keys, requests, answers, at, submissions)
	}
	return keyed
}

func queueKeyOwners(batch *pgx.Batch, keyed []*accepting) {
	var accounts, keys []string
	var submissions uuids
	for _, r := range keyed {
		accounts, keys = append(accounts, r.a.Drafts[0].Account), append(keys, r.a.Key.Key)
		submissions = append(submissions, r.a.Drafts[0].Submission)
	}
	batch.Queue(selectKeys, accounts, keys, submissions).Query(func(rows pgx.Rows) error {
		for rows.Next() {
			var ord int
			var mine bool
			var request, answer []byte
			if err := rows.Scan(&ord, &mine, &request, &answer); err != nil {
				return err
			}
			if r := keyed[ord-1]; !mine {
				replay, err := r.a.Key.Replay(request, answer)
				r.replay, r.reused = replay, err != nil
			}
		}
		return rows.Err()
	})
}

func (r *accepting) key() string {
	if r.a.Key == nil {
		return ""
	}
	return r.a.Key.Key
}

func queueSubmissions(batch *pgx.Batch, group []*accepting) {
	n := len(group)
	var (
		accounts, text, senders, classes = make([]string, n), make([]string, n), make([]string, n),
			make([]string, n)
		encodings, actors, decisions = make([]string, n), make([]string, n), make([]string, n)
		metadata, traces, keys       = make(texts, n), make(texts, n), make(texts, n)
		kinds                        = make(texts, n)
		ids                          = make(uuids, n)
		at                           = make([]int64, n)
		recipients                   = make([]int32, n)
	)
	for i, r := range group {
		m := &r.a.Drafts[0].Message
		accounts[i], ids[i], text[i], senders[i], classes[i] = m.Account, m.Submission, clean(m.Text),
			string(m.Sender), string(m.Class)
		encodings[i], metadata[i], actors[i], at[i] = string(m.Encoding), r.metadata, string(r.a.Actor),
			micros(r.a.At)
		decisions[i], recipients[i], traces[i], keys[i] = r.decisions, int32(len(r.a.Drafts)), r.a.Trace, r.key()
		kinds[i] = string(m.Kind)
	}
	batch.Queue(insertSubmissions, accounts, ids, text, senders, classes, encodings, metadata, actors, at,
		decisions, recipients, traces, keys, kinds)
}

func queueMessages(batch *pgx.Batch, group []*accepting) {
	var all messageRows
	for _, r := range group {
		for i := range r.a.Drafts {
			all.add(&r.a.Drafts[i].Message, r.own[i], r.a.Endpoint, r.key())
		}
	}
	batch.Queue(insertMessages, all.arguments()...)
}

// messageRows are the columns of insertMessages.
type messageRows struct {
	accounts, recipients, references, connectors, routes, actors, countries, families []string
	ids, submissions, endpoints                                                       uuids
	segments, priorities                                                              []int32
	due, expires, updated, chances, prices                                            []int64
	decisions, keys                                                                   texts
}

func (c *messageRows) add(m *sms.Message, decisions string, endpoint sms.ID, key string) {
	c.accounts, c.ids, c.submissions = append(c.accounts, m.Account), append(c.ids, m.ID),
		append(c.submissions, m.Submission)
	c.recipients, c.references = append(c.recipients, string(m.To)), append(c.references, clean(m.Reference))
	c.connectors, c.routes = append(c.connectors, m.Connector), append(c.routes, strings.Join(m.Routes, ","))
	c.segments, c.priorities = append(c.segments, int32(m.Segments)),
		append(c.priorities, int32(m.Class.Priority()))
	c.due, c.expires = append(c.due, micros(m.DueAt)), append(c.expires, micros(m.ExpiresAt))
	c.updated, c.chances = append(c.updated, micros(m.UpdatedAt)),
		append(c.chances, int64(m.Chance/time.Microsecond))
	c.decisions, c.endpoints, c.keys = append(c.decisions, decisions), append(c.endpoints, endpoint),
		append(c.keys, key)
	c.prices, c.actors = append(c.prices, int64(m.Price)), append(c.actors, clean(string(m.Actor)))
	c.countries, c.families = append(c.countries, m.Country), append(c.families, m.Family)
}

func (c *messageRows) arguments() []any {
	return []any{
		c.accounts, c.ids, c.submissions, c.recipients, c.references, c.connectors, c.segments, c.priorities, c.due,
		c.expires, c.updated, c.decisions, c.routes, c.chances, c.endpoints, c.keys, c.prices, c.actors,
		c.countries, c.families,
	}
}

// Answer implements gateway.Store.
func (s *Store) Answer(ctx context.Context, account string, key gateway.IdempotencyKey) ([]byte, error) {
	var request, answer []byte
	err := s.pool.QueryRow(ctx, "SELECT request, answer FROM idempotency WHERE account = $1 AND key = $2",
		account, key.Key).
		Scan(&request, &answer)
	if errors.Is(err, pgx.ErrNoRows) {
		return nil, nil
	}
	if err != nil {
		return nil, fmt.Errorf("look up an idempotency key: %w", explain(err))
	}
	return key.Replay(request, answer)
}
