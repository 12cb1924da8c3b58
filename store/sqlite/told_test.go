package sqlite_test

import (
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"relais/person"
	"relais/sms"
	"relais/webhook"
)

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
	if s.Told() != 1 {
		t.Errorf("%d events are remembered, want 1", s.Told())
	}
	if erased {
		if _, err := s.Erase(t.Context(), person.Erasure{
			Numbers: []sms.Number{m.To}, Limit: 10,
			Audit: person.AuditEntry{Account: "default", ID: sms.NewID(time.Now()), At: time.Now(), Actor: "api:a"},
		}); err != nil {
			t.Fatal(err)
		}
		if again := due(); s.Told() != 0 || string(again[0].Event.Data) == string(told[0].Event.Data) {
			t.Errorf("after it was erased it tells %s", again[0].Event.Data)
		}
		return
	}
	s.ForgetTold()
	if diff := cmp.Diff(due(), told); diff != "" {
		t.Errorf("(-read +told):\n%s", diff)
	}
}
