package postgres

import (
	"context"
	"fmt"
	"time"

	"github.com/jackc/pgx/v5"

	"relais/gateway"
	"relais/sms"
)

// receiving are the receipts of one Receive on their way to disk. They are
// judged anew when their message moved meanwhile.
type receiving struct {
	connector string
	pushed    bool // what no message is known by waits
	at        time.Time
	receipts  []sms.Receipt
	verdicts  []gateway.Verdict // empty: not judged yet
	moved     []sms.ID
	optOuts   int
}

// Receive implements gateway.Store. Receipts share statements with those of other
// pushes; replies and blocks are rare and have a transaction each. All of it may
// be told again, so that a failure between them loses nothing.
func (s *Store) Receive(ctx context.Context, r *gateway.Reception) (received gateway.Received, err error) {
	received.Verdicts = map[gateway.Verdict]int{}
	if len(r.Receipts) > 0 {
		if err := s.receiveReceipts(ctx, r, &received); err != nil {
			return received, fmt.Errorf("store receipts: %w", err)
		}
	}
	for i := range r.Inbounds {
		if err := s.receiveInbound(ctx, r, r.Inbounds[i], &received); err != nil {
			return received, fmt.Errorf("store a reply: %w", err)
		}
	}
	for i := range r.Blocks {
		if err := s.receiveBlock(ctx, r, &r.Blocks[i], &received); err != nil {
			return received, fmt.Errorf("store a block: %w", err)
		}
	}
	return received, nil
}

func (s *Store) receiveReceipts(ctx context.Context, r *gateway.Reception, received *gateway.Received) error {
	request := &receiving{
		connector: r.Connector, pushed: r.Pushed, at: r.At, receipts: make([]sms.Receipt, len(r.Receipts)),
		verdicts: make([]gateway.Verdict, len(r.Receipts)),
	}
	for i := range r.Receipts {
		request.receipts[i] = cleaned(r.Receipts[i])
	}
	if err := s.receives.do(ctx, request); err != nil {
		return err
	}
	for _, verdict := range request.verdicts {
		received.Verdicts[verdict]++
	}
	received.Moved, received.OptOuts = request.moved, request.optOuts
	return nil
}

func cleaned(r sms.Receipt) sms.Receipt {
	r.ProviderID, r.Code, r.Text = clean(r.ProviderID), clean(r.Code), clean(r.Text)
	return r
}

// writeReceipts works in waves: each judges at most one receipt of a message, by
// what the wave before left of it.
func (s *Store) writeReceipts(ctx context.Context, group []*receiving) error {
	const most = 1000 // a receipt's message moves a few times at most
	for range most {
		w := waveOf(group)
		if len(w.items) == 0 {
			return nil
		}
		if err := s.writeReceiptWave(ctx, w); err != nil {
			return err
		}
	}
	return fmt.Errorf("receipts of messages that never stop moving")
}

// item is one receipt of a wave, with the message that it is about.
type item struct {
	request *receiving
	at      int
	message sms.Message
	found   bool
}

func (i *item) receipt() *sms.Receipt { return &i.request.receipts[i.at] }

func (i *item) judged(v gateway.Verdict) { i.request.verdicts[i.at] = v }

type wave struct{ items []*item }

// waveOf takes what is not judged yet.
func waveOf(group []*receiving) *wave {
	w := &wave{}
	for _, r := range group {
		for i := range r.receipts {
			if r.verdicts[i] == "" {
				w.items = append(w.items, &item{request: r, at: i})
			}
		}
	}
	return w
}

const messageOfReceipt = "m.account, m.id, m.recipient, m.status, m.attempt, coalesce(m.provider_id, '')"

const (
	selectByProvider = `SELECT t.ord, ` + messageOfReceipt + `
	FROM unnest($1::text[], $2::text[]) WITH ORDINALITY AS t (connector, provider_id, ord)
	JOIN messages m ON m.connector = t.connector AND m.provider_id = t.provider_id`
	// selectByRef walks the accounts, which are few, and not the messages.
	selectByRef = `SELECT t.ord, ` + messageOfReceipt + `
	FROM unnest($1::uuid[]) WITH ORDINALITY AS t (id, ord) CROSS JOIN accounts a
	CROSS JOIN LATERAL (SELECT * FROM messages WHERE account = a.name AND id = t.id LIMIT 1) AS m`
)

// find reads the messages of a wave, by the operator's id, else by ours.
func (s *Store) find(ctx context.Context, w *wave) error {
	var connectors, providers []string
	var refs uuids
	var byProvider, byRef []*item
	for _, i := range w.items {
		if i.receipt().ProviderID != "" {
			connectors, providers = append(connectors, i.request.connector), append(providers, i.receipt().ProviderID)
			byProvider = append(byProvider, i)
		}
		if !i.receipt().Ref.IsZero() {
			refs, byRef = append(refs, i.receipt().Ref), append(byRef, i)
		}
	}
	batch := &pgx.Batch{}
	if len(byProvider) > 0 {
		batch.Queue(selectByProvider, connectors, providers).Query(foundOf(byProvider))
	}
	if len(byRef) > 0 {
		batch.Queue(selectByRef, refs).Query(foundOf(byRef))
	}
	if batch.Len() == 0 {
		return nil
	}
	return s.pool.SendBatch(ctx, batch).Close()
}

func foundOf(items []*item) func(pgx.Rows) error {
	return func(rows pgx.Rows) error {
		for rows.Next() {
			var ord int
			m := sms.Message{}
			if err := rows.Scan(&ord, &m.Account, (*[16]byte)(&m.ID), &m.To, &m.Status, &m.Attempt, &m.ProviderID); err != nil {
				return err
			}
			if i := items[ord-1]; !i.found {
				i.message, i.found = m, true
			}
		}
		return rows.Err()
	}
}

// writeReceiptWave judges what is found and writes what comes of it in one
// transaction. What did not fit any more is left for the next wave.
func (s *Store) writeReceiptWave(ctx context.Context, w *wave) error {
	if err := s.find(ctx, w); err != nil {
		return err
	}
	var moves transitionRows
	var notes noteRows
	var moving, noting, optedOut, unknown []*item
	seen := map[sms.ID]bool{}
	for _, i := range w.items {
		switch {
		case !i.found && i.request.pushed:
			unknown = append(unknown, i)
			continue
		case !i.found:
			i.judged(gateway.Dropped)
			continue
		case seen[i.message.ID]:
			continue // in the next wave
		}
		t, verdict := gateway.Judge(&i.message, i.receipt(), i.request.connector, i.request.at)
		switch verdict {
		case gateway.Noted:
			notes.add(&t)
			noting = append(noting, i)
		case gateway.Applied:
			if err := moves.add(&t); err != nil {
				return err
			}
			moving = append(moving, i)
		default:
			i.judged(verdict)
			continue
		}
		seen[i.message.ID] = true
		if i.receipt().Reason == sms.ReasonOptedOut {
			optedOut = append(optedOut, i)
		}
	}
	if err := s.keepUnknown(ctx, unknown); err != nil {
		return err
	}
	return s.writeJudged(ctx, &moves, moving, &notes, noting, optedOut)
}

// writeJudged writes moves and notes; those that did not fit stay unjudged. A
// number that a receipt says opted out goes on its list in the same transaction.
func (s *Store) writeJudged(ctx context.Context, moves *transitionRows, moving []*item, notes *noteRows, noting, optedOut []*item) error {
	if len(moving)+len(noting) == 0 {
		return nil
	}
	moved, noted := map[*item]bool{}, map[*item]bool{}
	batch := &pgx.Batch{}
	moves.queue(batch, 0, func(at int, _ bool) { moved[moving[at]] = true })
	notes.queue(batch, func(at int) { noted[noting[at]] = true })
	listed := map[*item]bool{}
	write := func(ctx context.Context) error {
		if len(optedOut) == 0 {
			return s.pool.SendBatch(ctx, batch).Close()
		}
		return pgx.BeginFunc(ctx, s.pool, func(tx pgx.Tx) error {
			if err := tx.SendBatch(ctx, batch).Close(); err != nil {
				return err
			}
			return listOptOuts(ctx, tx, optedOut, func(i *item) bool { return moved[i] || noted[i] }, listed)
		})
	}
	if err := write(ctx); err != nil {
		return err
	}
	for _, i := range moving {
		if moved[i] {
			i.judged(gateway.Applied)
			i.request.moved = append(i.request.moved, i.message.ID)
		}
	}
	for _, i := range noting {
		if i.judged(gateway.Repeated); noted[i] {
			i.judged(gateway.Noted)
		}
	}
	for i := range listed {
		i.request.optOuts++
	}
	return nil
}

func listOptOuts(ctx context.Context, tx pgx.Tx, items []*item, written func(*item) bool, listed map[*item]bool) error {
	n := maxGroup * maxGroup // behind the numbers of the moves
	for _, i := range items {
		if !written(i) {
			continue
		}
		n++
		added, err := addOptOut(ctx, tx, n, &gateway.OptOutChange{
			ID: sms.NewID(i.request.at), Account: i.message.Account, Number: i.message.To, Added: true, Source: gateway.FromReceipt,
			Actor: "operator:" + i.request.connector, Message: i.message.ID, Note: i.receipt().Code, At: i.request.at,
		})
		if err != nil {
			return err
		}
		if added {
			listed[i] = true
		}
	}
	return nil
}

// noteReceipts puts receipts that tell nothing final in timelines, each once.
const noteReceipts = `WITH t AS (
	SELECT * FROM unnest($1::text[], $2::uuid[], $3::bigint[], $4::text[], $5::text[], $6::text[], $7::text[], $8::integer[], $9::text[],
		$10::text[]) WITH ORDINALITY
	AS t (account, id, at, status, actor, code, detail, attempt, operator_code, operator_text, ord)
), moved AS (
	UPDATE messages m SET operator_code = t.operator_code, operator_text = t.operator_text, updated_at = t.at, events = m.events + 1
	FROM t WHERE m.account = t.account AND m.id = t.id AND m.status = t.status AND NOT EXISTS (
		SELECT 1 FROM events e WHERE e.account = t.account AND e.message = t.id AND e.code = t.code AND e.operator_code = t.operator_code)
	RETURNING m.events, t.*
), written AS (
	INSERT INTO events (account, message, seq, at, status, actor, code, detail, attempt, operator_code, operator_text)
	SELECT account, id, events, at, status, actor, code, detail, attempt, operator_code, operator_text
	FROM moved ON CONFLICT DO NOTHING
)
SELECT ord FROM moved`

type noteRows struct {
	ids                                                                      uuids
	accounts, statuses, actors, codes, details, operatorCodes, operatorTexts []string
	at                                                                       []int64
	attempts                                                                 []int32
}

func (c *noteRows) add(t *sms.Transition) {
	c.accounts, c.ids, c.at = append(c.accounts, t.Account), append(c.ids, t.ID), append(c.at, micros(t.Event.At))
	c.statuses, c.actors, c.codes = append(c.statuses, string(t.From)), append(c.actors, t.Event.Actor), append(c.codes, t.Event.Code)
	c.details, c.attempts = append(c.details, clean(t.Event.Detail)), append(c.attempts, int32(t.Event.Attempt))
	c.operatorCodes = append(c.operatorCodes, t.Event.OperatorCode)
	c.operatorTexts = append(c.operatorTexts, t.Event.OperatorText)
}

func (c *noteRows) queue(batch *pgx.Batch, noted func(at int)) {
	if len(c.ids) == 0 {
		return
	}
	batch.Queue(noteReceipts, c.accounts, c.ids, c.at, c.statuses, c.actors, c.codes, c.details, c.attempts, c.operatorCodes,
		c.operatorTexts).Query(func(rows pgx.Rows) error {
		for rows.Next() {
			var ord int
			if err := rows.Scan(&ord); err != nil {
				return err
			}
			noted(ord - 1)
		}
		return rows.Err()
	})
}

const (
	// insertReceipts keeps receipts that no message is known by.
	insertReceipts = `INSERT INTO receipts (connector, provider_id, ref, status, reason, code, text, at, received_at)
	SELECT DISTINCT ON (t.connector, t.provider_id, t.status, t.code, ref) t.connector, t.provider_id, coalesce(t.ref, ` + zeroID + `) AS ref,
		t.status, t.reason, t.code, t.text, t.at, t.received_at
	FROM unnest($1::text[], $2::text[], $3::uuid[], $4::text[], $5::text[], $6::text[], $7::text[], $8::bigint[], $9::bigint[])
		AS t (connector, provider_id, ref, status, reason, code, text, at, received_at)
	WHERE NOT EXISTS (SELECT 1 FROM messages m WHERE m.connector = t.connector AND m.provider_id = t.provider_id)
	ON CONFLICT DO NOTHING RETURNING connector, provider_id, ref, status, code`
	// selectKnown finds those whose message came to be known meanwhile.
	selectKnown = `SELECT t.ord FROM unnest($1::text[], $2::text[]) WITH ORDINALITY AS t (connector, provider_id, ord)
	WHERE EXISTS (SELECT 1 FROM messages m WHERE m.connector = t.connector AND m.provider_id = t.provider_id)`
)

// kept is what makes a receipt that waits the same as another.
type kept struct {
	connector, provider string
	ref                 sms.ID
	status, code        string
}

// keepUnknown lets receipts wait for their message. It holds the locks of their
// operator's ids, so that a message that gets its id at this moment is either
// seen here or sees them there.
func (s *Store) keepUnknown(ctx context.Context, items []*item) error {
	if len(items) == 0 {
		return nil
	}
	var connectors, statuses, reasons, codes, text []string
	var providers []string
	var refs uuids
	var at, received []int64
	for _, i := range items {
		r := i.receipt()
		connectors, providers, refs = append(connectors, i.request.connector), append(providers, r.ProviderID), append(refs, r.Ref)
		statuses, reasons = append(statuses, string(r.Status)), append(reasons, string(r.Reason))
		codes, text = append(codes, r.Code), append(text, r.Text)
		at, received = append(at, micros(r.At)), append(received, micros(i.request.at))
	}
	fresh, known := map[kept]bool{}, map[int]bool{}
	batch := &pgx.Batch{}
	batch.Queue(lockProviders, texts(providers))
	batch.Queue(insertReceipts, connectors, providers, refs, statuses, reasons, codes, text, at, received).Query(func(rows pgx.Rows) error {
		for rows.Next() {
			var k kept
			if err := rows.Scan(&k.connector, &k.provider, (*[16]byte)(&k.ref), &k.status, &k.code); err != nil {
				return err
			}
			fresh[k] = true
		}
		return rows.Err()
	})
	batch.Queue(selectKnown, connectors, providers).Query(func(rows pgx.Rows) error {
		for rows.Next() {
			var ord int
			if err := rows.Scan(&ord); err != nil {
				return err
			}
			known[ord-1] = true
		}
		return rows.Err()
	})
	if err := s.pool.SendBatch(ctx, batch).Close(); err != nil {
		return err
	}
	for n, i := range items {
		if known[n] {
			continue // judged in the next wave
		}
		k := kept{i.request.connector, i.receipt().ProviderID, i.receipt().Ref, string(i.receipt().Status), i.receipt().Code}
		if i.judged(gateway.Repeated); fresh[k] {
			i.judged(gateway.Kept)
			delete(fresh, k)
		}
	}
	return nil
}

const (
	selectEarly = `SELECT id, connector, provider_id, ref, status, reason, code, text, at FROM receipts WHERE provider_id = $1 ORDER BY id`
	// selectStranded finds receipts whose message is known: a node died between
	// the two.
	selectStranded = `SELECT r.provider_id FROM receipts r
	CROSS JOIN LATERAL (SELECT 1 FROM messages m WHERE m.connector = r.connector AND m.provider_id = r.provider_id LIMIT 1) AS known`
)

// takeEarly gives a message that has just got its operator's id the receipts
// that came before it, and returns which it moved. A node that dies before it is
// done leaves them to matchStranded.
func (s *Store) takeEarly(ctx context.Context, providerID string, now time.Time) (moved []sms.ID, err error) {
	ids, early, err := s.early(ctx, clean(providerID), now)
	if err != nil || len(ids) == 0 {
		return nil, err
	}
	for _, r := range early {
		if err := s.receives.do(ctx, r); err != nil {
			return moved, err
		}
		moved = append(moved, r.moved...)
	}
	_, err = s.pool.Exec(ctx, "DELETE FROM receipts WHERE id = ANY ($1)", ids)
	return moved, explainWrapped(err)
}

func (s *Store) early(ctx context.Context, providerID string, now time.Time) (ids []int64, early []*receiving, err error) {
	rows, err := s.pool.Query(ctx, selectEarly, providerID)
	_, err = collect(rows, err, func(row row) (struct{}, error) {
		var rowID, at int64
		var r sms.Receipt
		request := &receiving{at: now, verdicts: make([]gateway.Verdict, 1)}
		err := row.Scan(&rowID, &request.connector, &r.ProviderID, (*[16]byte)(&r.Ref), &r.Status, &r.Reason, &r.Code, &r.Text, &at)
		r.At, request.receipts = fromMicros(at), []sms.Receipt{r}
		ids, early = append(ids, rowID), append(early, request)
		return struct{}{}, err
	})
	if err != nil {
		return nil, nil, fmt.Errorf("read receipts that came early: %w", err)
	}
	return ids, early, nil
}

// matchStranded gives receipts to messages that are known by now.
func (s *Store) matchStranded(ctx context.Context, now time.Time) error {
	rows, err := s.pool.Query(ctx, selectStranded)
	stranded, err := collect(rows, err, func(r row) (provider string, err error) {
		err = r.Scan(&provider)
		return provider, err
	})
	if err != nil {
		return fmt.Errorf("look for receipts that wait: %w", err)
	}
	for _, provider := range stranded {
		if _, err := s.takeEarly(ctx, provider, now); err != nil {
			return err
		}
	}
	return nil
}

// UnmatchedReceipts implements gateway.Store.
func (s *Store) UnmatchedReceipts(ctx context.Context) (map[string]int, error) {
	counts := map[string]int{}
	rows, err := s.pool.Query(ctx, "SELECT connector, count(*) FROM receipts GROUP BY connector")
	_, err = collect(rows, err, func(r row) (struct{}, error) {
		var connector string
		var n int
		err := r.Scan(&connector, &n)
		counts[connector] = n
		return struct{}{}, err
	})
	if err != nil {
		return nil, fmt.Errorf("count receipts without a message: %w", err)
	}
	return counts, nil
}

// Unmatched lists the receipts that wait for a message, newest first.
func (s *Store) Unmatched(ctx context.Context, limit int) ([]gateway.UnmatchedReceipt, error) {
	rows, err := s.pool.Query(ctx, `SELECT connector, provider_id, ref, status, reason, code, text, at, received_at
		FROM receipts ORDER BY id DESC LIMIT $1`, limit)
	found, err := collect(rows, err, func(r row) (u gateway.UnmatchedReceipt, err error) {
		var at, received int64
		err = r.Scan(&u.Connector, &u.ProviderID, (*[16]byte)(&u.Ref), &u.Status, &u.Reason, &u.Code, &u.Text, &at, &received)
		u.At, u.ReceivedAt = fromMicros(at), fromMicros(received)
		return u, err
	})
	if err != nil {
		return nil, fmt.Errorf("read receipts without a message: %w", err)
	}
	return found, nil
}
