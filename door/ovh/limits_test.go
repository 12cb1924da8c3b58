package ovh_test

import (
	"net/netip"
	"strings"
	"testing"
	"time"

	"relais/auth"
	"relais/door/ovh"
	"relais/sms"
)

// TestLimitsOfApplications refuses what the limits of an application forbid, in the words of
// the API with ours behind them.
func TestLimitsOfApplications(t *testing.T) {
	const job = `{"message":"Bonjour","receivers":["+33639980001"],"sender":"Mairie","noStopClause":true}`
	only := func(r auth.KeyRight) auth.KeyLimits { return auth.KeyLimits{Rights: []auth.KeyRight{r}} }
	for _, c := range []struct {
		name               string
		limits             auth.KeyLimits
		method, path, body string
		status             int
		words              string
	}{
		{"may read", only(auth.KeyRead), "GET", "/sms", "", 200, ""},
		{"may not send", only(auth.KeyRead), "POST", "/jobs", job, 403, "This call has not been granted. This key may not send; it may read."},
		{"may send", only(auth.KeySend), "POST", "/jobs", job, 200, ""},
		{"may not read", only(auth.KeySend), "GET", "/outgoing", "", 403, "may not read"},
		{"may not manage", only(auth.KeySend), "POST", "/users", `{"login":"web","password":"secret_8"}`, 403, "may not manage"},
		{"its address", auth.KeyLimits{Networks: networks("127.0.0.0/8", "::1/128")}, "GET", "/sms", "", 200, ""},
		{"another address", auth.KeyLimits{Networks: networks("192.0.2.0/24")}, "GET", "/sms", "", 403, "This credential is not valid. This key does not work from the address"},
		{"over", auth.KeyLimits{Until: time.Now().Add(-time.Minute)}, "GET", "/sms", "", 403, "This credential is not valid. The key ended on"},
		{"another sender", auth.KeyLimits{Senders: []sms.Sender{"ECOLE"}}, "POST", "/jobs", job, 400, "The sender Mairie is not among those of this key: ECOLE."},
		{"its sender", auth.KeyLimits{Senders: []sms.Sender{"MAIRIE"}}, "POST", "/jobs", job, 200, ""},
		{"its connectors are gone", auth.KeyLimits{Connectors: []string{"sfr"}}, "POST", "/jobs", job, 400, "No connector of this key is configured."},
	} {
		t.Run(c.name, func(t *testing.T) {
			w := open(t)
			if _, err := w.store.LimitOVHApplication(t.Context(), w.ApplicationID, c.limits); err != nil {
				t.Fatal(err)
			}
			path := "/ovh/1.0" + c.path
			if c.path != "/sms" {
				path = "/ovh/1.0" + service + c.path
			}
			got := w.do(t, request{method: c.method, path: path, body: c.body})
			if got.status != c.status || !strings.Contains(got.body, c.words) {
				t.Errorf("%d %s; want %d with %q", got.status, got.body, c.status, c.words)
			}
		})
	}
}

func networks(texts ...string) (all []netip.Prefix) {
	for _, text := range texts {
		all = append(all, netip.MustParsePrefix(text))
	}
	return all
}

// TestLimitsAreInherited: an application with limits makes no login that may do more, and
// changes none that may.
func TestLimitsAreInherited(t *testing.T) {
	w := open(t)
	w.call(t, "POST", service+"/users", `{"login":"free","password":"secret_8"}`, nil)
	limits := auth.KeyLimits{Rights: []auth.KeyRight{auth.KeyManage}}
	if _, err := w.store.LimitOVHApplication(t.Context(), w.ApplicationID, limits); err != nil {
		t.Fatal(err)
	}
	w.call(t, "POST", service+"/users", `{"login":"bound","password":"secret_8"}`, nil)
	w.fails(t, "PUT", service+"/users/free", `{"password":"another8"}`, 403, "not been granted")
	if _, err := w.door.Login(t.Context(), "sms-default-1", "bound", "secret_8", "127.0.0.1:1"); !auth.HasCode(err, auth.CodeKeyRight) {
		t.Errorf("a login of an application that may not send: %v", err)
	}
	if _, err := w.door.Login(t.Context(), "sms-default-1", "free", "secret_8", "127.0.0.1:1"); err != nil {
		t.Errorf("a login without limits: %v", err)
	}
}

// TestEveryRouteNeedsARight but those by which a key asks about itself.
func TestEveryRouteNeedsARight(t *testing.T) {
	for _, r := range ovh.Routes() {
		if r.Needs.Valid() == strings.HasPrefix(r.Path, "/auth/") {
			t.Errorf("%s %s needs %q", r.Method, r.Path, r.Needs)
		}
	}
}
