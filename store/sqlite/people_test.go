package sqlite

import (
	"testing"
	"time"

	"relais/gateway"
	"relais/person"
	"relais/sms"
)

// TestErasureOfMessagesThatWereNotCounted: an earlier program did not count who
// got a text. It goes with the last of them all the same.
func TestErasureOfMessagesThatWereNotCounted(t *testing.T) {
	s := openForTest(t)
	now := time.Now()
	submission := sms.NewID(now)
	a := &gateway.Acceptance{At: now}
	for _, to := range []sms.Number{"+33639980001", "+33639980002"} {
		a.Drafts = append(a.Drafts, gateway.Draft{Message: sms.Message{ID: sms.NewID(now), Submission: submission, Account: "default", To: to, Text: "for both"}})
	}
	if _, err := s.Accept(t.Context(), a); err != nil {
		t.Fatal(err)
	}
	text := func() (text string) {
		t.Helper()
		err := s.readers.QueryRowContext(t.Context(), "SELECT text FROM submissions WHERE id = ?", submission[:]).Scan(&text)
		if err != nil {
			t.Fatal(err)
		}
		return text
	}
	err := s.commits.do(t.Context(), func(t *tx) error {
		if err := t.exec("UPDATE submissions SET recipients = 0"); err != nil {
			return err
		}
		return t.exec("UPDATE messages SET status = 'canceled'")
	})
	if err != nil {
		t.Fatal(err)
	}
	for i, want := range []string{"for both", ""} {
		done, err := s.Erase(t.Context(), person.Erasure{
			Numbers: []sms.Number{a.Drafts[i].To}, Limit: 10, Audit: person.AuditEntry{ID: sms.NewID(now), Account: "default"},
		})
		if err != nil || done.Messages != 1 || (done.Shared == 1) != (want != "") {
			t.Errorf("recipient %d: %+v, %v", i+1, done, err)
		}
		if got := text(); got != want {
			t.Errorf("after recipient %d the text is %q, want %q", i+1, got, want)
		}
	}
}
