//go:build oracle

package app_test

import (
	"bytes"
	"crypto/hmac"
	"crypto/sha256"
	"encoding/hex"
	"encoding/json"
	"fmt"
	"io"
	"maps"
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

const smsgateSection = "\n[smsgate.town]\npassword = \"s3cret\"\naccount = \"sandbox\"\nsigning_key = \"signing-key\"\n"

// smsgateTold is what came of a step.
type smsgateTold struct {
	Status  int
	Value   json.RawMessage
	Failure *struct {
		Code    int
		Message string
	}
}

// smsgateState is a message as the client has it.
type smsgateState struct {
	ID, State  string
	Recipients []struct{ PhoneNumber, State string }
}

func (a *smsgateTold) state(t *testing.T) (s smsgateState) {
	t.Helper()
	if a.Failure != nil {
		t.Fatalf("%d %+v", a.Status, a.Failure)
	}
	if err := json.Unmarshal(a.Value, &s); err != nil {
		t.Fatal(err)
	}
	return s
}

// runSMSGate has SMSGate's client for JavaScript do some steps, with more in its environment.
func runSMSGate(t *testing.T, address string, steps []step, environment ...string) (all []smsgateTold) {
	t.Helper()
	question, err := json.Marshal(map[string]any{"address": address, "login": "town", "password": "s3cret", "steps": steps})
	if err != nil {
		t.Fatal(err)
	}
	command := exec.CommandContext(t.Context(), "node", "smsgate.js")
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

// smsgateProgram is what SMSGate would call.
type smsgateProgram struct {
	*httptest.Server
	mu    sync.Mutex
	calls map[string][]map[string]any // payloads by path
}

func listenForSMSGate(t *testing.T) *smsgateProgram {
	t.Helper()
	p := &smsgateProgram{calls: map[string][]map[string]any{}}
	p.Server = httptest.NewServer(http.HandlerFunc(func(_ http.ResponseWriter, r *http.Request) {
		body, err := io.ReadAll(r.Body)
		if err != nil {
			t.Error(err)
		}
		mac := hmac.New(sha256.New, []byte("signing-key"))
		mac.Write([]byte(string(body) + r.Header.Get("X-Timestamp")))
		if r.Header.Get("X-Signature") != hex.EncodeToString(mac.Sum(nil)) {
			t.Errorf("signature of %s", body)
		}
		var said struct {
			WebhookID, Event string
			Payload          map[string]any
		}
		if err := json.Unmarshal(body, &said); err != nil || "/"+said.WebhookID != r.URL.Path {
			t.Errorf("%s at %s, %v", body, r.URL.Path, err)
		}
		p.mu.Lock()
		defer p.mu.Unlock()
		p.calls[said.Event] = append(p.calls[said.Event], said.Payload)
	}))
	t.Cleanup(p.Close)
	return p
}

func (p *smsgateProgram) of(event string) []map[string]any {
	p.mu.Lock()
	defer p.mu.Unlock()
	return append([]map[string]any(nil), p.calls[event]...)
}

// TestNodeSMSGate has SMSGate's own client for JavaScript, unchanged, register webhooks, send and read back.
func TestNodeSMSGate(t *testing.T) {
	t.Parallel()
	program := listenForSMSGate(t)
	w := live(t, sandbox.Options{}, smsgateSection)
	const to, absent = "+33639980600", "+33639980650"
	var steps []step
	for id, event := range map[string]string{"sent": "sms:sent", "delivered": "sms:delivered", "failed": "sms:failed", "received": "sms:received"} {
		steps = append(steps, step{"do": "registerWebhook", "with": []any{map[string]any{"id": id, "url": program.URL + "/" + id, "event": event}}})
	}
	steps = append(steps,
		step{"do": "getWebhooks"}, step{"do": "getHealth"}, step{"do": "getDevices"}, step{"do": "getLogs"},
		step{"do": "send", "with": []any{map[string]any{"id": "order-7", "message": "Bonjour", "phoneNumbers": []string{to, absent}, "simNumber": 1, "ttl": 3600, "withDeliveryReport": true}, map[string]any{"skipPhoneValidation": false}}},
		step{"do": "getState", "with": []any{"order-7"}},
	)
	told := runSMSGate(t, w.app.URL(), steps)
	for i := range told {
		if told[i].Failure != nil {
			t.Fatalf("%v: %d %+v", steps[i], told[i].Status, told[i].Failure)
		}
	}
	var hooks []struct{ ID string }
	if err := json.Unmarshal(told[4].Value, &hooks); err != nil || len(hooks) != 4 {
		t.Errorf("%s, %v", told[4].Value, err)
	}
	if sent := told[8].state(t); sent.ID != "order-7" || sent.State != "Pending" || len(sent.Recipients) != 2 {
		t.Errorf("%+v", sent)
	}
	await(t, "the text", patience, func() bool { return len(w.sandbox.Handset(to)) == 1 })
	for event, want := range map[string]int{"sms:sent": 2, "sms:delivered": 1, "sms:failed": 1} {
		await(t, event, patience, func() bool { return len(program.of(event)) == want })
		if payload := program.of(event)[0]; payload["messageId"] != "order-7" {
			t.Errorf("%s: %v", event, payload)
		}
	}
	if payload := program.of("sms:failed")[0]; payload["phoneNumber"] != absent || payload["error"] == "" {
		t.Errorf("failed: %v", payload)
	}
	if err := w.sandbox.Reply(to, "", "Oui, à demain"); err != nil {
		t.Fatal(err)
	}
	await(t, "the reply", patience, func() bool { return len(program.of("sms:received")) == 1 })
	if payload := program.of("sms:received")[0]; payload["message"] != "Oui, à demain" || payload["phoneNumber"] != to {
		t.Errorf("reply: %v", payload)
	}
	told = runSMSGate(t, w.app.URL(), []step{{"do": "getState", "with": []any{"order-7"}}, {"do": "deleteWebhook", "with": []any{"sent"}}, {"do": "getWebhooks"}})
	if read := told[0].state(t); read.State != "Delivered" || read.Recipients[0].State != "Delivered" || read.Recipients[1].State != "Failed" {
		t.Errorf("%+v", read)
	}
	if err := json.Unmarshal(told[2].Value, &hooks); err != nil || len(hooks) != 3 {
		t.Errorf("%s, %v", told[2].Value, err)
	}
}

// TestNodeSMSGateRaisesItsErrors: each refusal is raised with SMSGate's form in it.
func TestNodeSMSGateRaisesItsErrors(t *testing.T) {
	t.Parallel()
	w := live(t, sandbox.Options{}, smsgateSection)
	with := func(more map[string]any) []any {
		message := map[string]any{"message": "Bonjour", "phoneNumbers": []string{"+33639980600"}}
		maps.Copy(message, more)
		return []any{message}
	}
	once := step{"do": "send", "with": with(map[string]any{"id": "order-8"})}
	cases := []struct {
		step    step
		status  int
		message string
	}{
		{step{"do": "send", "password": "x", "with": with(nil)}, 401, "Unauthorized"},
		{once, 0, ""},
		{once, 409, "duplicate id"},
		{step{"do": "send", "with": with(map[string]any{"isEncrypted": true})}, 400, "isEncrypted cannot be honoured"},
		{step{"do": "send", "with": with(map[string]any{"phoneNumbers": []string{"12"}})}, 400, "phoneNumbers[0]: "},
		{step{"do": "send", "with": with(map[string]any{"phoneNumbers": []string{}})}, 400, "validation failed: want 1 to 100 phoneNumbers"},
		{step{"do": "send", "with": with(map[string]any{"ttl": 60, "validUntil": "2099-01-01T00:00:00Z"})}, 400, "conflict fields: ttl and validUntil"},
		{step{"do": "getState", "with": []any{"none"}}, 404, "message not found"},
		{step{"do": "registerWebhook", "with": []any{map[string]any{"url": "https://town.example", "event": "system:ping"}}}, 400, "invalid event type"},
		{step{"do": "registerWebhook", "with": []any{map[string]any{"url": "http://10.0.0.1", "event": "sms:sent"}}}, 400, ""},
		{step{"do": "getSettings"}, 501, "There is no telephone here"},
		{step{"do": "patchSettings", "with": []any{map[string]any{}}}, 501, "There is no telephone here"},
		{step{"do": "deleteDevice", "with": []any{"x"}}, 501, "There is no telephone here"},
		{step{"do": "exportInbox", "with": []any{map[string]any{"deviceId": "x", "since": "2026-01-01T00:00:00Z", "until": "2026-01-02T00:00:00Z"}}}, 501, "There is no telephone here"},
	}
	var steps []step
	for _, tc := range cases {
		steps = append(steps, tc.step)
	}
	for i, a := range runSMSGate(t, w.app.URL(), steps) {
		tc := cases[i]
		if tc.status == 0 {
			a.state(t)
			continue
		}
		if a.Status != tc.status || a.Failure == nil || a.Failure.Code != tc.status || !strings.HasPrefix(a.Failure.Message, tc.message) {
			t.Errorf("%v: %d %+v, want %d %s", tc.step, a.Status, a.Failure, tc.status, tc.message)
		}
	}
}

// TestNodeSMSGateAgainAfterALostAnswer: the client sends again, with the id of the first time, what it got no answer to.
func TestNodeSMSGateAgainAfterALostAnswer(t *testing.T) {
	t.Parallel()
	w := live(t, sandbox.Options{}, smsgateSection)
	losing := losingAnswers(t, w.app.URL(), 0)
	const rounds = 10
	var steps []step
	for n := range rounds {
		steps = append(steps, step{"do": "send", "with": []any{map[string]any{"id": fmt.Sprintf("order-%d", n), "message": "Bonjour", "phoneNumbers": []string{fmt.Sprintf("+336399806%02d", n)}}}})
	}
	for _, a := range runSMSGate(t, losing.URL, steps) {
		if a.Failure == nil {
			t.Errorf("the client heard %s", a.Value)
		}
	}
	if losing.taken() != rounds {
		t.Errorf("%d were taken", losing.taken())
	}
	for _, a := range runSMSGate(t, w.app.URL(), steps) {
		if a.Status != http.StatusConflict {
			t.Errorf("again: %d %s", a.Status, a.Value)
		}
	}
	for n := range rounds {
		to := fmt.Sprintf("+336399806%02d", n)
		await(t, "the text", patience, func() bool { return len(w.sandbox.Handset(to)) > 0 })
		if got := w.sandbox.Handset(to); len(got) != 1 {
			t.Errorf("%d on the handset of %s", len(got), to)
		}
	}
}

// TestNodeSMSGateOverTLS has the client go through a proxy that ends TLS with a certificate of a local authority.
func TestNodeSMSGateOverTLS(t *testing.T) {
	w := live(t, sandbox.Options{}, behindGateway+smsgateSection)
	p := startProxy(t, "nginx", w.app.URL())
	preload, err := filepath.Abs("testdata/node-here.js")
	if err != nil {
		t.Fatal(err)
	}
	told := runSMSGate(t, fmt.Sprintf("https://sms.town.example:%d", p.port), []step{
		{"do": "send", "with": []any{map[string]any{"id": "order-9", "message": "Bonjour", "phoneNumbers": []string{"+33639980600"}}}}, {"do": "getState", "with": []any{"order-9"}},
	}, "NODE_EXTRA_CA_CERTS="+p.file, "NODE_OPTIONS=--require "+preload)
	for i := range told {
		told[i].state(t)
	}
}
