package webhook_test

import (
	"io"
	"net/http"
	"net/http/httptest"
	"sync"
	"testing"
	"time"

	standardwebhooks "github.com/standard-webhooks/standard-webhooks/libraries/go"

	"relais/client"
	"relais/webhook"
)

// TestBothSecretsSign has receivers with the old secret alone, with the new one alone and
// with both verify what comes during a rotation, a retry among it.
func TestBothSecretsSign(t *testing.T) {
	var mu sync.Mutex
	var old, fresh string
	verdicts := make(chan [4]bool, 10)
	n := 0
	server := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		body, err := io.ReadAll(r.Body)
		if err != nil {
			t.Error(err)
		}
		mu.Lock()
		defer mu.Unlock()
		verifies := func(secret string) bool {
			library, err := standardwebhooks.NewWebhook(secret)
			return err == nil && library.Verify(body, r.Header) == nil
		}
		other, err := webhook.NewSecret()
		if err != nil {
			t.Error(err)
		}
		verdicts <- [4]bool{
			verifies(old), verifies(fresh),
			client.VerifyWebhook(r.Header, body, time.Now(), other, old) == nil,
			client.VerifyWebhook(r.Header, body, time.Now(), other) != nil,
		}
		if n++; n == 1 {
			w.WriteHeader(http.StatusServiceUnavailable) // so that it is tried again
		}
	}))
	defer server.Close()
	d := open(t, t.TempDir(), webhook.Policy{Loopback: true})
	defer d.close()
	made, err := d.Create(t.Context(), "default", server.URL, nil, "")
	if err != nil {
		t.Fatal(err)
	}
	rotate := func(overlap time.Duration) string {
		secret, _, _, err := d.Rotate(t.Context(),
			webhook.NewRotation{Account: "default", Endpoint: made.ID, Overlap: overlap})
		if err != nil {
			t.Fatal(err)
		}
		return secret
	}
	mu.Lock()
	old, fresh = made.Secret, rotate(time.Hour)
	mu.Unlock()
	d.Start()
	d.tell(1)
	for attempt := range 2 {
		if got, want := <-verdicts, [4]bool{true, true, true, true}; got != want {
			t.Errorf("attempt %d: old, new, client with the old one, client without: %v, want %v",
				attempt, got, want)
		}
	}
	mu.Lock()
	fresh = rotate(0)
	mu.Unlock()
	d.tell(1)
	if got, want := <-verdicts, [4]bool{false, true, false, true}; got != want {
		t.Errorf("replaced at once: old, new, client with the old one, client without: %v, want %v",
			got, want)
	}
}
