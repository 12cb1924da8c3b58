package sqlite

import (
	"context"
	"fmt"
	"slices"
	"strings"
	"time"

	"relais/sms"
	"relais/store/table"
	"relais/webhook"
)

// outbox writes what callers are told.
type outbox struct {
	*statements

	interests map[string]*interest // by account; whoever changes an endpoint clears it
	lastSeq   int64                // of the events; 0: not read yet
}

const (
	insertOutbox = `INSERT INTO outbox (account, seq, type, subject, event, at, data)
		VALUES (?, ?, ?, ?, 0, ?, ?)`
	insertOutboxOf = `INSERT INTO outbox (account, seq, type, subject, event, at) VALUES (?, ?, ?, ?, ?, ?)`
	// insertOutboxOfMessage names the event that was written last.
	insertOutboxOfMessage = `INSERT INTO outbox (account, seq, type, subject, event, at)
		VALUES (?1, ?2, ?3, ?4, (SELECT events FROM messages WHERE account = ?1 AND id = ?4), ?5)`
	// selectLastSeq counts what was dropped too: readers of the feed know its numbers.
	selectLastSeq = `SELECT max(coalesce((SELECT CAST(value AS INTEGER) FROM settings WHERE name = 'outbox_base'), 0),
		coalesce(max((SELECT max(seq) FROM outbox WHERE account = a.name)), 0))
		FROM (SELECT name FROM accounts UNION ALL SELECT '') AS a`
)

const (
	insertDelivery = `INSERT INTO deliveries
			(account, endpoint, seq, subject, state, attempts, next_at, until, last_at, status, error)
		VALUES (?, ?, ?, ?, 'pending', 0, ?, ?, 0, 0, '') ON CONFLICT DO NOTHING`
	selectRequested = `SELECT s.endpoint FROM messages m JOIN submissions s ON s.account = m.account
		AND s.id = m.submission
		JOIN endpoints e ON e.account = s.account AND e.id = s.endpoint AND e.state <> 'disabled'
		WHERE m.account = ? AND m.id = ?`
	// insertDeliveriesForAll makes a delivery of an event of the whole gateway for every
	// endpoint that subscribed.
	insertDeliveriesForAll = `INSERT INTO deliveries
			(account, endpoint, seq, subject, state, attempts, next_at, until, last_at, status, error)
		SELECT e.account, e.id, ?1, ?2, 'pending', 0, ?3, ?4, 0, 0, ''
		FROM endpoints e
		WHERE e.state <> 'disabled' AND e.origin = 'api' AND (e.events = ',*,' OR instr(e.events, ?5) > 0)`
)

// tell puts an event in the outbox, and a delivery of it for each endpoint that
// wants it: those that subscribed, and the one that the message's own request
// named.
func (t *outbox) tell(e table.Event) (seq int64, err error) {
	if seq, err = t.nextSeq(); err != nil {
		return 0, err
	}
	if e.Data == nil {
		err = t.exec(insertOutboxOfMessage, e.Account, seq, string(e.Type), e.Subject[:], micros(e.At))
	} else {
		err = t.exec(insertOutbox, e.Account, seq, string(e.Type), e.Subject[:], micros(e.At), string(e.Data))
	}
	if err != nil {
		return 0, fmt.Errorf("put an event in the outbox: %w", err)
	}
	if e.Account == "" {
		err = t.exec(insertDeliveriesForAll, seq, e.Subject[:], micros(e.At), micros(e.At.Add(webhook.GiveUp)),
			","+string(e.Type)+",")
	} else {
		err = t.deliver(e, t.inRow(e, seq))
	}
	if err != nil {
		return 0, fmt.Errorf("queue a webhook: %w", err)
	}
	return seq, nil
}

// inRow queues an event that stands in the outbox for an endpoint.
func (t *outbox) inRow(e table.Event, seq int64) func(endpoint sms.ID) error {
	return func(endpoint sms.ID) error {
		return t.exec(insertDelivery, e.Account, endpoint[:], seq, e.Subject[:], micros(e.At),
			micros(e.At.Add(webhook.GiveUp)))
	}
}

// nextSeq numbers an event: one more than the last one that was ever told.
func (t *outbox) nextSeq() (int64, error) {
	if t.lastSeq == 0 {
		if err := t.queryRow(selectLastSeq, nil, &t.lastSeq); err != nil {
			return 0, fmt.Errorf("read the number of the last event: %w", err)
		}
	}
	t.lastSeq++
	return t.lastSeq, nil
}

// deliver queues an event of an account for each endpoint that wants it.
func (t *outbox) deliver(e table.Event, queue func(endpoint sms.ID) error) error {
	wants, err := t.interestOf(e.Account)
	if err != nil {
		return err
	}
	for i := range wants.subscribed {
		if !wants.subscribed[i].wants(e.Type) {
			continue
		}
		if err := queue(wants.subscribed[i].id); err != nil {
			return err
		}
	}
	if !wants.requested || e.Data != nil {
		return nil
	}
	return t.deliverRequested(e, queue)
}

// deliverRequested serves the endpoint that the message's submission named.
func (t *outbox) deliverRequested(e table.Event, queue func(endpoint sms.ID) error) error {
	rows, err := t.query(selectRequested, e.Account, e.Subject[:])
	if err != nil {
		return err
	}
	defer rows.Close()
	for rows.Next() {
		var raw []byte
		if err := rows.Scan(&raw); err != nil {
			return err
		}
		id, err := idOf(raw)
		if err != nil {
			return err
		}
		if err := queue(id); err != nil {
			return err
		}
	}
	return rows.Err()
}

// interest is the list of endpoints that want the events of an account. The writer keeps it
// in memory: each event asks for it, and endpoints change seldom, by the writer's own hand.
type interest struct {
	subscribed []subscriber // origin api
	requested  bool         // submissions may have named endpoints
}

type subscriber struct {
	id     sms.ID
	events string
}

func (s *subscriber) wants(kind webhook.Type) bool {
	return s.events == webhook.EveryType || strings.Contains(s.events, ","+string(kind)+",")
}

// in reports whether an endpoint subscribed to events of a kind.
func (i *interest) in(kind webhook.Type) bool {
	return slices.ContainsFunc(i.subscribed, func(s subscriber) bool { return s.wants(kind) })
}

const selectInterest = `SELECT id, events, origin FROM endpoints WHERE account = ? AND state <> 'disabled'`

func (t *outbox) interestOf(account string) (*interest, error) {
	if known := t.interests[account]; known != nil {
		return known, nil
	}
	rows, err := t.query(selectInterest, account)
	if err != nil {
		return nil, err
	}
	defer rows.Close()
	wants := &interest{}
	for rows.Next() {
		var raw []byte
		var s subscriber
		var origin webhook.Origin
		if err := rows.Scan(&raw, &s.events, &origin); err != nil {
			return nil, err
		}
		if s.id, err = idOf(raw); err != nil {
			return nil, err
		}
		if origin == webhook.OfRequest {
			wants.requested = true
			continue
		}
		wants.subscribed = append(wants.subscribed, s)
	}
	if err := rows.Err(); err != nil {
		return nil, err
	}
	t.interests[account] = wants
	return wants, nil
}

var (
	_ webhook.EndpointStore = (*Store)(nil)
	_ webhook.DeliveryStore = (*Store)(nil)
	_ webhook.Log           = (*Store)(nil)
)

const updateDelivery = `UPDATE deliveries
	SET state = ?, attempts = attempts + 1, next_at = ?, last_at = ?, took = ?, status = ?, error = ?, answer = ?,
		earlier = ?
	WHERE account = ? AND endpoint = ? AND seq = ? AND +state = 'pending'`

// SettleDeliveries implements webhook.DeliveryStore.
func (s *Store) SettleDeliveries(ctx context.Context, attempts []webhook.Attempt) error {
	return s.commits.do(ctx, func(t *tx) error {
		for i := range attempts {
			a := &attempts[i]
			earlier, err := webhook.JoinTries(a.Earlier)
			if err != nil {
				return err
			}
			if d := t.young.errands.all[deliveryKey{a.Endpoint, a.Seq}]; d != nil && d.Account == a.Account {
				err = t.tried(d, a, earlier)
			} else {
				err = t.rows.exec(updateDelivery, string(a.State), micros(a.NextAt), micros(a.At),
					a.Took.Microseconds(), a.Status, a.Error, a.Answer, earlier, a.Account, a.Endpoint[:], a.Seq)
			}
			if err != nil {
				return fmt.Errorf("settle a webhook: %w", err)
			}
		}
		return nil
	})
}

// pruneSize bounds one step of Prune.
const pruneSize = 1000

const (
	selectPrunable = `SELECT coalesce(max(seq), 0) FROM (SELECT seq, at FROM outbox WHERE account = ?1
		ORDER BY seq LIMIT ?2) WHERE at < ?3`
	keepLastSeq = `INSERT INTO settings (name, value) VALUES ('outbox_base', CAST(?1 AS TEXT))
		ON CONFLICT (name) DO UPDATE SET value = excluded.value`
	// deleteFinished drops the deliveries of events of before too: their numbers are smaller.
	deleteFinished = `DELETE FROM deliveries WHERE (account, endpoint, seq) IN (SELECT d.account, d.endpoint, d.seq
		FROM endpoints e CROSS JOIN deliveries d WHERE (?1 = '' OR e.account = ?1) AND d.account = e.account
			AND d.endpoint = e.id AND d.seq <= ?2 AND d.state <> 'pending')`
	deleteOutbox = `DELETE FROM outbox WHERE account = ?1 AND seq <= ?2 AND NOT EXISTS (
		SELECT 1 FROM endpoints e CROSS JOIN deliveries d WHERE (?1 = '' OR e.account = ?1)
			AND d.account = e.account AND d.endpoint = e.id AND d.seq = outbox.seq AND +d.state = 'pending')`
)

// Prune implements webhook.DeliveryStore. It looks at the oldest events of each account alone:
// what waits there holds back nothing for long, for it is given up in days.
func (s *Store) Prune(ctx context.Context, before time.Time) (n int, err error) {
	accounts, err := s.Accounts(ctx)
	if err != nil {
		return 0, err
	}
	owners := []string{""}
	for i := range accounts {
		owners = append(owners, accounts[i].Name)
	}
	for _, owner := range owners {
		dropped := 0
		if err := s.commits.do(ctx, func(t *tx) (err error) {
			dropped, err = t.prune(owner, before)
			return err
		}); err != nil {
			return n, fmt.Errorf("drop old events: %w", err)
		}
		n += dropped
	}
	return n, nil
}

func (t *tx) prune(owner string, before time.Time) (n int, err error) {
	var old int64
	if err := t.queryRow(selectPrunable, []any{owner, pruneSize, micros(before)}, &old); err != nil || old == 0 {
		return 0, err
	}
	if err := t.exec(deleteFinished, owner, old); err != nil {
		return 0, err
	}
	last, err := t.nextSeq() // a number that is left out does no harm
	if err != nil {
		return 0, err
	}
	if err := t.exec(keepLastSeq, last); err != nil {
		return 0, err
	}
	dropped, err := t.execCount(deleteOutbox, owner, old)
	return int(dropped), err
}
