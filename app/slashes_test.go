package app_test

import (
	"net/http"
	"strings"
	"testing"

	"relais/sandbox"
)

// TestSlashesOfDoors: every door takes a path with slashes too many, and none redirects,
// which would make a GET of a POST.
func TestSlashesOfDoors(t *testing.T) {
	w := live(t, sandbox.Options{}, kannelDoor)
	straight := &http.Client{CheckRedirect: func(*http.Request, []*http.Request) error {
		return http.ErrUseLastResponse
	}}
	for _, tc := range []struct {
		name, method, path string
		want               int
	}{
		{"native", http.MethodGet, "//v1//messages/", http.StatusUnauthorized},
		{"OVH's", http.MethodGet, "//ovh//1.0/auth/time/", http.StatusOK},
		{"OVH's, host alone", http.MethodGet, "/1.0//auth/time/", http.StatusOK},
		{"OVH's, beside the native API", http.MethodGet, "/v1//auth/time", http.StatusOK},
		{"http2sms", http.MethodPost, "/cgi-bin//sms/http2sms.cgi/", http.StatusOK},
		{"Kannel's", http.MethodPost, "/cgi-bin/sendsms//", http.StatusForbidden},
		{"a probe", http.MethodGet, "//healthz/", http.StatusOK},
	} {
		t.Run(tc.name, func(t *testing.T) {
			r, err := http.NewRequestWithContext(t.Context(), tc.method, w.app.URL()+tc.path,
				strings.NewReader(""))
			if err != nil {
				t.Fatal(err)
			}
			got, err := straight.Do(r)
			if err != nil {
				t.Fatal(err)
			}
			got.Body.Close()
			if got.StatusCode != tc.want {
				t.Errorf("answer %d, want %d", got.StatusCode, tc.want)
			}
		})
	}
}
