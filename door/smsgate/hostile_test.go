package smsgate_test

import (
	"bufio"
	"encoding/base64"
	"encoding/json"
	"fmt"
	"io"
	"net"
	"net/http"
	"strings"
	"testing"
)

// raw is a request as a hostile reader writes it.
type raw struct {
	name, method, target string
	headers              []string // besides Host and Content-Length
	body                 string
	taken                bool // it is answered with a 2xx, and nothing is stored
}

// hostile are the requests: places and methods, ids, credentials, bodies, queries, headers.
func hostile(device string) (all []raw) {
	add := func(r ...raw) { all = append(all, r...) }
	authorization := "Authorization: " + basic("town", password)
	const at, jsonType = "/3rdparty/v1/", "Content-Type: application/json"
	for _, target := range []string{
		"/3rdparty/v1", "/3rdparty/v1/", at + "messages/", at + "Messages", at + "messages.json", at + "messages//x", at + "messages/a/b", at + "../v1/messages", at + "%2e%2e/messages", at + "message%00", at + "users", at + "mobile/v1/messages", "/api/3rdparty/v1", "/api/3rdparty/v1/user",
	} {
		for _, method := range []string{"GET", "POST"} {
			add(raw{name: "place", method: method, target: target, headers: []string{authorization, jsonType}, body: good("")}, raw{name: "place, a stranger", method: method, target: target, headers: []string{jsonType}, body: good("")})
		}
	}
	for _, path := range []string{"messages", "message", "webhooks", "devices", "settings", "auth/token", "logs"} {
		for _, method := range []string{"PUT", "PATCH", "OPTIONS", "TRACE", "PROPFIND", "X"} {
			add(raw{name: "method", method: method, target: at + path, headers: []string{authorization, jsonType}, body: good("")})
		}
	}
	for _, id := range []string{
		"theirs", "THEIRS", "order-7", "..", "%2e%2e", "%00", "%0d%0aX:1", "%F0%9F%8E%89", "%FF", "'%20OR%20'1'='1", "~", "*", "%25", "%2F", "a%2Fb", strings.Repeat("a", 36), strings.Repeat("a", 37), strings.Repeat("a", 5000), "00000000-0000-0000-0000-000000000000", "null", "-1",
	} {
		add(raw{name: "id " + id[:min(len(id), 30)], method: "GET", target: at + "messages/" + id, headers: []string{authorization}}, raw{name: "id " + id[:min(len(id), 30)], method: "DELETE", target: at + "messages/" + id, headers: []string{authorization}},
			raw{name: "id " + id[:min(len(id), 30)], method: "GET", target: at + "message/" + id, headers: []string{authorization}})
	}
	const unsigned = "eyJhbGciOiJub25lIn0.eyJzdWIiOiJ0b3duIiwic2NvcGVzIjpbImFsbDphbnkiXSwiZXhwIjo5OTk5OTk5OTk5fQ."
	forged := unsigned + base64.RawURLEncoding.EncodeToString([]byte(strings.Repeat("x", 32)))
	for _, given := range []string{
		"X-Nothing: 1", "Authorization: Basic", "Authorization: Basic !!!", "Authorization: Basic " + base64.StdEncoding.EncodeToString([]byte("town")), "Authorization: Bearer " + password, "Authorization: Bearer", "Authorization: Bearer ..", "Authorization: Bearer " + unsigned, "Authorization: Bearer " + forged,
		"Authorization: Bearer eyJhbGciOiJIUzI1NiJ9" + forged[20:], "Authorization: basic", "Authorization: Digest username=town", "Authorization: " + basic("", ""), "Authorization: " + basic("town", ""), "Authorization: " + basic("", password), "Authorization: " + basic("town", password+"\x00"),
		"Authorization: " + basic("other", password), "Authorization: " + basic("shut", password), "Authorization: " + basic("empty", ""), "Authorization: " + basic("town", strings.Repeat("a", 50_000)), "Authorization: " + basic("town", password) + "\r\nAuthorization: " + basic("other", "x"), "X-API-Key: " + password, "Cookie: session=1",
	} {
		add(raw{name: "credentials", method: "POST", target: at + "messages", headers: []string{given, jsonType}, body: good("")}, raw{name: "credentials", method: "GET", target: at + "messages", headers: []string{given}},
			raw{name: "credentials", method: "POST", target: at + "auth/token", headers: []string{given, jsonType}, body: `{"scopes":["all:any"]}`})
	}
	for _, body := range []string{
		"", "null", "1", `"x"`, "[]", "[" + good("") + "]", "{", "{}", good("") + good(""), good(`"id":1`), good(`"id":"a/b"`), good(`"id":"a\u0000b"`), good(`"id":"a\nb"`), good(`"id":"` + strings.Repeat("é", 19) + `"`), good(`"id":"` + strings.Repeat("a", 5000) + `"`), good(`"deviceId":1`), good(`"deviceId":"` + device + `x"`),
		good(`"isEncrypted":true`), good(`"isEncrypted":1`), good(`"dataMessage":{}`), good(`"dataMessage":"x"`), good(`"mmsMessage":{}`), good(`"message":"x"`), good(`"simNumber":0`), good(`"simNumber":256`), good(`"simNumber":-1`), good(`"priority":-129`), good(`"priority":1.5`), good(`"priority":"otp"`), good(`"ttl":-1`),
		good(`"ttl":0`), good(`"ttl":1e3`), good(`"ttl":18446744073709551615`), good(`"ttl":18446744073709551616`), good(`"ttl":9000000`), good(`"ttl":60,"validUntil":"2099-01-01T00:00:00Z"`), good(`"validUntil":"soon"`), good(`"validUntil":0`), good(`"validUntil":"0001-01-01T00:00:00Z"`), good(`"validUntil":"9999-12-31T00:00:00Z"`),
		good(`"scheduleAt":"2026-02-30T00:00:00Z"`), good(`"scheduleAt":"9999-12-31T23:59:59Z"`), good(`"scheduleAt":"0001-01-01T00:00:00Z"`), good(`"scheduleAt":{}`), good(`"withDeliveryReport":"yes"`), `{"textMessage":"x","phoneNumbers":["+33639980001"]}`, `{"textMessage":{"text":1},"phoneNumbers":["+33639980001"]}`,
		`{"textMessage":{},"phoneNumbers":["+33639980001"]}`, `{"textMessage":{"text":"x"},"phoneNumbers":"+33639980001"}`, `{"textMessage":{"text":"x"},"phoneNumbers":{}}`, `{"textMessage":{"text":"x"},"phoneNumbers":[33639980001]}`, `{"textMessage":{"text":"x"},"phoneNumbers":[]}`, `{"textMessage":{"text":"x"},"phoneNumbers":[null]}`,
		`{"textMessage":{"text":"x"},"phoneNumbers":[""]}`, `{"textMessage":{"text":"x"},"phoneNumbers":["+33639980001","+33639980002\u0000"]}`, `{"textMessage":{"text":"x"},"phoneNumbers":["+33639980001,+33639980002"]}`, `{"textMessage":{"text":"x"},"phoneNumbers":["` + strings.Repeat("3", 1000) + `"]}`,
		`{"textMessage":{"text":"\ud83c"},"phoneNumbers":["+33639980001"]}`, "{\"textMessage\":{\"text\":\"\xff\"},\"phoneNumbers\":[\"+33639980001\"]}", `{"textMessage":{"text":"a\u0000b"},"phoneNumbers":["+33639980001"]}`, `{"textMessage":{"text":"\uffff"},"phoneNumbers":["+33639980001"]}`,
		`{"textMessage":{"text":"` + strings.Repeat("a", 5000) + `"},"phoneNumbers":["+33639980001"]}`, `{"textMessage":{"text":"` + strings.Repeat("a", 1<<20) + `"},"phoneNumbers":["+33639980001"]}`, strings.Repeat("[", 20_000), strings.Repeat(`{"a":`, 20_000), `{"textMessage":{"text":"x"},"phoneNumbers":["+33639980001"` + strings.Repeat(`,"+33639980001"`, 200) + `]}`,
	} {
		add(raw{name: "body " + body[:min(len(body), 70)], method: "POST", target: at + "messages", headers: []string{authorization, jsonType}, body: body})
	}
	for _, body := range []string{
		"", "null", "[]", "{}", `{"url":1,"event":"sms:sent"}`, `{"url":"","event":"sms:sent"}`, `{"url":"https://town.example/","event":"message.sent"}`, `{"url":"https://town.example/","event":["sms:sent"]}`, `{"url":"javascript:alert(1)","event":"sms:sent"}`, `{"url":"http://169.254.169.254/latest","event":"sms:sent"}`, `{"url":"http://[::1]/","event":"sms:sent"}`,
		`{"url":"http://0x7f.1/","event":"sms:sent"}`, `{"url":"http://2130706433/","event":"sms:sent"}`, `{"url":"http://10.0.0.1/","event":"sms:sent"}`, `{"url":"http://town.example:99999/","event":"sms:sent"}`, `{"url":"https://town.example/` + strings.Repeat("a", 5000) + `","event":"sms:sent"}`, `{"url":"https://a:b@town.example/","event":"sms:sent"}`,
		`{"id":"` + strings.Repeat("a", 37) + `","url":"https://town.example/","event":"sms:sent"}`, `{"id":"a/b","url":"https://town.example/","event":"sms:sent"}`, `{"url":"https://town.example/","event":"system:ping"}`, `{"url":"https://town.example/","event":"sms:sent","deviceId":"other"}`,
	} {
		add(raw{name: "webhook " + body[:min(len(body), 70)], method: "POST", target: at + "webhooks", headers: []string{authorization, jsonType}, body: body})
	}
	for _, body := range []string{"", "[]", "{}", `{"scopes":"all:any"}`, `{"scopes":[1]}`, `{"ttl":-1,"scopes":["all:any"]}`, `{"ttl":1e9,"scopes":["all:any"]}`, `{"ttl":18446744073709551615,"scopes":["all:any"]}`, `{"scopes":["tokens:refresh"]}`} {
		add(raw{name: "token " + body, method: "POST", target: at + "auth/token", headers: []string{authorization, jsonType}, body: body})
	}
	add(raw{name: "token that refreshes nothing", method: "POST", target: at + "auth/token/refresh", headers: []string{"Authorization: Bearer " + forged}})
	for _, header := range []string{
		jsonType + "\r\nContent-Encoding: gzip", jsonType + "\r\nIdempotency-Key:", jsonType + "\r\nIdempotency-Key: a b", jsonType + "\r\nIdempotency-Key: a\r\nIdempotency-Key: a", jsonType + "\r\nIdempotency-Key: " + strings.Repeat("k", 300),
	} {
		add(raw{name: "header " + header[:min(len(header), 60)], method: "POST", target: at + "messages", headers: []string{authorization, header}, body: good("")})
	}
	for _, query := range []string{"%", "a;b", "limit=0", "limit=101", "limit=x", "limit=" + strings.Repeat("9", 400), "offset=-1", "offset=1000000", "from=today", "to=2026-13-01T00:00:00Z", "state=Lost", "state=%00", "sort=id", "sort=created_at,id"} {
		add(raw{name: "query " + query[:min(len(query), 40)], method: "GET", target: at + "messages?" + query, headers: []string{authorization}})
	}
	for _, query := range []string{"deviceId=%00", "deviceId=" + strings.Repeat("a", 5000), "account=other", "userId=other", "includeContent=maybe", "limit=100&offset=10000", "from=0001-01-01T00:00:00Z"} {
		add(raw{name: "query " + query[:min(len(query), 40)], method: "GET", target: at + "messages?" + query, headers: []string{authorization}, taken: true})
	}
	for _, header := range []string{"X-HTTP-Method-Override: DELETE", "X-Forwarded-Host: evil.example", "X-Original-URL: /3rdparty/v1/messages/theirs", "Range: bytes=0-1", "If-None-Match: *", "Origin: https://evil.example", "X-Device-Id: other", "Accept: text/html"} {
		add(raw{name: "header " + header[:min(len(header), 40)], method: "GET", target: at + "messages", headers: []string{authorization, header}, taken: true})
	}
	return all
}

// TestHostileRequests: an answer in SMSGate's form to each, nothing stored of what was refused, nobody else's message seen.
func TestHostileRequests(t *testing.T) {
	h := open(t)
	const theirs = `{"id":"theirs","textMessage":{"text":"Only for the other"},"phoneNumbers":["+33639980009"]}`
	got := h.ask(t, http.MethodPost, "messages", theirs, "Authorization", basic("other", "another password"))
	if got.status != http.StatusAccepted {
		t.Fatalf("%d %s", got.status, got.body)
	}
	all := hostile(got.shown(t).DeviceID)
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
		var refusal struct {
			Message string
			Code    int
		}
		if err := json.Unmarshal([]byte(body), &refusal); err != nil || refusal.Code != status || refusal.Message == "" || status < 400 || status >= 500 && status != http.StatusNotImplemented {
			t.Errorf("%s %s %s: %d %s, %v", one.method, one.target[:min(len(one.target), 40)], one.name, status, body, err)
		}
		if n := len(h.stored(t, "town")); n != 0 {
			t.Fatalf("%s %s: %d were stored", one.method, one.name, n)
		}
	}
	if theirs := h.stored(t, "other"); len(theirs) != 1 || theirs[0].Text != "Only for the other" || theirs[0].Status != "queued" {
		t.Errorf("the other's message is %+v", theirs)
	}
	if hooks, err := h.store.Endpoints(t.Context(), "town"); err != nil || len(hooks) != 0 {
		t.Errorf("%d webhooks, %v", len(hooks), err)
	}
	for _, secret := range []string{password, "39980001", "39980009", "Bonjour"} {
		if strings.Contains(h.logs.String(), secret) {
			t.Errorf("the log has %q", secret)
		}
	}
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
