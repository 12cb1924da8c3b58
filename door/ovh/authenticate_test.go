package ovh_test

import (
	"encoding/json"
	"net/http"
	"strconv"
	"strings"
	"testing"
	"time"

	"relais/auth"
	"relais/door/ovh"
)

// TestSignature: the vectors were computed by hand from the documented scheme.
func TestSignature(t *testing.T) {
	const secret, consumer, stamp = "0123456789abcdef0123456789ABCDEF",
		"fedcba9876543210fedcba9876543210", "1700000000"
	for _, tc := range []struct{ name, method, target, body, want string }{
		{"GET", "GET", "https://eu.api.ovh.com/1.0/sms", "", "$1$6a4a335d4567ce6e6ddda6af45a76f25c6f031aa"},
		{
			"POST with an accent", "POST", "http://127.0.0.1:8089/1.0/sms/sms-ab12345-1/jobs",
			`{"message":"Héllo","receivers":["+33600000000"],"sender":"Acme"}`,
			"$1$4720dbdc878171720accaf53949d7a80f8a17a18",
		},
	} {
		t.Run(tc.name, func(t *testing.T) {
			if got := ovh.Signature(
				secret, consumer, tc.method, tc.target, []byte(tc.body), stamp,
			); got != tc.want {
				t.Errorf("got %s, want %s", got, tc.want)
			}
		})
	}
}

func TestAddressesThatClientsSign(t *testing.T) {
	w := open(t)
	host := strings.TrimPrefix(w.url, "http://")
	name, _, _ := strings.Cut(host, ":")
	const path = "/ovh/1.0/auth/details?x=%2F&y=a+b"
	for _, tc := range []struct{ name, signed string }{
		{"as sent", "http://" + host + path},
		{"behind a proxy that ends TLS", "https://" + host + path},
		{"without the port", "http://" + name + path},
		{"TLS, without the port", "https://" + name + path},
		{"the public address", "https://sms.town.example" + path},
	} {
		t.Run(tc.name, func(t *testing.T) {
			if got := w.do(
				t, request{method: "GET", path: path, signedAs: tc.signed},
			); got.status != http.StatusOK {
				t.Errorf("%d %s", got.status, got.body)
			}
		})
	}
	for _, tc := range []struct{ name, signed string }{
		{"another host", "http://other.example" + path},
		{"another path", "http://" + host + "/ovh/1.0/auth/details/?x=%2F&y=a+b"},
		{"the query decoded", "http://" + host + "/ovh/1.0/auth/details?x=/&y=a+b"},
	} {
		t.Run(tc.name, func(t *testing.T) {
			if got := w.do(
				t, request{method: "GET", path: path, signedAs: tc.signed},
			); got.status != http.StatusBadRequest {
				t.Errorf("%d %s", got.status, got.body)
			}
		})
	}
}

func TestBothPrefixesSlashesAndContentTypes(t *testing.T) {
	w := open(t)
	for _, path := range []string{"/ovh/1.0/auth/details", "/ovh/v1/auth/details", "/ovh/1.0/auth/details/"} {
		for _, kind := range []string{"", "application/json", "application/json charset=utf-8"} {
			got := w.do(t, request{method: "GET", path: path, change: func(h http.Header) {
				h.Set("Content-Type", kind)
			}})
			if got.status != http.StatusOK || got.queryID == "" {
				t.Errorf("%s with %q: %+v", path, kind, got)
			}
		}
	}
}

// TestRefusals: each wrong thing has its status, its words in both dialects, and
// its line in the log, which holds no secret.
func TestRefusals(t *testing.T) {
	w := open(t)
	other := w.issue(t, "default")
	for _, tc := range []struct {
		name        string
		change      func(http.Header)
		clock       time.Duration
		status      int
		code, words string
	}{
		{"no headers", func(h http.Header) { h.Del("X-Ovh-Application") }, 0, 401, "", "You must login first"},
		{"no signature", func(h http.Header) { h.Del("X-Ovh-Signature") }, 0, 401, "", "You must login first"},
		{"unknown application", func(h http.Header) { h.Set("X-Ovh-Application", "nope") }, 0, 403, "INVALID_KEY", "This application key is invalid"},
		{"late clock", nil, -4 * time.Minute, 400, "QUERY_TIME_OUT", "Query out of time"},
		{"early clock", nil, 4 * time.Minute, 400, "QUERY_TIME_OUT", "Query out of time"},
		{"stamp that is none", func(h http.Header) { h.Set("X-Ovh-Timestamp", "soon") }, 0, 400, "QUERY_TIME_OUT", "Query out of time"},
		{"wrong signature", func(h http.Header) { h.Set("X-Ovh-Signature", "$1$00") }, 0, 400, "INVALID_SIGNATURE", "Invalid signature"},
		{"another's consumer key", func(h http.Header) { h.Set("X-Ovh-Consumer", other.ConsumerKey) }, 0, 400, "INVALID_SIGNATURE", "Invalid signature"},
	} {
		t.Run(tc.name, func(t *testing.T) {
			w.clock = tc.clock
			defer func() { w.clock = 0 }()
			got := w.do(t, request{method: "GET", path: "/ovh/1.0/auth/details", change: tc.change})
			var body struct{ Class, Message, ErrorCode, HTTPCode string }
			if err := json.Unmarshal([]byte(got.body), &body); err != nil {
				t.Fatal(err)
			}
			if got.status != tc.status || body.Message != tc.words || body.ErrorCode != tc.code ||
				body.Class == "" || body.HTTPCode != strconv.Itoa(tc.status)+" "+http.StatusText(tc.status) {
				t.Errorf("%d %s", got.status, got.body)
			}
			if !strings.Contains(w.logs.String(), got.queryID) {
				t.Error("the log does not have the refusal")
			}
		})
	}
	stranger := *w.Issued
	stranger.ConsumerKey = "00000000000000000000000000000000"
	if got := w.do(
		t, request{method: "GET", path: "/ovh/1.0/auth/details", keys: &stranger},
	); got.status != 403 || !strings.Contains(got.body, "NOT_CREDENTIAL") {
		t.Errorf("an unknown consumer key: %d %s", got.status, got.body)
	}
	mixed := *w.Issued
	mixed.ConsumerKey = other.ConsumerKey
	if got := w.do(
		t, request{method: "GET", path: "/ovh/1.0/auth/details", keys: &mixed},
	); got.status != 403 || !strings.Contains(got.body, "NOT_CREDENTIAL") {
		t.Errorf("the consumer key of another application: %d %s", got.status, got.body)
	}
	if _, err := w.store.RevokeOVHApplication(t.Context(), w.ApplicationID, time.Now()); err != nil {
		t.Fatal(err)
	}
	if got := w.do(t, request{method: "GET", path: "/ovh/1.0/auth/details"}); got.status != 403 ||
		!strings.Contains(got.body, "INVALID_KEY") {
		t.Errorf("a revoked application: %d %s", got.status, got.body)
	}
	for _, secret := range []string{w.ApplicationSecret, w.ConsumerKey, w.ApplicationKey} {
		if strings.Contains(w.logs.String(), secret) {
			t.Error("the log holds a secret")
		}
	}
}

func TestRules(t *testing.T) {
	for _, tc := range []struct {
		rule, method, path string
		want               bool
	}{
		{"GET /sms/*", "GET", "/sms/x/jobs", true},
		{"GET /sms/*", "GET", "/sms", false},
		{"GET /sms/*", "POST", "/sms/x", false},
		{"GET /sms/*/jobs", "GET", "/sms/a/jobs", true},
		{"GET /sms/*/jobs", "GET", "/sms/a/jobs/", true},
		{"GET /sms/*/jobs", "GET", "/sms/a/jobs/1", false},
		{"GET /sms/", "GET", "/sms", true},
		{"GET /*", "GET", "/sms/a/b/c", true},
		{"GET /sms/*/jobs/*", "GET", "/sms/a/jobs/1", true},
		{"GET /sms/a/jobs*jobs", "GET", "/sms/a/jobs", false},
	} {
		t.Run(tc.rule+" "+tc.path, func(t *testing.T) {
			rule, err := ovh.ParseRule(tc.rule)
			if err != nil {
				t.Fatal(err)
			}
			if got := rule.Covers(tc.method, tc.path); got != tc.want {
				t.Errorf("got %v, want %v", got, tc.want)
			}
		})
	}
	for _, wrong := range []string{"", "GET", "GET sms", "TAKE /sms", "GET /s\tms"} {
		if _, err := ovh.ParseRule(wrong); err == nil {
			t.Errorf("%q is taken for a rule", wrong)
		}
	}
}

// TestCredentialFlow: a consumer key works when a person said yes, within its
// rules, from its addresses, until it ends.
func TestCredentialFlow(t *testing.T) {
	w := open(t)
	asked := w.ask(t, `{"accessRules":[{"method":"GET","path":"/auth/*"},{"method":"GET","path":"/sms/*"}]}`)
	keys := *w.Issued
	keys.ConsumerKey = asked.ConsumerKey
	current := request{method: "GET", path: "/ovh/1.0/auth/currentCredential", keys: &keys}
	if got := w.do(t, current); got.status != 403 ||
		!strings.Contains(got.body, "This credential is not valid") {
		t.Errorf("pending: %d %s", got.status, got.body)
	}
	_, token, _ := strings.Cut(asked.ValidationURL, "credentialToken=")
	page, err := http.Get(w.url + "/ovh/auth/?credentialToken=" + token)
	if err != nil || page.StatusCode != http.StatusOK {
		t.Fatal(page, err)
	}
	page.Body.Close()
	if _, err := ovh.Validate(t.Context(), w.store, token, time.Now(), time.Time{}); err != nil {
		t.Fatal(err)
	}
	got := w.do(t, current)
	for _, want := range []string{`"status":"validated"`, `"path":"/sms/*"`, `"expiration":null`} {
		if got.status != 200 || !strings.Contains(got.body, want) {
			t.Errorf("validated: %d %s; want %s", got.status, got.body, want)
		}
	}
	if got := w.do(t, request{method: "GET", path: "/ovh/1.0/sms", keys: &keys}); got.status != 403 ||
		!strings.Contains(got.body, "This call has not been granted") {
		t.Errorf("outside its rules: %d %s", got.status, got.body)
	}
	if got := w.do(
		t, request{method: "POST", path: "/ovh/1.0/auth/logout", keys: &keys},
	); got.status != 200 || got.body != "null" {
		t.Errorf("logout: %d %s", got.status, got.body)
	}
	if got := w.do(t, current); got.status != 403 {
		t.Errorf("after the logout: %d %s", got.status, got.body)
	}
	acts, _, err := w.store.Acts(t.Context(), auth.ActQuery{Code: auth.KeySignedOut, Limit: 9})
	if err != nil || len(acts) != 1 || acts[0].Via != "forms" || acts[0].Address == "" {
		t.Errorf("the audit has %+v, %v", acts, err)
	}
	elsewhere := w.ask(t, `{"accessRules":[{"method":"GET","path":"/*"}],"allowedIPs":["192.0.2.0/24"]}`)
	_, token, _ = strings.Cut(elsewhere.ValidationURL, "credentialToken=")
	if _, err := ovh.Validate(
		t.Context(), w.store, token, time.Now(), time.Now().Add(time.Hour),
	); err != nil {
		t.Fatal(err)
	}
	keys.ConsumerKey = elsewhere.ConsumerKey
	if got := w.do(t, current); got.status != 403 {
		t.Errorf("from another address: %d %s", got.status, got.body)
	}
	for _, wrong := range []string{
		`{}`, `{"accessRules":[{"method":"GET","path":"sms"}]}`, `{"accessRules":"all"}`, `[`,
	} {
		if got := w.do(
			t, request{method: "POST", path: "/ovh/1.0/auth/credential", body: wrong},
		); got.status != 400 {
			t.Errorf("%s: %d %s", wrong, got.status, got.body)
		}
	}
}

type asked struct {
	ConsumerKey, State string
	ValidationURL      string `json:"validationUrl"`
}

func (w *world) ask(t *testing.T, body string) (a asked) {
	t.Helper()
	got := w.do(t, request{method: "POST", path: "/ovh/1.0/auth/credential", body: body, change: func(h http.Header) {
		for _, name := range []string{"X-Ovh-Consumer", "X-Ovh-Timestamp", "X-Ovh-Signature"} {
			h.Del(name)
		}
	}})
	if err := json.Unmarshal([]byte(got.body), &a); err != nil || got.status != 200 ||
		a.State != "pendingValidation" {
		t.Fatalf("%d %s, %v", got.status, got.body, err)
	}
	return a
}

// granted asks for a consumer key and lets it in.
func (w *world) granted(t *testing.T, body string) string {
	t.Helper()
	a := w.ask(t, body)
	_, token, _ := strings.Cut(a.ValidationURL, "credentialToken=")
	if _, err := ovh.Validate(t.Context(), w.store, token, time.Now(), time.Time{}); err != nil {
		t.Fatal(err)
	}
	return a.ConsumerKey
}

func TestTimeNeedsNoKey(t *testing.T) {
	w := open(t)
	got := w.do(t, request{method: "GET", path: "/ovh/1.0/auth/time", change: func(h http.Header) {
		clear(h)
	}})
	var seconds int64
	if err := json.Unmarshal([]byte(got.body), &seconds); err != nil ||
		time.Since(time.Unix(seconds, 0)).Abs() > time.Minute {
		t.Errorf("%s, %v", got.body, err)
	}
}

// TestBodiesOfGETAndDELETE: some clients hash a body that they send with these,
// some do not hash it (observed: ovh/java-ovh issue 4).
func TestBodiesOfGETAndDELETE(t *testing.T) {
	w := open(t)
	const path = "/ovh/1.0/auth/details"
	if got := w.do(t, request{method: "GET", path: path, body: `{"a":1}`}); got.status != http.StatusOK {
		t.Errorf("hashed: %d %s", got.status, got.body)
	}
	unhashed := func(h http.Header) {
		h.Set("X-Ovh-Signature", ovh.Signature(w.ApplicationSecret, w.ConsumerKey, "GET", w.url+path, nil,
			h.Get("X-Ovh-Timestamp")))
	}
	if got := w.do(
		t, request{method: "GET", path: path, body: `{"a":1}`, change: unhashed},
	); got.status != http.StatusOK {
		t.Errorf("not hashed: %d %s", got.status, got.body)
	}
	posted := func(h http.Header) {
		h.Set("X-Ovh-Signature", ovh.Signature(w.ApplicationSecret, w.ConsumerKey, "POST", w.url+path, nil,
			h.Get("X-Ovh-Timestamp")))
	}
	if got := w.do(
		t, request{method: "POST", path: path, body: `{"a":1}`, change: posted},
	); got.status != http.StatusBadRequest {
		t.Errorf("a POST whose body is not signed: %d %s", got.status, got.body)
	}
}

// TestNoDatabaseIsNoSuccess: what cannot be stored is not answered with 200, and
// no client is told that its key is wrong.
func TestNoDatabaseIsNoSuccess(t *testing.T) {
	w := open(t)
	if err := w.store.Close(); err != nil {
		t.Fatal(err)
	}
	got := w.do(t, request{
		method: "POST", path: "/ovh/1.0" + service + "/jobs",
		body: `{"message":"a","receivers":["+33639980001"],"sender":"Acme"}`,
	})
	if got.status != http.StatusServiceUnavailable ||
		!strings.Contains(got.body, "Server::ServiceUnavailable") {
		t.Errorf("%d %s", got.status, got.body)
	}
}

func TestAskingTooOften(t *testing.T) {
	w := open(t)
	for range 100 {
		w.ask(t, `{"accessRules":[{"method":"GET","path":"/sms"}]}`)
	}
	got := w.do(t, request{
		method: "POST", path: "/ovh/1.0/auth/credential",
		body: `{"accessRules":[{"method":"GET","path":"/sms"}]}`,
	})
	if got.status != http.StatusTooManyRequests {
		t.Errorf("%d %s", got.status, got.body)
	}
}
