package http2sms_test

import (
	"net/http"
	"strings"
	"testing"
)

// TestMalformedRequests: what cannot be read whole is not sent in part. A
// deferred that is lost would send at once, a noStop that is lost to other
// people.
func TestMalformedRequests(t *testing.T) {
	w := open(t)
	const form = "application/x-www-form-urlencoded"
	whole := w.form().Encode()
	for _, tc := range []struct{ name, method, query, kind, body string }{
		{"an escape that is none", http.MethodGet, whole + "&deferred=12%", "", ""},
		{"a semicolon", http.MethodGet, whole + "&deferred=125025112026;", "", ""},
		{"an escape in a form", http.MethodPost, whole, form, "deferred=%zz"},
		{"a form that is too large", http.MethodPost, whole, form, "pad=" + strings.Repeat("x", 10<<20) + "&deferred=125025112026"},
		{"a multipart form without its end", http.MethodPost, whole, "multipart/form-data; boundary=b", "--b\r\nContent-Disposition: form-data; name=\"deferred\"\r\n\r\n12"},
		{"an escape in the query of a multipart form", http.MethodPost, whole + "&deferred=12%", "multipart/form-data; boundary=b", "--b--\r\n"},
		{"a content type that is none", http.MethodPost, whole, form + "; charset", "deferred=125025112026"},
	} {
		t.Run(tc.name, func(t *testing.T) {
			status, _, body := send(t, tc.method, w.url+"?"+tc.query, tc.kind, tc.body)
			if status != http.StatusBadRequest || !strings.HasPrefix(body, "KO\nThe request cannot be read") {
				t.Errorf("%d %q", status, body)
			}
		})
	}
	if sent := w.messages(t); len(sent) > 0 {
		t.Errorf("%d messages were stored", len(sent))
	}
}

// TestAnotherAddress: a login that is limited to addresses.
func TestAnotherAddress(t *testing.T) {
	w := open(t)
	u, err := w.store.OVHUser(t.Context(), "default", w.login.Login)
	if err != nil {
		t.Fatal(err)
	}
	u.Data = []byte(`{"ipRestrictions":["192.0.2.1"]}`)
	if err := w.store.KeepOVHUser(t.Context(), u); err != nil {
		t.Fatal(err)
	}
	status, _, body := w.get(t, w.form("contentType", "text/json"))
	if status != http.StatusForbidden || !strings.HasPrefix(body, `{"status":401,`) {
		t.Errorf("%d %s", status, body)
	}
	if sent := w.messages(t); len(sent) > 0 {
		t.Errorf("%d messages were stored", len(sent))
	}
}

// TestDoneInPart: a number that stands twice gets one message, and the code says
// that not all were taken.
func TestDoneInPart(t *testing.T) {
	w := open(t)
	if _, _, body := w.get(
		t, w.form("to", "0033639980001,+33639980001", "contentType", "text/json"),
	); !strings.HasPrefix(body, `{"status":101,`) {
		t.Error(body)
	}
	if sent := w.messages(t); len(sent) != 1 {
		t.Errorf("%d messages", len(sent))
	}
}
