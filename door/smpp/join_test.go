package smpp_test

import (
	"bytes"
	"context"
	"encoding/json"
	"strings"
	"testing"
	"time"

	door "relais/door/smpp"
	"relais/smpp"
	"relais/sms"
	"relais/webhook"
)

// part is one of a long message in UCS-2, with octets as they are: a character may be cut in two.
func part(octets []byte, c smpp.Concat, sar bool) *smpp.SubmitSM {
	one := text("")
	one.DataCoding, one.Text, one.RegisteredDelivery = 0x08, octets, 1
	if sar {
		one.TLVs = c.SAR()
		return one
	}
	one.ESMClass, one.Text = smpp.ESMHeader, append(c.Header().Append(nil), octets...)
	return one
}

// letters is a part of two, or three.
func letters(words string, ref uint16, seq, total byte) *smpp.SubmitSM {
	octets, err := smpp.UCS2.Encode(words, 0)
	if err != nil {
		panic(err)
	}
	return part(octets, smpp.Concat{Ref: ref, Total: total, Seq: seq}, false)
}

// Each part is answered at once, with an id of its own: a client that sends the next one when it has the
// answer gets through. They come in any order (jasmin#513, jasmin#1257), those of two messages with one
// reference are kept apart by their total and addresses (jasmin#850), and no character is lost at a border.
func TestPitfall52And53Parts(t *testing.T) {
	t.Parallel()
	h := open(t)
	e := h.bound(t, "town")
	words := strings.Repeat("œuvre 🎉 ", 20)
	octets, err := smpp.UCS2.Encode(words, 0)
	if err != nil {
		t.Fatal(err)
	}
	border := len(octets)/2 + 1 // within a character
	pieces := [][]byte{octets[:border], octets[border:]}
	ids := map[string]bool{}
	for _, form := range []struct{ wide, sar, backwards bool }{{}, {wide: true, backwards: true}, {sar: true, wide: true}} {
		for i := range pieces {
			if form.backwards {
				i = len(pieces) - 1 - i
			}
			c := smpp.Concat{Ref: 9, Wide: form.wide, Total: 2, Seq: byte(i + 1)}
			if form.sar {
				c.Ref = 10
			}
			ids[idIn(t, e.ask(t, part(pieces[i], c, form.sar)))] = true
		}
	}
	if len(ids) != 6 {
		t.Errorf("%d ids, want one for each part", len(ids))
	}
	stored := h.stored(t)
	if len(stored) != 3 {
		t.Fatalf("%d messages, want 3", len(stored))
	}
	for i := range stored {
		if stored[i].Text != words {
			t.Errorf("text %q", stored[i].Text)
		}
	}
}

// A part that was answered is there after a restart, and counts for the message.
func TestPartsOutliveARestart(t *testing.T) {
	t.Parallel()
	h := open(t)
	idIn(t, h.bound(t, "town").ask(t, letters("Bon", 1, 1, 2)))
	if err := h.door.Stop(context.WithoutCancel(t.Context())); err != nil {
		t.Fatal(err)
	}
	h.openDoor(t)
	idIn(t, h.bound(t, "town").ask(t, letters("jour", 1, 2, 2)))
	if got := h.stored(t); len(got) != 1 || got[0].Text != "Bonjour" {
		t.Errorf("stored %+v", got)
	}
}

// The machine may stop after the message is there and before it is known what it was made of: it is not
// sent again, and its parts find it.
func TestAMessageWhoseMakerDied(t *testing.T) {
	t.Parallel()
	h := open(t)
	e := h.bound(t, "town")
	h.store.dies.Store(true)
	ids := []string{idIn(t, e.ask(t, letters("Bon", 1, 1, 2))), idIn(t, e.ask(t, letters("jour", 1, 2, 2)))}
	h.later(3 * time.Minute)
	h.door.Sweep(t.Context())
	stored := h.stored(t)
	if len(stored) != 1 {
		t.Fatalf("%d messages", len(stored))
	}
	h.end(t, &stored[0])
	h.door.Sweep(t.Context())
	if told := e.receipts(t); len(told) != 2 || told[0].ID != ids[0] || told[1].ID != ids[1] || told[0].Stat != "REJECTD" {
		t.Errorf("receipts %+v, want one for each of %q", told, ids)
	}
}

// end has a message refused by its operator.
func (h *house) end(t *testing.T, m *sms.Message) {
	t.Helper()
	_, err := h.store.Settle(t.Context(), []sms.Transition{{
		Account: m.Account, ID: m.ID, From: m.Status, Attempt: m.Attempt, To: sms.Rejected,
		Event: sms.Event{Status: sms.Rejected, Code: "operator_rejected", At: time.Now()},
	}})
	if err != nil {
		t.Fatal(err)
	}
}

// later moves the door's clock.
func (h *house) later(by time.Duration) { h.ahead.Add(int64(by)) }

// receipts are what a client is told once a message was delivered.
func (h *house) receipts(t *testing.T, e *esme, m *sms.Message) []smpp.Receipt {
	t.Helper()
	return h.told(t, e, m, webhook.MessageDelivered)
}

// told is what a client is told of a message.
func (h *house) told(t *testing.T, e *esme, m *sms.Message, kind webhook.Type) []smpp.Receipt {
	t.Helper()
	data, err := json.Marshal(webhook.MessageData{ID: m.ID, To: m.To, Sender: m.Sender, At: time.Now(), Metadata: m.Metadata})
	if err != nil {
		t.Fatal(err)
	}
	event := &webhook.Event{Account: account, Type: kind, Subject: m.ID, At: time.Now(), Data: data}
	if came := h.door.Carry(t.Context(), endpoint("town"), event, nil); came.Err != nil {
		t.Fatal(came.Err)
	}
	return e.receipts(t)
}

// receipts are those that came.
func (e *esme) receipts(t *testing.T) (told []smpp.Receipt) {
	t.Helper()
	e.mu.Lock()
	defer e.mu.Unlock()
	for i := range e.got {
		receipt, ok := e.got[i].Receipt()
		if !ok {
			t.Fatalf("no receipt: %+v", e.got[i])
		}
		told = append(told, receipt)
	}
	return told
}

// Every part that asked for a receipt has one when the message ends; the message is found by the id of each.
func TestReceiptsOfParts(t *testing.T) {
	t.Parallel()
	h := open(t)
	e := h.bound(t, "town")
	quiet := letters("jour", 1, 2, 3)
	quiet.RegisteredDelivery = 0
	first, second := idIn(t, e.ask(t, letters("Bon", 1, 1, 3))), idIn(t, e.ask(t, quiet))
	query := func(id string) smpp.PDU {
		return e.ask(t, &smpp.QuerySM{MessageID: id, Source: smpp.Address{TON: 5, Addr: "Mairie"}})
	}
	if answer := query(first); answer.Status != smpp.OK || answer.Body.(*smpp.QuerySMResp).State != smpp.EnRoute {
		t.Errorf("a part that waits: %s, %+v", answer.Status, answer.Body)
	}
	if answer := e.ask(t, &smpp.CancelSM{MessageID: first, Source: smpp.Address{TON: 5, Addr: "Mairie"}}); answer.Status != smpp.RCANCELFAIL {
		t.Errorf("a part that waits was canceled: %s", answer.Status)
	}
	third := idIn(t, e.ask(t, letters("née", 1, 3, 3)))
	stored := h.stored(t)
	if len(stored) != 1 {
		t.Fatalf("%d messages", len(stored))
	}
	told := h.receipts(t, e, &stored[0])
	if len(told) != 2 || told[0].ID != first || told[1].ID != third {
		t.Errorf("receipts %+v, want those of the first and the third part", told)
	}
	other := h.bound(t, "other")
	if answer := other.ask(t, &smpp.QuerySM{MessageID: first, Source: smpp.Address{TON: 5, Addr: "Mairie"}}); answer.Status != smpp.RQUERYFAIL {
		t.Errorf("another client asks: %s", answer.Status)
	}
	if answer := e.ask(t, &smpp.CancelSM{MessageID: second, Source: smpp.Address{TON: 5, Addr: "Mairie"}}); answer.Status != smpp.OK {
		t.Errorf("canceled by the id of a part: %s", answer.Status)
	}
	if got := h.stored(t); got[0].Status != sms.Canceled {
		t.Errorf("the message is %s", got[0].Status)
	}
}

// What is kept of a part once its number and its text are gone reveals neither to whoever has the database and not
// the key.
func TestPartsRevealNothing(t *testing.T) {
	t.Parallel()
	var kept [2]door.Part
	for i := range kept {
		h := open(t)
		idIn(t, h.bound(t, "town").ask(t, letters("Bon", 1, 1, 2)))
		parts, err := h.store.OldParts(t.Context(), account, "town", sms.FirstID(time.Now().Add(time.Hour)), 10)
		if err != nil || len(parts) != 1 {
			t.Fatal(parts, err)
		}
		kept[i] = parts[0]
	}
	if kept[0].Long == kept[1].Long || bytes.Equal(kept[0].Sum, kept[1].Sum) {
		t.Error("two gateways keep the same of one part")
	}
}

// Parts that wait are bounded, for each client and with the messages that wait: one who sends them without end is put off, and
// nobody else is.
func TestTooManyParts(t *testing.T) {
	t.Parallel()
	h := open(t)
	town, other := h.bound(t, "town"), h.bound(t, "other")
	h.door.Fill("town", door.MostWaiting-1)
	first := idIn(t, town.ask(t, letters("Bon", 1, 1, 2)))
	if answer := town.ask(t, letters("jour", 1, 2, 2)); answer.Status != smpp.RMSGQFUL {
		t.Errorf("a part too many: %s", answer.Status)
	}
	idIn(t, town.ask(t, text("Bonjour"))) // a message that is whole waits for nothing
	h.door.Fill("town", 2)
	idIn(t, other.ask(t, letters("Bon", 1, 1, 2)))
	h.door.Fill("town", backlog)
	if answer := other.ask(t, letters("jour", 1, 2, 2)); answer.Status != smpp.RMSGQFUL {
		t.Errorf("a part where too much waits: %s", answer.Status)
	}
	h.door.Sweep(t.Context()) // counts again
	idIn(t, other.ask(t, letters("jour", 1, 2, 2)))
	if last := idIn(t, town.ask(t, letters("jour", 1, 2, 2))); last == first {
		t.Error("two parts have one id")
	}
	if got := h.stored(t); len(got) != 3 {
		t.Errorf("%d messages, want 3", len(got))
	}
}

// A part whose others never come is given up, and its client is told: it was answered ESME_ROK.
func TestALonePart(t *testing.T) {
	t.Parallel()
	h := open(t)
	e := h.bound(t, "town")
	id := idIn(t, e.ask(t, letters("Bon", 1, 1, 2)))
	h.later(9 * time.Minute)
	h.door.Sweep(t.Context())
	if told := e.receipts(t); len(told) != 0 {
		t.Fatalf("told %+v before its time", told)
	}
	h.later(2 * time.Minute)
	h.door.Sweep(t.Context())
	h.door.Sweep(t.Context())
	told := e.receipts(t)
	if len(told) != 1 || told[0].ID != id || told[0].Stat != "UNDELIV" {
		t.Errorf("told %+v, want once that %s failed", told, id)
	}
	if got := h.stored(t); len(got) != 0 {
		t.Errorf("%d messages", len(got))
	}
}

// The answer to the last part may get lost: sent again alone, it gets the end of the message that is there, and no
// other message gets it, though the client uses its number for one.
func TestALonePartWhoseAnswerGotLost(t *testing.T) {
	t.Parallel()
	h := open(t)
	e := h.bound(t, "town")
	idIn(t, e.ask(t, letters("Bon", 1, 1, 2)))
	last := idIn(t, e.ask(t, letters("jour", 1, 2, 2)))
	again := idIn(t, e.ask(t, letters("jour", 1, 2, 2)))
	if again == last {
		t.Error("a client that repeats nothing has the same id twice")
	}
	idIn(t, e.ask(t, letters("Au re", 1, 1, 2)))
	idIn(t, e.ask(t, letters("voir", 1, 2, 2)))
	stored := h.stored(t)
	if len(stored) != 2 || stored[0].Text != "Au revoir" || stored[1].Text != "Bonjour" {
		t.Fatalf("stored %+v", stored)
	}
	h.later(11 * time.Minute)
	h.door.Sweep(t.Context())
	if told := e.receipts(t); len(told) != 0 {
		t.Errorf("told %+v before the end", told)
	}
	h.end(t, &stored[1])
	h.door.Sweep(t.Context())
	h.door.Sweep(t.Context())
	if told := e.receipts(t); len(told) != 1 || told[0].ID != again || told[0].Stat != "REJECTD" {
		t.Errorf("told %+v, want the end of %s, once", told, again)
	}
}

// A client that repeats nothing may send the same message twice within a millisecond, or while the clock is set
// back: both are sent.
func TestTheSamePartsAtOneTime(t *testing.T) {
	t.Parallel()
	h := open(t)
	e := h.bound(t, "town")
	for range 2 {
		idIn(t, e.ask(t, letters("Bon", 1, 1, 2)))
		idIn(t, e.ask(t, letters("jour", 1, 2, 2)))
		h.later(-20 * time.Second)
	}
	h.later(3 * time.Minute)
	h.door.Sweep(t.Context())
	if stored := h.stored(t); len(stored) != 2 {
		t.Errorf("%d messages, want 2", len(stored))
	}
}

// Two messages with one number may begin with the same words: both are sent, the second after a while.
func TestMessagesThatBeginAlike(t *testing.T) {
	t.Parallel()
	h := open(t)
	e := h.bound(t, "town")
	for _, name := range []string{"Anne", "Paul"} {
		idIn(t, e.ask(t, letters("Bonjour ", 1, 1, 2)))
		idIn(t, e.ask(t, letters(name, 1, 2, 2)))
	}
	h.later(3 * time.Minute)
	h.door.Sweep(t.Context())
	h.door.Sweep(t.Context())
	stored := h.stored(t)
	if len(stored) != 2 || stored[0].Text != "Bonjour Paul" || stored[1].Text != "Bonjour Anne" {
		t.Fatalf("stored %+v", stored)
	}
	h.later(10 * time.Minute)
	h.door.Sweep(t.Context())
	if told := e.receipts(t); len(told) != 0 {
		t.Errorf("told %+v", told)
	}
}

// A failure is told to whoever asked for it, though another part asked for something else; a part that comes
// again with other times is the same part.
func TestPartsThatAskDifferently(t *testing.T) {
	t.Parallel()
	h := open(t)
	e := h.bound(t, "town")
	first, failures := letters("Bon", 1, 1, 2), letters("jour", 1, 2, 2)
	failures.RegisteredDelivery = 2
	id := idIn(t, e.ask(t, first))
	later := letters("Bon", 1, 1, 2)
	later.Validity = "000001000000000R"
	if again := idIn(t, e.ask(t, later)); again != id {
		t.Errorf("the same part with another validity is %s, want %s", again, id)
	}
	idIn(t, e.ask(t, failures))
	stored := h.stored(t)
	if len(stored) != 1 {
		t.Fatalf("%d messages", len(stored))
	}
	if told := h.told(t, e, &stored[0], webhook.MessageUndelivered); len(told) != 2 {
		t.Errorf("a failure is told %d times, want twice", len(told))
	}
}

// What is scheduled counts from the first part: a message whose last part comes late is sent at once.
func TestAScheduleThatPassesWhilePartsCome(t *testing.T) {
	t.Parallel()
	h := open(t)
	e := h.bound(t, "town")
	one, two := letters("Bon", 1, 1, 2), letters("jour", 1, 2, 2)
	one.Schedule = smpp.FormatTime(time.Now().Add(time.Minute).UTC())
	two.Schedule = one.Schedule
	idIn(t, e.ask(t, one))
	h.later(90 * time.Second)
	idIn(t, e.ask(t, two))
	if got := h.stored(t); len(got) != 1 {
		t.Errorf("%d messages", len(got))
	}
}

// The same part again is answered the same while it waits; another one in its place begins another
// message, and what it takes the place of has failed.
func TestAPartInThePlaceOfAnother(t *testing.T) {
	t.Parallel()
	h := open(t)
	e := h.bound(t, "town")
	first := idIn(t, e.ask(t, letters("Bon", 1, 1, 2)))
	if again := idIn(t, e.ask(t, letters("Bon", 1, 1, 2))); again != first {
		t.Errorf("the same part again is %s, want %s", again, first)
	}
	if answer := e.ask(t, letters("Au re", 1, 1, 2)); answer.Status != smpp.RTHROTTLED {
		t.Errorf("another one while the rest may be on its way: %s", answer.Status)
	}
	h.later(20 * time.Second) // ids of tests beside this one may be ten ahead
	idIn(t, e.ask(t, letters("Au re", 1, 1, 2)))
	idIn(t, e.ask(t, letters("voir", 1, 2, 2)))
	if got := h.stored(t); len(got) != 1 || got[0].Text != "Au revoir" {
		t.Errorf("stored %+v", got)
	}
	h.door.Sweep(t.Context())
	if told := e.receipts(t); len(told) != 1 || told[0].ID != first || told[0].Stat != "UNDELIV" {
		t.Errorf("told %+v, want that %s failed", told, first)
	}
}

// What refuses a message is said to its first part; what only the whole has wrong is said to the last one,
// and by receipts to the others.
func TestRefusedParts(t *testing.T) {
	t.Parallel()
	h := open(t)
	e := h.bound(t, "town")
	nobody := letters("Bon", 1, 1, 2)
	nobody.Dest.Addr = "12"
	if answer := e.ask(t, nobody); answer.Status != smpp.RINVDSTADR {
		t.Errorf("a number that is none: %s", answer.Status)
	}
	const total = 12 // segments; the house takes 10
	words := strings.Repeat("é ç ê ", 11)
	var ids []string
	for seq := range byte(total) {
		answer := e.ask(t, letters(words, 2, seq+1, total))
		if seq+1 < total {
			ids = append(ids, idIn(t, answer))
			continue
		}
		if answer.Status != smpp.RINVMSGLEN {
			t.Errorf("the last part of a message that is too long: %s", answer.Status)
		}
	}
	h.door.Sweep(t.Context())
	told := e.receipts(t)
	if len(told) != len(ids) {
		t.Fatalf("%d receipts, want %d", len(told), len(ids))
	}
	for i := range told {
		if told[i].ID != ids[i] || told[i].Stat != "UNDELIV" {
			t.Errorf("told %+v, want that %s failed", told[i], ids[i])
		}
	}
}
