package notify_test

import (
	"crypto/sha256"
	"net/http"
	"strings"
	"testing"
	"time"

	"github.com/golang-jwt/jwt/v5"

	"relais/gateway"
	"relais/person"
	"relais/sms"
)

// TestARepeatGivesNothingOutAgain: what is kept of an answer is nothing of a person's, and the answer to the same key is made
// of what is left of the message, though its template was put away since.
func TestARepeatGivesNothingOutAgain(t *testing.T) {
	h := open(t)
	as := bearer(t, town, live, time.Now(), jwt.SigningMethodHS256)
	keyed, body := http.Header{"Idempotency-Key": {"order-7"}}, h.welcomed(`,"reference":"file of Zoé"`)
	first := h.askAs(t, as, http.MethodPost, sendPath, body, keyed)
	if first.status != 201 {
		t.Fatalf("%d %s", first.status, first.body)
	}
	kept, err := h.store.Answer(t.Context(), "town", gateway.IdempotencyKey{Key: "order-7", Request: sha256.Sum256([]byte("notify\n" + body))})
	if err != nil || len(kept) == 0 || strings.Contains(string(kept), "Zo") || strings.Contains(string(kept), "39980001") {
		t.Errorf("kept %s, %v", kept, err)
	}
	if err := h.book.Archive(t.Context(), "town", h.welcome.ID); err != nil {
		t.Fatal(err)
	}
	if got := h.askAs(t, as, http.MethodPost, sendPath, body, nil); got.status != 400 {
		t.Errorf("a template that was put away: %d %s", got.status, got.body)
	}
	if again := h.askAs(t, as, http.MethodPost, sendPath, body, keyed); again.status != 201 || again.body != first.body || again.header.Get("Idempotency-Replayed") != "true" {
		t.Errorf("%d %s, want %s", again.status, again.body, first.body)
	}
	if got := h.askAs(t, as, http.MethodPost, sendPath, h.welcomed(""), keyed); got.status != 409 {
		t.Errorf("another body: %d %s", got.status, got.body)
	}
	m := h.stored(t, "town")[0]
	if err := h.gateway.Cancel(t.Context(), m, "test"); err != nil {
		t.Fatal(err)
	}
	if _, err := h.store.Erase(t.Context(), person.Erasure{
		Numbers: []sms.Number{m.To}, Limit: 10, Audit: person.AuditEntry{Account: "town", Actor: "test", At: time.Now()},
	}); err != nil {
		t.Fatal(err)
	}
	again := h.askAs(t, as, http.MethodPost, sendPath, body, keyed)
	if again.status != 201 || again.fields["id"] != first.fields["id"] || again.fields["reference"] != nil || strings.Contains(again.body, "Zo") {
		t.Errorf("an erased one: %d %s", again.status, again.body)
	}
	if n := len(h.stored(t, "town")); n != 1 {
		t.Errorf("%d were stored", n)
	}
}
