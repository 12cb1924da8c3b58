package ovh

import (
	"cmp"
	"sync"

	"relais/sandbox/world"
)

// ledger holds the accounts of the customer, and every message and reply.
type ledger struct {
	world   *world.World
	count   *world.Counters
	senders senders
	pushes  *pushes

	mu       sync.RWMutex
	accounts []*account
	first    int64      // id
	messages []*message // by id - first; nil once deleted
	byTag    map[string][]*message
	incoming []*incoming
	nextIn   int64
}

func newLedger(w *world.World, opts Options, known senders) *ledger {
	l := &ledger{
		world: w, count: w.Tally.Of(world.OVH), senders: known,
		accounts: []*account{
			newAccount(Service, cmp.Or(opts.Credits, 10_000_000)), newAccount(SecondService, 2),
		},
		byTag:  map[string][]*message{},
		nextIn: 2_900_000_001 + opts.Taken,
		first:  firstID + opts.Taken,
	}
	l.pushes = &pushes{world: w, count: l.count, settings: l.settingsOf}
	return l
}

func (l *ledger) settingsOf(a *account) settings {
	l.mu.RLock()
	defer l.mu.RUnlock()
	return a.settings
}
