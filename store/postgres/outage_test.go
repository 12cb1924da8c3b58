package postgres_test

import (
	"context"
	"errors"
	"strings"
	"testing"
	"time"

	"relais/duty"
	"relais/gateway"
	"relais/inbox"
	"relais/internal/pgtest"
	"relais/lane"
	"relais/search"
	"relais/sms"
	"relais/store/postgres"
)

func acceptance(n int, key string) *gateway.Acceptance {
	now := time.Now()
	submission := sms.NewID(now)
	a := &gateway.Acceptance{Actor: "api:test", At: now, Answer: []byte("{}")}
	if key != "" {
		a.Key = &gateway.IdempotencyKey{Key: key}
	}
	for range n {
		a.Drafts = append(a.Drafts, gateway.Draft{Message: sms.Message{
			ID: sms.NewID(now), Submission: submission, Account: "default", To: "+33639980001", Text: "Bonjour", Class: sms.Transactional,
			Encoding: sms.GSM7, Segments: 1, Connector: "ovh", Status: sms.Queued, DueAt: now, ExpiresAt: now.Add(time.Hour),
			AcceptedAt: now, UpdatedAt: now,
		}})
	}
	return a
}

// TestServerKilled: kill -9 of the server costs errors while it is away, and
// nothing that was acknowledged.
func TestServerKilled(t *testing.T) {
	server, err := pgtest.Start(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	defer server.Stop()
	address, err := server.Create(t.Context(), "killed")
	if err != nil {
		t.Fatal(err)
	}
	s := open(t, address)
	var kept []*gateway.Acceptance
	for round := range 3 {
		for range 20 {
			a := acceptance(3, "")
			if _, err := s.Accept(t.Context(), a); err != nil {
				t.Fatalf("round %d: %v", round, err)
			}
			kept = append(kept, a)
		}
		if err := server.Kill(); err != nil {
			t.Fatal(err)
		}
		if _, err := s.Accept(t.Context(), acceptance(1, "")); err == nil {
			t.Error("an accept without a server was acknowledged")
		}
		claimed, err := s.Claim(t.Context(), lane.Claim{Connector: "ovh", Calls: 10, Batch: 1, Now: time.Now()})
		if err == nil || len(claimed.Calls) > 0 {
			t.Errorf("a claim without a server gave %d calls, %v", len(claimed.Calls), err)
		}
		if err := s.Ping(t.Context()); err == nil {
			t.Error("Ping without a server says nothing")
		}
		if err := server.Run(t.Context()); err != nil {
			t.Fatal(err)
		}
	}
	for _, a := range kept {
		for i := range a.Drafts {
			m, err := s.Message(t.Context(), "default", a.Drafts[i].ID)
			if err != nil || m.Status != sms.Queued {
				t.Fatalf("an acknowledged message is %s, %v", m.Status, err)
			}
		}
	}
}

// TestFenced: who lost a lease claims nothing, also when it does not know yet.
func TestFenced(t *testing.T) {
	address := pgtest.Upgraded(t, postgres.Upgrade)
	s := open(t, address)
	if _, err := s.Accept(t.Context(), acceptance(2, "")); err != nil {
		t.Fatal(err)
	}
	a, b := duty.Node{Name: "a", Run: "1"}, duty.Node{Name: "b", Run: "1"}
	hold := func(n duty.Node, life time.Duration) map[string]int64 {
		t.Helper()
		fences, err := s.Hold(t.Context(), n, []string{"lane:ovh", "gateway"}, life)
		if err != nil {
			t.Fatal(err)
		}
		return fences
	}
	claim := func(n duty.Node, fence int64) error {
		_, err := s.Claim(t.Context(), lane.Claim{
			Connector: "ovh", Calls: 1, Batch: 1, Now: time.Now(), Lease: "lane:ovh", Fence: fence, Node: n,
		})
		return err
	}
	first := hold(a, time.Hour)
	if len(first) != 2 || hold(a, time.Hour)["lane:ovh"] != first["lane:ovh"] {
		t.Errorf("a holds %v and a renewal changes the fence", first)
	}
	if others := hold(b, time.Hour); len(others) != 0 {
		t.Errorf("b holds %v while a does", others)
	}
	if err := claim(b, 1); !errors.Is(err, duty.ErrFenced) {
		t.Errorf("b claims: %v, want ErrFenced", err)
	}
	if err := claim(a, first["lane:ovh"]); err != nil {
		t.Errorf("a claims: %v", err)
	}
	hold(a, time.Microsecond) // and is paused
	second := hold(b, time.Hour)
	for len(second) == 0 {
		second = hold(b, time.Hour)
	}
	if second["lane:ovh"] <= first["lane:ovh"] {
		t.Errorf("fence %d after %d, want a higher one", second["lane:ovh"], first["lane:ovh"])
	}
	if err := claim(a, first["lane:ovh"]); !errors.Is(err, duty.ErrFenced) {
		t.Errorf("a wakes up and claims: %v, want ErrFenced", err)
	}
	again := duty.Node{Name: "b", Run: "2"}
	if third := hold(again, time.Hour); third["lane:ovh"] <= second["lane:ovh"] {
		t.Errorf("b starts again with fence %d, want more than %d", third["lane:ovh"], second["lane:ovh"])
	}
	if err := claim(b, second["lane:ovh"]); !errors.Is(err, duty.ErrFenced) {
		t.Errorf("an earlier run claims: %v, want ErrFenced", err)
	}
	if err := s.Release(t.Context(), again); err != nil {
		t.Fatal(err)
	}
	if fences := hold(a, time.Hour); len(fences) != 2 {
		t.Errorf("after a release a holds %v, want both", fences)
	}
}

// TestSameKeyOnTwoNodes: a request that a caller repeats at another node is
// stored once.
func TestSameKeyOnTwoNodes(t *testing.T) {
	address := pgtest.Upgraded(t, postgres.Upgrade)
	nodes := []*postgres.Store{open(t, address), open(t, address)}
	stored := make(chan bool)
	const many = 40
	for i := range many {
		go func() {
			a := acceptance(1, "same")
			a.Answer = []byte(a.Drafts[0].ID.String())
			replay, err := nodes[i%2].Accept(context.Background(), a)
			if err != nil {
				t.Error(err)
			}
			stored <- replay == nil
		}()
	}
	n := 0
	for range many {
		if <-stored {
			n++
		}
	}
	found, _, err := nodes[0].Search(t.Context(), search.Query{Account: "default", Limit: 100})
	if err != nil || n != 1 || len(found) != 1 {
		t.Errorf("%d told that they stored, %d messages, %v; want 1 and 1", n, len(found), err)
	}
}

func TestServerThatDoesNotSyncIsRefused(t *testing.T) {
	address := pgtest.Database(t) + "&synchronous_commit=off"
	if _, err := postgres.Open(t.Context(), address, true); err == nil || !strings.Contains(err.Error(), "synchronous_commit = off") {
		t.Errorf("error = %v, want a refusal of synchronous_commit = off", err)
	}
}

func TestURLIsNotRepeated(t *testing.T) {
	for _, address := range []string{"postgres://u:hunter2@127.0.0.1:1/db", "postgres://u:hunter2@[/db"} {
		_, err := postgres.Open(t.Context(), address, true)
		if err == nil || strings.Contains(err.Error(), "hunter2") {
			t.Errorf("error = %v, want one without the password", err)
		}
	}
}

// TestHostileText: an operator's bytes that PostgreSQL does not take are stored
// all the same.
func TestHostileText(t *testing.T) {
	s := open(t, pgtest.Upgraded(t, postgres.Upgrade))
	r := &inbox.Reception{
		Connector: "ovh", Owner: "default", Pushed: true, At: time.Now(), PerSender: func(string) bool { return false },
		Receipts: []sms.Receipt{{ProviderID: "1\x00\xff", Status: sms.Delivered, Code: "\xfe", Text: "a\x00b"}},
		Inbounds: []inbox.Inbound{{Connector: "ovh", ProviderID: "2\x00", From: "+33639980001", Text: "caf\xe9\x00", Intent: inbox.IntentReply}},
	}
	received, err := s.Receive(t.Context(), r)
	if err != nil || received.Verdicts[inbox.Kept] != 1 || received.Inbounds != 1 {
		t.Errorf("received %+v, %v; want one receipt kept and one reply", received, err)
	}
	if _, _, err := s.Search(t.Context(), search.Query{Account: "default", Reference: "\xff\x00", Limit: 1}); err != nil {
		t.Errorf("a search for such bytes: %v", err)
	}
}
