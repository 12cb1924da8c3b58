package smpp_test

import (
	"context"
	"errors"
	"net"
	"testing"

	"relais/smpp"
)

// script is a peer that does what a test says, PDU by PDU.
type script struct {
	testing.TB
	net.Conn
	reader *smpp.Reader
}

// session is a Conn under test, with the script on its other end.
type session struct {
	*smpp.Conn
	peer   *script
	served chan error
	stray  chan smpp.PDU
	taken  chan *smpp.Received
}

// open begins a session over a pipe without any room: what is written waits for its reader.
func open(t *testing.T, o smpp.Options) *session {
	t.Helper()
	near, far := net.Pipe()
	s := &session{
		peer: &script{TB: t, Conn: far, reader: smpp.NewReader(far)}, served: make(chan error, 1),
		stray: make(chan smpp.PDU, 100), taken: make(chan *smpp.Received, 100),
	}
	if o.Handle == nil {
		o.Handle = func(_ context.Context, r *smpp.Received) { s.taken <- r }
	}
	o.Stray = func(p smpp.PDU) {
		s.Bound() // an owner may ask
		s.stray <- p
	}
	s.Conn = smpp.NewConn(near, o)
	go func() { s.served <- s.Serve(t.Context()) }()
	t.Cleanup(func() {
		s.Close()
		far.Close()
		<-s.Done()
	})
	return s
}

// bound is an ESME's session behind its bind.
func bound(t *testing.T, o smpp.Options) *session {
	t.Helper()
	s := open(t, o)
	answered := make(chan error, 1)
	go func() {
		_, err := s.Bind(t.Context(), &smpp.Bind{Kind: smpp.CommandBindTransceiver, SystemID: "relais"})
		answered <- err
	}()
	p := s.peer.read()
	s.peer.write(smpp.PDU{Sequence: p.Sequence, Body: &smpp.BindResp{Kind: smpp.CommandBindTransceiver}})
	if err := <-answered; err != nil {
		t.Fatal(err)
	}
	return s
}

// boundTo is an SMSC's session behind its bind.
func boundTo(t *testing.T, kind smpp.Command, o smpp.Options) *session {
	t.Helper()
	o.Role = smpp.SMSC
	s := open(t, o)
	s.peer.write(smpp.PDU{Sequence: 1, Body: &smpp.Bind{Kind: kind}})
	r := <-s.taken
	go func() { s.peer.Error(r.Respond(smpp.OK, nil)) }()
	s.peer.expect(kind.Response(), smpp.OK, 1)
	return s
}

// Error fails the test for an error.
func (s *script) Error(err error) {
	s.Helper()
	if err != nil {
		s.TB.Error(err)
	}
}

func (s *script) read() smpp.PDU {
	s.Helper()
	p, err := s.reader.Next()
	if err != nil {
		s.Fatalf("the peer reads: %v", err)
	}
	return p
}

func (s *script) expect(command smpp.Command, status smpp.Status, sequence uint32) smpp.PDU {
	s.Helper()
	p := s.read()
	if p.Body.Command() != command || p.Status != status || p.Sequence != sequence {
		s.Fatalf("the peer got %s, %s, number %d; want %s, %s, number %d",
			p.Body.Command(), p.Status, p.Sequence, command, status, sequence)
	}
	return p
}

func (s *script) write(p smpp.PDU) {
	s.Helper()
	octets, err := smpp.Append(nil, p)
	if err != nil {
		s.Fatal(err)
	}
	if _, err := s.Write(octets); err != nil {
		s.Fatalf("the peer writes: %v", err)
	}
}

func (s *script) answer(sequence uint32, status smpp.Status, id string) {
	s.Helper()
	s.write(smpp.PDU{Status: status, Sequence: sequence, Body: &smpp.SubmitSMResp{MessageID: id}})
}

// reply is what became of a request.
type reply struct {
	smpp.PDU
	delivery smpp.Delivery
	err      error
}

// submit makes a request in the background.
func (s *session) submit(ctx context.Context, late func(smpp.PDU)) <-chan reply {
	done := make(chan reply, 1)
	go func() {
		p, delivery, err := s.Request(ctx, &smpp.SubmitSM{}, late)
		done <- reply{p, delivery, err}
	}()
	return done
}

func wantReply(t *testing.T, got reply, delivery smpp.Delivery, cause error) {
	t.Helper()
	if got.delivery != delivery || !errors.Is(got.err, cause) {
		t.Errorf("%s, %v; want %s, %v", got.delivery, got.err, delivery, cause)
	}
}

func wantEnd(t *testing.T, s *session, want error) {
	t.Helper()
	if err := <-s.served; !errors.Is(err, want) || (want == nil && err != nil) {
		t.Errorf("the session ended with %v, want %v", err, want)
	}
}
