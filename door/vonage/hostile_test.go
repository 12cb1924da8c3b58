package vonage_test

import (
	"encoding/base64"
	"encoding/json"
	"net/http"
	"net/url"
	"strings"
	"testing"
	"time"

	"relais/internal/doortest"
)

func basic(user, password string) string {
	return "Authorization: Basic " + base64.StdEncoding.EncodeToString([]byte(user+":"+password))
}

const (
	aForm = "Content-Type: application/x-www-form-urlencoded"
	aJSON = "Content-Type: application/json"
)

// hostile are requests none of which may be taken: places and methods, credentials, signatures, forms, JSON, headers.
func hostile() (all []doortest.Raw) {
	add := func(r ...doortest.Raw) { all = append(all, r...) }
	credentials := "api_key=" + key + "&api_secret=" + secret
	goodBody := credentials + "&from=RELAIS&to=33639980001&text=Bonjour"
	for _, target := range []string{"/sms/xml", "/sms/json?" + credentials, "/sms/json?%zz", "/sms/json?a;b", "/account/get-balance", "/account/get-balance?" + credentials} {
		for _, method := range []string{"GET", "POST", "PUT", "PATCH", "DELETE", "OPTIONS", "TRACE", "PROPFIND", "X"} {
			add(doortest.Raw{Name: "path " + target, Method: method, Target: target})
		}
	}
	add(doortest.Raw{Name: "XML", Method: "POST", Target: "/sms/xml", Headers: []string{aForm}, Body: goodBody},
		doortest.Raw{Name: "XML by GET", Method: "GET", Target: "/sms/xml?" + goodBody})
	for _, as := range []string{
		"", "api_key", "api_key=", "api_key=&api_secret=", "api_key=" + key, "api_secret=" + secret, "api_key=" + key + "&api_secret=", "api_key=" + key + "&api_secret=x",
		"api_key=" + key + "%00&api_secret=" + secret, "api_key=" + key + "&api_secret=" + secret + "%00", "api_key=%20" + key + "&api_secret=" + secret, "api_key=" + strings.ToUpper(key) + "&api_secret=" + secret,
		"api_key=" + otherKey + "&api_secret=" + secret, "api_key=" + key + "&api_secret=" + url.QueryEscape(otherSecret), "api_key=" + shutKey + "&api_secret=" + secret,
		"api_key=" + key + "&api_secret=" + strings.Repeat("a", 100_000), "api_key=" + strings.Repeat("a", 100_000) + "&api_secret=x", "api_key=*&api_secret=*", "api_key=%25&api_secret=%25", "api_key='+OR+1=1--&api_secret=x",
		"api_key=" + key + "&api_key=" + otherKey + "&api_secret=" + secret, credentials + "&api_secret=" + secret, credentials + "&api_key=" + key, "API_KEY=" + key + "&API_SECRET=" + secret, "api_key[]=" + key + "&api_secret[]=" + secret,
	} {
		body := as + "&from=RELAIS&to=33639980001&text=Bonjour"
		add(doortest.Raw{Name: "credentials", Method: "POST", Target: "/sms/json", Headers: []string{aForm}, Body: body},
			doortest.Raw{Name: "credentials in the query", Method: "GET", Target: "/sms/json?" + body[:min(len(body), 9000)]})
	}
	for _, header := range []string{
		"Authorization: Basic", "Authorization: Basic !!!", "Authorization: Basic " + base64.StdEncoding.EncodeToString([]byte(key)), "Authorization: Bearer " + secret, "Authorization: basic", basic("", ""), basic(key, ""), basic("", secret),
		basic(key, secret+"x"), basic(otherKey, secret), basic(shutKey, secret), basic(key, otherSecret), basic(key, secret) + "\r\n" + basic(otherKey, otherSecret), basic(otherKey, "x") + "\r\n" + basic(key, secret),
	} {
		add(doortest.Raw{Name: "user " + header, Method: "POST", Target: "/sms/json", Headers: []string{aForm, header}, Body: "from=RELAIS&to=33639980001&text=Bonjour"})
	}
	add(doortest.Raw{Name: "another user than the key", Method: "POST", Target: "/sms/json", Headers: []string{aForm, basic(key, secret)}, Body: "api_key=" + otherKey + "&from=RELAIS&to=33639980001&text=a"},
		doortest.Raw{Name: "another password than the secret", Method: "POST", Target: "/sms/json", Headers: []string{aForm, basic(key, secret)}, Body: credentials + "x&from=RELAIS&to=33639980001&text=a"},
		doortest.Raw{Name: "a user and a signature", Method: "POST", Target: "/sms/json", Headers: []string{aForm, basic(key, secret)}, Body: signed(time.Now()).Encode()})
	for name, change := range map[string]func(url.Values){
		"another text":           func(f url.Values) { f.Set("text", "Bonsoir") },
		"another number":         func(f url.Values) { f.Set("to", "33639980002") },
		"a field more":           func(f url.Values) { f.Set("ttl", "20000") },
		"a field less":           func(f url.Values) { f.Del("text") },
		"another time":           func(f url.Values) { f.Set("timestamp", "1") },
		"no time":                func(f url.Values) { f.Del("timestamp") },
		"an odd time":            func(f url.Values) { f.Set("timestamp", "9999999999999999999999") },
		"another key":            func(f url.Values) { f.Set("api_key", otherKey) },
		"the key of nobody":      func(f url.Values) { f.Set("api_key", "x") },
		"no signature":           func(f url.Values) { f.Set("sig", "") },
		"half a signature":       func(f url.Values) { f.Set("sig", f.Get("sig")[:32]) },
		"a long signature":       func(f url.Values) { f.Set("sig", strings.Repeat("a", 100_000)) },
		"a signature of zeros":   func(f url.Values) { f.Set("sig", strings.Repeat("0", 64)) },
		"two signatures":         func(f url.Values) { f.Add("sig", f.Get("sig")) },
		"a text in place of two": func(f url.Values) { f.Set("text", f.Get("text")+"&to="+f.Get("to")); f.Del("to") },
		"a secret besides":       func(f url.Values) { f.Set("api_secret", secret) },
		"long ago":               func(f url.Values) { replace(f, signed(time.Now().Add(-time.Hour))) },
		"in an hour":             func(f url.Values) { replace(f, signed(time.Now().Add(time.Hour))) },
		"in milliseconds":        func(f url.Values) { replace(f, signed(time.UnixMilli(time.Now().UnixMilli()*1000))) },
		"by another's key":       func(f url.Values) { replace(f, signed(time.Now(), "api_key", otherKey)) },
		"from elsewhere":         func(f url.Values) { replace(f, signed(time.Now(), "api_key", shutKey)) },
	} {
		fields := signed(time.Now())
		change(fields)
		add(doortest.Raw{Name: "signature: " + name, Method: "POST", Target: "/sms/json", Headers: []string{aForm}, Body: fields.Encode()})
	}
	for _, body := range []string{
		"", "&", "=", "%", "to=%zz", "to=33639980001;text=a", "to=%FF%FE&from=RELAIS&text=a", "to=33639980001&from=RELAIS&text=%C3%28", "%FF=1&to=33639980001&from=RELAIS&text=a", "TO=33639980001&FROM=RELAIS&TEXT=a", "to[]=33639980001&from=RELAIS&text=a",
		"to=33639980001&to=33639980002&from=RELAIS&text=a", "to=33639980001&from=RELAIS&text=a&text=b", "to=33639980001%2C33639980002&from=RELAIS&text=a", "to=33639980001%0A33639980002&from=RELAIS&text=a", "to=" + strings.Repeat("3", 1000) + "&from=RELAIS&text=a",
		"to=3363998000%D9%A1&from=RELAIS&text=a", "to=0033639980001&from=RELAIS&text=a", "to=tel:33639980001&from=RELAIS&text=a", "to=-33639980001&from=RELAIS&text=a", "to=3.3e10&from=RELAIS&text=a", "to=33639980001&from=" + strings.Repeat("R", 10_000) + "&text=a",
		"to=33639980001&from=%00&text=a", "to=33639980001&from=R%0D%0AX&text=a", "to=33639980001&from=RELAIS&text=" + strings.Repeat("a", 1<<20), "to=33639980001&from=RELAIS&text=" + strings.Repeat("%F0%9F%8E%89", 1601), "to=33639980001&from=RELAIS&text=%00", "to=33639980001&from=RELAIS&text=%1B%5B", "to=33639980001&from=RELAIS&text=%EF%BF%BF",
		"to=33639980001&from=RELAIS&text=a&ttl=-1", "to=33639980001&from=RELAIS&text=a&ttl=1e9", "to=33639980001&from=RELAIS&text=a&ttl=99999999999999999999", "to=33639980001&from=RELAIS&text=a&type=TEXT", "to=33639980001&from=RELAIS&text=a&type=binary",
		"to=33639980001&from=RELAIS&type=binary&body=0", "to=33639980001&from=RELAIS&type=binary&body=%00", "to=33639980001&from=RELAIS&type=binary&body=00&udh=ff", "to=33639980001&from=RELAIS&type=binary&body=00&udh=060500", "to=33639980001&from=RELAIS&type=binary&body=" + strings.Repeat("0", 100_000),
		"to=33639980001&from=RELAIS&text=a&message-class=00", "to=33639980001&from=RELAIS&text=a&protocol-id=-1", "to=33639980001&from=RELAIS&text=a&status-report-req=2", "to=33639980001&from=RELAIS&text=a&client-ref=" + strings.Repeat("a", 5000), "to=33639980001&from=RELAIS&text=a&client-ref=%00",
		"to=33639980001&from=RELAIS&text=a&client-ref=a%0D%0AX", "to=33639980001&from=RELAIS&text=a&account-ref=" + strings.Repeat("a", 5000), "to=33639980001&from=RELAIS&text=a&callback=javascript:alert(1)", "to=33639980001&from=RELAIS&text=a&callback=http://169.254.169.254/latest", "to=33639980001&from=RELAIS&text=a&callback=http://[::1]/",
		"to=33639980001&from=RELAIS&text=a&callback=http://localhost:8080/", "to=33639980001&from=RELAIS&text=a&callback=http://0x7f.1/", "to=33639980001&from=RELAIS&text=a&callback=http://2130706433/", "to=33639980001&from=RELAIS&text=a&callback=http://10.0.0.1/", "to=33639980001&from=RELAIS&text=a&callback=http://town.example:99999/",
		"to=33639980001&from=RELAIS&text=a&callback=http://", "to=33639980001&from=RELAIS&text=a&callback=http://town.example/%0d%0aX:1%00", "to=33639980001&from=RELAIS&text=a&callback=file:///etc/passwd", "to=33639980001&from=RELAIS&text=a&callback=https://town.example/" + strings.Repeat("a", 5000),
		"to=33639980001&from=RELAIS&text=a&callback=%20https://town.example/", "to=33639980001&from=RELAIS&text=a&url=https://town.example", "to=33639980001&from=RELAIS&text=a&vcard=x", strings.Repeat("a=1&", 300), strings.Repeat("&", 5000),
	} {
		add(doortest.Raw{Name: "form " + body[:min(len(body), 60)], Method: "POST", Target: "/sms/json", Headers: []string{aForm, basic(key, secret)}, Body: body})
	}
	for _, body := range []string{
		"", "null", "[]", `"a"`, "1", "{", "{}", `{"to":33639980001}`, `{"to":"33639980001","from":"RELAIS","text":"a"`, `{"to":"33639980001","from":"RELAIS","text":"a"}}`, `{"to":"33639980001","from":"RELAIS","text":"a"} {}`, `{"to":"33639980001","from":"RELAIS","text":"a","to":"33639980002"}`,
		`{"to":["33639980001"],"from":"RELAIS","text":"a"}`, `{"to":{"a":1},"from":"RELAIS","text":"a"}`, `{"to":"33639980001","from":"RELAIS","text":{"$ne":""}}`, `{"to":true,"from":"RELAIS","text":"a"}`, `{"to":3.3639980001e10,"from":"RELAIS","text":"a"}`, `{"to":-33639980001,"from":"RELAIS","text":"a"}`,
		`{"to":"33639980001","from":null,"text":"a"}`, `{"to":"33639980001","from":"RELAIS","text":null}`, `{"to":"33639980001","from":"RELAIS","text":""}`, `{"to":"33639980001","from":"RELAIS","text":"\u0000"}`, `{"to":"33639980001","from":"RELAIS","text":"\ud800\u0001"}`, `{'to':'33639980001'}`, `{"to":"33639980001",}`,
		"{\"to\":\"33639980001\",\"from\":\"RELAIS\",\"text\":\"\xff\"}", "\xef\xbb\xbf{}", strings.Repeat("[", 100_000), `{"a":` + strings.Repeat("[", 100_000), `{"to":"33639980001","from":"RELAIS","text":"` + strings.Repeat("a", 1<<20) + `"}`, "to=33639980001&from=RELAIS&text=a", `{"to":"33639980001","from":"RELAIS","text":"a","ttl":1e500}`,
		`{"api_key":"` + otherKey + `","to":"33639980001","from":"RELAIS","text":"a"}`, `{"api_secret":"x","to":"33639980001","from":"RELAIS","text":"a"}`, `{"__proto__":{"a":1},"to":"33639980001"}`,
	} {
		add(doortest.Raw{Name: "JSON " + body[:min(len(body), 60)], Method: "POST", Target: "/sms/json", Headers: []string{aJSON, basic(key, secret)}, Body: body})
	}
	for _, header := range []string{
		"Content-Type: text/plain", "Content-Type: multipart/form-data; boundary=x", "Content-Type:", "Content-Type: application/x-www-form-urlencoded; charset=utf-16", "Content-Type: application/x-www-form-urlencoded; charset=iso-8859-1", "Content-Type: ;;;", aForm + "\r\n" + aJSON, "X-Nothing: 1",
		aForm + "\r\nContent-Encoding: gzip", aForm + "\r\nContent-Encoding: br", aForm + "\r\nIdempotency-Key:", aForm + "\r\nIdempotency-Key: a b", aForm + "\r\nIdempotency-Key: a\r\nIdempotency-Key: a", aForm + "\r\nIdempotency-Key: " + strings.Repeat("k", 300), aJSON,
	} {
		add(doortest.Raw{Name: "header " + header[:min(len(header), 70)], Method: "POST", Target: "/sms/json", Headers: []string{header}, Body: goodBody})
	}
	return all
}

func replace(fields, by url.Values) {
	clear(fields)
	for name := range by {
		fields[name] = by[name]
	}
}

// TestHostileRequests: an answer in Vonage's form to each, nothing stored, nobody else's message seen.
func TestHostileRequests(t *testing.T) {
	h := open(t)
	if a := post(t, h, good("api_key", otherKey, "api_secret", otherSecret, "to", "33639980009", "text", "Only for the other")); a.status() != "0" {
		t.Fatal(a.Body)
	}
	all := hostile()
	if len(all) < 200 {
		t.Errorf("only %d requests", len(all))
	}
	for i := range all {
		one := &all[i]
		got := h.Write(t, one)
		if strings.Contains(got.Body, "Only for") || strings.Contains(got.Body, "39980009") {
			t.Errorf("%s %s shows another's message: %s", one.Method, one.Name, got.Body)
		}
		if !inForm(one, got) {
			t.Errorf("%s %s: %d %s", one.Method, one.Name, got.Status, got.Body)
		}
		if n := len(h.Stored(t, "town")) + len(h.Stored(t, "shut")); n != 0 {
			t.Fatalf("%s %s: %d were stored", one.Method, one.Name, n)
		}
	}
	if theirs := h.Stored(t, "other"); len(theirs) != 1 || theirs[0].Text != "Only for the other" || theirs[0].Status != "queued" {
		t.Errorf("the other's message is %+v", theirs)
	}
	for _, secret := range []string{secret, otherSecret, "39980001", "39980009", "Bonjour"} {
		if strings.Contains(h.Logs.String(), secret) {
			t.Errorf("the log has %q", secret)
		}
	}
}

// inForm reports whether a refusal has Vonage's form: an entry with status and text, and 200, or what is said of a balance.
func inForm(asked *doortest.Raw, got *doortest.Reply) bool {
	if strings.HasPrefix(asked.Target, "/account/get-balance") && got.Status != http.StatusMethodNotAllowed {
		var refusal map[string]string
		err := json.Unmarshal([]byte(got.Body), &refusal)
		return err == nil && len(refusal) == 2 && refusal["error-code-label"] != "" && (got.Status == 401 || got.Status == 404)
	}
	var a told
	err := json.Unmarshal([]byte(got.Body), &a)
	return err == nil && a.Count == "1" && len(a.Messages) == 1 && a.status() != "" && a.status() != "0" && a.Messages[0]["error-text"] != "" &&
		(got.Status == http.StatusOK || got.Status == http.StatusMethodNotAllowed && got.Header.Get("Allow") != "")
}
