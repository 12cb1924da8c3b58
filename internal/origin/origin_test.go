package origin_test

import (
	"net/http"
	"testing"

	"relais/internal/origin"
)

func TestClient(t *testing.T) {
	for _, c := range []struct {
		remote string
		told   []string
		want   string
	}{
		{"192.0.2.7:4711", nil, "192.0.2.7"},
		{"192.0.2.7:4711", []string{"203.0.113.1"}, "192.0.2.7"}, // a stranger's own words
		{"127.0.0.1:4711", []string{"203.0.113.1"}, "203.0.113.1"},
		{"[::1]:4711", []string{"198.51.100.9, 2001:db8::7"}, "2001:db8::7"},
		{"127.0.0.1:4711", []string{"198.51.100.9", "203.0.113.1"}, "203.0.113.1"},
		{"127.0.0.1:4711", []string{""}, "127.0.0.1"},
		{"127.0.0.1:4711", []string{"somebody"}, "somebody"},
		{"no port", nil, "no port"},
	} {
		r := &http.Request{RemoteAddr: c.remote, Header: http.Header{"X-Forwarded-For": c.told}}
		if got := origin.Client(r); got != c.want {
			t.Errorf("%s %v: %q, want %q", c.remote, c.told, got, c.want)
		}
	}
}
