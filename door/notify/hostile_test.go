package notify_test

import (
	"fmt"
	"net/http"
	"strings"
	"testing"
	"time"

	"github.com/golang-jwt/jwt/v5"
)

// raw is a request as a hostile reader writes it.
type raw struct {
	name, method, path, body, authorization string
	header                                  http.Header
}

// hostile are the requests: paths and methods, ids, tokens, bodies, headers.
func (h *house) hostile(t *testing.T, foreignMessage string) (all []raw) {
	t.Helper()
	now := time.Now()
	good := bearer(t, town, live, now, jwt.SigningMethodHS256)
	add := func(r raw) {
		if r.authorization == "" {
			r.authorization = good
		}
		all = append(all, r)
	}
	for _, path := range []string{
		"/v2/notifications/", "/v2/notifications/sms", "/v2/notifications/SMS", "/v2/notifications//sms", "/v2/notifications/sms/", "/v2/notifications/sms/x", "/v2/notifications/letter/x",
		"/v2/template", "/v2/template/", "/v2/templates/", "/v2/templates/x", "/v2/template/x/version", "/v2/template/x/version/1/2", "/v2/received-text-messages/", "/v2/received-text-messages/x",
		"/v2/notifications/%00", "/v2/notifications/%F0%9F%8E%89", "/v2/notifications/..%2f..%2fv1", "/v2/notifications/" + strings.Repeat("a", 5000),
	} {
		for _, method := range []string{http.MethodPut, http.MethodPatch, http.MethodDelete, http.MethodOptions, "X"} {
			add(raw{name: "path " + path[:min(len(path), 50)], method: method, path: path, body: "{}"})
		}
	}
	for _, id := range []string{
		foreignMessage, strings.ToUpper(foreignMessage), strings.ReplaceAll(foreignMessage, "-", ""), "{" + foreignMessage + "}", "urn:uuid:" + foreignMessage, h.foreign.ID.String(), town, "x", "0", "-1", "%25", "*", "~",
		"'%20OR%201=1", "00000000-0000-0000-0000-000000000000", "ffffffff-ffff-7fff-bfff-ffffffffffff", foreignMessage + "%00", foreignMessage[:35],
	} {
		add(raw{name: "message " + id, method: http.MethodGet, path: "/v2/notifications/" + id})
		add(raw{name: "template " + id, method: http.MethodGet, path: "/v2/template/" + id})
		add(raw{name: "preview " + id, method: http.MethodPost, path: "/v2/template/" + id + "/preview", body: "{}"})
		add(raw{name: "version " + id, method: http.MethodGet, path: "/v2/template/" + h.welcome.ID.String() + "/version/" + id})
	}
	claims := func(method jwt.SigningMethod, all jwt.MapClaims) string {
		text, err := jwt.NewWithClaims(method, all).SignedString([]byte(live))
		if err != nil {
			t.Fatal(err)
		}
		return "Bearer " + text
	}
	hs := jwt.SigningMethodHS256
	for i, authorization := range []string{
		"Bearer", "Bearer ", "Bearer x", "Bearer ..", "Bearer a.b.c", "Basic " + live, "Token " + live, "ApiKey-v1 " + live, live, good + "x", good + ".x", "Bearer " + good, good[:len(good)-2], "Bearer " + strings.Repeat("a", 100_000),
		claims(hs, jwt.MapClaims{}), claims(hs, jwt.MapClaims{"iss": town}), claims(hs, jwt.MapClaims{"iat": now.Unix()}), claims(hs, jwt.MapClaims{"iss": town, "iat": "now"}), claims(hs, jwt.MapClaims{"iss": town, "iat": 0}),
		claims(hs, jwt.MapClaims{"iss": town, "iat": 1e300}), claims(hs, jwt.MapClaims{"iss": town, "iat": -1}), claims(hs, jwt.MapClaims{"iss": 7, "iat": now.Unix()}), claims(hs, jwt.MapClaims{"iss": []string{town}, "iat": now.Unix()}),
		claims(hs, jwt.MapClaims{"iss": other, "iat": now.Unix()}), claims(hs, jwt.MapClaims{"iss": town + "\x00", "iat": now.Unix()}), claims(hs, jwt.MapClaims{"iss": shut, "iat": now.Unix()}),
		claims(jwt.SigningMethodHS384, jwt.MapClaims{"iss": town, "iat": now.Unix()}), bearer(t, town, theirs, now, hs), bearer(t, town, "", now, hs), bearer(t, town, live, now.Add(-time.Hour), hs), bearer(t, town, live, now.Add(time.Hour), hs),
		bearer(t, town, live, now, jwt.SigningMethodNone),
	} {
		add(raw{name: fmt.Sprintf("token %d", i), method: http.MethodPost, path: sendPath, body: h.welcomed(""), authorization: authorization})
	}
	const phone = `"phone_number":"+33639980001"`
	for i, body := range []string{
		"", " ", "null", "true", "7", `"x"`, "[]", "{", "}", "{}x", "{}{}", `{"a":1}`, "\xff", "\x00", "{" + phone + "}", `{"template_id":"` + h.welcome.ID.String() + `"}`, strings.Repeat("[", 100_000), strings.Repeat(`{"a":`, 100_000),
		`{"phone_number":["+33639980001"]}`, `{"phone_number":{}}`, `{"phone_number":33639980001}`, `{"phone_number":""}`, `{"phone_number":"` + strings.Repeat("3", 10_000) + `"}`, `{"Phone_Number":"+33639980001"}`,
		strings.Replace(h.welcomed(""), "+33639980001", "+33639980001\\u0000", 1), strings.Replace(h.welcomed(""), "+33639980001", "+33639980001\\n+33639980002", 1), strings.Replace(h.welcomed(""), "+33639980001", "tel:", 1),
		strings.Replace(h.welcomed(""), h.welcome.ID.String(), h.foreign.ID.String(), 1), strings.Replace(h.welcomed(""), h.welcome.ID.String(), h.archived.ID.String(), 1), strings.Replace(h.welcomed(""), h.welcome.ID.String(), "../x", 1),
		strings.Replace(h.welcomed(""), `"Zoé"`, `"\u0000"`, 1), strings.Replace(h.welcomed(""), `"Zoé"`, `"\u001b["`, 1), strings.Replace(h.welcomed(""), `"Zoé"`, `{"$ne":1}`, 1), strings.Replace(h.welcomed(""), `"Zoé"`, `[[]]`, 1),
		strings.Replace(h.welcomed(""), `"Zoé"`, `"`+strings.Repeat("z", 2000)+`"`, 1), strings.Replace(h.welcomed(""), `"Zoé"`, `null`, 1), strings.Replace(h.welcomed(""), `"Zoé"`, `"  "`, 1),
		h.welcomed(`,"reference":7`), h.welcomed(`,"reference":"a\u0000b"`), h.welcomed(`,"reference":"` + strings.Repeat("r", 5000) + `"`), h.welcomed(`,"sms_sender_id":7`), h.welcomed(`,"sms_sender_id":"` + town + `"`),
		h.welcomed(`,"email_address":"a@town.example"`), h.welcomed(`,"__proto__":{}`), h.welcomed(`,"personalisation":[]`), h.welcomed(`,"` + strings.Repeat("k", 1000) + `":1`), "{" + phone + strings.Repeat(" ", 1<<20) + "}",
	} {
		add(raw{name: fmt.Sprintf("body %d %.40q", i, body), method: http.MethodPost, path: sendPath, body: body})
	}
	for _, header := range []http.Header{
		{"Content-Encoding": {"gzip"}}, {"Idempotency-Key": {""}}, {"Idempotency-Key": {"a b"}}, {"Idempotency-Key": {"a", "a"}}, {"Idempotency-Key": {strings.Repeat("k", 300)}},
	} {
		add(raw{name: fmt.Sprint("header ", header), method: http.MethodPost, path: sendPath, body: h.welcomed(""), header: header})
	}
	for _, query := range []string{"older_than=x", "older_than=", "status=x", "status=created&status=", "x=1", "%zz", "a;b", "older_than=" + town, "status=" + strings.Repeat("s", 9000)} {
		if query == "older_than=" {
			continue // asks for nothing
		}
		add(raw{name: "query " + query[:min(len(query), 40)], method: http.MethodGet, path: "/v2/notifications?" + query})
	}
	return all
}

// TestHostileRequests: an answer in Notify's form to each, nothing stored of what was refused, nobody else's message or template seen.
func TestHostileRequests(t *testing.T) {
	h := open(t)
	body := fmt.Sprintf(`{"phone_number":"+33639980009","template_id":%q,"personalisation":{"text":"Only for the other"}}`, h.foreign.ID)
	got := h.askAs(t, bearer(t, other, theirs, time.Now(), jwt.SigningMethodHS256), http.MethodPost, sendPath, body, nil)
	if got.status != http.StatusCreated {
		t.Fatalf("%d %s", got.status, got.body)
	}
	all := h.hostile(t, got.fields["id"].(string))
	if len(all) < 200 {
		t.Errorf("only %d requests", len(all))
	}
	for i := range all {
		one := &all[i]
		got := h.askAs(t, one.authorization, one.method, one.path, one.body, one.header)
		if kind, message := got.first(); kind == "" || message == "" || got.status < 400 || got.status >= 500 {
			t.Errorf("%s %s: %d %.300s", one.method, one.name, got.status, got.body)
		}
		if strings.Contains(got.body, "Only for") || strings.Contains(got.body, "39980009") || strings.Contains(got.body, "Theirs") {
			t.Errorf("%s %s shows what is another's: %.300s", one.method, one.name, got.body)
		}
		if n := len(h.stored(t, "town")); n != 0 {
			t.Fatalf("%s %s: %d were stored", one.method, one.name, n)
		}
	}
	for _, secret := range []string{live, "39980001", "39980009", "Zoé"} {
		if strings.Contains(h.logs.String(), secret) {
			t.Errorf("the log has %q", secret)
		}
	}
}
