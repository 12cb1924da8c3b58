package postgres

import (
	"github.com/jackc/pgx/v5"

	"relais/sms"
	"relais/store/table"
	"relais/webhook"
)

// A transition is applied by one statement: the message moves if it still stands
// where the transition starts, its event is written, and what callers are told of
// goes into the outbox, with a delivery for each endpoint that wants it.
//
// Whoever makes a transition has read the message in an earlier transaction, or
// in this one before its first write. That keeps the outbox in the order of each
// message's events (outbox.go).
var applyTransitions = `WITH t AS (
	SELECT * FROM unnest($1::text[], $2::uuid[], $3::text[], $4::integer[], $5::text[], $6::text[],
		$7::integer[], $8::boolean[],
		$9::text[], $10::bigint[], $11::bigint[], $12::text[], $13::bigint[], $14::bigint[], $15::bigint[],
			$16::text[], $17::text[],
		$18::text[], $19::text[], $20::bigint[], $21::text[]) WITH ORDINALITY
	AS t (of_account, of_id, from_status, from_attempt, to_status, code, refund, solo, provider_id, due_at, at,
		to_connector, submitted_at,
		receipt_by, ask_at, operator_code, operator_text, line, type, to_price, from_reason, ord)
), moved AS (
	UPDATE messages m SET status = t.to_status, reason = t.code, attempt = m.attempt - t.refund, solo = m.solo
		OR t.solo,
		provider_id = coalesce(t.provider_id, m.provider_id), due_at = coalesce(t.due_at, m.due_at), 
		due_minute = CASE WHEN t.due_at IS NULL THEN m.due_minute ELSE ` + dueMinute("t.due_at",
	"t.at") + ` END, updated_at = t.at,
		connector = coalesce(t.to_connector, m.connector),
		price = CASE WHEN t.to_connector IS NULL THEN m.price
			ELSE t.to_price END, submitted_at = coalesce(m.submitted_at, t.submitted_at),
		receipt_by = t.receipt_by, ask_at = t.ask_at, asks = 0, timeline = m.timeline || t.line,
		events = m.events + 1,
		operator_code = coalesce(t.operator_code, m.operator_code), operator_text = coalesce(t.operator_text,
			m.operator_text)
	FROM t WHERE m.account = t.of_account AND m.id = t.of_id AND m.status || '' = t.from_status
		AND m.attempt = t.from_attempt
		AND m.reason = coalesce(t.from_reason, m.reason)
	RETURNING m.account, m.id, m.events, m.endpoint, m.connector, t.*
), numbered AS (
	SELECT moved.*, ` + seqOf + ` + ord AS seq FROM moved WHERE type IS NOT NULL
), told AS (
	INSERT INTO outbox (account, seq, type, subject, event, at)
	SELECT account, seq, type, id, events, at FROM numbered
), sent AS (
	INSERT INTO deliveries (account, endpoint, seq, subject, state, attempts, next_at, until, last_at, status,
		error)
	SELECT o.account, e.id, o.seq, o.id, 'pending', 0, o.at, o.at + ` + giveUp + `, 0, 0, ''
	FROM numbered o JOIN endpoints e ON e.account = o.account AND
		(` + subscribed + ` OR e.id = o.endpoint AND e.state <> 'disabled' AND e.origin = 'request')
)
SELECT ord, CASE WHEN provider_id IS NOT NULL AND EXISTS (
		SELECT 1 FROM receipts r WHERE r.connector = moved.connector AND r.provider_id = moved.provider_id)
			THEN connector ELSE '' END
FROM moved`

// lockProviders keeps a receipt from coming between a message that gets its
// operator's id and the look for receipts that came before it: keepUnknown takes
// the same locks.
const lockProviders = `SELECT pg_advisory_xact_lock(hashtextextended(p, 0)) FROM
	(SELECT DISTINCT p FROM unnest($1::text[]) AS t (p) WHERE p IS NOT NULL ORDER BY p) AS sorted`

// transitionRows are the columns of applyTransitions.
type transitionRows struct {
	ids                                                 uuids
	accounts, from, to, codes, lines                    []string
	fromAttempts, refunds                               []int32
	solo                                                []bool
	providers, connectors, operatorCodes, operatorTexts texts
	kinds, fromReasons                                  texts
	due, submitted, receiptBy, askAt                    times
	at, prices                                          []int64
}

// add refuses a move that the table of statuses lacks.
func (c *transitionRows) add(t *sms.Transition) error {
	if err := t.Check(); err != nil {
		return err
	}
	refund := int32(0)
	if t.Refund {
		refund = 1
	}
	submitted := int64(0)
	if t.To == sms.Submitted || t.To == sms.Delivered {
		submitted = micros(t.Event.At)
	}
	c.accounts, c.ids = append(c.accounts, t.Account), append(c.ids, t.ID)
	c.from, c.fromAttempts, c.to = append(c.from, string(t.From)), append(c.fromAttempts, int32(t.Attempt)),
		append(c.to, string(t.To))
	c.codes, c.refunds, c.solo = append(c.codes, clean(t.Event.Code)), append(c.refunds, refund),
		append(c.solo, t.Solo)
	c.providers, c.due = append(c.providers, clean(t.ProviderID)), append(c.due, micros(t.DueAt))
	c.at, c.connectors, c.submitted = append(c.at, micros(t.Event.At)), append(c.connectors, t.Connector),
		append(c.submitted, submitted)
	c.receiptBy, c.askAt = append(c.receiptBy, micros(t.ReceiptBy)), append(c.askAt, micros(t.AskAt))
	c.operatorCodes = append(c.operatorCodes, clean(t.Event.OperatorCode))
	c.operatorTexts = append(c.operatorTexts, clean(t.Event.OperatorText))
	c.lines = append(c.lines, line(&t.Event))
	c.prices, c.fromReasons = append(c.prices, int64(t.Price)), append(c.fromReasons, t.FromReason)
	c.kinds = append(c.kinds, string(webhook.OfStatus(t.To)))
	return nil
}

// queue applies the transitions as a part of a batch, once in a transaction. moved
// gets the position of each that was applied, and the connector at which receipts
// wait for it.
func (c *transitionRows) queue(batch *pgx.Batch, moved func(at int, early string)) {
	if len(c.ids) == 0 {
		return
	}
	for _, provider := range c.providers {
		if provider != "" {
			batch.Queue(lockProviders, c.providers)
			break
		}
	}
	batch.Queue(applyTransitions, c.accounts, c.ids, c.from, c.fromAttempts, c.to, c.codes, c.refunds, c.solo,
		c.providers, c.due,
		c.at, c.connectors, c.submitted, c.receiptBy, c.askAt, c.operatorCodes, c.operatorTexts, c.lines,
		c.kinds, c.prices, c.fromReasons).Query(func(rows pgx.Rows) error {
		for rows.Next() {
			var ord int
			var early string
			if err := rows.Scan(&ord, &early); err != nil {
				return err
			}
			moved(ord-1, early)
		}
		return rows.Err()
	})
}

// addEvent puts an event behind the others of its message.
const addEvent = "UPDATE messages SET timeline = timeline || $3, events = events + 1 WHERE account = $1 AND id = $2"

// line is an event in the timeline of its message.
func line(e *sms.Event) string {
	cleaned := *e
	cleaned.Code, cleaned.OperatorCode, cleaned.OperatorText = clean(e.Code), clean(e.OperatorCode), clean(e.OperatorText)
	return table.Line(&cleaned)
}
