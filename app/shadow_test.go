package app_test

import (
	"fmt"
	"io"
	"net/http"
	"net/http/httptest"
	"net/url"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"relais/door/ovh"
	"relais/door/shadow"
	"relais/sandbox"
	"relais/store/sqlite"
)

// beside has every door that can be tried, each beside an old gateway at one
// address.
const beside = `
[passerelle.town]
kind = "sfr-dmc"
shadow = "%[3]s/sfr-dmc/town"
[passerelle.town.caller.anybody]
kind = "open"
[kannel.relay]
password = "relaypass"
shadow = "%[3]s"
[ovh.default]
shadow_http2sms = "%[3]s"
`

// before answers as gateways do that take everything.
func before(t *testing.T) *httptest.Server {
	t.Helper()
	old := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		switch r.URL.Path {
		case "/sfr-dmc/town/send/":
			io.WriteString(w, `{"err": 0, "warn": {}}`)
		case "/cgi-bin/sendsms":
			w.WriteHeader(http.StatusAccepted)
			io.WriteString(w, "0: Accepted for delivery")
		case "/cgi-bin/sms/http2sms.cgi":
			io.WriteString(w, "OK\n1987\n10867690\n10867691\n")
		default:
			http.NotFound(w, r)
		}
	}))
	t.Cleanup(old.Close)
	return old
}

// TestDoorsBesideOldGateways sends through three doors to the gateways that they
// are to replace: nothing is stored or sent here, and the report tells which
// request would have gone in another way.
func TestDoorsBesideOldGateways(t *testing.T) {
	t.Parallel()
	operators, old := simulate(t, sandbox.Options{}), before(t)
	a, settings, logs := run(t, func(data string) string {
		return fmt.Sprintf(toml+beside, data, operators.URL(), old.URL)
	})
	store, err := sqlite.Open(t.Context(), settings.Data)
	if err != nil {
		t.Fatal(err)
	}
	defer store.Close()
	if _, err := ovh.NameService(t.Context(), store, "default", "sms-ab12345-1"); err != nil {
		t.Fatal(err)
	}
	form := url.Values{
		"account": {"sms-ab12345-1"}, "login": {"web"}, "password": {"p4ssw0rd"}, "from": {"RELAIS"}, "to": {"0033639980001,0033639980002"}, "message": {"Bonjour"},
	}
	other := url.Values{
		"account": {"sms-other-1"}, "login": {"web"}, "password": {"p4ssw0rd"},
		"from": {"RELAIS"}, "to": {"0033639980001"}, "message": {"Bonjour"},
	}
	both := url.Values{
		"username": {"relay"}, "password": {"relaypass"}, "from": {"RELAIS"},
		"to": {"+33639980001"}, "text": {"Bonjour"},
	}
	if got := publikPost(
		t, a.URL(), "/passerelle/town/send/?nostop=1", "Bonjour", "0639980001", "12",
	); got.status != http.StatusOK || len(got.Warn) > 0 {
		t.Errorf("answer %+v, want the old one", got)
	}
	for _, tc := range []struct{ name, address, want string }{
		{"Kannel", "/cgi-bin/sendsms?" + both.Encode(), "202 0: Accepted for delivery"},
		{"http2sms", "/cgi-bin/sms/http2sms.cgi?" + form.Encode(), "200 OK\n1987\n10867690\n10867691\n"},
		{"http2sms of no account", "/cgi-bin/sms/http2sms.cgi?" + other.Encode(), "403 KO\nInvalid account, login or password\n"},
	} {
		if got := fetch(t, a.URL()+tc.address); got != tc.want {
			t.Errorf("%s: answer %q, want %q", tc.name, got, tc.want)
		}
	}
	var counts []shadow.Count
	await(t, "three comparisons", patience, func() bool {
		if counts, err = store.CountShadows(t.Context(), time.Time{}); err != nil {
			t.Fatal(err)
		}
		return len(counts) == 3
	})
	want := []shadow.Count{
		{Account: "default", Door: "http2sms", Instance: "sms-ab12345-1", Verdict: shadow.Same, Requests: 1},
		{Account: "default", Door: "kannel", Instance: "relay", Verdict: shadow.Same, Requests: 1},
		{Account: "default", Door: "passerelle", Instance: "town", Verdict: shadow.Differs, Requests: 1},
	}
	if diff := cmp.Diff(want, counts); diff != "" {
		t.Errorf("counts (-want +got):\n%s", diff)
	}
	if metrics := fetch(t, a.URL()+"/metrics"); !strings.Contains(
		metrics, `relais_shadow_total{door="passerelle",verdict="differs"} 1`,
	) {
		t.Error("the metrics do not count the comparison")
	}
	if stats := operators.Stats(); stats.OVH.Accepted+stats.DMC.Accepted > 0 {
		t.Errorf("something was sent: %+v", stats)
	}
	for _, secret := range []string{"relaypass", "p4ssw0rd", "39980001", "Bonjour"} {
		if strings.Contains(logs.String(), secret) {
			t.Errorf("the log holds %q", secret)
		}
	}
}

func fetch(t *testing.T, address string) string {
	t.Helper()
	r, err := http.NewRequestWithContext(t.Context(), http.MethodGet, address, http.NoBody)
	if err != nil {
		t.Fatal(err)
	}
	answer, err := http.DefaultClient.Do(r)
	if err != nil {
		t.Fatal(err)
	}
	defer answer.Body.Close()
	body, err := io.ReadAll(answer.Body)
	if err != nil {
		t.Fatal(err)
	}
	return fmt.Sprintf("%d %s", answer.StatusCode, body)
}
