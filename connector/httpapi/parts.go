package httpapi

import (
	"container/list"
	"strconv"
	"sync"

	"relais/sms"
)

// joins puts the receipts of parts together, where the operator pushes one for each part of a long
// message. It is memory: after a restart, after a reload, or where the pushes of one message come to two
// nodes, a long message that was delivered has no receipt, and expires as one (sms.NoReceipt).
type joins struct {
	mu    sync.Mutex
	known map[string]*joining // by message
	open  *list.List          // of *joining, the oldest first
	over  *list.List          // those that ended: a push of them may come again
}

// joining is a long message of which a part arrived.
type joining struct {
	message string
	parts   map[string]bool // that arrived
	over    bool
	at      *list.Element
}

const (
	mostJoined = 20_000 // long messages that are on their way at once
	mostOver   = 1_000  // that ended, and whose last push may be repeated
)

func newJoins() *joins {
	return &joins{known: map[string]*joining{}, open: list.New(), over: list.New()}
}

// whole makes the receipt of a part one of the message: it is delivered when every part is, and has
// ended as a part that is not. The id of a part is none of the message, which its reference finds.
func (j *joins) whole(c *callback, doc *document, receipt *sms.Receipt) {
	text, _ := doc.at(c.parts)
	if c.partsPattern != nil {
		text = c.partsPattern.re.FindString(text)
	}
	count, err := strconv.Atoi(text)
	if err != nil || count < 2 {
		return
	}
	message := receipt.ProviderID
	if !receipt.Ref.IsZero() {
		message, receipt.ProviderID = receipt.Ref.String(), ""
	}
	part, _ := doc.at(c.part)
	switch {
	case receipt.Status != sms.Delivered && receipt.Status.Final():
		j.ended(message)
	case receipt.Status == sms.Delivered && !j.arrived(message, part, count):
		receipt.Status = sms.Submitted
	}
}

// arrived notes that a part arrived, and reports whether each of its message did.
func (j *joins) arrived(message, part string, count int) bool {
	j.mu.Lock()
	defer j.mu.Unlock()
	one := j.known[message]
	if one == nil {
		one = &joining{message: message, parts: map[string]bool{}}
		one.at = j.open.PushBack(one)
		j.known[message] = one
		j.forget(j.open, mostJoined)
	}
	if len(one.parts) < count {
		one.parts[part] = true
	}
	if len(one.parts) < count {
		return false
	}
	j.end(one)
	return true
}

// ended notes that a message has its end.
func (j *joins) ended(message string) {
	j.mu.Lock()
	defer j.mu.Unlock()
	if one := j.known[message]; one != nil {
		j.end(one)
	}
}

// end makes room for messages that are on their way. The lock is held.
func (j *joins) end(one *joining) {
	if one.over {
		return
	}
	j.open.Remove(one.at)
	one.over, one.at = true, j.over.PushBack(one)
	j.forget(j.over, mostOver)
}

// forget drops the oldest of a list that has more than it may. The lock is held.
func (j *joins) forget(of *list.List, most int) {
	for of.Len() > most {
		oldest := of.Front()
		if one, ok := of.Remove(oldest).(*joining); ok {
			delete(j.known, one.message)
		}
	}
}
