package smpp_test

import (
	"context"
	"errors"
	"io"
	"testing"
	"testing/synctest"
	"time"

	"relais/smpp"
)

func TestResponsesInAnyOrder(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		s := bound(t, smpp.Options{})
		first := s.submit(t.Context(), nil)
		one := s.peer.read()
		second := s.submit(t.Context(), nil)
		two := s.peer.read()
		if one.Sequence == two.Sequence || one.Sequence == 0 || two.Sequence == 0 {
			t.Errorf("numbers %d and %d", one.Sequence, two.Sequence)
		}
		s.peer.answer(two.Sequence, smpp.OK, "two")
		s.peer.answer(one.Sequence, smpp.RTHROTTLED, "")
		got := <-second
		wantReply(t, got, smpp.Answered, nil)
		if id := got.Body.(*smpp.SubmitSMResp).MessageID; id != "two" {
			t.Errorf("id %q", id)
		}
		got = <-first
		wantReply(t, got, smpp.Answered, nil)
		if got.Status != smpp.RTHROTTLED {
			t.Errorf("status %s", got.Status)
		}
	})
}

// jasmin issue 247, jsmpp issue 63: the response came after the timer, and the request had been
// put back.
func TestLateResponseReachesItsRequest(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		s := bound(t, smpp.Options{})
		late := make(chan smpp.PDU, 1)
		done := s.submit(t.Context(), func(p smpp.PDU) { late <- p })
		asked := s.peer.read()
		go func() { // enquire_link meanwhile
			p := s.peer.read()
			s.peer.write(smpp.PDU{Sequence: p.Sequence, Body: &smpp.EnquireLinkResp{}})
		}()
		began := time.Now()
		wantReply(t, <-done, smpp.Written, smpp.ErrNoAnswer)
		if waited := time.Since(began); waited != time.Minute {
			t.Errorf("waited %v", waited)
		}
		s.peer.answer(asked.Sequence, smpp.OK, "late")
		if id := (<-late).Body.(*smpp.SubmitSMResp).MessageID; id != "late" {
			t.Errorf("id %q", id)
		}
		s.peer.answer(asked.Sequence, smpp.OK, "twice")
		if got := <-s.stray; got.Sequence != asked.Sequence {
			t.Errorf("stray %+v", got)
		}
	})
}

func TestCallerThatWaitsNoLonger(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		s := bound(t, smpp.Options{})
		ctx, cancel := context.WithCancel(t.Context())
		late := make(chan smpp.PDU, 1)
		done := s.submit(ctx, func(p smpp.PDU) { late <- p })
		asked := s.peer.read()
		cancel()
		wantReply(t, <-done, smpp.Written, context.Canceled)
		s.peer.answer(asked.Sequence, smpp.RINVDSTADR, "")
		if got := <-late; got.Status != smpp.RINVDSTADR {
			t.Errorf("late %s", got.Status)
		}
		if err := s.Unbind(ended(t)); err == nil {
			t.Error("unbind without a response")
		}
	})
}

func ended(t *testing.T) context.Context {
	t.Helper()
	ctx, cancel := context.WithCancel(t.Context())
	cancel()
	return ctx
}

// node-smpp left requests hanging when the link closed.
func TestEndOfTheLinkEndsEveryRequest(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		s := bound(t, smpp.Options{})
		var waiting []<-chan reply
		for range 3 {
			waiting = append(waiting, s.submit(t.Context(), nil))
			s.peer.read()
		}
		s.peer.Close()
		for _, done := range waiting {
			wantReply(t, <-done, smpp.Written, io.EOF)
		}
		wantEnd(t, s, io.EOF)
		wantReply(t, <-s.submit(t.Context(), nil), smpp.NotWritten, io.EOF)
	})
}

// Octets are the only proof: a PDU whose last one was not handed over was not read whole.
func TestWrittenOrNot(t *testing.T) {
	octets, err := smpp.Append(nil, smpp.PDU{Body: &smpp.SubmitSM{}})
	if err != nil {
		t.Fatal(err)
	}
	for _, taken := range []int{0, 1, 15, 16, len(octets) - 1, len(octets)} {
		synctest.Test(t, func(t *testing.T) {
			s := bound(t, smpp.Options{})
			done := s.submit(t.Context(), nil)
			if _, err := io.ReadFull(s.peer.Conn, make([]byte, taken)); err != nil {
				t.Fatal(err)
			}
			s.peer.Close()
			got := <-done
			want := smpp.NotWritten
			if taken == len(octets) {
				want = smpp.Written
			}
			if got.delivery != want || got.err == nil {
				t.Errorf("%d octets of %d: %s, %v", taken, len(octets), got.delivery, got.err)
			}
		})
	}
}

func TestPeerThatDoesNotRead(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		s := bound(t, smpp.Options{})
		began := time.Now()
		got := <-s.submit(t.Context(), nil)
		if got.delivery != smpp.NotWritten || got.err == nil || time.Since(began) != 10*time.Second {
			t.Errorf("%s, %v after %v", got.delivery, got.err, time.Since(began))
		}
		if err := <-s.served; err == nil {
			t.Error("the session goes on")
		}
	})
}

// What cannot be written costs nothing but itself.
func TestFieldOverItsLimit(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		s := bound(t, smpp.Options{Window: 1})
		_, delivery, err := s.Request(t.Context(), &smpp.CancelSM{ServiceType: "toolong"}, nil)
		if _, ok := errors.AsType[*smpp.FieldError](err); !ok || delivery != smpp.NotWritten {
			t.Errorf("%s, %v", delivery, err)
		}
		done := s.submit(t.Context(), nil)
		s.peer.answer(s.peer.read().Sequence, smpp.OK, "1")
		wantReply(t, <-done, smpp.Answered, nil)
	})
}

// vumi issue 88, node-smpp issue 17: numbers went on beyond their end, and to zero.
func TestSequenceNumbers(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		s := bound(t, smpp.Options{})
		s.SetSequence(0)
		held := s.submit(t.Context(), nil)
		s.peer.expect(smpp.CommandSubmitSM, smpp.OK, 1)
		s.SetSequence(0x7FFFFFFE)
		for _, want := range []uint32{0x7FFFFFFF, 2} { // 1 is outstanding still
			done := s.submit(t.Context(), nil)
			s.peer.expect(smpp.CommandSubmitSM, smpp.OK, want)
			s.peer.answer(want, smpp.OK, "1")
			wantReply(t, <-done, smpp.Answered, nil)
		}
		s.peer.answer(1, smpp.OK, "1")
		wantReply(t, <-held, smpp.Answered, nil)
	})
}

func TestWindow(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		s := bound(t, smpp.Options{Window: 1})
		first := s.submit(t.Context(), nil)
		asked := s.peer.read()
		ctx, cancel := context.WithTimeout(t.Context(), time.Second)
		defer cancel()
		wantReply(t, <-s.submit(ctx, nil), smpp.NotWritten, context.DeadlineExceeded)
		second := s.submit(t.Context(), nil)
		s.peer.answer(asked.Sequence, smpp.OK, "1")
		wantReply(t, <-first, smpp.Answered, nil)
		s.peer.answer(s.peer.read().Sequence, smpp.OK, "2")
		wantReply(t, <-second, smpp.Answered, nil)
	})
}

// A link that died without a word takes one request, and not a window of them.
func TestWindowBeginsSmall(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		s := bound(t, smpp.Options{Window: 4, SlowStart: true})
		for range 8 {
			s.submit(t.Context(), nil)
		}
		unanswered := []smpp.PDU{s.peer.read()}
		for _, more := range []int{2, 2, 2, 1} { // 2, 3 and 4 at once, then no more than that
			s.peer.answer(unanswered[0].Sequence, smpp.OK, "1")
			unanswered = unanswered[1:]
			for range more {
				unanswered = append(unanswered, s.peer.read())
			}
		}
		if len(unanswered) != 4 {
			t.Errorf("%d unanswered", len(unanswered))
		}
	})
}

// A peer that answers enquire_link and no message fills the window once, and no more.
func TestMutePeer(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		s := bound(t, smpp.Options{Window: 2})
		first, second := s.submit(t.Context(), nil), s.submit(t.Context(), nil)
		third := s.submit(t.Context(), nil)
		go func() {
			for {
				p, err := s.peer.reader.Next()
				if err != nil {
					return
				}
				if p.Body.Command() == smpp.CommandEnquireLink {
					s.peer.write(smpp.PDU{Sequence: p.Sequence, Body: &smpp.EnquireLinkResp{}})
				}
			}
		}()
		wrote := 0
		for _, done := range []<-chan reply{first, second, third} {
			if (<-done).delivery == smpp.Written {
				wrote++
			}
		}
		if wrote != 2 {
			t.Errorf("%d were written in a window of 2", wrote)
		}
		wantEnd(t, s, smpp.ErrMute)
	})
}

// python-smpplib issue 52, jsmpp issue 91: a number of nobody's ended the session.
func TestResponseToNothing(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		s := bound(t, smpp.Options{})
		s.peer.answer(0xFFFFFFFF, smpp.OK, "x")
		if got := <-s.stray; got.Sequence != 0xFFFFFFFF {
			t.Errorf("stray %+v", got)
		}
		done := s.submit(t.Context(), nil)
		s.peer.answer(s.peer.read().Sequence, smpp.OK, "1")
		wantReply(t, <-done, smpp.Answered, nil)
	})
}

func TestResponseOfAnotherKind(t *testing.T) {
	for name, body := range map[string]smpp.Body{"query": &smpp.QuerySMResp{}, "a nack that refuses nothing": &smpp.GenericNack{}} {
		t.Run(name, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				s := bound(t, smpp.Options{})
				done := s.submit(t.Context(), nil)
				s.peer.write(smpp.PDU{Sequence: s.peer.read().Sequence, Body: body})
				wantReply(t, <-done, smpp.Written, smpp.ErrWrong)
				wantEnd(t, s, smpp.ErrWrong)
			})
		})
	}
}

// smppex issue 58, vumi issue 404: the request hung.
func TestNackOfARequest(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		s := bound(t, smpp.Options{})
		done := s.submit(t.Context(), nil)
		s.peer.write(smpp.PDU{Status: smpp.RINVCMDID, Sequence: s.peer.read().Sequence, Body: &smpp.GenericNack{}})
		got := <-done
		wantReply(t, got, smpp.Answered, nil)
		if got.Status != smpp.RINVCMDID {
			t.Errorf("status %s", got.Status)
		}
		done = s.submit(t.Context(), nil)
		s.peer.answer(s.peer.read().Sequence, smpp.OK, "1")
		wantReply(t, <-done, smpp.Answered, nil)
	})
}

func TestNackOfNothing(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		s := bound(t, smpp.Options{})
		done := s.submit(t.Context(), nil)
		s.peer.read()
		s.peer.write(smpp.PDU{Status: smpp.RINVCMDLEN, Body: &smpp.GenericNack{}})
		wantReply(t, <-done, smpp.Written, smpp.ErrNack)
		wantEnd(t, s, smpp.ErrNack)
	})
}

func TestRefusedBind(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		s := open(t, smpp.Options{})
		done := make(chan error, 1)
		go func() {
			_, err := s.Bind(t.Context(), &smpp.Bind{Kind: smpp.CommandBindReceiver, SystemID: "relais"})
			done <- err
		}()
		asked := s.peer.read()
		s.peer.write(smpp.PDU{
			Status: smpp.RBINDFAIL, Sequence: asked.Sequence, Body: &smpp.BindResp{Kind: smpp.CommandBindReceiver},
		})
		refused, ok := errors.AsType[*smpp.StatusError](<-done)
		if !ok || refused.Status != smpp.RBINDFAIL || refused.Command != smpp.CommandBindReceiver || s.Bound() != 0 {
			t.Errorf("%v, bound by %s", refused, s.Bound())
		}
	})
}
