package smpp_test

import (
	"errors"
	"io"
	"net"
	"slices"
	"testing"
	"time"

	"relais/smpp"
)

// Connections that never bind lose their own, and nobody else's; memory is bounded by their number.
func TestConnectionsThatNeverBind(t *testing.T) {
	t.Parallel()
	h := open(t)
	good := h.bound(t, "town")
	var idle []net.Conn
	for range 700 {
		idle = append(idle, h.dial(t))
	}
	await(t, "the end of the first", func() bool {
		if err := idle[0].SetReadDeadline(time.Now().Add(time.Millisecond)); err != nil {
			return true
		}
		_, err := idle[0].Read(make([]byte, 1))
		return errors.Is(err, io.EOF)
	})
	h.bound(t, "town") // the newest is let in
	idIn(t, good.ask(t, text("Bonjour")))
}

// A client that sends without end and reads nothing is not read any more; others are served.
func TestClientThatReadsNothing(t *testing.T) {
	t.Parallel()
	h := open(t)
	deaf := h.dial(t)
	octets, err := smpp.Append(nil, smpp.PDU{Sequence: 1, Body: &smpp.Bind{
		Kind: smpp.CommandBindTransmitter, SystemID: "other", Password: password, InterfaceVersion: 0x34,
	}})
	if err != nil {
		t.Fatal(err)
	}
	bad := text("") // refused, and nothing is stored
	for i := range uint32(200_000) {
		if octets, err = smpp.Append(octets, smpp.PDU{Sequence: i + 2, Body: bad}); err != nil {
			t.Fatal(err)
		}
	}
	if err := deaf.SetWriteDeadline(time.Now().Add(2 * time.Second)); err != nil {
		t.Fatal(err)
	}
	if _, err := deaf.Write(octets); err == nil {
		t.Log("the machine had room for all of it")
	}
	good := h.bound(t, "town")
	idIn(t, good.ask(t, text("Bonjour")))
}

// What is no PDU costs its own session, and none other.
func TestPitfall44GarbageEndsItsSession(t *testing.T) {
	t.Parallel()
	h := open(t)
	good := h.bound(t, "town")
	for _, octets := range []string{
		"GET / HTTP/1.1\r\n\r\n",
		"\x00\x00\x00\x0f\x00\x00\x00\x09\x00\x00\x00\x00\x00\x00\x00\x01",
		"\xff\xff\xff\xff\x00\x00\x00\x09\x00\x00\x00\x00\x00\x00\x00\x01",
	} {
		nc := h.dial(t)
		if _, err := io.WriteString(nc, octets); err != nil {
			t.Fatal(err)
		}
		answer, err := smpp.NewReader(nc).Next()
		if err != nil || answer.Status != smpp.RINVCMDLEN || answer.Body.Command() != smpp.CommandGenericNack {
			t.Errorf("answer %s, %v; want generic_nack RINVCMDLEN", answer.Status, err)
		}
	}
	idIn(t, good.ask(t, text("Bonjour")))
}

// FuzzDoor is what a hostile client sends to a whole door, bound or not: no panic, and a good client
// is served after it.
func FuzzDoor(f *testing.F) {
	h := open(f)
	for _, body := range []smpp.Body{
		text("Bonjour"), &smpp.QuerySM{MessageID: "1"}, &smpp.CancelSM{}, &smpp.ReplaceSM{}, &smpp.Unbind{}, &smpp.Outbind{},
		&smpp.DataSM{TLVs: smpp.Concat{Ref: 1, Total: 2, Seq: 1}.SAR()},
		&smpp.SubmitMulti{Dests: []smpp.Dest{{Address: smpp.Address{Addr: "1"}}, {List: "all"}}},
		&smpp.SubmitSMResp{MessageID: "1"}, &smpp.GenericNack{},
	} {
		octets, err := smpp.Append(nil, smpp.PDU{Sequence: 2, Body: body})
		if err != nil {
			f.Fatal(err)
		}
		f.Add(octets, true)
		f.Add(octets[:len(octets)-1], false)
	}
	bind, err := smpp.Append(nil, smpp.PDU{Sequence: 1, Body: &smpp.Bind{
		Kind: smpp.CommandBindTransceiver, SystemID: "town", Password: password, InterfaceVersion: 0x34,
	}})
	if err != nil {
		f.Fatal(err)
	}
	f.Fuzz(func(t *testing.T, octets []byte, bound bool) {
		nc := h.dial(t)
		if bound {
			octets = append(slices.Clip(bind), octets...)
		}
		if _, err := nc.Write(octets); err != nil {
			return // the door closed
		}
		if err := nc.(*net.TCPConn).CloseWrite(); err != nil {
			return
		}
		if _, err := io.Copy(io.Discard, nc); err != nil && t.Context().Err() != nil {
			t.Error(err)
		}
	})
}
