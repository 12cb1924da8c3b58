package smpp_test

import (
	"context"
	"sync"
	"testing"

	"relais/smpp"
)

// The form of ids is the client's; one of a version before 3.4 hangs up at more than 8 characters
// (ksmppd#56).
func TestPitfall34FormsOfIDs(t *testing.T) {
	t.Parallel()
	h := open(t)
	for _, tc := range []struct {
		systemID string
		version  byte
		length   int
	}{{"town", 0x34, 20}, {"uuids", 0x34, 36}, {"other", 0x33, 8}} {
		e := h.connect(t)
		if err := e.bindAs(t, smpp.CommandBindTransmitter, tc.systemID, password, tc.version); err != nil {
			t.Fatal(err)
		}
		if id := idIn(t, e.ask(t, text("Bonjour"))); len(id) != tc.length {
			t.Errorf("%s, version %x: id %q, want %d characters", tc.systemID, tc.version, id, tc.length)
		}
	}
}

// A long message is answered as one, though its client is bounded to less: a bucket that holds less
// refused the second part of each (ksmppd#6, ksmppd#126). Beyond its rate a client is put off, then
// throttled.
func TestPitfall48BurstAndThrottling(t *testing.T) {
	t.Parallel()
	e := open(t).bound(t, "slow")
	var asking sync.WaitGroup
	answers := make(chan smpp.Status, 100)
	for range 100 {
		asking.Go(func() {
			answer, _, err := e.Request(t.Context(), text("Bonjour"), nil)
			if err != nil {
				t.Errorf("submit_sm: %v", err)
			}
			answers <- answer.Status
		})
	}
	asking.Wait()
	close(answers)
	counts := map[smpp.Status]int{}
	for status := range answers {
		counts[status]++
	}
	if counts[smpp.OK] < 20 || counts[smpp.RTHROTTLED] == 0 || counts[smpp.OK]+counts[smpp.RTHROTTLED] != 100 {
		t.Errorf("answers %v", counts)
	}
}

// A stop answers what is under way, and unbinds.
func TestStopUnbinds(t *testing.T) {
	t.Parallel()
	h := open(t)
	e := h.bound(t, "town")
	idIn(t, e.ask(t, text("Bonjour")))
	if err := h.door.Stop(context.WithoutCancel(t.Context())); err != nil {
		t.Fatal(err)
	}
	<-e.Done()
	if got := h.stored(t); len(got) != 1 {
		t.Errorf("%d messages", len(got))
	}
}
