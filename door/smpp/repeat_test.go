package smpp_test

import (
	"testing"
	"time"

	"relais/smpp"
	"relais/sms"
)

// again is a client whose messages count as the ones before for five minutes.
func again(t *testing.T) (*house, *esme) {
	t.Helper()
	h := open(t)
	return h, h.bound(t, "again")
}

func scheduled(words, at string) *smpp.SubmitSM {
	one := text(words)
	one.Schedule = at
	return one
}

// A message that comes again within the time is the first one; another schedule makes another message.
func TestTheSameMessageAgain(t *testing.T) {
	t.Parallel()
	h, e := again(t)
	first := idIn(t, e.ask(t, text("Bonjour")))
	later := idIn(t, e.ask(t, scheduled("Bonjour", "000000010000000R")))
	if later == first {
		t.Error("another schedule is the same message")
	}
	h.later(4 * time.Minute)
	for range 2 {
		if id := idIn(t, e.ask(t, text("Bonjour"))); id != first {
			t.Errorf("again: %s, want %s", id, first)
		}
	}
	h.later(2 * time.Minute)
	if id := idIn(t, e.ask(t, text("Bonjour"))); id == first {
		t.Error("a message of six minutes ago is the same")
	}
	if got := h.stored(t); len(got) != 3 {
		t.Errorf("%d messages, want 3", len(got))
	}
}

// A message that was canceled swallows none: the next one with its text is sent, and the one after that is
// the same as it, for as long as the setting says.
func TestWhatWasCanceledSwallowsNothing(t *testing.T) {
	t.Parallel()
	h, e := again(t)
	ids := map[string]bool{}
	for range 6 {
		id := idIn(t, e.ask(t, scheduled("Plus tard", "000000010000000R")))
		if repeated := idIn(t, e.ask(t, scheduled("Plus tard", "000000010000000R"))); repeated != id {
			t.Errorf("again: %s, want %s", repeated, id)
		}
		ids[id] = true
		if answer := e.ask(t, &smpp.CancelSM{MessageID: id, Source: smpp.Address{TON: 5, Addr: "Mairie"}}); answer.Status != smpp.OK {
			t.Fatalf("cancel_sm: %s", answer.Status)
		}
		h.later(50 * time.Second)
	}
	if len(ids) != 6 {
		t.Errorf("%d ids, want 6", len(ids))
	}
	for _, m := range h.stored(t) {
		if m.Status != sms.Canceled {
			t.Errorf("a message is %s", m.Status)
		}
	}
}

// submit_multi is known again as well, by the time and by a key, with the numbers that it failed for.
func TestSubmitMultiAgain(t *testing.T) {
	t.Parallel()
	h, e := again(t)
	multi := func(key string) *smpp.SubmitMultiResp {
		one := &smpp.SubmitMulti{SM: text("Bonjour").SM}
		if key != "" {
			one.TLVs = smpp.TLVs{smpp.TextTLV(0x1400, key)}
		}
		for _, number := range []string{"33639980001", "12", "33639980002"} {
			one.Dests = append(one.Dests, smpp.Dest{Address: smpp.Address{TON: 1, NPI: 1, Addr: number}})
		}
		answer := e.ask(t, one)
		taken, ok := answer.Body.(*smpp.SubmitMultiResp)
		if !ok || answer.Status != smpp.OK {
			t.Fatalf("submit_multi: %s", answer.Status)
		}
		return taken
	}
	for _, key := range []string{"", "K1"} {
		first, second := multi(key), multi(key)
		if first.MessageID != second.MessageID || len(second.Failed) != 1 || second.Failed[0].Address.Addr != "12" || second.Failed[0].Status != smpp.RINVDSTADR {
			t.Errorf("key %q: %+v, then %+v", key, first, second)
		}
	}
	if got := h.stored(t); len(got) != 4 {
		t.Errorf("%d messages, want 4", len(got))
	}
}

// Parts are known again one by one: of a message whose last answer got lost, that part comes alone.
func TestPartsAgain(t *testing.T) {
	t.Parallel()
	h, e := again(t)
	first, last := idIn(t, e.ask(t, letters("Bon", 1, 1, 2))), idIn(t, e.ask(t, letters("jour", 1, 2, 2)))
	if id := idIn(t, e.ask(t, letters("jour", 1, 2, 2))); id != last {
		t.Errorf("the last part again is %s, want %s", id, last)
	}
	if id := idIn(t, e.ask(t, letters("Bon", 1, 1, 2))); id != first {
		t.Errorf("the first part again is %s, want %s", id, first)
	}
	if got := h.stored(t); len(got) != 1 {
		t.Errorf("%d messages, want 1", len(got))
	}
	h.later(6 * time.Minute)
	idIn(t, e.ask(t, letters("Bon", 1, 1, 2)))
	idIn(t, e.ask(t, letters("jour", 1, 2, 2)))
	h.later(2 * time.Minute)
	idIn(t, e.ask(t, letters("Bon", 1, 1, 2)))
	idIn(t, e.ask(t, letters("jour", 1, 2, 2)))
	if got := h.stored(t); len(got) != 2 { // the second one counts for the third
		t.Errorf("%d messages, want 2", len(got))
	}
}

// A key names a long message as well, by its first part: whatever else of it differs, it is sent once; and a
// message of its own is another one.
func TestTheKeyOfALongMessage(t *testing.T) {
	t.Parallel()
	h, e := again(t)
	send := func(key string, ref uint16, registered byte) {
		for seq, words := range []string{"Bon", "jour"} {
			one := letters(words, ref, byte(seq+1), 2)
			one.RegisteredDelivery = registered
			one.TLVs = smpp.TLVs{smpp.TextTLV(0x1400, key)}
			if seq > 0 {
				one.TLVs = smpp.TLVs{smpp.TextTLV(0x1400, key+" second")} // some give each PDU a key of its own
			}
			idIn(t, e.ask(t, one))
		}
	}
	send("K1", 1, 1)
	send("K1", 2, 0)
	if got := h.stored(t); len(got) != 1 {
		t.Errorf("%d messages, want 1", len(got))
	}
	send("K2", 3, 1)
	if got := h.stored(t); len(got) != 2 {
		t.Errorf("%d messages, want 2", len(got))
	}
}

// A schedule that is over is refused; one of a client whose clock is a little behind is for now.
func TestAScheduleThatIsOver(t *testing.T) {
	t.Parallel()
	h := open(t)
	e := h.bound(t, "town")
	at := func(ago time.Duration) string { return smpp.FormatTime(time.Now().Add(-ago).UTC()) }
	if answer := e.ask(t, scheduled("Hier", at(24*time.Hour))); answer.Status != smpp.RINVSCHED {
		t.Errorf("yesterday: %s", answer.Status)
	}
	idIn(t, e.ask(t, scheduled("Maintenant", at(20*time.Second))))
	if got := h.stored(t); len(got) != 1 {
		t.Errorf("%d messages, want 1", len(got))
	}
}

// cancel_sm names a message by its id; a destination that is another person's cancels nothing.
func TestCancelForAnother(t *testing.T) {
	t.Parallel()
	h := open(t)
	e := h.bound(t, "town")
	id := idIn(t, e.ask(t, scheduled("Plus tard", "000000010000000R")))
	cancel := func(dest string) smpp.Status {
		return e.ask(t, &smpp.CancelSM{MessageID: id, Source: smpp.Address{TON: 5, Addr: "Mairie"}, Dest: smpp.Address{Addr: dest}}).Status
	}
	for _, dest := range []string{"33639980002", "0", "Mairie"} {
		if status := cancel(dest); status != smpp.RCANCELFAIL {
			t.Errorf("%q: %s", dest, status)
		}
	}
	if status := cancel("0639980001"); status != smpp.OK {
		t.Errorf("the message's own: %s", status)
	}
}
