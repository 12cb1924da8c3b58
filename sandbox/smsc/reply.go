package smsc

import (
	"relais/gsm"
	"relais/smpp"
)

// Reply takes what a person answers to the message of an id, and tells the ESME: in parts with
// headers where it is long.
func (s *SMSC) Reply(id, text string) {
	m := s.ledger.find(id)
	if m == nil {
		return
	}
	s.count.Replies.Add(1)
	charset, coding := smpp.GSM7, byte(0)
	if gsm.Count(text).Alphabet == gsm.UCS2 {
		charset, coding = smpp.UCS2, 8
	}
	parts := gsm.Split(text)
	ref := s.ledger.nextRef()
	for i, part := range parts {
		sm := smpp.SM{Source: m.sm.Dest, Dest: m.sm.Source, DataCoding: coding}
		var header []byte
		if len(parts) > 1 {
			concat := smpp.Concat{Ref: ref, Total: byte(len(parts)), Seq: byte(i + 1)}
			header = concat.Header().Append(nil)
			sm.ESMClass = smpp.ESMHeader
		}
		octets, err := charset.Encode(part, len(header))
		if err != nil {
			s.log.Error("a reply cannot be written", "error", err)
			return
		}
		sm.Text = append(header, octets...)
		s.queue.put(&delivery{body: &smpp.DeliverSM{SM: sm}, session: m.session})
	}
}

// nextRef counts the references of long replies; they have 8 bits.
func (l *ledger) nextRef() uint16 {
	l.mu.Lock()
	defer l.mu.Unlock()
	l.ref++
	return uint16(l.ref)
}
