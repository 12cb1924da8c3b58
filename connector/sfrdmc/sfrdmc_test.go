package sfrdmc_test

import (
	"encoding/json"
	"io"
	"log/slog"
	"net/http"
	"net/http/httptest"
	"net/url"
	"os"
	"slices"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"relais/connector"
	"relais/connector/connectortest"
	"relais/connector/sfrdmc"
	"relais/sms"
)

const password = "k7Rw2pQz"

// clock is the gateway's time.
var clock = time.Date(2026, 3, 1, 10, 0, 0, 0, time.UTC)

func config(baseURL string) *sfrdmc.Config {
	c := sfrdmc.Provider().NewConfig().(*sfrdmc.Config)
	c.BaseURL, c.ServiceID, c.ServicePassword, c.SpaceID = baseURL, "4100220033", password, "70145"
	return c
}

func open(t *testing.T, c *sfrdmc.Config, env connector.Env) (connector.Connector, connector.Facts) {
	t.Helper()
	if err := c.Validate(); err != nil {
		t.Fatal(err)
	}
	instance, facts, err := sfrdmc.Provider().Open(c, env)
	if err != nil {
		t.Fatal(err)
	}
	return instance, facts
}

// asked is a request as the operator read it.
type asked struct {
	path, query, contentType, body string
	form                           url.Values
}

// operator answers a fixed text to each method and keeps what it was asked.
type operator struct {
	*httptest.Server
	answers map[string]string                           // by method, such as "addSingleCall"
	respond func(method string, form url.Values) string // in place of answers

	mu    sync.Mutex
	calls []asked
}

func newOperator(t *testing.T, answers map[string]string) *operator {
	t.Helper()
	o := &operator{answers: answers}
	o.Server = httptest.NewServer(o)
	t.Cleanup(o.Close)
	return o
}

func (o *operator) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	body, _ := io.ReadAll(r.Body)
	form, _ := url.ParseQuery(string(body))
	o.mu.Lock()
	o.calls = append(o.calls, asked{
		r.URL.Path, r.URL.RawQuery, r.Header.Get("Content-Type"), string(body), form,
	})
	o.mu.Unlock()
	method := r.URL.Path[strings.LastIndex(r.URL.Path, "/")+1:]
	if o.respond != nil {
		_, _ = io.WriteString(w, o.respond(method, form))
		return
	}
	_, _ = io.WriteString(w, o.answers[method])
}

func (o *operator) asked(t *testing.T) []asked {
	t.Helper()
	o.mu.Lock()
	defer o.mu.Unlock()
	return slices.Clone(o.calls)
}

// connect opens an instance that speaks to o.
func (o *operator) connect(t *testing.T, change func(*sfrdmc.Config)) connector.Connector {
	t.Helper()
	return o.connectAt(t, func() time.Time { return clock }, change)
}

// connectAt opens an instance with a clock of its own.
func (o *operator) connectAt(
	t *testing.T, now func() time.Time, change func(*sfrdmc.Config),
) connector.Connector {
	t.Helper()
	c := config(o.URL)
	if change != nil {
		change(c)
	}
	instance, _ := open(t, c, connector.Env{
		Instance: "sfr", HTTP: connector.NewHTTPClient(4), Log: slog.New(slog.DiscardHandler), Now: now,
	})
	return instance
}

func testdata(t *testing.T, name string) string {
	t.Helper()
	b, err := os.ReadFile("testdata/" + name)
	if err != nil {
		t.Fatal(err)
	}
	return string(b)
}

func message(text string) sms.Message {
	return sms.Message{
		ID: sms.NewID(clock), To: "+33639980101", Text: text, Class: sms.Transactional,
		Encoding: sms.GSM7, Segments: 1, ExpiresAt: clock.Add(time.Hour),
	}
}

// accept is DMC when all is well (DMC developer guide v1.7, 2.5.1 and 2.5.2).
func accept(w http.ResponseWriter, _ *http.Request, body []byte) {
	form, err := url.ParseQuery(string(body))
	if err != nil {
		http.Error(w, "bad form", http.StatusBadRequest)
		return
	}
	type unit struct{ To string }
	var one unit
	var many []unit
	var response any = json.RawMessage(`{"list":[],"total":0}`) // another method
	switch {
	case json.Unmarshal([]byte(form.Get("messageUnitaire")), &one) == nil:
		response = idFor(one.To)
	case json.Unmarshal([]byte(form.Get("messageUnitaires")), &many) == nil:
		ids := []int64{}
		for _, u := range many {
			ids = append(ids, idFor(u.To))
		}
		response = ids
	}
	_ = json.NewEncoder(w).Encode(map[string]any{"success": true, "response": response})
}

// idFor is above 2^31, as DMC's are.
func idFor(to string) int64 {
	var id int64 = 310_445
	for _, digit := range to[len(to)-4:] {
		id = id*10 + int64(digit-'0')
	}
	return id
}

func TestKeepsTheRules(t *testing.T) {
	const refusal = `{"success":false,"errorCode":"%","errorDetail":"numéro {to}, texte {text}","fatal":true,"invalidParams":false}`
	refused := func(code string) string { return strings.Replace(refusal, "%", code, 1) }
	connectortest.Run(t, connectortest.Target{
		Open: func(t *testing.T, baseURL string, env connector.Env) (connector.Connector, connector.Facts) {
			return open(t, config(baseURL), env)
		},
		Accept:  accept,
		Secrets: []string{password},
		ProviderID: func(m sms.Message) string {
			return "310445" + string(m.To[len(m.To)-4:])
		},
		Refuse: []connectortest.Case{
			{Name: "credentials", Body: refused("AUTHENTICATION_FAILED"), Fault: connector.Blocked, Code: "AUTHENTICATION_FAILED"},
			{Name: "credentials, as text", Body: "KO<authentication_failed:{null}>", Fault: connector.Blocked, Code: "authentication_failed"},
			{Name: "quota, of a batch", Messages: 3, Body: refused("option_quota_overflowed"), Fault: connector.Blocked, Code: "option_quota_overflowed"},
			{Name: "message", Body: refused("invalid_parameter"), Fault: connector.Rejected, Code: "invalid_parameter"},
			{Name: "message, of a batch", Messages: 3, Body: refused("invalid_parameter"), Fault: connector.Rejected, Code: "invalid_parameter"},
			{Name: "unknown code", Body: refused("ca_ne_va_pas"), Fault: connector.Temporary, Code: "ca_ne_va_pas"},
			{Name: "KO that repeats the message", Body: "KO<{to} {text}>", Fault: connector.Temporary, Code: "(withheld: it repeats the text)"},
			{Name: "bare KO", Body: "KO", Fault: connector.Temporary},
			{Name: "unknown code, of a batch", Messages: 3, Body: refused("ca_ne_va_pas"), Fault: connector.Uncertain, Code: "ca_ne_va_pas"},
			{Name: "bare KO, of a batch", Messages: 2, Body: "KO", Fault: connector.Uncertain},
			{Name: "OK of the buffered API", Body: "OK<6650f2a1c4e8d90b7a31e5f2>", Fault: connector.Uncertain},
			{Name: "no method there", Status: 404, Body: "<html>not found</html>", Fault: connector.Blocked},
			{Name: "refusal with status 500", Status: 500, Body: refused("invalid_parameter"), Fault: connector.Uncertain},
			{Name: "success with status 400", Status: 400, Body: `{"success":true,"response":3104450001}`, Fault: connector.Uncertain},
			{Name: "success without an id", Body: `{"success":true}`, Fault: connector.Uncertain},
			{Name: "an error message for an id", Body: `{"success":true,"response":"{text}"}`, Fault: connector.Uncertain},
			{Name: "a list for one message", Body: `{"success":true,"response":[3104450001]}`, Fault: connector.Uncertain},
			{Name: "an id for several messages", Messages: 2, Body: `{"success":true,"response":3104450001}`, Fault: connector.Uncertain},
			{Name: "an id missing", Messages: 3, Body: `{"success":true,"response":[3104450001,3104450002]}`, Fault: connector.Uncertain},
			{Name: "an id too many", Messages: 2, Body: `{"success":true,"response":[3104450001,3104450002,3104450003]}`, Fault: connector.Uncertain},
			{Name: "success as a word", Body: `{"success":"true","response":3104450001}`, Fault: connector.Uncertain},
		},
		Partial: &connectortest.Partial{Answer: acceptPartly, Fault: connector.Uncertain},
	})
}

// acceptPartly puts null in the place of the refused messages: no source tells
// what DMC does, so such a slot must stay in doubt.
func acceptPartly(w http.ResponseWriter, _ *http.Request, body []byte, refused []sms.Number) {
	form, _ := url.ParseQuery(string(body))
	var units []struct{ To string }
	if err := json.Unmarshal([]byte(form.Get("messageUnitaires")), &units); err != nil {
		http.Error(w, "bad form", http.StatusBadRequest)
		return
	}
	ids := make([]*int64, len(units))
	for n, unit := range units {
		if !slices.Contains(refused, sms.Number(unit.To)) {
			ids[n] = new(idFor(unit.To))
		}
	}
	_ = json.NewEncoder(w).Encode(map[string]any{"success": true, "response": ids})
}

func TestFacts(t *testing.T) {
	c := config("https://www.dmc.sfr-sh.fr")
	_, got := open(t, c, connector.Env{})
	want := connector.Facts{
		MaxBatch: 20, CallsPerSecond: 5, Concurrency: 4, Timeout: 30 * time.Second,
		PollEvery: time.Minute, StatusBatch: 100, LookupEvery: time.Minute,
		DefaultSender: sms.ShortCode, CheckSenders: true,
	}
	if diff := cmp.Diff(want, got); diff != "" {
		t.Errorf("facts of the default configuration (-want +got):\n%s", diff)
	}
}
