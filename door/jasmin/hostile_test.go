package jasmin_test

import (
	"bufio"
	"encoding/base64"
	"encoding/json"
	"fmt"
	"io"
	"net"
	"net/http"
	"net/url"
	"strings"
	"testing"
)

// raw is a request as a hostile reader writes it.
type raw struct {
	name, method, target string
	headers              []string // besides Host and Content-Length
	body                 string
	taken                bool // it is answered with 200, and nothing is stored
}

const (
	formType = "Content-Type: application/x-www-form-urlencoded"
	jsonType = "Content-Type: application/json"
	login    = "username=town&password=" + password
	goodForm = login + "&to=33639980001&content=Bonjour"
	goodJSON = `{"to":33639980001,"content":"Bonjour"}`
)

// hostile are the requests: places and methods, credentials, arguments, bodies, headers, of both APIs.
func hostile() (all []raw) {
	add := func(r ...raw) { all = append(all, r...) }
	authorization := "Authorization: " + basic("town", password)
	for _, target := range []string{
		"/secure", "/secure/", "/secure/send/", "/secure/Send", "/secure/send.json", "/secure/users", "/secure/../send", "/secure/%2e%2e/send", "/secure/send%00", "/secure/metrics", "/secure//send",
	} {
		for _, method := range []string{"GET", "POST"} {
			add(raw{name: "place", method: method, target: target, headers: []string{authorization, jsonType}, body: goodJSON},
				raw{name: "place, a stranger", method: method, target: target, headers: []string{jsonType}, body: goodJSON})
		}
	}
	for _, method := range []string{"PUT", "PATCH", "DELETE", "OPTIONS", "TRACE", "PROPFIND", "HEAD", "X"} {
		add(raw{name: "method", method: method, target: "/send?" + goodForm},
			raw{name: "method", method: method, target: "/secure/send", headers: []string{authorization, jsonType}, body: goodJSON},
			raw{name: "method", method: method, target: "/secure/sendbatch", headers: []string{authorization, jsonType}, body: `{"messages":[` + goodJSON + `]}`})
		if method != "HEAD" {
			add(raw{name: "method", method: method, target: "/ping"})
		}
		add(raw{name: "method", method: method, target: "/balance?" + login}, raw{name: "method", method: method, target: "/rate?" + goodForm})
	}
	add(raw{name: "method", method: "POST", target: "/balance", headers: []string{formType}, body: login}, raw{name: "method", method: "POST", target: "/secure/rate", headers: []string{authorization, jsonType}, body: goodJSON})
	const rest = "&to=33639980001&content=Bonjour"
	for _, credentials := range []string{
		"", "username=", "password=", "username=&password=", "username=town", "password=" + password, "username=town&password=", "username=town&password=x", "username=Town&password=" + password,
		"username=town%00&password=" + password, "username=town&password=" + password + "%00", "username=other&password=" + password, "username=town&password=another%20password", "username=shut&password=" + password,
		"username=empty&password=%20", "username=*&password=*", "username=%27%20OR%201=1--&password=x", "username=town&username=other&password=" + password, "username=town&password=x&password=" + password,
		"username=" + strings.Repeat("a", 50_000) + "&password=x", "username=town&password=" + strings.Repeat("a", 50_000), "username[]=town&password=" + password, "user=town&pass=" + password, "username=%FF&password=%FF", "username=%0d%0aX:1&password=x",
	} {
		add(raw{name: "credentials", method: "POST", target: "/send", headers: []string{formType}, body: credentials + rest})
	}
	for _, given := range []string{
		"X-Nothing: 1", "Authorization: Basic", "Authorization: Basic !!!", "Authorization: Basic " + base64.StdEncoding.EncodeToString([]byte("town")), "Authorization: Bearer " + password, "Authorization: basic", "Authorization: Digest username=town",
		"Authorization: " + basic("", ""), "Authorization: " + basic("town", ""), "Authorization: " + basic("", password), "Authorization: " + basic("town", password+"\x00"), "Authorization: " + basic("other", password), "Authorization: " + basic("shut", password),
		"Authorization: " + basic("empty", ""), "Authorization: " + basic("town", strings.Repeat("a", 50_000)), "Authorization: " + basic("town", password) + "\r\nAuthorization: " + basic("other", "x"), "X-API-Key: " + password, "Cookie: session=1",
	} {
		for _, target := range []string{"/secure/send", "/secure/sendbatch"} {
			add(raw{name: "Basic", method: "POST", target: target, headers: []string{given, jsonType}, body: goodJSON})
		}
		add(raw{name: "Basic", method: "GET", target: "/secure/balance", headers: []string{given}}, raw{name: "Basic", method: "GET", target: "/secure/rate?to=33639980001", headers: []string{given}})
	}
	for _, arguments := range []string{
		"%", "%zz", "to=1;content=x", "to=33639980001%00&content=x", "to=33639980001%2C33639980002&content=x", "to=33639980001%0A33639980002&content=x", "to=" + strings.Repeat("3", 2000) + "&content=x", "to=3363998000%D9%A1&content=x", "to=%2B%2B33639980001&content=x",
		"to=+33639980001&content=x", "to=-1&content=x", "to=0x10&content=x", "to=&content=x", "to[]=33639980001&content=x", "To=33639980001&content=x", "to=33639980001&to=33639980002&content=x", "to=33639980001&content=x&content=y", "to=33639980001&content=%C3%28",
		"to=33639980001&content=%00", "to=33639980001&content=%EF%BF%BF", "to=33639980001&content=%1B%5B", "to=33639980001&content=" + strings.Repeat("a", 1<<20), "to=33639980001&content=" + strings.Repeat("%F0%9F%8E%89", 2000), "to=33639980001&content=a&coding=8",
		"to=33639980001&content=%D8%3C&coding=8", "to=33639980001&content=%DF%89%D8%3C&coding=8", "to=33639980001&content=x&coding=1", "to=33639980001&content=x&coding=08", "to=33639980001&content=x&coding=-1", "to=33639980001&hex-content=00&coding=8",
		"to=33639980001&hex-content=zz&coding=8", "to=33639980001&hex-content=0041&coding=4", "to=33639980001&hex-content=&coding=8", "to=33639980001&hex-content=0041&content=A&coding=8", "to=33639980001&content=x&from=" + strings.Repeat("R", 10_000), "to=33639980001&content=x&from=%00",
		"to=33639980001&content=x&from=R%0D%0AX", "to=33639980001&content=x&from=Mairi%C3%A9", "to=33639980001&content=x&priority=9", "to=33639980001&content=x&priority=%203", "to=33639980001&content=x&validity-period=-1", "to=33639980001&content=x&validity-period=1e3",
		"to=33639980001&content=x&validity-period=99999999999999999999", "to=33639980001&content=x&validity-period=0", "to=33639980001&content=x&validity-period=%D9%A1", "to=33639980001&content=x&sdt=0", "to=33639980001&content=x&sdt=991399000000000%2B", "to=33639980001&content=x&sdt=260230000000000%2B",
		"to=33639980001&content=x&sdt=261201240000000%2B", "to=33639980001&content=x&sdt=261201000000099%2B", "to=33639980001&content=x&sdt=990000000000000R", "to=33639980001&content=x&dlr=YES", "to=33639980001&content=x&dlr-level=0", "to=33639980001&content=x&dlr-method=DELETE",
		"to=33639980001&content=x&tags=a%2Fb", "to=33639980001&content=x&tags=%27", "to=33639980001&content=x&custom_tlvs=1", "to=33639980001&content=x&batch=1", "to=33639980001&content=x&Idempotency-Key=1", "to=33639980001&content=x&%00=1", "to=33639980001&content=x&%FF=1",
		"to=33639980001&content=x&dlr-url=javascript:alert(1)", "to=33639980001&content=x&dlr-url=http://169.254.169.254/latest", "to=33639980001&content=x&dlr-url=http://[::1]/", "to=33639980001&content=x&dlr-url=http://localhost:8080/", "to=33639980001&content=x&dlr-url=http://0x7f.1/",
		"to=33639980001&content=x&dlr-url=http://2130706433/", "to=33639980001&content=x&dlr-url=http://10.0.0.1/", "to=33639980001&content=x&dlr-url=http://town.example:99999/", "to=33639980001&content=x&dlr-url=http://", "to=33639980001&content=x&dlr-url=http://town.example/%0d%0aX:1",
		"to=33639980001&content=x&dlr-url=file:///etc/passwd", "to=33639980001&content=x&dlr-url=https://town.example/" + strings.Repeat("a", 5000), "to=33639980001&content=x&dlr-url=https://a:b@town.example/", "to=33639980001&content=x&dlr-url=https://town.example/%23a", "to=33639980001&content=x&dlr-url=https://town.example/a%20b",
		"to=33639980001&content=x" + strings.Repeat("&a", 20_000),
	} {
		add(raw{name: "arguments " + arguments[:min(len(arguments), 70)], method: "POST", target: "/send", headers: []string{formType}, body: login + "&" + arguments})
	}
	for _, body := range []string{
		"", "null", "1", `"x"`, "[]", "[1]", "{", "{}", `{"to":null}`, `{"to":[],"content":"x"}`, `{"to":[true],"content":"x"}`, `{"to":{},"content":"x"}`, `{"to":1.5,"content":"x"}`, `{"to":true,"content":"x"}`, `{"to":33639980001,"content":1.5}`, `{"to":33639980001,"content":["x"]}`,
		`{"to":33639980001,"content":"\ud83c"}`, "{\"to\":33639980001,\"content\":\"\xff\"}", `{"to":33639980001,"content":"x","hex_content":"00"}`, `{"to":33639980001,"content":"x","dlr_level":3,"dlr-level":3}`, `{"to":33639980001,"content":"x","custom_tlvs":[[1,2]]}`, `{"to":33639980001,"content":"x","bogus":1}`,
		`{"to":33639980001,"content":"x"}{"to":33639980002,"content":"x"}`, `{"to":336399800010000000000000000,"content":"x"}`, strings.Repeat("[", 20_000), `{"to":33639980001,"content":"` + strings.Repeat("a", 1<<20) + `"}`, `{"to":33639980001,"content":"a\u0000b"}`, `{"to":-33639980001,"content":"x"}`,
	} {
		add(raw{name: "object " + body[:min(len(body), 60)], method: "POST", target: "/secure/send", headers: []string{authorization, jsonType}, body: body},
			raw{name: "batch of " + body[:min(len(body), 60)], method: "POST", target: "/secure/sendbatch", headers: []string{authorization, jsonType}, body: `{"messages":[` + body + `]}`})
	}
	for _, body := range []string{
		`{"messages":{}}`, `{"messages":1}`, `{"messages":[1]}`, `{"messages":[],"globals":{"to":33639980001,"content":"x"}}`, `{"messages":[{}],"globals":[]}`, `{"messages":[` + goodJSON + `],"batch_config":1}`, `{"messages":[` + goodJSON + `],"batch_config":{"schedule_at":3600}}`,
		`{"messages":[` + goodJSON + `],"batch_config":{"schedule_at":"99999999999s"}}`, `{"messages":[` + goodJSON + `],"batch_config":{"schedule_at":"9999-12-31 00:00:00"}}`, `{"messages":[` + goodJSON + `],"batch_config":{"errback_url":"http://169.254.169.254/"}}`,
	} {
		add(raw{name: "batch " + body, method: "POST", target: "/secure/sendbatch", headers: []string{authorization, jsonType}, body: body})
	}
	for _, header := range []string{
		"Content-Type: text/plain", "Content-Type: multipart/form-data; boundary=x", "Content-Type:", "X-Nothing: 1", "Content-Type: ;;;", "Content-Type: application/xml", formType + "\r\nContent-Encoding: gzip", formType + "\r\nIdempotency-Key:", formType + "\r\nIdempotency-Key: a b",
		formType + "\r\nIdempotency-Key: a\r\nIdempotency-Key: a", formType + "\r\nIdempotency-Key: " + strings.Repeat("k", 300), jsonType,
	} {
		add(raw{name: "header " + header[:min(len(header), 60)], method: "POST", target: "/send", headers: []string{header}, body: goodForm})
	}
	for _, header := range []string{
		"X-HTTP-Method-Override: POST", "X-Forwarded-Host: evil.example", "X-Original-URL: /send?" + goodForm, "Range: bytes=0-1", "If-None-Match: *", "Origin: https://evil.example", "Authorization: " + basic("other", "another password"), "Accept: text/html",
	} {
		add(raw{name: "header " + header[:min(len(header), 20)], method: "GET", target: "/balance?" + login, headers: []string{header}, taken: true})
	}
	return all
}

// TestHostileRequests: an answer in Jasmin's form to each, nothing stored of what was refused, nobody else's message seen.
func TestHostileRequests(t *testing.T) {
	h := open(t)
	if got := h.get(t, "/send", good("username", "other", "password", "another password", "to", "33639980009", "content", "Only for the other")); got.status != http.StatusOK {
		t.Fatalf("%d %s", got.status, got.body)
	}
	all := hostile()
	if len(all) < 200 {
		t.Errorf("only %d requests", len(all))
	}
	for i := range all {
		one := &all[i]
		status, body := h.write(t, one)
		if strings.Contains(body, "Only for") || strings.Contains(body, "39980009") {
			t.Errorf("%s %s shows another's message: %s", one.method, one.name, body)
		}
		if one.taken {
			if status != http.StatusOK {
				t.Errorf("%s %s: %d %s", one.method, one.name, status, body)
			}
			continue
		}
		if status < 400 || status >= 500 || !inForm(one, body) {
			t.Errorf("%s %s %s: %d %s", one.method, one.target[:min(len(one.target), 40)], one.name, status, body)
		}
		if n := len(h.stored(t, "town")); n != 0 {
			t.Fatalf("%s %s: %d were stored", one.method, one.name, n)
		}
	}
	if theirs := h.stored(t, "other"); len(theirs) != 1 || theirs[0].Text != "Only for the other" || theirs[0].Status != "queued" {
		t.Errorf("the other's message is %+v", theirs)
	}
	for _, secret := range []string{password, url.QueryEscape(password), "39980001", "39980009", "Bonjour"} {
		if strings.Contains(h.logs.String(), secret) {
			t.Errorf("the log has %q", secret)
		}
	}
}

// inForm reports whether a body is an error as the API of its path tells it.
func inForm(r *raw, body string) bool {
	path, _, _ := strings.Cut(r.target, "?")
	switch {
	case r.method == "HEAD":
		return body == ""
	case strings.HasPrefix(path, "/secure"):
		var shown struct{ Message string }
		return json.Unmarshal([]byte(body), &shown) == nil && shown.Message != ""
	case path == "/balance", path == "/rate":
		var sentence string
		return json.Unmarshal([]byte(body), &sentence) == nil && sentence != ""
	}
	return strings.HasPrefix(body, `Error "`) && strings.HasSuffix(body, `"`) && strings.Count(body, `"`) == 2
}

// write sends a request as it stands.
func (h *house) write(t *testing.T, r *raw) (status int, body string) {
	t.Helper()
	host := strings.TrimPrefix(h.url, "http://")
	c, err := new(net.Dialer).DialContext(t.Context(), "tcp", host)
	if err != nil {
		t.Fatal(err)
	}
	defer c.Close()
	head := append([]string{r.method + " " + r.target + " HTTP/1.1", "Host: " + host, "Connection: close", fmt.Sprintf("Content-Length: %d", len(r.body))}, r.headers...)
	go io.WriteString(c, strings.Join(head, "\r\n")+"\r\n\r\n"+r.body) // the answer may come before the end of it
	answer, err := http.ReadResponse(bufio.NewReader(c), &http.Request{Method: r.method})
	if err != nil {
		t.Fatalf("%s %s: %v", r.method, r.name, err)
	}
	defer answer.Body.Close()
	text, err := io.ReadAll(answer.Body)
	if err != nil {
		t.Fatalf("%s %s: %v", r.method, r.name, err)
	}
	return answer.StatusCode, string(text)
}
