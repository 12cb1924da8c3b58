package app_test

import (
	"bytes"
	"context"
	"encoding/hex"
	"fmt"
	"io"
	"net/http"
	"net/http/httptest"
	"path/filepath"
	"slices"
	"strings"
	"sync"
	"testing"
	"time"

	collector "go.opentelemetry.io/proto/otlp/collector/trace/v1"
	otlp "go.opentelemetry.io/proto/otlp/trace/v1"
	"google.golang.org/protobuf/proto"

	"relais/app"
	"relais/client"
	"relais/sandbox"
	"relais/sandbox/dmc"
	"relais/sandbox/ovh"
)

const (
	callersTrace = "4bf92f3577b34da6a3ce929d0e0e4736"
	callersSpan  = "00f067aa0ba902b7"
	tracesToken  = "Bearer hunter2hunter2"
)

// gathering is a collector that takes OTLP over HTTP.
type gathering struct {
	url string

	mu    sync.Mutex
	raw   []byte // everything that was sent
	spans []*otlp.Span
}

func gather(t *testing.T) *gathering {
	t.Helper()
	g := &gathering{}
	server := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		body, err := io.ReadAll(r.Body)
		var sent collector.ExportTraceServiceRequest
		if err == nil {
			err = proto.Unmarshal(body, &sent)
		}
		if err != nil || r.URL.Path != "/v1/traces" || r.Header.Get("Authorization") != tracesToken {
			t.Errorf("%s %s with the token %q: %v", r.Method, r.URL.Path, r.Header.Get("Authorization"), err)
		}
		g.mu.Lock()
		defer g.mu.Unlock()
		g.raw = append(g.raw, body...)
		for _, resource := range sent.ResourceSpans {
			for _, scope := range resource.ScopeSpans {
				g.spans = append(g.spans, scope.Spans...)
			}
		}
	}))
	t.Cleanup(server.Close)
	g.url = server.URL
	return g
}

// of returns the spans of a trace by their names.
func (g *gathering) of(trace string) map[string][]*otlp.Span {
	g.mu.Lock()
	defer g.mu.Unlock()
	found := map[string][]*otlp.Span{}
	for _, s := range g.spans {
		if hex.EncodeToString(s.TraceId) == trace {
			found[s.Name] = append(found[s.Name], s)
		}
	}
	return found
}

func attributes(s *otlp.Span) map[string]string {
	all := map[string]string{}
	for _, a := range s.Attributes {
		if all[a.Key] = a.Value.GetStringValue(); all[a.Key] == "" {
			all[a.Key] = fmt.Sprint(a.Value.GetIntValue())
		}
	}
	return all
}

func tracesTo(url string) string {
	return fmt.Sprintf("[traces]\nendpoint = %q\ntoken = %q\n", url, tracesToken)
}

// told is a caller's system, which keeps the traceparent of each webhook.
func told(t *testing.T) (url string, parents func() []string) {
	t.Helper()
	var mu sync.Mutex
	var all []string
	server := httptest.NewServer(http.HandlerFunc(func(_ http.ResponseWriter, r *http.Request) {
		mu.Lock()
		defer mu.Unlock()
		all = append(all, r.Header.Get("Traceparent"))
	}))
	t.Cleanup(server.Close)
	return server.URL, func() []string {
		mu.Lock()
		defer mu.Unlock()
		return slices.Clone(all)
	}
}

// submitTraced sends one message as a part of the caller's trace.
func submitTraced(t *testing.T, base, body string) {
	t.Helper()
	r, err := http.NewRequestWithContext(t.Context(), http.MethodPost, base+"/v1/messages",
		strings.NewReader(body))
	if err != nil {
		t.Fatal(err)
	}
	r.Header.Set("Authorization", "Bearer "+app.SandboxKey)
	r.Header.Set("Content-Type", "application/json")
	r.Header.Set("Traceparent", "00-"+callersTrace+"-"+callersSpan+"-01")
	r.Header.Set("Tracestate", "caller=33639980007")
	answer, err := http.DefaultClient.Do(r)
	if err != nil {
		t.Fatal(err)
	}
	defer answer.Body.Close()
	if answer.StatusCode != http.StatusAccepted {
		said, err := io.ReadAll(answer.Body)
		t.Fatalf("status %d: %s (%v)", answer.StatusCode, said, err)
	}
}

// TestOneMessageIsOneTrace follows a message from its caller's request to the
// webhooks, at each operator.
func TestOneMessageIsOneTrace(t *testing.T) {
	for _, connector := range []string{"ovh", "sfr"} {
		t.Run(connector, func(t *testing.T) {
			g := gather(t)
			w := live(t, sandbox.Options{}, tracesTo(g.url))
			hook, parents := told(t)
			submitTraced(t, w.app.URL(), fmt.Sprintf(
				`{"to": "+33639980007", "text": "Votre code est 4711", "class": "otp", "connector": %q, "webhook_url": %q}`, connector, hook))
			want := map[string]int{"POST submit": 1, "accept": 1, "submit": 1, "receipt": 1, "webhook": 2}
			await(t, "every span", patience, func() bool {
				found := g.of(callersTrace)
				for name, n := range want {
					if len(found[name]) < n {
						return false
					}
				}
				return true
			})
			spansHang(t, g.of(callersTrace), want, parents())
			spansTell(t, g.of(callersTrace), connector)
		})
	}
}

// spansHang checks what is below what.
func spansHang(t *testing.T, found map[string][]*otlp.Span, want map[string]int, parents []string) {
	t.Helper()
	for name, spans := range found {
		if len(spans) != want[name] {
			t.Errorf("%d spans %q, want %d", len(spans), name, want[name])
		}
	}
	request, accept := found["POST submit"][0], found["accept"][0]
	if hex.EncodeToString(request.ParentSpanId) != callersSpan ||
		!bytes.Equal(accept.ParentSpanId, request.SpanId) {
		t.Errorf("the request is below %x and the acceptance below %x",
			request.ParentSpanId, accept.ParentSpanId)
	}
	for _, name := range []string{"submit", "receipt", "webhook"} {
		for _, s := range found[name] {
			if !bytes.Equal(s.ParentSpanId, accept.SpanId) {
				t.Errorf("%s is below %x, want below the acceptance", name, s.ParentSpanId)
			}
		}
	}
	for _, s := range found["webhook"] {
		if text := fmt.Sprintf("00-%s-%x-01", callersTrace, s.SpanId); !slices.Contains(parents, text) {
			t.Errorf("no webhook had the traceparent %s: %v", text, parents)
		}
	}
}

// spansTell checks what they say.
func spansTell(t *testing.T, found map[string][]*otlp.Span, connector string) {
	t.Helper()
	id := attributes(found["accept"][0])["relais.message"]
	for name, want := range map[string]map[string]string{
		"POST submit": {
			"relais.door": "submit", "http.request.method": "POST",
			"http.response.status_code": "202",
		},
		"accept": {
			"relais.account": "sandbox", "relais.class": "otp", "relais.connector": connector,
			"relais.segments": "1", "relais.count": "1",
		},
		"submit": {
			"relais.account": "sandbox", "relais.class": "otp", "relais.connector": connector,
			"relais.segments": "1",
			"relais.attempt":  "1", "relais.code": "operator_accepted", "relais.message": id,
		},
		"receipt": {"relais.account": "sandbox", "relais.connector": connector, "relais.message": id},
		"webhook": {"relais.account": "sandbox", "relais.attempt": "1", "relais.message": id, "http.response.status_code": "200"},
	} {
		got := attributes(found[name][0])
		for key, value := range want {
			if got[key] != value || value == "" {
				t.Errorf("%s: %s is %q, want %q", name, key, got[key], value)
			}
		}
	}
}

// TestTraceSurvivesARestart: what was accepted by one process is sent by another.
func TestTraceSurvivesARestart(t *testing.T) {
	g, operators := gather(t), simulate(t, sandbox.Options{})
	data := filepath.Join(t.TempDir(), "data")
	text := func(string) string {
		return fmt.Sprintf("listen = \"127.0.0.1:0\"\ndata = %q\nsandbox_at = %q\n%s", data,
			operators.URL(), tracesTo(g.url))
	}
	first, _, _ := run(t, text)
	due := time.Now().Add(time.Hour).UTC().Format(time.RFC3339)
	submitTraced(t, first.URL(), fmt.Sprintf(`{"to": "+33639980007", "text": "Plus tard", "send_at": %q}`,
		due))
	ctx, cancel := context.WithTimeout(t.Context(), patience)
	defer cancel()
	if err := first.Stop(ctx); err != nil {
		t.Fatal(err)
	}
	if found := g.of(callersTrace); len(found["accept"]) != 1 || len(found["submit"]) != 0 {
		t.Fatalf("at the stop there were %d acceptances and %d calls, want one and none",
			len(found["accept"]), len(found["submit"]))
	}
	bringForward(t, data)
	run(t, text)
	await(t, "the call of the second process", patience, func() bool {
		return len(g.of(callersTrace)["submit"]) == 1
	})
}

// TestNothingPersonalInATrace looks through every byte that left.
func TestNothingPersonalInATrace(t *testing.T) {
	g := gather(t)
	w := live(t, sandbox.Options{}, tracesTo(g.url))
	hook, _ := told(t)
	// fates of all kinds, a STOP and a reply among them
	for _, last := range []string{"00", "55", "65", "75", "85", "95"} {
		submitTraced(t, w.app.URL(), fmt.Sprintf(`{"to": "+336399800%s", "text": "Votre code est 4711", "sender": "MAIRIE", "reference": "dossier-77",
			"metadata": {"form": "birth-88"}, "webhook_url": "%s/hidden-99"}`, last, hook))
	}
	for _, path := range []string{"/v1/opt-outs/+33639980007", "/v1/messages?to=%2B33639980007", "/callbacks/ovh/wrong-secret/x", "/v1/messages/4711"} {
		w.call(t, http.MethodGet, path, "", nil)
	}
	w.call(t, "X33639980007", "/v1/messages", "", nil)
	await(t, "every message", patience, func() bool {
		found := g.of(callersTrace)
		return len(found["submit"]) >= 6 && len(found["receipt"]) >= 3 && len(found["webhook"]) >= 9
	})
	g.mu.Lock()
	defer g.mu.Unlock()
	for _, secret := range []string{
		"6399800", "code est", "4711", "MAIRIE", "dossier-77", "birth-88", "hidden-99", "wrong-secret",
		"hunter2", hook[7:], "whsec", "OUI",
		ovh.ApplicationSecret, ovh.ConsumerKey, dmc.Password, "/v1/", "/callbacks/",
	} {
		if bytes.Contains(g.raw, []byte(secret)) {
			t.Errorf("%q was sent to the collector", secret)
		}
	}
	if strings.Contains(w.logs.String(), "hunter2") {
		t.Error("the collector's token is in the log")
	}
}

// TestDeadCollectorHoldsUpNothing: more spans than may wait, for one that refuses
// and one that never answers.
func TestDeadCollectorHoldsUpNothing(t *testing.T) {
	refusing := httptest.NewServer(http.NotFoundHandler())
	refusing.Close()
	release := make(chan struct{})
	silent := httptest.NewServer(http.HandlerFunc(func(http.ResponseWriter, *http.Request) { <-release }))
	t.Cleanup(func() { close(release); silent.Close() })
	for name, url := range map[string]string{"refuses": refusing.URL, "silent": silent.URL} {
		t.Run(name, func(t *testing.T) {
			operators := simulate(t, sandbox.Options{})
			a, settings, logs := run(t, func(data string) string {
				return fmt.Sprintf("listen = \"127.0.0.1:0\"\ndata = %q\nsandbox_at = %q\n%s", data,
					operators.URL(), tracesTo(url))
			})
			w := &world{client.New(a.URL(), app.SandboxKey), a, operators, logs, settings.Data}
			for range 2500 { // a span each, more than may wait
				w.call(t, http.MethodGet, "/v1/messages?limit=1", "", nil)
			}
			g := &gateway{w.Client, a, operators, logs, settings.Data}
			for range 5 {
				if m := g.send(t, client.SubmitRequest{
					To: []string{"+33639980007"}, Text: "Bonjour", Connector: "ovh",
				}); !taken(m[0]) {
					t.Errorf("status %s, want taken", m[0].Status)
				}
			}
			begun := time.Now()
			ctx, cancel := context.WithTimeout(t.Context(), patience)
			defer cancel()
			if err := a.Stop(ctx); err != nil {
				t.Error(err)
			}
			if took := time.Since(begun); took > patience/2 {
				t.Errorf("the stop took %s", took)
			}
			if n := strings.Count(logs.String(), "the collector takes no traces"); n != 1 {
				t.Errorf("the log told %d times of the collector, want once", n)
			}
		})
	}
}
