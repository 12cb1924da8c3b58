package sqlite

import (
	"context"
	"database/sql"
	"encoding/json"
	"errors"
	"fmt"
	"strings"
	"time"

	"relais/gateway"
	"relais/reason"
	"relais/search"
	"relais/sms"
)

// messageColumns show no text of a message that was erased: it may be there for
// others who got it in the same request.
const messageColumns = `m.account, m.id, m.submission, m.recipient, m.connector, m.status, m.reason,
	m.segments, m.attempt,
	m.solo, coalesce(m.provider_id, ''), m.due_at, m.expires_at, m.updated_at,
	iif(m.recipient = '~', '', s.text), s.sender, s.class, s.encoding, m.reference, iif(m.recipient = '~', NULL,
		s.metadata), s.accepted_at,
	m.routes, m.chance, coalesce(m.submitted_at, 0), coalesce(m.receipt_by, 0), coalesce(m.operator_code, ''),
		coalesce(m.operator_text, ''), m.asks,
	coalesce(s.trace, ''), m.price, s.actor`

const messageTables = ` FROM messages m JOIN submissions s ON s.account = m.account AND s.id = m.submission `

// messagesBy names the index: without statistics the planner prefers the order
// of the primary key and walks the account.
func messagesBy(index string) string {
	return strings.Replace(messageTables, "messages m", "messages m INDEXED BY "+index, 1)
}

// Message returns a message of the account, or gateway.ErrNotFound.
func (s *Store) Message(ctx context.Context, account string, id sms.ID) (sms.Message, error) {
	rows, err := s.readers.QueryContext(ctx,
		"SELECT "+messageColumns+messageTables+"WHERE m.account = ? AND m.id = ?", account, id[:])
	found, err := messagesOf(rows, err)
	if err != nil {
		return sms.Message{}, err
	}
	if len(found) == 0 {
		return sms.Message{}, gateway.ErrNotFound
	}
	return found[0], nil
}

// Timeline returns the events of a message, oldest first, and the decisions
// that were taken when it was accepted; gateway.ErrNotFound when there is none.
func (s *Store) Timeline(
	ctx context.Context, account string, id sms.ID,
) ([]sms.Event, []reason.Reason, error) {
	accepted, decisions, err := s.accepted(ctx, account, id)
	if err != nil {
		return nil, nil, err
	}
	rows, err := s.readers.QueryContext(ctx, `SELECT at, status, actor, code, detail, reason, attempt,
			coalesce(operator_code, ''), coalesce(operator_text, '') FROM events
		WHERE account = ? AND message = ? ORDER BY seq`, account, id[:])
	if err != nil {
		return nil, nil, fmt.Errorf("read events: %w", explain(err))
	}
	defer rows.Close()
	events := []sms.Event{accepted}
	for rows.Next() {
		var e sms.Event
		var at int64
		var written, why string
		if err := rows.Scan(&at, &e.Status, &e.Actor, &e.Code, &written, &why, &e.Attempt, &e.OperatorCode,
			&e.OperatorText); err != nil {
			return nil, nil, fmt.Errorf("read events: %w", err)
		}
		if e.Detail, err = reason.FromText(why, written); err != nil {
			return nil, nil, fmt.Errorf("read what an event says: %w", err)
		}
		e.At = fromMicros(at)
		events = append(events, e)
	}
	return events, decisions, rows.Err()
}

func (s *Store) accepted(ctx context.Context, account string, id sms.ID) (sms.Event, []reason.Reason, error) {
	e := sms.Event{Status: sms.Queued, Code: "accepted"}
	var at int64
	var common, own []byte
	err := s.readers.QueryRowContext(ctx,
		"SELECT s.accepted_at, s.actor, s.decisions, m.decisions"+messageTables+
			"WHERE m.account = ? AND m.id = ?", account, id[:]).Scan(&at, &e.Actor, &common, &own)
	if errors.Is(err, sql.ErrNoRows) {
		return e, nil, gateway.ErrNotFound
	}
	if err != nil {
		return e, nil, fmt.Errorf("read a submission: %w", explain(err))
	}
	e.At = fromMicros(at)
	var decisions, particular []reason.Reason
	if err := json.Unmarshal(common, &decisions); err != nil {
		return e, nil, fmt.Errorf("read decisions: %w", err)
	}
	if own != nil {
		if err := json.Unmarshal(own, &particular); err != nil {
			return e, nil, fmt.Errorf("read decisions: %w", err)
		}
	}
	return e, append(decisions, particular...), nil
}

// Search returns messages, newest first. more tells that older ones match too:
// ask again with Before set to the last one's id.
func (s *Store) Search(ctx context.Context, q search.Query) (found []sms.Message, more bool, err error) {
	query, args := searchQuery(q)
	rows, err := s.readers.QueryContext(ctx, query, args...)
	found, err = messagesOf(rows, err)
	if err != nil || len(found) <= q.Limit {
		return found, false, err
	}
	return found[:q.Limit], true, nil
}

// filter is a WHERE clause under construction.
type filter struct {
	conditions []string
	args       []any
}

func (f *filter) add(condition string, args ...any) {
	f.conditions = append(f.conditions, condition)
	f.args = append(f.args, args...)
}

// addNumber looks for a number, and for what stands for it where it was hidden.
func (f *filter) addNumber(column string, n, hidden sms.Number) {
	if hidden == "" {
		f.add(column+" = ?", string(n))
		return
	}
	f.add(column+" IN (?, ?)", string(n), string(hidden))
}

func (f *filter) where() string { return "WHERE " + strings.Join(f.conditions, " AND ") }

// searchQuery chooses the index. A recipient, a reference and the statuses that
// wait have one. Any other filter is a walk through the account's messages,
// newest first, that ends with the page: an index by final status would be
// written with each transition, and a final status is seldom rare. A status
// that is, over a long time, takes that long; since and until bound it.
func searchQuery(q search.Query) (query string, args []any) {
	tables := messageTables
	f := &filter{}
	f.add("m.account = ?", q.Account)
	condition, waits := waitingConditions[q.Status]
	switch {
	case q.Reference != "":
		tables = messagesBy("messages_reference")
		f.add("m.reference <> '' AND m.reference = ?", q.Reference)
	case q.To != "":
		tables = messagesBy("messages_recipient")
	case waits:
		ids := waitingIDs(q, condition)
		f.add("m.id IN (SELECT m.id FROM messages m INDEXED BY messages_waiting "+ids.where()+")", ids.args...)
	}
	f.addRest(q)
	return "SELECT " + messageColumns + tables + f.where() + " ORDER BY m.id DESC LIMIT ?",
		append(f.args, q.Limit+1)
}

func (f *filter) addRest(q search.Query) {
	if q.To != "" {
		f.addNumber("m.recipient", q.To, q.Hidden)
	}
	if q.Status != "" {
		f.add("m.status = ?", string(q.Status))
	}
	if q.Connector != "" {
		f.add("m.connector = ?", q.Connector)
	}
	if q.Class != "" {
		f.add("s.class = ?", string(q.Class))
	}
	f.addMetadata(q.Metadata)
	if !q.Since.IsZero() {
		f.add("m.id >= ?", first(q.Since))
		f.add("s.accepted_at >= ?", micros(q.Since))
	}
	if !q.Until.IsZero() {
		f.add("s.accepted_at < ?", micros(q.Until))
	}
	if !q.Before.IsZero() {
		f.add("m.id < ?", q.Before[:])
	}
}

// addMetadata wants one of some readings. What is erased has no metadata any more. A
// path of SQLite cannot hold every key, so that the members are compared then.
func (f *filter) addMetadata(readings []search.Metadatum) {
	if len(readings) == 0 {
		return
	}
	var either []string
	var args []any
	for _, m := range readings {
		if m.Plain() {
			either, args = append(either, "json_extract(s.metadata, ?) = ?"), append(args, jsonPath(m.Key), m.Value)
			continue
		}
		either = append(either, "EXISTS (SELECT 1 FROM json_each(s.metadata) AS e WHERE e.key = ? AND e.value = ?)")
		args = append(args, m.Key, m.Value)
	}
	f.add("m.recipient <> '~' AND ("+strings.Join(either, " OR ")+")", args...)
}

// jsonPath is the path of a plain key.
func jsonPath(key string) string { return `$."` + key + `"` }

// waitingConditions are literal: with a parameter SQLite does not use a partial
// index.
var waitingConditions = map[sms.Status]string{
	sms.Queued:     "m.status = 'queued'",
	sms.Submitting: "m.status = 'submitting'",
	sms.Uncertain:  "m.status = 'uncertain'",
}

// waitingIDs finds what waits in the index alone, so that the rows are read in
// the order of their ids and no further than the page.
func waitingIDs(q search.Query, condition string) *filter {
	f := &filter{}
	f.add(condition)
	f.add("m.account = ?", q.Account)
	if q.Connector != "" {
		f.add("m.connector = ?", q.Connector)
	}
	return f
}

// first is the smallest id of a moment, as a column holds it.
func first(at time.Time) []byte {
	id := sms.FirstID(at)
	return id[:]
}

func messagesOf(rows *sql.Rows, err error) ([]sms.Message, error) {
	if err != nil {
		return nil, fmt.Errorf("read messages: %w", explain(err))
	}
	defer rows.Close()
	found := []sms.Message{}
	for rows.Next() {
		m, err := scanMessage(rows)
		if err != nil {
			return nil, fmt.Errorf("read a message: %w", err)
		}
		found = append(found, m)
	}
	return found, rows.Err()
}

func scanMessage(rows *sql.Rows) (sms.Message, error) {
	var m sms.Message
	var id, submission, metadata []byte
	var due, expires, updated, accepted, chance, submitted, receiptBy int64
	var routes string
	err := rows.Scan(&m.Account, &id, &submission, &m.To, &m.Connector, &m.Status, &m.Reason, &m.Segments,
		&m.Attempt,
		&m.Solo, &m.ProviderID, &due, &expires, &updated,
		&m.Text, &m.Sender, &m.Class, &m.Encoding, &m.Reference, &metadata, &accepted,
		&routes, &chance, &submitted, &receiptBy, &m.OperatorCode, &m.OperatorText, &m.Asks, &m.Trace, &m.Price,
		&m.Actor)
	if err != nil {
		return m, err
	}
	if metadata != nil {
		if err := json.Unmarshal(metadata, &m.Metadata); err != nil {
			return m, fmt.Errorf("metadata: %w", err)
		}
	}
	m.Routes, m.Chance = split(routes), time.Duration(chance)*time.Microsecond
	m.SubmittedAt, m.ReceiptBy = fromMicros(submitted), fromMicros(receiptBy)
	m.DueAt, m.ExpiresAt, m.UpdatedAt, m.AcceptedAt = fromMicros(due), fromMicros(expires), fromMicros(updated),
		fromMicros(accepted)
	if m.ID, err = idOf(id); err != nil {
		return m, err
	}
	m.Submission, err = idOf(submission)
	return m, err
}
