//go:build oracle

package app_test

import (
	"bytes"
	"encoding/json"
	"fmt"
	"io"
	"maps"
	"net/http"
	"net/http/httptest"
	"net/url"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"strings"
	"sync"
	"testing"
	"time"

	"relais/sandbox"
)

// Credentials of the tests with Twilio's client.
const (
	twilioSid     = "AC0123456789abcdef0123456789abcdef"
	twilioToken   = "0123456789abcdef0123456789abcdef"
	twilioService = "MG0123456789abcdef0123456789abcdef"
	twilioKey     = "SK0123456789abcdef0123456789abcdef"
)

// step is something that the client does.
type step map[string]any

// nodeTwilioTold is what came of a step.
type nodeTwilioTold struct {
	Value   json.RawMessage
	Failure *struct {
		Kind, Message, More string
		Status              int
		Code                any // a number, or the name of a failure of the network
	}
}

// twilioMessage is a message as the client shows it.
type twilioMessage struct {
	Sid, Status, Body, From, To, Direction, NumSegments, MessagingServiceSid string
	ErrorCode                                                                *int
	DateCreated, DateSent                                                    *time.Time
}

func (a *nodeTwilioTold) message(t *testing.T) (m twilioMessage) {
	t.Helper()
	if a.Failure != nil {
		t.Fatalf("the client raised %+v", a.Failure)
	}
	if err := json.Unmarshal(a.Value, &m); err != nil {
		t.Fatal(err)
	}
	return m
}

// runTwilio has Twilio's client for Node.js do some steps, with more in its environment.
func runTwilio(t *testing.T, address string, steps []step, environment ...string) (all []nodeTwilioTold) {
	t.Helper()
	question, err := json.Marshal(map[string]any{
		"address": address, "account_sid": twilioSid, "password": twilioToken, "steps": steps,
	})
	if err != nil {
		t.Fatal(err)
	}
	command := exec.CommandContext(t.Context(), "node", "twilio.js")
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

// signedCall is a request that was signed as Twilio signs.
type signedCall struct {
	url, signature, token string
	form                  url.Values
}

// program is what Twilio would call.
type program struct {
	*httptest.Server
	mu    sync.Mutex
	calls []signedCall
}

// listenForTwilio answers every call with a text.
func listenForTwilio(t *testing.T, answer string) *program {
	t.Helper()
	p := &program{}
	p.Server = httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		if err := r.ParseForm(); err != nil {
			t.Error(err)
		}
		p.mu.Lock()
		p.calls = append(p.calls, signedCall{
			"http://" + r.Host + r.RequestURI, r.Header.Get("X-Twilio-Signature"), r.Header.Get("I-Twilio-Idempotency-Token"), r.PostForm,
		})
		p.mu.Unlock()
		io.WriteString(w, answer)
	}))
	t.Cleanup(p.Close)
	return p
}

// of are the calls of a path, each once: one whose answer came late is made again, with its token.
func (p *program) of(path string) (found []signedCall) {
	p.mu.Lock()
	defer p.mu.Unlock()
	had := map[string]bool{}
	for _, c := range p.calls {
		if strings.Contains(c.url, path) && !had[c.token] {
			had[c.token] = true
			found = append(found, c)
		}
	}
	return found
}

// validated are the steps in which the client checks calls.
func validated(calls []signedCall) (steps []step) {
	for _, c := range calls {
		fields := map[string]string{}
		for name := range c.form {
			fields[name] = c.form.Get(name)
		}
		steps = append(steps, step{"do": "validate", "signature": c.signature, "url": c.url, "fields": fields})
	}
	return steps
}

const twilioSection = `
[twilio.town]
sid = "` + twilioSid + `"
token = "` + twilioToken + `"
account = "sandbox"
replies_url = "%s/replies?k=it's"
[twilio.town.service.codes]
sid = "` + twilioService + `"
sender = "RELAIS"
class = "otp"
`

// TestNodeTwilio has Twilio's own client for Node.js, unchanged, send, read back, list, cancel, redact and delete; it is called
// back, and its own validator finds each call right.
func TestNodeTwilio(t *testing.T) {
	t.Parallel()
	program := listenForTwilio(t, `<?xml version="1.0" encoding="UTF-8"?><Response><Message>Merci, à demain</Message></Response>`)
	w := live(t, sandbox.Options{}, fmt.Sprintf(twilioSection, program.URL))
	const to, absent = "+33639980400", "+33639980450"
	later := time.Now().Add(time.Hour).UTC().Format(time.RFC3339)
	status := func(n int) string { return fmt.Sprintf("%s/status/%d?id=7&name=%%C3%%A9t%%C3%%A9", program.URL, n) }
	sent := runTwilio(t, w.app.URL(), []step{
		{"do": "create", "with": step{"to": to, "from": "RELAIS", "body": "Réunion à 9 h 🌴", "statusCallback": status(0), "validityPeriod": 3600}},
		{"do": "create", "with": step{"to": absent, "from": "RELAIS", "body": "Bonjour", "statusCallback": status(1)}},
		{"do": "create", "with": step{"to": "+33639980401", "messagingServiceSid": twilioService, "body": "Code 1234", "statusCallback": status(2)}},
		{"do": "create", "with": step{"to": "+33639980402", "messagingServiceSid": twilioService, "body": "Plus tard", "scheduleType": "fixed", "sendAt": later}},
		{"do": "create", "user": twilioKey, "password": "sandbox", "with": step{"to": "+33639980403", "from": "RELAIS", "body": "Par une clé"}},
		{"do": "account"},
		{"do": "balance"},
	})
	messages := make([]twilioMessage, 5)
	for i := range messages {
		messages[i] = sent[i].message(t)
	}
	if m := messages[0]; m.Status != "queued" || m.Body != "Réunion à 9 h 🌴" || m.From != "RELAIS" || m.To != to || m.DateCreated == nil || m.DateSent != nil || m.Direction != "outbound-api" {
		t.Errorf("created %+v", m)
	}
	if m := messages[2]; m.Status != "accepted" || m.From != "" || m.NumSegments != "0" || m.MessagingServiceSid != twilioService {
		t.Errorf("created %+v", m)
	}
	if m := messages[3]; m.Status != "scheduled" {
		t.Errorf("created %+v", m)
	}
	if sent[5].Failure != nil || sent[6].Failure != nil {
		t.Errorf("account %+v, balance %+v", sent[5].Failure, sent[6].Failure)
	}
	await(t, "the texts", patience, func() bool { return len(w.sandbox.Handset(to)) == 1 && len(w.sandbox.Handset("+33639980403")) == 1 })
	await(t, "the receipts", patience, func() bool {
		return len(program.of("/status/0")) == 2 && len(program.of("/status/1")) == 2 && len(program.of("/status/2")) == 2
	})
	var words []string
	for n := range 3 {
		for _, c := range program.of(fmt.Sprintf("/status/%d", n)) {
			if c.form.Get("MessageSid") != messages[n].Sid || c.form.Get("AccountSid") != twilioSid || c.url != status(n) || c.token == "" {
				t.Errorf("called %+v", c)
			}
			words = append(words, c.form.Get("MessageStatus")+c.form.Get("ErrorCode"))
		}
	}
	if want := []string{"sent", "delivered", "sent", "undelivered30003", "sent", "delivered"}; !slices.Equal(words, want) {
		t.Errorf("told %v, want %v", words, want)
	}
	if err := w.sandbox.Reply(to, "", "Oui & à demain"); err != nil {
		t.Fatal(err)
	}
	await(t, "the reply", patience, func() bool { return len(program.of("/replies")) == 1 })
	if c := program.of("/replies")[0]; c.form.Get("Body") != "Oui & à demain" || c.form.Get("From") != to || c.form.Get("SmsStatus") != "received" || c.form.Get("NumMedia") != "0" {
		t.Errorf("called %+v", c)
	}
	await(t, "the answer to the reply", patience, func() bool { return len(w.sandbox.Handset(to)) == 2 })
	if got := w.sandbox.Handset(to)[1].Text; got != "Merci, à demain" {
		t.Errorf("on the handset: %q", got)
	}
	for i, a := range runTwilio(t, w.app.URL(), validated(append(program.of("/status"), program.of("/replies")...))) {
		if string(a.Value) != "true" {
			t.Errorf("the client finds call %d wrong: %s", i, a.Value)
		}
	}
	end := runTwilio(t, w.app.URL(), []step{
		{"do": "fetch", "sid": messages[0].Sid},
		{"do": "fetch", "sid": messages[1].Sid},
		{"do": "update", "sid": messages[3].Sid, "with": step{"status": "canceled"}},
		{"do": "update", "sid": messages[0].Sid, "with": step{"body": ""}},
		{"do": "fetch", "sid": messages[0].Sid},
		{"do": "media", "sid": messages[0].Sid},
		{"do": "remove", "sid": messages[0].Sid},
		{"do": "fetch", "sid": messages[0].Sid},
		{"do": "list", "with": step{"pageSize": 2}},
		{"do": "pages", "with": step{"pageSize": 2}},
		{"do": "list", "with": step{"to": absent}},
		{"do": "list", "with": step{"from": to}},
		{"do": "list", "with": step{"dateSentAfter": "2001-01-01", "dateSentBefore": "2002-01-01"}},
		{"do": "list", "with": step{"dateSent": messages[1].DateCreated, "to": absent}},
		{"do": "list", "with": step{"dateSent": "2001-01-01T10:00:00Z"}},
	})
	if m := end[0].message(t); m.Status != "delivered" || m.DateSent == nil || m.ErrorCode != nil {
		t.Errorf("fetched %+v", m)
	}
	if m := end[1].message(t); m.Status != "undelivered" || m.ErrorCode == nil || *m.ErrorCode != 30003 {
		t.Errorf("fetched %+v", m)
	}
	if m := end[2].message(t); m.Status != "canceled" {
		t.Errorf("canceled %+v", m)
	}
	if m, again := end[3].message(t), end[4].message(t); m.Body != "" || again.Body != "" {
		t.Errorf("redacted %+v, %+v", m, again)
	}
	if f := end[7].Failure; f == nil || f.Code != 20404.0 || f.Status != 404 || f.Kind != "RestException" {
		t.Errorf("what was deleted is %+v %s", f, end[7].Value)
	}
	for i, want := range map[int]int{5: 0, 8: 6, 10: 1, 11: 1, 12: 0, 13: 1, 14: 0} { // four messages, the reply and its answer
		var list []twilioMessage
		if err := json.Unmarshal(end[i].Value, &list); err != nil || len(list) != want {
			t.Errorf("list %d has %d, want %d, %v: %s %+v", i, len(list), want, err, end[i].Value, end[i].Failure)
		}
	}
	if got := string(end[9].Value); got != "[2,2,2]" {
		t.Errorf("pages %s", got)
	}
}

// TestNodeTwilioRaisesItsErrors: each refusal is the client's own exception, with code, status and page.
func TestNodeTwilioRaisesItsErrors(t *testing.T) {
	t.Parallel()
	w := live(t, sandbox.Options{}, fmt.Sprintf(twilioSection, "https://town.example"))
	with := func(change step) step {
		all := step{"to": "+33639980400", "from": "RELAIS", "body": "Bonjour"}
		maps.Copy(all, change)
		return step{"do": "create", "with": all}
	}
	long := strings.Repeat("a", 1601)
	var steps []step
	cases := []struct {
		step         step
		status, code int
	}{
		{step{"do": "create", "password": "x", "with": step{"to": "+33639980400", "from": "RELAIS", "body": "x"}}, 401, 20003},
		{step{"do": "create", "user": twilioKey, "password": "x", "with": step{"to": "+33639980400", "from": "RELAIS", "body": "x"}}, 401, 20003},
		{step{"do": "fetch", "sid": "SM0123456789abcdef0123456789abcdef"}, 404, 20404},
		{with(step{"to": ""}), 400, 21604},
		{with(step{"to": "0639980400"}), 400, 21211},
		{with(step{"to": "whatsapp:+33639980400"}), 400, 21211},
		{with(step{"from": ""}), 400, 21603},
		{with(step{"from": "MairieDeTresLoin"}), 400, 21212},
		{with(step{"messagingServiceSid": "MGffffffffffffffffffffffffffffffff"}), 400, 21701},
		{with(step{"body": ""}), 400, 21602},
		{with(step{"body": long}), 400, 21617},
		{with(step{"statusCallback": "nowhere"}), 400, 21609},
		{with(step{"statusCallback": "http://10.0.0.1/"}), 400, 21609},
		{with(step{"validityPeriod": 40000}), 400, 21624},
		{with(step{"mediaUrl": []string{"https://town.example/a.png"}}), 400, 21622},
		{with(step{"contentSid": "HX0123456789abcdef0123456789abcdef"}), 400, 21655},
		{with(step{"contentVariables": "{}"}), 400, 21656},
		{with(step{"applicationSid": "AP0123456789abcdef0123456789abcdef"}), 400, 21218},
		{with(step{"persistentAction": []string{"mailto:x"}}), 400, 21619},
		{with(step{"contentRetention": "discard"}), 400, 30029},
		{with(step{"addressRetention": "obfuscate"}), 400, 30030},
		{with(step{"scheduleType": "fixed"}), 400, 35111},
		{with(step{"scheduleType": "fixed", "sendAt": "2036-01-01T00:00:00Z"}), 400, 35118},
		{with(step{"scheduleType": "fixed", "sendAt": "2036-01-01T00:00:00Z", "messagingServiceSid": twilioService}), 400, 35114},
	}
	for _, tc := range cases {
		steps = append(steps, tc.step)
	}
	for i, a := range runTwilio(t, w.app.URL(), steps) {
		tc := cases[i]
		if f := a.Failure; f == nil || f.Status != tc.status || f.Code != float64(tc.code) || f.Kind != "RestException" ||
			f.More != fmt.Sprintf("https://www.twilio.com/docs/errors/%d", tc.code) || f.Message == "" {
			t.Errorf("%v: %+v %s, want %d %d", tc.step["with"], f, a.Value, tc.status, tc.code)
		}
	}
}

// TestNodeTwilioAgainAfterALostAnswer: the client sends again, with the key of the first time, what it got no answer to.
func TestNodeTwilioAgainAfterALostAnswer(t *testing.T) {
	t.Parallel()
	w := live(t, sandbox.Options{}, fmt.Sprintf(twilioSection, "https://town.example"))
	target, err := url.Parse(w.app.URL())
	if err != nil {
		t.Fatal(err)
	}
	taken := make(chan int, 100)
	losing := httptest.NewServer(http.HandlerFunc(func(_ http.ResponseWriter, r *http.Request) { // the message is taken, and nobody hears of it
		r.URL.Scheme, r.URL.Host, r.RequestURI = target.Scheme, target.Host, ""
		answer, err := http.DefaultTransport.RoundTrip(r)
		if err != nil {
			t.Error(err)
			return
		}
		taken <- answer.StatusCode
		answer.Body.Close()
		panic(http.ErrAbortHandler)
	}))
	t.Cleanup(losing.Close)
	const rounds = 10
	var steps []step
	for n := range rounds {
		steps = append(steps, step{
			"do": "create", "key": fmt.Sprintf("order-%d", n), "with": step{"to": fmt.Sprintf("+336399804%02d", n), "from": "RELAIS", "body": "Bonjour"},
		})
	}
	for _, a := range runTwilio(t, losing.URL, steps) {
		if a.Failure == nil {
			t.Errorf("the client heard %s", a.Value)
		}
	}
	if len(taken) != rounds {
		t.Errorf("%d were taken", len(taken))
	}
	sids := map[string]bool{}
	for range 2 {
		for _, a := range runTwilio(t, w.app.URL(), steps) {
			sids[a.message(t).Sid] = true
		}
	}
	if len(sids) != rounds {
		t.Errorf("%d messages, want %d", len(sids), rounds)
	}
	for n := range rounds {
		to := fmt.Sprintf("+336399804%02d", n)
		await(t, "the text", patience, func() bool { return len(w.sandbox.Handset(to)) > 0 })
		if got := w.sandbox.Handset(to); len(got) != 1 {
			t.Errorf("%d on the handset of %s", len(got), to)
		}
	}
}

// TestNodeTwilioOverTLS has the client go through a proxy that ends TLS with a certificate of a local authority.
func TestNodeTwilioOverTLS(t *testing.T) {
	w := live(t, sandbox.Options{}, behindGateway+fmt.Sprintf(twilioSection, "https://town.example"))
	p := startProxy(t, "nginx", w.app.URL())
	preload, err := filepath.Abs("testdata/node-here.js")
	if err != nil {
		t.Fatal(err)
	}
	sent := runTwilio(t, fmt.Sprintf("https://sms.town.example:%d", p.port), []step{
		{"do": "create", "with": step{"to": "+33639980400", "from": "RELAIS", "body": "Bonjour"}},
		{"do": "list"},
	}, "NODE_EXTRA_CA_CERTS="+p.file, "NODE_OPTIONS=--require "+preload)
	sent[0].message(t)
	if sent[1].Failure != nil {
		t.Errorf("%+v", sent[1].Failure)
	}
}
