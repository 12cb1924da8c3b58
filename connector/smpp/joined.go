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
	over      bool // its end was told
}

// mostJoined bounds the parts that are remembered: those of the last long messages.
const mostJoined = 50_000

// join notes the id of a part. The lock is held.
func (i *instance) join(e *effort, key string) {
	one := i.joined[e.ids[0]]
	if one == nil || one.e != e {
		one = &joined{e: e, delivered: map[string]bool{}}
	}
	if i.joined[key] == nil {
		i.joinedOrder = append(i.joinedOrder, key)
	}
	i.joined[key] = one
	if len(i.joinedOrder) > mostJoined {
		delete(i.joined, i.joinedOrder[0])
		i.joinedOrder = i.joinedOrder[1:]
	}
}

// earlyWait is how long the receipt of a part waits for the answer to that part, which it may
// overtake.
const earlyWait = 3 * time.Second

// whole makes the receipts of parts one of the message: delivered when every part is, and
// whatever a part ended as that is not. A receipt of a single message is what it is; it may be
// known by either of two ids.
func (i *instance) whole(ctx context.Context, receipt sms.Receipt, keys []string) []sms.Receipt {
	key, one := i.partOf(ctx, keys)
	if one == nil {
		receipts := []sms.Receipt{receipt}
		for _, other := range keys[1:] {
			also := receipt
			also.ProviderID = other
			receipts = append(receipts, also)
		}
		return receipts
	}
	i.mu.Lock()
	defer i.mu.Unlock()
	if one.over || !receipt.Status.Final() {
		return nil
	}
	if receipt.Status == sms.Delivered {
		one.delivered[key] = true
		if len(one.delivered) < one.e.parts {
			return nil
		}
	}
	one.over = true
	receipt.Ref, receipt.ProviderID = one.e.id, one.e.providerID()
	return []sms.Receipt{receipt}
}

// partOf finds the long message of a part; nil where the id is none of a part.
func (i *instance) partOf(ctx context.Context, keys []string) (string, *joined) {
	timer := time.NewTimer(earlyWait)
	defer timer.Stop()
	for {
		i.mu.Lock()
		for _, key := range keys {
			if one := i.joined[key]; one != nil {
				i.mu.Unlock()
				return key, one
			}
		}
		long, told := i.long, i.told
		i.mu.Unlock()
		if long == 0 {
			return "", nil
		}
		select {
		case <-told:
		case <-timer.C:
			return "", nil
		case <-ctx.Done():
			return "", nil
		}
	}
}
