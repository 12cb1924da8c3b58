package brevo_test

import (
	"encoding/json"
	"net/http"
	"strings"
	"testing"

	"relais/internal/doortest"
)

// hostile are requests: places and methods, keys, bodies, headers, queries. Those that are Taken look only.
func hostile(theirs string) (all []doortest.Raw) {
	const mine, aJSON, good = "Api-Key: " + key, "Content-Type: application/json", `{"sender":"RELAIS","recipient":"33639980001","content":"Bonjour"}`
	add := func(r ...doortest.Raw) { all = append(all, r...) }
	for _, target := range []string{
		"/v3/transactionalSMS", "/v3/transactionalSMS/", "/v3/transactionalSMS/sms/", "/v3/transactionalSMS/SMS", "/v3/transactionalSMS/sms.json", "/v3/transactionalSMS/sms/" + theirs, "/v3/transactionalSMS/statistics", "/v3/transactionalSMS/statistics/events/1",
		"/v3/transactionalSMS/statistics/../../account2", "/v3/transactionalSMS/%2e%2e/account", "/v3/transactionalSMS/sms%00", "/v3/transactionalSMS/*", "/v3/transactionalSMS/%25", "/v3/transactionalSMS/'%20OR%201=1--", "/v3/transactionalSMS/" + strings.Repeat("a", 5000), "/v3/transactionalSMS/templates",
	} {
		for _, method := range []string{"GET", "POST", "DELETE"} {
			add(doortest.Raw{Name: "path " + target[:min(len(target), 60)], Method: method, Target: target, Headers: []string{mine, aJSON}, Body: good})
		}
	}
	for target, method := range map[string]string{sendPath: "POST", "/v3/transactionalSMS/send": "POST", eventsPath: "GET", "/v3/transactionalSMS/statistics/aggregatedReport": "GET", "/v3/transactionalSMS/statistics/reports": "GET", "/v3/account": "GET"} {
		for _, other := range []string{"GET", "POST", "PUT", "PATCH", "DELETE", "OPTIONS", "TRACE", "PROPFIND", "X"} {
			if other != method {
				add(doortest.Raw{Name: "method " + other + " " + target, Method: other, Target: target, Headers: []string{mine, aJSON}, Body: good})
			}
		}
	}
	for _, as := range []string{
		"X-Nothing: 1", "Api-Key:", "Api-Key: " + key + "x", "Api-Key: x" + key, "Api-Key: " + strings.ToUpper(key), "Api-Key: " + shutKey, "Api-Key: *", "Api-Key: %", "Api-Key: ' OR '1'='1", "Api-Key: \xff", "Api-Key: " + strings.Repeat("a", 100_000), mine + "\r\nApi-Key: " + otherKey, mine + "\r\n" + mine,
		"Api-Key: " + otherKey + "\r\n" + mine, "Authorization: Bearer " + key, "Authorization: Basic " + key, "Partner-Key: " + key, "Cookie: api-key=" + key, "Api_Key: " + key, "Api-Key: " + key + ", " + otherKey,
	} {
		add(doortest.Raw{Name: "key " + as[:min(len(as), 60)], Method: "POST", Target: sendPath, Headers: []string{as, aJSON}, Body: good},
			doortest.Raw{Name: "key " + as[:min(len(as), 60)], Method: "GET", Target: eventsPath, Headers: []string{as}})
	}
	add(doortest.Raw{Name: "a key in the query", Method: "POST", Target: sendPath + "?api-key=" + key, Headers: []string{aJSON}, Body: good})
	with := func(fields string) string {
		return `{"sender":"RELAIS","recipient":"33639980001","content":"a",` + fields + `}`
	}
	for _, body := range []string{
		"", "null", "[]", `"a"`, "1", "{", "{}", "{}{}", `[{"sender":"RELAIS"}]`, strings.Repeat("[", 100_000), `{"a":` + strings.Repeat("{\"a\":", 100_000), "sender=RELAIS&recipient=33639980001&content=a", "{\"content\":\"\xff\"}", "\xef\xbb\xbf" + good, `{'sender':'RELAIS'}`, good + "x", good + good,
		`{"sender":"RELAIS","recipient":"33639980001"}`, `{"sender":"RELAIS","content":"a"}`, `{"recipient":"33639980001","content":"a"}`, `{"SENDER":"RELAIS","RECIPIENT":"33639980001","CONTENT":"a"}`, with(`"sender":null`), with(`"recipient":""`), with(`"recipient":["33639980001"]`), with(`"recipient":{"a":1}`), with(`"recipient":33639980001`),
		with(`"recipient":true`), with(`"recipient":"33639980001,33639980002"`), with(`"recipient":"33639980001\n33639980002"`), with(`"recipient":"0033639980001"`), with(`"recipient":"tel:33639980001"`), with(`"recipient":"3363998000\u0661"`), with(`"recipient":"` + strings.Repeat("3", 1000) + `"`), with(`"recipient":"3.3e10"`), with(`"recipient":"++33639980001"`),
		with(`"sender":["RELAIS"]`), with(`"sender":"R\u0000"`), with(`"sender":"R\r\nX"`), with(`"sender":"` + strings.Repeat("R", 10_000) + `"`), with(`"sender":"Mairie de très loin"`), with(`"content":["a"]`), with(`"content":{"$ne":""}`), with(`"content":7`), with(`"content":"\u0000"`), with(`"content":"\u001b["`), with(`"content":"\uffff"`), with(`"content":"` + strings.Repeat("a", 1<<20) + `"`),
		with(`"content":"` + strings.Repeat("🎉", 1601) + `"`), with(`"content":"STOP au [STOP_CODE]"`), with(`"type":"TRANSACTIONAL"`), with(`"type":7`), with(`"type":["marketing"]`), with(`"tag":{}`), with(`"tag":[[]]`), with(`"tag":[1]`), with(`"tag":[""]`), with(`"tag":"` + strings.Repeat("a", 5000) + `"`), with(`"tag":"a\u0000"`), with(`"tag":"a\r\nX"`), with(`"tag":["a","b","c","d","e","f","g","h","i","j","k"]`),
		with(`"templateId":1`), with(`"templateId":"x"`), with(`"templateId":{}`), with(`"unicodeEnabled":"true"`), with(`"unicodeEnabled":1`), with(`"organisationPrefix":7`), with(`"organisationPrefix":"` + strings.Repeat("a", 5000) + `"`), with(`"organisationPrefix":"\u0000"`), with(`"webUrl":7`), with(`"webUrl":"javascript:alert(1)"`), with(`"webUrl":"http://169.254.169.254/latest"`),
		with(`"webUrl":"http://[::1]/"`), with(`"webUrl":"http://localhost:8080/"`), with(`"webUrl":"http://0x7f.1/"`), with(`"webUrl":"http://2130706433/"`), with(`"webUrl":"http://10.0.0.1/"`), with(`"webUrl":"http://town.example:99999/"`), with(`"webUrl":"http://"`), with(`"webUrl":"file:///etc/passwd"`), with(`"webUrl":"https://a:b@town.example/"`), with(`"webUrl":"https://town.example/#a"`),
		with(`"webUrl":"https://town.example/` + strings.Repeat("a", 5000) + `"`), with(`"webUrl":" https://town.example/"`), with(`"webUrl":"https://town.example/\r\nX: 1"`), with(`"webUrl":["https://town.example/"]`),
	} {
		add(doortest.Raw{Name: "body " + body[:min(len(body), 90)], Method: "POST", Target: sendPath, Headers: []string{mine, aJSON}, Body: body})
	}
	for _, header := range []string{
		"Content-Encoding: gzip", "Content-Encoding: br", "Idempotency-Key:", "Idempotency-Key: a b", "Idempotency-Key: a\r\nIdempotency-Key: a", "Idempotency-Key: " + strings.Repeat("k", 300),
	} {
		add(doortest.Raw{Name: "header " + header[:min(len(header), 70)], Method: "POST", Target: sendPath, Headers: []string{mine, aJSON, header}, Body: good})
	}
	for _, query := range []string{
		"limit=-1", "limit=1e9", "limit=" + strings.Repeat("9", 400), "limit=%00", "offset=-1", "offset=99999999", "days=-1", "days=99999999999", "startDate=2026-13-01&endDate=2026-13-02", "startDate=x&endDate=y", "phoneNumber=%00", "phoneNumber=" + strings.Repeat("3", 100), "event=%00", "event=DELIVERED", "sort=%00", "%", "a;b", "limit=1&limit=1",
	} {
		add(doortest.Raw{Name: "query " + query[:min(len(query), 40)], Method: "GET", Target: eventsPath + "?" + query, Headers: []string{mine}})
	}
	for _, query := range []string{"", "tags=%00", "tags=%25", "tags=%5B", "tags=%27%20OR%201=1", "tags=" + strings.Repeat("a", 5000), "phoneNumber=33639980009", "messageId=" + theirs, "account=other", "limit=", "offset=100000"} {
		add(doortest.Raw{Name: "query " + query[:min(len(query), 40)], Method: "GET", Target: eventsPath + "?" + query, Headers: []string{mine}, Taken: true})
	}
	for _, header := range []string{"X-HTTP-Method-Override: POST", "X-Forwarded-For: 192.0.2.1", "X-Forwarded-Host: evil.example", "X-Original-URL: " + sendPath, "Accept: application/xml", "Range: bytes=0-1", "If-None-Match: *", "Origin: https://evil.example"} {
		add(doortest.Raw{Name: "header " + header, Method: "GET", Target: eventsPath, Headers: []string{mine, header}, Taken: true})
	}
	return all
}

// TestHostileRequests: an answer in Brevo's form to each, nothing stored of what was refused, nobody else's message seen.
func TestHostileRequests(t *testing.T) {
	h := open(t)
	sent := ask(t, h, otherKey, http.MethodPost, sendPath, good(t, "recipient", "33639980009", "content", "Only for the other", "tag", "theirs"))
	theirs, err := json.Marshal(sent.fields["messageId"])
	if err != nil || sent.Status != 201 {
		t.Fatalf("%d %s", sent.Status, sent.Body)
	}
	all := hostile(string(theirs))
	if len(all) < 200 {
		t.Errorf("only %d requests", len(all))
	}
	for i := range all {
		one := &all[i]
		got := h.Write(t, one)
		for _, word := range []string{"Only for", "39980009", "theirs"} {
			if strings.Contains(got.Body, word) {
				t.Errorf("%s %s shows another's message: %s", one.Method, one.Name, got.Body)
			}
		}
		if one.Taken {
			if got.Status != 200 || got.Body != "{\"events\":[]}\n" {
				t.Errorf("%s %s: %d %s", one.Method, one.Name, got.Status, got.Body)
			}
			continue
		}
		var refusal map[string]string
		if err := json.Unmarshal([]byte(got.Body), &refusal); err != nil || len(refusal) != 2 || refusal["code"] == "" || refusal["message"] == "" || got.Status < 400 || got.Status >= 500 {
			t.Errorf("%s %s: %d %s, %v", one.Method, one.Name, got.Status, got.Body, err)
		}
		if n := len(h.Stored(t, "town")) + len(h.Stored(t, "shut")); n != 0 {
			t.Fatalf("%s %s: %d were stored", one.Method, one.Name, n)
		}
	}
	if theirs := h.Stored(t, "other"); len(theirs) != 1 || theirs[0].Text != "Only for the other" || theirs[0].Status != "queued" {
		t.Errorf("the other's message is %+v", theirs)
	}
	for _, secret := range []string{key, otherKey, "39980001", "39980009", "Bonjour"} {
		if strings.Contains(h.Logs.String(), secret) {
			t.Errorf("the log has %q", secret)
		}
	}
}
