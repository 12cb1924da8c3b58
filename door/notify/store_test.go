package notify_test

import (
	"net/http"
	"strings"
	"testing"
)

// TestStoreDown: nothing was taken, and the client is told so in Notify's form, to try again.
func TestStoreDown(t *testing.T) {
	h := open(t)
	if err := h.store.Close(); err != nil {
		t.Fatal(err)
	}
	for _, path := range []string{"/v2/notifications/sms", "/v2/notifications", "/v2/templates?type=sms"} {
		method, body := http.MethodGet, ""
		if strings.HasSuffix(path, "/sms") {
			method, body = http.MethodPost, h.welcomed("")
		}
		got := h.ask(t, method, path, body)
		if got.status != http.StatusServiceUnavailable || got.header.Get("Retry-After") == "" || !strings.Contains(got.body, `{"status_code":503,"errors":[{"error":"Exception","message":"The service is unavailable`) {
			t.Errorf("%s: %d %s", path, got.status, got.body)
		}
	}
}
