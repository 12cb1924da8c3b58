package storetest

import (
	"errors"
	"sync"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"relais/gateway"
	"relais/lane"
	"relais/reason"
	"relais/search"
	"relais/sms"
)

func acceptedIsDurable(t *testing.T, open func(t *testing.T) Store) {
	s := open(t)
	a := draft{text: "Ça coûte 5 € à l'œuvre 🎉", reference: "dossier-7", count: 2}.acceptance()
	a.Drafts[0].Metadata, a.Drafts[1].Metadata = map[string]string{"form": "42"}, map[string]string{"form": "42"}
	a.Trace = "00-4bf92f3577b34da6a3ce929d0e0e4736-00f067aa0ba902b7-01"
	a.Drafts[0].Trace, a.Drafts[1].Trace = a.Trace, a.Trace
	a.Drafts[0].Price, a.Drafts[1].Price = 94_000, 7*sms.Unit
	a.Drafts[0].Kind, a.Drafts[1].Kind = sms.Flash, sms.Flash
	a.Drafts[0].Country, a.Drafts[0].Family = "RE", "fr-overseas" // the other one is as of an older program
	a.Drafts[1].Decisions = []reason.Reason{reason.Written("number_repaired", "Another country code.",
		"Un autre indicatif.")}
	if _, err := s.Accept(t.Context(), a); err != nil {
		t.Fatal(err)
	}
	if err := s.Close(); err != nil {
		t.Fatal(err)
	}
	s = open(t)
	for i := range a.Drafts {
		if diff := cmp.Diff(a.Drafts[i].Message, read(t, s, a.Drafts[i].Message)); diff != "" {
			t.Errorf("message %d (-accepted +read):\n%s", i, diff)
		}
		events, decisions, err := s.Timeline(t.Context(), "default", a.Drafts[i].ID)
		if err != nil {
			t.Fatal(err)
		}
		want := []sms.Event{{At: start, Status: sms.Queued, Actor: "api:test", Code: "accepted"}}
		if diff := cmp.Diff(want, events); diff != "" {
			t.Errorf("timeline %d (-want +got):\n%s", i, diff)
		}
		if diff := cmp.Diff(append(a.Decisions[:1:1], a.Drafts[i].Decisions...), decisions); diff != "" {
			t.Errorf("decisions %d (-want +got):\n%s", i, diff)
		}
	}
	if m := claim(t, s, lane.Claim{}).Calls[0][0]; m.Trace != a.Trace || m.Price != a.Drafts[0].Price || m.Kind != sms.Flash {
		t.Errorf("claimed with the trace %q, the price %s and the kind %q, want %q, %s and flash", m.Trace, m.Price,
			m.Kind, a.Trace, a.Drafts[0].Price)
	}
}

// kindIsKept: a message alone, as a request with one recipient brings it, leaves as what it is, and
// is what it is after a restart.
func kindIsKept(t *testing.T, open func(t *testing.T) Store) {
	s := open(t)
	for _, kind := range append([]sms.Kind{sms.Plain}, sms.Kinds...) {
		a := draft{}.acceptance()
		a.Drafts[0].Kind = kind
		if _, err := s.Accept(t.Context(), a); err != nil {
			t.Fatal(err)
		}
		if m := claim(t, s, lane.Claim{}).Calls[0][0]; m.ID != a.Drafts[0].ID || m.Kind != kind {
			t.Errorf("claimed %s of kind %q, want %s of kind %q", m.ID, m.Kind, a.Drafts[0].ID, kind)
		}
		if err := s.Close(); err != nil {
			t.Fatal(err)
		}
		s = open(t)
		if m := read(t, s, a.Drafts[0].Message); m.Kind != kind {
			t.Errorf("read with the kind %q, want %q", m.Kind, kind)
		}
	}
}

// metadataLeaves: operators get what callers give with a message, whichever way it waited: alone and due, in
// a submission of several, until a date, and behind a restart.
func metadataLeaves(t *testing.T, open func(t *testing.T) Store) {
	s := open(t)
	given := map[string]string{"campaign": "Hiver \"2026\"", "é": "<ç>"}
	for _, tc := range []struct {
		name  string
		draft draft
		again bool // the store is opened anew before the claim
	}{
		{"alone", draft{metadata: given}, false},
		{"without", draft{}, false},
		{"of several", draft{metadata: given, count: 2}, false},
		{"with a date", draft{metadata: given, due: start.Add(time.Hour)}, false},
		{"behind a restart", draft{metadata: given}, true},
	} {
		tc.draft.valid = 24 * time.Hour
		accept(t, s, tc.draft)
		if tc.again {
			if err := s.Close(); err != nil {
				t.Fatal(err)
			}
			s = open(t)
		}
		claimed := claim(t, s, lane.Claim{Calls: 2, Batch: 1, Now: start.Add(2 * time.Hour)})
		if len(claimed.Calls) != max(1, tc.draft.count) {
			t.Fatalf("%s: %d messages are claimed", tc.name, len(claimed.Calls))
		}
		for _, call := range claimed.Calls {
			if diff := cmp.Diff(tc.draft.metadata, call[0].Metadata); diff != "" {
				t.Errorf("%s: claimed with metadata (-want +got):\n%s", tc.name, diff)
			}
		}
	}
}

func keyed(key string, request byte, answer string) *gateway.Acceptance {
	a := draft{}.acceptance()
	a.Key = &gateway.IdempotencyKey{Key: key, Request: [32]byte{request}}
	a.Answer = []byte(answer)
	return a
}

func sameKeySameAnswer(t *testing.T, open func(t *testing.T) Store) {
	s := open(t)
	first := keyed("k", 1, "first")
	if replay, err := s.Accept(t.Context(), first); err != nil || replay != nil {
		t.Fatalf("first Accept = %q, %v", replay, err)
	}
	again := keyed("k", 1, "second")
	if replay, err := s.Accept(t.Context(), again); err != nil || string(replay) != "first" {
		t.Errorf("second Accept = %q, %v; want the first answer", replay, err)
	}
	if _, err := s.Message(t.Context(), "default", again.Drafts[0].ID); !errors.Is(err, gateway.ErrNotFound) {
		t.Errorf("the repeated request was stored: %v", err)
	}
	if answer, err := s.Answer(t.Context(), "default", *again.Key); err != nil || string(answer) != "first" {
		t.Errorf("Answer = %q, %v; want the first answer", answer, err)
	}
	if answer, err := s.Answer(t.Context(), "default", gateway.IdempotencyKey{Key: "new"}); err != nil ||
		answer != nil {
		t.Errorf("Answer to a new key = %q, %v; want none", answer, err)
	}
	if _, err := s.Answer(t.Context(), "default",
		gateway.IdempotencyKey{Key: "k", Request: [32]byte{9}}); !errors.Is(err, gateway.ErrKeyReused) {
		t.Errorf("Answer to another request with the key: %v, want ErrKeyReused", err)
	}
	if _, err := s.Accept(t.Context(), keyed("k", 2, "third")); !errors.Is(err, gateway.ErrKeyReused) {
		t.Errorf("another request with the key: %v, want ErrKeyReused", err)
	}
	other := keyed("k", 2, "other")
	other.Drafts[0].Account = "other"
	if replay, err := s.Accept(t.Context(), other); err != nil || replay != nil {
		t.Errorf("the same key of another account = %q, %v", replay, err)
	}
}

func keyRace(t *testing.T, open func(t *testing.T) Store) {
	s := open(t)
	var all sync.WaitGroup
	var mu sync.Mutex
	stored := 0
	for range 50 {
		a := keyed("same", 1, "answer")
		all.Go(func() {
			replay, err := s.Accept(t.Context(), a)
			if err != nil {
				t.Errorf("Accept: %v", err)
			}
			mu.Lock()
			defer mu.Unlock()
			if replay == nil {
				stored++
			}
		})
	}
	all.Wait()
	found, _, err := s.Search(t.Context(), search.Query{Account: "default", Limit: 100})
	if err != nil || stored != 1 || len(found) != 1 {
		t.Errorf("%d told that they stored, %d messages found, %v; want 1 and 1", stored, len(found), err)
	}
}

func manyAccepts(t *testing.T, open func(t *testing.T) Store) {
	s := open(t)
	const many = 400
	acceptances := make([]*gateway.Acceptance, many)
	for i := range acceptances {
		acceptances[i] = draft{count: 1 + i%3}.acceptance()
	}
	var all sync.WaitGroup
	for _, a := range acceptances {
		all.Go(func() {
			if _, err := s.Accept(t.Context(), a); err != nil {
				t.Errorf("Accept: %v", err)
			}
		})
	}
	all.Wait()
	for _, a := range acceptances {
		for i := range a.Drafts {
			read(t, s, a.Drafts[i].Message)
		}
	}
}

func keysForgotten(t *testing.T, open func(t *testing.T) Store) {
	s := open(t)
	for _, a := range []*gateway.Acceptance{keyed("old", 1, "first"), keyed("young", 1, "first")} {
		if a.Key.Key == "young" {
			a.At = start.Add(time.Hour)
		}
		if _, err := s.Accept(t.Context(), a); err != nil {
			t.Fatal(err)
		}
	}
	if err := s.Forget(t.Context(), start.Add(time.Minute)); err != nil {
		t.Fatal(err)
	}
	if replay, err := s.Accept(t.Context(), keyed("old", 2, "again")); err != nil || replay != nil {
		t.Errorf("a forgotten key = %q, %v; want a new message", replay, err)
	}
	if _, err := s.Accept(t.Context(), keyed("young", 2, "again")); !errors.Is(err, gateway.ErrKeyReused) {
		t.Errorf("a younger key: %v, want ErrKeyReused", err)
	}
}

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
