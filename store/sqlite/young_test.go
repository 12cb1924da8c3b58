package sqlite_test

import (
	"context"
	"fmt"
	"os"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"relais/gateway"
	"relais/inbox"
	"relais/lane"
	"relais/search"
	"relais/sms"
	"relais/store/sqlite"
	"relais/webhook"
)

// crashed is the database as a process that dies now leaves it, opened by the next one.
func crashed(t *testing.T, dir string) *sqlite.Store {
	t.Helper()
	copied := t.TempDir()
	if err := sqlite.Backup(t.Context(), dir, filepath.Join(copied, sqlite.FileName)); err != nil {
		t.Fatal(err)
	}
	return open(t, copied)
}

// seen is a message, its timeline and what the feed tells of it.
func seen(t *testing.T, s *sqlite.Store, id sms.ID) string {
	t.Helper()
	m, err := s.Message(t.Context(), "default", id)
	if err != nil {
		t.Fatal(err)
	}
	events, decisions, err := s.Timeline(t.Context(), "default", id)
	if err != nil {
		t.Fatal(err)
	}
	told, err := s.Feed(t.Context(), "default", 0, nil, 100)
	if err != nil {
		t.Fatal(err)
	}
	text := fmt.Sprintf("%+v\n%+v\n%+v\n", m, events, decisions)
	for _, e := range told {
		text += fmt.Sprintf("%s %s %s %s\n", e.Type, e.Subject, e.At, e.Data)
	}
	return text
}

// lived are the steps of a message's life. Each is done by the store alone.
var lived = []struct {
	name string
	step func(ctx context.Context, s *sqlite.Store, m *sms.Message) error
}{
	{"claimed", func(ctx context.Context, s *sqlite.Store, m *sms.Message) error {
		claimed, err := s.Claim(ctx, lane.Claim{Connector: "ovh", Calls: 1, Batch: 1, Now: m.DueAt})
		if err == nil && len(claimed.Calls) == 1 {
			*m = claimed.Calls[0][0]
		}
		return err
	}},
	{"submitted", func(ctx context.Context, s *sqlite.Store, m *sms.Message) error {
		_, err := s.Settle(ctx, []sms.Transition{{
			Account: m.Account, ID: m.ID, From: sms.Submitting, Attempt: m.Attempt, To: sms.Submitted,
			ProviderID: "p1", ReceiptBy: m.DueAt.Add(72 * time.Hour),
			Event: sms.Event{
				At: m.DueAt.Add(time.Second), Status: sms.Submitted, Actor: "lane:ovh", Code: "submitted",
				Attempt: m.Attempt, OperatorCode: "0", OperatorText: "Pris",
			},
		}})
		return err
	}},
	{"delivered", func(ctx context.Context, s *sqlite.Store, m *sms.Message) error {
		_, err := s.Receive(ctx, &inbox.Reception{
			Connector: "ovh", Pushed: true, At: m.DueAt.Add(time.Minute), Receipts: []sms.Receipt{{
				ProviderID: "p1", Status: sms.Delivered, Reason: "delivered", Code: "1", At: m.DueAt.Add(time.Minute),
			}},
		})
		return err
	}},
}

// TestCrashOfTheYoung: at each step of a life the process dies. The next one has the message as
// the first one would have shown it.
func TestCrashOfTheYoung(t *testing.T) {
	dir := t.TempDir()
	s := open(t, dir)
	s.StayYoung()
	first := acceptance(1) // the early receipts are looked for once
	if _, err := s.Accept(t.Context(), first); err != nil {
		t.Fatal(err)
	}
	a := acceptance(1)
	m := a.Drafts[0].Message
	m.Reference, m.Metadata, m.Sender, m.Routes = "42", map[string]string{"dossier": "é"}, "Mairie", []string{"ovh", "sfr"}
	a.Drafts[0].Message, a.Trace = m, "00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01"
	life := &m
	lone := open(t, t.TempDir()) // its messages have their rows at once
	lone.NoYouth()
	for _, store := range []*sqlite.Store{s, lone} {
		if _, err := store.Accept(t.Context(), a); err != nil {
			t.Fatal(err)
		}
	}
	check := func(step string) {
		t.Helper()
		want := seen(t, lone, m.ID)
		if diff := cmp.Diff(want, seen(t, crashed(t, dir), m.ID)); diff != "" {
			t.Errorf("%s (-with its row +after the crash):\n%s", step, diff)
		}
	}
	if young := s.Young(); young != 2 {
		t.Fatalf("%d messages are young, want both", young)
	}
	check("accepted")
	for _, l := range lived {
		again := *life
		if err := l.step(t.Context(), lone, &again); err != nil {
			t.Fatal(err)
		}
		if l.name == "claimed" { // both, or the older one would be taken
			both, err := s.Claim(t.Context(), lane.Claim{Connector: "ovh", Calls: 2, Batch: 1, Now: m.DueAt})
			if err != nil || len(both.Calls) != 2 {
				t.Fatalf("%d calls, %v", len(both.Calls), err)
			}
			m.Attempt = 1
			check(l.name)
			continue
		}
		if err := l.step(t.Context(), s, life); err != nil {
			t.Fatal(err)
		}
		if l.name == "submitted" && s.Young() == 0 {
			t.Error("nothing is young any more")
		}
		check(l.name)
	}
	if diff := cmp.Diff(seen(t, lone, m.ID), seen(t, s, m.ID)); diff != "" {
		t.Errorf("without a crash (-with its row +young):\n%s", diff)
	}
}

// TestNothingStaysOfTheYoung: texts and numbers stand in no second place once their messages
// have rows.
func TestNothingStaysOfTheYoung(t *testing.T) {
	s := open(t, t.TempDir())
	a := acceptance(1)
	if _, err := s.Accept(t.Context(), a); err != nil {
		t.Fatal(err)
	}
	if _, err := s.Message(t.Context(), "default", a.Drafts[0].ID); err != nil {
		t.Fatal(err)
	}
	if rows := s.YoungRows(t); rows != 0 || s.Young() != 0 {
		t.Errorf("%d rows and %d messages are left", rows, s.Young())
	}
}

// TestTheYoungGrowOld: nobody asks, and a message gets its row all the same.
func TestTheYoungGrowOld(t *testing.T) {
	s := open(t, t.TempDir())
	if _, err := s.Accept(t.Context(), acceptance(1)); err != nil {
		t.Fatal(err)
	}
	for deadline := time.After(time.Minute); s.Young() > 0 || s.YoungRows(t) > 0; {
		select {
		case <-deadline:
			t.Fatal("it is still young after a minute")
		case <-time.After(10 * time.Millisecond):
		}
	}
}

func TestAnIDIsTakenByTheYoungAndTheOld(t *testing.T) {
	s := open(t, t.TempDir())
	s.StayYoung()
	a := acceptance(1)
	for i, want := range []bool{true, false, false} {
		if i == 2 { // it has its row by now
			if _, err := s.Message(t.Context(), "default", a.Drafts[0].ID); err != nil {
				t.Fatal(err)
			}
		}
		if _, err := s.Accept(t.Context(), a); (err == nil) != want {
			t.Errorf("accept %d: %v", i, err)
		}
	}
	b := acceptance(1)
	b.Drafts[0].Submission = a.Drafts[0].Submission
	if _, err := s.Accept(t.Context(), b); err == nil || !strings.Contains(err.Error(), "id") {
		t.Errorf("a known submission: %v", err)
	}
}

// TestTheYoungOutliveAGroupThatFails: what was acknowledged before is known after a
// transaction was taken back.
func TestTheYoungOutliveAGroupThatFails(t *testing.T) {
	s := open(t, t.TempDir())
	s.StayYoung()
	var all []*gateway.Acceptance
	for range 5 {
		a := acceptance(1)
		if _, err := s.Accept(t.Context(), a); err != nil {
			t.Fatal(err)
		}
		all = append(all, a)
		if _, err := s.Accept(t.Context(), a); err == nil {
			t.Fatal("accepted twice")
		}
		if young := s.Young(); young != len(all) {
			t.Fatalf("%d are young, want %d", young, len(all))
		}
	}
	claimed, err := s.Claim(t.Context(), lane.Claim{Connector: "ovh", Calls: 10, Batch: 1, Now: time.Now()})
	if err != nil || len(claimed.Calls) != len(all) {
		t.Errorf("%d calls, want %d: %v", len(claimed.Calls), len(all), err)
	}
}

// TestReadersFindAllOfTheYoung: however many there are, whoever asks finds each.
func TestReadersFindAllOfTheYoung(t *testing.T) {
	s := open(t, t.TempDir())
	s.StayYoung()
	const young = 150
	for range young {
		if _, err := s.Accept(t.Context(), acceptance(1)); err != nil {
			t.Fatal(err)
		}
	}
	found, _, err := s.Search(t.Context(), search.Query{Account: "default", Limit: young})
	if err != nil || len(found) != young {
		t.Errorf("%d found, want %d: %v", len(found), young, err)
	}
	if rows := s.YoungRows(t); rows != 0 || s.Young() != 0 {
		t.Errorf("%d rows and %d messages are left", rows, s.Young())
	}
}

// TestCommandsFindWhatADeadGatewayLeft: they open its database before it starts again.
func TestCommandsFindWhatADeadGatewayLeft(t *testing.T) {
	dir, copied := t.TempDir(), t.TempDir()
	s := open(t, dir)
	s.StayYoung()
	a := acceptance(1)
	if _, err := s.Accept(t.Context(), a); err != nil {
		t.Fatal(err)
	}
	if err := sqlite.Backup(t.Context(), dir, filepath.Join(copied, sqlite.FileName)); err != nil {
		t.Fatal(err)
	}
	for name, tc := range map[string]struct {
		dir  string
		want int
	}{"of a gateway that runs": {dir, 0}, "of a dead one": {copied, 1}} {
		beside, err := sqlite.Open(t.Context(), tc.dir)
		if err != nil {
			t.Fatal(err)
		}
		found, _, err := beside.Search(t.Context(), search.Query{Account: "default", Limit: 2})
		if err != nil || len(found) != tc.want {
			t.Errorf("%s: %d messages, want %d: %v", name, len(found), tc.want, err)
		}
		if err := beside.Close(); err != nil {
			t.Error(err)
		}
	}
	open(t, copied) // nobody holds it any more
	if s.Young() != 1 {
		t.Error("the gateway that runs lost its young message")
	}
}

// TestEndpointsHearOfNothingBeforeThem: what happened to a young message goes to the endpoints
// of that time.
func TestEndpointsHearOfNothingBeforeThem(t *testing.T) {
	s := open(t, t.TempDir())
	s.StayYoung()
	first, a := acceptance(1), acceptance(1) // the early receipts are looked for once
	for _, a := range []*gateway.Acceptance{first, a} {
		if _, err := s.Accept(t.Context(), a); err != nil {
			t.Fatal(err)
		}
		m := a.Drafts[0].Message
		for _, l := range lived[:2] {
			if err := l.step(t.Context(), s, &m); err != nil {
				t.Fatal(err)
			}
		}
	}
	if s.Young() != 1 {
		t.Fatalf("%d are young, want 1", s.Young())
	}
	e := webhook.Endpoint{
		ID: sms.NewID(time.Now()), Account: "default", URL: "https://example.org", Events: webhook.ParseTypes("*"),
		Origin: webhook.OfAPI, State: webhook.Active, CreatedAt: time.Now(), Secret: []byte("sealed"),
	}
	if _, err := s.AddEndpoint(t.Context(), e); err != nil {
		t.Fatal(err)
	}
	due, err := s.Due(t.Context(), e, time.Now().Add(time.Hour), nil, 10)
	if err != nil || len(due) != 0 {
		t.Errorf("%d events are told, want none: %v", len(due), err)
	}
	if err := s.RemoveEndpoint(t.Context(), e.Account, e.ID); err != nil {
		t.Fatal(err)
	}
}

// TestYoungMessagesBelongToTheirAccount: nobody else moves one by its id.
func TestYoungMessagesBelongToTheirAccount(t *testing.T) {
	s := open(t, t.TempDir())
	s.StayYoung()
	a := acceptance(1)
	if _, err := s.Accept(t.Context(), a); err != nil {
		t.Fatal(err)
	}
	m := &a.Drafts[0].Message
	settled, err := s.Settle(t.Context(), []sms.Transition{{
		Account: "another", ID: m.ID, From: sms.Queued, To: sms.Canceled,
		Event: sms.Event{At: m.DueAt, Status: sms.Canceled, Actor: "api:b", Code: "canceled"},
	}})
	if err != nil || settled.Applied != 0 {
		t.Errorf("%d applied, want none: %v", settled.Applied, err)
	}
}

// TestTheYoungTakeTurns: messages that have their rows and those that have none yet wait in one
// queue, by date within a key, in turns between keys and accounts.
func TestTheYoungTakeTurns(t *testing.T) {
	s := open(t, t.TempDir())
	s.StayYoung()
	due := time.Now().Add(-time.Minute).Truncate(time.Microsecond)
	for i, queued := range []struct {
		line  string // account/key
		many  int    // two and more have their rows
		after time.Duration
	}{
		{"a/k", 2, 0},
		{"a/k", 1, time.Second},
		{"a/k", 2, 2 * time.Second},
		{"b/k", 1, 0},
		{"c/k", 2, 0},
		{"c/l", 1, 0},
		{"d/k", 1, time.Second},
	} {
		a := acceptance(queued.many)
		account, key, _ := strings.Cut(queued.line, "/")
		a.At = due.Add(queued.after)
		for j := range a.Drafts {
			m := &a.Drafts[j].Message
			m.Account, m.Actor, m.Reference = account, sms.Actor(key), fmt.Sprint(i)
			m.DueAt, m.UpdatedAt, m.ExpiresAt = a.At, a.At, a.At.Add(time.Hour)
		}
		if _, err := s.Accept(t.Context(), a); err != nil {
			t.Fatal(err)
		}
	}
	if s.Young() != 4 {
		t.Fatalf("%d messages are young, want 4", s.Young())
	}
	var got []string
	rota := lane.NewRota()
	for range 4 {
		claim := lane.Claim{Connector: "ovh", Calls: 3, Batch: 1, Now: time.Now(), Rota: rota}
		claimed, err := s.Claim(t.Context(), claim)
		if err != nil {
			t.Fatal(err)
		}
		rota.Took(claim, claimed)
		for _, call := range claimed.Calls {
			m := &call[0]
			got = append(got, m.Account+"/"+string(m.Actor)+m.Reference)
		}
	}
	want := "a/k0 b/k3 c/k4 d/k6 a/k0 c/l5 a/k1 c/k4 a/k2 a/k2"
	if diff := cmp.Diff(want, strings.Join(got, " ")); diff != "" {
		t.Errorf("claimed (-want +got):\n%s", diff)
	}
	if s.Young() != 4 {
		t.Errorf("%d messages are young, want 4: a claim gave the others their rows", s.Young())
	}
}

// TestLanesLookBesideTheYoung: what a lane asks every few seconds makes nobody old, and misses
// nobody.
func TestLanesLookBesideTheYoung(t *testing.T) {
	s := open(t, t.TempDir())
	s.StayYoung()
	first, a := acceptance(1), acceptance(1) // the early receipts are looked for once
	m := a.Drafts[0].Message
	for _, a := range []*gateway.Acceptance{first, a} {
		if _, err := s.Accept(t.Context(), a); err != nil {
			t.Fatal(err)
		}
		m = a.Drafts[0].Message
		for _, l := range lived[:2] {
			if err := l.step(t.Context(), s, &m); err != nil {
				t.Fatal(err)
			}
		}
	}
	late := m.DueAt.Add(72 * time.Hour)
	for _, tc := range []struct {
		now   time.Time
		want  int
		young int
	}{{late.Add(-time.Second), 0, 1}, {late, 2, 0}} {
		doubtful, err := s.Doubtful(t.Context(), "ovh", "", tc.now, 10)
		if err != nil || len(doubtful) != 0 {
			t.Errorf("%d in doubt, %v", len(doubtful), err)
		}
		awaiting, err := s.Awaiting(t.Context(), "ovh", tc.now, 10)
		if err != nil || len(awaiting) != tc.want {
			t.Errorf("%d receipts are missed, want %d: %v", len(awaiting), tc.want, err)
		}
		if s.Young() != tc.young {
			t.Errorf("%d are young, want %d", s.Young(), tc.young)
		}
	}
}

// aliased is a table of messages in a statement, and the word before it.
var aliased = regexp.MustCompile(`([\w,]+)\s+(?:messages|submissions|outbox)\s+(?:AS\s+)?[a-z]\b`)

// TestStatementsAboutTheYoung: a statement names the tables of messages behind one of the words
// that are looked for before it runs.
func TestStatementsAboutTheYoung(t *testing.T) {
	var files []string
	for _, pattern := range []string{"*.go", "../table/*.go"} {
		found, err := filepath.Glob(pattern)
		if err != nil {
			t.Fatal(err)
		}
		files = append(files, found...)
	}
	seen := 0
	for _, file := range files {
		source, err := os.ReadFile(file)
		if err != nil {
			t.Fatal(err)
		}
		for _, m := range aliased.FindAllStringSubmatch(string(source), -1) {
			seen++
			word := m[1]
			sql := strings.HasSuffix(word, ",") || strings.ToUpper(word) == word
			if sql && !slices.Contains([]string{"FROM", "JOIN", "UPDATE"}, word) {
				t.Errorf("%s: %q", file, m[0])
			}
		}
	}
	if seen < 20 {
		t.Errorf("%d statements seen", seen)
	}
}
