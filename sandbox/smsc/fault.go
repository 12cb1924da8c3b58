package smsc

import (
	"time"

	"relais/sandbox/world"
	"relais/smpp"
)

// Kinds of orders by what they meet.
var (
	bindKinds   = []string{world.FaultBindRefused, world.FaultAlreadyBound}
	submitKinds = []string{
		world.FaultThrottle, world.FaultQueueFull, world.FaultSystemError, world.FaultNack, world.FaultResetBefore,
		world.FaultResetAfterAccept, world.FaultTimeoutAfterAccept, world.FaultSlow, world.FaultCut, world.FaultNackZero,
		world.FaultWrongSequence, world.FaultWrongType, world.FaultDoubleAnswer, world.FaultEmptyID, world.FaultNoBody,
		world.FaultStopReading, world.FaultUnbind,
	}
)

// refusals are the statuses of orders that leave the message untaken.
var refusals = map[string]smpp.Status{
	world.FaultThrottle: smpp.RTHROTTLED, world.FaultQueueFull: smpp.RMSGQFUL, world.FaultSystemError: smpp.RSYSERR,
}

// Order carries out what is no matter of a message: an outage.
func (s *SMSC) Order(f world.Fault) { s.outage(f.Delay(time.Second)) }

// refuse answers with an order that leaves the message untaken; refused is false for the others.
func (s *session) refuse(r *smpp.Received, order *world.FaultState) (refused bool) {
	if status, known := refusals[order.Kind]; known {
		s.answer(r, status, nil)
		return true
	}
	switch order.Kind {
	case world.FaultNack:
		r.Abandon()
		s.send(smpp.PDU{Status: smpp.RINVCMDLEN, Sequence: r.Sequence, Body: &smpp.GenericNack{}})
		return true
	case world.FaultResetBefore:
		s.conn.Close()
		return true
	}
	return false
}

func (s *session) send(p smpp.PDU) {
	if err := s.conn.Send(p); err != nil {
		s.smsc.log.Debug("an answer did not leave", "error", err)
	}
}

// misanswer answers for a message that was taken, in the way that was ordered.
func (s *session) misanswer(r *smpp.Received, m *message, order *world.FaultState) {
	defer s.smsc.after(m)
	if m.course.Before {
		s.early(m)
	}
	right := smpp.PDU{Sequence: r.Sequence, Body: responseTo(r, m.answerID)}
	if order == nil {
		s.answer(r, smpp.OK, right.Body)
		return
	}
	switch order.Kind {
	case world.FaultSlow:
		s.stay(order.Delay(time.Second))
		s.answer(r, smpp.OK, right.Body)
	case world.FaultStopReading:
		s.answer(r, smpp.OK, right.Body)
	case world.FaultEmptyID:
		s.answer(r, smpp.OK, responseTo(r, ""))
	case world.FaultDoubleAnswer:
		s.answer(r, smpp.OK, right.Body)
		s.send(right)
	case world.FaultUnbind:
		s.answer(r, smpp.OK, right.Body)
		if err := s.conn.Unbind(s.smsc.quit); err != nil {
			s.smsc.log.Debug("an ordered unbind", "error", err)
		}
	case world.FaultResetAfterAccept:
		s.conn.Close()
	case world.FaultCut:
		s.cut(right)
	default:
		r.Abandon()
		s.odd(right, order.Kind)
	}
}

// odd sends an answer that is none; for the kinds without one nothing is sent.
func (s *session) odd(right smpp.PDU, kind string) {
	const another = 1000
	switch kind {
	case world.FaultNackZero:
		s.send(smpp.PDU{Status: smpp.RINVCMDLEN, Body: &smpp.GenericNack{}})
	case world.FaultWrongSequence:
		right.Sequence += another
		s.send(right)
	case world.FaultWrongType:
		right.Body = &smpp.CancelSMResp{}
		s.send(right)
	case world.FaultNoBody:
		right.Body = &smpp.Unknown{ID: right.Body.Command()}
		s.send(right)
	}
}

// cut writes half of an answer and closes the connection.
func (s *session) cut(p smpp.PDU) {
	octets, err := smpp.Append(nil, p)
	if err == nil {
		_, err = s.raw.Write(octets[:len(octets)/2])
	}
	if err != nil {
		s.smsc.log.Debug("an answer was to be cut", "error", err)
	}
	s.conn.Close()
}

// early tells of the end before the answer: on this session where it receives, else by another.
func (s *session) early(m *message) {
	state := ends[m.course.End].state
	if !m.wanted(state) {
		return
	}
	body := m.receipt(state, s.smsc.world.Clock.Now())
	if !s.receives() {
		s.smsc.queue.put(&delivery{body: body})
		s.stay(aMoment)
	} else {
		s.deliverFirst(s.smsc.quit, body)
	}
	m.course.Never = true // it was told
}

// aMoment is what a receipt has to come before its answer by another session.
const aMoment = 200 * time.Millisecond
