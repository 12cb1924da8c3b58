package smpp

import (
	"context"
	"net"
	"net/netip"
	"sync"

	"relais/smpp"
)

// session is one connection of a client.
type session struct {
	door *Door
	conn *smpp.Conn
	from netip.Addr

	work    chan *smpp.Received
	workers sync.WaitGroup
	places  chan struct{} // a token for each delivery without an answer; made by the bind
	hired   int           // by the goroutine that reads

	mu      sync.Mutex
	client  *client // nil before the bind
	version byte    // of the client's interface
}

func newSession(d *Door, nc net.Conn, from netip.Addr) *session {
	s := &session{door: d, from: from, work: make(chan *smpp.Received)}
	s.conn = smpp.NewConn(nc, smpp.Options{
		Role: smpp.SMSC, Window: mostWindow, PeerWindow: mostWindow, Timers: d.Timers, Handle: s.handle,
	})
	return s
}

// serve is the life of the connection.
func (s *session) serve(ctx context.Context) {
	err := s.conn.Serve(context.WithoutCancel(ctx))
	close(s.work)
	s.workers.Wait()
	s.door.gone(s)
	bound := s.bound()
	if bound == nil {
		s.door.Log.Debug("a connection ended before a bind", "door", "smpp", "error", err)
		return
	}
	bound.remove(s)
	s.door.Metrics.ended(bound.systemID, s.conn.Bound())
	s.door.Log.Info("a bind ended", "door", "smpp", "system_id", bound.systemID, "bind", s.conn.Bound().String(), "error", err)
	s.door.Changed() // what was on its way by it goes by another
}

// end unbinds, or closes what is not bound.
func (s *session) end(ctx context.Context) {
	if s.bound() == nil {
		s.conn.Close()
		return
	}
	if err := s.conn.Unbind(ctx); err != nil {
		s.door.Log.Debug("an unbind was not answered", "door", "smpp", "error", err)
	}
}

func (s *session) bound() *client {
	s.mu.Lock()
	defer s.mu.Unlock()
	return s.client
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

// old reports whether the client speaks a version before 3.4, which has neither optional
// parameters nor ids of more than 8 characters (3.4, 3.4).
func (s *session) old() bool {
	s.mu.Lock()
	defer s.mu.Unlock()
	return s.version < version34
}

const version34 = 0x34

// handle takes one request, in the goroutine that reads.
func (s *session) handle(_ context.Context, r *smpp.Received) {
	switch body := r.Body.(type) {
	case *smpp.Bind:
		s.bind(r, body)
	case *smpp.SubmitSM, *smpp.DataSM, *smpp.SubmitMulti, *smpp.QuerySM, *smpp.CancelSM, *smpp.ReplaceSM:
		s.hand(r)
	default: // outbind and alert_notification are an SMSC's to send, and nothing answers them
		r.Abandon()
	}
}

// hand gives a request to a worker that is free, or hires one, or waits for one: meanwhile the
// client is not read.
func (s *session) hand(r *smpp.Received) {
	select {
	case s.work <- r:
		return
	default:
	}
	if s.hired < s.bound().Window {
		s.hired++
		s.workers.Go(s.labor)
	}
	s.work <- r
}

// labor is a worker: one request after another until the session ends.
func (s *session) labor() {
	for r := range s.work {
		s.answer(r)
	}
}

// answer works on a request and answers it.
func (s *session) answer(r *smpp.Received) {
	c := s.bound()
	written := c.answering(r)
	defer written()
	status, body := s.judge(c, r)
	s.door.Metrics.answered(c.systemID, r.Body.Command(), status)
	if err := r.Respond(status, body); err != nil {
		s.door.Log.Debug("an answer did not leave", "door", "smpp", "system_id", c.systemID, "error", err)
	}
}

// judge works on a request.
func (s *session) judge(c *client, r *smpp.Received) (smpp.Status, smpp.Body) {
	if s.door.stops() {
		return smpp.RTHROTTLED, nil // of the statuses that clients try again after, the one that all do
	}
	switch body := r.Body.(type) {
	case *smpp.SubmitSM:
		return s.submit(c, &body.SM)
	case *smpp.DataSM:
		sm := body.SM()
		status, answer := s.submit(c, &sm)
		if taken, ok := answer.(*smpp.SubmitSMResp); ok {
			return status, &smpp.DataSMResp{MessageID: taken.MessageID}
		}
		return status, nil
	case *smpp.SubmitMulti:
		return s.multi(c, body)
	case *smpp.QuerySM:
		return s.query(c, body)
	case *smpp.CancelSM:
		return s.cancel(c, body), nil
	default: // replace_sm: a message that was accepted does not change
		return smpp.RREPLACEFAIL, nil
	}
}
