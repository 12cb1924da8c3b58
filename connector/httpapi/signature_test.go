package httpapi

import (
	"crypto/ed25519"
	"crypto/md5"
	"crypto/sha256"
	"encoding/base64"
	"encoding/hex"
	"errors"
	"maps"
	"net/http"
	"net/http/httptest"
	"net/url"
	"strconv"
	"strings"
	"testing"
	"time"

	"github.com/golang-jwt/jwt/v5"

	"relais/connector"
)

const signedAt = "https://relais.example/callbacks/operator/abcdefghijklmnop"

// signedNow is the time of open.
var signedNow = time.Date(2026, 3, 1, 10, 0, 0, 0, time.UTC)

// take has an instance of a declaration read a push.
func take(t *testing.T, signature, path string, headers http.Header, body, key string) error {
	t.Helper()
	text := small + "[receipts]\npath = \"/dlr\"\nid = \"/id\"\nstatus = \"/status\"\n[receipts.states]\nok = \"delivered\"\n" + signature
	if strings.Contains(signature, "parameter =") {
		text = strings.Replace(text, "id = \"/id\"\nstatus = \"/status\"", "method = \"GET\"\nid = \"id\"\nstatus = \"status\"", 1)
	}
	c := open(t, text, "", signedAt, func(section *Config) { section.SigningKey = connector.Secret(key) })
	method := http.MethodPost
	if body == "" {
		method = http.MethodGet
	}
	r := httptest.NewRequestWithContext(t.Context(), method, path, strings.NewReader(body))
	maps.Copy(r.Header, headers)
	news, err := connector.CapabilitiesOf(c).NewsParser.ParseNews(r)
	if err == nil && len(news.Receipts) != 1 {
		t.Errorf("it tells of %d receipts", len(news.Receipts))
	}
	return err
}

func judged(t *testing.T, err error, taken bool) {
	t.Helper()
	if taken && err != nil {
		t.Errorf("it is refused: %v", err)
	}
	if !taken && !errors.Is(err, errSignature) {
		t.Errorf("it is taken: %v", err)
	}
}

const pushedBody = `{"id":"1","status":"ok"}`

func TestPushesSignedByEd25519(t *testing.T) {
	const declared = `[signature]
kind = "ed25519"
header = "X-Sig"
encoding = "base64"
key = "{signing_key}"
over = ["header:X-Time", "body"]
join = "|"
time = "header:X-Time"
`
	seed := sha256.Sum256([]byte("a key of a test"))
	private := ed25519.NewKeyFromSeed(seed[:])
	public := base64.StdEncoding.EncodeToString(private.Public().(ed25519.PublicKey))
	other := ed25519.NewKeyFromSeed(make([]byte, 32))
	sign := func(by ed25519.PrivateKey, stamp, body string) string {
		return base64.StdEncoding.EncodeToString(ed25519.Sign(by, []byte(stamp+"|"+body)))
	}
	now := strconv.FormatInt(signedNow.Unix(), 10)
	before := strconv.FormatInt(signedNow.Add(-6*time.Minute).Unix(), 10)
	for _, tc := range []struct {
		name, signature, stamp, body string
		taken                        bool
	}{
		{"right", sign(private, now, pushedBody), now, pushedBody, true},
		{"by another key", sign(other, now, pushedBody), now, pushedBody, false},
		{"of another body", sign(private, now, `{"id":"2","status":"ok"}`), now, pushedBody, false},
		{"of another time", sign(private, before, pushedBody), now, pushedBody, false},
		{"six minutes old", sign(private, before, pushedBody), before, pushedBody, false},
		{"cut", sign(private, now, pushedBody)[:40], now, pushedBody, false},
		{"in hexadecimal", hex.EncodeToString(ed25519.Sign(private, []byte(now+"|"+pushedBody))), now, pushedBody, false},
		{"all zeros", base64.StdEncoding.EncodeToString(make([]byte, ed25519.SignatureSize)), now, pushedBody, false},
		{"missing", "", now, pushedBody, false},
		{"without its time", sign(private, "", pushedBody), "", pushedBody, false},
	} {
		t.Run(tc.name, func(t *testing.T) {
			headers := http.Header{"X-Sig": {tc.signature}, "X-Time": {tc.stamp}}
			judged(t, take(t, declared, "/dlr", headers, tc.body, public), tc.taken)
		})
	}
	t.Run("a key that is none", func(t *testing.T) {
		headers := http.Header{"X-Sig": {sign(private, now, pushedBody)}, "X-Time": {now}}
		judged(t, take(t, declared, "/dlr", headers, pushedBody, "c2hvcnQ="), false)
		d, err := Parse([]byte(small + "[receipts]\npath = \"/dlr\"\nid = \"/id\"\nstatus = \"/status\"\nstates = { ok = \"delivered\" }\n" + declared))
		if err != nil {
			t.Fatal(err)
		}
		section := &Config{Key: "k", SigningKey: "c2hvcnQ="}
		wrong, ok := errors.AsType[*connector.ConfigError](errors.Join(section.fits(d)...))
		if !ok || wrong.Key != "signing_key" || wrong.Reason.Code != whyPublicKey {
			t.Errorf("the section is taken: %v", wrong)
		}
	})
}

func TestPushesWithAToken(t *testing.T) {
	const declared = `[signature]
kind = "jwt-hs256"
header = "X-Token"
key = "{signing_key}"
claims = { iss = "Operator" }
url_claim = "url_hash"
body_claim = "payload_hash"
within = "1s"
`
	const key = "sign-0123"
	hashed := func(text string) string {
		sum := sha256.Sum256([]byte(text))
		return hex.EncodeToString(sum[:])
	}
	good := jwt.MapClaims{
		"iss": "Operator", "nbf": signedNow.Unix(), "exp": signedNow.Add(time.Minute).Unix(), "jti": "1",
		"url_hash": hashed(signedAt + "/dlr?a=b"), "payload_hash": hashed(pushedBody),
	}
	with := func(name string, value any) jwt.MapClaims {
		all := maps.Clone(good)
		if all[name] = value; value == nil {
			delete(all, name)
		}
		return all
	}
	signed := func(claims jwt.MapClaims, method jwt.SigningMethod, by any) string {
		text, err := jwt.NewWithClaims(method, claims).SignedString(by)
		if err != nil {
			t.Fatal(err)
		}
		return text
	}
	hs256 := func(claims jwt.MapClaims) string { return signed(claims, jwt.SigningMethodHS256, []byte(key)) }
	for _, tc := range []struct {
		name, token string
		taken       bool
	}{
		{"right", hs256(good), true},
		{"with the port that goes without saying", hs256(with("url_hash", hashed("https://relais.example:443"+strings.TrimPrefix(signedAt, "https://relais.example")+"/dlr?a=b"))), true},
		{"of another address", hs256(with("url_hash", hashed(signedAt+"/dlr"))), false},
		{"of no address", hs256(with("url_hash", nil)), false},
		{"of another body", hs256(with("payload_hash", hashed("x"))), false},
		{"of no body", hs256(with("payload_hash", nil)), false},
		{"of another issuer", hs256(with("iss", "Somebody")), false},
		{"of no issuer", hs256(with("iss", nil)), false},
		{"over", hs256(with("exp", signedNow.Add(-2*time.Second).Unix())), false},
		{"over for less than the clocks differ", hs256(with("exp", signedNow.Unix())), true},
		{"without an end", hs256(with("exp", nil)), false},
		{"of a time to come", hs256(with("nbf", signedNow.Add(time.Minute).Unix())), false},
		{"by another key", signed(good, jwt.SigningMethodHS256, []byte("other")), false},
		{"by another algorithm", signed(good, jwt.SigningMethodHS512, []byte(key)), false},
		{"by none", signed(good, jwt.SigningMethodNone, jwt.UnsafeAllowNoneSignatureType), false},
		{"cut", hs256(good)[:80], false},
		{"without its signature", hs256(good)[:strings.LastIndexByte(hs256(good), '.')+1], false},
		{"no token", "Bearer", false},
		{"missing", "", false},
	} {
		t.Run(tc.name, func(t *testing.T) {
			judged(t, take(t, declared, "/dlr?a=b", http.Header{"X-Token": {tc.token}}, pushedBody, key), tc.taken)
		})
	}
}

// Parameters that are sorted, as Vonage signs them: &name=value, with an underscore for what divides
// them, and the secret behind all or in an HMAC.
func TestPushesSignedOverSortedParameters(t *testing.T) {
	const key = "sign-0123"
	given := url.Values{"id": {"1"}, "status": {"ok"}, "text": {"a=b&c"}, "timestamp": {strconv.FormatInt(signedNow.Unix(), 10)}, "nonce": {"n"}}
	const plain = "&id=1&nonce=n&status=ok&text=a_b_c&timestamp=1772359200"
	digest := md5.Sum([]byte(plain + key))
	for kind, sum := range map[string]string{
		"md5":         hex.EncodeToString(digest[:]),
		"hmac-sha256": macOf(key, plain),
	} {
		declared := "[signature]\nkind = \"" + kind + "\"\nparameter = \"sig\"\nkey = \"{signing_key}\"\nover = [\"parameters\"]\ntime = \"parameter:timestamp\"\n"
		for _, tc := range []struct {
			name   string
			change func(url.Values)
			taken  bool
		}{
			{"right", func(url.Values) {}, true},
			{"in capitals", func(v url.Values) { v.Set("sig", strings.ToUpper(sum)) }, true},
			{"another status", func(v url.Values) { v.Set("status", "failed") }, false},
			{"one parameter more", func(v url.Values) { v.Set("more", "1") }, false},
			{"one parameter less", func(v url.Values) { v.Del("nonce") }, false},
			{"another time", func(v url.Values) { v.Set("timestamp", "1772359201") }, false},
			{"two parameters as the name of one", func(v url.Values) {
				v.Del("nonce")
				v.Del("status")
				v["nonce=n&status"] = []string{"ok"}
			}, false},
			{"a signature that is none", func(v url.Values) { v.Set("sig", "zz") }, false},
			{"no signature", func(v url.Values) { v.Del("sig") }, false},
			{"an empty one first", func(v url.Values) { v["sig"] = []string{"", sum} }, false},
		} {
			t.Run(kind+", "+tc.name, func(t *testing.T) {
				query := url.Values{}
				maps.Copy(query, given)
				query.Set("sig", sum)
				tc.change(query)
				judged(t, take(t, declared, "/dlr?"+query.Encode(), nil, "", key), tc.taken)
			})
		}
	}
}

// One push can tell of many messages, and of some that nobody can read.
func TestListsArePushed(t *testing.T) {
	const declared = small + `[receipts]
path = "/push"
each = "/results"
where = { "/kind" = "dlr" }
id = "/id"
status = "/status"
[receipts.states]
ok = "delivered"
[replies]
path = "/push"
each = "/results"
where = { "/kind" = "mo" }
id = "/id"
from = "/from"
text = "/text"
`
	for _, tc := range []struct {
		name, body        string
		receipts, replies int
		refused           bool
	}{
		{"two receipts and a reply", `{"results":[{"kind":"dlr","id":"1","status":"ok"},{"kind":"mo","id":"2","from":"33639980001","text":"a"},{"kind":"dlr","id":"3","status":"ok"}]}`, 2, 1, false},
		{"one that cannot be read costs the others nothing", `{"results":[{"kind":"dlr","status":"ok"},null,7,{"kind":"dlr","id":"3","status":"ok"}]}`, 1, 0, false},
		{"an empty list", `{"results":[]}`, 0, 0, false},
		{"none that can be read", `{"results":[{"kind":"dlr","status":"ok"}]}`, 0, 0, true},
		{"of another kind", `{"results":[{"kind":"click","id":"1"}]}`, 0, 0, true},
		{"no list", `{"results":{"kind":"dlr","id":"1","status":"ok"}}`, 0, 0, true},
		{"nothing there", `{"kind":"dlr","id":"1","status":"ok"}`, 0, 0, true},
	} {
		t.Run(tc.name, func(t *testing.T) {
			c := open(t, declared, "", signedAt, nil)
			r := httptest.NewRequestWithContext(t.Context(), http.MethodPost, "/push", strings.NewReader(tc.body))
			news, err := connector.CapabilitiesOf(c).NewsParser.ParseNews(r)
			if len(news.Receipts) != tc.receipts || len(news.Inbounds) != tc.replies || (err != nil) != tc.refused {
				t.Errorf("%d receipts, %d replies, %v", len(news.Receipts), len(news.Inbounds), err)
			}
			if unread := strings.HasPrefix(tc.name, "one that cannot be read"); !tc.refused && (news.Unread != nil) != unread {
				t.Errorf("of what was not read it says %v", news.Unread)
			}
		})
	}
}
