package smsgate_test

import (
	"encoding/json"
	"fmt"
	"net/http"
	"strings"
	"testing"
	"time"

	"github.com/golang-jwt/jwt/v5"

	"relais/auth"
	"relais/sms"
)

// TestSendAndFollow sends to three people under one id, reads it back, lists and cancels it.
func TestSendAndFollow(t *testing.T) {
	h := open(t)
	body := `{"id":"order-7","textMessage":{"text":"Bonjour"},"phoneNumbers":["+33639980001","0639980002","33639980003"],"simNumber":1,"withDeliveryReport":true}`
	body = strings.Replace(body, `"33639980003"`, `"+33639980003"`, 1)
	got := h.ask(t, http.MethodPost, "message?skipPhoneValidation=true", body)
	m := got.shown(t)
	if got.status != http.StatusAccepted || m.ID != "order-7" || m.State != "Pending" || len(m.Recipients) != 3 || m.States["Pending"] == "" || len(m.DeviceID) != 21 ||
		got.header.Get("Location") != "/3rdparty/v1/messages/order-7" {
		t.Fatalf("%d %s", got.status, got.body)
	}
	for _, again := range []string{body, good(`"id":"order-7"`)} {
		if got := h.ask(t, http.MethodPost, "messages", again); got.status != http.StatusConflict || got.shown(t).Message != "duplicate id" {
			t.Errorf("again: %d %s", got.status, got.body)
		}
	}
	if got := h.ask(t, http.MethodPost, "messages", good(`"id":"order-7"`), "Authorization", basic("other", "another password")); got.status != http.StatusAccepted {
		t.Errorf("another account's id: %d %s", got.status, got.body)
	}
	for i, path := range []string{"message/order-7", "messages/order-7"} {
		got := h.ask(t, http.MethodGet, path, "")
		if m := got.shown(t); got.status != http.StatusOK || len(m.Recipients) != 3 || m.Recipients[1].PhoneNumber != "+33639980002" || m.Recipients[2].State != "Pending" {
			t.Errorf("%d: %d %s", i, got.status, got.body)
		}
	}
	for _, stored := range h.stored(t, "town") {
		if stored.Reference != "order-7" || stored.Actor != "smsgate:town" {
			t.Errorf("%+v", stored)
		}
	}
	got = h.ask(t, http.MethodDelete, "messages/order-7", "")
	if m := got.shown(t); got.status != http.StatusOK || m.State != "Failed" || m.Recipients[0].Error == nil {
		t.Errorf("canceled: %d %s", got.status, got.body)
	}
	if got := h.ask(t, http.MethodDelete, "messages/order-7", ""); got.status != http.StatusConflict {
		t.Errorf("canceled twice: %d %s", got.status, got.body)
	}
}

// TestWhatIsSent reads each field of a message.
func TestWhatIsSent(t *testing.T) {
	h := open(t)
	later := time.Now().Add(2 * time.Hour).UTC().Format(time.RFC3339)
	for _, tc := range []struct {
		name, body string
		check      func(*sms.Message) bool
	}{
		{"the old way", `{"message":"Bonjour","phoneNumbers":["+33639980001"]}`, func(m *sms.Message) bool { return m.Text == "Bonjour" }},
		{"ttl", good(`"ttl":3600`), func(m *sms.Message) bool { return m.ExpiresAt.Sub(m.AcceptedAt).Round(time.Minute) == time.Hour }},
		{"validUntil", good(`"validUntil":"` + later + `"`), func(m *sms.Message) bool { return m.ExpiresAt.Sub(m.AcceptedAt).Round(time.Minute) == 2*time.Hour }},
		{"scheduleAt", good(`"scheduleAt":"` + later + `"`), func(m *sms.Message) bool { return m.DueAt.Sub(m.AcceptedAt).Round(time.Minute) == 2*time.Hour }},
		{"urgent", good(`"priority":100`), func(m *sms.Message) bool { return m.Class == sms.OTP }},
		{"less urgent", good(`"priority":99`), func(m *sms.Message) bool { return m.Class == sms.Transactional }},
		{"nulls", good(`"id":null,"ttl":null,"simNumber":null,"dataMessage":null,"deviceId":""`), func(m *sms.Message) bool { return m.Metadata["smsgate-id"] == m.Reference }},
	} {
		if got := h.ask(t, http.MethodPost, "messages", tc.body); got.status != http.StatusAccepted {
			t.Fatalf("%s: %d %s", tc.name, got.status, got.body)
		}
		if m := h.last(t); !tc.check(m) {
			t.Errorf("%s: %+v", tc.name, m)
		}
	}
	if got := h.ask(t, http.MethodPost, "messages", good(""), "Authorization", basic("fixed", password)); got.status != http.StatusAccepted || h.last(t).Sender != "Mairie" || h.last(t).Connector != "sfr" {
		t.Errorf("%d %s", got.status, got.body)
	}
}

// TestRefusals compares status and words.
func TestRefusals(t *testing.T) {
	h := open(t)
	for _, tc := range []struct {
		body   string
		status int
		want   string
	}{
		{`{"phoneNumbers":["+33639980001"]}`, 400, "validation failed: must specify exactly one of"},
		{good(`"message":"x"`), 400, "conflict fields: must specify exactly one of"},
		{`{"textMessage":{"text":"x"}}`, 400, "validation failed: want 1 to 100 phoneNumbers"},
		{`{"textMessage":{"text":"x"},"phoneNumbers":[` + strings.Repeat(`"+33639980001",`, 100) + `"+33639980001"]}`, 400, "validation failed: want 1 to 100 phoneNumbers"},
		{`{"textMessage":{"text":""},"phoneNumbers":["+33639980001"]}`, 400, ""},
		{`{"textMessage":{"text":"x"},"phoneNumbers":["+33639980001","12"]}`, 400, "phoneNumbers[1]: "},
		{`{"textMessage":{"text":"x"},"phoneNumbers":["+33139980001"]}`, 400, ""},
		{good(`"isEncrypted":true`), 400, "isEncrypted cannot be honoured"},
		{good(`"dataMessage":{"data":"AAAA","port":1}`), 400, "dataMessage cannot be sent"},
		{good(`"mmsMessage":{}`), 400, "mmsMessage cannot be sent"},
		{good(`"ttl":60,"validUntil":"2099-01-01T00:00:00Z"`), 400, "conflict fields: ttl and validUntil"},
		{good(`"ttl":4`), 400, "validation failed: ttl"},
		{good(`"validUntil":"2020-01-01T00:00:00Z"`), 400, "validation failed: it would be over"},
		{good(`"scheduleAt":"2020-01-01T00:00:00Z"`), 400, "validation failed: scheduleAt must be in the future"},
		{good(`"priority":128`), 400, "validation failed: priority"},
		{good(`"simNumber":4`), 400, "validation failed: simNumber"},
		{good(`"deviceId":"PyDmBQZZXYmyxMwED8Fzy"`), 400, "device not found"},
		{good(`"id":"` + strings.Repeat("a", 37) + `"`), 400, "validation failed: id"},
		{good(`"ttl":"60"`), 400, "failed to parse body"},
		{`[]`, 400, "failed to parse body"},
	} {
		got := h.ask(t, http.MethodPost, "messages", tc.body)
		if m := got.shown(t); got.status != tc.status || m.Code != tc.status || m.Message == "" || !strings.HasPrefix(m.Message, tc.want) {
			t.Errorf("%s: %d %s, want %d %s", tc.body[:min(len(tc.body), 80)], got.status, got.body, tc.status, tc.want)
		}
	}
	if n := len(h.stored(t, "town")); n != 0 {
		t.Errorf("%d are stored", n)
	}
	if err := h.store.Close(); err != nil {
		t.Fatal(err)
	}
	for _, body := range []string{good(""), good(`"id":"order-8"`)} {
		if got := h.ask(t, http.MethodPost, "messages", body); got.status != http.StatusServiceUnavailable || got.header.Get("Retry-After") == "" {
			t.Errorf("store down: %d %s", got.status, got.body)
		}
	}
}

// TestRepeats: the header makes one message of a request that has no id.
func TestRepeats(t *testing.T) {
	h := open(t)
	body := good(`"scheduleAt":"` + time.Now().Add(time.Hour).UTC().Format(time.RFC3339) + `"`)
	first := h.ask(t, http.MethodPost, "messages", body, "Idempotency-Key", "order-7").shown(t)
	for range 3 {
		again := h.ask(t, http.MethodPost, "messages", body, "Idempotency-Key", "order-7")
		if again.status != http.StatusAccepted || again.shown(t).ID != first.ID || again.header.Get("Idempotency-Replayed") != "true" {
			t.Errorf("%d %s", again.status, again.body)
		}
	}
	if got := h.ask(t, http.MethodPost, "messages", good(""), "Idempotency-Key", "order-7"); got.status != http.StatusConflict {
		t.Errorf("another body: %d %s", got.status, got.body)
	}
	if n := len(h.stored(t, "town")); n != 1 {
		t.Errorf("%d are stored", n)
	}
}

func TestList(t *testing.T) {
	h := open(t)
	for i := range 5 {
		body := fmt.Sprintf(`{"id":"order-%d","textMessage":{"text":"Text %d"},"phoneNumbers":["+33639980001","+33639980002"]}`, i, i)
		if got := h.ask(t, http.MethodPost, "messages", body); got.status != http.StatusAccepted {
			t.Fatalf("%d %s", got.status, got.body)
		}
	}
	h.ask(t, http.MethodDelete, "messages/order-2", "")
	day := time.Now().Add(24 * time.Hour).UTC().Format(time.RFC3339)
	for query, want := range map[string]string{
		"":                                 "5: order-4 order-3 order-2 order-1 order-0",
		"limit=2":                          "5: order-4 order-3",
		"limit=2&offset=4":                 "5: order-0",
		"offset=100":                       "5: ",
		"sort=created_at&limit=1":          "5: order-0",
		"state=Failed":                     "1: order-2",
		"state=Delivered":                  "0: ",
		"from=" + day:                      "0: ",
		"to=" + day + "&limit=1":           "5: order-4",
		"deviceId=" + "x":                  "0: ",
		"includeContent=true&state=Failed": "1: order-2",
	} {
		got := h.ask(t, http.MethodGet, "messages?"+query, "")
		var list []shown
		if err := json.Unmarshal([]byte(got.body), &list); err != nil {
			t.Fatalf("%s: %d %s", query, got.status, got.body)
		}
		var ids []string
		for _, m := range list {
			ids = append(ids, m.ID)
			if len(m.Recipients) != 2 || (m.TextMessage != nil) != strings.Contains(query, "includeContent") {
				t.Errorf("%s: %+v", query, m)
			}
		}
		if said := got.header.Get("X-Total-Count") + ": " + strings.Join(ids, " "); said != want {
			t.Errorf("%s: %q, want %q", query, said, want)
		}
	}
}

// TestTokens: a token may what its scopes say, and no more than who asked for it.
func TestTokens(t *testing.T) {
	h := open(t)
	type issued struct {
		ID           string `json:"id"`
		AccessToken  string `json:"access_token"`
		RefreshToken string `json:"refresh_token"`
		TokenType    string `json:"token_type"`
		ExpiresAt    string `json:"expires_at"`
	}
	ask := func(body string, header ...string) (token issued, status int) {
		t.Helper()
		got := h.ask(t, http.MethodPost, "auth/token", body, header...)
		if err := json.Unmarshal([]byte(got.body), &token); err != nil {
			t.Fatalf("%d %s", got.status, got.body)
		}
		return token, got.status
	}
	all, status := ask(`{"ttl":3600,"scopes":["all:any"]}`)
	if status != http.StatusCreated || all.TokenType != "Bearer" || all.ID == "" || all.ExpiresAt == "" {
		t.Fatalf("%d %+v", status, all)
	}
	sends, status := ask(`{"scopes":["messages:send"]}`, "Authorization", "Bearer "+all.AccessToken)
	if status != http.StatusCreated {
		t.Fatalf("%d", status)
	}
	refreshed := h.ask(t, http.MethodPost, "auth/token/refresh", "", "Authorization", "Bearer "+sends.RefreshToken)
	if refreshed.status != http.StatusCreated {
		t.Fatalf("%d %s", refreshed.status, refreshed.body)
	}
	end := func(token string) time.Time {
		t.Helper()
		read := jwt.MapClaims{}
		if _, _, err := jwt.NewParser().ParseUnverified(token, read); err != nil {
			t.Fatal(err)
		}
		at, err := read.GetExpirationTime()
		if err != nil || at == nil {
			t.Fatalf("%v %v", at, err)
		}
		return at.Time
	}
	last := end(all.AccessToken)
	made, _ := ask(`{"ttl":604800,"scopes":["all:any"]}`, "Authorization", "Bearer "+all.AccessToken)
	var renewed issued
	got := h.ask(t, http.MethodPost, "auth/token/refresh", "", "Authorization", "Bearer "+all.RefreshToken)
	if err := json.Unmarshal([]byte(got.body), &renewed); err != nil || got.status != http.StatusCreated {
		t.Fatalf("%d %s", got.status, got.body)
	}
	for name, token := range map[string]string{
		"refreshes": all.RefreshToken, "made by it": made.AccessToken, "refreshes what it made": made.RefreshToken, "renewed": renewed.AccessToken, "renews again": renewed.RefreshToken,
	} {
		if at := end(token); at.After(last) {
			t.Errorf("the token that %s ends at %v, and what was asked for at %v", name, at, last)
		}
	}
	open, _ := ask(`{"scopes":["all:any"]}`)
	if !end(open.RefreshToken).After(end(open.AccessToken)) {
		t.Error("a token without an end of its own is not refreshed")
	}
	key := h.key(t, "town", auth.KeyLimits{Rights: []auth.KeyRight{auth.KeySend}})
	over := h.key(t, "town", auth.KeyLimits{Until: time.Now().Add(-time.Hour)})
	for _, tc := range []struct {
		name, token, method, path, body string
		want                            int
	}{
		{"all sends", all.AccessToken, "POST", "messages", good(""), 202},
		{"all reads", all.AccessToken, "GET", "messages", "", 200},
		{"all refreshes nothing", all.AccessToken, "POST", "auth/token/refresh", "", 403},
		{"it sends", sends.AccessToken, "POST", "messages", good(""), 202},
		{"it does not read", sends.AccessToken, "GET", "messages", "", 403},
		{"it makes no token", sends.AccessToken, "POST", "auth/token", `{"scopes":["all:any"]}`, 403},
		{"changed", sends.AccessToken + "x", "POST", "messages", good(""), 401},
		{"without a signature", strings.Join(strings.Split(sends.AccessToken, ".")[:2], ".") + ".", "POST", "messages", good(""), 401},
		{"a key that is over is nobody", over, "GET", "devices", "", 401},
		{"a key sends", key, "POST", "messages", good(""), 202},
		{"a key does not read", key, "GET", "messages", "", 403},
		{"a key makes no token", key, "POST", "auth/token", `{"scopes":["all:any"]}`, 403},
	} {
		if got := h.ask(t, tc.method, tc.path, tc.body, "Authorization", "Bearer "+tc.token); got.status != tc.want {
			t.Errorf("%s: %d %s, want %d", tc.name, got.status, got.body, tc.want)
		}
	}
	if got := h.ask(t, http.MethodPost, "messages", good(""), "Authorization", basic("forms", key)); got.status != http.StatusAccepted || h.last(t).Actor != "smsgate:forms" {
		t.Errorf("a key by Basic: %d %s", got.status, got.body)
	}
	for body, want := range map[string]int{`{"scopes":[]}`: 400, `{"ttl":604801,"scopes":["all:any"]}`: 400, `{"scopes":["tokens:refresh"]}`: 403} {
		if _, status := ask(body); status != want {
			t.Errorf("%s: %d, want %d", body, status, want)
		}
	}
}

// TestTheRest are the questions about the telephone that is not there.
func TestTheRest(t *testing.T) {
	h := open(t)
	for _, tc := range []struct {
		method, path string
		status       int
		want         string
	}{
		{"GET", "logs", 200, "[]"},
		{"GET", "settings", 501, "no telephone"},
		{"PATCH", "settings", 501, "no telephone"},
		{"POST", "inbox/export", 501, "no telephone"},
		{"DELETE", "auth/token/x", 501, "no telephone"},
		{"GET", "nothing", 404, "Cannot GET"},
		{"PUT", "messages", 405, "Method Not Allowed"},
		{"GET", "messages/none", 404, "message not found"},
	} {
		if got := h.ask(t, tc.method, tc.path, "{}"); got.status != tc.status || !strings.Contains(got.body, tc.want) {
			t.Errorf("%s %s: %d %s", tc.method, tc.path, got.status, got.body)
		}
	}
	if got := h.do(t, http.MethodGet, "/3rdparty/v1/health", "", nil); got.status != http.StatusOK {
		t.Errorf("health to a stranger: %d", got.status)
	}
	if got := h.do(t, http.MethodPost, "/api/3rdparty/v1/message", good(""), http.Header{"Authorization": {basic("town", password)}}); got.status != http.StatusAccepted {
		t.Errorf("the old base: %d %s", got.status, got.body)
	}
}
