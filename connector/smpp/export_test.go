package smpp

import (
	"context"

	"relais/connector"
	"relais/smpp"
	"relais/sms"
)

// AgeHeld makes the parts that wait for others old.
func AgeHeld(c connector.Connector) {
	i := instanceOf(c)
	i.mu.Lock()
	defer i.mu.Unlock()
	for _, one := range i.held {
		one.since = one.since.Add(-joinWait)
	}
}

// Held is how many texts wait for parts.
func Held(c connector.Connector) int {
	i := instanceOf(c)
	i.mu.Lock()
	defer i.mu.Unlock()
	return len(i.held)
}

// HeldParts is how many parts wait for others.
func HeldParts(c connector.Connector) (n int) {
	i := instanceOf(c)
	i.mu.Lock()
	defer i.mu.Unlock()
	for _, one := range i.held {
		n += len(one.from)
	}
	return n
}

// InDoubt is how many messages may still be settled by a late answer.
func InDoubt(c connector.Connector) int {
	i := instanceOf(c)
	i.mu.Lock()
	defer i.mu.Unlock()
	return len(i.efforts)
}

// Judge has a connector know how a login ended.
func Judge(c connector.Connector, err error) { instanceOf(c).judge(err) }

func instanceOf(c connector.Connector) *instance {
	if a, ok := c.(asking); ok {
		return a.instance
	}
	return c.(*instance)
}

// Listed reports whether a status is in the table.
func Listed(s smpp.Status) bool {
	_, listed := classes[s]
	return listed
}

// Standing is how many sessions stand.
func Standing(c connector.Connector) int {
	i := instanceOf(c)
	i.mu.Lock()
	defer i.mu.Unlock()
	return i.open
}

// Broken is how many sessions broke whose texts are remembered.
func Broken(c connector.Connector) int {
	i := instanceOf(c)
	i.texts.mu.Lock()
	defer i.texts.mu.Unlock()
	broken := map[*breakage]bool{}
	for _, one := range i.texts.stored {
		if one.end.Load() != nil {
			broken[one.end] = true
		}
	}
	return len(broken)
}

// Repeated is how many texts were taken for ones that the operator sent again.
func Repeated(c connector.Connector) int {
	i := instanceOf(c)
	i.texts.mu.Lock()
	defer i.texts.mu.Unlock()
	return i.texts.known
}

// Know notes the id that the operator gave to the first part of a message.
func Know(c connector.Connector, parts int, id string) {
	instanceOf(c).know(&effort{parts: parts}, id)
}

// OnItsWay counts long messages that are on their way.
func OnItsWay(c connector.Connector, n int) { instanceOf(c).count(n) }

// Receipts is what is told of a receipt.
func Receipts(ctx context.Context, c connector.Connector, r sms.Receipt) []sms.Receipt {
	receipts, _ := instanceOf(c).whole(ctx, r, []string{r.ProviderID})
	return receipts
}
