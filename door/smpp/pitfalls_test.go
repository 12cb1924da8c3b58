package smpp_test

import (
	"encoding/binary"
	"errors"
	"fmt"
	"io"
	"net"
	"testing"
	"time"

	"relais/smpp"
	"relais/webhook"
)

// raw is a client of the door that writes octets of its own.
type raw struct {
	net.Conn

	read *smpp.Reader
}

// raw binds a transceiver, by a request with a sequence_number.
func (h *house) raw(t *testing.T, systemID string, sequence uint32) *raw {
	t.Helper()
	nc := h.dial(t)
	r := &raw{nc, smpp.NewReader(nc)}
	answer := r.ask(t, octetsOf(t, sequence, &smpp.Bind{
		Kind: smpp.CommandBindTransceiver, SystemID: systemID, Password: password, InterfaceVersion: 0x34,
	}))
	if answer.Status != smpp.OK || answer.Sequence != sequence {
		t.Fatalf("bind: %s, sequence %d", answer.Status, answer.Sequence)
	}
	return r
}

func octetsOf(t *testing.T, sequence uint32, body smpp.Body) []byte {
	t.Helper()
	octets, err := smpp.Append(nil, smpp.PDU{Sequence: sequence, Body: body})
	if err != nil {
		t.Fatal(err)
	}
	return octets
}

func (r *raw) say(t *testing.T, octets []byte) {
	t.Helper()
	if _, err := r.Write(octets); err != nil {
		t.Fatal(err)
	}
}

func (r *raw) next(t *testing.T) smpp.PDU {
	t.Helper()
	if err := r.SetReadDeadline(time.Now().Add(time.Minute)); err != nil {
		t.Fatal(err)
	}
	p, err := r.read.Next()
	if err != nil {
		t.Fatal(err)
	}
	return p
}

func (r *raw) ask(t *testing.T, octets []byte) smpp.PDU {
	t.Helper()
	r.say(t, octets)
	return r.next(t)
}

// behind puts octets behind those of a PDU, and mends its length.
func behind(pdu []byte, octets ...byte) []byte {
	whole := append(pdu, octets...)
	binary.BigEndian.PutUint32(whole, uint32(len(whole)))
	return whole
}

// The receipts of a client that has left hold up nobody's, and are there for it when it binds again
// (jasmin#706).
func TestPitfall19AClientThatLeft(t *testing.T) {
	t.Parallel()
	h := open(t)
	gone := h.bound(t, "town")
	if err := gone.Unbind(t.Context()); err != nil {
		t.Fatal(err)
	}
	await(t, "the end of the bind", func() bool { return !h.door.Ready(endpoint("town")) })
	event := ended(t, webhook.MessageDelivered, asked("1"))
	if came := h.door.Carry(t.Context(), endpoint("town"), event, nil); came.Err == nil || came.Final || came.Again == 0 {
		t.Errorf("nobody is there: %+v, want another attempt soon", came)
	}
	other := h.bound(t, "other")
	if came := h.door.Carry(t.Context(), endpoint("other"), ended(t, webhook.MessageDelivered, asked("1")), nil); came.Err != nil || len(other.receipts(t)) != 1 {
		t.Errorf("another client: %+v, %d receipts", came, len(other.receipts(t)))
	}
	back := h.bound(t, "town")
	if came := h.door.Carry(t.Context(), endpoint("town"), event, nil); came.Err != nil || len(back.receipts(t)) != 1 {
		t.Errorf("back again: %+v, %d receipts", came, len(back.receipts(t)))
	}
}

// A parameter that nobody knows, of no length or of much, changes nothing (python-smpplib#2, jasmin#322,
// jasmin#325).
func TestPitfall29UnknownParameters(t *testing.T) {
	t.Parallel()
	h := open(t)
	e := h.bound(t, "town")
	one := text("Bonjour")
	one.TLVs = smpp.TLVs{{Tag: 0x3FF0}, {Tag: 0x1501, Value: make([]byte, 5000)}, {Tag: 0x1501, Value: []byte("again")}, {Tag: 0xFFFF, Value: []byte{1}}}
	idIn(t, e.ask(t, one))
	if got := h.stored(t); len(got) != 1 || got[0].Text != "Bonjour" {
		t.Errorf("stored %+v", got)
	}
}

// A parameter that is cut costs its message, and not the session: what follows is read where it begins
// (jsmpp#16, jsmpp#214).
func TestPitfall30CutParameters(t *testing.T) {
	t.Parallel()
	h := open(t)
	r := h.raw(t, "town", 1)
	for i, octets := range [][]byte{{0x14}, {0x14, 0x00}, {0x14, 0x00, 0x00}, {0x14, 0x00, 0x00, 0x04, 'a'}, {0x14, 0x00, 0xFF, 0xFF}} {
		answer := r.ask(t, behind(octetsOf(t, uint32(i+2), text("Bonjour")), octets...))
		if answer.Status != smpp.RINVOPTPARSTREAM || answer.Sequence != uint32(i+2) {
			t.Errorf("%x: %s, sequence %d", octets, answer.Status, answer.Sequence)
		}
	}
	idIn(t, r.ask(t, octetsOf(t, 9, text("Bonjour"))))
	if got := h.stored(t); len(got) != 1 {
		t.Errorf("%d messages, want 1", len(got))
	}
}

// A text that is longer than sm_length says is refused, and the session goes on (cloudhopper-smpp#64).
func TestPitfall31LongerThanItSays(t *testing.T) {
	t.Parallel()
	h := open(t)
	r := h.raw(t, "town", 1)
	if answer := r.ask(t, behind(octetsOf(t, 2, text("Bon")), []byte("jour")...)); answer.Status != smpp.RINVOPTPARSTREAM {
		t.Errorf("%s, want RINVOPTPARSTREAM", answer.Status)
	}
	longer := octetsOf(t, 3, text("Bonjour"))
	longer[len(longer)-len("Bonjour")-1] = 200 // sm_length
	if answer := r.ask(t, longer); answer.Status != smpp.RINVMSGLEN && answer.Status != smpp.RINVCMDLEN {
		t.Errorf("%s, want that the length is wrong", answer.Status)
	}
	idIn(t, r.ask(t, octetsOf(t, 4, text("Bonjour"))))
	if got := h.stored(t); len(got) != 1 {
		t.Errorf("%d messages, want 1", len(got))
	}
}

// A client may answer a receipt by a status that no table has: the session goes on, and the receipt has
// been told (jasmin#563).
func TestPitfall32UnknownStatus(t *testing.T) {
	t.Parallel()
	h := open(t)
	e := h.bound(t, "town")
	e.status = 0xDEAD
	if came := h.door.Carry(t.Context(), endpoint("town"), ended(t, webhook.MessageDelivered, asked("1")), nil); !came.Final {
		t.Errorf("%+v, want that it does not come again", came)
	}
	idIn(t, e.ask(t, text("Bonjour")))
}

// Whatever sequence_number a client gives comes back, at the ends of its range and beyond (vumi#88,
// node-smpp#17).
func TestPitfall33SequenceNumbers(t *testing.T) {
	t.Parallel()
	h := open(t)
	r := h.raw(t, "town", 0x7FFFFFFF)
	for _, sequence := range []uint32{1, 0, 0x7FFFFFFF, 0x80000000, 0xFFFFFFFF, 1} {
		answer := r.ask(t, octetsOf(t, sequence, text("Bonjour")))
		if idIn(t, answer); answer.Sequence != sequence {
			t.Errorf("sequence_number %x, want %x", answer.Sequence, sequence)
		}
	}
}

// generic_nack answers a deliver_sm: nobody waits for another answer (smppex#58, vumi#404).
func TestPitfall36NackOfADelivery(t *testing.T) {
	t.Parallel()
	h := open(t)
	r := h.raw(t, "town", 1)
	carried := make(chan webhook.Carried, 1)
	go func() {
		carried <- h.door.Carry(t.Context(), endpoint("town"), ended(t, webhook.MessageDelivered, asked("1")), nil)
	}()
	told := r.next(t)
	nack, err := smpp.Append(nil, smpp.PDU{Sequence: told.Sequence, Status: smpp.RINVCMDID, Body: &smpp.GenericNack{}})
	if err != nil {
		t.Fatal(err)
	}
	r.say(t, nack)
	if came := <-carried; came.Err == nil || !came.Final {
		t.Errorf("%+v, want that it does not come again", came)
	}
	idIn(t, r.ask(t, octetsOf(t, 2, text("Bonjour"))))
}

// A client may send a text of 254 octets, a longer one as message_payload, or none: that is refused here,
// for nobody could read it (node-smpp#145, php-smpp#52).
func TestPitfall38Lengths(t *testing.T) {
	t.Parallel()
	h := open(t)
	e := h.bound(t, "town")
	longest, payload, empty := text(fmt.Sprintf("%0254d", 1)), text(""), text("")
	payload.TLVs = smpp.TLVs{smpp.TextTLV(smpp.TagMessagePayload, fmt.Sprintf("%0300d", 2))}
	payload.TLVs[0].Value = payload.TLVs[0].Value[:300] // without the end of a C-string
	idIn(t, e.ask(t, longest))
	idIn(t, e.ask(t, payload))
	if answer := e.ask(t, empty); answer.Status != smpp.RINVMSGLEN {
		t.Errorf("no text: %s", answer.Status)
	}
	for _, m := range h.stored(t) {
		if len(m.Text) != 254 && len(m.Text) != 300 {
			t.Errorf("a text of %d octets", len(m.Text))
		}
	}
}

// unbind_resp is read before the connection is closed (jsmpp#82).
func TestPitfall42UnbindIsAnswered(t *testing.T) {
	t.Parallel()
	r := open(t).raw(t, "town", 1)
	if answer := r.ask(t, octetsOf(t, 2, &smpp.Unbind{})); answer.Body.Command() != smpp.CommandUnbind.Response() || answer.Status != smpp.OK {
		t.Errorf("%s, %s", answer.Body.Command(), answer.Status)
	}
	if _, err := r.Read(make([]byte, 1)); !errors.Is(err, io.EOF) {
		t.Errorf("%v, want the end of the connection", err)
	}
}

// The process outlives the reset of a link, and so do the sessions of others (node-smpp#236).
func TestPitfall44AResetEndsItsSession(t *testing.T) {
	t.Parallel()
	h := open(t)
	good := h.bound(t, "other")
	r := h.raw(t, "town", 1)
	r.say(t, octetsOf(t, 2, text("Bonjour"))[:20]) // and in the middle of a PDU
	if err := r.Conn.(*net.TCPConn).SetLinger(0); err != nil {
		t.Fatal(err)
	}
	r.Close()
	await(t, "the end of the bind", func() bool { return !h.door.Ready(endpoint("town")) })
	idIn(t, good.ask(t, text("Bonjour")))
	if got := h.stored(t); len(got) != 1 {
		t.Errorf("%d messages, want 1", len(got))
	}
}

// enquire_link_resp is a header and nothing else: one with a body is refused, as a command of a wrong length
// (php-smpp#49). A client's that has one is a sign of life all the same.
func TestPitfall37EnquireLinkHasNoBody(t *testing.T) {
	t.Parallel()
	r := open(t).raw(t, "town", 1)
	for sequence, octets := range [][]byte{octetsOf(t, 0, &smpp.EnquireLink{}), behind(octetsOf(t, 1, &smpp.EnquireLink{}), 0)} {
		answer := r.ask(t, octets)
		if answer.Body.Command() != smpp.CommandEnquireLink.Response() || answer.Status != smpp.OK || answer.Sequence != uint32(sequence) || len(answer.Tail) > 0 {
			t.Errorf("%s, %s, %d, body %x", answer.Body.Command(), answer.Status, answer.Sequence, answer.Tail)
		}
	}
	r.say(t, behind(octetsOf(t, 9, &smpp.EnquireLinkResp{}), 0))
	idIn(t, r.ask(t, octetsOf(t, 10, text("Bonjour"))))
}

// A receipt that a client has no room for, or is too fast for, comes again: it is no failure (vumi#636).
func TestPitfall45AFullClient(t *testing.T) {
	t.Parallel()
	h := open(t)
	e := h.bound(t, "town")
	event := ended(t, webhook.MessageDelivered, asked("1"))
	for _, status := range []smpp.Status{smpp.RMSGQFUL, smpp.RTHROTTLED, smpp.OK} {
		e.status = status
		if came := h.door.Carry(t.Context(), endpoint("town"), event, nil); came.Final || (came.Err == nil) != (status == smpp.OK) {
			t.Errorf("%s: %+v", status, came)
		}
	}
	told := e.receipts(t)
	if len(told) != 3 || told[0].ID != told[2].ID {
		t.Errorf("told %+v", told)
	}
}

// rate counts segments: a long text is as many as it has, in whichever way it comes (jasmin#925). It is that of all binds
// of a client, and one that binds again has not been forgotten (vumi#914).
func TestPitfall47RateCountsSegments(t *testing.T) {
	t.Parallel()
	h := open(t)
	long := text("")
	long.TLVs = smpp.TLVs{{Tag: smpp.TagMessagePayload, Value: fmt.Appendf(nil, "%01500d", 1)}} // 10 segments
	for range 3 {
		e := h.bound(t, "crawls") // 20 at once, and the next in 10 seconds
		idIn(t, e.ask(t, long))
		if err := e.Unbind(t.Context()); err != nil {
			t.Fatal(err)
		}
	}
	if answer := h.bound(t, "crawls").ask(t, text("Bonjour")); answer.Status != smpp.RTHROTTLED {
		t.Errorf("after 30 segments: %s, want RTHROTTLED", answer.Status)
	}
}

// data_coding 0 is what the client's section says (ksmppd#50).
func TestPitfall51AlphabetOfTheClient(t *testing.T) {
	t.Parallel()
	h := open(t)
	for systemID, octets := range map[string]string{"town": "\x05t\x05", "latin": "\xE9t\xE9"} {
		one := text(octets)
		idIn(t, h.bound(t, systemID).ask(t, one))
	}
	for _, m := range h.stored(t) {
		if m.Text != "été" {
			t.Errorf("text %q", m.Text)
		}
	}
}

// The parts of a message may come by different binds (cloudhopper-smpp#11).
func TestPitfall54PartsOverTwoBinds(t *testing.T) {
	t.Parallel()
	h := open(t)
	first, second := h.bound(t, "town"), h.bound(t, "town")
	idIn(t, second.ask(t, letters("jour", 1, 2, 2)))
	idIn(t, first.ask(t, letters("Bon", 1, 1, 2)))
	if got := h.stored(t); len(got) != 1 || got[0].Text != "Bonjour" {
		t.Errorf("stored %+v", got)
	}
}

// Half a character is none: a surrogate without the other one of its pair.
func TestHalfACharacter(t *testing.T) {
	t.Parallel()
	h := open(t)
	e := h.bound(t, "town")
	half := text("")
	half.DataCoding, half.Text = 0x08, []byte{0xD8, 0x3C, 0, 'a'}
	if answer := e.ask(t, half); answer.Status != smpp.RINVDCS {
		t.Errorf("%s, want RINVDCS", answer.Status)
	}
}
