package postgres

import (
	"context"
	"encoding/json"
	"fmt"
	"time"

	"github.com/jackc/pgx/v5"

	"relais/gateway"
	"relais/sms"
	"relais/webhook"
)

// The outbox is read by cursors, so that nothing may appear behind one: an event
// of a transaction that ends late must not have a smaller number than one that
// was read. A sequence does not give that. The number of the transaction does:
// seq is that number, shifted, and a count of events within the transaction. What
// is smaller than the oldest transaction that still runs has ended, and readers
// of the feed go no further (seenAll).
//
// Events of one message are in order too: the second is made by somebody who had
// read the first, so its transaction began to write later and has a larger
// number.
const (
	seqShift = "20" // a transaction writes at most a million events
	seqBase  = "(SELECT value::bigint FROM settings WHERE name = 'outbox_base')"
	seqOf    = "(" + seqBase + " + (pg_current_xact_id()::text::bigint << " + seqShift + "))"
	seenAll  = "(" + seqBase + " + (pg_snapshot_xmin(pg_current_snapshot())::text::bigint << " + seqShift + "))"
)

// raiseBase keeps numbers rising in a cluster that counts transactions from a lower
// one than that which made them: a dump was restored into it.
const raiseBase = `UPDATE settings SET value = (last.seq + (1 << ` + seqShift + `) - (pg_current_xact_id()::text::bigint << ` + seqShift + `))::text
	FROM (SELECT max(seq) AS seq FROM (SELECT name FROM accounts UNION ALL SELECT '') AS a (name)
		CROSS JOIN LATERAL (SELECT seq FROM outbox WHERE account = a.name ORDER BY seq DESC LIMIT 1) AS o) AS last
	WHERE settings.name = 'outbox_base' AND last.seq >= ` + seqOf

// subscribed holds for the endpoints e that asked for events like o.
const subscribed = `e.state <> 'disabled' AND e.origin = 'api' AND (e.events = ',*,' OR strpos(e.events, ',' || o.type || ',') > 0)`

// giveUp is webhook.GiveUp in microseconds; TestGiveUp compares them.
const giveUp = "259200000000"

// tell puts an event that carries its own data in the outbox. An event without
// an account is of the whole gateway and goes to every account.
const insertTold = `WITH o AS (
	INSERT INTO outbox (account, seq, type, subject, event, at, data)
	VALUES ($1, ` + seqOf + ` + $2, $3, $4, 0, $5, $6) RETURNING account, seq, type, subject, at
), sent AS (
	INSERT INTO deliveries (account, endpoint, seq, subject, state, attempts, next_at, until, last_at, status, error)
	SELECT e.account, e.id, o.seq, o.subject, 'pending', 0, o.at, o.at + ` + giveUp + `, 0, 0, ''
	FROM o JOIN endpoints e ON (o.account = '' OR e.account = o.account) AND ` + subscribed + `
)
SELECT seq FROM o`

// told is an event with its own data.
type told struct {
	account string // empty: of the whole gateway
	kind    webhook.Type
	subject sms.ID
	at      time.Time
	data    []byte
}

// tell writes w as the nth event of the transaction.
func tell(ctx context.Context, tx pgx.Tx, n int, w told) (seq int64, err error) {
	err = tx.QueryRow(ctx, insertTold, w.account, n, string(w.kind), id(w.subject), micros(w.at), clean(string(w.data))).Scan(&seq)
	if err != nil {
		return 0, fmt.Errorf("put an event in the outbox: %w", err)
	}
	return seq, nil
}

// TellAll implements gateway.Store.
func (s *Store) TellAll(ctx context.Context, kind string, subject sms.ID, at time.Time, data []byte) error {
	return s.transact(ctx, func(ctx context.Context, tx pgx.Tx) error {
		_, err := tell(ctx, tx, 1, told{kind: webhook.Type(kind), subject: subject, at: at, data: data})
		return err
	})
}

// transact runs a use case of a few statements in a transaction of its own.
func (s *Store) transact(ctx context.Context, f func(context.Context, pgx.Tx) error) error {
	return again(ctx, func(ctx context.Context) error {
		return pgx.BeginFunc(ctx, s.pool, func(tx pgx.Tx) error { return f(ctx, tx) })
	})
}

// Feed implements webhook.Store.
func (s *Store) Feed(ctx context.Context, account string, after int64, types []webhook.Type, limit int) ([]webhook.Event, error) {
	rows, err := s.pool.Query(ctx, selectFeed, account, after, typeNames(types), limit)
	found, err := collect(rows, err, func(r row) (webhook.Event, error) { return scanEvent(r, nil) })
	if err != nil {
		return nil, fmt.Errorf("read the feed: %w", err)
	}
	return found, nil
}

func typeNames(types []webhook.Type) []string {
	names := make([]string, len(types))
	for i, t := range types {
		names[i] = string(t)
	}
	return names
}

// feedOf reads one owner's part of the feed; no types: all.
func feedOf(owner string) string {
	return `(SELECT account, seq FROM outbox WHERE account = ` + owner + ` AND seq > $2 AND seq < ` + seenAll + `
		AND (cardinality($3::text[]) = 0 OR type = ANY ($3)) ORDER BY seq LIMIT $4)`
}

var selectFeed = "SELECT " + eventColumns + " FROM (" + feedOf("$1") + " UNION ALL " + feedOf("''") + `) d
	JOIN outbox o ON o.account = d.account AND o.seq = d.seq` + eventTables + "ORDER BY d.seq LIMIT $4"

// eventColumns are what an event is made of: its own data, or its message's.
const eventColumns = `o.seq, o.account, o.type, o.subject, o.at, o.data,
	v.status, v.code, v.detail, v.at, v.operator_code, v.operator_text,
	m.recipient, m.connector, m.provider_id, m.segments, m.reference, s.class, s.sender,
	CASE WHEN m.recipient <> '~' THEN s.metadata END`

const eventTables = `
	LEFT JOIN events v ON o.event > 0 AND v.account = o.account AND v.message = o.subject AND v.seq = o.event
	LEFT JOIN messages m ON o.event > 0 AND m.account = o.account AND m.id = o.subject
	LEFT JOIN submissions s ON s.account = m.account AND s.id = m.submission `

// scanEvent reads eventColumns, after what else the row begins with.
func scanEvent(r row, before []any) (webhook.Event, error) {
	var e webhook.Event
	var at int64
	var data *string
	var m messageEvent
	if err := r.Scan(append(append(before, &e.Seq, &e.Account, &e.Type, (*[16]byte)(&e.Subject), &at, &data), m.columns()...)...); err != nil {
		return e, err
	}
	e.At = fromMicros(at)
	if data != nil {
		e.Data = json.RawMessage(*data)
		return e, nil
	}
	var err error
	e.Data, err = m.data(e.Subject)
	return e, err
}

// messageEvent are the columns of a message's event; nil where there is none.
type messageEvent struct {
	status, code, detail, operatorCode, operatorText   *string
	recipient, connector, providerID, reference, class *string
	sender, metadata                                   *string
	at                                                 *int64
	segments                                           *int
}

func (m *messageEvent) columns() []any {
	return []any{
		&m.status, &m.code, &m.detail, &m.at, &m.operatorCode, &m.operatorText,
		&m.recipient, &m.connector, &m.providerID, &m.segments, &m.reference, &m.class, &m.sender, &m.metadata,
	}
}

func or[T any](value *T) (plain T) {
	if value != nil {
		plain = *value
	}
	return plain
}

func (m *messageEvent) data(subject sms.ID) (json.RawMessage, error) {
	d := webhook.MessageData{
		ID: subject, To: sms.Number(or(m.recipient)), Status: sms.Status(or(m.status)), Reason: or(m.code), Detail: or(m.detail),
		OperatorCode: or(m.operatorCode), OperatorText: or(m.operatorText), At: fromMicros(or(m.at)),
		Class: sms.Class(or(m.class)), Sender: sms.Sender(or(m.sender)), Connector: or(m.connector),
		ProviderID: or(m.providerID), Segments: or(m.segments), Reference: or(m.reference),
	}
	if m.metadata != nil {
		if err := json.Unmarshal([]byte(*m.metadata), &d.Metadata); err != nil {
			return nil, fmt.Errorf("metadata: %w", err)
		}
	}
	return json.Marshal(d)
}

var _ gateway.Store = (*Store)(nil)
