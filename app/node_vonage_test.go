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
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"strings"
	"sync"
	"testing"

	"relais/sandbox"
)

const vonageSection = `
[vonage.town]
api_key = "a1b2c3d4"
api_secret = "0123456789abcdef"
signature_secret = "fedcba9876543210"
signature_method = "%[3]s"
account = "sandbox"
receipts_url = "%[1]s/receipts?k=1"
replies_url = "%[1]s/replies"
http_method = "%[2]s"
parts = true
`

// vonageTold is what came of a step.
type vonageTold struct {
	Value   json.RawMessage
	Failure *struct {
		Kind, Message string
		Status        int
		Failed        []map[string]any
	}
}

// ids are the ids of the parts in an answer.
func (a *vonageTold) ids(t *testing.T) (ids []string) {
	t.Helper()
	if a.Failure != nil {
		t.Fatalf("the client raised %+v", a.Failure)
	}
	var answer struct {
		MessageCount string
		Messages     []struct{ MessageID, Status string }
	}
	if err := json.Unmarshal(a.Value, &answer); err != nil {
		t.Fatalf("%s: %v", a.Value, err)
	}
	for _, m := range answer.Messages {
		ids = append(ids, m.MessageID)
	}
	return ids
}

// runVonage has Vonage's client for Node.js do some steps, with more in its environment.
func runVonage(t *testing.T, address string, steps []step, environment ...string) (all []vonageTold) {
	t.Helper()
	question, err := json.Marshal(map[string]any{
		"address": address, "key": "a1b2c3d4", "secret": "0123456789abcdef", "signing": "fedcba9876543210", "steps": steps,
	})
	if err != nil {
		t.Fatal(err)
	}
	command := exec.CommandContext(t.Context(), "node", "vonage.js")
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

// vonageProgram is what Vonage would call.
type vonageProgram struct {
	*httptest.Server
	mu    sync.Mutex
	calls []map[string]string // with the path as "path"
}

func listenForVonage(t *testing.T) *vonageProgram {
	t.Helper()
	p := &vonageProgram{}
	p.Server = httptest.NewServer(http.HandlerFunc(func(_ http.ResponseWriter, r *http.Request) {
		fields := map[string]string{}
		if r.Header.Get("Content-Type") == "application/json" {
			if err := json.NewDecoder(r.Body).Decode(&fields); err != nil {
				t.Error(err)
			}
		} else if err := r.ParseForm(); err != nil {
			t.Error(err)
		}
		from := r.PostForm
		if r.Method == http.MethodGet {
			from = r.Form
		}
		for name := range from {
			fields[name] = from.Get(name)
		}
		fields["path"] = r.URL.Path
		p.mu.Lock()
		defer p.mu.Unlock()
		p.calls = append(p.calls, fields)
	}))
	t.Cleanup(p.Close)
	return p
}

// of are the calls of a path, each once: one whose answer came late is made again, with its nonce.
func (p *vonageProgram) of(path string) (found []map[string]string) {
	p.mu.Lock()
	defer p.mu.Unlock()
	had := map[string]bool{}
	for _, c := range p.calls {
		if c["path"] == path && !had[c["nonce"]] {
			had[c["nonce"]] = true
			found = append(found, maps.Clone(c))
		}
	}
	return found
}

// TestNodeVonage has Vonage's own client for Node.js, unchanged, send a long text and to an absent handset; it is told of receipts and
// replies in each way that an account may choose, and its own validator finds each call right, by each method.
func TestNodeVonage(t *testing.T) {
	t.Parallel()
	for _, tc := range []struct{ way, method, theirs string }{
		{"GET", "md5hash", "md5hash"}, {"POST", "sha256", "sha256hmac"}, {"POST-JSON", "sha512", "sha512hmac"}, {"POST", "md5", "md5hmac"}, {"POST-JSON", "sha1", "sha1hmac"},
	} {
		t.Run(tc.way+" "+tc.method, func(t *testing.T) {
			t.Parallel()
			program := listenForVonage(t)
			w := live(t, sandbox.Options{}, fmt.Sprintf(vonageSection, program.URL, tc.way, tc.method))
			const to, absent = "33639980400", "33639980450"
			long := strings.Repeat("é€", 80) + " & =" // two parts
			sent := runVonage(t, w.app.URL(), []step{
				{"do": "send", "with": step{"to": to, "from": "RELAIS", "text": long, "clientRef": "file 7"}},
				{"do": "send", "with": step{"to": absent, "from": "RELAIS", "text": "Bonjour", "callback": program.URL + "/own?id=7&name=%C3%A9", "ttl": 3_600_000, "statusReportReq": true}},
				{"do": "send", "secret": "sandbox", "with": step{"to": "33639980401", "from": "RELAIS", "text": "Par une clé", "type": "unicode", "messageClass": 0, "statusReportReq": false}},
				{"do": "balance"},
			})
			if ids := sent[0].ids(t); len(ids) != 2 || ids[0] != ids[1] {
				t.Errorf("parts %v", ids)
			}
			if sent[3].Failure != nil {
				t.Errorf("%+v", sent[3].Failure)
			}
			await(t, "the receipts", patience, func() bool { return len(program.of("/receipts")) == 2 && len(program.of("/own")) == 2 })
			if got := w.sandbox.Handset("+" + to); len(got) != 1 || got[0].Text != long {
				t.Errorf("on the handset: %+v", got)
			}
			var told []string
			for i, c := range append(program.of("/receipts"), program.of("/own")...) {
				id := sent[i/2].ids(t)[0]
				if c["messageId"] != id || c["api-key"] != "a1b2c3d4" || i < 2 && (c["client-ref"] != "file 7" || c["msisdn"] != to) {
					t.Errorf("told %v", c)
				}
				told = append(told, c["status"]+c["err-code"])
			}
			if want := []string{"accepted0", "delivered0", "accepted0", "failed2"}; !slices.Equal(told, want) {
				t.Errorf("told %v, want %v", told, want)
			}
			if err := w.sandbox.Reply("+"+to, "", "Oui & à demain = bien"); err != nil {
				t.Fatal(err)
			}
			await(t, "the reply", patience, func() bool { return len(program.of("/replies")) == 1 })
			if c := program.of("/replies")[0]; c["text"] != "Oui & à demain = bien" || c["msisdn"] != to || c["keyword"] != "OUI" || c["type"] != "text" {
				t.Errorf("told %v", c)
			}
			var checks []step
			for _, c := range slices.Concat(program.of("/receipts"), program.of("/own"), program.of("/replies")) {
				delete(c, "path")
				forged := maps.Clone(c)
				forged["messageId"] += "0"
				checks = append(checks, step{"do": "verify", "method": tc.theirs, "fields": c}, step{"do": "verify", "method": tc.theirs, "fields": forged})
			}
			for i, a := range runVonage(t, w.app.URL(), checks) {
				if want := fmt.Sprint(i%2 == 0); string(a.Value) != want {
					t.Errorf("the client finds call %d %s %+v, want %s", i, a.Value, a.Failure, want)
				}
			}
		})
	}
}

// TestNodeVonageRaisesItsErrors: each refusal is the client's own exception, with status and text.
func TestNodeVonageRaisesItsErrors(t *testing.T) {
	t.Parallel()
	w := live(t, sandbox.Options{}, fmt.Sprintf(vonageSection, "https://town.example", "POST", "md5hash"))
	with := func(change step) step {
		all := step{"to": "33639980400", "from": "RELAIS", "text": "Bonjour"}
		maps.Copy(all, change)
		return step{"do": "send", "with": all}
	}
	var steps []step
	cases := []struct {
		step   step
		status string
	}{
		{step{"do": "send", "key": "ffffffff", "with": step{}}, "4"},
		{step{"do": "send", "secret": "x", "with": step{}}, "4"},
		{with(step{"from": ""}), "2"},
		{with(step{"to": ""}), "2"},
		{with(step{"text": ""}), "2"},
		{with(step{"to": "0639980400"}), "3"},
		{with(step{"type": "wappush", "title": "x", "url": "https://town.example"}), "3"},
		{with(step{"ttl": 1}), "3"},
		{with(step{"messageClass": 3}), "3"},
		{with(step{"protocolId": 64}), "3"},
		{with(step{"poolId": "x"}), "3"},
		{with(step{"to": "33199000001"}), "6"},
		{with(step{"text": strings.Repeat("a", 2000)}), "12"},
		{with(step{"sig": "x"}), "32"},
		{with(step{"from": "MairieDeTresLoin"}), "15"},
		{with(step{"callback": "nowhere"}), "23"},
		{with(step{"callback": "http://10.0.0.1/"}), "23"},
	}
	for _, tc := range cases {
		steps = append(steps, tc.step)
	}
	for i, a := range runVonage(t, w.app.URL(), steps) {
		tc := cases[i]
		// The client compares a text with a number, and takes one failure of one message for a part of several (read in its source).
		if f := a.Failure; f == nil || f.Kind != "MessageSendPartialFailure" || len(f.Failed) != 1 || f.Failed[0]["status"] != tc.status || f.Failed[0]["errorText"] == "" {
			t.Errorf("%v: %+v %s, want %s", tc.step, f, a.Value, tc.status)
		}
	}
}

// TestNodeVonageAgainAfterALostAnswer: the client does not repeat by itself; a program that repeats with a key sends once.
func TestNodeVonageAgainAfterALostAnswer(t *testing.T) {
	t.Parallel()
	w := live(t, sandbox.Options{}, fmt.Sprintf(vonageSection, "https://town.example", "POST", "md5hash"))
	losing := losingAnswers(t, w.app.URL(), 0)
	const rounds = 10
	var steps []step
	for n := range rounds {
		steps = append(steps, step{
			"do": "send", "header": map[string]string{"Idempotency-Key": fmt.Sprintf("order-%d", n)},
			"with": step{"to": fmt.Sprintf("336399804%02d", n), "from": "RELAIS", "text": "Bonjour"},
		})
	}
	for _, a := range runVonage(t, losing.URL, steps) {
		if a.Failure == nil {
			t.Errorf("the client heard %s", a.Value)
		}
	}
	if n := losing.taken(); n != rounds {
		t.Errorf("%d were taken", n)
	}
	ids := map[string]bool{}
	for range 2 {
		for _, a := range runVonage(t, w.app.URL(), steps) {
			ids[a.ids(t)[0]] = true
		}
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

// lossy stands before a gateway, and loses its answers.
type lossy struct {
	*httptest.Server
	mu sync.Mutex
	n  int
}

func (l *lossy) taken() int {
	l.mu.Lock()
	defer l.mu.Unlock()
	return l.n
}

// losingAnswers answers with a status in place of each yes of a gateway, or breaks the connection where it is 0.
func losingAnswers(t *testing.T, address string, status int) *lossy {
	t.Helper()
	l := &lossy{}
	l.Server = httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		forwarded, err := http.NewRequestWithContext(r.Context(), r.Method, address+r.RequestURI, r.Body)
		if err != nil {
			t.Error(err)
			return
		}
		forwarded.Header = r.Header.Clone()
		answer, err := http.DefaultTransport.RoundTrip(forwarded)
		if err != nil {
			t.Error(err)
			return
		}
		defer answer.Body.Close()
		if _, err := io.Copy(io.Discard, answer.Body); err != nil {
			t.Error(err)
		}
		if answer.StatusCode < 300 {
			l.mu.Lock()
			l.n++
			l.mu.Unlock()
		}
		if status == 0 {
			panic(http.ErrAbortHandler)
		}
		w.WriteHeader(status)
	}))
	t.Cleanup(l.Close)
	return l
}

// TestNodeVonageOverTLS has the client go through a proxy that ends TLS with a certificate of a local authority.
func TestNodeVonageOverTLS(t *testing.T) {
	w := live(t, sandbox.Options{}, behindGateway+fmt.Sprintf(vonageSection, "https://town.example", "POST", "md5hash"))
	p := startProxy(t, "nginx", w.app.URL())
	preload, err := filepath.Abs("testdata/node-here.js")
	if err != nil {
		t.Fatal(err)
	}
	sent := runVonage(t, fmt.Sprintf("https://sms.town.example:%d", p.port), []step{
		{"do": "send", "with": step{"to": "33639980400", "from": "RELAIS", "text": "Bonjour"}},
	}, "NODE_EXTRA_CA_CERTS="+p.file, "NODE_OPTIONS=--require "+preload)
	sent[0].ids(t)
}
