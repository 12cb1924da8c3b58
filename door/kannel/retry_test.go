package kannel_test

import (
	"net/http"
	"testing"
)

// TestTemporalSaysHowLong: Kannel gives no Retry-After, but who reads it is told.
func TestTemporalSaysHowLong(t *testing.T) {
	h := open(t)
	if err := h.store.Close(); err != nil {
		t.Fatal(err)
	}
	got, err := http.Get(h.url + "?" + good)
	if err != nil {
		t.Fatal(err)
	}
	got.Body.Close()
	if after := got.Header.Get("Retry-After"); got.StatusCode != http.StatusServiceUnavailable ||
		after != "5" {
		t.Errorf("%d with Retry-After %q, want 503 and 5", got.StatusCode, after)
	}
}
