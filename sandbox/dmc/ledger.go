package dmc

import (
	"sync"

	"relais/sandbox/world"
)

// ledger holds every message and reply, and the numbers that want none.
type ledger struct {
	world   *world.World
	count   *world.Counters
	senders *world.Senders
	bad     BadElement
	pushes  *pushes

	mu       sync.RWMutex
	first    ID
	messages []*message // by id - first; nil when lost or dropped
	byRef    map[string][]*message
	buffered []*bufferedMessage
	blocked  map[string]bool
}

func newLedger(w *world.World, opts Options) *ledger {
	count := w.Tally.Of(world.DMC)
	return &ledger{
		world:   w,
		count:   count,
		senders: world.NewSenders(world.DMC, Sender, world.SenderEnabled, SecondSender, world.SenderEnabled),
		bad:     opts.BadElement,
		pushes:  &pushes{world: w, count: count},
		byRef:   map[string][]*message{},
		blocked: map[string]bool{},
		first:   firstID + ID(opts.Taken),
	}
}
