package http2sms_test

import (
	"io"
	"net/http"
	"strings"
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

// TestBodiesThatAreNoForm: their parameters would count as missing.
func TestBodiesThatAreNoForm(t *testing.T) {
	w := open(t)
	for _, tc := range []struct{ name, kind, coding, want string }{
		{"JSON", "application/json", "", "send the parameters as a form"},
		{"XML", "text/xml; charset=utf-8", "", "send the parameters as a form"},
		{"compressed", "application/x-www-form-urlencoded", "gzip", "without Content-Encoding"},
	} {
		t.Run(tc.name, func(t *testing.T) {
			r, err := http.NewRequestWithContext(t.Context(), http.MethodPost, w.url+"/", strings.NewReader("{}"))
			if err != nil {
				t.Fatal(err)
			}
			r.Header.Set("Content-Type", tc.kind)
			if tc.coding != "" {
				r.Header.Set("Content-Encoding", tc.coding)
			}
			got, err := http.DefaultClient.Do(r)
			if err != nil {
				t.Fatal(err)
			}
			defer got.Body.Close()
			body, err := io.ReadAll(got.Body)
			if err != nil || got.StatusCode != http.StatusUnsupportedMediaType || !strings.Contains(string(body), tc.want) {
				t.Errorf("%d %s, %v; want %q", got.StatusCode, body, err, tc.want)
			}
		})
	}
}
