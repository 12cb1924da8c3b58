package app

import (
	"errors"
	"net/http"
	"net/http/httptest"
	"testing"

	"relais/config"
	"relais/connector"
)

// An address that somebody typed in the console leads to nothing on this machine, by whatever name:
// no request arrives there.
func TestTypedAddressesArePublic(t *testing.T) {
	called := false
	inside := httptest.NewTLSServer(http.HandlerFunc(func(http.ResponseWriter, *http.Request) { called = true }))
	defer inside.Close()
	p := presets{&generation{process: &process{}, config: config.Config{}}}
	choice := connector.Choice{Preset: "infobip", Instance: "infobip", Given: map[string]string{"base_url": inside.URL, "key": "k", "sender": "MAIRIE"}}
	_, err := p.Try(t.Context(), choice)
	if wrong, ok := errors.AsType[*connector.ConfigError](err); !ok || wrong.Key != "base_url" || wrong.Reason.Code != whyNotPublic {
		t.Errorf("the address of this machine: %v", err)
	}
	client := connector.NewHTTPClient(1)
	toPublic(client)
	defer client.CloseIdleConnections()
	for _, address := range []string{inside.URL, "https://10.0.0.1/", "https://169.254.169.254/", "https://[::ffff:127.0.0.1]/"} {
		r, err := http.NewRequestWithContext(t.Context(), http.MethodGet, address, nil)
		if err != nil {
			t.Fatal(err)
		}
		answer, err := client.Do(r)
		if err == nil {
			answer.Body.Close()
		}
		if !errors.Is(err, connector.ErrNotPublic) {
			t.Errorf("%s: %v", address, err)
		}
	}
	if called {
		t.Error("a request arrived")
	}
}
