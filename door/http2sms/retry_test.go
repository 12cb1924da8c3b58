package http2sms_test

import (
	"net/http"
	"testing"
)

func TestUnavailableSaysHowLong(t *testing.T) {
	w := open(t)
	if err := w.store.Close(); err != nil {
		t.Fatal(err)
	}
	got, err := http.Get(w.url + "?" + w.form().Encode())
	if err != nil {
		t.Fatal(err)
	}
	got.Body.Close()
	if after := got.Header.Get("Retry-After"); got.StatusCode != http.StatusServiceUnavailable || after != "5" {
		t.Errorf("%d with Retry-After %q, want 503 and 5", got.StatusCode, after)
	}
}
