package postgres

import (
	"context"
	"encoding/json"
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
	CASE WHEN m.recipient = '~' THEN '' ELSE s.text END, s.sender, s.class, s.encoding, m.reference,
	CASE WHEN m.recipient <> '~' THEN s.metadata END, s.accepted_at,
	m.routes, m.chance, coalesce(m.submitted_at, 0), coalesce(m.receipt_by, 0), m.operator_code,
		m.operator_text, m.asks,
	coalesce(s.trace, ''), m.price, s.actor`

const messageTables = ` FROM messages m JOIN submissions s ON s.account = m.account AND s.id = m.submission `

const selectMessages = "SELECT " + messageColumns + messageTables

const selectMessage = selectMessages + "WHERE m.account = $1 AND m.id = $2"

// Message returns a message of the account, or gateway.ErrNotFound.
func (s *Store) Message(ctx context.Context, account string, message sms.ID) (sms.Message, error) {
	found, err := s.messages(ctx, selectMessage, account, id(message))
	if err != nil {
		return sms.Message{}, err
	}
	if len(found) == 0 {
		return sms.Message{}, gateway.ErrNotFound
	}
	return found[0], nil
}

// Timeline returns the events of a message, oldest first, and the decisions that
// were taken when it was accepted; gateway.ErrNotFound when there is none.
func (s *Store) Timeline(
	ctx context.Context, account string, message sms.ID,
) ([]sms.Event, []reason.Reason, error) {
	accepted, decisions, err := s.accepted(ctx, account, message)
	if err != nil {
		return nil, nil, err
	}
	rows, err := s.pool.Query(ctx, `SELECT at, status, actor, code, detail, reason, attempt, operator_code,
		operator_text FROM events
		WHERE account = $1 AND message = $2 ORDER BY seq`, account, id(message))
	events, err := collect(rows, err, func(r row) (e sms.Event, err error) {
		var at int64
		var written, why string
		if err = r.Scan(&at, &e.Status, &e.Actor, &e.Code, &written, &why, &e.Attempt, &e.OperatorCode,
			&e.OperatorText); err != nil {
			return e, err
		}
		e.At = fromMicros(at)
		e.Detail, err = reason.FromText(why, written)
		return e, err
	})
	if err != nil {
		return nil, nil, fmt.Errorf("read events: %w", err)
	}
	return append([]sms.Event{accepted}, events...), decisions, nil
}

func (s *Store) accepted(
	ctx context.Context, account string, message sms.ID,
) (sms.Event, []reason.Reason, error) {
	e := sms.Event{Status: sms.Queued, Code: "accepted"}
	var at int64
	var common string
	var own *string
	err := s.pool.QueryRow(ctx, "SELECT s.accepted_at, s.actor, s.decisions, m.decisions"+messageTables+
		"WHERE m.account = $1 AND m.id = $2", account, id(message)).Scan(&at, &e.Actor, &common, &own)
	if none(err) {
		return e, nil, gateway.ErrNotFound
	}
	if err != nil {
		return e, nil, fmt.Errorf("read a submission: %w", explain(err))
	}
	e.At = fromMicros(at)
	var decisions, particular []reason.Reason
	if err := json.Unmarshal([]byte(common), &decisions); err != nil {
		return e, nil, fmt.Errorf("read decisions: %w", err)
	}
	if own != nil {
		if err := json.Unmarshal([]byte(*own), &particular); err != nil {
			return e, nil, fmt.Errorf("read decisions: %w", err)
		}
	}
	return e, append(decisions, particular...), nil
}

// Search implements gateway.Store.
func (s *Store) Search(ctx context.Context, q search.Query) (found []sms.Message, more bool, err error) {
	query, args := searchQuery(q)
	found, err = s.messages(ctx, query, args...)
	if err != nil || len(found) <= q.Limit {
		return found, false, err
	}
	return found[:q.Limit], true, nil
}

// waits is repeated in a query so that PostgreSQL uses the index of what waits,
// which has no final statuses to walk through.
const waits = "m.status IN ('queued', 'submitting', 'uncertain')"

// searchQuery leaves the choice of the index to the planner: a recipient, a
// reference and what waits have one in the order of ids. Any other filter is a
// walk through the account's messages, newest first, that ends with the page.
func searchQuery(q search.Query) (query string, args []any) {
	f := &filter{}
	f.add("m.account = ?", q.Account)
	if q.Reference != "" {
		f.add("m.reference <> '' AND m.reference = ?", clean(q.Reference))
	}
	if q.To != "" {
		f.addNumber("m.recipient", q.To, q.Hidden)
	}
	if q.Status != "" {
		f.add("m.status = ?", clean(string(q.Status)))
	}
	if q.Status == sms.Queued || q.Status == sms.Submitting || q.Status == sms.Uncertain {
		f.add(waits)
	}
	if q.Connector != "" {
		f.add("m.connector = ?", clean(q.Connector))
	}
	if q.Class != "" {
		f.add("s.class = ?", string(q.Class))
	}
	if len(q.Metadata) > 0 { // what is erased has none any more
		either, args := make([]string, len(q.Metadata)), make([]any, 0, 2*len(q.Metadata))
		for i, m := range q.Metadata {
			either[i], args = "s.metadata::jsonb ->> ?::text = ?", append(args, clean(m.Key), clean(m.Value))
		}
		f.add("m.recipient <> '~' AND ("+strings.Join(either, " OR ")+")", args...)
	}
	if !q.Since.IsZero() {
		f.add("m.id >= ?", id(sms.FirstID(q.Since)))
		f.add("s.accepted_at >= ?", micros(q.Since))
	}
	if !q.Until.IsZero() {
		f.add("s.accepted_at < ?", micros(q.Until))
	}
	if !q.Before.IsZero() {
		f.add("m.id < ?", id(q.Before))
	}
	return selectMessages + f.where() + " ORDER BY m.id DESC " + f.limit(q.Limit+1), f.args
}

func (s *Store) messages(ctx context.Context, query string, args ...any) ([]sms.Message, error) {
	rows, err := s.pool.Query(ctx, query, args...)
	found, err := collect(rows, err, scanMessage)
	if err != nil {
		return nil, fmt.Errorf("read messages: %w", err)
	}
	return found, nil
}

func scanMessage(r row) (sms.Message, error) {
	var m sms.Message
	var metadata *string
	var due, expires, updated, accepted, chance, submitted, receiptBy int64
	var routes string
	err := r.Scan(&m.Account, (*[16]byte)(&m.ID), (*[16]byte)(&m.Submission), &m.To, &m.Connector, &m.Status,
		&m.Reason, &m.Segments,
		&m.Attempt, &m.Solo, &m.ProviderID, &due, &expires, &updated,
		&m.Text, &m.Sender, &m.Class, &m.Encoding, &m.Reference, &metadata, &accepted,
		&routes, &chance, &submitted, &receiptBy, &m.OperatorCode, &m.OperatorText, &m.Asks, &m.Trace, &m.Price,
		&m.Actor)
	if err != nil {
		return m, err
	}
	if metadata != nil {
		if err := json.Unmarshal([]byte(*metadata), &m.Metadata); err != nil {
			return m, fmt.Errorf("metadata: %w", err)
		}
	}
	m.Routes, m.Chance = split(routes), time.Duration(chance)*time.Microsecond
	m.SubmittedAt, m.ReceiptBy = fromMicros(submitted), fromMicros(receiptBy)
	m.DueAt, m.ExpiresAt, m.UpdatedAt, m.AcceptedAt = fromMicros(due), fromMicros(expires), fromMicros(updated),
		fromMicros(accepted)
	return m, nil
}

// filter is a WHERE clause under construction. A question mark stands for the
// next parameter.
type filter struct {
	conditions []string
	args       []any
}

func (f *filter) add(condition string, args ...any) {
	for _, arg := range args {
		f.args = append(f.args, arg)
		condition = strings.Replace(condition, "?", fmt.Sprintf("$%d", len(f.args)), 1)
	}
	f.conditions = append(f.conditions, condition)
}

// addNumber looks for a number, and for what stands for it where it was hidden.
func (f *filter) addNumber(column string, n, hidden sms.Number) {
	if hidden == "" {
		f.add(column+" = ?", clean(string(n)))
		return
	}
	f.add(column+" = ANY (?)", []string{clean(string(n)), clean(string(hidden))})
}

func (f *filter) where() string { return "WHERE " + strings.Join(f.conditions, " AND ") }

func (f *filter) limit(n int) string {
	f.args = append(f.args, n)
	return fmt.Sprintf("LIMIT $%d", len(f.args))
}
