package smpp

import (
	"context"
	"encoding/hex"
	"slices"
	"strings"
	"time"

	"relais/connector"
	"relais/smpp"
	"relais/sms"
)

// joinWait is how long the parts of a text wait for the others, unanswered: shorter than an SMSC
// waits for an answer. One that sends no part before the last is answered gets its text in
// pieces.
const joinWait = 10 * time.Second

// gap stands where a part of a text is missing.
const gap = "[…]"

// longKey is a text of several parts.
type longKey struct {
	from, to string
	concat   smpp.Concat // without its number
}

// heldText is a text of which parts are missing.
type heldText struct {
	since time.Time
	sm    smpp.SM // of the part that came first
	parts map[byte]string
	from  []heldPart
}

type heldPart struct {
	session *session
	request *smpp.Received
	key     textKey
}

// inbound takes a text from a handset.
func (s *session) inbound(ctx context.Context, r *smpp.Received, m *smpp.SM) {
	i := s.instance
	key := keyOfText(m)
	if known, again := i.texts.again(key); again {
		i.env.Log.Warn("a text is taken for one that the operator sends again, and is not stored",
			"octets", len(m.Octets()), "so_far", known)
		left := s.answer(ctx, nil, r)
		i.texts.note(key, s, !left) // this answer may be lost too
		return
	}
	content := m.Content()
	text := i.text(m.DataCoding, content)
	if content.Part && content.Concat.Total > 1 {
		if whole := i.hold(s, r, m, content.Concat, text); whole != nil {
			i.hand(ctx, s.sink, whole)
		}
		return
	}
	err := s.sink.Take(ctx, connector.News{Inbounds: []sms.Inbound{inbound(*m, text)}})
	if left := s.answer(ctx, err, r); err == nil {
		i.texts.note(key, s, !left)
	}
}

func inbound(m smpp.SM, text string) sms.Inbound {
	return sms.Inbound{From: number(m.Source), To: sms.Sender(number(m.Dest)), Text: text}
}

// tonInternational says that a number has its country in front (3.4, 5.2.5).
const tonInternational = 1

// number is an address as people write it.
func number(a smpp.Address) string {
	if a.TON == tonInternational && a.Addr != "" && !strings.HasPrefix(a.Addr, "+") && !strings.HasPrefix(a.Addr, "00") {
		return "+" + a.Addr
	}
	return a.Addr
}

// text reads the octets of a text; what cannot be read in its charset is read in the one that
// has a character for each octet, and what is no text is shown in hexadecimal: nothing is lost.
func (i *instance) text(coding byte, content smpp.Content) string {
	charset, known := smpp.CharsetOf(coding, i.charset)
	if !known {
		return hex.EncodeToString(content.Text)
	}
	text, err := charset.Decode(content.Text, content.HeaderLength)
	if err != nil {
		text, _ = smpp.Latin1.Decode(content.Text, 0) // reads any octet
	}
	return strings.ReplaceAll(text, "\x00", "")
}

// hold keeps a part until the others are there, and returns the whole then.
func (i *instance) hold(s *session, r *smpp.Received, m *smpp.SM, part smpp.Concat, text string) *heldText {
	key := keyOf(m, part)
	i.mu.Lock()
	defer i.mu.Unlock()
	one := i.held[key]
	if one == nil {
		one = &heldText{since: time.Now(), sm: *m, parts: map[byte]string{}}
		i.held[key] = one
	}
	one.parts[part.Seq] = text
	one.from = append(one.from, heldPart{s, r, keyOfText(m)})
	if len(one.parts) < int(part.Total) {
		return nil
	}
	delete(i.held, key)
	return one
}

func keyOf(m *smpp.SM, part smpp.Concat) longKey {
	part.Seq = 0
	return longKey{m.Source.Addr, m.Dest.Addr, part}
}

// hand stores a text of several parts and answers each of them, whichever session brought it.
func (i *instance) hand(ctx context.Context, sink connector.Sink, whole *heldText) {
	err := sink.Take(ctx, connector.News{Inbounds: []sms.Inbound{inbound(whole.sm, whole.text())}})
	if err == nil {
		i.respond(whole.from, smpp.OK)
		return
	}
	if ctx.Err() == nil {
		i.env.Log.Error("a text in parts could not be stored; the operator will send it again", "error", err)
	}
	_ = sleep(ctx, storeAgain) // where the session has ended, the others need not wait
	i.respond(whole.from, smpp.RXTAPPN)
}

// respond answers parts.
func (i *instance) respond(parts []heldPart, status smpp.Status) {
	for _, part := range parts {
		err := part.request.Respond(status, nil)
		if err != nil {
			i.env.Log.Debug("an acknowledgement did not leave", "error", err)
		}
		if status == smpp.OK {
			i.texts.note(part.key, part.session, err != nil)
		}
	}
}

// text joins the parts; a gap stands for those that are missing.
func (h *heldText) text() string {
	content := h.sm.Content()
	var text strings.Builder
	missing := false
	for seq := byte(1); ; seq++ {
		part, there := h.parts[seq]
		if !there && !missing {
			text.WriteString(gap)
		}
		missing = !there
		text.WriteString(part)
		if seq == content.Concat.Total {
			return text.String()
		}
	}
}

// flushHeld hands on what has waited long enough, until ctx ends.
func (i *instance) flushHeld(ctx context.Context, sink connector.Sink) {
	tick := time.NewTicker(time.Second)
	defer tick.Stop()
	for {
		select {
		case <-ctx.Done():
			return
		case <-tick.C:
		}
		for _, one := range i.due() {
			i.hand(ctx, sink, one)
		}
	}
}

// due takes the texts that have waited long enough.
func (i *instance) due() []*heldText {
	i.mu.Lock()
	defer i.mu.Unlock()
	var due []*heldText
	for key, one := range i.held {
		if time.Since(one.since) >= joinWait {
			due = append(due, one)
			delete(i.held, key)
		}
	}
	return due
}

// drop forgets the texts of which a session that is over brought a part: all of it comes again.
func (i *instance) drop(s *session) {
	for _, one := range i.heldOf(s) {
		others := slices.DeleteFunc(one.from, func(p heldPart) bool { return p.session == s })
		i.respond(others, smpp.RXTAPPN)
	}
}

// heldOf takes the texts of which a session brought a part.
func (i *instance) heldOf(s *session) []*heldText {
	i.mu.Lock()
	defer i.mu.Unlock()
	var taken []*heldText
	for key, one := range i.held {
		if slices.ContainsFunc(one.from, func(p heldPart) bool { return p.session == s }) {
			taken = append(taken, one)
			delete(i.held, key)
		}
	}
	return taken
}
