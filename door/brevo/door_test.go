package brevo_test

import (
	"encoding/json"
	"fmt"
	"maps"
	"net/http"
	"net/netip"
	"slices"
	"strings"
	"testing"
	"time"

	"relais/auth"
	"relais/door/brevo"
	"relais/gateway"
	"relais/internal/doortest"
	"relais/quota"
	"relais/reason"
	"relais/sms"
)

// Credentials of the tests.
const (
	key      = "xkeysib-0123456789abcdef"
	otherKey = "xkeysib-ffffffffffffffff"
	shutKey  = "xkeysib-eeeeeeeeeeeeeeee"

	sendPath   = "/v3/transactionalSMS/sms"
	eventsPath = "/v3/transactionalSMS/statistics/events"
)

// open stands the door before a gateway that sends nothing.
func open(t *testing.T, change ...func(*brevo.Options)) *doortest.House {
	t.Helper()
	h := doortest.Open(t)
	o := brevo.Options{
		Gateway: h.Gateway, Reader: h.Store, Keys: auth.NewKeeper(h.Store, nil, time.Now),
		Report: h.Webhooks.ForFormat, CheckURL: h.CheckURL, Zone: time.UTC, Log: h.Log, Now: time.Now,
		Accounts: []brevo.Account{
			{Name: "town", Key: key, Account: "town", Connector: "ovh", EventsURL: "https://app.town.example/events"},
			{Name: "other", Key: otherKey, Account: "other"},
			{Name: "shut", Key: shutKey, Account: "shut", AllowFrom: []netip.Prefix{netip.MustParsePrefix("192.0.2.0/24")}},
		},
	}
	for _, c := range change {
		c(&o)
	}
	h.Serve(t, brevo.New(o))
	return h
}

// told is an answer of the door.
type told struct {
	*doortest.Reply
	fields map[string]any
}

func ask(t *testing.T, h *doortest.House, key, method, path, body string, more ...string) *told {
	t.Helper()
	header := http.Header{"Content-Type": {"application/json"}, "Api-Key": {key}}
	for i := 0; i < len(more); i += 2 {
		header.Set(more[i], more[i+1])
	}
	a := &told{Reply: h.Ask(t, method, path, body, header)}
	if err := json.Unmarshal([]byte(a.Body), &a.fields); err != nil {
		t.Fatalf("%s %s: %d %s: %v", method, path, a.Status, a.Body, err)
	}
	return a
}

// good is a message that is taken, with some fields changed; nil takes one away.
func good(t *testing.T, change ...any) string {
	t.Helper()
	fields := map[string]any{"sender": "RELAIS", "recipient": "33639980001", "content": "Bonjour"}
	for i := 0; i < len(change); i += 2 {
		fields[change[i].(string)] = change[i+1]
		if change[i+1] == nil {
			delete(fields, change[i].(string))
		}
	}
	body, err := json.Marshal(fields)
	if err != nil {
		t.Fatal(err)
	}
	return string(body)
}

func TestSend(t *testing.T) {
	h := open(t)
	a := ask(t, h, key, http.MethodPost, sendPath, good(t, "recipient", "+33639980001", "content", "Réunion & <demain> "+strings.Repeat("a", 150),
		"organisationPrefix", "Mairie", "type", "marketing", "tag", []string{"file 7", "roads"}, "webUrl", "https://app.town.example/e?id=7", "unicodeEnabled", false))
	m := h.Stored(t, "town")[0]
	id, _ := a.fields["messageId"].(float64)
	if a.Status != http.StatusCreated || a.fields["reference"] != m.ID.String() || id < 1 || a.fields["smsCount"] != float64(m.Segments) || m.Segments < 2 ||
		a.fields["usedCredits"] != a.fields["smsCount"] || a.fields["remainingCredits"] != nil {
		t.Errorf("%d %s", a.Status, a.Body)
	}
	if !strings.HasPrefix(m.Text, "Mairie Réunion & <demain> a") || m.To != "+33639980001" || m.Class != sms.Marketing || m.Reference != "file 7" || m.Actor != "brevo:town" || m.Connector != "ovh" {
		t.Errorf("stored %+v", m)
	}
	twin := ask(t, h, key, http.MethodPost, "/v3/transactionalSMS/send", good(t))
	if next, _ := twin.fields["messageId"].(float64); twin.Status != http.StatusCreated || next <= id || len(twin.fields) != 1 {
		t.Errorf("%d %s", twin.Status, twin.Body)
	}
	if m := h.Stored(t, "town")[0]; m.Class != sms.Transactional {
		t.Errorf("class %s", m.Class)
	}
	account := ask(t, h, key, http.MethodGet, "/v3/account", "")
	if plan, _ := account.fields["plan"].([]any); account.Status != 200 || len(plan) != 1 || strings.Contains(account.Body, key) {
		t.Errorf("%d %s", account.Status, account.Body)
	}
}

// TestRefusals has each error of the table of docs/migrate/brevo.md.
func TestRefusals(t *testing.T) {
	h := open(t)
	const invalid, missing = "invalid_parameter", "missing_parameter"
	for _, tc := range []struct {
		name, body string
		status     int
		code       string
	}{
		{"no sender", good(t, "sender", nil), 400, missing},
		{"no recipient", good(t, "recipient", ""), 400, missing},
		{"no content", good(t, "content", nil), 400, missing},
		{"a content of spaces", good(t, "content", " \n"), 400, missing},
		{"no number", good(t, "recipient", "someone"), 400, invalid},
		{"a national number", good(t, "recipient", "0639980001"), 400, invalid},
		{"a landline", good(t, "recipient", "33199000001"), 400, invalid},
		{"a number that cannot be", good(t, "recipient", "33123456"), 400, invalid},
		{"a number as a number", good(t, "recipient", json.Number("33639980001")), 400, invalid},
		{"a sender that is too long", good(t, "sender", "MairieDeTresLoin"), 400, invalid},
		{"a sender with a control", good(t, "sender", "Mairie\x01"), 400, invalid},
		{"a content that is too long", good(t, "content", strings.Repeat("a", 1531)), 400, invalid},
		{"a content with a control", good(t, "content", "a\x00b"), 400, invalid},
		{"a stop code", good(t, "content", "STOP au [STOP_CODE]"), 400, invalid},
		{"another type", good(t, "type", "otp"), 400, invalid},
		{"a template", good(t, "content", nil, "templateId", 7), 400, invalid},
		{"a tag that is none", good(t, "tag", 7), 400, invalid},
		{"an empty tag", good(t, "tag", []string{"a", ""}), 400, invalid},
		{"eleven tags", good(t, "tag", strings.Split("abcdefghijk", "")), 400, invalid},
		{"a long tag", good(t, "tag", strings.Repeat("é", 101)), 400, invalid},
		{"unicode that is no yes and no no", good(t, "unicodeEnabled", "yes"), 400, invalid},
		{"an address that is none", good(t, "webUrl", "town"), 400, invalid},
		{"an address of the house", good(t, "webUrl", "http://10.0.0.1/"), 400, invalid},
		{"params without a template", good(t, "params", map[string]string{"a": "b"}), 201, ""},
		{"fields that are null", good(t, "unicodeEnabled", json.RawMessage("null"), "tag", json.RawMessage("null"), "templateId", json.RawMessage("null")), 201, ""},
	} {
		t.Run(tc.name, func(t *testing.T) {
			before := len(h.Stored(t, "town"))
			a := ask(t, h, key, http.MethodPost, sendPath, tc.body)
			if a.Status != tc.status || tc.code != "" && (a.fields["code"] != tc.code || a.fields["message"] == "" || len(a.fields) != 2) {
				t.Fatalf("%d %s, want %d %s", a.Status, a.Body, tc.status, tc.code)
			}
			if stored := len(h.Stored(t, "town")) - before; (stored == 1) != (tc.status == 201) {
				t.Errorf("%d were stored", stored)
			}
			if strings.Contains(h.Logs.String(), "639980001") {
				t.Error("the log has a number")
			}
		})
	}
}

// TestRefusalsOfTheGateway: those that need no wrong request.
func TestRefusalsOfTheGateway(t *testing.T) {
	for _, tc := range []struct {
		e      gateway.Error
		status int
		code   string
	}{
		{gateway.Error{Kind: gateway.Overloaded, Reason: reason.Of("queue_full", nil), RetryAfter: 1500 * time.Millisecond}, 429, "too_many_requests"},
		{gateway.Error{Kind: gateway.Invalid, Reason: reason.Of(quota.Exceeded, nil)}, 402, "not_enough_credits"},
		{gateway.Error{Kind: gateway.Invalid, Reason: reason.Of(quota.RecipientLimit, nil)}, 429, "too_many_requests"},
		{gateway.Error{Kind: gateway.Invalid, Reason: reason.Of("opted_out", nil)}, 400, "invalid_parameter"},
		{gateway.Error{Kind: gateway.Invalid, Reason: reason.Of(gateway.CodeConnectorOfKey, nil)}, 403, "permission_denied"},
	} {
		if status, code := brevo.RefusedBy(&tc.e); status != tc.status || code != tc.code {
			t.Errorf("%s: %d %s, want %d %s", tc.e.Code, status, code, tc.status, tc.code)
		}
	}
}

func TestWhoMayCall(t *testing.T) {
	h := open(t)
	all := h.Key(t, "town", auth.KeyLimits{})
	reader := h.Key(t, "town", auth.KeyLimits{Rights: []auth.KeyRight{auth.KeyRead}})
	sender := h.Key(t, "town", auth.KeyLimits{Rights: []auth.KeyRight{auth.KeySend}, Senders: []sms.Sender{"RELAIS"}})
	away := h.Key(t, "town", auth.KeyLimits{Networks: []netip.Prefix{netip.MustParsePrefix("192.0.2.0/24")}})
	over := h.Key(t, "town", auth.KeyLimits{Until: time.Now().Add(-time.Hour)})
	nobody := h.Key(t, "nobody", auth.KeyLimits{})
	for _, tc := range []struct {
		name, key, method, path, body string
		status                        int
		code                          string
	}{
		{"the key", key, http.MethodPost, sendPath, good(t), 201, ""},
		{"none", "", http.MethodPost, sendPath, good(t), 401, "unauthorized"},
		{"another", "xkeysib-", http.MethodPost, sendPath, good(t), 401, "unauthorized"},
		{"one from elsewhere", shutKey, http.MethodPost, sendPath, good(t), 401, "unauthorized"},
		{"an API key", all, http.MethodPost, sendPath, good(t), 201, ""},
		{"an API key of an account without a section", nobody, http.MethodPost, sendPath, good(t), 401, "unauthorized"},
		{"an API key that is over", over, http.MethodPost, sendPath, good(t), 401, "unauthorized"},
		{"an API key from elsewhere", away, http.MethodPost, sendPath, good(t), 403, "permission_denied"},
		{"an API key that may read", reader, http.MethodPost, sendPath, good(t), 403, "permission_denied"},
		{"an API key that may read, reads", reader, http.MethodGet, eventsPath, "", 200, ""},
		{"an API key that may send, reads", sender, http.MethodGet, eventsPath, "", 403, "permission_denied"},
		{"a sender that the key may not use", sender, http.MethodPost, sendPath, good(t, "sender", "Mairie"), 403, "permission_denied"},
	} {
		t.Run(tc.name, func(t *testing.T) {
			before := len(h.Stored(t, "town"))
			a := ask(t, h, tc.key, tc.method, tc.path, tc.body)
			if code, _ := a.fields["code"].(string); a.Status != tc.status || code != tc.code {
				t.Fatalf("%d %s, want %d %s", a.Status, a.Body, tc.status, tc.code)
			}
			if stored := len(h.Stored(t, "town")) - before; stored != 0 && tc.status != 201 {
				t.Errorf("%d were stored", stored)
			}
		})
	}
	actors := map[sms.Actor]bool{}
	for _, m := range h.Stored(t, "town") {
		actors[m.Actor] = true
	}
	if want := []sms.Actor{"brevo:forms", "brevo:town"}; !slices.Equal(slices.Sorted(maps.Keys(actors)), want) {
		t.Errorf("actors %v, want %v", actors, want)
	}
	for _, secret := range []string{key, all, nobody} {
		if strings.Contains(h.Logs.String(), secret) {
			t.Error("the log has a secret")
		}
	}
}

// TestRepeats: the same request a moment later counts as the first, unless it has another key, says something else, or comes
// from somebody else; one of long ago does not.
func TestRepeats(t *testing.T) {
	now := time.Date(2026, 5, 15, 14, 29, 59, 0, time.UTC)
	h := open(t, func(o *brevo.Options) {
		o.Now = func() time.Time { return now }
		o.Accounts[0].RepeatsWithin = 5 * time.Minute
	})
	api := h.Key(t, "town", auth.KeyLimits{})
	first := ask(t, h, key, http.MethodPost, sendPath, good(t))
	for name, tc := range map[string]struct {
		key, body, header string
		after             time.Duration
		repeat            bool
	}{
		"at once":               {key, good(t), "", 0, true},
		"in the next span":      {key, good(t), "", 2 * time.Second, true},
		"within the time":       {key, good(t), "", 5 * time.Minute, true},
		"long after":            {key, good(t), "", 10*time.Minute + 2*time.Second, false},
		"another text":          {key, good(t, "content", "Bonsoir"), "", 0, false},
		"another person":        {key, good(t, "recipient", "33639980002"), "", 0, false},
		"another key":           {api, good(t), "", 0, false},
		"with a key of its own": {key, good(t), "order-7", 0, false},
	} {
		start := now
		now = start.Add(tc.after)
		var more []string
		if tc.header != "" {
			more = []string{"Idempotency-Key", tc.header}
		}
		a := ask(t, h, tc.key, http.MethodPost, sendPath, tc.body, more...)
		now = start
		same := a.fields["messageId"] == first.fields["messageId"]
		if a.Status != 201 || same != tc.repeat || same != (a.Header.Get("Idempotency-Replayed") == "true") {
			t.Errorf("%s: %d %s", name, a.Status, a.Body)
		}
	}
}

// TestTheSameKeySendsOnce has a client that lost an answer.
func TestTheSameKeySendsOnce(t *testing.T) {
	h := open(t)
	keyed := func(body string) *told {
		return ask(t, h, key, http.MethodPost, sendPath, body, "Idempotency-Key", "order-7")
	}
	first, again := keyed(good(t)), keyed(good(t))
	if first.Status != 201 || first.Body != again.Body || again.Header.Get("Idempotency-Replayed") != "true" {
		t.Errorf("%s, then %s", first.Body, again.Body)
	}
	if a := keyed(good(t, "content", "Bonsoir")); a.Status != 400 || a.fields["code"] != "duplicate_parameter" {
		t.Errorf("%d %s", a.Status, a.Body)
	}
	if n := len(h.Stored(t, "town")); n != 1 {
		t.Errorf("%d were stored", n)
	}
}

// TestEvents walks through lists, page by page, with each filter.
func TestEvents(t *testing.T) {
	h := open(t)
	day := time.Now().UTC()
	var want []string // of messages, the oldest first
	for i, tag := range []any{"a", []string{"a", "b"}, nil, "b", nil} {
		a := ask(t, h, key, http.MethodPost, sendPath, good(t, "recipient", fmt.Sprintf("3363998000%d", i), "tag", tag))
		want = append(want, fmt.Sprintf("%.0f", a.fields["messageId"]))
	}
	ask(t, h, otherKey, http.MethodPost, sendPath, good(t))
	newest := slices.Clone(want)
	slices.Reverse(newest)
	spanned := "startDate=" + day.Format(time.DateOnly) + "&endDate=" + time.Now().UTC().AddDate(0, 0, 1).Format(time.DateOnly)
	for query, want := range map[string][]string{
		"": newest, "sort=asc": want, "limit=2": newest[:2], "limit=2&offset=3": newest[3:], "offset=5": nil, "sort=asc&limit=2&offset=1": want[1:3],
		"tags=a": {want[1], want[0]}, "tags=" + "%5B%22b%22%5D": {want[3], want[1]}, "tags=a&tags=b": {want[3], want[1], want[0]}, "tags=c": nil,
		"phoneNumber=33639980002": {want[2]}, "phoneNumber=%2B33639980002": {want[2]}, "event=accepted": newest, "event=delivered": nil, "event=replies": nil,
		"event=skipped": nil, "days=2": newest, spanned: newest, "startDate=2001-01-01&endDate=2001-01-02": nil, "event=bounces": nil,
	} {
		a := ask(t, h, key, http.MethodGet, eventsPath+"?"+query, "")
		var got []string
		list, _ := a.fields["events"].([]any)
		for _, e := range list {
			event := e.(map[string]any)
			if event["event"] != "accepted" {
				t.Errorf("%s: %v", query, event)
			}
			got = append(got, event["messageId"].(string))
		}
		if a.Status != 200 || list == nil || !slices.Equal(got, want) {
			t.Errorf("%s: %d %v, want %v", query, a.Status, got, want)
		}
	}
	for _, query := range []string{
		"limit=0", "limit=101", "limit=x", "offset=-1", "offset=1e9", "days=0", "days=x", "days=1&startDate=2026-01-01", "startDate=2026-01-01", "endDate=2026-01-01", "startDate=2026-01-02&endDate=2026-01-01",
		"startDate=2026-02-30&endDate=2026-03-01", "phoneNumber=x", "event=x", "sort=up", "limit=1&limit=2", "%zz",
	} {
		if a := ask(t, h, key, http.MethodGet, eventsPath+"?"+query, ""); a.Status != 400 || a.fields["code"] == "" {
			t.Errorf("%s: %d %s", query, a.Status, a.Body)
		}
	}
	total := ask(t, h, key, http.MethodGet, "/v3/transactionalSMS/statistics/aggregatedReport?days=2", "")
	if total.fields["requests"] != 5.0 || total.fields["accepted"] != 5.0 || total.fields["delivered"] != 0.0 || !strings.Contains(total.fields["range"].(string), "|") {
		t.Errorf("%d %s", total.Status, total.Body)
	}
	if a := ask(t, h, key, http.MethodGet, "/v3/transactionalSMS/statistics/aggregatedReport?tag=a", ""); a.fields["requests"] != 2.0 {
		t.Errorf("%d %s", a.Status, a.Body)
	}
	days := ask(t, h, key, http.MethodGet, "/v3/transactionalSMS/statistics/reports", "")
	requests := 0.0
	for _, r := range days.fields["reports"].([]any) {
		requests += r.(map[string]any)["requests"].(float64)
	}
	if requests != 5 {
		t.Errorf("%d %s", days.Status, days.Body)
	}
}
