package sqlite

import (
	"fmt"
	"time"

	"relais/sms"
	"relais/webhook"
)

// told is what goes into the outbox.
type told struct {
	account string // empty: of the whole gateway
	kind    webhook.Type
	subject sms.ID
	event   int64 // seq of the message's event; 0 where data tells
	at      time.Time
	data    []byte
}

const insertOutbox = `INSERT INTO outbox (account, type, subject, event, at, data) VALUES (?, ?, ?, ?, ?, ?)`

// insertDeliveries gives an event to the endpoints that want it: those that
// subscribed, and the one that the message's own request named.
const insertDeliveries = `INSERT INTO deliveries
		(account, endpoint, seq, subject, state, attempts, next_at, until, last_at, status, error)
	SELECT e.account, e.id, ?1, ?2, 'pending', 0, ?3, ?4, 0, 0, ''
	FROM endpoints e
	WHERE e.account = ?5 AND e.state <> 'disabled' AND (e.origin = 'api' AND (e.events = ',*,' OR instr(e.events, ?6) > 0)
		OR e.origin = 'request' AND e.id = (SELECT s.endpoint FROM messages m
			JOIN submissions s ON s.account = m.account AND s.id = m.submission WHERE m.account = ?5 AND m.id = ?2))`

// insertDeliveriesForAll does it for an event of the whole gateway.
const insertDeliveriesForAll = `INSERT INTO deliveries
		(account, endpoint, seq, subject, state, attempts, next_at, until, last_at, status, error)
	SELECT e.account, e.id, ?1, ?2, 'pending', 0, ?3, ?4, 0, 0, ''
	FROM endpoints e
	WHERE e.state <> 'disabled' AND e.origin = 'api' AND (e.events = ',*,' OR instr(e.events, ?5) > 0)`

// tell puts an event in the outbox, and a delivery of it for each endpoint that
// wants it.
func (t *tx) tell(w told) (seq int64, err error) {
	var data any
	if w.data != nil {
		data = string(w.data)
	}
	if seq, err = t.execID(insertOutbox, w.account, string(w.kind), w.subject[:], w.event, micros(w.at), data); err != nil {
		return 0, fmt.Errorf("put an event in the outbox: %w", err)
	}
	word, at, until := ","+string(w.kind)+",", micros(w.at), micros(w.at.Add(webhook.GiveUp))
	if w.account == "" {
		err = t.exec(insertDeliveriesForAll, seq, w.subject[:], at, until, word)
	} else {
		err = t.exec(insertDeliveries, seq, w.subject[:], at, until, w.account, word)
	}
	if err != nil {
		return 0, fmt.Errorf("queue a webhook: %w", err)
	}
	return seq, nil
}

// tellEndpoint queues an event that stands in the outbox for one more endpoint.
func (t *tx) tellEndpoint(account string, endpoint sms.ID, seq int64, subject sms.ID, at time.Time) error {
	return t.exec(`INSERT INTO deliveries (account, endpoint, seq, subject, state, attempts, next_at, until, last_at, status, error)
		VALUES (?, ?, ?, ?, 'pending', 0, ?, ?, 0, 0, '') ON CONFLICT DO NOTHING`,
		account, endpoint[:], seq, subject[:], micros(at), micros(at.Add(webhook.GiveUp)))
}
