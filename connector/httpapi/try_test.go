package httpapi

import (
	"context"
	"errors"
	"log/slog"
	"net"
	"net/http"
	"net/http/httptest"
	"strings"
	"syscall"
	"testing"
	"time"

	"relais/connector"
	"relais/reason"
)

// A trial that reaches nobody says why in the words of the catalogue, and nothing of what is around this machine.
func TestWhyNobodyWasReached(t *testing.T) {
	const inside = "10.255.255.53"
	free, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	nobody := "http://" + free.Addr().String()
	free.Close()
	untrusted := httptest.NewTLSServer(http.NotFoundHandler())
	defer untrusted.Close()
	nameless := &net.Dialer{Resolver: &net.Resolver{PreferGo: true, Dial: func(context.Context, string, string) (net.Conn, error) {
		return nil, &net.DNSError{Err: "no such host", Name: "operator.example", Server: inside + ":53", IsNotFound: true}
	}}}
	private := &net.Dialer{Control: func(string, string, syscall.RawConn) error { return connector.ErrNotPublic }}
	broken := func(context.Context, string, string) (net.Conn, error) {
		from := &net.TCPAddr{IP: net.ParseIP(inside), Port: 40000}
		return nil, &net.OpError{Op: "read", Net: "tcp", Source: from, Addr: from, Err: errors.New("connection reset by peer")}
	}
	late := func(context.Context, string, string) (net.Conn, error) { return nil, context.DeadlineExceeded }
	for _, tc := range []struct {
		name, address string
		dial          func(ctx context.Context, network, address string) (net.Conn, error)
		want          reason.Code
	}{
		{"a name that nobody knows", "https://operator.example", nameless.DialContext, foundUnnamed},
		{"a private network", "https://169.254.169.254", private.DialContext, foundNotPublic},
		{"nobody listens", nobody, nil, foundNoListener},
		{"an own certificate", untrusted.URL, nil, foundNotTrusted},
		{"no answer", "https://operator.example", late, foundNotAnswered},
		{"cut", "https://operator.example", broken, foundUnreached},
	} {
		t.Run(tc.name, func(t *testing.T) {
			transport := &http.Transport{DialContext: tc.dial}
			defer transport.CloseIdleConnections()
			tried, err := Try(t.Context(), connector.Choice{
				Preset: "infobip", Instance: "infobip", Given: map[string]string{"base_url": tc.address, "key": "k-0123456789", "sender": "MAIRIE"},
			}, connector.Env{Instance: "infobip", HTTP: &http.Client{Transport: transport}, Log: slog.New(slog.DiscardHandler), Now: time.Now})
			if err != nil {
				t.Fatal(err)
			}
			last := tried.Findings[len(tried.Findings)-1]
			for _, found := range tried.Findings {
				if found.Code == findingRefused {
					last = found
				}
			}
			if last.Reason.Code != tc.want {
				t.Errorf("found %s, want %s", last.Reason.Code, tc.want)
			}
			for _, lang := range []reason.Language{reason.English, "fr"} {
				said := last.In(lang).Detail
				if strings.Contains(said, inside) || strings.Contains(said, "temporary") || said == "" {
					t.Errorf("it says %q", said)
				}
			}
		})
	}
}
