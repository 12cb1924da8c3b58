package sandbox

import (
	"encoding/json"
	"net/http"
	"net/url"
	"strconv"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"relais/sandbox/ovh"
)

func TestOVHChecksACallInOrder(t *testing.T) {
	s := start(t, Options{})
	now := s.world.Clock.Now().Unix()
	for _, tc := range []struct {
		name    string
		method  string
		path    string
		body    string
		key     string
		change  func(http.Header)
		status  int
		class   string
		message string
	}{
		{"no headers", "GET", "/sms", "", "", func(h http.Header) { clear(h) }, 401, "Client::Unauthorized", "You must login first"},
		{"no signature", "GET", "/sms", "", ovh.ConsumerKey, func(h http.Header) { h.Del("X-Ovh-Signature") }, 401, "Client::Unauthorized", "You must login first"},
		{"unknown application", "GET", "/sms", "", ovh.ConsumerKey, func(h http.Header) { h.Set("X-Ovh-Application", "other") }, 403, "Client::Forbidden", "This application key is invalid"},
		{"late", "GET", "/sms", "", ovh.ConsumerKey, func(h http.Header) { h.Set("X-Ovh-Timestamp", itoa(now-200)) }, 400, "Client::BadRequest", "Query out of time"},
		{"early", "GET", "/sms", "", ovh.ConsumerKey, func(h http.Header) { h.Set("X-Ovh-Timestamp", itoa(now+200)) }, 400, "Client::BadRequest", "Query out of time"},
		{"another time than signed", "GET", "/sms", "", ovh.ConsumerKey, func(h http.Header) { h.Set("X-Ovh-Timestamp", itoa(now-100)) }, 400, "Client::BadRequest", "Invalid signature"},
		{"empty consumer key", "GET", "/sms", "", "", nil, 400, "Client::BadRequest", "Invalid signature"},
		{"unknown consumer key", "GET", "/sms", "", strings.Repeat("x", 32), nil, 403, "Client::Forbidden", "This credential does not exist"},
		{"right not granted", "POST", jobsPath, "{}", ovh.ReadOnlyConsumerKey, nil, 403, "Client::Forbidden", "This call has not been granted"},
		{"no rule for a path", "GET", "/domain", "", ovh.ConsumerKey, nil, 403, "Client::Forbidden", "This call has not been granted"},
		{"unknown route", "GET", "/sms/" + ovh.Service + "/hlr", "", ovh.ConsumerKey, nil, 404, "Client::NotFound", "Got an invalid (or empty) URL"},
		{"unknown route before unknown service", "GET", "/sms/none/hlr", "", ovh.ConsumerKey, nil, 404, "Client::NotFound", "Got an invalid (or empty) URL"},
		{"unknown service", "GET", "/sms/sms-xx1-1", "", ovh.ConsumerKey, nil, 404, "Client::NotFound", "This service does not exist"},
		{"unknown service before body", "POST", "/sms/sms-xx1-1/jobs", "nonsense", ovh.ConsumerKey, nil, 404, "Client::NotFound", "This service does not exist"},
	} {
		t.Run(tc.name, func(t *testing.T) {
			req := ovhRequest(t, s, tc.key, tc.method, tc.path, tc.body)
			if tc.change != nil {
				tc.change(req.Header)
			}
			got := do(t, req)
			var refusal struct{ Class, Message string }
			if err := json.Unmarshal([]byte(got.body), &refusal); err != nil {
				t.Fatalf("%v in %s", err, got.body)
			}
			if got.status != tc.status || refusal.Class != tc.class || refusal.Message != tc.message {
				t.Errorf("got %d %s", got.status, got.body)
			}
			if !strings.HasPrefix(got.header.Get("X-Ovh-QueryID"), "EU.ext-") {
				t.Errorf("query id %q", got.header.Get("X-Ovh-QueryID"))
			}
		})
	}
}

func TestOVHSpeaksTheOldDialect(t *testing.T) {
	s := start(t, Options{OVHDialect: ovh.OldDialect})
	req := ovhRequest(t, s, ovh.ConsumerKey, http.MethodGet, "/sms", "")
	req.Header.Set("X-Ovh-Timestamp", "1")
	want := `{"errorCode":"QUERY_TIME_OUT","httpCode":"400 Bad Request","message":"Query out of time"}`
	if got := do(t, req).body; got != want {
		t.Errorf("got %s, want %s", got, want)
	}
}

func TestSignatureOfOtherURLs(t *testing.T) {
	s := start(t, Options{})
	addr := strings.TrimPrefix(s.URL(), "http://")
	host, _, _ := strings.Cut(addr, ":")
	target := "/ovh/v1/sms/?x=a%20b"
	stamp := itoa(s.world.Clock.Now().Unix())
	for _, tc := range []struct {
		name, url string
		status    int
	}{
		{"as sent", "http://" + addr + target, 200},
		{"behind TLS", "https://" + addr + target, 200},
		{"without the port", "http://" + host + target, 200},
		{"without the query", "http://" + addr + "/ovh/v1/sms/", 400},
		{"query written otherwise", "http://" + addr + "/ovh/v1/sms/?x=a+b", 400},
	} {
		t.Run(tc.name, func(t *testing.T) {
			req := request(t, http.MethodGet, s.URL()+target, "")
			req.Header.Set("X-Ovh-Application", ovh.ApplicationKey)
			req.Header.Set("X-Ovh-Consumer", ovh.ConsumerKey)
			req.Header.Set("X-Ovh-Timestamp", stamp)
			req.Header.Set("X-Ovh-Signature",
				ovh.Sign(ovh.ApplicationSecret, ovh.ConsumerKey, "GET", tc.url, nil, stamp))
			if got := do(t, req); got.status != tc.status {
				t.Errorf("got %d %s, want %d", got.status, got.body, tc.status)
			}
		})
	}
}

func TestConsentMakesAKeyUsable(t *testing.T) {
	for _, tc := range []struct {
		name, path, form string
		decided          int
		status           int
	}{
		{"button", "/ovh/auth/", "decision=validate", 302, 200},
		{"shortcut", "/ovh/auth/validate", "", 200, 200},
		{"refusal", "/ovh/auth/", "decision=refuse", 302, 403},
	} {
		t.Run(tc.name, func(t *testing.T) {
			s := start(t, Options{})
			asked := requestKey(t, s)
			if got := do(t, ovhRequest(t, s, asked.ConsumerKey, "GET", "/sms", "")); got.status != 403 {
				t.Errorf("before consent: %d %s", got.status, got.body)
			}
			if page := do(
				t, request(t, "GET", asked.ValidationURL, ""),
			); !strings.Contains(page.body, "GET /sms") {
				t.Errorf("page %s", page.body)
			}
			u, _ := url.Parse(asked.ValidationURL)
			req := request(t, "POST", s.URL()+tc.path+"?"+u.RawQuery, tc.form)
			req.Header.Set("Content-Type", "application/x-www-form-urlencoded")
			if got := do(t, req); got.status != tc.decided {
				t.Errorf("decision: %d %s", got.status, got.body)
			}
			if got := do(t, ovhRequest(t, s, asked.ConsumerKey, "GET", "/sms", "")); got.status != tc.status {
				t.Errorf("after it: %d %s", got.status, got.body)
			}
		})
	}
}

type askedKey struct{ ConsumerKey, ValidationURL, State string }

func requestKey(t *testing.T, s *Server) askedKey {
	t.Helper()
	req := request(t, "POST", s.URL()+"/ovh/1.0/auth/credential",
		`{"accessRules":[{"method":"GET","path":"/sms"}],"redirection":"http://127.0.0.1:1/back"}`)
	req.Header.Set("X-Ovh-Application", ovh.ApplicationKey)
	asked := decode[askedKey](t, do(t, req))
	if len(asked.ConsumerKey) != 32 || asked.State != "pendingValidation" {
		t.Fatalf("asked %+v", asked)
	}
	return asked
}

func TestCredentialWantsRules(t *testing.T) {
	s := start(t, Options{})
	for _, body := range []string{``, `{}`, `{"accessRules":[]}`, `{"accessRules":[{"method":"GET"}]}`, `{"accessRules":[{"method":"LOOK","path":"/sms"}]}`} {
		req := request(t, "POST", s.URL()+"/ovh/1.0/auth/credential", body)
		req.Header.Set("X-Ovh-Application", ovh.ApplicationKey)
		if got := do(t, req); got.status != 400 || !strings.Contains(got.body, "accessRules") {
			t.Errorf("%s: %d %s", body, got.status, got.body)
		}
	}
}

func TestCurrentCredentialAndLogout(t *testing.T) {
	s := start(t, Options{})
	got := decode[struct {
		Status string
		Rules  []any
	}](t, ovhCall(t, s, "GET", "/auth/currentCredential", ""))
	if got.Status != "validated" || len(got.Rules) != 11 {
		t.Errorf("credential %+v", got)
	}
	if details := ovhCall(t, s, "GET", "/auth/details", ""); details.status != 200 {
		t.Errorf("details %+v", details)
	}
	if out := ovhCall(t, s, "POST", "/auth/logout", ""); out.body != "null\n" {
		t.Errorf("logout %q", out.body)
	}
	if after := ovhCall(t, s, "GET", "/sms", ""); after.status != 403 {
		t.Errorf("after logout %+v", after)
	}
}

func TestTimeFollowsTheClock(t *testing.T) {
	s := start(t, Options{})
	s.SetClock(time.Unix(1_700_000_000, 0))
	got := do(t, request(t, "GET", s.URL()+"/ovh/1.0/auth/time", ""))
	seconds, err := strconv.ParseInt(got.body, 10, 64)
	if err != nil || seconds < 1_700_000_000 || seconds > 1_700_000_060 {
		t.Errorf("time %q", got.body)
	}
}

func TestAccounts(t *testing.T) {
	s := start(t, Options{OVHCredits: 42})
	names := decode[[]string](t, ovhCall(t, s, "GET", "/sms/", ""))
	if diff := cmp.Diff([]string{ovh.Service, ovh.SecondService}, names); diff != "" {
		t.Error(diff)
	}
	if got := ovhCall(
		t, s, "PUT", "/sms/"+ovh.Service, `{"callBack":"http://127.0.0.1/r","creditsLeft":9}`,
	); got.body != "null\n" {
		t.Errorf("PUT gave %q", got.body)
	}
	account := decode[map[string]any](t, ovhCall(t, s, "GET", "/sms/"+ovh.Service, ""))
	for name, want := range map[string]any{
		"callBack": "http://127.0.0.1/r", "stopCallBack": nil, "creditsLeft": 42.0,
		"status": "enable", "name": ovh.Service,
	} {
		if got, ok := account[name]; !ok || got != want {
			t.Errorf("%s is %v, want %v", name, got, want)
		}
	}
	if got := ovhCall(
		t, s, "PUT", "/sms/"+ovh.Service, `{"smsResponse":{"responseType":"fax"}}`,
	); got.status != 400 {
		t.Errorf("bad responseType: %+v", got)
	}
}
