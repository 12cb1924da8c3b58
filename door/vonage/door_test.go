package vonage_test

import (
	"encoding/base64"
	"encoding/json"
	"maps"
	"net/http"
	"net/netip"
	"net/url"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"relais/auth"
	"relais/door/vonage"
	"relais/gateway"
	"relais/quota"
	"relais/reason"
	"relais/sms"
)

// TestSend sends in each way in which clients write a request.
func TestSend(t *testing.T) {
	h := open(t)
	fields := good("text", "Réunion à 9 h & <à demain>", "client-ref", "file 7", "account-ref", "roads", "ttl", "3600000")
	object, err := json.Marshal(flat(fields))
	if err != nil {
		t.Fatal(err)
	}
	basic := "Basic " + base64.StdEncoding.EncodeToString([]byte(key+":"+secret))
	bare := `{"from":"RELAIS","to":33639980001,"text":"Réunion à 9 h & <à demain>","client-ref":"file 7","account-ref":"roads","ttl":3600000,"status-report-req":true,"callback":null}`
	for name, a := range map[string]*told{
		"a query":         read(t, h.Ask(t, http.MethodGet, "/sms/json?"+fields.Encode(), "", nil)),
		"a form":          post(t, h, fields),
		"JSON":            read(t, h.Ask(t, http.MethodPost, "/sms/json", string(object), http.Header{"Content-Type": {"application/json; charset=utf-8"}})),
		"JSON and a user": read(t, h.Ask(t, http.MethodPost, "/sms/json", bare, http.Header{"Content-Type": {"application/json"}, "Authorization": {basic}})),
		"a signature":     post(t, h, signed(time.Now(), "text", "Réunion à 9 h & <à demain>", "client-ref", "file 7", "account-ref", "roads", "ttl", "3600000")),
	} {
		stored := h.Stored(t, "town")
		m := stored[slices.IndexFunc(stored, func(m sms.Message) bool { return m.ID.String() == a.Messages[0]["message-id"] })]
		want := []map[string]string{{"to": "33639980001", "message-id": m.ID.String(), "status": "0", "client-ref": "file 7", "account-ref": "roads"}}
		if diff := cmp.Diff(want, a.Messages); diff != "" || a.Status != http.StatusOK {
			t.Errorf("%s: %d (-want +got):\n%s", name, a.Status, diff)
		}
		if m.Text != "Réunion à 9 h & <à demain>" || m.To != "+33639980001" || m.Sender != "RELAIS" || m.Reference != "file 7" || m.Connector != "ovh" ||
			m.Actor != "vonage:town" || m.ExpiresAt.Sub(m.AcceptedAt).Round(time.Minute) != time.Hour {
			t.Errorf("%s: stored %+v", name, m)
		}
	}
}

// TestKinds: a flash message, a binary one, and texts by the alphabet that they need.
func TestKinds(t *testing.T) {
	h := open(t)
	for _, tc := range []struct {
		name   string
		fields url.Values
		kind   sms.Kind
		coding sms.Encoding
	}{
		{"a text", good("type", "text"), sms.Plain, sms.GSM7},
		{"a text that is none of GSM", good("type", "text", "text", "Привет"), sms.Plain, sms.UCS2},
		{"unicode", good("type", "unicode", "text", "Привет"), sms.Plain, sms.UCS2},
		{"flash", good("message-class", "0"), sms.Flash, sms.GSM7},
		{"binary", good("type", "binary", "text", "", "body", "0011ff", "udh", "0605041581158a", "protocol-id", "0"), sms.Binary, sms.Octet},
	} {
		if a := post(t, h, tc.fields); a.status() != "0" {
			t.Fatalf("%s: %s", tc.name, a.Body)
		}
		if m := h.Stored(t, "town")[0]; m.Kind != tc.kind || m.Encoding != tc.coding {
			t.Errorf("%s: %s in %s", tc.name, m.Kind, m.Encoding)
		}
	}
}

// TestParts: an entry for each part, all with the id of the message, where the section says so; else one in all.
func TestParts(t *testing.T) {
	h := open(t)
	long := strings.Repeat("a", 161)
	for key, want := range map[string]int{key: 1, partsKey: 2} {
		a := post(t, h, good("api_key", key, "text", long))
		if len(a.Messages) != want || a.Messages[0]["message-id"] != a.Messages[want-1]["message-id"] {
			t.Errorf("%s: %s", key, a.Body)
		}
	}
	if a := post(t, h, good("api_key", partsKey)); len(a.Messages) != 1 {
		t.Errorf("%s", a.Body)
	}
}

// TestRefusals has each status of the table of docs/migrate/vonage.md.
func TestRefusals(t *testing.T) {
	h := open(t)
	for _, tc := range []struct {
		name   string
		fields url.Values
		status string
	}{
		{"no key", good("api_key", ""), "2"},
		{"no secret", good("api_secret", ""), "2"},
		{"no from", good("from", ""), "2"},
		{"no to", good("to", ""), "2"},
		{"no text", good("text", ""), "2"},
		{"a text of spaces", good("text", "  \n"), "2"},
		{"no time of a signature", good("api_secret", "", "sig", "x"), "2"},
		{"no body of a binary message", good("type", "binary", "text", ""), "2"},
		{"no number", good("to", "someone"), "3"},
		{"a national number", good("to", "0639980001"), "3"},
		{"two numbers", good("to", "33639980001,33639980002"), "3"},
		{"a number with a plus", good("to", "+33639980001"), "0"},
		{"a number that cannot be", good("to", "33123"), "6"},
		{"a landline", good("to", "33199000001"), "6"},
		{"a text with a control", good("text", "a\x00b"), "6"},
		{"a text that is too long", good("text", strings.Repeat("a", 1531)), "12"},
		{"a binary message that is too long", good("type", "binary", "text", "", "body", strings.Repeat("00", 2000)), "12"},
		{"a binary message of no octets", good("type", "binary", "text", "", "body", "xy"), "3"},
		{"a broken header", good("type", "binary", "text", "", "body", "00", "udh", "05"), "3"},
		{"a text and a body", good("body", "00"), "3"},
		{"a binary message and a text", good("type", "binary", "body", "00"), "3"},
		{"another type", good("type", "wappush"), "3"},
		{"another class", good("message-class", "1"), "3"},
		{"a flash message that is binary", good("type", "binary", "text", "", "body", "00", "message-class", "0"), "3"},
		{"another protocol", good("protocol-id", "64"), "3"},
		{"a page", good("url", "https://town.example"), "3"},
		{"a title", good("title", "x"), "3"},
		{"a card", good("vcard", "x"), "3"},
		{"a date", good("vcal", "x"), "3"},
		{"a pool", good("pool-id", "x"), "3"},
		{"a lifetime that is too short", good("ttl", "19999"), "3"},
		{"a lifetime that is too long", good("ttl", "604800001"), "3"},
		{"a lifetime of no number", good("ttl", "1h"), "3"},
		{"a reference that is too long", good("client-ref", strings.Repeat("é", 101)), "3"},
		{"a reference", good("client-ref", strings.Repeat("é", 100)), "0"},
		{"a report that is no yes and no no", good("status-report-req", "maybe"), "3"},
		{"a wrong secret", good("api_secret", "x"), "4"},
		{"a wrong key", good("api_key", "x"), "4"},
		{"a wrong signature", good("api_secret", "", "sig", "x", "timestamp", "1"), "14"},
		{"a signature of long ago", signed(time.Now().Add(-6 * time.Minute)), "14"},
		{"a signature of later", signed(time.Now().Add(6 * time.Minute)), "14"},
		{"a signature and a secret", good("sig", "x"), "32"},
		{"a sender that is too long", good("from", "MairieDeTresLoin"), "15"},
		{"a sender with a control", good("from", "Mairie\x01"), "15"},
		{"a callback of no address", good("callback", "town"), "23"},
		{"a callback by another scheme", good("callback", "ftp://town.example/"), "23"},
		{"a callback with a user", good("callback", "https://a:b@town.example/"), "23"},
		{"a callback into the house", good("callback", "http://127.0.0.1/"), "23"},
		{"a callback with a fragment", good("callback", "https://town.example/#a"), "23"},
		{"a callback", good("callback", "https://town.example/?id=7&a=%2B"), "0"},
		{"a wrong callback and no report", good("callback", "x", "status-report-req", "0"), "23"},
		{"hints", good("entity-id", "1", "content-id", "2", "trusted-number", "true"), "0"},
	} {
		t.Run(tc.name, func(t *testing.T) {
			before := len(h.Stored(t, "town"))
			a := post(t, h, tc.fields)
			if a.Status != http.StatusOK || a.status() != tc.status {
				t.Fatalf("%d %s, want %s", a.Status, a.Body, tc.status)
			}
			stored := len(h.Stored(t, "town")) - before
			if tc.status == "0" {
				if stored != 1 {
					t.Errorf("%d were stored", stored)
				}
				return
			}
			if stored != 0 || len(a.Messages) != 1 || a.Messages[0]["error-text"] == "" || len(a.Messages[0]) != 2 {
				t.Errorf("%d were stored, %s", stored, a.Body)
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
		e    gateway.Error
		want int
		text string
	}{
		{gateway.Error{Kind: gateway.Overloaded, Reason: reason.Of("queue_full", nil), RetryAfter: 1500 * time.Millisecond}, 1, "please wait [ 2000 ] ms"},
		{gateway.Error{Kind: gateway.Invalid, Reason: reason.Of(quota.Exceeded, nil), RetryAfter: time.Hour}, 1, "please wait [ 3600000 ] ms"},
		{gateway.Error{Kind: gateway.Invalid, Reason: reason.Of("opted_out", nil)}, 7, ""},
		{gateway.Error{Kind: gateway.Invalid, Reason: reason.Of(gateway.CodeConnectorOfKey, nil)}, 11, ""},
	} {
		if status, text := vonage.RefusedBy(&tc.e); status != tc.want || !strings.Contains(text, tc.text) {
			t.Errorf("%s: %d %s, want %d", tc.e.Code, status, text, tc.want)
		}
	}
}

func TestWhoMayCall(t *testing.T) {
	h := open(t)
	all := h.Key(t, "town", auth.KeyLimits{})
	reader := h.Key(t, "town", auth.KeyLimits{Rights: []auth.KeyRight{auth.KeyRead}})
	sender := h.Key(t, "town", auth.KeyLimits{Rights: []auth.KeyRight{auth.KeySend}, Senders: []sms.Sender{"RELAIS"}, Connectors: []string{"sfr"}})
	away := h.Key(t, "town", auth.KeyLimits{Networks: []netip.Prefix{netip.MustParsePrefix("192.0.2.0/24")}})
	over := h.Key(t, "town", auth.KeyLimits{Until: time.Now().Add(-time.Hour)})
	theirs := h.Key(t, "other", auth.KeyLimits{})
	for _, tc := range []struct {
		name   string
		fields url.Values
		status string
	}{
		{"the secret", good(), "0"},
		{"a key", good("api_secret", all), "0"},
		{"another's key", good("api_secret", theirs), "4"},
		{"a key under another's api_key", good("api_key", otherKey, "api_secret", all), "4"},
		{"a key under no api_key", good("api_key", "x", "api_secret", all), "4"},
		{"a key that is over", good("api_secret", over), "4"},
		{"a key from elsewhere", good("api_secret", away), "11"},
		{"a key that may read", good("api_secret", reader), "11"},
		{"a sender that the key may not use", good("api_secret", sender, "from", "Mairie"), "15"},
		{"a connector that the key may not use", good("api_secret", sender), "11"},
		{"an address that may not", good("api_key", shutKey), "4"},
		{"a signature from an address that may not", resigned(signed(time.Now(), "api_key", shutKey)), "4"},
		{"a signature without a secret for it", resigned(signed(time.Now(), "api_key", otherKey)), "14"},
	} {
		t.Run(tc.name, func(t *testing.T) {
			before := len(h.Stored(t, "town"))
			if a := post(t, h, tc.fields); a.status() != tc.status {
				t.Fatalf("%s, want %s", a.Body, tc.status)
			}
			if stored := len(h.Stored(t, "town")) - before; stored != 0 && tc.status != "0" {
				t.Errorf("%d were stored", stored)
			}
		})
	}
	actors := map[sms.Actor]bool{}
	for _, m := range h.Stored(t, "town") {
		actors[m.Actor] = true
	}
	if want := []sms.Actor{"vonage:forms", "vonage:town"}; !slices.Equal(slices.Sorted(maps.Keys(actors)), want) {
		t.Errorf("actors %v, want %v", actors, want)
	}
	for _, secret := range []string{secret, all, theirs} {
		if strings.Contains(h.Logs.String(), secret) {
			t.Error("the log has a secret")
		}
	}
}

// resigned signs what was changed.
func resigned(fields url.Values) url.Values {
	fields.Del("sig")
	fields.Set("sig", vonage.Signature(method, signing, flat(fields)))
	return fields
}

// TestTheSameKeySendsOnce has a client that lost an answer.
func TestTheSameKeySendsOnce(t *testing.T) {
	h := open(t)
	keyed := func(key string) http.Header {
		return http.Header{"Idempotency-Key": {key}, "Content-Type": formType["Content-Type"]}
	}
	ask := func(fields url.Values, header http.Header) *told {
		return read(t, h.Ask(t, http.MethodPost, "/sms/json", fields.Encode(), header))
	}
	fields := good("client-ref", "file 7")
	first, again := ask(fields, keyed("order-7")), ask(fields, keyed("order-7"))
	if first.status() != "0" || first.Body != again.Body || again.Header.Get("Idempotency-Replayed") != "true" {
		t.Errorf("%s, then %s", first.Body, again.Body)
	}
	if a := ask(good("text", "Bonsoir"), keyed("order-7")); a.status() != "3" {
		t.Errorf("another text: %s", a.Body)
	}
	for _, key := range []string{"", "a b", strings.Repeat("k", 256)} {
		if a := ask(good(), keyed(key)); a.status() != "3" {
			t.Errorf("%q: %s", key, a.Body)
		}
	}
	if n := len(h.Stored(t, "town")); n != 1 {
		t.Errorf("%d were stored", n)
	}
}

// TestASignedRequestSendsOnce: who heard one cannot have it sent again, and who lost its answer may repeat it.
func TestASignedRequestSendsOnce(t *testing.T) {
	h := open(t)
	fields := signed(time.Now())
	first, again := post(t, h, fields), post(t, h, fields)
	louder := maps.Clone(fields)
	louder.Set("sig", strings.ToUpper(fields.Get("sig")))
	elsewhere := read(t, h.Ask(t, http.MethodGet, "/sms/json?"+louder.Encode(), "", nil))
	if first.status() != "0" || first.Body != again.Body || first.Body != elsewhere.Body {
		t.Errorf("%s, then %s and %s", first.Body, again.Body, elsewhere.Body)
	}
	other := signed(time.Now(), "text", "a_b")
	if a := post(t, h, other); a.status() != "0" {
		t.Errorf("another text: %s", a.Body)
	}
	for _, text := range []string{"a&b", "a=b"} { // has the same signature
		forged := maps.Clone(other)
		forged.Set("text", text)
		if a := post(t, h, forged); a.status() != "3" {
			t.Errorf("%s by the signature of a_b: %s", text, a.Body)
		}
	}
	header := http.Header{"Idempotency-Key": {"another"}, "Content-Type": formType["Content-Type"]}
	if a := read(t, h.Ask(t, http.MethodPost, "/sms/json", fields.Encode(), header)); a.status() != "3" {
		t.Errorf("with a key: %s", a.Body)
	}
	if n := len(h.Stored(t, "town")); n != 2 {
		t.Errorf("%d were stored", n)
	}
}

// TestBalance: an operator that is never called tells no credit.
func TestBalance(t *testing.T) {
	h := open(t)
	for query, want := range map[string]int{
		"?api_key=" + key + "&api_secret=" + secret: 404, "?api_key=" + key + "&api_secret=x": 401, "": 401, "?a=%zz": 401,
	} {
		got := h.Ask(t, http.MethodGet, "/account/get-balance"+query, "", nil)
		var refusal map[string]string
		if err := json.Unmarshal([]byte(got.Body), &refusal); err != nil || got.Status != want || refusal["error-code-label"] == "" {
			t.Errorf("%s: %d %s, %v", query, got.Status, got.Body, err)
		}
	}
	if got := h.Ask(t, http.MethodPost, "/account/get-balance", "", nil); got.Status != 405 || got.Header.Get("Allow") != "GET" {
		t.Errorf("%d %s", got.Status, got.Body)
	}
}

func TestUnknownParametersAreNoted(t *testing.T) {
	h := open(t)
	if a := post(t, h, good("colour", "red", "+33639980002", "x")); a.status() != "0" {
		t.Fatal(a.Body)
	}
	_, decisions, err := h.Store.Timeline(t.Context(), "town", h.Stored(t, "town")[0].ID)
	if err != nil {
		t.Fatal(err)
	}
	var noted []string
	for _, why := range decisions {
		if why.Code == "door_ignored" {
			noted = append(noted, why.In(reason.English))
		}
	}
	if want := []string{"The parameter colour counts for nothing: nobody here knows it."}; !slices.Equal(noted, want) {
		t.Errorf("noted %q, want %q", noted, want)
	}
}
