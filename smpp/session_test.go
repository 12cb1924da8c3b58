package smpp_test

import (
	"errors"
	"io"
	"testing"
	"testing/synctest"
	"time"

	"relais/smpp"
)

// gosmpp issue 31, node-smpp issue 57: a link that is silent was never noticed.
func TestSilenceIsAskedAbout(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		s := bound(t, smpp.Options{})
		began := time.Now()
		asked := s.peer.read()
		if asked.Body.Command() != smpp.CommandEnquireLink || time.Since(began) != 30*time.Second {
			t.Errorf("%s after %v", asked.Body.Command(), time.Since(began))
		}
		// python-smpplib issue 52: the number is wrong, and the peer alive
		s.peer.write(smpp.PDU{Sequence: asked.Sequence + 5, Body: &smpp.EnquireLinkResp{}})
		<-s.stray
		s.peer.read()
		wantEnd(t, s, smpp.ErrSilent)
		if waited := time.Since(began); waited != 70*time.Second {
			t.Errorf("ended after %v", waited)
		}
	})
}

// A write into a dead link succeeds: so nothing is written before the peer has given its sign.
func TestRequestsWaitForASignOfLife(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		s := bound(t, smpp.Options{})
		asked := s.peer.read() // enquire_link
		done := s.submit(t.Context(), nil)
		synctest.Wait()
		s.peer.write(smpp.PDU{Sequence: asked.Sequence, Body: &smpp.EnquireLinkResp{}})
		s.peer.answer(s.peer.read().Sequence, smpp.OK, "1")
		wantReply(t, <-done, smpp.Answered, nil)

		s.peer.read()
		wantReply(t, <-s.submit(t.Context(), nil), smpp.NotWritten, smpp.ErrSilent)
	})
}

// smppjs issue 50, smpp.twisted issue 2: enquire_link was sent before the bind was answered.
// cloudhopper pull request 101: it was not answered then.
func TestEnquireLinkBeforeTheBind(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		s := open(t, smpp.Options{Timers: smpp.Timers{Init: time.Hour}})
		s.peer.write(smpp.PDU{Sequence: 7, Body: &smpp.EnquireLink{}})
		s.peer.expect(smpp.CommandEnquireLink.Response(), smpp.OK, 7)
		s.peer.Error(s.peer.SetReadDeadline(time.Now().Add(10 * time.Minute)))
		if p, err := s.peer.reader.Next(); err == nil {
			t.Errorf("got %s", p.Body.Command())
		}
	})
}

func TestUnbind(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		s := bound(t, smpp.Options{})
		done := s.submit(t.Context(), nil)
		asked := s.peer.read()
		left := make(chan error, 1)
		go func() { left <- s.Unbind(t.Context()) }()
		synctest.Wait()
		wantReply(t, <-s.submit(t.Context(), nil), smpp.NotWritten, smpp.ErrClosing)
		s.peer.write(smpp.PDU{Sequence: 1, Body: &smpp.EnquireLink{}}) // answered to the end
		s.peer.expect(smpp.CommandEnquireLink.Response(), smpp.OK, 1)
		s.peer.answer(asked.Sequence, smpp.OK, "1")
		wantReply(t, <-done, smpp.Answered, nil)
		unbind := s.peer.read()
		if unbind.Body.Command() != smpp.CommandUnbind {
			t.Fatalf("got %s", unbind.Body.Command())
		}
		s.peer.write(smpp.PDU{Sequence: unbind.Sequence, Body: &smpp.UnbindResp{}})
		if err := <-left; err != nil {
			t.Error(err)
		}
		s.peer.Close()
		wantEnd(t, s, nil)
	})
}

// The peer ends the session, as some do once a day: what is under way is answered first, on both
// sides.
func TestPeerUnbinds(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		s := bound(t, smpp.Options{})
		done := s.submit(t.Context(), nil)
		asked := s.peer.read()
		s.peer.write(smpp.PDU{Sequence: 5, Body: &smpp.DeliverSM{}})
		s.peer.write(smpp.PDU{Sequence: 6, Body: &smpp.Unbind{}})
		delivered := <-s.taken
		synctest.Wait()
		wantReply(t, <-s.submit(t.Context(), nil), smpp.NotWritten, smpp.ErrClosing)
		s.peer.answer(asked.Sequence, smpp.OK, "1")
		wantReply(t, <-done, smpp.Answered, nil)
		go func() { s.peer.Error(delivered.Respond(smpp.OK, nil)) }()
		s.peer.expect(smpp.CommandDeliverSM.Response(), smpp.OK, 5)
		s.peer.expect(smpp.CommandUnbind.Response(), smpp.OK, 6)
		s.peer.Close()
		wantEnd(t, s, smpp.ErrUnbound)
	})
}

func TestPeerUnbindsAndARequestIsNeverAnswered(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		s := bound(t, smpp.Options{})
		done := s.submit(t.Context(), nil)
		s.peer.read()
		s.peer.write(smpp.PDU{Sequence: 6, Body: &smpp.Unbind{}})
		began := time.Now()
		for {
			p := s.peer.read()
			if p.Body.Command() == smpp.CommandUnbind.Response() {
				break
			}
			s.peer.write(smpp.PDU{Sequence: p.Sequence, Body: &smpp.EnquireLinkResp{}})
		}
		if waited := time.Since(began); waited != time.Minute {
			t.Errorf("waited %v", waited)
		}
		wantReply(t, <-done, smpp.Written, smpp.ErrNoAnswer)
		wantEnd(t, s, smpp.ErrUnbound) // five seconds later: the peer does not close
	})
}

func TestBothUnbindAtOnce(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		s := bound(t, smpp.Options{})
		left := make(chan error, 1)
		go func() { left <- s.Unbind(t.Context()) }()
		ours := s.peer.read()
		s.peer.write(smpp.PDU{Sequence: 6, Body: &smpp.Unbind{}})
		s.peer.expect(smpp.CommandUnbind.Response(), smpp.OK, 6)
		s.peer.write(smpp.PDU{Sequence: ours.Sequence, Body: &smpp.UnbindResp{}})
		s.peer.Close()
		if err := <-left; err != nil {
			t.Error(err)
		}
		wantEnd(t, s, smpp.ErrUnbound)
	})
}

func TestHalfAPDU(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		s := bound(t, smpp.Options{Timers: smpp.Timers{Enquire: -1}})
		if _, err := s.peer.Write([]byte{0, 0, 0}); err != nil {
			t.Fatal(err)
		}
		began := time.Now()
		wantEnd(t, s, smpp.ErrHalf)
		if waited := time.Since(began); waited != time.Minute {
			t.Errorf("ended after %v", waited)
		}
	})
}

func TestStreamThatCannotBeTrusted(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		s := bound(t, smpp.Options{})
		if _, err := s.peer.Write([]byte("GET / HTTP/1.1\r\n")); err != nil {
			t.Fatal(err)
		}
		s.peer.expect(smpp.CommandGenericNack, smpp.RINVCMDLEN, 0)
		frame, ok := errors.AsType[*smpp.FrameError](<-s.served)
		if !ok || frame.Length != 0x47455420 {
			t.Errorf("%v", frame)
		}
	})
}

// What one PDU lacks costs that PDU.
func TestRequestsThatAreRefusedForTheirForm(t *testing.T) {
	tests := []struct {
		name   string
		octets string
		want   smpp.Command
		status smpp.Status
	}{
		{"unknown command", "00000010000001110000000000000007", smpp.CommandGenericNack, smpp.RINVCMDID},
		{"a TLV cut short", "0000001400000103000000000000000700000000", smpp.CommandDataSM.Response(), smpp.RINVCMDLEN},
		{"a client's request", "00000013000000030000000000000007410000", smpp.CommandQuerySM.Response(), smpp.RINVCMDLEN},
		{"a whole one", "000000150000000300000000000000074100000000", smpp.CommandQuerySM.Response(), smpp.RINVBNDSTS},
		// php-smpp issue 49: it was refused for its body
		{"enquire_link with a body", "00000012000000150000000000000007ffff", smpp.CommandEnquireLink.Response(), smpp.OK},
	}
	for _, test := range tests {
		t.Run(test.name, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				s := bound(t, smpp.Options{})
				if _, err := s.peer.Write(octetsOf(t, test.octets)); err != nil {
					t.Fatal(err)
				}
				s.peer.expect(test.want, test.status, 7)
			})
		})
	}
}

func TestServerStates(t *testing.T) {
	submit := &smpp.SubmitSM{}
	tests := []struct {
		name string
		bind smpp.Command // 0: none
		body smpp.Body
		want smpp.Status
	}{
		{"message before the bind", 0, submit, smpp.RINVBNDSTS},
		{"message of a receiver", smpp.CommandBindReceiver, submit, smpp.RINVBNDSTS},
		{"a second bind", smpp.CommandBindTransceiver, &smpp.Bind{Kind: smpp.CommandBindReceiver}, smpp.RINVBNDSTS},
		{"a receipt from a client", smpp.CommandBindTransceiver, &smpp.DeliverSM{}, smpp.RINVBNDSTS},
		{"enquire_link before the bind", 0, &smpp.EnquireLink{}, smpp.OK},
	}
	for _, test := range tests {
		t.Run(test.name, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				var s *session
				if test.bind == 0 {
					s = open(t, smpp.Options{Role: smpp.SMSC})
				} else {
					s = boundTo(t, test.bind, smpp.Options{})
				}
				s.peer.write(smpp.PDU{Sequence: 9, Body: test.body})
				s.peer.expect(test.body.Command().Response(), test.want, 9)
				if s.Bound() != test.bind {
					t.Errorf("bound by %s", s.Bound())
				}
			})
		})
	}
}

func TestServerTakesMessages(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		s := boundTo(t, smpp.CommandBindTransmitter, smpp.Options{})
		s.peer.write(smpp.PDU{Sequence: 0xFFFFFFFF, Body: &smpp.SubmitSM{}})
		r := <-s.taken
		go func() {
			s.peer.Error(r.Respond(smpp.OK, &smpp.SubmitSMResp{MessageID: "id"}))
			if err := r.Respond(smpp.OK, nil); !errors.Is(err, smpp.ErrAnswered) {
				s.peer.Error(errors.New("answered twice"))
			}
		}()
		p := s.peer.expect(smpp.CommandSubmitSM.Response(), smpp.OK, 0xFFFFFFFF)
		if id := p.Body.(*smpp.SubmitSMResp).MessageID; id != "id" {
			t.Errorf("id %q", id)
		}
	})
}

func TestNoBindInTime(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		s := open(t, smpp.Options{Role: smpp.SMSC})
		began := time.Now()
		s.peer.write(smpp.PDU{Sequence: 1, Body: &smpp.EnquireLink{}}) // is none
		s.peer.expect(smpp.CommandEnquireLink.Response(), smpp.OK, 1)
		wantEnd(t, s, smpp.ErrNotBound)
		if waited := time.Since(began); waited != 15*time.Second {
			t.Errorf("ended after %v", waited)
		}
	})
}

func TestRefusedBindMayBeTriedAgain(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		s := open(t, smpp.Options{Role: smpp.SMSC})
		for sequence, status := range map[uint32]smpp.Status{1: smpp.RBINDFAIL, 2: smpp.RBINDFAIL} {
			s.peer.write(smpp.PDU{Sequence: sequence, Body: &smpp.Bind{Kind: smpp.CommandBindReceiver}})
			r := <-s.taken
			s.peer.write(smpp.PDU{Sequence: 9, Body: &smpp.Bind{Kind: smpp.CommandBindReceiver}}) // while the first is judged
			s.peer.expect(smpp.CommandBindReceiver.Response(), smpp.RINVBNDSTS, 9)
			go func() { s.peer.Error(r.Respond(status, nil)) }()
			s.peer.expect(smpp.CommandBindReceiver.Response(), status, sequence)
			if s.Bound() != 0 {
				t.Errorf("bound by %s", s.Bound())
			}
		}
	})
}

// Over its window a peer is not read any more; what it sent is not dropped.
func TestPeersWindow(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		s := boundTo(t, smpp.CommandBindTransmitter, smpp.Options{PeerWindow: 2})
		wrote := make(chan uint32, 10)
		go func() {
			for sequence := range uint32(4) {
				s.peer.write(smpp.PDU{Sequence: sequence, Body: &smpp.SubmitSM{}})
				wrote <- sequence
			}
		}()
		synctest.Wait()
		if len(s.taken) != 2 {
			t.Fatalf("%d taken in a window of 2", len(s.taken))
		}
		(<-s.taken).Abandon()
		(<-s.taken).Abandon()
		synctest.Wait()
		if len(s.taken) != 2 || len(wrote) != 4 {
			t.Errorf("%d taken, %d written", len(s.taken), len(wrote))
		}
	})
}

// What the owner hands in by Send is written as it is.
func TestSend(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		s := boundTo(t, smpp.CommandBindTransceiver, smpp.Options{})
		go func() { s.peer.Error(s.Send(smpp.PDU{Sequence: 77, Status: smpp.RSYSERR, Body: &smpp.SubmitSMResp{}})) }()
		s.peer.expect(smpp.CommandSubmitSM.Response(), smpp.RSYSERR, 77)
		s.Close()
		if err := s.Send(smpp.PDU{Body: &smpp.EnquireLink{}}); !errors.Is(err, smpp.ErrClosed) {
			t.Errorf("%v", err)
		}
		wantEnd(t, s, smpp.ErrClosed)
		if _, err := s.peer.reader.Next(); !errors.Is(err, io.EOF) {
			t.Errorf("the peer sees %v", err)
		}
	})
}
