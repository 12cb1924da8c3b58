package origin_test

import (
	"net/http"
	"net/http/httptest"
	"net/netip"
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

// Behind a proxy of another machine the list is read from its end: what a client wrote
// itself stands before, and is not believed.
func TestClientBehindProxies(t *testing.T) {
	proxies := origin.Proxies{netip.MustParsePrefix("10.1.0.0/16"), netip.MustParsePrefix("2001:db8:1::/48")}
	for _, c := range []struct {
		remote string
		told   []string
		want   string
	}{
		{"10.1.2.3:4711", []string{"203.0.113.1"}, "203.0.113.1"},
		{"10.1.2.3:4711", []string{"127.0.0.1, 203.0.113.1"}, "203.0.113.1"},
		{"10.1.2.3:4711", []string{"192.0.2.66", "203.0.113.1, 10.1.9.9"}, "203.0.113.1"},
		{"10.1.2.3:4711", []string{"10.1.0.1, 10.1.0.2"}, "10.1.0.1"}, // of our own network
		{"10.1.2.3:4711", []string{"203.0.113.1:50123"}, "203.0.113.1"},
		{"10.1.2.3:4711", []string{"[2001:db8::7]:50123"}, "2001:db8::7"},
		{"[2001:db8:1::5]:4711", []string{"203.0.113.1"}, "203.0.113.1"},
		{"[::ffff:10.1.2.3]:4711", []string{"203.0.113.1"}, "203.0.113.1"},
		{"10.1.2.3:4711", []string{"203.0.113.1, unknown"}, "unknown"},
		{"10.1.2.3:4711", []string{"203.0.113.1,"}, "10.1.2.3"},
		{"10.1.2.3:4711", nil, "10.1.2.3"},
		{"127.0.0.1:4711", []string{"203.0.113.1"}, "127.0.0.1"}, // no longer a proxy
		{"10.2.0.1:4711", []string{"203.0.113.1"}, "10.2.0.1"},
	} {
		r := httptest.NewRequestWithContext(t.Context(), http.MethodGet, "/", nil)
		r.RemoteAddr, r.Header = c.remote, http.Header{"X-Forwarded-For": c.told, "Forwarded": {"for=192.0.2.1"}}
		got := ""
		proxies.Handler(http.HandlerFunc(func(_ http.ResponseWriter, r *http.Request) { got = origin.Client(r) })).
			ServeHTTP(httptest.NewRecorder(), r)
		if got != c.want {
			t.Errorf("%s %v: %q, want %q", c.remote, c.told, got, c.want)
		}
	}
}
