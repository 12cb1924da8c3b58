//go:build oracle

package app_test

import (
	"bytes"
	"encoding/json"
	"fmt"
	"net/http"
	"net/http/httptest"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"sync"
	"testing"

	"relais/sandbox"
)

// Credentials of the tests with Notify's client.
const (
	notifyService = "11111111-2222-4333-8444-555555555555"
	notifyLive    = "forms-" + notifyService + "-66666666-7777-4888-8999-aaaaaaaaaaaa"
	notifyTeam    = "staff-" + notifyService + "-66666666-7777-4888-8999-bbbbbbbbbbbb"
	notifyTest    = "try-" + notifyService + "-66666666-7777-4888-8999-cccccccccccc"
	notifySender  = "bbbbbbbb-cccc-4ddd-8eee-ffffffffffff"
)

const notifySection = `
[notify.town]
service = "` + notifyService + `"
account = "sandbox"
receipts_url = "%[1]s/receipts?k=1"
receipts_token = "receipts-secret"
replies_url = "%[1]s/replies"
replies_token = "replies-secret"
[notify.town.key.forms]
secret = "66666666-7777-4888-8999-aaaaaaaaaaaa"
kind = "live"
[notify.town.key.staff]
secret = "66666666-7777-4888-8999-bbbbbbbbbbbb"
kind = "team"
guests = ["+33639980400"]
[notify.town.key.try]
secret = "66666666-7777-4888-8999-cccccccccccc"
kind = "test"
[notify.town.sender.town]
id = "` + notifySender + `"
sender = "RELAIS"
`

// notifyStep is a call of the client: a method of it, and its arguments.
type notifyStep map[string]any

// notifyTold is what came of a step.
type notifyTold struct {
	Status  int
	Value   map[string]any
	Failure *struct {
		StatusCode int `json:"status_code"`
		Message    string
		Errors     []struct{ Error, Message string }
	}
}

// runNotify has Notify's client for Node.js do some steps, with more in its environment.
func runNotify(t *testing.T, address string, steps []notifyStep, environment ...string) (all []notifyTold) {
	t.Helper()
	question, err := json.Marshal(map[string]any{"address": address, "key": notifyLive, "steps": steps})
	if err != nil {
		t.Fatal(err)
	}
	command := exec.CommandContext(t.Context(), "node", "notify.js")
	command.Dir, command.Stdin = "../internal/oracle", bytes.NewReader(question)
	command.Env = append(os.Environ(), environment...)
	var complaint bytes.Buffer
	command.Stderr = &complaint
	answer, err := command.Output()
	if err != nil {
		t.Fatalf("run node in internal/oracle, after npm ci there: %v\n%s", err, complaint.String())
	}
	if err := json.Unmarshal(answer, &all); err != nil || len(all) != len(steps) {
		t.Fatalf("%s: %v", answer, err)
	}
	return all
}

// notifyProgram is what Notify would call.
type notifyProgram struct {
	*httptest.Server
	mu    sync.Mutex
	calls map[string][]map[string]any // by path
}

func listenForNotify(t *testing.T) *notifyProgram {
	t.Helper()
	p := &notifyProgram{calls: map[string][]map[string]any{}}
	p.Server = httptest.NewServer(http.HandlerFunc(func(_ http.ResponseWriter, r *http.Request) {
		body := map[string]any{}
		if err := json.NewDecoder(r.Body).Decode(&body); err != nil {
			t.Error(err)
		}
		body["token"], body["query"] = r.Header.Get("Authorization"), r.URL.RawQuery
		p.mu.Lock()
		defer p.mu.Unlock()
		p.calls[r.URL.Path] = append(p.calls[r.URL.Path], body)
	}))
	t.Cleanup(p.Close)
	return p
}

func (p *notifyProgram) of(path string) []map[string]any {
	p.mu.Lock()
	defer p.mu.Unlock()
	return append([]map[string]any(nil), p.calls[path]...)
}

// TestNodeNotify has GOV.UK Notify's own client for Node.js, unchanged, send, read back and list; the receipt and the reply come in
// Notify's form.
func TestNodeNotify(t *testing.T) {
	t.Parallel()
	program := listenForNotify(t)
	w := live(t, sandbox.Options{}, fmt.Sprintf(notifySection, program.URL))
	id := w.newTemplate(t, "Rendez-vous", "Bonjour ((nom)), ((retard??votre dossier a du retard, ))à ((heure)).")
	const to, absent = "+33639980400", "+33639980450"
	values := map[string]any{"nom": "Zoé", "heure": 9, "retard": "no"}
	options := func(reference string) map[string]any {
		return map[string]any{"personalisation": values, "reference": reference, "smsSenderId": notifySender}
	}
	sent := runNotify(t, w.app.URL(), []notifyStep{
		{"do": "sendSms", "with": []any{id, to, options("file 7")}},
		{"do": "sendSms", "with": []any{id, absent, options("file 8")}},
		{"do": "sendSms", "key": notifyTeam, "with": []any{id, to, options("file 9")}},
		{"do": "sendSms", "key": notifyTest, "with": []any{id, "+33639980403", options("file 10")}},
		{"do": "sendSms", "with": []any{id, "07700900000", options("file 11")}},
	})
	for i, a := range sent[:4] {
		content, _ := a.Value["content"].(map[string]any)
		if a.Status != http.StatusCreated || content["body"] != "Bonjour Zoé, à 9." || content["from_number"] != "RELAIS" {
			t.Fatalf("step %d: %+v", i, a)
		}
	}
	if a := sent[4]; a.Status != http.StatusBadRequest { // no number of the account's country
		t.Errorf("%+v", a)
	}
	await(t, "the texts", patience, func() bool { return len(w.sandbox.Handset(to)) == 2 })
	await(t, "the receipts", patience, func() bool { return len(program.of("/receipts")) == 3 })
	status := map[any]any{}
	for _, receipt := range program.of("/receipts") {
		status[receipt["reference"]] = receipt["status"]
		if receipt["token"] != "Bearer receipts-secret" || receipt["query"] != "k=1" || receipt["notification_type"] != "sms" || receipt["template_id"] != id ||
			receipt["template_version"] != 1.0 || receipt["completed_at"] == nil || receipt["sent_at"] == nil {
			t.Errorf("receipt %v", receipt)
		}
	}
	if status["file 7"] != "delivered" || status["file 8"] != "temporary-failure" || status["file 9"] != "delivered" {
		t.Errorf("statuses %v", status)
	}
	if err := w.sandbox.Reply(to, "", "Oui, à demain"); err != nil {
		t.Fatal(err)
	}
	await(t, "the reply", patience, func() bool { return len(program.of("/replies")) == 1 })
	if reply := program.of("/replies")[0]; reply["token"] != "Bearer replies-secret" || reply["message"] != "Oui, à demain" || reply["source_number"] != strings.TrimPrefix(to, "+") {
		t.Errorf("reply %v", reply)
	}
	read := runNotify(t, w.app.URL(), []notifyStep{
		{"do": "getNotificationById", "with": []any{sent[0].Value["id"]}},
		{"do": "getNotificationById", "with": []any{sent[3].Value["id"]}},
		{"do": "getNotifications", "with": []any{"sms", "delivered"}},
		{"do": "getNotifications", "with": []any{nil, nil, "file 8"}},
		{"do": "getReceivedTexts", "with": []any{}},
		{"do": "getTemplateById", "with": []any{id}},
		{"do": "getTemplateByIdAndVersion", "with": []any{id, 1}},
		{"do": "getAllTemplates", "with": []any{"sms"}},
		{"do": "previewTemplateById", "with": []any{id, values}},
	})
	if a := read[0]; a.Value["status"] != "delivered" || a.Value["phone_number"] != to || a.Value["body"] != "Bonjour Zoé, à 9." {
		t.Errorf("read %+v", a)
	}
	if a := read[1]; a.Status != http.StatusNotFound || a.Failure.Errors[0].Error != "NoResultFound" {
		t.Errorf("of a test key: %+v", a)
	}
	for i, want := range map[int]struct {
		list  string
		count int
	}{2: {"notifications", 2}, 3: {"notifications", 1}, 4: {"received_text_messages", 1}, 7: {"templates", 1}} {
		if list, _ := read[i].Value[want.list].([]any); len(list) != want.count {
			t.Errorf("step %d: %+v", i, read[i])
		}
	}
	if read[5].Value["name"] != "Rendez-vous" || read[6].Value["version"] != 1.0 || read[8].Value["body"] != "Bonjour Zoé, à 9." {
		t.Errorf("templates %+v, %+v, %+v", read[5], read[6], read[8])
	}
}

// TestNodeNotifyRaisesItsErrors: each refusal is the client's own exception, with Notify's form in it.
func TestNodeNotifyRaisesItsErrors(t *testing.T) {
	t.Parallel()
	w := live(t, sandbox.Options{}, fmt.Sprintf(notifySection, "https://town.example"))
	id := w.newTemplate(t, "Text", "((text))")
	values := func(text string) map[string]any {
		return map[string]any{"personalisation": map[string]any{"text": text}}
	}
	const unknown = "99999999-2222-4333-8444-555555555555"
	var steps []notifyStep
	cases := []struct {
		step          notifyStep
		status        int
		kind, message string
	}{
		{notifyStep{"do": "sendSms", "key": "forms-" + unknown + "-66666666-7777-4888-8999-aaaaaaaaaaaa", "with": []any{id, "+33639980400", values("x")}}, 403, "AuthError", "Invalid token: service not found"},
		{notifyStep{"do": "sendSms", "key": "forms-" + notifyService + "-" + unknown, "with": []any{id, "+33639980400", values("x")}}, 403, "AuthError", "Invalid token: API key not found"},
		{notifyStep{"do": "sendSms", "with": []any{unknown, "+33639980400", values("x")}}, 400, "BadRequestError", "Template not found"},
		{notifyStep{"do": "sendSms", "with": []any{"x", "+33639980400", values("x")}}, 400, "ValidationError", "template_id is not a valid UUID"},
		{notifyStep{"do": "sendSms", "with": []any{id, "12", values("x")}}, 400, "ValidationError", "phone_number "},
		{notifyStep{"do": "sendSms", "with": []any{id, "+33639980400", map[string]any{}}}, 400, "BadRequestError", "Missing personalisation: text"},
		{notifyStep{"do": "sendSms", "with": []any{id, "+33639980400", values(strings.Repeat("a", 919))}}, 400, "BadRequestError", "Content for template"},
		{notifyStep{"do": "sendSms", "key": notifyTeam, "with": []any{id, "+33639980401", values("x")}}, 400, "BadRequestError", "Can’t send to this recipient using a team-only API key"},
		{notifyStep{"do": "sendSms", "with": []any{id, "+33639980400", map[string]any{"personalisation": map[string]any{"text": "x"}, "smsSenderId": unknown}}}, 400, "BadRequestError", "sms_sender_id " + unknown},
		{notifyStep{"do": "sendEmail", "with": []any{id, "a@town.example", values("x")}}, 400, "BadRequestError", "Service is not allowed"},
		{notifyStep{"do": "getNotificationById", "with": []any{unknown}}, 404, "NoResultFound", "No result found"},
		{notifyStep{"do": "getNotifications", "with": []any{"sms", "lost"}}, 400, "ValidationError", "status "},
		{notifyStep{"do": "getTemplateById", "with": []any{unknown}}, 404, "NoResultFound", "No result found"},
	}
	for _, tc := range cases {
		steps = append(steps, tc.step)
	}
	for i, a := range runNotify(t, w.app.URL(), steps) {
		tc := cases[i]
		if a.Status != tc.status || a.Failure == nil || a.Failure.StatusCode != tc.status || a.Failure.Errors[0].Error != tc.kind || !strings.HasPrefix(a.Failure.Errors[0].Message, tc.message) {
			t.Errorf("%v: %+v, want %d %s %s", tc.step, a, tc.status, tc.kind, tc.message)
		}
	}
}

// TestNodeNotifyOverTLS has the client go through a proxy that ends TLS, and send again with a key of its own.
func TestNodeNotifyOverTLS(t *testing.T) {
	w := live(t, sandbox.Options{}, behindGateway+fmt.Sprintf(notifySection, "https://town.example"))
	id := w.newTemplate(t, "Text", "((text))")
	p := startProxy(t, "nginx", w.app.URL())
	preload, err := filepath.Abs("testdata/node-here.js")
	if err != nil {
		t.Fatal(err)
	}
	again := notifyStep{
		"do": "sendSms", "header": map[string]string{"Idempotency-Key": "order-7"},
		"with": []any{id, "+33639980402", map[string]any{"personalisation": map[string]any{"text": "Bonjour"}}},
	}
	sent := runNotify(t, fmt.Sprintf("https://sms.town.example:%d", p.port), []notifyStep{again, again, again},
		"NODE_EXTRA_CA_CERTS="+p.file, "NODE_OPTIONS=--require "+preload)
	for i, a := range sent {
		if a.Status != http.StatusCreated || a.Value["id"] != sent[0].Value["id"] {
			t.Errorf("step %d: %+v", i, a)
		}
	}
	await(t, "the text", patience, func() bool { return len(w.sandbox.Handset("+33639980402")) > 0 })
	if n := len(w.sandbox.Handset("+33639980402")); n != 1 {
		t.Errorf("%d on the handset", n)
	}
}
