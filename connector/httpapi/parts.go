package httpapi

import (
	"strconv"
	"sync"

	"relais/sms"
)

// joins puts the receipts of parts together, where the operator pushes one for each part of a long
// message. It is memory: after a restart, or where the pushes of one message come to two nodes, a long
// message that was delivered stays submitted.
type joins struct {
	mu        sync.Mutex
	delivered map[string]map[string]bool // parts that arrived, by message
	order     []string                   // of messages, the oldest first
}

// mostJoined bounds the long messages that are on their way at once.
const mostJoined = 20_000

func newJoins() *joins { return &joins{delivered: map[string]map[string]bool{}} }

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
	if receipt.Status == sms.Delivered && j.arrived(message, part) < count {
		receipt.Status = sms.Submitted
	}
}

// arrived notes that a part arrived, and gives how many of its message did.
func (j *joins) arrived(message, part string) int {
	j.mu.Lock()
	defer j.mu.Unlock()
	if j.delivered[message] == nil {
		j.delivered[message] = map[string]bool{}
		j.order = append(j.order, message)
	}
	if len(j.order) > mostJoined {
		delete(j.delivered, j.order[0])
		j.order = j.order[1:]
	}
	j.delivered[message][part] = true
	return len(j.delivered[message])
}
