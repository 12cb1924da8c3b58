package ovh_test

import (
	"context"
	"encoding/json"
	"io"
	"log/slog"
	"net/http"
	"net/http/httptest"
	"path/filepath"
	"strconv"
	"strings"
	"testing"
	"time"

	"github.com/prometheus/client_golang/prometheus"

	"relais/auth"
	"relais/connector"
	"relais/door/ovh"
	"relais/duty"
	"relais/gateway"
	"relais/lane"
	"relais/sms"
	"relais/store/sqlite"
	"relais/webhook"
)

// operator takes every message and says no more of it.
type operator struct{}

func (operator) Submit(_ context.Context, batch []sms.Message) ([]connector.Outcome, error) {
	outcomes := make([]connector.Outcome, len(batch))
	for i := range batch {
		outcomes[i].ProviderID = batch[i].ID.String()
	}
	return outcomes, nil
}

// world is the door over a real store, reached over HTTP, with the keys of one
// client.
type world struct {
	*ovh.Issued
	url      string
	store    *sqlite.Store
	gateway  *gateway.Gateway
	settings ovh.Settings
	sealer   *auth.Sealer
	logs     *strings.Builder
	clock    time.Duration // of the client, beside ours
	door     *ovh.Door
	webhooks *webhook.Manager
}

// policy lets callbacks go to the test's own server.
var policy = webhook.Policy{Loopback: true}

func (w *world) checkURL(url string) error {
	wrong := webhook.CheckURL(url, policy)
	if wrong == nil {
		return nil // and no interface of a nil pointer
	}
	return wrong
}

func open(t *testing.T) *world {
	t.Helper()
	dir := t.TempDir()
	store, err := sqlite.OpenExclusive(t.Context(), dir)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { store.Close() })
	text, err := auth.SealKeyFile(filepath.Join(dir, "seal.key"))
	if err != nil {
		t.Fatal(err)
	}
	w := &world{store: store, logs: &strings.Builder{}, settings: ovh.Settings{
		Tolerance: 3 * time.Minute, Credits: 1000,
	}}
	if w.sealer, err = auth.NewSealer(text); err != nil {
		t.Fatal(err)
	}
	log := slog.New(slog.NewTextHandler(w.logs, &slog.HandlerOptions{Level: slog.LevelDebug}))
	w.gateway, err = gateway.New(gateway.Options{
		Store: store,
		Instances: []lane.Instance{{
			Name: "pigeon", Provider: "pigeon", Connector: operator{},
			Facts: connector.Facts{Simulated: true},
		}},
		Account: func(name string) gateway.Account {
			return gateway.Account{Name: name, Region: "FR", Class: sms.Transactional}
		},
		Limits:  gateway.Limits{Segments: 10, Recipients: 100, Backlog: 1000},
		Metrics: gateway.NewMetrics(prometheus.NewRegistry()), Log: log, Clock: duty.NewClock(time.Now),
	})
	if err != nil {
		t.Fatal(err)
	}
	w.webhooks = &webhook.Manager{
		Store: store, Seal: w.sealer.Seal, Open: w.sealer.Open,
		Derive: w.sealer.Derive, Policy: policy, Now: time.Now, Changed: func() {},
	}
	w.door = ovh.New(ovh.Options{
		Gateway: w.gateway, Reader: store, Store: store, Open: w.sealer.Open, Derive: w.sealer.Derive,
		Settings: func(string) ovh.Settings { return w.settings }, PublicURL: "https://sms.town.example",
		Report: w.webhooks.ForFormat, CheckURL: w.checkURL, Log: log, Now: time.Now,
	})
	server := httptest.NewServer(w.door)
	t.Cleanup(server.Close)
	w.url = server.URL
	w.Issued = w.issue(t, "default")
	return w
}

func (w *world) issue(t *testing.T, account string, rules ...string) *ovh.Issued {
	t.Helper()
	asked := ovh.Asked{Account: account, Name: "forms", Now: time.Now()}
	for _, text := range rules {
		rule, err := ovh.ParseRule(text)
		if err != nil {
			t.Fatal(err)
		}
		asked.Rules = append(asked.Rules, rule)
	}
	issued, err := ovh.Issue(t.Context(), w.store, w.sealer.Seal, asked)
	if err != nil {
		t.Fatal(err)
	}
	return issued
}

// answer is what the door said.
type answer struct {
	status  int
	body    string
	queryID string
}

// request is one call, signed as the client of these keys would.
type request struct {
	method, path, body string
	keys               *ovh.Issued
	signedAs           string // an address; empty: that of the call
	change             func(http.Header)
}

func (w *world) do(t *testing.T, q request) answer {
	t.Helper()
	r, err := http.NewRequestWithContext(t.Context(), q.method, w.url+q.path, strings.NewReader(q.body))
	if err != nil {
		t.Fatal(err)
	}
	keys := q.keys
	if keys == nil {
		keys = w.Issued
	}
	target := q.signedAs
	if target == "" {
		target = w.url + q.path
	}
	stamp := strconv.FormatInt(time.Now().Add(w.clock).Unix(), 10)
	r.Header.Set("X-Ovh-Application", keys.ApplicationKey)
	r.Header.Set("X-Ovh-Consumer", keys.ConsumerKey)
	r.Header.Set("X-Ovh-Timestamp", stamp)
	r.Header.Set("X-Ovh-Signature",
		ovh.Signature(keys.ApplicationSecret, keys.ConsumerKey, q.method, target, []byte(q.body), stamp))
	if q.change != nil {
		q.change(r.Header)
	}
	response, err := http.DefaultClient.Do(r)
	if err != nil {
		t.Fatal(err)
	}
	defer response.Body.Close()
	body, err := io.ReadAll(response.Body)
	if err != nil {
		t.Fatal(err)
	}
	return answer{response.StatusCode, strings.TrimSpace(string(body)), response.Header.Get("X-Ovh-QueryID")}
}

// call wants 200 and decodes the answer.
func (w *world) call(t *testing.T, method, path, body string, into any) {
	t.Helper()
	got := w.do(t, request{method: method, path: "/ovh/1.0" + path, body: body})
	if got.status != http.StatusOK {
		t.Fatalf("%s %s: %d %s", method, path, got.status, got.body)
	}
	if into != nil {
		if err := json.Unmarshal([]byte(got.body), into); err != nil {
			t.Fatalf("%s %s: %v in %s", method, path, err, got.body)
		}
	}
}

// fails wants a refusal.
func (w *world) fails(t *testing.T, method, path, body string, status int, words string) {
	t.Helper()
	got := w.do(t, request{method: method, path: "/ovh/1.0" + path, body: body})
	if got.status != status || !strings.Contains(got.body, words) {
		t.Errorf("%s %s: %d %s; want %d with %q", method, path, got.status, got.body, status, words)
	}
}

func (w *world) addAccount(t *testing.T, name string) {
	t.Helper()
	if err := w.store.AddAccount(t.Context(), auth.Account{Name: name, CreatedAt: time.Now()}); err != nil {
		t.Fatal(err)
	}
}
