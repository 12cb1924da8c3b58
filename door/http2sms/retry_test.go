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
	if after := got.Header.Get("Retry-After"); got.StatusCode != http.StatusServiceUnavailable ||
		after != "5" {
		t.Errorf("%d with Retry-After %q, want 503 and 5", got.StatusCode, after)
	}
}

// TestBodiesThatAreNoForm: their parameters would count as missing.
func TestBodiesThatAreNoForm(t *testing.T) {
	w := open(t)
	const form, json = "application/x-www-form-urlencoded", `{"account":"sms-town-1"}`
	for _, tc := range []struct{ name, kind, coding, body, want string }{
		{"JSON", "application/json", "", "{}", "send the parameters as a form"},
		{"XML", "text/xml; charset=utf-8", "", "<sms/>", "send the parameters as a form"},
		{"compressed", form, "gzip", "x", "without Content-Encoding"},
		{"JSON as curl -d sends it", form, "", " " + json, "The body is JSON, and a form is wanted"},
		{"a list", form, "", "[" + json + "]", "The body is JSON"},
		{"JSON without a type", "", "", json, "The body is JSON"},
		{"JSON that says multipart", "multipart/form-data; boundary=b", "", json, "The body is JSON"},
		{"XML that says a form", form, "", "<sms/>", "The body is XML or HTML"},
		{"a form in parts that says a form", form, "", "--b\r\n", "The body is a form in parts"},
		{"compressed in silence", form, "", "\x1f\x8b\x08\x00%z;", "The body is compressed"},
		{"UTF-16", form, "", "a\x00c\x00c\x00", "The body is UTF-16"},
		{"UTF-32", form, "", "a\x00\x00\x00c\x00\x00\x00", "The body is UTF-32"},
		{"a form that says text", "text/plain", "", "account=sms-town-1", "Content-Type says text/plain, and a form is wanted"},
		{"a form that says nothing", "", "", "account=sms-town-1", "Content-Type says nothing, and a form is wanted"},
		{"a form in parts without its boundary", "multipart/form-data", "", "--b\r\n", "Content-Type lacks the boundary"},
	} {
		t.Run(tc.name, func(t *testing.T) {
			r, err := http.NewRequestWithContext(t.Context(), http.MethodPost, w.url+"/",
				strings.NewReader(tc.body))
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
			if err != nil || got.StatusCode != http.StatusUnsupportedMediaType ||
				!strings.Contains(string(body), tc.want) || !strings.HasPrefix(string(body), "KO\n") {
				t.Errorf("%d %s, %v; want %q", got.StatusCode, body, err, tc.want)
			}
		})
	}
}

// TestBodyRefusedInTheTypeAskedFor: the URL says it, where the body cannot.
func TestBodyRefusedInTheTypeAskedFor(t *testing.T) {
	w := open(t)
	status, kind, body := send(t, http.MethodPost, w.url+"?contentType=text/json",
		"application/x-www-form-urlencoded", "{}")
	if status != http.StatusUnsupportedMediaType || !strings.HasPrefix(kind, "text/json") ||
		!strings.HasPrefix(body, `{"status":202,`) {
		t.Errorf("%d %s %s", status, kind, body)
	}
}
