package table

import (
	"context"
	"encoding/json"
	"fmt"
	"strings"
	"time"

	"relais/reason"
	"relais/sms"
	"relais/webhook"
)

// feed is the outbox for who reads all of it.
type feed struct{ *runner }

// TellAll implements lane.SettleStore.
func (t feed) TellAll(ctx context.Context, kind string, subject sms.ID, at time.Time, data []byte) error {
	return t.transact(ctx, func(tx runs) error {
		_, err := tx.conn.Tell(Event{Type: webhook.Type(kind), Subject: subject, At: at, Data: data})
		return err
	})
}

// Feed implements webhook.Log.
func (t feed) Feed(
	ctx context.Context, account string, after int64, types []webhook.Type, limit int,
) ([]webhook.Event, error) {
	scan := func(scan Scan) (webhook.Event, error) { return scanEvent(scan) }
	query, args := t.feedQuery(account, after, types, limit)
	found, err := list(t.on(ctx), scan, query, args...)
	if err != nil {
		return nil, fmt.Errorf("read the feed: %w", err)
	}
	return found, nil
}

// feedQuery merges the events of the account with those of the whole gateway.
func (r *runner) feedQuery(
	account string, after int64, types []webhook.Type, limit int,
) (query string, args []any) {
	f := &filter{}
	f.add("seq > ?"+r.dialect.Seen, after)
	if len(types) > 0 {
		places := make([]string, len(types))
		for i, t := range types {
			places[i] = f.place(t)
		}
		f.add("type IN (" + strings.Join(places, ", ") + ")")
	}
	owner, most := f.place(account), f.place(limit)
	of := func(owner, name string) string {
		return "SELECT * FROM (SELECT account, seq FROM outbox " + f.where() +
			" AND account = " + owner + " ORDER BY seq LIMIT " + most + ") AS " + name
	}
	return "SELECT " + eventColumns + " FROM (" + of(owner, "own") + " UNION ALL " + of("''", "everybodys") +
		`) AS d JOIN outbox o ON o.account = d.account AND o.seq = d.seq` + eventTables + "ORDER BY d.seq LIMIT " +
		most, f.args
}

// Changes returns what happened in an account and in the whole gateway, behind a number,
// without what callers are told of it.
func (t feed) Changes(ctx context.Context, account string, after int64, limit int) ([]webhook.Happening, error) {
	scan := func(scan Scan) (c webhook.Happening, err error) {
		var data *string
		if err := scan(&c.Seq, &c.Type, &c.Subject, &data); err != nil || data == nil {
			return c, err
		}
		var of struct {
			Connector string `json:"connector"`
		}
		err = json.Unmarshal([]byte(*data), &of)
		c.Connector = of.Connector
		return c, err
	}
	query, args := t.changesQuery(account, after, limit)
	found, err := list(t.on(ctx), scan, query, args...)
	if err != nil {
		return nil, fmt.Errorf("read what changed: %w", err)
	}
	return found, nil
}

func (r *runner) changesQuery(account string, after int64, limit int) (query string, args []any) {
	of := func(owner, name string) string {
		return "SELECT * FROM (SELECT account, seq FROM outbox WHERE seq > $1" +
			r.dialect.Seen + " AND account = " + owner + " ORDER BY seq LIMIT $3) AS " + name
	}
	return "SELECT o.seq, o.type, o.subject, CASE WHEN o.account = '' THEN o.data END FROM (" + of("$2", "own") +
		" UNION ALL " + of("''", "everybodys") + ") AS d JOIN outbox o ON o.account = d.account AND o.seq = d.seq " +
		"ORDER BY d.seq LIMIT $3", []any{after, account, limit}
}

// LastChange is the number of the last event in an account and in the whole gateway that
// readers have come to; 0: there is none.
func (t feed) LastChange(ctx context.Context, account string) (seq int64, err error) {
	if _, err := t.on(ctx).read(t.lastChange(), []any{account}, &seq); err != nil {
		return 0, fmt.Errorf("read what changed last: %w", err)
	}
	return seq, nil
}

func (r *runner) lastChange() string {
	of := func(owner string) string {
		return "SELECT max(seq) AS seq FROM outbox WHERE account = " + owner +
			r.dialect.Seen
	}
	return "SELECT coalesce(max(seq), 0) FROM (" + of("$1") + " UNION ALL " + of("''") + ") AS m"
}

// eventColumns are what an event is made of: its own data, or its message's.
const eventColumns = `o.seq, o.account, o.type, o.subject, o.at, o.data,
	o.event, m.timeline,
	m.recipient, m.connector, m.provider_id, m.segments, m.reference, s.class, s.sender,
	CASE WHEN m.recipient <> '~' THEN s.metadata END`

const eventTables = `
	LEFT JOIN messages m ON o.event > 0 AND m.account = o.account AND m.id = o.subject
	LEFT JOIN submissions s ON s.account = m.account AND s.id = m.submission `

// scanEvent reads eventColumns, behind what else the row begins with.
func scanEvent(scan Scan, before ...any) (e webhook.Event, err error) {
	var data *string
	var m messageEvent
	if err := scan(append(append(before, &e.Seq, &e.Account, &e.Type, &e.Subject, &e.At, &data),
		m.columns()...)...); err != nil {
		return e, err
	}
	if data != nil {
		e.Data = json.RawMessage(*data)
		return e, nil
	}
	e.Data, err = m.data(e.Subject)
	return e, err
}

// messageEvent are the columns of a message's event; nil where there is none.
type messageEvent struct {
	number                                             int // of the event in the timeline
	timeline                                           *string
	recipient, connector, providerID, reference, class *string
	sender, metadata                                   *string
	segments                                           *int
}

func (m *messageEvent) columns() []any {
	return []any{
		&m.number, &m.timeline, &m.recipient, &m.connector, &m.providerID, &m.segments, &m.reference, &m.class, &m.sender, &m.metadata,
	}
}

// orZero is what a column holds; the zero value where it is NULL.
func orZero[T any](column *T) (value T) {
	if column != nil {
		value = *column
	}
	return value
}

func (m *messageEvent) data(message sms.ID) (json.RawMessage, error) {
	e, err := eventOf(orZero(m.timeline), m.number)
	if err != nil {
		return nil, err
	}
	return MessageData(&e, &sms.Message{
		ID: message, To: sms.Number(orZero(m.recipient)), Class: sms.Class(orZero(m.class)),
		Sender: sms.Sender(orZero(m.sender)), Connector: orZero(m.connector), ProviderID: orZero(m.providerID),
		Segments: orZero(m.segments), Reference: orZero(m.reference),
	}, orZero(m.metadata))
}

// MessageData is what callers are told of an event of a message, whose metadata is JSON or empty.
func MessageData(e *sms.Event, m *sms.Message, metadata string) (json.RawMessage, error) {
	d := webhook.MessageData{
		ID: m.ID, To: m.To, Status: e.Status, Reason: e.Code,
		Detail: e.Detail.In(reason.English), OperatorCode: e.OperatorCode, OperatorText: e.OperatorText, At: e.At,
		Class: m.Class, Sender: m.Sender, Connector: m.Connector, ProviderID: m.ProviderID, Segments: m.Segments,
		Reference: m.Reference,
	}
	var err error
	if d.Metadata, err = ReadMetadata(metadata); err != nil {
		return nil, err
	}
	return json.Marshal(d)
}
