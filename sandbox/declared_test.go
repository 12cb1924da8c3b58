package sandbox

import (
	"crypto/hmac"
	"crypto/sha256"
	"encoding/hex"
	"fmt"
	"io"
	"maps"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"
	"time"

	"relais/sandbox/declared"
	"relais/sandbox/world"
)

// courier is an operator of a test, in the two files that one is played from.
var courier = declared.Source{
	Name: "courier",
	Declaration: []byte(`title = "Courier"
[send]
path = "/v1/{login}/messages"
[receipts]
path = "/receipt"
at = "/when"
at_format = "unix"
[replies]
path = "/reply"
[signature]
kind = "hmac-sha256"
header = "X-Sig"
key = "{secret}"
over = ["url", "body"]
[credit]
path = "/v1/{login}/credit"
[lookup]
path = "/v1/{login}/messages"
query = { ref = "{ref}" }
[check]
path = "/v1/{login}"
where = { "/account/open" = true, "/gone" = { present = false }, "/name" = { present = true } }
`),
	Exchanges: []byte(`[settings]
login = "town"
secret = "pa55-0123"
sender = "MAIRIE"
callback = "https://relais.example/callbacks/courier/s"
[[request]]
method = "POST"
url = "https://api.courier.example/v1/town/messages"
headers = { X-Key = "pa55-0123", Content-Type = "application/json" }
body = '{"to":"33639980001","from":"MAIRIE","text":"Bonjour","ref":"AZM7XIoBw-fQmobLD1OX","long":false,"report":"https://relais.example/callbacks/courier/s/receipt"}'
[[send]]
status = 201
body = '{"id":1511882900176220,"to":"33639980001"}'
then = "taken"
id = "1511882900176220"
[[send]]
status = 422
body = '{"error":"bad"}'
then = "rejected"
[[send]]
status = 403
body = '{"error":"who"}'
then = "auth"
[[send]]
status = 429
body = '{"error":"slow"}'
headers = { Retry-After = "7" }
then = "throttled"
[[send]]
status = 402
body = '{"error":"poor"}'
then = "credit"
[[credit]]
status = 200
body = '{"left":41}'
[[lookup]]
status = 200
body = '{"messages":[{"id":1511882900176220,"ref":"AZM7XIoBw-fQmobLD1OX"}]}'
then = "found"
id = "1511882900176220"
[[lookup]]
status = 200
body = '{"messages":[]}'
then = "unknown"
[[push]]
path = "/receipt"
body = '{"id":1511882900176220,"to":"33639980001","state":"ok","when":1}'
then = "delivered"
id = "1511882900176220"
[[push]]
path = "/receipt"
body = '{"id":1511882900176220,"state":"no"}'
then = "undelivered"
reason = "unknown"
[[push]]
path = "/reply"
body = '{"id":77,"from":"33639980001","text":"Oui","of":1511882900176220}'
then = "reply"
id = "77"
text = "Oui"
`),
}

func courierCall(t *testing.T, s *Server, method, path, body string, header http.Header) (status int, answer string) {
	t.Helper()
	r, err := http.NewRequestWithContext(t.Context(), method, s.URL()+"/operator/courier"+path, strings.NewReader(body))
	if err != nil {
		t.Fatal(err)
	}
	maps.Copy(r.Header, header)
	got, err := http.DefaultClient.Do(r)
	if err != nil {
		t.Fatal(err)
	}
	defer got.Body.Close()
	text, err := io.ReadAll(got.Body)
	if err != nil {
		t.Fatal(err)
	}
	return got.StatusCode, string(text)
}

const courierAsks = `{"to":"33639980142","from":"ECOLE","text":"Réunion","ref":"BZM7XIoBw-fQmobLD1OX","long":false}`

func courierLetsIn(change func(http.Header)) http.Header {
	h := http.Header{"X-Key": {"pa55-0123"}, "Content-Type": {"application/json"}}
	change(h)
	return h
}

// An operator that is played from its exchanges takes what its documents have, and nothing else.
func TestAnOperatorIsPlayedFromItsExchanges(t *testing.T) {
	s := start(t, Options{Declared: []declared.Source{courier}})
	for _, tc := range []struct {
		name, path, body string
		change           func(http.Header)
		status           int
		answer           string
	}{
		{"as its documents have it", "/v1/town/messages", courierAsks, func(http.Header) {}, 201, `{"id":1511882000000001,"to":"33639980142"}`},
		{"without what may be left out", "/v1/town/messages", `{"to":"33639980143","text":"a"}`, func(http.Header) {}, 201, `{"id":1511882000000002,"to":"33639980143"}`},
		{"with another key", "/v1/town/messages", courierAsks, func(h http.Header) { h.Set("X-Key", "x") }, 403, `{"error":"who"}`},
		{"for another account", "/v1/village/messages", courierAsks, func(http.Header) {}, 404, ""},
		{"with a field that nobody documented", "/v1/town/messages", strings.Replace(courierAsks, `"ref"`, `"reference"`, 1), func(http.Header) {}, 422, `{"error":"bad"}`},
		{"with a text where a boolean stands", "/v1/town/messages", strings.Replace(courierAsks, "false", `"false"`, 1), func(http.Header) {}, 422, ""},
		{"with a number of another form", "/v1/town/messages", strings.Replace(courierAsks, `"336`, `"06`, 1), func(http.Header) {}, 422, ""},
		{"without a text", "/v1/town/messages", `{"to":"33639980143"}`, func(http.Header) {}, 422, ""},
		{"as a form", "/v1/town/messages", "to=33639980142&text=a", func(h http.Header) { h.Set("Content-Type", "application/x-www-form-urlencoded") }, 422, ""},
	} {
		t.Run(tc.name, func(t *testing.T) {
			status, answer := courierCall(t, s, http.MethodPost, tc.path, tc.body, courierLetsIn(tc.change))
			if status != tc.status || tc.answer != "" && answer != tc.answer {
				t.Errorf("%d %s, want %d %s", status, answer, tc.status, tc.answer)
			}
		})
	}
	got := s.Handset("+33639980142")
	if len(got) != 1 || got[0].Text != "Réunion" || got[0].From != "ECOLE" || got[0].Reference != "BZM7XIoBw-fQmobLD1OX" || got[0].OperatorID != "1511882000000001" {
		t.Errorf("on the handset: %+v", got)
	}
	for _, tc := range []struct{ name, path, answer string }{
		{"the credit", "/v1/town/credit", `{"left":41}`},
		{"a reference that it took", "/v1/town/messages?ref=BZM7XIoBw-fQmobLD1OX", `{"messages":[{"id":1511882000000001,"ref":"BZM7XIoBw-fQmobLD1OX"}]}`},
		{"another one", "/v1/town/messages?ref=CZM7XIoBw-fQmobLD1OX", `{"messages":[]}`},
		{"whether the key works", "/v1/town", `{"account":{"open":true},"name":"x"}`},
	} {
		if _, answer := courierCall(t, s, http.MethodGet, tc.path, "", courierLetsIn(func(http.Header) {})); answer != tc.answer {
			t.Errorf("%s: %s, want %s", tc.name, answer, tc.answer)
		}
	}
}

func hmacHex(key, text string) string {
	mac := hmac.New(sha256.New, []byte(key))
	io.WriteString(mac, text)
	return hex.EncodeToString(mac.Sum(nil))
}

// What it pushes has the message's own values, the time, and the operator's signature.
func TestAPlayedOperatorPushes(t *testing.T) {
	s := start(t, Options{Declared: []declared.Source{courier}})
	now := time.Date(2026, 3, 1, 10, 0, 0, 0, time.UTC)
	s.SetClock(now)
	type pushed struct{ path, body, signature string }
	came := make(chan pushed, 10)
	listening := httptest.NewServer(http.HandlerFunc(func(_ http.ResponseWriter, r *http.Request) {
		body, err := io.ReadAll(r.Body)
		if err != nil {
			t.Error(err)
		}
		came <- pushed{r.URL.String(), string(body), r.Header.Get("X-Sig")}
	}))
	t.Cleanup(listening.Close)
	customer := listening.URL
	s.Operator("courier").SetCallback(customer + "/account")
	courierCall(t, s, http.MethodPost, "/v1/town/messages", strings.Replace(courierAsks, `"long":false`, `"report":"`+customer+`/mine"`, 1),
		courierLetsIn(func(http.Header) {}))
	got := <-came
	want := fmt.Sprintf(`{"id":1511882000000001,"state":"ok","to":"33639980142","when":%d}`, now.Unix())
	if got.path != "/mine" || got.body != want || got.signature != hmacHex("pa55-0123", customer+"/mine"+want) {
		t.Errorf("the receipt: %+v", got)
	}
	if err := s.Reply("+33639980142", "", "Merci & à demain"); err != nil {
		t.Fatal(err)
	}
	got = <-came
	want = `{"from":"33639980142","id":102,"of":1511882000000001,"text":"Merci & à demain"}`
	if got.path != "/account/reply" || got.body != want || got.signature != hmacHex("pa55-0123", customer+"/account/reply"+want) {
		t.Errorf("the reply: %+v", got)
	}
}

// Its refusals are its own.
func TestFaultsOfAPlayedOperator(t *testing.T) {
	s := start(t, Options{Declared: []declared.Source{courier}})
	for _, tc := range []struct {
		kind   string
		status int
		answer string
	}{
		{world.FaultThrottle, 429, `{"error":"slow"}`},
		{world.FaultNoCredit, 402, `{"error":"poor"}`},
		{world.FaultHTTP500, 500, "<h1>"},
		{world.FaultHTTP503, 503, "<h1>"},
	} {
		if err := s.SetFault(world.Fault{Operator: "courier", Kind: tc.kind}); err != nil {
			t.Fatal(err)
		}
		status, answer := courierCall(t, s, http.MethodPost, "/v1/town/messages", courierAsks, courierLetsIn(func(http.Header) {}))
		if status != tc.status || !strings.Contains(answer, tc.answer) {
			t.Errorf("%s: %d %s", tc.kind, status, answer)
		}
	}
	if n := len(s.Handset("+33639980142")); n != 0 {
		t.Errorf("%d texts on the handset", n)
	}
	if err := s.SetFault(world.Fault{Operator: "carrier", Kind: world.FaultHTML}); err == nil {
		t.Error("an operator that is not there takes an order")
	}
	if stats := s.Stats().Declared["courier"]; stats.Calls != 4 || stats.Faults != 4 || stats.Accepted != 0 {
		t.Errorf("counted: %+v", stats)
	}
}

func TestOperatorsThatCannotBePlayed(t *testing.T) {
	for name, source := range map[string]declared.Source{
		"no TOML":         {Name: "a", Declaration: []byte("x"), Exchanges: courier.Exchanges},
		"no request":      {Name: "a", Declaration: courier.Declaration, Exchanges: []byte("[settings]\n")},
		"no yes":          {Name: "a", Declaration: courier.Declaration, Exchanges: []byte("[[request]]\nmethod = \"POST\"\nurl = \"https://a.example/\"\n")},
		"the name of OVH": {Name: "ovh", Declaration: courier.Declaration, Exchanges: courier.Exchanges},
	} {
		if s, err := Start(Options{Listen: "127.0.0.1:0", Declared: []declared.Source{source}}); err == nil {
			s.Close()
			t.Errorf("%s: it starts", name)
		}
	}
}
