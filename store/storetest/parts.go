package storetest

import (
	"errors"
	"strings"
	"sync"
	"testing"
	"time"

	"relais/door/smpp"
	"relais/gateway"
	"relais/person"
	"relais/sms"
)

func part(client, long string, seq int, says string) *smpp.Part {
	return &smpp.Part{
		ID: sms.BucketOf("default").NewID(time.Now()), Account: "default", Client: client, Long: long, Seq: seq,
		Number: "+33639980001", Registered: 1, Form: "uuid", Sum: []byte(says), PDU: []byte("\x00 " + says),
	}
}

func partsKept(t *testing.T, open func(t *testing.T) Store) {
	s, ctx := open(t), t.Context()
	keep := func(p *smpp.Part) smpp.Part {
		t.Helper()
		kept, fresh, err := s.KeepPart(ctx, p)
		if err != nil || fresh != (kept.ID == p.ID) {
			t.Fatalf("kept %+v, fresh %v, %v", kept, fresh, err)
		}
		return kept
	}
	read := func(found []smpp.Part, err error) string {
		t.Helper()
		if err != nil {
			t.Fatal(err)
		}
		var says []string
		for i := range found {
			says = append(says, string(found[i].Sum))
		}
		return strings.Join(says, " ")
	}
	want := func(what, got, want string) {
		t.Helper()
		if got != want {
			t.Errorf("%s: %q, want %q", what, got, want)
		}
	}
	second, first := keep(part("town", "a", 2, "two")), keep(part("town", "a", 1, "one"))
	if earlier := keep(part("town", "a", 1, "another")); earlier.ID != first.ID || string(earlier.PDU) != "\x00 one" || earlier.Registered != 1 || earlier.Form != "uuid" {
		t.Errorf("in its place is %+v", earlier)
	}
	failing, alone := keep(part("town", "b", 1, "failing")), keep(part("other", "a", 1, "alone"))
	want("waiting", read(s.WaitingParts(ctx, "default", "town", "a")), "one two")
	for most, want := range map[int]int{10: 3, 2: 2} {
		if n, err := s.CountParts(ctx, "default", "town", most); err != nil || n != want {
			t.Errorf("%d parts wait, up to %d; want %d (%v)", n, most, want, err)
		}
	}
	want("old", read(s.OldParts(ctx, "default", "town", sms.FirstID(time.Now().Add(time.Minute)), 3)), "two one failing")
	want("old, by their time", read(s.OldParts(ctx, "default", "town", sms.FirstID(time.Now().Add(-time.Minute)), 3)), "")

	message := sms.BucketOf("default").NewID(time.Now())
	err := errors.Join(
		s.JoinParts(ctx, "default", message, []smpp.Part{first, second}),
		s.FailParts(ctx, "default", sms.ID{}, []smpp.Part{failing, first}),
	)
	if err != nil {
		t.Fatal(err)
	}
	want("waiting, after they were joined", read(s.WaitingParts(ctx, "default", "town", "a")), "")
	want("of the message", read(s.JoinedParts(ctx, "default", message)), "one two")
	want("of the message, of another account", read(s.JoinedParts(ctx, "elsewhere", message)), "")
	want("failed", read(s.FailedParts(ctx, "default", "town", sms.ID{}, 10)), "failing")
	want("earlier", read(s.EarlierParts(ctx, "default", "town", "a", 2, []byte("two"))), "two")
	want("earlier, with other words", read(s.EarlierParts(ctx, "default", "town", "a", 2, []byte("one"))), "")
	if p, err := s.Part(ctx, "default", first.ID); err != nil || p.Message != message || p.PDU != nil || p.Number != "" {
		t.Errorf("a part in a message: %+v, %v", p, err)
	}
	if _, err := s.Part(ctx, "elsewhere", first.ID); !errors.Is(err, gateway.ErrNotFound) {
		t.Errorf("of another account: %v", err)
	}
	late := keep(part("town", "a", 1001, "next")) // the place is free again, and so is the one behind it
	if err := s.FailParts(ctx, "default", message, []smpp.Part{late}); err != nil {
		t.Fatal(err)
	}
	if p, err := s.Part(ctx, "default", late.ID); err != nil || !p.Failed || p.Message != message || p.PDU == nil {
		t.Errorf("a part to be told of: %+v, %v", p, err)
	}
	want("earlier, to be told of", read(s.EarlierParts(ctx, "default", "town", "a", 1, []byte("next"))), "next")
	want("of the message, while one is to be told of", read(s.JoinedParts(ctx, "default", message)), "one two")
	if err := s.DropParts(ctx, "default", []smpp.Part{failing}); err != nil {
		t.Fatal(err)
	}
	want("failed, after it was told", read(s.FailedParts(ctx, "default", "town", sms.ID{}, 10)), "next")
	theirs, err := s.PersonParts(ctx, "default", "+33639980001")
	if err != nil || len(theirs) != 2 || theirs[0].ID != late.ID && theirs[1].ID != late.ID {
		t.Errorf("parts to a person: %+v, %v; want the one alone and the one that is to be told of", theirs, err)
	}
	for _, p := range theirs {
		if p.Seq != 1 || p.At.IsZero() || p.Client == "" {
			t.Errorf("a part to a person: %+v", p)
		}
	}
	if others, err := s.PersonParts(ctx, "elsewhere", "+33639980001"); err != nil || len(others) > 0 {
		t.Errorf("parts of another account: %+v, %v", others, err)
	}
	erase(t, s, person.Erasure{Numbers: []sms.Number{"+33639980001"}, Audit: person.AuditEntry{Actor: "api:desk"}})
	if _, err := s.Part(ctx, "default", alone.ID); !errors.Is(err, gateway.ErrNotFound) {
		t.Errorf("a part of an erased person: %v", err)
	}
	if err := s.Forget(ctx, time.Now().AddDate(1, 0, 0)); err != nil {
		t.Fatal(err)
	}
	if _, err := s.Part(ctx, "default", first.ID); !errors.Is(err, gateway.ErrNotFound) {
		t.Errorf("a part that was forgotten: %v", err)
	}
	partsAtOnce(t, s)
}

// partsAtOnce: whoever brings the last part sees all of them, on whichever node.
func partsAtOnce(t *testing.T, s Store) {
	const total = 8
	var all sync.WaitGroup
	var mu sync.Mutex
	most := 0
	for seq := range total {
		all.Go(func() {
			if _, _, err := s.KeepPart(t.Context(), part("town", "crowd", seq+1, "x")); err != nil {
				t.Error(err)
			}
			seen, err := s.WaitingParts(t.Context(), "default", "town", "crowd")
			if err != nil {
				t.Error(err)
			}
			mu.Lock()
			defer mu.Unlock()
			most = max(most, len(seen))
		})
	}
	all.Wait()
	if most != total {
		t.Errorf("nobody saw more than %d of %d parts", most, total)
	}
}
