package storetest

import (
	"errors"
	"sync"
	"testing"

	"github.com/google/go-cmp/cmp"

	"relais/gateway"
	"relais/quota"
	"relais/search"
	"relais/sms"
)

// batchKey gives a batch an idempotency key, which stands on its first submission.
func batchKey(key string, request byte, answer string, all ...*gateway.Acceptance) []*gateway.Acceptance {
	all[0].Key = &gateway.IdempotencyKey{Key: key, Request: [32]byte{request}}
	all[0].Answer = []byte(answer)
	return all
}

// wantStored wants all messages of a batch there, or none of them.
func wantStored(t *testing.T, s Store, want bool, all ...*gateway.Acceptance) {
	t.Helper()
	for i, a := range all {
		for j := range a.Drafts {
			m, err := s.Message(t.Context(), a.Drafts[j].Account, a.Drafts[j].ID)
			switch {
			case want && err != nil:
				t.Errorf("message %d of submission %d: %v", j, i, err)
			case want && m.Text != a.Drafts[j].Text:
				t.Errorf("message %d of submission %d has the text %q, want %q", j, i, m.Text, a.Drafts[j].Text)
			case !want && !errors.Is(err, gateway.ErrNotFound):
				t.Errorf("message %d of submission %d was stored: %v", j, i, err)
			}
		}
	}
}

func batchStoredWhole(t *testing.T, open func(t *testing.T) Store) {
	s := open(t)
	all := batchKey("b", 1, "first", draft{text: "Un", count: 2}.acceptance(),
		draft{text: "Deux", class: sms.OTP}.acceptance(),
		draft{text: "Trois", connector: "sfr"}.acceptance())
	all[2].Actor = "api:other"
	if replay, err := s.AcceptBatch(t.Context(), all); err != nil || replay != nil {
		t.Fatalf("AcceptBatch = %q, %v", replay, err)
	}
	if err := s.Close(); err != nil {
		t.Fatal(err)
	}
	s = open(t)
	wantStored(t, s, true, all...)
	events, _, err := s.Timeline(t.Context(), "default", all[2].Drafts[0].ID)
	want := []sms.Event{{At: start, Status: sms.Queued, Actor: "api:other", Code: "accepted"}}
	if diff := cmp.Diff(want, events); err != nil || diff != "" {
		t.Errorf("timeline: %v (-want +got):\n%s", err, diff)
	}
	again := batchKey("b", 1, "second", draft{text: "Un"}.acceptance(), draft{text: "Deux"}.acceptance())
	if replay, err := s.AcceptBatch(t.Context(), again); err != nil || string(replay) != "first" {
		t.Errorf("the same batch again = %q, %v; want the first answer", replay, err)
	}
	other := batchKey("b", 2, "third", draft{}.acceptance())
	if _, err := s.AcceptBatch(t.Context(), other); !errors.Is(err, gateway.ErrKeyReused) {
		t.Errorf("another batch with the key: %v, want ErrKeyReused", err)
	}
	if _, err := s.Accept(t.Context(), keyed("b", 3, "fourth")); !errors.Is(err, gateway.ErrKeyReused) {
		t.Errorf("a single request with the key of a batch: %v, want ErrKeyReused", err)
	}
	wantStored(t, s, false, append(again, other...)...)
	if answer, err := s.Answer(t.Context(), "default", *all[0].Key); err != nil || string(answer) != "first" {
		t.Errorf("Answer = %q, %v; want the first answer", answer, err)
	}
}

// batchAllOrNothing has quotas refuse the last of a batch, by what those before it took.
func batchAllOrNothing(t *testing.T, open func(t *testing.T) Store) {
	s := open(t)
	accept(t, s, draft{})
	charges := func(most int) []*gateway.Acceptance {
		return batchKey("q", 1, "answer", charged(draft{count: 2}, hourly("api:a", 2, most)),
			charged(draft{}, hourly("api:b", 1, 9)), charged(draft{count: 2}, hourly("api:a", 2, most)))
	}
	over := charges(3)
	if _, err := s.AcceptBatch(t.Context(), over); !errors.Is(err, quota.ErrExceeded) {
		t.Errorf("4 messages where 3 are allowed: %v, want ErrQuota", err)
	}
	wantStored(t, s, false, over...)
	if diff := cmp.Diff([]quota.Use{{}, {}},
		used(t, s, hourly("api:a", 1, 3), hourly("api:b", 1, 9))); diff != "" {
		t.Errorf("a batch that was not stored was counted (-want +got):\n%s", diff)
	}
	if answer, err := s.Answer(t.Context(), "default", *over[0].Key); err != nil || answer != nil {
		t.Errorf("its key has the answer %q, %v; want it free", answer, err)
	}
	fits := charges(4)
	if _, err := s.AcceptBatch(t.Context(), fits); err != nil {
		t.Errorf("4 messages where 4 are allowed: %v", err)
	}
	wantStored(t, s, true, fits...)
	until := hourly("", 0, 0).Until
	want := []quota.Use{{Until: until, Messages: 4, Segments: 8}, {Until: until, Messages: 1, Segments: 2}}
	if diff := cmp.Diff(want, used(t, s, hourly("api:a", 1, 4), hourly("api:b", 1, 9))); diff != "" {
		t.Errorf("counted (-want +got):\n%s", diff)
	}
}

func batchRepeats(t *testing.T, open func(t *testing.T) Store) {
	s := open(t)
	one := func() *gateway.Acceptance {
		a := draft{to: "+33639980001", text: "Bonjour"}.acceptance()
		a.Repeats = []quota.Repeat{{
			Quota: "person/day", Since: start.Add(-1), Most: 2,
			Numbers: []sms.Number{"+33639980001"},
		}}
		return a
	}
	three := []*gateway.Acceptance{one(), one(), one()}
	if _, err := s.AcceptBatch(t.Context(), three); !errors.Is(err, quota.ErrExceeded) {
		t.Errorf("a third message where two are allowed: %v, want ErrQuota", err)
	}
	wantStored(t, s, false, three...)
	two := []*gateway.Acceptance{one(), one()}
	if _, err := s.AcceptBatch(t.Context(), two); err != nil {
		t.Errorf("two messages where two are allowed: %v", err)
	}
	wantStored(t, s, true, two...)
}

// batchRace has batches with one key and single requests share what the store writes.
func batchRace(t *testing.T, open func(t *testing.T) Store) {
	s := open(t)
	var all sync.WaitGroup
	var mu sync.Mutex
	fresh := 0
	for range 20 {
		batch := batchKey("same", 1, "answer", draft{}.acceptance(), draft{}.acceptance(), draft{}.acceptance())
		single := draft{account: "other"}.acceptance()
		all.Go(func() {
			replay, err := s.AcceptBatch(t.Context(), batch)
			if err != nil {
				t.Errorf("AcceptBatch: %v", err)
			}
			mu.Lock()
			defer mu.Unlock()
			if replay == nil {
				fresh++
			}
		})
		all.Go(func() {
			if _, err := s.Accept(t.Context(), single); err != nil {
				t.Errorf("Accept: %v", err)
			}
		})
	}
	all.Wait()
	for account, want := range map[string]int{"default": 3, "other": 20} {
		found, _, err := s.Search(t.Context(), search.Query{Account: account, Limit: 100})
		if err != nil || len(found) != want {
			t.Errorf("%d messages of %s, %v; want %d", len(found), account, err, want)
		}
	}
	if fresh != 1 {
		t.Errorf("%d batches were told that they were stored, want 1", fresh)
	}
}
