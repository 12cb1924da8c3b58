package sqlite

import (
	"bytes"
	"cmp"
	"fmt"
	"iter"
	"maps"
	"slices"
	"sync"
	"time"

	"relais/sms"
	"relais/store/table"
	"relais/webhook"
)

// The webhook that tells of the end of a young message leaves within a moment. Until it was
// tried its delivery is young too: it has no row, stands in the table young, and is known with
// what it tells. It gets its row, once, as the attempt leaves it, or when a statement asks for
// deliveries or may change what they tell, when something else happens to its message, or after
// mostYouth.

// deliveryKey is an event on its way to an endpoint.
type deliveryKey struct {
	endpoint sms.ID
	seq      int64
}

type youngDelivery struct {
	webhook.Delivery
	seq   int64 // of the transaction that wrote it down
	since time.Time
}

func (d *youngDelivery) key() deliveryKey { return deliveryKey{d.Endpoint, d.Event.Seq} }

// fields goes through what is kept of a young delivery, as those of a message do.
func (d *youngDelivery) fields(c coder) {
	d.names(c)
	c.text(&d.Account)
	c.id(&d.Event.Subject)
	c.time(&d.NextAt)
	c.time(&d.Until)
}

func (d *youngDelivery) names(c coder) {
	c.id(&d.Endpoint)
	c.long(&d.Event.Seq)
}

// errands are the young deliveries. The writer alone changes them; who reads beside it finds
// those of the last commit.
type errands struct {
	all      map[deliveryKey]*youngDelivery
	subjects map[sms.ID]int // how many there are of each
	changed  []deliveryKey  // by this transaction

	mu    sync.Mutex
	shown map[sms.ID]map[int64]webhook.Delivery // by endpoint and event
}

func newErrands() *errands {
	e := &errands{shown: map[sms.ID]map[int64]webhook.Delivery{}}
	e.clear()
	return e
}

// clear is for a transaction that was taken back.
func (e *errands) clear() {
	e.all, e.subjects, e.changed = map[deliveryKey]*youngDelivery{}, map[sms.ID]int{}, nil
}

func (e *errands) put(d *youngDelivery) {
	e.all[d.key()] = d
	e.subjects[d.Event.Subject]++
	e.changed = append(e.changed, d.key())
}

func (e *errands) forget(d *youngDelivery) {
	delete(e.all, d.key())
	if e.subjects[d.Event.Subject]--; e.subjects[d.Event.Subject] == 0 {
		delete(e.subjects, d.Event.Subject)
	}
	e.changed = append(e.changed, d.key())
}

// publish is for those who read beside the writer.
func (e *errands) publish() {
	e.mu.Lock()
	defer e.mu.Unlock()
	for _, key := range e.changed {
		of := e.shown[key.endpoint]
		if d := e.all[key]; d != nil {
			if of == nil {
				of = map[int64]webhook.Delivery{}
				e.shown[key.endpoint] = of
			}
			of[key.seq] = d.Delivery
		} else if delete(of, key.seq); len(of) == 0 {
			delete(e.shown, key.endpoint)
		}
	}
	e.changed = e.changed[:0]
}

// of goes through those of an endpoint.
func (e *errands) of(endpoint sms.ID) iter.Seq[webhook.Delivery] {
	return func(yield func(webhook.Delivery) bool) {
		e.mu.Lock()
		defer e.mu.Unlock()
		for _, d := range e.shown[endpoint] {
			if !yield(d) {
				return
			}
		}
	}
}

// tellOf puts an event of a message that was young in the outbox, with its deliveries.
func (t *tx) tellOf(m *youngMessage, e youngEvent) error {
	seq, err := t.nextSeq()
	if err != nil {
		return err
	}
	if err := t.rows.exec(insertOutboxOf, m.Account, seq, string(e.kind), m.ID[:], e.event, micros(e.at)); err != nil {
		return fmt.Errorf("put an event in the outbox: %w", err)
	}
	of := table.Event{Account: m.Account, Type: e.kind, Subject: m.ID, At: e.at}
	queue := t.inRow(of, seq)
	if e.last != nil && len(t.young.errands.all) < mostYoung {
		told, err := m.tells(e, seq)
		if err != nil {
			return err
		}
		queue = func(endpoint sms.ID) error {
			t.young.send(m.Account, endpoint, told)
			return nil
		}
	}
	if err := t.deliver(of, queue); err != nil {
		return fmt.Errorf("queue a webhook: %w", err)
	}
	return nil
}

// tells is the event that ended a message.
func (m *youngMessage) tells(e youngEvent, seq int64) (webhook.Event, error) {
	last := *e.last
	last.At = fromMicros(micros(last.At)) // as it is read
	data, err := table.MessageData(&last, &m.Message, m.metadata)
	return webhook.Event{Seq: seq, Account: m.Account, Type: e.kind, Subject: m.ID, At: last.At, Data: data}, err
}

// send makes a young delivery, once for each endpoint and event.
func (y *young) send(account string, endpoint sms.ID, e webhook.Event) {
	d := &youngDelivery{since: time.Now(), seq: y.seq, Delivery: webhook.Delivery{
		Event: e, Endpoint: endpoint, Account: account, State: webhook.Pending, NextAt: e.At,
		Until: e.At.Add(webhook.GiveUp),
	}}
	if y.errands.all[d.key()] == nil {
		y.errands.put(d)
		y.records.delivery(d)
	}
}

// remember takes a delivery that was written down, with what it tells where this process wrote
// it; of another one it gets its row before anybody asks. It counts as old.
func (y *young) remember(d *youngDelivery) {
	e := y.errands
	e.mu.Lock()
	if known, is := e.shown[d.Endpoint][d.Event.Seq]; is {
		d.Delivery = known
	}
	e.mu.Unlock()
	e.put(d)
}

const insertTried = `INSERT INTO deliveries (account, endpoint, seq, subject, state, attempts, next_at, until, last_at,
		took, status, error, answer, earlier)
	VALUES (?, ?, ?, ?, ?, 1, ?, ?, ?, ?, ?, ?, ?, ?)`

// tried gives a young delivery its row, as an attempt leaves it.
func (t *tx) tried(d *youngDelivery, a *webhook.Attempt, earlier string) error {
	t.young.arrive(d)
	return t.rows.exec(insertTried, d.Account, d.Endpoint[:], d.Event.Seq, d.Event.Subject[:], string(a.State),
		micros(a.NextAt), micros(d.Until), micros(a.At), a.Took.Microseconds(), a.Status, a.Error, a.Answer, earlier)
}

// arrive is for a delivery that gets its row.
func (y *young) arrive(d *youngDelivery) {
	y.errands.forget(d)
	y.records.sent(d)
}

// writeDeliveries gives some, or all of them, their rows, in the order of their events.
func (t *tx) writeDeliveries(some iter.Seq[*youngDelivery]) error {
	byEvent := func(a, b *youngDelivery) int {
		return cmp.Or(cmp.Compare(a.Event.Seq, b.Event.Seq), bytes.Compare(a.Endpoint[:], b.Endpoint[:]))
	}
	for _, d := range slices.SortedFunc(some, byEvent) {
		t.young.arrive(d)
		if err := t.rows.exec(insertDelivery, d.Account, d.Endpoint[:], d.Event.Seq, d.Event.Subject[:],
			micros(d.NextAt), micros(d.Until)); err != nil {
			return fmt.Errorf("queue a webhook: %w", err)
		}
	}
	return nil
}

func (t *tx) writeAllDeliveries() error {
	return t.writeDeliveries(maps.Values(t.young.errands.all))
}

// tell puts an event in the outbox. Deliveries about its subject have rows from now on, so that
// they leave in order.
func (t *tx) tell(e table.Event) (seq int64, err error) {
	if t.young.errands.subjects[e.Subject] > 0 {
		err := t.writeDeliveries(func(yield func(*youngDelivery) bool) {
			for _, d := range t.young.errands.all {
				if d.Event.Subject == e.Subject && !yield(d) {
					return
				}
			}
		})
		if err != nil {
			return 0, err
		}
	}
	return t.outbox.tell(e)
}
