package twilio_test

import (
	"encoding/base64"
	"encoding/json"
	"fmt"
	"net/http"
	"strings"
	"testing"

	"relais/internal/doortest"
)

// raw is a request as a hostile reader writes it.
type raw struct {
	name    string
	method  string
	target  string
	headers []string // besides Host, Content-Length and the credentials
	body    string
	as      string // credentials; empty: those of the account; "-": none
	taken   bool   // it is answered with a 2xx
}

const messagesOf = "/2010-04-01/Accounts/" + town + "/Messages"

const formType = "Content-Type: application/x-www-form-urlencoded"

const goodBody = "To=%2B33639980001&From=RELAIS&Body=Bonjour"

func basic(user, password string) string {
	return "Authorization: Basic " + base64.StdEncoding.EncodeToString([]byte(user+":"+password))
}

// hostile are the requests: places and methods, sids, credentials, bodies, headers.
func hostile(theirs string) (all []raw) {
	add := func(r ...raw) { all = append(all, r...) }
	for _, target := range []string{
		"/2010-04-01", "/2010-04-01/", "/2010-04-01/Accounts", "/2010-04-01/Accounts.json", "/2010-04-01/Accounts/",
		"/2010-04-01/Accounts/.json", "/2010-04-01/Accounts/" + town, "/2010-04-01/accounts/" + town + ".json",
		"/2010-04-01/Accounts/" + town + ".xml", messagesOf, messagesOf + "/", messagesOf + ".xml", messagesOf + ".csv", messagesOf + ".json/",
		"/2010-04-01/Accounts/" + town + "/Calls.json", "/2010-04-01/Accounts/" + town + "/SMS/Messages.json",
		"/2010-04-01/Accounts/" + town + "/IncomingPhoneNumbers.json", "/2010-04-01/Accounts/" + town + "/Keys.json",
		"/2010-04-01/Accounts/" + town + "/../" + other + "/Messages.json", "/2010-04-01/Accounts/" + town + "%2F.." + "/Messages.json",
		"/2010-04-01/Accounts/" + other + "/Messages.json", "/2010-04-01/Accounts/" + other + ".json", "/2010-04-01/Accounts/" + other + "/Balance.json",
		"/2010-04-01/Accounts/" + strings.ToLower(town) + "/Messages.json", "/2010-04-01/Accounts/" + town + "%00/Messages.json",
		"/2010-04-01/Accounts/*/Messages.json", "/2010-04-01/Accounts/%25/Messages.json", "/2010-04-01/Accounts/" + town + "' OR 1=1--/Messages.json",
	} {
		if strings.Contains(target, " ") {
			target = strings.ReplaceAll(target, " ", "%20")
		}
		for _, method := range []string{"GET", "POST"} {
			add(raw{name: "path " + target, method: method, target: target, headers: []string{formType}, body: bodyOf(method)})
		}
	}
	for _, method := range []string{"PUT", "PATCH", "OPTIONS", "TRACE", "PROPFIND", "DELETE", "X"} {
		add(raw{name: "method " + method, method: method, target: messagesOf + ".json"},
			raw{name: "method " + method, method: method, target: "/2010-04-01/Accounts/" + town + ".json"},
			raw{name: "method " + method, method: method, target: "/2010-04-01/Accounts/" + town + "/Balance.json"})
	}
	for _, sid := range []string{
		theirs, strings.ToUpper(theirs), "MM" + theirs[2:], "SM", "SM" + strings.Repeat("0", 32), "SM" + strings.Repeat("f", 32), "SM" + strings.Repeat("g", 32),
		"SM" + strings.Repeat("a", 31), "SM" + strings.Repeat("a", 33), "..", "%2e%2e", "%00", "%0d%0aX:1", "%F0%9F%8E%89", "' OR '1'='1", "~", "*", "%25", strings.Repeat("a", 5000),
		theirs[2:10] + "-" + theirs[10:14] + "-" + theirs[14:18] + "-" + theirs[18:22] + "-" + theirs[22:],
	} {
		sid = strings.ReplaceAll(sid, " ", "%20")
		for method, body := range map[string]string{"GET": "", "POST": "Status=canceled", "DELETE": ""} {
			add(raw{name: "sid " + sid[:min(len(sid), 40)], method: method, target: messagesOf + "/" + sid + ".json", headers: []string{formType}, body: body})
		}
	}
	for _, credentials := range []string{
		"-", "Authorization: Basic", "Authorization: Basic !!!", "Authorization: Basic " + base64.StdEncoding.EncodeToString([]byte(town)),
		"Authorization: Bearer " + token, "Authorization: Digest username=" + town, "Authorization: basic", basic("", ""), basic(town, ""), basic("", token), basic(town, token+"\x00"),
		basic(town+"\x00", token), basic(other, token), basic(service, token), basic(keySid, token), basic("SK", ""), basic(town, strings.Repeat("a", 100_000)), basic("AC%", "%"),
		"X-Twilio-Signature: x", "Cookie: session=1", basic(town, token) + "\r\n" + basic(other, "another token"), basic(other, "x") + "\r\n" + basic(town, token),
	} {
		add(raw{name: "credentials", method: "POST", target: messagesOf + ".json", headers: []string{formType}, body: goodBody, as: credentials})
	}
	for _, body := range []string{
		"", "&", "=", "To", "To=", "To=&Body=&From=", "%", "To=%zz", "To=%2B33639980001;From=a;Body=b", "To=%FF%FE&From=RELAIS&Body=a", "To=%2B33639980001&From=RELAIS&Body=%C3%28",
		"%FF=1&" + goodBody, "To[]=%2B33639980001&From=RELAIS&Body=a", "to=%2B33639980001&from=RELAIS&body=a", "To=+33639980001&From=RELAIS&Body=a",
		goodBody + "&To=%2B33639980002", goodBody + "&Body=b", goodBody + "&From=b", goodBody + "&StatusCallback=https://a.example&StatusCallback=https://b.example",
		"To=%2B33639980001%2C%2B33639980002&From=RELAIS&Body=a", "To=%2B33639980001%0A%2B33639980002&From=RELAIS&Body=a", "To=%2B" + strings.Repeat("3", 1000) + "&From=RELAIS&Body=a",
		"To=%2B3363998000%D9%A1&From=RELAIS&Body=a", "To=%2B33639980001&From=" + strings.Repeat("R", 10_000) + "&Body=a", "To=%2B33639980001&From=%00&Body=a", "To=%2B33639980001&From=R%0D%0AX&Body=a",
		"To=%2B33639980001&From=RELAIS&Body=" + strings.Repeat("a", 1<<20), "To=%2B33639980001&From=RELAIS&Body=" + strings.Repeat("%F0%9F%8E%89", 1601), "To=%2B33639980001&From=RELAIS&Body=%00",
		"To=%2B33639980001&From=RELAIS&Body=%1B%5B", "To=%2B33639980001&From=RELAIS&Body=%EF%BF%BF", goodBody + "&ValidityPeriod=-1", goodBody + "&ValidityPeriod=1e3", goodBody + "&ValidityPeriod=99999999999999999999",
		goodBody + "&ValidityPeriod=%201", goodBody + "&MediaUrl=a&MediaUrl=b", goodBody + "&SendAsMms=1", goodBody + "&SendAt=0", goodBody + "&ScheduleType=fixed&SendAt=9999-12-31T23:59:59Z",
		goodBody + "&ScheduleType=fixed&SendAt=2026-02-30T00:00:00Z&MessagingServiceSid=" + service, goodBody + "&MessagingServiceSid=" + foreign, goodBody + "&MessagingServiceSid=" + strings.ToLower(service),
		goodBody + "&MessagingServiceSid=%00", goodBody + "&StatusCallback=javascript:alert(1)", goodBody + "&StatusCallback=http://169.254.169.254/latest", goodBody + "&StatusCallback=http://[::1]/", goodBody + "&StatusCallback=http://localhost:8080/",
		goodBody + "&StatusCallback=http://0x7f.1/", goodBody + "&StatusCallback=http://2130706433/", goodBody + "&StatusCallback=http://10.0.0.1/", goodBody + "&StatusCallback=http://town.example:99999/", goodBody + "&StatusCallback=http://",
		goodBody + "&StatusCallback=http://town.example/%0d%0aX:1%00", goodBody + "&StatusCallback=file:///etc/passwd", goodBody + "&StatusCallback=https://town.example/" + strings.Repeat("a", 5000), goodBody + "&ContentSid=x", goodBody + "&ApplicationSid=x",
	} {
		add(raw{name: "body " + body[:min(len(body), 60)], method: "POST", target: messagesOf + ".json", headers: []string{formType}, body: body})
	}
	for _, header := range []string{
		"Content-Type: application/json", "Content-Type: text/plain", "Content-Type: multipart/form-data; boundary=x", "Content-Type:", "Content-Type: application/x-www-form-urlencoded; charset=utf-16",
		"Content-Type: application/x-www-form-urlencoded; charset=iso-8859-1", "Content-Type: ;;;", "Content-Type: application/x-www-form-urlencoded, application/json", "X-Nothing: 1",
		formType + "\r\nContent-Encoding: gzip", formType + "\r\nContent-Encoding: br", formType + "\r\nIdempotency-Key:", formType + "\r\nIdempotency-Key: a b", formType + "\r\nIdempotency-Key: a\r\nIdempotency-Key: a",
		formType + "\r\nIdempotency-Key: " + strings.Repeat("k", 300),
	} {
		add(raw{name: "header " + header[:min(len(header), 70)], method: "POST", target: messagesOf + ".json", headers: []string{header}, body: goodBody})
	}
	for _, header := range []string{
		"X-HTTP-Method-Override: DELETE", "X-Forwarded-For: 192.0.2.1", "X-Forwarded-Host: evil.example", "X-Original-URL: /2010-04-01/Accounts/" + other + "/Messages.json", "Accept: application/xml",
		"Accept-Language: fr", "Range: bytes=0-1", "If-None-Match: *", "Origin: https://evil.example", "X-Twilio-Account: " + other,
	} {
		add(raw{name: "header " + header, method: "GET", target: messagesOf + ".json", headers: []string{header}, taken: true})
	}
	for _, query := range []string{"PageSize=-1", "PageSize=1e9", "PageSize=" + strings.Repeat("9", 400), "Page=x", "PageToken=PA", "PageToken=PA" + strings.Repeat("0", 34), "PageToken=%00", "DateSent=2026-13-01", "DateSent%3E=x", "To=%00&To=x", "%", "a;b"} {
		add(raw{name: "query " + query[:min(len(query), 40)], method: "GET", target: messagesOf + ".json?" + query})
	}
	for _, query := range []string{"To=%00", "To=%25", "From=%27%20OR%201=1", "PageToken=PA" + theirs, "AccountSid=" + other, "PageToken=", "limit=1000"} {
		add(raw{name: "query " + query, method: "GET", target: messagesOf + ".json?" + query, taken: true})
	}
	return all
}

func bodyOf(method string) string {
	if method == "GET" {
		return ""
	}
	return goodBody
}

// TestHostileRequests: an answer in Twilio's form to each, nothing stored of what was refused, nobody else's message seen.
func TestHostileRequests(t *testing.T) {
	h := open(t)
	got := h.askAs(t, other, "another token", http.MethodPost, "/2010-04-01/Accounts/"+other+"/Messages.json", good("To", "+33639980009", "Body", "Only for the other"), nil)
	if got.status != http.StatusCreated {
		t.Fatalf("%d %s", got.status, got.body)
	}
	all := hostile(got.fields["sid"].(string))
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
		var refusal struct{ Code, Status int }
		if err := json.Unmarshal([]byte(body), &refusal); err != nil || refusal.Status != status || status < 400 || status >= 500 ||
			!strings.Contains(body, fmt.Sprintf(`"more_info":"https://www.twilio.com/docs/errors/%d"`, refusal.Code)) {
			t.Errorf("%s %s: %d %s, %v", one.method, one.name, status, body, err)
		}
		if n := len(h.Stored(t, "town")); n != 0 {
			t.Fatalf("%s %s: %d were stored", one.method, one.name, n)
		}
	}
	if theirs := h.Stored(t, "other"); len(theirs) != 1 || theirs[0].Text != "Only for the other" || theirs[0].Status != "queued" {
		t.Errorf("the other's message is %+v", theirs)
	}
	for _, secret := range []string{token, "39980001", "39980009", "Bonjour"} {
		if strings.Contains(h.Logs.String(), secret) {
			t.Errorf("the log has %q", secret)
		}
	}
}

// write sends a request as it stands.
func (h *house) write(t *testing.T, r *raw) (status int, body string) {
	t.Helper()
	headers := r.headers
	switch r.as {
	case "":
		headers = append([]string{basic(town, token)}, headers...)
	case "-":
	default:
		headers = append([]string{r.as}, headers...)
	}
	got := h.Write(t, &doortest.Raw{Name: r.name, Method: r.method, Target: r.target, Headers: headers, Body: r.body})
	return got.Status, got.Body
}
