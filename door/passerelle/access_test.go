package passerelle_test

import (
	"net/http"
	"strings"
	"testing"
	"time"

	"relais/door/passerelle"
	"relais/gateway"
)

// vectors are the computed ones of what is known of the signature (2.4): the
// second has + and / in its Base64.
var vectors = []struct{ nonce, signature string }{
	{"5e0f3c1f9a7b4d2c8e6a1b0c9d8e7f60", "hZ8uSdKPmAjI5/iOhXqtTofoyBqOOAqNyOGxGCaMW6s%3D"},
	{"00000000000000000000000000015445", "Xppo1GCXdVwTsMIeJ7fS1Ep4%2BmehLNCxYp63AcsR/Yg%3D"},
}

func vector(n int) string {
	return "nostop=1&orig=forms.example.net&algo=sha256&timestamp=2025-01-15T08%3A30%3A00Z&nonce=" +
		vectors[n].nonce + "&signature=" + vectors[n].signature
}

const sendPath = "/passerelle/town/send/"

func bonjour() string { return order("Bonjour", "MAIRIE", "0639980001") }

func TestSignature(t *testing.T) {
	at := vectorTime
	good := func(nonce string) string { return sign("nostop=1", formsHost, vectorKey, nonce, at) }
	resigned := func(query string) string { return query + "&signature=" + signatureOf(query, vectorKey) }
	const head = "orig=forms.example.net&algo=sha256&timestamp=2025-01-15T08%3A30%3A00Z"
	for _, tc := range []struct {
		name, query string
		want        int
		reason      string // in the log
	}{
		{"good", good("a1"), 200, ""},
		{"nothing before it", sign("", formsHost, vectorKey, "a2", at), 200, ""},
		{"a raw plus in the signature", strings.Replace(vector(1), "%2B", "+", 1), 200, ""},
		{"sha512", resigned512("orig=forms.example.net&algo=sha512&timestamp=2025-01-15T08%3A30%3A00Z&nonce=a3"), 200, ""},
		{"30 s old", sign("", formsHost, vectorKey, "a4", at.Add(-30*time.Second)), 200, ""},
		{"30 s ahead", sign("", formsHost, vectorKey, "a5", at.Add(30*time.Second)), 200, ""},
		{"31 s old", sign("", formsHost, vectorKey, "a6", at.Add(-31*time.Second)), 403, "30 seconds"},
		{"31 s ahead", sign("", formsHost, vectorKey, "a7", at.Add(31*time.Second)), 403, "30 seconds"},
		{"unknown orig", sign("", "elsewhere.example.net", vectorKey, "a8", at), 403, "orig is unknown"},
		{"another key", sign("", formsHost, "fedcba9876543210", "a9", at), 403, "signature is wrong"},
		{"a byte changed", strings.Replace(good("b1"), "nostop=1", "nostop=2", 1), 403, "signature is wrong"},
		{"parameters in another order", strings.Replace(vector(0), "nostop=1&orig=forms.example.net", "orig=forms.example.net&nostop=1", 1), 403, "signature is wrong"},
		{"encoded anew", strings.Replace(vector(0), "%3A30%3A00Z", ":30:00Z", 1), 403, "signature is wrong"},
		{"a parameter after it", good("b2") + "&nostop=1", 403, "follow the signature"},
		{"signature twice", good("b3") + "&signature=YQ%3D%3D", 403, "follow the signature"},
		{"alone", "signature=YQ%3D%3D", 403, "nothing stands before"},
		{"no Base64", head + "&nonce=b4&signature=%21", 403, "not Base64"},
		{"without a nonce", resigned(head), 403, "nonce must stand"},
		{"orig twice", resigned(head + "&nonce=b5&orig=other"), 403, "orig must stand"},
		{"a weak algorithm", resigned(strings.Replace(head, "sha256", "md5", 1) + "&nonce=b6"), 403, "algo is none"},
		{"a nonce of 129 characters", resigned(head + "&nonce=" + strings.Repeat("a", 129)), 403, "longer than 128"},
		{"no timestamp that can be read", resigned("orig=forms.example.net&algo=sha256&timestamp=now&nonce=b7"), 403, "timestamp is not like"},
		{"malformed", resigned(head + "&nonce=b8&x=%zz"), 403, "malformed"},
	} {
		t.Run(tc.name, func(t *testing.T) {
			s := open(t)
			got := s.post(sendPath+"?"+tc.query, bonjour())
			if got.StatusCode != tc.want {
				t.Fatalf("answer %d %s, want %d; log %s", got.StatusCode, got.raw, tc.want, s.log)
			}
			if tc.want == 403 && (got.Err != 1 || got.Class != "django.core.exceptions.PermissionDenied" || len(s.stored()) != 0) {
				t.Errorf("answer %s; %d messages", got.raw, len(s.stored()))
			}
			if log := s.log.String(); !strings.Contains(log, tc.reason) || tc.reason != "" &&
				!strings.Contains(log, "instance=town") {
				t.Errorf("log %q, want %q with the instance", log, tc.reason)
			}
		})
	}
}

func TestNonceIsUsedOnceAndSurvivesARestart(t *testing.T) {
	dir := t.TempDir()
	t.Run("first run", func(t *testing.T) {
		s := openIn(t, dir, func(*gateway.Options) {})
		if first := s.post(sendPath+"?"+vector(0), bonjour()); first.StatusCode != http.StatusOK {
			t.Fatalf("answer %s", first.raw)
		}
		if again := s.post(sendPath+"?"+vector(0), bonjour()); again.StatusCode != http.StatusForbidden {
			t.Errorf("a used nonce: %d", again.StatusCode)
		}
	})
	s := openIn(t, dir, func(*gateway.Options) {})
	if again := s.post(sendPath+"?"+vector(0), bonjour()); again.StatusCode != http.StatusForbidden ||
		!strings.Contains(s.log.String(), "already used") {
		t.Errorf("a used nonce after a restart: %d", again.StatusCode)
	}
}

// TestNonceIsUsedOnceForAllInstances: neither the path nor the body is signed.
func TestNonceIsUsedOnceForAllInstances(t *testing.T) {
	other := town()
	other.Name, other.Kind = "village", ""
	s := open(t, town(), other)
	if got := s.post(sendPath+"?"+vector(0), bonjour()); got.StatusCode != http.StatusOK {
		t.Fatalf("answer %s", got.raw)
	}
	if got := s.post(
		"/passerelle/village/send/?"+vector(0), bonjour(),
	); got.StatusCode != http.StatusForbidden {
		t.Errorf("a used nonce at another instance: %d", got.StatusCode)
	}
	statistics := "/passerelle/api/statistics/?"
	if got := s.do(
		s.request(http.MethodGet, statistics+vector(0), ""),
	); got.StatusCode != http.StatusForbidden {
		t.Errorf("a used nonce for statistics: %d", got.StatusCode)
	}
	if got := s.post(sendPath+"?"+vector(1), bonjour()); got.StatusCode != http.StatusOK {
		t.Errorf("another nonce: %d", got.StatusCode)
	}
}

func TestAWrongSignatureSpendsNoNonce(t *testing.T) {
	s := open(t)
	s.post(sendPath+"?"+strings.Replace(vector(0), "hZ8u", "hZ8v", 1), bonjour())
	if got := s.post(sendPath+"?"+vector(0), bonjour()); got.StatusCode != http.StatusOK {
		t.Errorf("answer %s", got.raw)
	}
}

func TestCallers(t *testing.T) {
	for _, tc := range []struct {
		name, path     string
		user, password string
		forwarded      string
		want           int
		actor          string
	}{
		{"apikey", sendPath + "?apikey=key-of-codes", "", "", "", 200, "passerelle:town/codes"},
		{"wrong apikey", sendPath + "?apikey=key-of-code", "", "", "", 403, ""},
		{"empty apikey", sendPath + "?apikey=", "", "", "", 403, ""},
		{"password as apikey", sendPath + "?apikey=pass+of+clerk", "", "", "", 403, ""},
		{"basic", sendPath, "clerk", "pass of clerk", "", 200, "passerelle:town/clerk"},
		{"basic with a wrong password", sendPath, "clerk", "pass of clerc", "", 401, ""},
		{"basic with a wrong name", sendPath, "clerc", "pass of clerk", "", 401, ""},
		{"basic with an apikey", sendPath, "", "key-of-codes", "", 401, ""},
		{"nothing", sendPath, "", "", "", 403, ""},
		{"an address that is not allowed", sendPath + "?apikey=key-of-far", "", "", "", 403, ""},
		{"an address that nobody vouches for", sendPath + "?apikey=key-of-far", "", "", "192.0.2.7", 403, ""},
		{"an address that our proxy vouches for", "/passerelle/behind/send?apikey=key-of-far", "", "", "203.0.113.9, 192.0.2.7", 200, "passerelle:behind/far"},
		{"an address that the caller made up", "/passerelle/behind/send?apikey=key-of-far", "", "", "192.0.2.7, 203.0.113.9", 403, ""},
		{"no address", "/passerelle/behind/send?apikey=key-of-far", "", "", "unknown", 403, ""},
		{"right of another instance", "/passerelle/behind/send?apikey=key-of-codes", "", "", "", 403, ""},
		{"open", "/passerelle/square/send", "", "", "", 200, "passerelle:square/anybody"},
		{"open to one that signs", "/passerelle/square/send?" + vector(0), "", "", "", 200, "passerelle:square/anybody"},
	} {
		t.Run(tc.name, func(t *testing.T) {
			behind := passerelle.Instance{Name: "behind", Account: "default", Families: []string{"all"}, Proxies: networks("127.0.0.0/8"), Callers: []passerelle.Caller{
				{ID: "far", Kind: passerelle.APIKey, Secret: "key-of-far", Addresses: networks("192.0.2.0/24")},
			}}
			s := open(t, town(), square(), behind)
			r := s.request(http.MethodPost, tc.path, bonjour())
			if tc.user+tc.password != "" {
				r.SetBasicAuth(tc.user, tc.password)
			}
			if tc.forwarded != "" {
				r.Header.Set("X-Forwarded-For", tc.forwarded)
			}
			got := s.do(r)
			if got.StatusCode != tc.want {
				t.Fatalf("answer %d %s, want %d", got.StatusCode, got.raw, tc.want)
			}
			if challenge := got.Header.Get("WWW-Authenticate"); (challenge != "") != (tc.want == 401) {
				t.Errorf("WWW-Authenticate %q at %d", challenge, tc.want)
			}
			if tc.actor == "" {
				return
			}
			m := s.stored()[0]
			events, _, err := s.store.Timeline(t.Context(), m.Account, m.ID)
			if err != nil || string(events[0].Actor) != tc.actor {
				t.Errorf("actor %q, %v; want %q", events[0].Actor, err, tc.actor)
			}
		})
	}
}
