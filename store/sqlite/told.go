package sqlite

import (
	"sync"

	"relais/sms"
	"relais/store/table"
	"relais/webhook"
)

// mostTold bounds how many events are remembered.
const mostTold = 4096

// told remembers what the events that ended young messages tell, for the webhooks that are sent
// next: a message that has ended is changed no more, but by a person who erases it or by the end
// of the time for which it is kept. Then everything is forgotten.
type told struct {
	mu     sync.Mutex
	events map[int64]webhook.Event

	fresh   []webhook.Event // of the transaction that is open
	forgets bool            // it may change what was told
}

func newTold() *told { return &told{events: map[int64]webhook.Event{}} }

// remember keeps what the last event of a message tells, until its transaction ends.
func (t *told) remember(m *youngMessage, e *sms.Event, kind webhook.Type, seq int64) error {
	written := *e
	written.At = fromMicros(micros(e.At)) // as it is read
	data, err := table.MessageData(&written, &m.Message, m.metadata)
	if err != nil {
		return err
	}
	t.fresh = append(t.fresh, webhook.Event{
		Seq: seq, Account: m.Account, Type: kind, Subject: m.ID, At: written.At, Data: data,
	})
	return nil
}

// forget is for a statement that may change what was told. Who asks from now on reads it again,
// and finds what was before until the transaction ends.
func (t *told) forget() {
	t.mu.Lock()
	defer t.mu.Unlock()
	clear(t.events)
	t.forgets = true
}

// end is for a transaction that was kept, or taken back.
func (t *told) end(kept bool) {
	t.mu.Lock()
	defer t.mu.Unlock()
	if len(t.events) > mostTold {
		clear(t.events)
	}
	if kept && !t.forgets {
		for _, e := range t.fresh {
			t.events[e.Seq] = e
		}
	}
	clear(t.fresh)
	t.fresh, t.forgets = t.fresh[:0], false
}

// of returns what an event tells.
func (t *told) of(seq int64) (e webhook.Event, known bool) {
	t.mu.Lock()
	defer t.mu.Unlock()
	e, known = t.events[seq]
	return e, known
}
