package notify_test

import (
	"context"
	"encoding/json"
	"fmt"
	"io"
	"log/slog"
	"maps"
	"net/http"
	"net/http/httptest"
	"net/netip"
	"strings"
	"testing"
	"time"

	"github.com/golang-jwt/jwt/v5"
	"github.com/google/go-cmp/cmp"
	"github.com/prometheus/client_golang/prometheus"

	"relais/auth"
	"relais/connector"
	"relais/door/notify"
	"relais/duty"
	"relais/gateway"
	"relais/lane"
	"relais/search"
	"relais/sms"
	"relais/store/sqlite"
	"relais/template"
	"relais/webhook"
)

// idle is an operator that is never called: the gateway of these tests sends nothing.
type idle struct{}

func (idle) Submit(context.Context, []sms.Message) ([]connector.Outcome, error) { return nil, nil }

// Credentials of the tests.
const (
	town     = "11111111-2222-4333-8444-555555555555"
	other    = "99999999-2222-4333-8444-555555555555"
	shut     = "88888888-2222-4333-8444-555555555555"
	live     = "66666666-7777-4888-8999-aaaaaaaaaaaa"
	team     = "66666666-7777-4888-8999-bbbbbbbbbbbb"
	trial    = "66666666-7777-4888-8999-cccccccccccc"
	theirs   = "66666666-7777-4888-8999-dddddddddddd"
	senderID = "bbbbbbbb-cccc-4ddd-8eee-ffffffffffff"
)

// house is a door before a gateway on a store in a directory.
type house struct {
	url      string
	store    *sqlite.Store
	gateway  *gateway.Gateway
	book     *template.Book
	logs     *strings.Builder
	welcome  template.Template // of town
	wholly   template.Template // of town, ((text))
	foreign  template.Template // of other
	archived template.Template // of town
}

func open(t *testing.T) *house {
	t.Helper()
	store, err := sqlite.OpenExclusive(t.Context(), t.TempDir())
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { store.Close() })
	h := &house{store: store, logs: &strings.Builder{}}
	log := slog.New(slog.NewTextHandler(h.logs, nil))
	book := &template.Book{Store: store, Now: time.Now}
	h.book = book
	templated := func(account, name, text string) template.Template {
		made, err := book.Create(t.Context(), account, template.Content{Name: name, Text: text, Class: sms.Transactional, Circle: template.Everyone}, "test")
		if err != nil {
			t.Fatal(err)
		}
		return made
	}
	h.welcome = templated("town", "Welcome", "Bonjour ((name)), ((late??votre dossier a du retard, ))à ((time)).")
	h.wholly, h.foreign, h.archived = templated("town", "Text", "((text))"), templated("other", "Theirs", "((text))"), templated("town", "Old", "Bonjour")
	if err := book.Archive(t.Context(), "town", h.archived.ID); err != nil {
		t.Fatal(err)
	}
	g, err := gateway.New(gateway.Options{
		Store: store, Instances: []lane.Instance{{Name: "ovh", Connector: idle{}, Facts: connector.Facts{MaxBatch: 1, Simulated: true}}}, Templates: book,
		Account: func(name string) gateway.Account { return gateway.Account{Name: name, Region: "FR", Sender: "RELAIS"} },
		Limits:  gateway.Limits{Segments: 10, Recipients: 100, Backlog: 1000},
		Metrics: gateway.NewMetrics(prometheus.NewRegistry()), Log: log, Clock: duty.NewClock(time.Now),
	})
	if err != nil {
		t.Fatal(err)
	}
	h.gateway = g
	sealer, err := auth.NewSealer(strings.Repeat("5c", 32))
	if err != nil {
		t.Fatal(err)
	}
	webhooks := &webhook.Manager{Store: store, Seal: sealer.Seal, Open: sealer.Open, Derive: sealer.Derive, Now: time.Now, Changed: func() {}}
	server := httptest.NewServer(notify.New(notify.Options{
		Gateway: g, Reader: store, Report: webhooks.ForFormat, Log: log, Now: time.Now, PublicURL: "https://sms.town.example/",
		Services: []notify.Service{
			{
				Name: "town", ID: town, Account: "town", Senders: map[string]sms.Sender{senderID: "Mairie"}, ReceiptsURL: "https://app.town.example/",
				Keys: []notify.Key{{Name: "forms", Secret: live, Kind: "live"}, {Name: "staff", Secret: team, Kind: "team", Guests: []sms.Number{"+33639980001"}}, {Name: "try", Secret: trial, Kind: "test"}, {Name: "empty", Kind: "live"}},
			},
			{Name: "other", ID: other, Account: "other", Keys: []notify.Key{{Name: "forms", Secret: theirs, Kind: "live"}}},
			{Name: "shut", ID: shut, Account: "shut", Keys: []notify.Key{{Name: "forms", Secret: live, Kind: "live"}}, AllowFrom: []netip.Prefix{netip.MustParsePrefix("192.0.2.0/24")}},
		},
	}))
	t.Cleanup(server.Close)
	h.url = server.URL
	return h
}

// bearer is the header of a client.
func bearer(t *testing.T, service, secret string, at time.Time, method jwt.SigningMethod) string {
	t.Helper()
	var key any = []byte(secret)
	if method == jwt.SigningMethodNone {
		key = jwt.UnsafeAllowNoneSignatureType
	}
	text, err := jwt.NewWithClaims(method, jwt.MapClaims{"iss": service, "iat": at.Unix()}).SignedString(key)
	if err != nil {
		t.Fatal(err)
	}
	return "Bearer " + text
}

// reply is what the door answered.
type reply struct {
	status int
	header http.Header
	body   string
	fields map[string]any
}

// first is the first error: its kind and its message.
func (r *reply) first() (kind, message string) {
	list, _ := r.fields["errors"].([]any)
	if len(list) == 0 || r.fields["status_code"] != float64(r.status) {
		return "", ""
	}
	one, _ := list[0].(map[string]any)
	kind, _ = one["error"].(string)
	message, _ = one["message"].(string)
	return kind, message
}

func (h *house) ask(t *testing.T, method, path, body string) *reply {
	t.Helper()
	return h.askAs(t, bearer(t, town, live, time.Now(), jwt.SigningMethodHS256), method, path, body, nil)
}

func (h *house) askAs(t *testing.T, authorization, method, path, body string, header http.Header) *reply {
	t.Helper()
	r, err := http.NewRequestWithContext(t.Context(), method, h.url+path, strings.NewReader(body))
	if err != nil {
		t.Fatal(err)
	}
	r.Header.Set("Content-Type", "application/json")
	maps.Copy(r.Header, header)
	if authorization != "" {
		r.Header.Set("Authorization", authorization)
	}
	answer, err := http.DefaultClient.Do(r)
	if err != nil {
		t.Fatal(err)
	}
	defer answer.Body.Close()
	text, err := io.ReadAll(answer.Body)
	if err != nil {
		t.Fatal(err)
	}
	got := &reply{status: answer.StatusCode, header: answer.Header, body: string(text)}
	if err := json.Unmarshal(text, &got.fields); err != nil {
		t.Fatalf("%s %s: %q: %v", method, path, text, err)
	}
	return got
}

func (h *house) stored(t *testing.T, account string) []sms.Message {
	t.Helper()
	found, _, err := h.store.Search(t.Context(), search.Query{Account: account, Limit: 1000})
	if err != nil {
		t.Fatal(err)
	}
	return found
}

const sendPath = "/v2/notifications/sms"

// welcomed is a body that is taken.
func (h *house) welcomed(more string) string {
	return fmt.Sprintf(`{"phone_number":"+33639980001","template_id":%q,"personalisation":{"name":"Zoé","late":"no","time":9,"unused":"x"}%s}`, h.welcome.ID, more)
}

func TestSendAndReadBack(t *testing.T) {
	h := open(t)
	got := h.ask(t, http.MethodPost, sendPath, h.welcomed(`,"reference":"file 7","sms_sender_id":"`+strings.ToUpper(senderID)+`"`))
	if got.status != http.StatusCreated {
		t.Fatalf("%d %s", got.status, got.body)
	}
	id := got.fields["id"].(string)
	ref := map[string]any{"id": h.welcome.ID.String(), "version": 1.0, "uri": "https://sms.town.example/v2/template/" + h.welcome.ID.String() + "/version/1"}
	want := map[string]any{
		"id": id, "reference": "file 7", "content": map[string]any{"body": "Bonjour Zoé, à 9.", "from_number": "Mairie"},
		"uri": "https://sms.town.example/v2/notifications/" + id, "template": ref, "scheduled_for": nil,
	}
	if diff := cmp.Diff(want, got.fields); diff != "" {
		t.Errorf("(-want +got):\n%s", diff)
	}
	m := h.stored(t, "town")[0]
	if m.Actor != "notify:town/forms" || m.Text != "Bonjour Zoé, à 9." || m.Sender != "Mairie" || m.Reference != "file 7" {
		t.Errorf("stored %+v", m)
	}
	read := h.ask(t, http.MethodGet, "/v2/notifications/"+id, "")
	for name, want := range map[string]any{
		"id": id, "reference": "file 7", "phone_number": "+33639980001", "type": "sms", "status": "created", "body": "Bonjour Zoé, à 9.",
		"email_address": nil, "line_1": nil, "subject": nil, "sent_at": nil, "completed_at": nil, "is_cost_data_ready": false, "cost_in_pounds": nil,
	} {
		value, there := read.fields[name]
		if !there || value != want {
			t.Errorf("%s is %v, want %v", name, value, want)
		}
	}
	if diff := cmp.Diff(any(ref), read.fields["template"]); diff != "" {
		t.Errorf("template (-want +got):\n%s", diff)
	}
	if _, err := time.Parse("2006-01-02T15:04:05.000000Z", read.fields["created_at"].(string)); err != nil {
		t.Error(err)
	}
}

// TestRefusals has the errors of docs/migrate/notify.md.
func TestRefusals(t *testing.T) {
	h := open(t)
	body := func(phone, id, values string) string {
		return fmt.Sprintf(`{"phone_number":%s,"template_id":%s,"personalisation":%s}`, phone, id, values)
	}
	quoted := func(id sms.ID) string { return `"` + id.String() + `"` }
	const phone, text = `"+33639980001"`, `{"text":"Bonjour"}`
	for _, tc := range []struct {
		name, body    string
		status        int
		kind, message string
	}{
		{"taken", body(phone, quoted(h.wholly.ID), text), 201, "", ""},
		{"a list", body(phone, quoted(h.wholly.ID), `{"text":["un",2,true]}`), 201, "", ""},
		{"names without capitals", body(phone, quoted(h.wholly.ID), `{"TEXT":"Bonjour"}`), 201, "", ""},
		{"no JSON", "x", 400, "BadRequestError", "Invalid JSON supplied in POST data"},
		{"an array", "[]", 400, "BadRequestError", "Invalid JSON supplied in POST data"},
		{"bytes that are none", "{\"phone_number\":\"\xff\"}", 400, "BadRequestError", "Invalid JSON supplied in POST data"},
		{"nothing", "{}", 400, "ValidationError", "phone_number is a required property"},
		{"no template", `{"phone_number":"+33639980001"}`, 400, "ValidationError", "template_id is a required property"},
		{"a number that is none", body(`7`, quoted(h.wholly.ID), text), 400, "ValidationError", "phone_number 7 is not of type string"},
		{"null", body(`null`, quoted(h.wholly.ID), text), 400, "ValidationError", "phone_number null is not of type string"},
		{"a bad number", body(`"12"`, quoted(h.wholly.ID), text), 400, "ValidationError", "phone_number "},
		{"two numbers", body(`"+33639980001,+33639980002"`, quoted(h.wholly.ID), text), 400, "ValidationError", "phone_number "},
		{"no UUID", body(phone, `"x"`, text), 400, "ValidationError", "template_id is not a valid UUID"},
		{"an empty id", body(phone, `""`, text), 400, "ValidationError", "template_id is not a valid UUID"},
		{"an unknown template", body(phone, `"`+town+`"`, text), 400, "BadRequestError", "Template not found"},
		{"another's template", body(phone, quoted(h.foreign.ID), text), 400, "BadRequestError", "Template not found"},
		{"a template that was put away", body(phone, quoted(h.archived.ID), text), 400, "BadRequestError", "Template has been deleted"},
		{"no values", body(phone, quoted(h.welcome.ID), `{"late":"no"}`), 400, "BadRequestError", "Missing personalisation: name, time"},
		{"values of no object", body(phone, quoted(h.wholly.ID), `"x"`), 400, "ValidationError", `personalisation "x" is not of type object`},
		{"a value of no text", body(phone, quoted(h.wholly.ID), `{"text":{"a":1}}`), 400, "ValidationError", "personalisation contains"},
		{"a list of lists", body(phone, quoted(h.wholly.ID), `{"text":[["a"]]}`), 400, "ValidationError", "personalisation contains"},
		{"a long text", body(phone, quoted(h.wholly.ID), `{"text":"`+strings.Repeat("a", 919)+`"}`), 400, "BadRequestError", "Content for template has a character count greater than the limit of 918"},
		{"a control", body(phone, quoted(h.wholly.ID), `{"text":"a\u0007"}`), 400, "BadRequestError", ""},
		{"a further property", h.welcomed(`,"colour":"red"`), 400, "ValidationError", "Additional properties are not allowed (colour was unexpected)"},
		{"a scheduled one", h.welcomed(`,"scheduled_for":"2036-01-01 10:00"`), 400, "ValidationError", "Additional properties are not allowed (scheduled_for was unexpected)"},
		{"an unknown sender", h.welcomed(`,"sms_sender_id":"` + town + `"`), 400, "BadRequestError", "sms_sender_id " + town + " does not exist in database for service id " + town},
		{"a sender of no UUID", h.welcomed(`,"sms_sender_id":"Mairie"`), 400, "ValidationError", "sms_sender_id is not a valid UUID"},
		{"a long reference", h.welcomed(`,"reference":"` + strings.Repeat("r", 300) + `"`), 400, "ValidationError", "reference "},
		{"a large body", `{"phone_number":"` + strings.Repeat("a", 1<<20) + `"}`, 413, "BadRequestError", ""},
	} {
		t.Run(tc.name, func(t *testing.T) {
			before := len(h.stored(t, "town"))
			got := h.ask(t, http.MethodPost, sendPath, tc.body)
			kind, message := got.first()
			if got.status != tc.status || kind != tc.kind || !strings.HasPrefix(message, tc.message) {
				t.Fatalf("%d %s", got.status, got.body)
			}
			if n := len(h.stored(t, "town")) - before; n != 0 && tc.status != 201 || n != 1 && tc.status == 201 {
				t.Errorf("%d were stored", n)
			}
		})
	}
	for _, secret := range []string{"39980001", "Bonjour", live} {
		if strings.Contains(h.logs.String(), secret) {
			t.Errorf("the log has %q", secret)
		}
	}
}

func TestWhoMayCall(t *testing.T) {
	h := open(t)
	now := time.Now()
	hs := jwt.SigningMethodHS256
	good := bearer(t, town, live, now, hs)
	parts := strings.Split(good, ".")
	for _, tc := range []struct {
		name, authorization string
		status              int
		message             string
	}{
		{"a key", good, 200, ""},
		{"small letters", "bearer" + good[len("Bearer"):], 200, ""},
		{"a clock that is a little off", bearer(t, town, live, now.Add(-25*time.Second), hs), 200, ""},
		{"nobody", "", 401, "Unauthorized: authentication token must be provided"},
		{"another scheme", "Basic eDp4", 401, "Unauthorized: authentication bearer scheme must be used"},
		{"no token", "Bearer", 401, "Unauthorized: authentication bearer scheme must be used"},
		{"the secret itself", "Bearer " + live, 403, "Invalid token: signature, api token is not valid"},
		{"a clock that is late", bearer(t, town, live, now.Add(-time.Minute), hs), 403, "Error: Your system clock must be accurate to within 30 seconds"},
		{"a clock that is early", bearer(t, town, live, now.Add(time.Minute), hs), 403, "Error: Your system clock must be accurate to within 30 seconds"},
		{"an unknown service", bearer(t, "77777777-2222-4333-8444-555555555555", live, now, hs), 403, "Invalid token: service not found"},
		{"a service from elsewhere", bearer(t, shut, live, now, hs), 403, "Invalid token: service not found"},
		{"no UUID", bearer(t, "town", live, now, hs), 403, "Invalid token: service id is not the right data type"},
		{"no service", bearer(t, "", live, now, hs), 403, "Invalid token: iss field not provided"},
		{"another secret", bearer(t, town, theirs, now, hs), 403, "Invalid token: API key not found"},
		{"no secret", bearer(t, town, "", now, hs), 403, "Invalid token: API key not found"},
		{"another algorithm", bearer(t, town, live, now, jwt.SigningMethodHS512), 403, "Invalid token: algorithm used is not HS256"},
		{"no algorithm", bearer(t, town, live, now, jwt.SigningMethodNone), 403, "Invalid token: algorithm used is not HS256"},
		{"no signature", parts[0] + "." + parts[1] + ".", 403, "Invalid token: API key not found"},
		{"another's body", parts[0] + "." + strings.Split(bearer(t, other, theirs, now, hs), ".")[1] + "." + parts[2], 403, "Invalid token: API key not found"},
	} {
		t.Run(tc.name, func(t *testing.T) {
			got := h.askAs(t, tc.authorization, http.MethodGet, "/v2/notifications", "", nil)
			kind, message := got.first()
			if got.status != tc.status || message != tc.message || tc.status != 200 && kind != "AuthError" {
				t.Errorf("%d %s, want %d %s", got.status, got.body, tc.status, tc.message)
			}
		})
	}
}

// TestKindsOfKeys: a team key sends to its guests alone, a test key and the numbers of smoke tests store nothing.
func TestKindsOfKeys(t *testing.T) {
	h := open(t)
	as := func(secret string) string { return bearer(t, town, secret, time.Now(), jwt.SigningMethodHS256) }
	to := func(number string) string { return strings.Replace(h.welcomed(""), "+33639980001", number, 1) }
	for _, tc := range []struct {
		name, secret, number string
		status, stored       int
	}{
		{"live", live, "+33639980002", 201, 1},
		{"team, a guest", team, "06 39 98 00 01", 201, 1},
		{"team, another", team, "+33639980002", 400, 0},
		{"team, no number", team, "x", 400, 0},
		{"test", trial, "+33639980002", 201, 0},
		{"test, no number", trial, "12", 400, 0},
		{"smoke", live, "+447700900111", 201, 0},
	} {
		t.Run(tc.name, func(t *testing.T) {
			before := len(h.stored(t, "town"))
			got := h.askAs(t, as(tc.secret), http.MethodPost, sendPath, to(tc.number), nil)
			if got.status != tc.status || len(h.stored(t, "town"))-before != tc.stored {
				t.Errorf("%d %s, %d stored", got.status, got.body, len(h.stored(t, "town"))-before)
			}
			if tc.status == 201 && got.fields["content"].(map[string]any)["body"] != "Bonjour Zoé, à 9." {
				t.Errorf("%s", got.body)
			}
		})
	}
}

func TestTheSameKeySendsOnce(t *testing.T) {
	h := open(t)
	as := bearer(t, town, live, time.Now(), jwt.SigningMethodHS256)
	keyed := http.Header{"Idempotency-Key": {"order-7"}}
	first := h.askAs(t, as, http.MethodPost, sendPath, h.welcomed(""), keyed)
	again := h.askAs(t, as, http.MethodPost, sendPath, h.welcomed(""), keyed)
	if first.status != 201 || first.body != again.body {
		t.Errorf("%d %s, then %d %s", first.status, first.body, again.status, again.body)
	}
	if got := h.askAs(t, as, http.MethodPost, sendPath, h.welcomed(`,"reference":"x"`), keyed); got.status != 409 {
		t.Errorf("another body: %d %s", got.status, got.body)
	}
	if n := len(h.stored(t, "town")); n != 1 {
		t.Errorf("%d were stored", n)
	}
}

// TestLists walks through more than one page by its links.
func TestLists(t *testing.T) {
	h := open(t)
	const messages = 260
	for i := range messages {
		if got := h.ask(t, http.MethodPost, sendPath, h.welcomed(fmt.Sprintf(`,"reference":"r%d"`, i%2))); got.status != 201 {
			t.Fatalf("%d %s", got.status, got.body)
		}
	}
	for query, want := range map[string][]int{
		"": {250, 10}, "?template_type=sms&status=created": {250, 10}, "?status=delivered&status=failed": {0}, "?template_type=email": {0}, "?reference=r1": {130}, "?include_jobs=true": {250, 10},
	} {
		var sizes []int
		for next := "/v2/notifications" + query; next != ""; {
			got := h.ask(t, http.MethodGet, next, "")
			if got.status != 200 {
				t.Fatalf("%s: %d %s", next, got.status, got.body)
			}
			sizes = append(sizes, len(got.fields["notifications"].([]any)))
			next, _ = got.fields["links"].(map[string]any)["next"].(string)
			next = strings.TrimPrefix(next, "https://sms.town.example")
		}
		if diff := cmp.Diff(want, sizes); diff != "" {
			t.Errorf("%s (-want +got):\n%s", query, diff)
		}
	}
	for path, want := range map[string]int{
		"/v2/notifications?status=x": 400, "/v2/notifications?colour=x": 400, "/v2/notifications?older_than=x": 400, "/v2/notifications?%zz": 400, "/v2/notifications/x": 400, "/v2/notifications/" + town: 404,
		"/v2/notifications/" + h.welcome.ID.String(): 404, "/v2/nothing": 404, "/v2/notifications/a/b": 404, "/v2/template/x": 400, "/v2/template/" + town: 404, "/v2/template/" + h.foreign.ID.String(): 404,
		"/v2/template/" + h.welcome.ID.String() + "/version/0": 400, "/v2/template/" + h.welcome.ID.String() + "/version/2": 404, "/v2/templates?type=x": 400, "/v2/received-text-messages?older_than=x": 400,
	} {
		if got := h.ask(t, http.MethodGet, path, ""); got.status != want {
			t.Errorf("%s: %d %s, want %d", path, got.status, got.body, want)
		}
	}
	mine := h.stored(t, "town")[0].ID.String()
	if got := h.askAs(t, bearer(t, other, theirs, time.Now(), jwt.SigningMethodHS256), http.MethodGet, "/v2/notifications/"+mine, "", nil); got.status != 404 || strings.Contains(got.body, "Zoé") {
		t.Errorf("another service sees %d %s", got.status, got.body)
	}
}

func TestTemplates(t *testing.T) {
	h := open(t)
	list := h.ask(t, http.MethodGet, "/v2/templates?type=sms", "")
	if got := list.fields["templates"].([]any); len(got) != 2 {
		t.Errorf("%s", list.body)
	}
	one := h.ask(t, http.MethodGet, "/v2/template/"+h.welcome.ID.String()+"/version/1", "")
	if one.status != 200 || one.fields["name"] != "Welcome" || one.fields["type"] != "sms" || one.fields["version"] != 1.0 {
		t.Errorf("%d %s", one.status, one.body)
	}
	preview := h.ask(t, http.MethodPost, "/v2/template/"+h.welcome.ID.String()+"/preview", `{"personalisation":{"name":"Zoé","late":"yes","time":"9 h"}}`)
	if preview.status != 200 || preview.fields["body"] != "Bonjour Zoé, votre dossier a du retard, à 9 h." {
		t.Errorf("%d %s", preview.status, preview.body)
	}
	missing := h.ask(t, http.MethodPost, "/v2/template/"+h.welcome.ID.String()+"/preview", `{}`)
	if kind, message := missing.first(); missing.status != 400 || kind != "BadRequestError" || message != "Missing personalisation: name, time" {
		t.Errorf("%d %s", missing.status, missing.body)
	}
	for _, path := range []string{"/v2/notifications/email", "/v2/notifications/letter"} {
		if got := h.ask(t, http.MethodPost, path, "{}"); got.status != 400 {
			t.Errorf("%s: %d %s", path, got.status, got.body)
		}
	}
	for _, method := range []string{http.MethodDelete, http.MethodPut, http.MethodPatch, http.MethodOptions} {
		if got := h.ask(t, method, sendPath, ""); got.status != 405 {
			t.Errorf("%s: %d %s", method, got.status, got.body)
		}
	}
	if n := len(h.stored(t, "town")); n != 0 {
		t.Errorf("%d were stored", n)
	}
}
