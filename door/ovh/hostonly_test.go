package ovh_test

import (
	"net/http"
	"net/netip"
	"strings"
	"testing"

	"relais/door/ovh"
)

// TestPathsThatTheDoorOwns: /v1 is the native API's too.
func TestPathsThatTheDoorOwns(t *testing.T) {
	for path, want := range map[string]bool{
		"/ovh/1.0/sms": true, "/ovh": true, "/ovhx": false, "/1.0": true,
		"/1.0/auth/time": true, "/1.0x": false,
		"/v1/sms": true, "/v1/sms/": true, "/v1/sms/a/jobs": true, "/v1/smsx": false, "/v1/auth/time": true,
		"/v1/auth/credential": true,
		"/v1/messages":        false, "/v1/webhooks": false, "/v1": false, "/v2/sms": true,
		"/v2/notifications/sms": false,
	} {
		t.Run(path, func(t *testing.T) {
			if got := ovh.New(ovh.Options{}).Owns(path); got != want {
				t.Errorf("owns = %v, want %v", got, want)
			}
		})
	}
}

// TestAddressesBehindAProxy: the signature covers the address that the client called,
// wherever a proxy takes the call.
func TestAddressesBehindAProxy(t *testing.T) {
	const rest = "/auth/details?x=%2F&y=a+b"
	forwarded := func(host, prefix string) func(http.Header) {
		return func(h http.Header) {
			h.Set("X-Forwarded-Host", host)
			h.Set("X-Forwarded-Prefix", prefix)
			h.Set("X-Forwarded-Proto", "https")
		}
	}
	loopback := []netip.Prefix{netip.MustParsePrefix("127.0.0.0/8")}
	for _, tc := range []struct {
		name, sent, signed string
		settings           ovh.Settings
		change             func(http.Header)
		want               int
	}{
		{"host alone, /1.0", "/1.0", "HOST/1.0", ovh.Settings{}, nil, 200},
		{"host alone, /v1", "/v1", "HOST/v1", ovh.Settings{}, nil, 200},
		{"TLS ends before", "/1.0", "https://NAME/1.0", ovh.Settings{}, nil, 200},
		{"the proxy adds /ovh", "/ovh/1.0", "HOST/1.0", ovh.Settings{}, nil, 200},
		{"the proxy changes the version", "/ovh/v1", "https://sms.town.example/1.0", ovh.Settings{}, nil, 200},
		{"the proxy changes host and path", "/ovh/1.0", "https://api.town.example/gateway/sms-api", ovh.Settings{PublicURLs: []string{"https://api.town.example/gateway/sms-api"}}, nil, 200},
		{"a path before that of the API", "/1.0", "https://api.town.example/gateway/1.0", ovh.Settings{PublicURLs: []string{"https://other.example", "https://api.town.example/gateway/"}}, nil, 200},
		{"the address of OVH", "/ovh/1.0", "https://eu.api.ovh.com/1.0", ovh.Settings{PublicURLs: []string{"https://eu.api.ovh.com"}}, nil, 200},
		{"a port of the public address", "/ovh/1.0", "https://sms.town.example:8443/1.0", ovh.Settings{PublicURLs: []string{"https://sms.town.example:8443"}}, nil, 200},
		{"an address that nobody configured", "/ovh/1.0", "https://api.town.example/1.0", ovh.Settings{}, nil, 400},
		{"a proxy that is believed", "/ovh/1.0", "https://api.town.example/1.0", ovh.Settings{Proxies: loopback}, forwarded("api.town.example", ""), 200},
		{"a proxy that is believed, with a path", "/1.0", "https://api.town.example/gw/1.0", ovh.Settings{Proxies: loopback}, forwarded("api.town.example, inner", "/gw"), 200},
		{"a stranger's headers", "/ovh/1.0", "https://api.town.example/1.0", ovh.Settings{}, forwarded("api.town.example", ""), 400},
		{"headers from elsewhere", "/ovh/1.0", "https://api.town.example/1.0", ovh.Settings{Proxies: []netip.Prefix{netip.MustParsePrefix("192.0.2.0/24")}}, forwarded("api.town.example", ""), 400},
	} {
		t.Run(tc.name, func(t *testing.T) {
			w := open(t)
			tc.settings.Tolerance, tc.settings.Credits = w.settings.Tolerance, 1000
			w.settings = tc.settings
			name, _, _ := strings.Cut(strings.TrimPrefix(w.url, "http://"), ":")
			signed := strings.NewReplacer("HOST", w.url, "NAME", name).Replace(tc.signed) + rest
			got := w.do(t, request{method: "GET", path: tc.sent + rest, signedAs: signed, change: tc.change})
			if got.status != tc.want {
				t.Errorf("%d %s, want %d", got.status, got.body, tc.want)
			}
			if got.status == 400 && !strings.Contains(w.logs.String(), "tried=") {
				t.Errorf("the log does not say which addresses were tried:\n%s", w.logs)
			}
		})
	}
}

// TestRequestsAsClientsMakeThem plays requests of clients that are not installed here,
// written from their sources: what they put into the body and the headers.
func TestRequestsAsClientsMakeThem(t *testing.T) {
	for _, tc := range []struct{ name, prefix, body, kind string }{
		{"python-ovh", "/1.0", `{"message": "H\u00e9llo", "receivers": ["+33639980001"], "noStopClause": true, "senderForResponse": true, "validityPeriod": 2880}`, "application/json"},
		{"php-ovh", "/1.0", `{"message":"H\u00e9llo","receivers":["+33639980001"],"noStopClause":true,"senderForResponse":true,"tag":null}`, "application/json; charset=utf-8"},
		{"Symfony's bridge", "/1.0", `{"charset":"UTF-8","class":"flash","coding":"8bit","message":"H\u00e9llo","receivers":["+33639980001"],"noStopClause":false,"priority":"medium","senderForResponse":true}`, "application/json"},
		{"a script with curl", "/v1", `{"message":"Héllo","receivers":["0033639980001"],"sender":"Acme","noStopClause":true}`, "application/x-www-form-urlencoded"},
		{"an older client in Java", "/1.0", `{"receivers":["+33639980001"],"message":"Héllo","priority":"high","senderForResponse":true,"validityPeriod":"2880","noStopClause":"true"}`, "application/json charset=utf-8"},
	} {
		t.Run(tc.name, func(t *testing.T) {
			w := open(t)
			with := func(h http.Header) { h.Set("Content-Type", tc.kind) }
			got := w.do(
				t, request{method: "POST", path: tc.prefix + service + "/jobs", body: tc.body, change: with},
			)
			if got.status != http.StatusOK ||
				!strings.Contains(got.body, `"validReceivers":["+33639980001"]`) {
				t.Errorf("%d %s", got.status, got.body)
			}
			if got := w.do(
				t, request{method: "GET", path: tc.prefix + service + "/jobs?", change: with},
			); got.status != http.StatusOK {
				t.Errorf("the list: %d %s", got.status, got.body)
			}
		})
	}
}

// TestPlusThatAProxyDecoded: %2B of a number in the path arrives as +.
func TestPlusThatAProxyDecoded(t *testing.T) {
	w := open(t)
	const path, query = "/sms/sms-default-1/blacklists/", "?a=b+c"
	for _, tc := range []struct {
		name, sent, signed string
		want               int
	}{
		{"decoded", "+33639980001" + query, "%2B33639980001" + query, 404},
		{"as it was", "%2B33639980001" + query, "%2B33639980001" + query, 404},
		{"of the query", "+33639980001?a=b+c", "+33639980001?a=b%2Bc", 400},
		{"encoded on the way", "%2B33639980001", "+33639980001", 400},
	} {
		t.Run(tc.name, func(t *testing.T) {
			got := w.do(t, request{
				method: "GET", path: "/1.0" + path + tc.sent, signedAs: w.url + "/1.0" + path + tc.signed,
			})
			if got.status != tc.want {
				t.Errorf("%d %s, want %d", got.status, got.body, tc.want)
			}
		})
	}
}

// TestAllowedIPsBehindAProxy: the address that counts is the client's.
func TestAllowedIPsBehindAProxy(t *testing.T) {
	for _, tc := range []struct {
		name, forwarded string
		proxies         []netip.Prefix
		want            int
	}{
		{"believed", "192.0.2.7", []netip.Prefix{netip.MustParsePrefix("127.0.0.0/8")}, 200},
		{"through two proxies", "192.0.2.7, 127.0.0.9", []netip.Prefix{netip.MustParsePrefix("127.0.0.0/8")}, 200},
		{"what the client wrote itself", "192.0.2.7, 198.51.100.1", []netip.Prefix{netip.MustParsePrefix("127.0.0.0/8")}, 403},
		{"not believed", "192.0.2.7", nil, 403},
		{"no address", "nobody", []netip.Prefix{netip.MustParsePrefix("127.0.0.0/8")}, 403},
	} {
		t.Run(tc.name, func(t *testing.T) {
			w := open(t)
			w.settings.Proxies = tc.proxies
			keys := *w.Issued
			keys.ConsumerKey = w.granted(t,
				`{"accessRules":[{"method":"GET","path":"/*"}],"allowedIPs":["192.0.2.0/24"]}`)
			got := w.do(t, request{method: "GET", path: "/1.0/sms", keys: &keys, change: func(h http.Header) {
				h.Set("X-Forwarded-For", tc.forwarded)
			}})
			if got.status != tc.want {
				t.Errorf("%d %s, want %d", got.status, got.body, tc.want)
			}
		})
	}
}

// TestWordsThatMend: what is wrong with a call is told in words that help.
func TestWordsThatMend(t *testing.T) {
	w := open(t)
	const jobs = "/1.0" + service + "/jobs"
	for _, tc := range []struct {
		name, method, path, body string
		change                   func(http.Header)
		status                   int
		want                     string
	}{
		{"a form", "POST", jobs, "message=a&receivers=b", nil, 400, "the body is a form"},
		{"a form in parts", "POST", jobs, "--x\r\n", nil, 400, "the body is a form"},
		{"XML", "POST", jobs, "<sms/>", nil, 400, "the body is XML"},
		{"encoded twice", "POST", jobs, `"{}"`, nil, 400, "It was encoded twice"},
		{"UTF-16", "POST", jobs, "\xff\xfe{\x00", nil, 400, "the body is UTF-16"},
		{"compressed in silence", "POST", jobs, "\x1f\x8b\x08", nil, 400, "the body is compressed"},
		{"CSV", "POST", jobs, "message,receivers\na,b\n", nil, 400, "plain text, or of another format"},
		{"single quotes", "POST", jobs, `{'message':'a'}`, nil, 400, "not single ones"},
		{"a list", "POST", jobs, "[{}]", nil, 400, "not a JSON array"},
		{"null", "POST", jobs, "null", nil, 400, "not a JSON null"},
		{"a field of the wrong type", "POST", jobs, `{"message":"a","receivers":[{"a":1}]}`, nil, 400, "'receivers' is not a list of plain values"},
		{"another field", "POST", jobs, `{"message":{"a":1}}`, nil, 400, "'message' is not a plain value"},
		{"a compressed body", "POST", jobs, "\x1f\x8b", func(h http.Header) { h.Set("Content-Encoding", "gzip") }, 415, "without Content-Encoding"},
		{"a wrong method", "PUT", jobs, "{}", nil, 405, "This path takes GET or POST"},
		{"no version", "GET", "/ovh/sms", "", nil, 404, "/ovh/1.0"},
		{"a version without SMS", "GET", "/v2/sms", "", nil, 404, "no v2"},
	} {
		t.Run(tc.name, func(t *testing.T) {
			got := w.do(t, request{method: tc.method, path: tc.path, body: tc.body, change: tc.change})
			if got.status != tc.status || !strings.Contains(got.body, tc.want) {
				t.Errorf("%d %s, want %d with %q", got.status, got.body, tc.status, tc.want)
			}
		})
	}
}
