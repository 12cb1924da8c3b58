package smsc

import (
	"context"
	"crypto/subtle"
	"net"
	"time"

	"relais/sandbox/world"
	"relais/smpp"
)

// session is one connection of an ESME.
type session struct {
	smsc *SMSC
	conn *smpp.Conn
	raw  net.Conn
}

// serve is the life of a connection.
func (s *SMSC) serve(nc net.Conn) {
	one := &session{smsc: s, raw: nc}
	one.conn = smpp.NewConn(nc, smpp.Options{Role: smpp.SMSC, Handle: one.handle})
	s.mu.Lock()
	s.sessions[one] = true
	s.mu.Unlock()
	if err := one.conn.Serve(s.quit); err != nil {
		s.log.Debug("a session with the simulated SMSC ended", "error", err)
	}
	s.mu.Lock()
	delete(s.sessions, one)
	s.mu.Unlock()
	s.queue.rouse() // what was meant for it goes to another
}

// handle takes one request. It is called in the goroutine that reads, so that what takes long is
// handed on.
func (s *session) handle(_ context.Context, r *smpp.Received) {
	s.smsc.count.Calls.Add(1)
	switch body := r.Body.(type) {
	case *smpp.Bind:
		s.bind(r, body)
	case *smpp.SubmitSM:
		s.submit(r, body.SM)
	case *smpp.DataSM:
		s.submit(r, body.SM())
	case *smpp.QuerySM:
		s.query(r, body)
	case *smpp.CancelSM:
		s.cancel(r, body)
	case *smpp.ReplaceSM:
		s.answer(r, smpp.RREPLACEFAIL, nil) // nothing stays here that could be replaced
	case *smpp.SubmitMulti: // OVH has none either (documented); the answer is inferred
		s.answer(r, smpp.RINVCMDID, nil)
	default:
		s.answer(r, smpp.RINVCMDID, nil)
	}
}

// answer responds; an error means that the ESME is gone, and it will find out.
func (s *session) answer(r *smpp.Received, status smpp.Status, body smpp.Body) {
	if err := r.Respond(status, body); err != nil {
		s.smsc.log.Debug("an answer did not leave", "error", err)
	}
}

// bind lets an ESME in. 5.0, 4.7.6 wants RBINDFAIL for wrong credentials.
func (s *session) bind(r *smpp.Received, b *smpp.Bind) {
	switch order := s.smsc.world.Orders.Meet(world.SMSC, bindKinds); {
	case order == nil:
	case order.Kind == world.FaultAlreadyBound:
		s.smsc.count.Faults.Add(1)
		s.answer(r, smpp.RALYBND, nil)
		return
	default:
		s.smsc.count.Faults.Add(1)
		s.answer(r, smpp.RBINDFAIL, nil)
		return
	}
	known := subtle.ConstantTimeCompare([]byte(b.SystemID), []byte(SystemID)) &
		subtle.ConstantTimeCompare([]byte(b.Password), []byte(Password))
	if known != 1 || s.smsc.binds() > mostBinds {
		s.answer(r, smpp.RBINDFAIL, nil)
		return
	}
	answer := &smpp.BindResp{Kind: b.Kind, SystemID: "SMSC"}
	if version := versions[s.smsc.Settings().Version]; version != 0 {
		answer.TLVs = smpp.TLVs{smpp.NumberTLV(smpp.TagSCInterfaceVersion, 1, version)}
	}
	s.answer(r, smpp.OK, answer)
	if b.Kind.Receives() {
		s.smsc.running.Go(s.deliver)
	}
}

func (s *SMSC) binds() int {
	s.mu.Lock()
	defer s.mu.Unlock()
	return len(s.sessions)
}

// receives reports whether receipts and replies may go by the session.
func (s *session) receives() bool {
	select {
	case <-s.conn.Done():
		return false
	default:
		return s.conn.Bound().Receives()
	}
}

// others reports whether another session receives.
func (s *session) others() bool {
	s.smsc.mu.Lock()
	defer s.smsc.mu.Unlock()
	for one := range s.smsc.sessions {
		if one != s && one.receives() {
			return true
		}
	}
	return false
}

// stay waits for a time, or until the session ends.
func (s *session) stay(d time.Duration) {
	timer := time.NewTimer(d)
	defer timer.Stop()
	select {
	case <-timer.C:
	case <-s.conn.Done():
	case <-s.smsc.quit.Done():
	}
}
