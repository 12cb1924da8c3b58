package postgres

import (
	"context"
	"fmt"
	"time"

	"github.com/jackc/pgx/v5"

	"relais/inbox"
	"relais/sms"
	"relais/store/group"
	"relais/store/table"
)

// receiving are the receipts of one Receive on their way to disk. They are
// judged anew when their message moved meanwhile.
type receiving struct {
	connector string
	pushed    bool // receipts that no message is known by wait
	at        time.Time
	receipts  []sms.Receipt
	stored    []int64         // where each of them waited, if they came early; they go from there
	verdicts  []inbox.Verdict // empty: not judged yet
	moved     []sms.ID
	accounts  []string // of each of them
	optOuts   int
}

// Receive implements gateway.Store. Receipts share statements with those of other
// pushes; replies and blocks are rare and have a transaction each. All of it may
// be told again, so that a failure between them loses nothing.
func (s *Store) Receive(ctx context.Context, r *inbox.Reception) (received inbox.Received, err error) {
	received.Verdicts = map[inbox.Verdict]int{}
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

func (s *Store) receiveReceipts(ctx context.Context, r *inbox.Reception, received *inbox.Received) error {
	request := &receiving{
		connector: r.Connector, pushed: r.Pushed, at: r.At, receipts: make([]sms.Receipt, len(r.Receipts)),
		verdicts: make([]inbox.Verdict, len(r.Receipts)),
	}
	for i := range r.Receipts {
		request.receipts[i] = cleaned(r.Receipts[i])
	}
	if err := s.receives.Do(ctx, request); err != nil {
		return err
	}
	for _, verdict := range request.verdicts {
		received.Verdicts[verdict]++
	}
	received.Moved, received.Accounts, received.OptOuts = request.moved, request.accounts, request.optOuts
	return nil
}

func cleaned(r sms.Receipt) sms.Receipt {
	r.ProviderID, r.Code, r.Text, r.Part = clean(r.ProviderID), clean(r.Code), clean(r.Text), clean(r.Part)
	return r
}

// writeReceipts works in waves: each judges at most one receipt of a message, by
// what the wave before left of it.
func (s *Store) writeReceipts(ctx context.Context, group []*receiving) error {
	const most = 1000 // a receipt's message moves a few times at most
	for range most {
		wave := waveOf(group)
		if len(wave) == 0 {
			return nil
		}
		if err := s.writeReceiptWave(ctx, wave); err != nil {
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
	arrived inbox.Arrived // of its parts
	found   bool
	verdict inbox.Verdict // should it be written
	again   bool          // it is judged once more then
}

func (i *item) receipt() *sms.Receipt { return &i.request.receipts[i.at] }

func (i *item) judged(v inbox.Verdict) { i.request.verdicts[i.at] = v }

// waveOf takes the receipts that are not judged yet.
func waveOf(group []*receiving) (wave []*item) {
	for _, r := range group {
		for i := range r.receipts {
			if r.verdicts[i] == "" {
				wave = append(wave, &item{request: r, at: i})
			}
		}
	}
	return wave
}

const messageOfReceipt = "m.account, m.id, m.recipient, m.status, m.reason, m.attempt, " +
	"coalesce(m.provider_id, '')"

const (
	selectByProvider = `SELECT t.ord, coalesce(m.arrived, ''), ` + messageOfReceipt + `
	FROM unnest($1::text[], $2::text[]) WITH ORDINALITY AS t (connector, provider_id, ord)
	JOIN messages m ON m.connector = t.connector AND m.provider_id = t.provider_id`
	// selectByRef walks the accounts, which are few, and not the messages.
	selectByRef = `SELECT t.ord, coalesce(m.arrived, ''), ` + messageOfReceipt + `
	FROM unnest($1::uuid[]) WITH ORDINALITY AS t (id, ord) CROSS JOIN accounts a
	CROSS JOIN LATERAL (SELECT * FROM messages WHERE account = a.name AND id = t.id LIMIT 1) AS m`
)

// find reads the messages of a wave, by the operator's id, else by ours.
func (s *Store) find(ctx context.Context, wave []*item) error {
	var connectors, providers []string
	var refs uuids
	var byProvider, byRef []*item
	for _, i := range wave {
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
			var m sms.Message
			var arrived inbox.Arrived
			if err := scanLinked(rows, &m, &ord, &arrived); err != nil {
				return err
			}
			if i := items[ord-1]; !i.found {
				i.message, i.arrived, i.found = m, arrived, true
			}
		}
		return rows.Err()
	}
}

// optOutBy is the change of a list that a receipt makes.
type optOutBy struct {
	item   *item
	change inbox.OptOutChange
}

// judgement is what a wave writes, with the receipts that it comes from.
type judgement struct {
	moves          transitionRows
	notes          noteRows
	moving, noting []*item
	idle           []*item // that write nothing
	optOuts        []optOutBy
	written        map[*item]bool
	early          bool           // some waited for their message
	listed         map[*item]bool // whose number went on a list
}

// judge takes a receipt whose message is found, and reports whether it is to be
// written.
func (j *judgement) judge(i *item) (writes bool, err error) {
	t, verdict := inbox.Judge(&i.message, i.arrived, i.receipt(), i.request.connector, i.request.at)
	i.verdict = verdict
	switch {
	case verdict.Notes():
		j.notes.add(&t, i)
		j.noting = append(j.noting, i)
	case verdict.Moves():
		if err := j.moves.add(&t); err != nil {
			return false, err
		}
		i.again = inbox.Again(&t, i.receipt())
		j.moving = append(j.moving, i)
	default:
		j.leave(i, verdict)
		return false, nil
	}
	if c, asks := inbox.ByReceipt(&i.message, i.receipt(), verdict, i.request.connector, i.request.at); asks {
		j.optOuts = append(j.optOuts, optOutBy{i, c})
	}
	return true, nil
}

// leave gives a receipt of which nothing is written its verdict.
func (j *judgement) leave(i *item, v inbox.Verdict) {
	i.judged(v)
	if i.request.stored != nil {
		j.idle = append(j.idle, i)
	}
}

// taken are the places at which receipts of this wave waited. One that did not fit keeps
// its place until a further wave.
func (j *judgement) taken() (stored []int64) {
	add := func(i *item) {
		if i.request.stored != nil {
			stored = append(stored, i.request.stored[i.at])
		}
	}
	for _, i := range j.idle {
		add(i)
	}
	for _, i := range j.noting {
		if j.written[i] || i.verdict != inbox.Part {
			add(i)
		}
	}
	for _, i := range j.moving {
		if j.written[i] && !i.again {
			add(i)
		}
	}
	return stored
}

// writeReceiptWave judges what is found and writes what comes of it in one
// transaction. What did not fit any more is left for the next wave, and so is a
// further receipt of the same message.
func (s *Store) writeReceiptWave(ctx context.Context, wave []*item) error {
	if err := s.find(ctx, wave); err != nil {
		return err
	}
	j := &judgement{written: map[*item]bool{}, listed: map[*item]bool{}}
	for _, i := range wave {
		j.early = j.early || i.request.stored != nil
	}
	var unknown []*item
	seen := map[sms.ID]bool{}
	for _, i := range wave {
		switch {
		case !i.found && i.request.pushed:
			unknown = append(unknown, i)
		case !i.found:
			j.leave(i, inbox.Dropped)
		case !seen[i.message.ID]:
			writes, err := j.judge(i)
			if err != nil {
				return err
			}
			seen[i.message.ID] = writes
		}
	}
	if err := s.keepUnknown(ctx, unknown); err != nil {
		return err
	}
	if len(j.moving)+len(j.noting)+len(j.idle) == 0 {
		return nil
	}
	if err := s.writeJudgement(ctx, j); err != nil {
		return err
	}
	j.tell()
	return nil
}

// writeJudgement writes moves and notes. In the same transaction a number that a receipt
// says opted out goes on its list, and a receipt that came early leaves its place.
func (s *Store) writeJudgement(ctx context.Context, j *judgement) error {
	batch := &pgx.Batch{}
	j.moves.queue(batch, func(at int, _ string) { j.written[j.moving[at]] = true })
	j.notes.queue(batch, func(at int) { j.written[j.noting[at]] = true })
	if len(j.optOuts) == 0 && !j.early {
		return write(ctx, s.pool, batch)
	}
	return pgx.BeginFunc(ctx, s.pool, func(tx pgx.Tx) error {
		if err := tx.SendBatch(ctx, batch).Close(); err != nil {
			return err
		}
		if err := j.listOptOuts(ctx, tx); err != nil || !j.early {
			return err
		}
		_, err := tx.Exec(ctx, deleteTaken, j.taken())
		return err
	})
}

// tell gives each receipt its verdict. A move that did not fit stays unjudged, and so does a part beside which
// another one arrived meanwhile.
func (j *judgement) tell() {
	for _, i := range j.moving {
		if j.written[i] {
			if !i.again {
				i.judged(i.verdict)
			}
			i.request.moved = append(i.request.moved, i.message.ID)
			i.request.accounts = append(i.request.accounts, i.message.Account)
		}
	}
	for _, i := range j.noting {
		switch {
		case j.written[i]:
			i.judged(i.verdict)
		case i.verdict != inbox.Part:
			i.judged(inbox.Repeated)
		}
	}
	for i := range j.listed {
		i.request.optOuts++
	}
}

func (j *judgement) listOptOuts(ctx context.Context, tx pgx.Tx) error {
	behind := within(ctx, tx, group.Most*group.Most) // the numbers of the moves
	for _, o := range j.optOuts {
		if !j.written[o.item] {
			continue
		}
		added, err := arrivals.AddOptOut(behind, &o.change)
		if err != nil {
			return err
		}
		if added {
			j.listed[o.item] = true
		}
	}
	return nil
}

// lockNoted locks the messages that receipts are noted of, so that noteReceipts, a
// statement of its own, sees what others noted until then. Otherwise it would wait for
// their locks and look at the timeline as it was before.
const lockNoted = `SELECT 1 FROM messages m WHERE (m.account, m.id) IN (SELECT *
	FROM unnest($1::text[], $2::uuid[]))
	ORDER BY m.account, m.id FOR UPDATE`

// noteReceipts puts receipts that move nothing in timelines, each once. The words of
// one that contradicts the end of its message are not the message's. What a part says is kept beside
// those parts that it was judged by.
const noteReceipts = `UPDATE messages m
	SET operator_code = CASE WHEN t.contradicts THEN m.operator_code ELSE t.operator_code END,
		operator_text = CASE WHEN t.contradicts THEN m.operator_text ELSE t.operator_text END,
		updated_at = CASE WHEN t.contradicts THEN m.updated_at ELSE t.at END,
		timeline = m.timeline || t.line, events = m.events + 1,
		arrived = CASE WHEN t.joined = '' THEN m.arrived ELSE t.joined END
	FROM unnest($1::text[], $2::uuid[], $3::bigint[], $4::text[], $5::text[], $6::text[], $7::text[], $8::text[],
		$9::boolean[], $11::text[], $12::text[]) WITH ORDINALITY
		AS t (account, id, at, status, line, noted_as, operator_code, operator_text, contradicts, arrived, joined, ord)
	WHERE m.account = t.account AND m.id = t.id AND m.status || '' = t.status
		AND CASE WHEN t.joined = '' THEN m.events < $10 AND strpos(chr(10) || m.timeline, t.noted_as) = 0
			ELSE coalesce(m.arrived, '') = t.arrived END
	RETURNING t.ord`

type noteRows struct {
	ids                                                              uuids
	accounts, statuses, lines, notedAs, operatorCodes, operatorTexts []string
	at                                                               []int64
	contradict                                                       []bool
	arrived, joined                                                  []string // of parts
}

func (c *noteRows) add(t *sms.Transition, i *item) {
	c.contradict = append(c.contradict, !i.verdict.HasWords())
	var joined inbox.Arrived
	if i.verdict == inbox.Part {
		joined = i.arrived.With(i.receipt())
	}
	c.arrived, c.joined = append(c.arrived, string(i.arrived)), append(c.joined, string(joined))
	c.accounts, c.ids, c.at = append(c.accounts, t.Account), append(c.ids, t.ID),
		append(c.at, micros(t.Event.At))
	c.statuses, c.lines = append(c.statuses, string(t.From)), append(c.lines, line(&t.Event))
	c.notedAs = append(c.notedAs, table.NotedAs(&t.Event))
	c.operatorCodes = append(c.operatorCodes, t.Event.OperatorCode)
	c.operatorTexts = append(c.operatorTexts, t.Event.OperatorText)
}

func (c *noteRows) queue(batch *pgx.Batch, noted func(at int)) {
	if len(c.ids) == 0 {
		return
	}
	batch.Queue(lockNoted, c.accounts, c.ids)
	batch.Queue(noteReceipts, c.accounts, c.ids, c.at, c.statuses, c.lines, c.notedAs, c.operatorCodes,
		c.operatorTexts, c.contradict, table.MostNoted, c.arrived, c.joined).Query(func(rows pgx.Rows) error {
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
