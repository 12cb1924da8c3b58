package postgres

import (
	"context"
	"encoding/json"
	"fmt"
	"time"

	"relais/reason"
	"relais/sms"
	"relais/webhook"
)

const firstPending = `(SELECT next_at FROM deliveries d
		WHERE d.account = e.account AND d.endpoint = e.id AND d.state = 'pending' ORDER BY next_at LIMIT 1)`

const selectBusy = "SELECT e.account, e.id, e.state, e.probe_at, " + firstPending + " FROM endpoints e " +
	"WHERE e.state <> 'disabled'"

// Busy implements webhook.DeliveryStore.
func (s *Store) Busy(
	ctx context.Context, now time.Time,
) (busy []webhook.Endpoint, next time.Time, err error) {
	rows, err := s.pool.Query(ctx, selectBusy)
	_, err = collect(rows, err, func(r row) (struct{}, error) {
		var e webhook.Endpoint
		var probe int64
		var first *int64
		if err := r.Scan(&e.Account, (*[16]byte)(&e.ID), &e.State, &probe, &first); err != nil || first == nil {
			return struct{}{}, err
		}
		due := time.UnixMicro(*first).UTC()
		if e.State == webhook.Quarantined {
			due = fromMicros(probe)
		}
		if !due.After(now) {
			busy = append(busy, e)
		} else if next.IsZero() || due.Before(next) {
			next = due
		}
		return struct{}{}, nil
	})
	if err != nil {
		return nil, time.Time{}, fmt.Errorf("look for webhooks that are due: %w", err)
	}
	return busy, next, nil
}

const selectStanding = "SELECT e.state, " + firstPending + " FROM endpoints e"

// Standing implements webhook.DeliveryStore.
func (s *Store) Standing(ctx context.Context) (webhook.Standing, error) {
	standing := webhook.Standing{Endpoints: map[webhook.State]int{}}
	rows, err := s.pool.Query(ctx, selectStanding)
	_, err = collect(rows, err, func(r row) (struct{}, error) {
		var state webhook.State
		var first *int64
		if err := r.Scan(&state, &first); err != nil {
			return struct{}{}, err
		}
		due := time.Time{}
		if first != nil {
			due = time.UnixMicro(*first).UTC()
		}
		standing.Add(state, due)
		return struct{}{}, nil
	})
	if err != nil {
		return standing, fmt.Errorf("count webhooks that wait: %w", err)
	}
	return standing, nil
}

const deliveryColumns = "d.account, d.endpoint, d.state, d.attempts, d.next_at, d.until, d.last_at, " +
	"d.status, d.error, "

// An event of the whole gateway belongs to no account, its deliveries do.
const deliveryTables = ` JOIN outbox o ON o.account = ANY (ARRAY[d.account, ''])
	AND o.seq = d.seq` + eventTables

const selectDueDeliveries = "SELECT " + deliveryColumns + eventColumns + ` FROM (
		SELECT * FROM deliveries d WHERE d.account = $1 AND d.endpoint = $2 AND d.state = 'pending'
			AND d.next_at <= $3 AND (
			SELECT p.seq FROM deliveries p WHERE p.account = d.account AND p.endpoint = d.endpoint
				AND p.state = 'pending'
				AND p.subject = d.subject ORDER BY p.seq LIMIT 1) = d.seq
			AND NOT d.seq = ANY ($5::bigint[])
		ORDER BY d.next_at, d.seq LIMIT $4) AS d` + deliveryTables + "ORDER BY d.next_at, d.seq"

// Due implements webhook.DeliveryStore. The oldest of one subject goes first, so what
// tries a quarantined endpoint is in order too.
func (s *Store) Due(
	ctx context.Context, e webhook.Endpoint, now time.Time, skip map[int64]bool, limit int,
) ([]webhook.Delivery, error) {
	until, skipped := micros(now), make([]int64, 0, len(skip))
	if e.State == webhook.Quarantined {
		until = 1<<63 - 1
	}
	for seq := range skip {
		skipped = append(skipped, seq)
	}
	return s.deliveries(ctx, selectDueDeliveries, e.Account, id(e.ID), until, limit, skipped)
}

func (s *Store) deliveries(ctx context.Context, query string, args ...any) ([]webhook.Delivery, error) {
	rows, err := s.pool.Query(ctx, query, args...)
	found, err := collect(rows, err, func(r row) (d webhook.Delivery, err error) {
		var next, until, last int64
		d.Event, err = scanEvent(r, []any{
			&d.Account, (*[16]byte)(&d.Endpoint), &d.State, &d.Attempts, &next,
			&until, &last, &d.Status, &d.Error,
		})
		d.NextAt, d.Until, d.LastAt = fromMicros(next), fromMicros(until), fromMicros(last)
		return d, err
	})
	if err != nil {
		return nil, fmt.Errorf("read webhooks: %w", err)
	}
	return found, nil
}

// Deliveries implements webhook.Log.
func (s *Store) Deliveries(
	ctx context.Context, account string, name sms.ID, state webhook.DeliveryState, before int64, limit int,
) ([]webhook.Delivery, error) {
	f := &filter{}
	f.add("d.account = ?", account)
	f.add("d.endpoint = ?", id(name))
	if before > 0 {
		f.add("d.seq < ?", before)
	}
	if state != "" {
		f.add("d.state = ?", string(state))
	}
	return s.deliveries(ctx, "SELECT "+deliveryColumns+eventColumns+" FROM deliveries "+
		"d"+deliveryTables+f.where()+
		" ORDER BY d.seq DESC "+f.limit(limit), f.args...)
}

// Feed implements webhook.Log.
func (s *Store) Feed(
	ctx context.Context, account string, after int64, types []webhook.Type, limit int,
) ([]webhook.Event, error) {
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
	v.status, v.code, v.detail, v.reason, v.at, v.operator_code, v.operator_text,
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
	if err := r.Scan(append(append(before, &e.Seq, &e.Account, &e.Type, (*[16]byte)(&e.Subject), &at, &data),
		m.columns()...)...); err != nil {
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
	status, code, detail, why                          *string
	operatorCode, operatorText                         *string
	recipient, connector, providerID, reference, class *string
	sender, metadata                                   *string
	at                                                 *int64
	segments                                           *int
}

func (m *messageEvent) columns() []any {
	return []any{
		&m.status, &m.code, &m.detail, &m.why, &m.at, &m.operatorCode, &m.operatorText,
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
	why, err := reason.FromText(or(m.why), or(m.detail))
	if err != nil {
		return nil, fmt.Errorf("what an event says: %w", err)
	}
	d := webhook.MessageData{
		ID: subject, To: sms.Number(or(m.recipient)), Status: sms.Status(or(m.status)), Reason: or(m.code),
		Detail:       why.In(reason.English),
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
