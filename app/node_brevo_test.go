//go:build oracle

package app_test

import (
	"bytes"
	"encoding/json"
	"fmt"
	"maps"
	"net/http"
	"net/http/httptest"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"strings"
	"sync"
	"testing"

	"relais/sandbox"
)

const brevoSection = `
[brevo.town]
key = "xkeysib-0123456789abcdef"
account = "sandbox"
events_url = "%s/events"
events_token = "events-secret"
`

// brevoTold is what came of a step.
type brevoTold struct {
	Value   json.RawMessage
	Failure *struct {
		Kind, Code, Message string
		Own                 bool
		Status              int
	}
}

// id is that of the message in an answer.
func (a *brevoTold) id(t *testing.T) float64 {
	t.Helper()
	var answer struct {
		MessageID float64
	}
	if err := json.Unmarshal(a.Value, &answer); err != nil || a.Failure != nil || answer.MessageID == 0 {
		t.Fatalf("%s %+v: %v", a.Value, a.Failure, err)
	}
	return answer.MessageID
}

// runBrevo has Brevo's client for Node.js do some steps, with more in its environment.
func runBrevo(t *testing.T, address string, steps []step, environment ...string) (all []brevoTold) {
	t.Helper()
	return askBrevo(t, map[string]any{"address": address, "steps": steps}, len(steps), environment...)
}

func askBrevo(t *testing.T, asked map[string]any, steps int, environment ...string) (all []brevoTold) {
	t.Helper()
	asked["key"] = "xkeysib-0123456789abcdef"
	question, err := json.Marshal(asked)
	if err != nil {
		t.Fatal(err)
	}
	command := exec.CommandContext(t.Context(), "node", "brevo.js")
	command.Dir, command.Stdin = "../internal/oracle", bytes.NewReader(question)
	command.Env = append(os.Environ(), environment...)
	var complaint bytes.Buffer
	command.Stderr = &complaint
	answer, err := command.Output()
	if err != nil {
		t.Fatalf("run node in internal/oracle, after npm ci there: %v\n%s", err, complaint.String())
	}
	if err := json.Unmarshal(answer, &all); err != nil || len(all) != steps {
		t.Fatalf("%s: %v", answer, err)
	}
	return all
}

// brevoProgram is what Brevo would call.
type brevoProgram struct {
	*httptest.Server
	mu    sync.Mutex
	calls map[string][]map[string]any // by path, each status of a message once
}

func listenForBrevo(t *testing.T) *brevoProgram {
	t.Helper()
	p := &brevoProgram{calls: map[string][]map[string]any{}}
	p.Server = httptest.NewServer(http.HandlerFunc(func(_ http.ResponseWriter, r *http.Request) {
		body := map[string]any{}
		if err := json.NewDecoder(r.Body).Decode(&body); err != nil {
			t.Error(err)
		}
		body["token"] = r.Header.Get("Authorization")
		p.mu.Lock()
		defer p.mu.Unlock()
		same := func(c map[string]any) bool {
			return c["messageId"] == body["messageId"] && c["msg_status"] == body["msg_status"]
		}
		if !slices.ContainsFunc(p.calls[r.URL.Path], same) { // one whose answer came late is made again
			p.calls[r.URL.Path] = append(p.calls[r.URL.Path], body)
		}
	}))
	t.Cleanup(p.Close)
	return p
}

func (p *brevoProgram) of(path string) []map[string]any {
	p.mu.Lock()
	defer p.mu.Unlock()
	return slices.Clone(p.calls[path])
}

// TestNodeBrevo has Brevo's own client for Node.js, unchanged, send, list events page by page, and read reports; receipts and a reply
// come in Brevo's form, with the integer that the client was given.
func TestNodeBrevo(t *testing.T) {
	t.Parallel()
	program := listenForBrevo(t)
	w := live(t, sandbox.Options{}, fmt.Sprintf(brevoSection, program.URL))
	const to, absent = "33639980400", "33639980450"
	message := func(to, text string, more step) step {
		all := step{"sender": "RELAIS", "recipient": to, "content": text}
		maps.Copy(all, more)
		return all
	}
	sent := runBrevo(t, w.app.URL(), []step{
		{"do": "send", "with": message(to, "Réunion à 9 h 🌴", step{"type": "transactional", "tag": "file 7", "unicodeEnabled": true})},
		{"do": "send", "with": message(absent, "Bonjour", step{"tag": []string{"file 8", "roads"}, "webUrl": program.URL + "/own?k=1"})},
		{"do": "twin", "with": message("33639980401", "Bonjour", step{"organisationPrefix": "Mairie"})},
		{"do": "account"},
	})
	ids := []float64{sent[0].id(t), sent[1].id(t), sent[2].id(t)}
	if sent[3].Failure != nil {
		t.Errorf("%+v", sent[3].Failure)
	}
	await(t, "the receipts", patience, func() bool { return len(program.of("/events")) == 4 && len(program.of("/own")) == 2 })
	if got := w.sandbox.Handset("+" + to); len(got) != 1 || got[0].Text != "Réunion à 9 h 🌴" {
		t.Errorf("on the handset: %+v", got)
	}
	if got := w.sandbox.Handset("+33639980401"); len(got) != 1 || got[0].Text != "Mairie Bonjour" {
		t.Errorf("on the handset: %+v", got)
	}
	var words []any
	for _, c := range program.of("/own") {
		if c["messageId"] != ids[1] || c["tag"] != "file 8" || c["token"] != "" || c["to"] != absent {
			t.Errorf("told %v", c)
		}
		words = append(words, c["msg_status"])
	}
	if want := []any{"sent", "soft_bounce"}; !slices.Equal(words, want) {
		t.Errorf("told %v, want %v", words, want)
	}
	if err := w.sandbox.Reply("+"+to, "", "Oui, à demain"); err != nil {
		t.Fatal(err)
	}
	await(t, "the reply", patience, func() bool { return len(program.of("/events")) == 5 })
	for _, c := range program.of("/events") {
		if c["token"] != "Bearer events-secret" || c["msg_status"] == "replied" && (c["reply"] != "Oui, à demain" || c["messageId"] != ids[0]) {
			t.Errorf("told %v", c)
		}
	}
	read := runBrevo(t, w.app.URL(), []step{
		{"do": "events", "with": step{}},
		{"do": "events", "with": step{"limit": 3, "offset": 6}},
		{"do": "events", "with": step{"tags": `["roads"]`, "event": "bounces"}},
		{"do": "events", "with": step{"phoneNumber": to, "event": "replies", "sort": "asc", "days": 2}},
		{"do": "events", "with": step{"startDate": "2001-01-01", "endDate": "2001-01-02"}},
		{"do": "total", "with": step{"days": 2}},
		{"do": "days", "with": step{}},
	})
	var lists [5][]struct{ MessageID, Event, Reason, Reply, Tag, PhoneNumber, Date string }
	for i := range lists {
		if err := json.Unmarshal(read[i].Value, &lists[i]); err != nil {
			t.Fatalf("%s %+v: %v", read[i].Value, read[i].Failure, err)
		}
	}
	if len(lists[0]) != 10 || len(lists[1]) != 3 || len(lists[4]) != 0 { // three times accepted, sent and ended, and the reply
		t.Errorf("lists %+v", lists)
	}
	if one := lists[2]; len(one) != 1 || one[0].MessageID != fmt.Sprint(ids[1]) || one[0].Event != "softBounces" || one[0].Reason != "absent" || one[0].Tag != "roads" {
		t.Errorf("bounces %+v", one)
	}
	if one := lists[3]; len(one) != 1 || one[0].Reply != "Oui, à demain" || one[0].MessageID != fmt.Sprint(ids[0]) || one[0].PhoneNumber != to {
		t.Errorf("replies %+v", one)
	}
	var total map[string]any
	if err := json.Unmarshal(read[5].Value, &total); err != nil || total["requests"] != 3.0 || total["delivered"] != 2.0 || total["softBounces"] != 1.0 || total["replied"] != 1.0 {
		t.Errorf("%s %+v: %v", read[5].Value, read[5].Failure, err)
	}
	if read[6].Failure != nil || !strings.Contains(string(read[6].Value), `"requests"`) {
		t.Errorf("%s %+v", read[6].Value, read[6].Failure)
	}
}

// TestNodeBrevoRaisesItsErrors: each refusal is the client's own exception, with status and code.
func TestNodeBrevoRaisesItsErrors(t *testing.T) {
	t.Parallel()
	w := live(t, sandbox.Options{}, fmt.Sprintf(brevoSection, "https://town.example")+"\n[quota.parts]\nper = \"account\"\nevery = \"month\"\nmessages = 1\n")
	with := func(change step) step {
		all := step{"sender": "RELAIS", "recipient": "33639980400", "content": "Bonjour"}
		maps.Copy(all, change)
		return step{"do": "send", "with": all}
	}
	var steps []step
	cases := []struct {
		step   step
		status int
		kind   string
		code   string
	}{
		{step{"do": "send", "key": "xkeysib-x", "with": step{}}, 401, "BrevoError", "unauthorized"},
		{with(step{"sender": ""}), 400, "BadRequestError", "missing_parameter"},
		{with(step{"content": ""}), 400, "BadRequestError", "missing_parameter"},
		{with(step{"recipient": "0639980400"}), 400, "BadRequestError", "invalid_parameter"},
		{with(step{"sender": "MairieDeTresLoin"}), 400, "BadRequestError", "invalid_parameter"},
		{with(step{"content": strings.Repeat("a", 2000)}), 400, "BadRequestError", "invalid_parameter"},
		{with(step{"type": "otp"}), 400, "BadRequestError", "invalid_parameter"},
		{with(step{"templateId": 7}), 400, "BadRequestError", "invalid_parameter"},
		{with(step{"webUrl": "http://10.0.0.1/"}), 400, "BadRequestError", "invalid_parameter"},
		{step{"do": "events", "with": step{"limit": 1000}}, 400, "BadRequestError", "invalid_parameter"},
		{step{"do": "events", "with": step{"startDate": "2026-01-01"}}, 400, "BadRequestError", "missing_parameter"},
	}
	for _, tc := range cases {
		steps = append(steps, tc.step)
	}
	for _, text := range []string{"a", "b", "c"} { // of which the quota lets one through, or two where a month ends meanwhile
		steps = append(steps, with(step{"content": text}))
	}
	told := runBrevo(t, w.app.URL(), steps)
	raised := func(a brevoTold, status int, kind, code string) bool {
		f := a.Failure
		return f != nil && f.Own && f.Status == status && f.Kind == kind && f.Code == code && f.Message != ""
	}
	for i, tc := range cases {
		if a := told[i]; !raised(a, tc.status, tc.kind, tc.code) {
			t.Errorf("%v: %+v %s, want %d %s %s", tc.step, a.Failure, a.Value, tc.status, tc.kind, tc.code)
		}
	}
	if !slices.ContainsFunc(told[len(cases):], func(a brevoTold) bool { return raised(a, 402, "PaymentRequiredError", "not_enough_credits") }) {
		t.Errorf("the quota refused nothing: %+v", told[len(cases):])
	}
}

// TestNodeBrevoRepeatsByItself: a proxy answers 502 in place of each yes, so that the client sends three times, unchanged, without
// a key; each message is sent once. The program, which heard of nothing, sends again, and learns the id of the first.
func TestNodeBrevoRepeatsByItself(t *testing.T) {
	t.Parallel()
	w := live(t, sandbox.Options{}, fmt.Sprintf(brevoSection, "https://town.example"))
	losing := losingAnswers(t, w.app.URL(), http.StatusBadGateway)
	const rounds = 10
	var steps []step
	for n := range rounds {
		steps = append(steps, step{"do": "send", "with": step{"sender": "RELAIS", "recipient": fmt.Sprintf("336399804%02d", n), "content": "Bonjour"}})
	}
	for _, a := range askBrevo(t, map[string]any{"address": losing.URL, "steps": steps, "together": true}, rounds) {
		if a.Failure == nil || a.Failure.Status != http.StatusBadGateway {
			t.Errorf("the client heard %s %+v", a.Value, a.Failure)
		}
	}
	if n := losing.taken(); n != 3*rounds {
		t.Errorf("%d were answered with a yes, want %d", n, 3*rounds)
	}
	ids := map[float64]bool{}
	for _, a := range runBrevo(t, w.app.URL(), steps) {
		ids[a.id(t)] = true
	}
	if len(ids) != rounds {
		t.Errorf("%d messages, want %d", len(ids), rounds)
	}
	for n := range rounds {
		to := fmt.Sprintf("+336399804%02d", n)
		await(t, "the text", patience, func() bool { return len(w.sandbox.Handset(to)) > 0 })
		if got := w.sandbox.Handset(to); len(got) != 1 {
			t.Errorf("%d on the handset of %s", len(got), to)
		}
	}
}

// TestNodeBrevoOverTLS has the client go through a proxy that ends TLS with a certificate of a local authority.
func TestNodeBrevoOverTLS(t *testing.T) {
	w := live(t, sandbox.Options{}, behindGateway+fmt.Sprintf(brevoSection, "https://town.example"))
	p := startProxy(t, "nginx", w.app.URL())
	preload, err := filepath.Abs("testdata/node-here.js")
	if err != nil {
		t.Fatal(err)
	}
	sent := runBrevo(t, fmt.Sprintf("https://sms.town.example:%d", p.port), []step{
		{"do": "send", "with": step{"sender": "RELAIS", "recipient": "33639980400", "content": "Bonjour"}},
	}, "NODE_EXTRA_CA_CERTS="+p.file, "NODE_OPTIONS=--require "+preload)
	sent[0].id(t)
}
