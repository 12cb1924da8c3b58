package sqlite

import (
	"context"
	"database/sql"
	"fmt"

	"relais/inbox"
	"relais/sms"
)

const inboundColumns = "account, id, connector, provider_id, sender, recipient, text, kind, message, " +
	"linked_by, at, received_at, outbox, decided, decided_by, decided_at"

const selectUnhandled = "SELECT " + inboundColumns + " FROM inbound INDEXED BY inbound_unhandled WHERE " +
	"handled = 0 ORDER BY id LIMIT ?"

// Unhandled implements gateway.Store.
func (s *Store) Unhandled(ctx context.Context, limit int) ([]inbox.Inbound, error) {
	rows, err := s.readers.QueryContext(ctx, selectUnhandled, limit)
	return inboundsOf(rows, err)
}

// Handled implements gateway.Store.
func (s *Store) Handled(ctx context.Context, in inbox.Inbound, endpoints []sms.ID) error {
	return s.commits.do(ctx, func(t *tx) error {
		for _, endpoint := range endpoints {
			if err := t.tellEndpoint(in.Account, endpoint, in.Outbox, in.ID, in.ReceivedAt); err != nil {
				return fmt.Errorf("tell the webhook of a rule: %w", err)
			}
		}
		return t.exec("UPDATE inbound SET handled = 1 WHERE account = ? AND id = ?", in.Account, in.ID[:])
	})
}

// Inbounds returns replies of an account, newest first; more tells that older
// ones match too.
func (s *Store) Inbounds(
	ctx context.Context, q inbox.InboundQuery,
) (found []inbox.Inbound, more bool, err error) {
	query, args := inboundQuery(q)
	rows, err := s.readers.QueryContext(ctx, query, args...)
	found, err = inboundsOf(rows, err)
	if err != nil || len(found) <= q.Limit {
		return found, false, err
	}
	return found[:q.Limit], true, nil
}

func inboundQuery(q inbox.InboundQuery) (query string, args []any) {
	f := &filter{}
	f.add("account = ?", q.Account)
	if !q.ID.IsZero() {
		f.add("id = ?", q.ID[:])
	}
	if q.From != "" {
		f.addNumber("sender", q.From, q.HiddenFrom)
	}
	if !q.Message.IsZero() {
		f.add("message IS NOT NULL AND message = ?", q.Message[:])
	}
	if q.Intent != "" {
		f.add("kind = ?", string(q.Intent))
	}
	if q.Undecided {
		f.add("kind = 'unsure' AND decided = ?", "")
	}
	if q.Connector != "" {
		f.add("connector = ?", q.Connector)
	}
	if !q.Since.IsZero() {
		f.add("id >= ?", first(q.Since))
		f.add("received_at >= ?", micros(q.Since))
	}
	if !q.Until.IsZero() {
		f.add("received_at < ?", micros(q.Until))
	}
	if !q.Before.IsZero() {
		f.add("id < ?", q.Before[:])
	}
	return "SELECT " + inboundColumns + " FROM inbound " + f.where() + " ORDER BY id DESC LIMIT ?",
		append(f.args, q.Limit+1)
}

func inboundsOf(rows *sql.Rows, err error) ([]inbox.Inbound, error) {
	if err != nil {
		return nil, fmt.Errorf("read replies: %w", explain(err))
	}
	defer rows.Close()
	found := []inbox.Inbound{}
	for rows.Next() {
		var in inbox.Inbound
		var id, message []byte
		var at, received, decided int64
		if err := rows.Scan(&in.Account, &id, &in.Connector, &in.ProviderID, &in.From, &in.To, &in.Text, &in.Intent,
			&message, &in.LinkedBy, &at, &received, &in.Outbox, &in.Decided, &in.DecidedBy, &decided); err != nil {
			return nil, fmt.Errorf("read replies: %w", err)
		}
		in.DecidedAt = fromMicros(decided)
		if in.ID, err = idOf(id); err != nil {
			return nil, err
		}
		copy(in.Message[:], message)
		in.At, in.ReceivedAt = fromMicros(at), fromMicros(received)
		found = append(found, in)
	}
	return found, rows.Err()
}
