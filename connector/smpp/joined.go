package smpp

import (
	"context"
	"time"

	"relais/sms"
)

// joined is a long message whose parts have receipts of their own.
type joined struct {
	e         *effort
	delivered map[string]bool
	over      bool // its end was stored
	since     time.Time
}

// joinedFor is how long the receipts of parts are expected: an SMSC that begins its ids anew may
// give those of an old message to a new one. Operators keep receipts for a week (documented: OVH).
const joinedFor = 8 * 24 * time.Hour

// mostJoined bounds the ids that are remembered: of parts of long messages, and as many of single
// messages, which are more and would push those out.
const mostJoined = 50_000

// join notes the id of a message, or of a part of one. The lock is held.
func (i *instance) join(e *effort, key string) {
	if e.parts == 1 {
		i.singles = i.noteID(i.singles, key, nil)
		return
	}
	one := i.joined[e.ids[0]]
	if one == nil || one.e != e {
		one = &joined{e: e, delivered: map[string]bool{}, since: time.Now()}
	}
	i.joinedOrder = i.noteID(i.joinedOrder, key, one)
}

// noteID notes what an id belongs to, and forgets the oldest of order. The lock is held.
func (i *instance) noteID(order []string, key string, one *joined) []string {
	if _, known := i.joined[key]; !known {
		order = append(order, key)
	}
	i.joined[key] = one
	if len(order) > mostJoined {
		delete(i.joined, order[0])
		order = order[1:]
	}
	return order
}

// earlyWait is how long the receipt of a part waits for the answer to that part, which it may
// overtake.
const earlyWait = 3 * time.Second

// whole makes the receipts of parts one of the message: delivered when every part is, and
// whatever a part ended as that is not. A receipt of a single message is what it is; it may be
// known by either of two ids. ends is the long message of which they tell the end: it is over once
// they are stored.
func (i *instance) whole(ctx context.Context, receipt sms.Receipt, keys []string) (receipts []sms.Receipt, ends *joined) {
	key, one := i.partOf(ctx, keys)
	if one == nil {
		receipts = []sms.Receipt{receipt}
		for _, other := range keys[1:] {
			also := receipt
			also.ProviderID = other
			receipts = append(receipts, also)
		}
		return receipts, nil
	}
	i.mu.Lock()
	defer i.mu.Unlock()
	if one.over || !receipt.Status.Final() {
		return nil, nil
	}
	if receipt.Status == sms.Delivered {
		one.delivered[key] = true
		if len(one.delivered) < one.e.parts {
			return nil, nil
		}
	}
	receipt.Ref, receipt.ProviderID = one.e.id, one.e.providerID()
	return []sms.Receipt{receipt}, one
}

// ended notes that the end of a long message was stored; nil: of none.
func (i *instance) ended(one *joined) {
	if one == nil {
		return
	}
	i.mu.Lock()
	defer i.mu.Unlock()
	one.over = true
}

// partOf finds the long message of a part; nil where the id is none of a part.
func (i *instance) partOf(ctx context.Context, keys []string) (string, *joined) {
	timer := time.NewTimer(earlyWait)
	defer timer.Stop()
	for last := false; ; {
		key, one, known, told := i.look(keys)
		if known || last {
			return key, one
		}
		select {
		case <-told:
		case <-timer.C:
			last = true // it may have become known at the same moment
		case <-ctx.Done():
			return "", nil
		}
	}
}

// look looks an id up. told is closed when another becomes known; without a long message on its
// way nothing is worth waiting for, and every id counts as known.
func (i *instance) look(keys []string) (key string, one *joined, known bool, told <-chan struct{}) {
	i.mu.Lock()
	defer i.mu.Unlock()
	for _, key := range keys {
		if one, known = i.joined[key]; known && (one == nil || time.Since(one.since) < joinedFor) {
			return key, one, true, nil
		}
	}
	return "", nil, i.long == 0, i.told
}
