package smsc

import (
	"strconv"
	"time"

	"relais/sandbox/world"
	"relais/smpp"
)

// submit takes a message, or says why not, with whatever fault was ordered for it.
func (s *session) submit(r *smpp.Received, sm smpp.SM) {
	if status := s.judge(&sm); status != smpp.OK {
		s.smsc.count.Refused.Add(1)
		s.answer(r, status, nil)
		return
	}
	order := s.smsc.world.Orders.Meet(world.SMSC, submitKinds)
	if order != nil {
		s.smsc.count.Faults.Add(1)
		if refused := s.refuse(r, order); refused {
			s.smsc.count.Refused.Add(1)
			return
		}
	}
	m := s.take(&sm)
	if m.course.End == world.Arrived && !m.course.Buffered {
		s.smsc.arrive(m)
	}
	if order != nil && order.Kind == world.FaultStopReading {
		s.stay(order.Delay(time.Minute)) // in the goroutine that reads
	}
	if order == nil && !m.course.Before {
		s.answer(r, smpp.OK, responseTo(r, m.answerID))
		s.smsc.after(m)
		return
	}
	// What follows waits for the ESME, whose answers this goroutine reads.
	s.smsc.running.Go(func() { s.misanswer(r, m, order) })
}

// judge refuses what an SMSC may not take (3.4, 4.4 and 5.2).
func (s *session) judge(sm *smpp.SM) smpp.Status {
	if wrong := smpp.Check(&smpp.SubmitSM{SM: *sm}); wrong != nil {
		return wrong.Status
	}
	number := numberOf(sm.Dest)
	_, payload := sm.TLVs.Get(smpp.TagMessagePayload)
	switch {
	case sm.Source.Addr == "":
		return smpp.RINVSRCADR
	case !world.IsE164(number[1:]):
		return smpp.RINVDSTADR
	case payload && len(sm.Text) > 0: // one or the other (3.4, 5.3.2.32)
		return smpp.RINVMSGLEN
	case sm.ReplaceIfPresent != 0: // not offered (inferred; OVH has none, documented)
		return smpp.RINVREPFLAG
	}
	if _, ok := smpp.ParseTime(sm.Validity, s.smsc.world.Clock.Now(), world.Paris); !ok {
		return smpp.RINVEXPIRY
	}
	if _, ok := smpp.ParseTime(sm.Schedule, s.smsc.world.Clock.Now(), world.Paris); !ok {
		return smpp.RINVSCHED
	}
	if s.smsc.overRate() {
		return smpp.RTHROTTLED
	}
	return smpp.OK
}

// numberOf writes an address as handsets are named: E.164 with its plus. A plus in front is borne
// with, as most do (observed).
func numberOf(a smpp.Address) string {
	if len(a.Addr) > 0 && a.Addr[0] == '+' {
		return a.Addr
	}
	return "+" + a.Addr
}

// take notes a message and gives it its ids.
func (s *session) take(sm *smpp.SM) *message {
	number := numberOf(sm.Dest)
	m := &message{
		sm: *sm, number: number, session: s, at: s.smsc.world.Clock.Now(),
		course: s.smsc.world.CourseOf(world.SMSC, number), settings: s.smsc.Settings(),
	}
	s.smsc.ledger.add(m)
	s.smsc.count.Accepted.Add(1)
	return m
}

// responseTo is the answer to submit_sm, or to data_sm.
func responseTo(r *smpp.Received, id string) smpp.Body {
	if _, data := r.Body.(*smpp.DataSM); data {
		return &smpp.DataSMResp{MessageID: id}
	}
	return &smpp.SubmitSMResp{MessageID: id}
}

// after is what becomes of a message once it was answered, or was not as ordered.
func (s *SMSC) after(m *message) {
	c := &m.course
	if c.Buffered && m.sm.RegisteredDelivery&wantsIntermediate != 0 {
		s.tell(m, smpp.EnRoute)
	}
	if c.Once() {
		s.end(m)
		return
	}
	if !c.Never || c.Buffered {
		s.world.Agenda.At(m.at.Add(c.Wait), func(time.Time) {
			if c.Buffered && c.End == world.Arrived {
				s.arrive(m)
			}
			s.end(m)
		})
		return
	}
	s.ledger.ends(m, ends[c.End].state)
}

// end gives a message its end and tells of it.
func (s *SMSC) end(m *message) {
	s.ledger.ends(m, ends[m.course.End].state)
	if m.course.Never {
		return
	}
	if m.course.Reorder { // an older state comes after the end
		s.tell(m, ends[m.course.End].state, smpp.EnRoute)
		return
	}
	for range m.course.Times {
		s.tell(m, ends[m.course.End].state)
	}
}

// query answers query_sm (3.4, 4.8): the id and the source must be those of the message.
func (s *session) query(r *smpp.Received, q *smpp.QuerySM) {
	m := s.smsc.ledger.find(q.MessageID)
	if m == nil || m.sm.Source.Addr != q.Source.Addr {
		s.answer(r, smpp.RQUERYFAIL, nil)
		return
	}
	state, at := s.smsc.ledger.stateOf(m)
	answer := &smpp.QuerySMResp{MessageID: m.answerID, State: state}
	if state != smpp.EnRoute {
		answer.FinalDate = smpp.FormatTime(at)
		code, _ := strconv.Atoi(ends[m.course.End].code)
		answer.ErrorCode = byte(code)
	}
	s.answer(r, smpp.OK, answer)
}

// cancel answers cancel_sm. Nothing waits here long enough to be taken back but a handset that is
// off, whose message stays (inferred).
func (s *session) cancel(r *smpp.Received, _ *smpp.CancelSM) {
	s.answer(r, smpp.RCANCELFAIL, nil)
}

// overRate counts messages in the second that runs.
func (s *SMSC) overRate() bool {
	most := s.Settings().Rate
	if most == 0 {
		return false
	}
	if !s.ledger.within(most, s.world.Clock.Now()) {
		s.count.OverRate.Add(1)
		return true
	}
	return false
}
