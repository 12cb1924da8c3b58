package api_test

import (
	"bytes"
	"cmp"
	"context"
	"encoding/json"
	"flag"
	"io"
	"log/slog"
	"net/http"
	"net/http/httptest"
	"regexp"
	"slices"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/prometheus/client_golang/prometheus"
	"github.com/prometheus/client_golang/prometheus/promhttp"

	"relais/api"
	"relais/auth"
	"relais/campaign/engine"
	"relais/connector"
	"relais/contact"
	"relais/duty"
	"relais/gateway"
	"relais/lane"
	"relais/sms"
	"relais/store/sqlite"
	"relais/template"
	"relais/usage"
	"relais/webhook"
)

var update = flag.Bool("update", false, "rewrite the golden files")

// today is the gateway's clock in every test.
var today = time.Date(2026, 3, 2, 9, 0, 0, 0, time.UTC)

const (
	townKey  = "key-of-the-town"
	otherKey = "key-of-another-account"
	// secondKey is another one of the account of townKey, which may approve campaigns alone.
	secondKey = "key-of-a-colleague"
)

// door is a handler in front of a real gateway on a real store. Nothing is sent
// unless a test starts the gateway.
type door struct {
	*api.Handler
	t       *testing.T
	gateway *gateway.Gateway
	store   *sqlite.Store
	clock   *clock
	log     *journal
}

// in is the same door for a subtest.
func (d *door) in(t *testing.T) *door {
	t.Helper()
	same := *d
	same.t = t
	return &same
}

// clock is the time of the keeper of keys.
type clock struct {
	mu  sync.Mutex
	now time.Time
}

func (c *clock) Now() time.Time {
	c.mu.Lock()
	defer c.mu.Unlock()
	return c.now
}

func (c *clock) advance(d time.Duration) {
	c.mu.Lock()
	defer c.mu.Unlock()
	c.now = c.now.Add(d)
}

// setting changes what open makes.
type setting func(*gateway.Options, *api.Options)

func open(t *testing.T, settings ...setting) *door {
	t.Helper()
	return openIn(t, t.TempDir(), settings...)
}

func openIn(t *testing.T, dir string, settings ...setting) *door {
	t.Helper()
	store, err := sqlite.OpenExclusive(t.Context(), dir)
	if err != nil {
		t.Fatal(err)
	}
	d := &door{t: t, store: store, clock: &clock{now: today}, log: &journal{}}
	t.Cleanup(func() {
		store.Close()
		if leaks := d.log.leaks(); len(leaks) > 0 {
			t.Errorf("the log tells what it must not:\n%s", strings.Join(leaks, "\n"))
		}
	})
	registry := prometheus.NewRegistry()
	g := gateway.Options{
		Store: store, Clock: duty.NewClock(func() time.Time { return today }), Log: d.log.logger(),
		Instances: []lane.Instance{
			{Name: "ovh", Provider: "scripted", Connector: pushing{}, Owner: "town", Facts: connector.Facts{Simulated: true, StopClause: "\nSTOP 36184"}},
			{Name: "sfr", Provider: "scripted", Connector: silent{}, Facts: connector.Facts{
				Simulated: true, Senders: []sms.SenderKind{sms.Alphanumeric}, MaxBatch: 20, CallsPerSecond: 5,
			}},
		},
		Account:   func(name string) gateway.Account { return gateway.Account{Name: name, Region: "FR"} },
		Limits:    gateway.Limits{Segments: 10, Recipients: 10_000, Backlog: 1_000_000},
		Metrics:   gateway.NewMetrics(registry),
		Pseudonym: func(account string, n sms.Number) string { return account + "-" + string(n[len(n)-2:]) },
	}
	keys := map[string]auth.Key{
		townKey: {
			ID: "town", Account: "town", Name: "form", Limits: auth.KeyLimits{Rights: auth.KeyRights()},
		},
		otherKey: {ID: "other", Account: "other", Name: "other"},
		secondKey: {
			ID: "second", Account: "town", Name: "colleague",
			Limits: auth.KeyLimits{Rights: []auth.KeyRight{auth.KeyApprove}},
		},
	}
	a := api.Options{
		Reader: store, Keys: auth.NewKeeper(store, keys, d.clock.Now), Version: "0.0.0",
		Configuration: nodes{},
		Months:        usage.Calendar{Now: d.clock.Now, Zone: time.UTC},
		Metrics:       promhttp.HandlerFor(registry, promhttp.HandlerOpts{}),
		Answers:       api.NewMetrics(registry), Log: d.log.logger(),
		CallbackSecret: func(instance string) (string, bool) { return "hidden", instance != "none" },
		Webhooks: &webhook.Manager{
			Store: store, Now: func() time.Time { return today }, Changed: func() {},
			Seal: bytes.Clone, Open: func(sealed []byte) ([]byte, error) {
				return sealed, nil
			}, Derive: strings.ToUpper,
		},
		Tester: webhook.NewTester(webhook.Options{
			Store: store, Open: func(sealed []byte) ([]byte, error) { return sealed, nil },
			Now: func() time.Time { return today }, Log: d.log.logger(),
		}),
	}
	a.Templates = &template.Book{Store: store, Now: func() time.Time { return today }}
	g.Templates = a.Templates
	a.Campaigns = &engine.Desk{
		Store: store, Account: g.Account, Segments: 10, Seal: bytes.Clone, Rouse: func() {},
		Metrics: engine.NewMetrics(prometheus.NewRegistry()),
		Open:    func(sealed []byte) ([]byte, error) { return sealed, nil },
		Now:     func() time.Time { return today }, Log: d.log.logger(),
	}
	a.Lists = &contact.Book{
		Store: store, Now: func() time.Time { return today },
		Account: func(string) contact.Account { return contact.Account{Region: "FR"} },
	}
	a.Campaigns.Lists = a.Lists
	a.Contacts = &contact.Directory{Store: store, Now: a.Lists.Now, Account: a.Lists.Account}
	a.Campaigns.Groups = a.Contacts
	for _, change := range settings {
		change(&g, &a)
	}
	if d.gateway, err = gateway.New(g); err != nil {
		t.Fatal(err)
	}
	a.Gateway, a.Campaigns.Line = d.gateway, d.gateway
	d.Handler = api.New(a)
	return d
}

// silent is a connector that no test lets send.
type silent struct{}

func (silent) Submit(context.Context, []sms.Message) ([]connector.Outcome, error) {
	return nil, &connector.Error{Fault: connector.Blocked, Detail: "nothing is sent in this test"}
}

// request is what a caller sends. The zero key is the town's; "-" sends none.
type request struct {
	method, path string
	key          string
	header       map[string]string
	body         string
}

func (r request) http(ctx context.Context, server string) *http.Request {
	body := io.Reader(http.NoBody) // as a server sees it
	if r.body != "" {
		body = strings.NewReader(r.body)
	}
	made, err := http.NewRequestWithContext(ctx, r.method, server+r.path, body)
	if err != nil {
		panic(err)
	}
	if r.key != "-" {
		made.Header.Set("Authorization", "Bearer "+cmp.Or(r.key, townKey))
	}
	for name, value := range r.header {
		made.Header.Set(name, value)
	}
	return made
}

// answer is what came back.
type answer struct {
	t *testing.T
	*http.Response
	body []byte
}

func (d *door) do(r request) answer {
	d.t.Helper()
	d.log.forbid(r.body)
	return d.send(r.http(d.t.Context(), "http://relais.example"))
}

func (d *door) send(r *http.Request) answer {
	d.t.Helper()
	w := httptest.NewRecorder()
	d.ServeHTTP(w, r)
	return answer{d.t, w.Result(), w.Body.Bytes()}
}

func (d *door) get(path string) answer { d.t.Helper(); return d.do(request{method: "GET", path: path}) }

func (d *door) post(path, body string) answer {
	d.t.Helper()
	return d.do(request{method: "POST", path: path, body: body})
}

// as decodes an answer strictly.
func (a answer) as(status int, into any) {
	a.t.Helper()
	if a.StatusCode != status {
		a.t.Fatalf("answer %d, want %d: %s", a.StatusCode, status, a.body)
	}
	d := json.NewDecoder(bytes.NewReader(a.body))
	d.DisallowUnknownFields()
	if err := d.Decode(into); err != nil {
		a.t.Fatalf("%v in %s", err, a.body)
	}
}

// problem checks that the answer is a whole problem document with this code.
func (a answer) problem(status int, code string) api.Problem {
	a.t.Helper()
	var p api.Problem
	a.as(status, &p)
	if p.Code != code || p.Status != status || p.Title == "" || p.Detail == "" ||
		p.Type != "/docs/problems#"+code {
		a.t.Fatalf("problem %s, want code %s with status, title, detail and type", a.body, code)
	}
	if got := a.Header.Get("Content-Type"); got != "application/problem+json" {
		a.t.Errorf("Content-Type = %q, want application/problem+json", got)
	}
	return p
}

// submit sends a submission that must be accepted.
func (d *door) submit(body string) api.SubmitAnswer {
	d.t.Helper()
	var got api.SubmitAnswer
	d.post("/v1/messages", body).as(http.StatusAccepted, &got)
	return got
}

// journal keeps the log, the time of each line aside, and the texts that must
// not stand in it.
type journal struct {
	mu    sync.Mutex
	text  bytes.Buffer
	texts []string
}

// forbid notes the text of a request.
func (j *journal) forbid(body string) {
	var known struct {
		Text string `json:"text"`
	}
	if json.Unmarshal([]byte(body), &known) == nil && len(known.Text) > 3 {
		j.mu.Lock()
		defer j.mu.Unlock()
		j.texts = append(j.texts, known.Text)
	}
}

func (j *journal) Write(b []byte) (int, error) {
	j.mu.Lock()
	defer j.mu.Unlock()
	return j.text.Write(b)
}

func (j *journal) String() string {
	j.mu.Lock()
	defer j.mu.Unlock()
	return j.text.String()
}

func (j *journal) logger() *slog.Logger {
	return slog.New(slog.NewTextHandler(j, &slog.HandlerOptions{
		Level: slog.LevelDebug,
		ReplaceAttr: func(_ []string, a slog.Attr) slog.Attr {
			if a.Key == slog.TimeKey || a.Key == "stack" || a.Value.Kind() == slog.KindTime {
				return slog.Attr{}
			}
			return a
		},
	}))
}

var (
	idPattern  = regexp.MustCompile(`[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}`)
	numberLike = regexp.MustCompile(`\d{6,}`)
)

// leaks returns the lines of the log that hold a number or one of the texts.
func (j *journal) leaks() []string {
	var found []string
	for line := range strings.Lines(j.String()) {
		plain := idPattern.ReplaceAllString(line, "ID")
		held := slices.ContainsFunc(j.texts, func(text string) bool { return strings.Contains(plain, text) })
		if held || numberLike.MatchString(plain) {
			found = append(found, line)
		}
	}
	return found
}

func TestJournalFindsLeaks(t *testing.T) {
	for _, tc := range []struct {
		name, value string
		want        int
	}{
		{"number", "+33639980001", 1},
		{"text", "see: Bonjour Madame", 1},
		{"message id", "019d0000-0000-7000-8000-000000000000", 0},
		{"masked number", sms.Number("+33639980001").Masked(), 0},
	} {
		t.Run(tc.name, func(t *testing.T) {
			j := &journal{}
			j.forbid(good)
			j.logger().Debug("line", "value", tc.value)
			if got := j.leaks(); len(got) != tc.want {
				t.Errorf("leaks = %q, want %d", got, tc.want)
			}
		})
	}
}

// addTown stores the account of townKey: receipts and replies look for messages
// in the accounts that are stored.
func addTown(t *testing.T, d *door) {
	t.Helper()
	if err := d.store.AddAccount(t.Context(), auth.Account{Name: "town", CreatedAt: today}); err != nil {
		t.Fatal(err)
	}
}

func claimOf(name string) lane.Claim {
	return lane.Claim{Connector: name, Calls: 1, Batch: 1, Now: today}
}
