package sqlite

import (
	"context"
	"database/sql"
	"encoding/json"
	"fmt"
	"strings"
	"time"

	"relais/reason"
	"relais/sms"
	"relais/webhook"
)

const firstPending = `(SELECT min(d.next_at) FROM deliveries d INDEXED BY deliveries_pending
	WHERE d.account = e.account AND d.endpoint = e.id AND d.state = 'pending')`

const selectBusy = "SELECT e.account, e.id, e.state, e.probe_at, " + firstPending + " FROM endpoints e " +
	"WHERE e.state <> 'disabled'"

// Busy implements webhook.DeliveryStore.
func (s *Store) Busy(
	ctx context.Context, now time.Time,
) (busy []webhook.Endpoint, next time.Time, err error) {
	rows, err := s.hot[selectBusy].QueryContext(ctx)
	if err != nil {
		return nil, time.Time{}, fmt.Errorf("look for webhooks that are due: %w", explain(err))
	}
	defer rows.Close()
	for rows.Next() {
		var e webhook.Endpoint
		var id []byte
		var probe int64
		var first sql.NullInt64
		if err := rows.Scan(&e.Account, &id, &e.State, &probe, &first); err != nil {
			return nil, time.Time{}, fmt.Errorf("look for webhooks that are due: %w", err)
		}
		if !first.Valid {
			continue
		}
		if e.ID, err = idOf(id); err != nil {
			return nil, time.Time{}, err
		}
		due := time.UnixMicro(first.Int64).UTC()
		if e.State == webhook.Quarantined {
			due = fromMicros(probe)
		}
		if !due.After(now) {
			busy = append(busy, e)
			continue
		}
		if next.IsZero() || due.Before(next) {
			next = due
		}
	}
	return busy, next, rows.Err()
}

const selectStanding = "SELECT e.state, " + firstPending + " FROM endpoints e"

// Standing implements webhook.DeliveryStore.
func (s *Store) Standing(ctx context.Context) (webhook.Standing, error) {
	standing := webhook.Standing{Endpoints: map[webhook.State]int{}}
	rows, err := s.readers.QueryContext(ctx, selectStanding)
	if err != nil {
		return standing, fmt.Errorf("count webhooks that wait: %w", explain(err))
	}
	defer rows.Close()
	for rows.Next() {
		var state webhook.State
		var first sql.NullInt64
		if err := rows.Scan(&state, &first); err != nil {
			return standing, fmt.Errorf("count webhooks that wait: %w", err)
		}
		due := time.Time{}
		if first.Valid {
			due = time.UnixMicro(first.Int64).UTC()
		}
		standing.Add(state, due)
	}
	return standing, rows.Err()
}

// eventColumns are what an event is made of: its own data, or its message's.
const eventColumns = `o.seq, o.account, o.type, o.subject, o.at, o.data,
	v.status, v.code, v.detail, v.reason, v.at, v.operator_code, v.operator_text,
	m.recipient, m.connector, m.provider_id, m.segments, m.reference, s.class, s.sender, iif(m.recipient = '~',
		NULL, s.metadata)`

const eventTables = ` JOIN outbox o ON o.seq = d.seq
	LEFT JOIN events v ON o.event > 0 AND v.account = o.account AND v.message = o.subject AND v.seq = o.event
	LEFT JOIN messages m ON o.event > 0 AND m.account = o.account AND m.id = o.subject
	LEFT JOIN submissions s ON s.account = m.account AND s.id = m.submission `

const deliveryColumns = "d.account, d.endpoint, d.state, d.attempts, d.next_at, d.until, d.last_at, " +
	"d.status, d.error, "

const (
	selectDueDeliveries = "SELECT " + deliveryColumns + eventColumns + " FROM deliveries d INDEXED BY " +
		"deliveries_pending" + eventTables +
		`WHERE d.account = ? AND d.endpoint = ? AND d.state = 'pending' AND d.next_at <= ? AND NOT EXISTS (
			SELECT 1 FROM deliveries p INDEXED BY deliveries_order
			WHERE p.account = d.account AND p.endpoint = d.endpoint AND p.state = 'pending' AND p.subject = d.subject
				AND p.seq < d.seq)
		ORDER BY d.next_at, d.seq LIMIT ?`
)

// Due implements webhook.DeliveryStore. The oldest of one subject goes first, so what
// tries a quarantined endpoint is in order too.
func (s *Store) Due(
	ctx context.Context, e webhook.Endpoint, now time.Time, skip map[int64]bool, limit int,
) ([]webhook.Delivery, error) {
	until, most := micros(now), limit+len(skip)
	if e.State == webhook.Quarantined {
		until = 1<<63 - 1
	}
	rows, err := s.hot[selectDueDeliveries].QueryContext(ctx, e.Account, e.ID[:], until, most)
	found, err := deliveriesOf(rows, err)
	if err != nil {
		return nil, err
	}
	due := found[:0]
	for _, d := range found {
		if !skip[d.Event.Seq] && len(due) < limit {
			due = append(due, d)
		}
	}
	return due, nil
}

func deliveriesOf(rows *sql.Rows, err error) ([]webhook.Delivery, error) {
	if err != nil {
		return nil, fmt.Errorf("read webhooks: %w", explain(err))
	}
	defer rows.Close()
	found := []webhook.Delivery{}
	for rows.Next() {
		var d webhook.Delivery
		var endpoint []byte
		var next, until, last int64
		into := []any{&d.Account, &endpoint, &d.State, &d.Attempts, &next, &until, &last, &d.Status, &d.Error}
		if d.Event, err = scanEvent(rows, into); err != nil {
			return nil, fmt.Errorf("read webhooks: %w", err)
		}
		if d.Endpoint, err = idOf(endpoint); err != nil {
			return nil, err
		}
		d.NextAt, d.Until, d.LastAt = fromMicros(next), fromMicros(until), fromMicros(last)
		found = append(found, d)
	}
	return found, rows.Err()
}

// scanEvent reads eventColumns, after what else the row begins with.
func scanEvent(rows *sql.Rows, before []any) (webhook.Event, error) {
	var e webhook.Event
	var subject []byte
	var at int64
	var data sql.NullString
	var m messageEvent
	if err := rows.Scan(append(append(before, &e.Seq, &e.Account, &e.Type, &subject, &at, &data),
		m.columns()...)...); err != nil {
		return e, err
	}
	var err error
	if e.Subject, err = idOf(subject); err != nil {
		return e, err
	}
	e.At = fromMicros(at)
	if data.Valid {
		e.Data = json.RawMessage(data.String)
		return e, nil
	}
	e.Data, err = m.data(e.Subject)
	return e, err
}

// messageEvent are the columns of a message's event; NULL where there is none.
type messageEvent struct {
	status, code, detail, why                          sql.NullString
	operatorCode, operatorText                         sql.NullString
	recipient, connector, providerID, reference, class sql.NullString
	sender, metadata                                   sql.NullString
	at, segments                                       sql.NullInt64
}

func (m *messageEvent) columns() []any {
	return []any{
		&m.status, &m.code, &m.detail, &m.why, &m.at, &m.operatorCode, &m.operatorText,
		&m.recipient, &m.connector, &m.providerID, &m.segments, &m.reference, &m.class, &m.sender, &m.metadata,
	}
}

func (m *messageEvent) data(id sms.ID) (json.RawMessage, error) {
	why, err := reason.FromText(m.why.String, m.detail.String)
	if err != nil {
		return nil, fmt.Errorf("what an event says: %w", err)
	}
	d := webhook.MessageData{
		ID: id, To: sms.Number(m.recipient.String), Status: sms.Status(m.status.String), Reason: m.code.String,
		Detail:       why.In(reason.English),
		OperatorCode: m.operatorCode.String, OperatorText: m.operatorText.String, At: fromMicros(m.at.Int64),
		Class: sms.Class(m.class.String), Sender: sms.Sender(m.sender.String), Connector: m.connector.String,
		ProviderID: m.providerID.String, Segments: int(m.segments.Int64), Reference: m.reference.String,
	}
	if m.metadata.Valid {
		if err := json.Unmarshal([]byte(m.metadata.String), &d.Metadata); err != nil {
			return nil, fmt.Errorf("metadata: %w", err)
		}
	}
	return json.Marshal(d)
}

// Deliveries implements webhook.Log.
func (s *Store) Deliveries(
	ctx context.Context, account string, id sms.ID, state webhook.DeliveryState, before int64, limit int,
) ([]webhook.Delivery, error) {
	f := &filter{}
	f.add("d.account = ?", account)
	f.add("d.endpoint = ?", id[:])
	if before > 0 {
		f.add("d.seq < ?", before)
	}
	if state != "" {
		f.add("+d.state = ?", string(state))
	}
	rows, err := s.readers.QueryContext(ctx,
		"SELECT "+deliveryColumns+eventColumns+" FROM deliveries d"+eventTables+f.where()+
			" ORDER BY d.seq DESC LIMIT ?", append(f.args, limit)...)
	return deliveriesOf(rows, err)
}

// Feed implements webhook.Log.
func (s *Store) Feed(
	ctx context.Context, account string, after int64, types []webhook.Type, limit int,
) ([]webhook.Event, error) {
	query, args := feedQuery(account, after, types, limit)
	rows, err := s.readers.QueryContext(ctx, query, args...)
	if err != nil {
		return nil, fmt.Errorf("read the feed: %w", explain(err))
	}
	defer rows.Close()
	found := []webhook.Event{}
	for rows.Next() {
		e, err := scanEvent(rows, nil)
		if err != nil {
			return nil, fmt.Errorf("read the feed: %w", err)
		}
		found = append(found, e)
	}
	return found, rows.Err()
}

// feedQuery merges the events of the account with those of the whole gateway.
func feedQuery(account string, after int64, types []webhook.Type, limit int) (query string, args []any) {
	of := func(owner string) string {
		f := &filter{}
		f.add("account = ?", owner)
		f.add("seq > ?", after)
		if len(types) > 0 {
			marks := make([]any, len(types))
			for i, t := range types {
				marks[i] = string(t)
			}
			f.add("type IN (?"+strings.Repeat(", ?", len(types)-1)+")", marks...)
		}
		args = append(append(args, f.args...), limit)
		return "SELECT * FROM (SELECT seq FROM outbox INDEXED BY outbox_account " + f.where() + " ORDER BY seq " +
			"LIMIT ?)"
	}
	query = "SELECT " + eventColumns + " FROM (" + of(account) + " UNION ALL " + of("") + ") " +
		"d" + eventTables + "ORDER BY d.seq LIMIT ?"
	return query, append(args, limit)
}
