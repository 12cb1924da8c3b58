package kannel_test

import (
	"encoding/json"
	"net/http"
	"strings"
	"testing"
	"time"

	"relais/auth"
	"relais/door/kannel"
	"relais/sms"
)

// post sends a body as JSON, with a key where there is one.
func (h *house) post(t *testing.T, body, key string) (int, string, http.Header) {
	t.Helper()
	r, err := http.NewRequestWithContext(t.Context(), http.MethodPost, h.url, strings.NewReader(body))
	if err != nil {
		t.Fatal(err)
	}
	r.Header.Set("Content-Type", "application/json; charset=utf-8")
	if key != "" {
		r.Header.Set("X-API-Key", key)
	}
	return ask(t, r)
}

// TestKamexJSON: the answer has the id of the message, and what is wrong is said in Kannel's way.
func TestKamexJSON(t *testing.T) {
	for _, tc := range []struct {
		name, body string
		status     int
		want       string
		stored     int
	}{
		{"text", `{"user":"tester","pass":"foobar","to":"+33639980001","from":"Mairie","text":"Bonjour \u00e9 \ud83d\ude00"}`, 202, `{"status":"accepted","message_id":"`, 1},
		{"long names", `{"username":"tester","password":"foobar","to":"33639980001","text":"Bonjour","dlr-mask":"31"}`, 202, `{"status":"accepted"`, 1},
		{"what is not known", `{"user":"tester","pass":"foobar","to":"0639980001","text":"Bonjour","tag":{"a":[1]}}`, 202, `{"status":"accepted"`, 1},
		{"another charset", `{"user":"tester","pass":"foobar","to":"0639980001","text":"été","charset":"ISO-8859-1","coding":2}`, 202, `{"status":"accepted"`, 1},
		{"one is denied", `{"user":"tester","pass":"foobar","to":"0639980001 123","text":"Bonjour"}`, 202, `"denied":["+123"]}`, 1},
		{"wrong password", `{"user":"tester","pass":"x","to":"0639980001","text":"Bonjour"}`, 403, "Authorization failed for sendsms", 0},
		{"nobody", `{"to":"0639980001","text":"Bonjour"}`, 403, "Authorization failed for sendsms", 0},
		{"no receiver", `{"user":"tester","pass":"foobar","text":"Bonjour"}`, 400, "Missing receiver number, rejected", 0},
		{"list of receivers", `{"user":"tester","pass":"foobar","to":["0639980001"],"text":"Bonjour"}`, 400, "rejected: to is neither a text nor a whole number", 0},
		{"null", `{"user":"tester","pass":"foobar","to":"0639980001","text":null}`, 400, "rejected: text is neither", 0},
		{"half a number", `{"user":"tester","pass":"foobar","to":"0639980001","text":"a","dlr-mask":1.5}`, 400, "rejected: dlr-mask is neither", 0},
		{"octets", `{"user":"tester","pass":"foobar","to":"0639980001","text":"a","coding":1}`, 400, "cannot stand in JSON", 0},
		{"octets as Kannel reads numbers", `{"user":"tester","pass":"foobar","to":"0639980001","text":"a","coding":"01x"}`, 400, "cannot stand in JSON", 0},
		{"no header", `{"user":"tester","pass":"foobar","to":"0639980001","text":"a","udh":""}`, 202, `{"status":"accepted"`, 1},
		{"half a pair", `{"user":"tester","pass":"foobar","to":"0639980001","text":"\ud800"}`, 400, "half of a surrogate pair", 0},
		{"no UTF-8", "{\"user\":\"tester\",\"pass\":\"foobar\",\"to\":\"0639980001\",\"text\":\"\xe9\"}", 400, "it is not UTF-8", 0},
		{"list", `[{"user":"tester"}]`, 400, "it is not one object", 0},
		{"nothing", `null`, 400, "it is not one object", 0},
		{"empty", ``, 400, "it is not one object", 0},
		{"two", `{"user":"tester"}{}`, 400, "it is not one object", 0},
	} {
		t.Run(tc.name, func(t *testing.T) {
			h := open(t)
			status, said, header := h.post(t, tc.body, "")
			if status != tc.status || !strings.Contains(said, tc.want) {
				t.Errorf("%d %q, want %d %q", status, said, tc.status, tc.want)
			}
			if kind := header.Get("Content-Type"); (kind == "application/json") != (status == http.StatusAccepted) {
				t.Errorf("the answer is %s", kind)
			}
			stored := h.stored(t)
			if len(stored) != tc.stored {
				t.Fatalf("%d messages, want %d", len(stored), tc.stored)
			}
			var answer struct {
				Message sms.ID `json:"message_id"`
			}
			if tc.stored == 1 && (json.Unmarshal([]byte(said), &answer) != nil || answer.Message != stored[0].ID) {
				t.Errorf("answered %s, stored %s", said, stored[0].ID)
			}
		})
	}
}

// TestKamexAsTheOldGateway: a Kamex that is still asked says in JSON that it took a message.
func TestKamexAsTheOldGateway(t *testing.T) {
	d := kannel.New(kannel.Options{})
	if a := d.Answered(http.StatusAccepted, []byte(`{"status":"accepted","message_id":"a1"}`)); !a.Known || !a.Taken {
		t.Errorf("read as %+v", a)
	}
	if a := d.Answered(http.StatusAccepted, []byte(`{"status":"what else"}`)); a.Known {
		t.Errorf("read as %+v", a)
	}
}

// TestKamexTwice: of two values the first counts, as in a form.
func TestKamexTwice(t *testing.T) {
	h := open(t)
	h.post(t, `{"user":"tester","pass":"foobar","to":"0639980001","text":"first","text":"second"}`, "")
	if stored := h.stored(t); len(stored) != 1 || stored[0].Text != "first" {
		t.Errorf("stored %+v", stored)
	}
}

// TestKamexKeys: an API key stands for a user, in JSON or a query, within its rights and limits.
func TestKamexKeys(t *testing.T) {
	h := open(t)
	if err := h.store.AddAccount(t.Context(), auth.Account{Name: account}); err != nil {
		t.Fatal(err)
	}
	issue := func(name string, limits auth.KeyLimits) string {
		t.Helper()
		secret, _, err := auth.MakeKey(t.Context(), h.store, auth.Key{Account: account, Name: name, CreatedAt: time.Now(), Limits: limits})
		if err != nil {
			t.Fatal(err)
		}
		return secret
	}
	good, reading := issue("forms", auth.KeyLimits{}), issue("reader", auth.KeyLimits{Rights: []auth.KeyRight{auth.KeyRead}})
	named := issue("named", auth.KeyLimits{Senders: []sms.Sender{"Piscine"}})
	for _, tc := range []struct {
		key    string
		status int
		want   string
	}{
		{good, 202, `{"status":"accepted"`},
		{good + "x", 403, "Authorization failed for sendsms"},
		{reading, 403, "send"},
		{named, 400, "sender"},
	} {
		if status, said, _ := h.post(t, `{"to":"0639980001","from":"Mairie","text":"Bonjour"}`, tc.key); status != tc.status || !strings.Contains(said, tc.want) {
			t.Errorf("%d %q, want %d %q", status, said, tc.status, tc.want)
		}
	}
	for _, keys := range [][]string{{good}, {good, good}} {
		r, err := http.NewRequestWithContext(t.Context(), http.MethodGet, h.url+"?to=0639980001&text=Bonjour", http.NoBody)
		if err != nil {
			t.Fatal(err)
		}
		r.Header["X-Api-Key"] = keys
		want := http.StatusAccepted
		if len(keys) > 1 {
			want = http.StatusForbidden
		}
		if status, said, _ := ask(t, r); status != want {
			t.Errorf("%d keys: %d %q, want %d", len(keys), status, said, want)
		}
	}
	stored := h.stored(t)
	if len(stored) != 2 || stored[0].Account != account || stored[0].Actor != sms.DoorActor("kannel", "forms") {
		t.Errorf("stored %+v", stored)
	}
	if strings.Contains(h.logs.String(), good) {
		t.Error("the key is in the log")
	}
}
