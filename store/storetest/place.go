package storetest

import (
	"testing"
	"time"

	"relais/gateway"
	"relais/lane"
	"relais/search"
	"relais/sms"
)

// placesKept: what was read of a number comes back with its message, whoever asks; and a
// message of an older program, which has nothing of it, has nothing of it still.
func placesKept(t *testing.T, open func(t *testing.T) Store) {
	s := open(t)
	one, batched := draft{count: 2}.acceptance(), draft{count: 2, text: "Deux"}.acceptance()
	places := map[sms.Number][2]string{}
	for _, a := range []*gateway.Acceptance{one, batched} {
		m := &a.Drafts[0].Message
		m.Country, m.Family, m.Chance, m.Routes = "RE", "fr-overseas", time.Minute, []string{"ovh", "sfr"}
		places[m.To] = [2]string{m.Country, m.Family}
	}
	want := func(by string, found ...sms.Message) {
		t.Helper()
		for i := range found {
			if got := [2]string{found[i].Country, found[i].Family}; got != places[found[i].To] {
				t.Errorf("%s: %q of %s, want %q", by, got, found[i].To, places[found[i].To])
			}
		}
	}
	if _, err := s.Accept(t.Context(), one); err != nil {
		t.Fatal(err)
	}
	if _, err := s.AcceptBatch(t.Context(), []*gateway.Acceptance{batched}); err != nil {
		t.Fatal(err)
	}
	found, _, err := s.Search(t.Context(), search.Query{Account: "default", Limit: 10})
	if err != nil || len(found) != 4 {
		t.Fatalf("found %d messages, %v; want 4", len(found), err)
	}
	want("searched", found...)
	movable, err := s.Movable(t.Context(), "ovh", "default", sms.ID{}, 10)
	if err != nil || len(movable) != 2 {
		t.Fatalf("%d movable, %v; want 2", len(movable), err)
	}
	want("movable", movable...)
	calls := claim(t, s, lane.Claim{}).Calls
	if len(calls) != 4 {
		t.Fatalf("claimed %d calls, want 4", len(calls))
	}
	for _, call := range calls {
		want("claimed", call...)
	}
	m := read(t, s, one.Drafts[0].Message)
	want("read", m)
	settle(t, s, move(m, sms.Submitted, "operator_accepted"))
	again := m
	again.ID, again.Connector, again.Status, again.Attempt = sms.NewID(start), "sfr", sms.Queued, 0
	note := sms.Event{At: start, Status: sms.Submitted, Actor: "gateway", Code: "second_chance"}
	chance := lane.Chance{First: m, Again: &again, Note: note, Until: start.Add(time.Hour)}
	if made, err := s.SecondChance(t.Context(), &chance); err != nil || !made {
		t.Fatalf("second chance made: %t, %v", made, err)
	}
	want("made of another", read(t, s, again))
}
