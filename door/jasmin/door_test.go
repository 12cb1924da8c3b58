package jasmin_test

import (
	"encoding/hex"
	"encoding/json"
	"net/http"
	"net/url"
	"regexp"
	"strings"
	"testing"
	"time"

	"relais/auth"
	"relais/gsm"
	"relais/sms"
)

var success = regexp.MustCompile(`^Success "[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}"$`)

// TestWhatIsSent reads each argument of a message.
func TestWhatIsSent(t *testing.T) {
	h := open(t)
	arabic := string([]rune{0x623, 0x631, 0x646, 0x628})
	for _, tc := range []struct {
		name   string
		fields url.Values
		check  func(*sms.Message) bool
	}{
		{"the least", good(), func(m *sms.Message) bool {
			return m.To == "+33639980001" && m.Text == "Bonjour" && m.Metadata["jasmin-user"] == "town" && m.Actor == "jasmin:town"
		}},
		{"with a plus", good("to", "+33639980001"), func(m *sms.Message) bool { return m.To == "+33639980001" }},
		{"national", good("to", "0639980001"), func(m *sms.Message) bool { return m.To == "+33639980001" }},
		{"from", good("from", "Piscine"), func(m *sms.Message) bool { return m.Sender == "Piscine" }},
		{"of a user with settings", good("username", "fixed"), func(m *sms.Message) bool {
			return m.Sender == "Mairie" && m.Connector == "sfr" && m.Class == sms.Marketing
		}},
		{"urgent", good("priority", "3"), func(m *sms.Message) bool { return m.Class == sms.OTP }},
		{"less urgent", good("priority", "2"), func(m *sms.Message) bool { return m.Class == sms.Transactional }},
		{"tags", good("tags", "rdv,piscine"), func(m *sms.Message) bool { return m.Metadata["jasmin-tags"] == "rdv,piscine" }},
		{"beyond GSM", good("content", "Привет 🎉", "coding", "0"), func(m *sms.Message) bool { return m.Text == "Привет 🎉" }},
		{"octets of UCS2", good("content", string(gsm.EncodeUCS2(arabic)), "coding", "8"), func(m *sms.Message) bool { return m.Text == arabic }},
		{"hexadecimal", good("content", "", "hex-content", "0623063106460628", "coding", "8"), func(m *sms.Message) bool { return m.Text == arabic }},
		{"a pair", good("content", "", "hex-content", hex.EncodeToString(gsm.EncodeUCS2("🎉")), "coding", "8"), func(m *sms.Message) bool { return m.Text == "🎉" }},
		{"validity", good("validity-period", "60"), func(m *sms.Message) bool { return m.ExpiresAt.Sub(m.DueAt).Round(time.Minute) == time.Hour }},
		{"a span until it is due", good("sdt", "000001000000000R"), func(m *sms.Message) bool { return m.DueAt.Sub(m.AcceptedAt).Round(time.Minute) == 24*time.Hour }},
		{"receipts", good("dlr-url", "https://town.example/dlr?x=1"), func(m *sms.Message) bool {
			return m.Metadata["jasmin-dlr-url"] == "https://town.example/dlr?x=1" && m.Metadata["jasmin-dlr-level"] == "1" && m.Metadata["jasmin-dlr-method"] == "POST"
		}},
		{"receipts of all levels", good("dlr", "yes", "dlr-url", "https://town.example/", "dlr-level", "3", "dlr-method", "get"), func(m *sms.Message) bool {
			return m.Metadata["jasmin-dlr-level"] == "3" && m.Metadata["jasmin-dlr-method"] == "GET"
		}},
		{"receipts without an address", good("dlr", "yes"), func(m *sms.Message) bool { return m.Metadata["jasmin-dlr-level"] == "" }},
	} {
		t.Run(tc.name, func(t *testing.T) {
			if got := h.get(t, "/send", tc.fields); got.status != http.StatusOK || !success.MatchString(got.body) {
				t.Fatalf("%d %s", got.status, got.body)
			}
			if m := h.last(t); !tc.check(m) {
				t.Errorf("%+v", m)
			}
		})
	}
}

// TestWaysToSay sends the same by each way of the two APIs.
func TestWaysToSay(t *testing.T) {
	h := open(t)
	form, typeOf := good().Encode(), func(kind string) http.Header { return http.Header{"Content-Type": {kind}} }
	object := `{"username":"town","password":"` + password + `","to":33639980001,"content":"Bonjour"}`
	for name, ask := range map[string]func() *reply{
		"GET":         func() *reply { return h.do(t, http.MethodGet, "/send?"+form, "", nil) },
		"POST, query": func() *reply { return h.do(t, http.MethodPost, "/send?"+form, "", nil) },
		"POST, form": func() *reply {
			return h.do(t, http.MethodPost, "/send", form, typeOf("application/x-www-form-urlencoded"))
		},
		"POST, JSON": func() *reply { return h.do(t, http.MethodPost, "/send", object, typeOf("application/json")) },
		"REST": func() *reply {
			return h.rest(t, http.MethodPost, "/secure/send", `{"to":33639980001,"content":"Bonjour"}`)
		},
		"REST, no type": func() *reply {
			return h.rest(t, http.MethodPost, "/secure/send", `{"to":"33639980001","content":"Bonjour","dlr_level":3,"tags":null}`, "Content-Type", "")
		},
		"REST, UCS2": func() *reply {
			return h.rest(t, http.MethodPost, "/secure/send", `{"to":"33639980001","content":"Bonjour","coding":8}`)
		},
	} {
		before, got := len(h.stored(t, "town")), ask()
		said := got.body
		if strings.HasPrefix(name, "REST") {
			var shown struct{ Data string }
			if err := json.Unmarshal([]byte(got.body), &shown); err != nil {
				t.Fatalf("%s: %s", name, got.body)
			}
			said = shown.Data
		}
		if got.status != http.StatusOK || !success.MatchString(said) || len(h.stored(t, "town")) != before+1 || h.last(t).Text != "Bonjour" {
			t.Errorf("%s: %d %s", name, got.status, got.body)
		}
	}
}

// TestRefusalsAreInJasminsWords compares status and words.
func TestRefusalsAreInJasminsWords(t *testing.T) {
	h := open(t)
	for _, tc := range []struct {
		fields url.Values
		status int
		want   string // how it begins
	}{
		{url.Values{}, 400, "Mandatory arguments not found, please refer to the HTTPAPI specifications."},
		{good("username", ""), 400, "Mandatory argument [username] is not found."},
		{good("password", ""), 400, "Mandatory argument [password] is not found."},
		{good("password", "x"), 403, "Authentication failure for username:town"},
		{good("username", "nobody"), 403, "Authentication failure for username:nobody"},
		{good("username", "shut"), 403, "Authentication failure for username:shut"},
		{good("username", "empty", "password", " "), 403, "Authentication failure for username:empty"},
		{good("to", ""), 400, "Mandatory argument [to] is not found."},
		{good("bogus", "1"), 400, "Argument [bogus] is unknown."},
		{good("to", "abc"), 400, "Argument [to] has an invalid value: [abc]."},
		{good("to", "12"), 400, "Argument [to] has an invalid value. "},
		{good("to", "+33139980001"), 403, "Value filter failed for user [town] (destination_address filter mismatch). "},
		{good("from", "MairieDeTresLoin"), 403, "Value filter failed for user [town] (source_address filter mismatch). "},
		{good("content", ""), 400, "content or hex-content not present."},
		{good("hex-content", "00"), 400, "content and hex-content cannot be used both in same request."},
		{good("content", "", "hex-content", "zz", "coding", "8"), 400, "Invalid hex-content data: 'zz'"},
		{good("content", "", "hex-content", "0041"), 400, "Argument [hex-content] has an invalid value: [0041]. "},
		{good("content", "", "hex-content", "d83c", "coding", "8"), 400, "Argument [content] has an invalid value: […]. With coding 8"},
		{good("coding", "4"), 400, "Argument [coding] has an invalid value: [4]. Want 0, or 8"},
		{good("coding", "11"), 400, "Argument [coding] has an invalid value: [11]."},
		{good("content", "\xff"), 400, "Argument [content] has an invalid value: […]. Want UTF-8"},
		{good("content", "a\x00b"), 400, "Argument [content] has an invalid value. "},
		{good("content", strings.Repeat("a", 5000)), 400, "Argument [content] has an invalid value. "},
		{good("priority", "4"), 400, "Argument [priority] has an invalid value: [4]."},
		{good("sdt", "tomorrow"), 400, "Argument [sdt] has an invalid value: [tomorrow]."},
		{good("sdt", "261345000000000+"), 400, "Argument [sdt] has an invalid value: [261345000000000+]. There is no such moment."},
		{good("sdt", "991231000000000+"), 400, "Argument [sdt] has an invalid value. "},
		{good("validity-period", "0"), 400, "Argument [validity-period] has an invalid value: [0]. "},
		{good("validity-period", "100000"), 400, "Argument [validity-period] has an invalid value. "},
		{good("dlr", "maybe"), 400, "Argument [dlr] has an invalid value: [maybe]."},
		{good("dlr-level", "4"), 400, "Argument [dlr-level] has an invalid value: [4]."},
		{good("dlr-method", "PUT"), 400, "Argument [dlr-method] has an invalid value: [PUT]."},
		{good("dlr-url", "ftp://x"), 400, "Argument [dlr-url] has an invalid value: [ftp://x]."},
		{good("dlr-url", "http://127.0.0.1/"), 400, "Argument [dlr-url] has an invalid value. "},
		{good("tags", "a b"), 400, "Argument [tags] has an invalid value: [a b]."},
		{good("custom_tlvs", "[[1]]"), 400, "Argument [custom_tlvs] has an invalid value"},
	} {
		got := h.get(t, "/send", tc.fields)
		if got.status != tc.status || !strings.HasPrefix(got.body, `Error "`+tc.want) || !strings.HasSuffix(got.body, `"`) || strings.Count(got.body, `"`) != 2 {
			t.Errorf("%v: %d %s, want %d %s", tc.fields, got.status, got.body, tc.status, tc.want)
		}
	}
	if n := len(h.stored(t, "town")); n != 0 {
		t.Errorf("%d are stored", n)
	}
	if all, err := h.store.Endpoints(t.Context(), "town"); err != nil || len(all) != 0 {
		t.Errorf("%d endpoints of refused messages, %v", len(all), err)
	}
}

// TestQuestions asks for ping, balance and rate by both APIs.
func TestQuestions(t *testing.T) {
	h := open(t)
	login := url.Values{"username": {"town"}, "password": {password}}
	question := good("content", "")
	for _, tc := range []struct {
		got  *reply
		want string
	}{
		{h.do(t, http.MethodGet, "/ping", "", nil), "Jasmin/PONG"},
		{h.do(t, http.MethodGet, "/ping", "", http.Header{"Accept": {"application/json"}}), `{"data":"Jasmin/PONG"}`},
		{h.get(t, "/balance", login), `{"balance":"ND","sms_count":"ND"}`},
		{h.rest(t, http.MethodGet, "/secure/balance", ""), `{"data":{"balance":"ND","sms_count":"ND"}}`},
		{h.get(t, "/rate", question), `{"submit_sm_count":1,"unit_rate":0}`},
		{h.get(t, "/rate", good("content", strings.Repeat("a", 161))), `{"submit_sm_count":2,"unit_rate":0}`},
		{h.rest(t, http.MethodGet, "/secure/rate?to=33639980001", ""), `{"data":{"submit_sm_count":1,"unit_rate":0}}`},
		{h.rest(t, http.MethodGet, "/secure/rate", `{"to":33639980001,"content":"`+strings.Repeat("é€", 100)+`"}`), `{"data":{"submit_sm_count":2,"unit_rate":0}}`},
	} {
		if tc.got.status != http.StatusOK || tc.got.body != tc.want {
			t.Errorf("%d %s, want %s", tc.got.status, tc.got.body, tc.want)
		}
	}
	for _, tc := range []struct {
		got    *reply
		status int
		want   string
	}{
		{h.get(t, "/balance", good()), 400, `"Argument [content] is unknown."`},
		{h.get(t, "/rate", login), 400, `"Mandatory argument [to] is not found."`},
		{h.get(t, "/balance", url.Values{"username": {"town"}, "password": {"x"}}), 403, `"Authentication failure for username:town"`},
		{h.rest(t, http.MethodGet, "/secure/balance", "", "Authorization", ""), 401, `{"description":"Please provide a valid Basic auth token","message":"Please provide a valid Basic auth token","title":"Authentication required"}`},
		{h.rest(t, http.MethodGet, "/secure/balance", "", "Authorization", basic("town", "x")), 401, `{"description":"Please provide a valid Basic auth token","message":"Please provide a valid Basic auth token","title":"Authentication required"}`},
		{h.rest(t, http.MethodPost, "/secure/send", `{"to":"abc","content":"x"}`), 400, `{"message":"Error \"Argument [to] has an invalid value: [abc].\""}`},
		{h.rest(t, http.MethodPost, "/secure/send", `[]`), 412, `{"description":"Got unparseable json data: want one object, in UTF-8.","message":"Got unparseable json data: want one object, in UTF-8.","title":"Cannot parse JSON data"}`},
	} {
		if tc.got.status != tc.status || tc.got.body != tc.want {
			t.Errorf("%d %s, want %d %s", tc.got.status, tc.got.body, tc.status, tc.want)
		}
	}
	if n := len(h.stored(t, "town")); n != 0 {
		t.Errorf("%d are stored", n)
	}
}

// TestKeysStandForUsers has API keys with limits.
func TestKeysStandForUsers(t *testing.T) {
	h := open(t)
	reads := h.key(t, "town", auth.KeyLimits{Rights: []auth.KeyRight{auth.KeyRead}})
	bound := h.key(t, "town", auth.KeyLimits{Rights: []auth.KeyRight{auth.KeySend}, Senders: []sms.Sender{"Piscine"}, Connectors: []string{"sfr"}})
	over := h.key(t, "town", auth.KeyLimits{Until: time.Now().Add(-time.Hour)})
	of := func(key string, change ...string) url.Values {
		return good(append([]string{"username", "forms", "password", key}, change...)...)
	}
	for _, tc := range []struct {
		name   string
		got    *reply
		status int
		want   string
	}{
		{"may not send", h.get(t, "/send", of(reads)), 403, `Error "Authorization failed for user [forms] (`},
		{"may read", h.get(t, "/balance", of(reads, "to", "", "content", "")), 200, `{"balance"`},
		{"may not read", h.get(t, "/balance", of(bound, "to", "", "content", "")), 403, `"Authorization failed for user [forms] (`},
		{"another name", h.get(t, "/send", of(bound, "username", "door")), 403, `Error "Authentication failure for username:door`},
		{"another sender", h.get(t, "/send", of(bound, "from", "Mairie")), 403, `Error "Authorization failed for user [forms] (`},
		{"its sender", h.get(t, "/send", of(bound, "from", "Piscine")), 200, `Success "`},
		{"over", h.get(t, "/send", of(over)), 403, `Error "Authentication failure for username:forms`},
		{"by Basic", h.rest(t, http.MethodPost, "/secure/send", `{"to":33639980001,"content":"x","from":"Piscine"}`, "Authorization", basic("forms", bound)), 200, `{"data":"Success \"`},
	} {
		if tc.got.status != tc.status || !strings.HasPrefix(tc.got.body, tc.want) {
			t.Errorf("%s: %d %s", tc.name, tc.got.status, tc.got.body)
		}
	}
	for _, m := range h.stored(t, "town") {
		if m.Connector != "sfr" || m.Actor != "jasmin:forms" {
			t.Errorf("%+v", m)
		}
	}
}

// TestRepeats: the same key makes one message, though it would be refused by now.
func TestRepeats(t *testing.T) {
	h := open(t)
	keyed := http.Header{"Idempotency-Key": {"order-7"}}
	at := time.Now().Add(time.Hour).UTC().Format("060102150405") + "000+"
	path := "/send?" + good("sdt", at).Encode()
	first := h.do(t, http.MethodGet, path, "", keyed)
	for range 3 {
		again := h.do(t, http.MethodGet, path, "", keyed)
		if again.status != http.StatusOK || again.body != first.body || again.header.Get("Idempotency-Replayed") != "true" {
			t.Errorf("%d %s, first %s", again.status, again.body, first.body)
		}
	}
	if got := h.do(t, http.MethodGet, "/send?"+good().Encode(), "", keyed); got.status != http.StatusConflict {
		t.Errorf("another request: %d %s", got.status, got.body)
	}
	if got := h.do(t, http.MethodGet, "/send?"+good().Encode(), "", http.Header{"Idempotency-Key": {"a b"}}); got.status != http.StatusBadRequest {
		t.Errorf("no key: %d %s", got.status, got.body)
	}
	if n := len(h.stored(t, "town")); n != 1 {
		t.Errorf("%d are stored", n)
	}
}

// TestLimitsInJasminsWords has a quota that is used up, and a database that is down.
func TestLimitsInJasminsWords(t *testing.T) {
	h := open(t)
	if err := h.store.Close(); err != nil {
		t.Fatal(err)
	}
	got := h.get(t, "/send", good())
	if got.status != http.StatusServiceUnavailable || !strings.HasPrefix(got.body, `Error "Cannot send submit_sm, `) || got.header.Get("Retry-After") == "" {
		t.Errorf("store down: %d %s", got.status, got.body)
	}
	if got := h.rest(t, http.MethodPost, "/secure/sendbatch", `{"messages":[{"to":33639980001,"content":"x"}]}`); got.status != http.StatusServiceUnavailable {
		t.Errorf("store down, batch: %d %s", got.status, got.body)
	}
}
