package api_test

import (
	"io"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"
)

// TestGuardOfADoor: a door that breaks answers in its own words, and what broke
// it is not in the log.
func TestGuardOfADoor(t *testing.T) {
	d := open(t)
	guarded := d.Guard(func(*http.Request) string {
		return "door"
	}, http.HandlerFunc(func(http.ResponseWriter, *http.Request) {
		panic("+33639980001")
	}), func(w http.ResponseWriter) {
		w.WriteHeader(http.StatusInternalServerError)
		io.WriteString(w, `{"err": 1}`)
	})
	w := httptest.NewRecorder()
	guarded.ServeHTTP(w, httptest.NewRequestWithContext(t.Context(), http.MethodPost,
		"/passerelle/town/send", http.NoBody))
	if w.Code != http.StatusInternalServerError || w.Body.String() != `{"err": 1}` ||
		w.Header().Get("X-Content-Type-Options") != "nosniff" {
		t.Errorf("answer %d %s %v", w.Code, w.Body, w.Header())
	}
	if log := d.log.String(); !strings.Contains(log, "a request panicked") {
		t.Errorf("log %q", log)
	}
}
