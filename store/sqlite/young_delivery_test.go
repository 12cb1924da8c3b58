package sqlite_test

import (
	stdcmp "cmp"
	"fmt"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"relais/gateway"
	"relais/lane"
	"relais/person"
	"relais/sms"
	"relais/store/sqlite"
	"relais/webhook"
)

// subscribed is an endpoint that hears how messages end.
func subscribed(t *testing.T, s *sqlite.Store) webhook.Endpoint {
	t.Helper()
	e := webhook.Endpoint{
		ID: sms.NewID(time.Now()), Account: "default", URL: "https://example.org", Origin: webhook.OfAPI,
		Events: []webhook.Type{webhook.MessageDelivered, webhook.MessageExpired},
		State:  webhook.Active, CreatedAt: time.Now(), Secret: []byte("sealed"),
	}
	if _, err := s.AddEndpoint(t.Context(), e); err != nil {
		t.Fatal(err)
	}
	return e
}

// lives lets a young message live so many steps.
func lives(t *testing.T, s *sqlite.Store, steps int) sms.Message {
	t.Helper()
	a := acceptance(1)
	if _, err := s.Accept(t.Context(), a); err != nil {
		t.Fatal(err)
	}
	m := a.Drafts[0].Message
	for _, l := range lived[:steps] {
		if err := l.step(t.Context(), s, &m); err != nil {
			t.Fatalf("%s: %v", l.name, err)
		}
	}
	return m
}

// logged is the log of an endpoint, in words.
func logged(t *testing.T, s *sqlite.Store, e webhook.Endpoint) (text string) {
	t.Helper()
	log, err := s.Deliveries(t.Context(), e.Account, e.ID, "", 0, 10)
	if err != nil {
		t.Fatal(err)
	}
	for i := range log {
		d := &log[i]
		text += fmt.Sprintf("%s %s %d %s %v\n", d.Event.Type, d.State, d.Attempts, d.Last.Error, d.NextAt.UTC())
	}
	return text
}

// TestCrashOfAYoungDelivery: the process dies before a webhook was tried, and after. The next one
// tries it, or shows what became of it.
func TestCrashOfAYoungDelivery(t *testing.T) {
	later := time.Now().Add(time.Hour).Truncate(time.Microsecond)
	for _, state := range []webhook.DeliveryState{"", webhook.Delivered, webhook.Failed, webhook.Pending} {
		t.Run(stdcmp.Or(string(state), "not tried"), func(t *testing.T) {
			dir := t.TempDir()
			s := open(t, dir)
			s.StayYoung()
			lives(t, s, 2) // the early receipts are looked for once
			e := subscribed(t, s)
			lives(t, s, 3)
			if s.YoungDeliveries() != 1 {
				t.Fatalf("%d deliveries have no row, want 1", s.YoungDeliveries())
			}
			due, err := s.Due(t.Context(), e, later, nil, 10)
			if err != nil || len(due) != 1 {
				t.Fatalf("%d are due, want 1: %v", len(due), err)
			}
			want := "message.delivered pending 0  " + due[0].NextAt.UTC().String() + "\n"
			if state != "" {
				if err := s.SettleDeliveries(t.Context(), []webhook.Attempt{{
					Account: "default", Endpoint: e.ID, Seq: due[0].Event.Seq, State: state, NextAt: later,
					Try: webhook.Try{At: time.Now(), Status: 500, Error: "500", Took: time.Millisecond},
				}}); err != nil {
					t.Fatal(err)
				}
				want = fmt.Sprintf("message.delivered %s 1 500 %v\n", state, later.UTC())
			}
			if diff := cmp.Diff(want, logged(t, crashed(t, dir), e)); diff != "" {
				t.Errorf("after a crash (-want +got):\n%s", diff)
			}
			if diff := cmp.Diff(want, logged(t, s, e)); diff != "" {
				t.Errorf("without one (-want +got):\n%s", diff)
			}
		})
	}
}

// TestYoungDeliveriesLeaveInOrder: what else happens to a message is told after it. Whoever looks
// for work finds it, and a transaction that is taken back loses nothing.
func TestYoungDeliveriesLeaveInOrder(t *testing.T) {
	s := open(t, t.TempDir())
	s.StayYoung()
	lives(t, s, 2) // the early receipts are looked for once
	e := subscribed(t, s)
	m := lives(t, s, 2)
	end := sms.Transition{
		Account: m.Account, ID: m.ID, From: sms.Submitted, Attempt: m.Attempt, To: sms.Expired,
		Event: sms.Event{At: m.DueAt.Add(time.Second), Status: sms.Expired, Actor: "lane:ovh", Code: sms.NoReceipt},
	}
	if settled, err := s.Settle(t.Context(), []sms.Transition{end}); err != nil || settled.Applied != 1 {
		t.Fatalf("%d applied, %v", settled.Applied, err)
	}
	late := m.DueAt.Add(time.Hour)
	busy, _, err := s.Busy(t.Context(), late)
	if err != nil || len(busy) != 1 || s.YoungDeliveries() != 1 {
		t.Errorf("%d endpoints are busy, %d deliveries have no row: %v", len(busy), s.YoungDeliveries(), err)
	}
	standing, err := s.Standing(t.Context())
	if want := m.DueAt.Add(time.Second).Truncate(time.Microsecond); err != nil || !standing.Oldest.Equal(want) {
		t.Errorf("the oldest waits since %v, want %v: %v", standing.Oldest, want, err)
	}
	if _, err := s.Accept(t.Context(), accepted(t, s)); err == nil {
		t.Error("accepted twice")
	}
	if _, err := s.Claim(t.Context(), lane.Claim{Connector: "ovh", Calls: 1, Batch: 1, Now: late}); err != nil {
		t.Fatal(err)
	}
	end.From, end.FromReason = sms.Expired, sms.NoReceipt
	end.To, end.Event.Status, end.Event.Code = sms.Delivered, sms.Delivered, "delivered"
	if settled, err := s.Settle(t.Context(), []sms.Transition{end}); err != nil || settled.Applied != 1 {
		t.Fatalf("%d applied, %v", settled.Applied, err)
	}
	for _, want := range []webhook.Type{webhook.MessageExpired, webhook.MessageDelivered} {
		due, err := s.Due(t.Context(), e, late, nil, 10)
		if err != nil || len(due) != 1 || due[0].Event.Type != want || len(due[0].Event.Data) == 0 {
			t.Fatalf("due is %+v, want one %s: %v", due, want, err)
		}
		if skipped, err := s.Due(t.Context(), e, late, map[int64]bool{due[0].Event.Seq: true}, 10); err != nil || len(skipped) != 0 {
			t.Errorf("due is %+v beside what is on its way: %v", skipped, err)
		}
		if err := s.SettleDeliveries(t.Context(), []webhook.Attempt{{
			Account: "default", Endpoint: e.ID, Seq: due[0].Event.Seq, State: webhook.Delivered,
			Try: webhook.Try{At: late, Status: 200},
		}}); err != nil {
			t.Fatal(err)
		}
	}
}

// accepted is a message that is stored.
func accepted(t *testing.T, s *sqlite.Store) *gateway.Acceptance {
	t.Helper()
	a := acceptance(1)
	if _, err := s.Accept(t.Context(), a); err != nil {
		t.Fatal(err)
	}
	return a
}

// TestWhatIsToldIsWhatIsWritten: an event that has just happened is told as it is read, and no
// longer where it was erased meanwhile.
func TestWhatIsToldIsWhatIsWritten(t *testing.T) {
	for name, erased := range map[string]bool{"told": false, "erased": true} {
		t.Run(name, func(t *testing.T) { checkTold(t, erased) })
	}
}

func checkTold(t *testing.T, erased bool) {
	t.Helper()
	s := open(t, t.TempDir())
	s.StayYoung()
	e := webhook.Endpoint{
		ID: sms.NewID(time.Now()), Account: "default", URL: "https://example.org", Events: webhook.ParseTypes("*"),
		Origin: webhook.OfAPI, State: webhook.Active, CreatedAt: time.Now(), Secret: []byte("sealed"),
	}
	if _, err := s.AddEndpoint(t.Context(), e); err != nil {
		t.Fatal(err)
	}
	a := acceptance(1)
	m := a.Drafts[0].Message
	m.Reference, m.Metadata, m.Sender, m.DueAt = "42", map[string]string{"dossier": "é"}, "Mairie", m.DueAt.UTC()
	a.Drafts[0].Message = m
	if _, err := s.Accept(t.Context(), a); err != nil {
		t.Fatal(err)
	}
	life := m
	if err := lived[0].step(t.Context(), s, &life); err != nil {
		t.Fatal(err)
	}
	failed := sms.Transition{
		Account: m.Account, ID: m.ID, From: sms.Submitting, Attempt: 1, To: sms.Undelivered,
		Event: sms.Event{
			At: m.DueAt.Add(time.Second), Status: sms.Undelivered, Actor: "lane:ovh", Code: "refused", Attempt: 1,
			OperatorCode: "7", OperatorText: "Non",
		},
	}
	if settled, err := s.Settle(t.Context(), []sms.Transition{failed}); err != nil || settled.Applied != 1 {
		t.Fatalf("%d applied, %v", settled.Applied, err)
	}
	due := func() []webhook.Delivery {
		t.Helper()
		found, err := s.Due(t.Context(), e, time.Now().Add(time.Hour), nil, 10)
		if err != nil || len(found) != 1 {
			t.Fatalf("%d are due, want 1: %v", len(found), err)
		}
		return found
	}
	told := due()
	if s.YoungDeliveries() != 1 {
		t.Errorf("%d deliveries have no row, want 1", s.YoungDeliveries())
	}
	if erased {
		if _, err := s.Erase(t.Context(), person.Erasure{
			Numbers: []sms.Number{m.To}, Limit: 10,
			Audit: person.AuditEntry{Account: "default", ID: sms.NewID(time.Now()), At: time.Now(), Actor: "api:a"},
		}); err != nil {
			t.Fatal(err)
		}
		if again := due(); s.YoungDeliveries() != 0 || string(again[0].Event.Data) == string(told[0].Event.Data) {
			t.Errorf("after it was erased it tells %s", again[0].Event.Data)
		}
		return
	}
	log, err := s.Deliveries(t.Context(), "default", e.ID, webhook.Pending, 0, 10) // gives it its row
	if err != nil || len(log) != 1 || s.YoungDeliveries() != 0 {
		t.Errorf("%d in the log, %d without a row, %v", len(log), s.YoungDeliveries(), err)
	}
	if diff := cmp.Diff(due(), told); diff != "" {
		t.Errorf("(-read +told):\n%s", diff)
	}
}
