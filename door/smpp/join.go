package smpp

import (
	"strings"
	"sync"
	"time"

	"relais/gateway"
	"relais/smpp"
)

// Bounds of parts that wait for the others of their message.
const (
	joinAge   = 20 * time.Second // then each is refused for a while: its answer is waited for
	mostParts = 255              // of one message
	mostHeld  = 10_000           // of one client
	mostPart  = 255              // octets of one: a message_payload that is a part is no longer than a short_message
)

// longKey is which long message a part is of.
type longKey struct {
	source, dest smpp.Address
	ref          uint16
	wide         bool
	total        byte
}

// held is a part whose answer is put off until its message is whole.
type held struct {
	request *smpp.Received
	sm      *smpp.SM
	content smpp.Content
}

// long is a message of which not every part is there.
type long struct {
	parts map[byte]held
	timer *time.Timer
}

// joins are the long messages of a client that are not whole. No part is answered before the
// message is on disk, so that nothing is lost with this memory: a client sends again what was
// not answered.
type joins struct {
	mu   sync.Mutex
	all  map[longKey]*long
	held int
}

// add takes a part in. whole are the parts of its message, in order, once the last one came.
// ok is false where there is no room, or the same part waits already. late is called with
// parts that waited in vain.
func (j *joins) add(h held, late func([]held)) (whole []held, ok bool) {
	part := h.content.Concat
	key := longKey{h.sm.Source, h.sm.Dest, part.Ref, part.Wide, part.Total}
	j.mu.Lock()
	defer j.mu.Unlock()
	if j.all == nil {
		j.all = map[longKey]*long{}
	}
	l := j.all[key]
	if l == nil {
		l = &long{parts: map[byte]held{}}
		l.timer = time.AfterFunc(joinAge, func() { late(j.drop(key, l)) })
		j.all[key] = l
	}
	if _, there := l.parts[part.Seq]; there || j.held >= mostHeld {
		return nil, false
	}
	l.parts[part.Seq] = h
	j.held++
	if len(l.parts) < int(part.Total) {
		return nil, true
	}
	l.timer.Stop()
	return j.takeLocked(key, l), true
}

// drop takes out a message that did not become whole; nothing where it did meanwhile.
func (j *joins) drop(key longKey, l *long) []held {
	j.mu.Lock()
	defer j.mu.Unlock()
	if j.all[key] != l {
		return nil
	}
	return j.takeLocked(key, l)
}

// dropAll takes out every message: the door stops.
func (j *joins) dropAll() (parts []held) {
	j.mu.Lock()
	defer j.mu.Unlock()
	for key, l := range j.all {
		l.timer.Stop()
		parts = append(parts, j.takeLocked(key, l)...)
	}
	return parts
}

// takeLocked takes out the parts of a message in their order. j.mu is held.
func (j *joins) takeLocked(key longKey, l *long) (parts []held) {
	delete(j.all, key)
	j.held -= len(l.parts)
	for seq := 1; seq <= mostParts; seq++ {
		if h, there := l.parts[byte(seq)]; there {
			parts = append(parts, h)
		}
	}
	return parts
}

// partOf is a submit_sm or data_sm that is a part of a long message.
func partOf(r *smpp.Received) (h held, ok bool) {
	switch body := r.Body.(type) {
	case *smpp.SubmitSM:
		h = held{r, &body.SM, body.Content()}
	case *smpp.DataSM:
		sm := body.SM()
		h = held{r, &sm, sm.Content()}
	default:
		return h, false
	}
	return h, h.content.Part && h.content.Concat.Total > 1
}

// join puts a part to the others, and submits the message with the last one.
func (s *session) join(c *client, h held) {
	status := s.admitted(c, h.sm, 1)
	if len(h.content.Text) > mostPart {
		status = smpp.RINVMSGLEN
	}
	if status != smpp.OK {
		s.conclude(c, h, status, "")
		return
	}
	whole, ok := c.joins.add(h, func(parts []held) {
		for _, part := range parts { // the others may never come
			s.conclude(c, part, statusTooFast, "")
		}
	})
	if !ok {
		s.conclude(c, h, statusTooFast, "")
		return
	}
	if whole == nil {
		return
	}
	id, status := s.submitWhole(c, whole)
	for _, part := range whole {
		s.conclude(c, part, status, id)
	}
}

// submitWhole takes a long message. Its parts say the same but for their text; registered_delivery
// is that of whichever asks for most.
func (s *session) submitWhole(c *client, parts []held) (id string, status smpp.Status) {
	first := *parts[0].sm
	for _, part := range parts {
		first.RegisteredDelivery |= part.sm.RegisteredDelivery
		if part.sm.DataCoding != first.DataCoding {
			return "", smpp.RINVDCS
		}
	}
	asked, status := s.submission(c, &first)
	if status == smpp.OK {
		status = c.fillWhole(&asked, &first, parts)
	}
	if status != smpp.OK {
		return "", status
	}
	asked.To = []string{c.number(first.Dest)}
	return s.sendOne(c, &first, &asked)
}

// fillWhole puts the text of all parts into a submission. A character may be cut by the border of
// two parts, so that octets are put together before they are read; packed septets begin anew in
// each part.
func (c *client) fillWhole(asked *gateway.Submission, first *smpp.SM, parts []held) smpp.Status {
	whole := parts[0].content
	if charset, known := smpp.CharsetOf(first.DataCoding, c.Alphabet); known && charset == smpp.GSM7Packed {
		var text strings.Builder
		for _, part := range parts {
			if status := c.content(asked, first.DataCoding, part.content, isFlashUnit(first.TLVs)); status != smpp.OK {
				return status
			}
			text.WriteString(asked.Text)
		}
		asked.Text = text.String()
		return smpp.OK
	}
	whole.Text = nil
	for _, part := range parts {
		whole.Text = append(whole.Text, part.content.Text...)
	}
	return c.content(asked, first.DataCoding, whole, isFlashUnit(first.TLVs))
}

// conclude answers a part.
func (s *session) conclude(c *client, h held, status smpp.Status, id string) {
	s.door.Metrics.answered(c.systemID, h.request.Body.Command(), status)
	var body smpp.Body
	if status == smpp.OK {
		body = answerTo(h.request, id)
	}
	s.respond(h.request, status, body)
}

// answerTo is the response that says a message is there.
func answerTo(r *smpp.Received, id string) smpp.Body {
	if _, data := r.Body.(*smpp.DataSM); data {
		return &smpp.DataSMResp{MessageID: id}
	}
	return &smpp.SubmitSMResp{MessageID: id}
}
