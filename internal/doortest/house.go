package doortest

import (
	"context"
	"errors"
	"io"
	"log/slog"
	"maps"
	"net/http"
	"net/http/httptest"
	"os"
	"strings"
	"testing"
	"time"

	"github.com/prometheus/client_golang/prometheus"

	"relais/auth"
	"relais/connector"
	"relais/duty"
	"relais/gateway"
	"relais/lane"
	"relais/search"
	"relais/sms"
	"relais/store/sqlite"
	"relais/webhook"
)

// idle is an operator that is never called.
type idle struct{}

func (idle) Submit(context.Context, []sms.Message) ([]connector.Outcome, error) { return nil, nil }

// House is a door before a gateway whose operators ovh and sfr are never called. Nothing leaves it.
type House struct {
	URL      string // of the door, from Serve on
	Store    *sqlite.Store
	Gateway  *gateway.Gateway
	Webhooks *webhook.Manager
	Log      *slog.Logger
	Logs     *strings.Builder // what Log wrote
}

// Open builds the house without its door. change is what its gateway has besides. Both operators take flash and binary
// messages.
func Open(t *testing.T, change ...func(*gateway.Options)) *House {
	t.Helper()
	store, err := sqlite.OpenExclusive(t.Context(), t.TempDir())
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		if err := store.Close(); err != nil && !errors.Is(err, os.ErrClosed) { // a test may have closed it
			t.Error(err)
		}
	})
	h := &House{Store: store, Logs: &strings.Builder{}}
	h.Log = slog.New(slog.NewTextHandler(h.Logs, nil))
	h.Gateway = Gateway(t, store, h.Log, change...)
	sealer, err := auth.NewSealer(strings.Repeat("5c", 32))
	if err != nil {
		t.Fatal(err)
	}
	h.Webhooks = &webhook.Manager{
		Store: store, Seal: sealer.Seal, Open: sealer.Open, Derive: sealer.Derive, Now: time.Now, Changed: func() {},
	}
	return h
}

// Gateway is one like that of a house.
func Gateway(t *testing.T, store *sqlite.Store, log *slog.Logger, change ...func(*gateway.Options)) *gateway.Gateway {
	t.Helper()
	var instances []lane.Instance
	for _, name := range []string{"ovh", "sfr"} {
		instances = append(instances, lane.Instance{
			Name: name, Connector: idle{}, Facts: connector.Facts{MaxBatch: 1, Simulated: true, Kinds: sms.Kinds},
		})
	}
	o := gateway.Options{
		Store: store, Instances: instances, Currency: "EUR",
		Account: func(name string) gateway.Account { return gateway.Account{Name: name, Region: "FR"} },
		Limits:  gateway.Limits{Segments: 10, Recipients: 100, Backlog: 1000},
		Metrics: gateway.NewMetrics(prometheus.NewRegistry()), Log: log, Clock: duty.NewClock(time.Now),
	}
	for _, c := range change {
		c(&o)
	}
	g, err := gateway.New(o)
	if err != nil {
		t.Fatal(err)
	}
	return g
}

// Serve puts a door before the house.
func (h *House) Serve(t *testing.T, door http.Handler) {
	t.Helper()
	server := httptest.NewServer(door)
	t.Cleanup(server.Close)
	h.URL = server.URL
}

// CheckURL says what is wrong with an address for events.
func (h *House) CheckURL(url string) error {
	if wrong := webhook.CheckURL(url, h.Webhooks.Policy); wrong != nil { // a nil pointer would be an error
		return wrong
	}
	return nil
}

// Key makes an API key of an account, with the name forms.
func (h *House) Key(t *testing.T, account string, limits auth.KeyLimits) string {
	t.Helper()
	err := h.Store.AddAccount(t.Context(), auth.Account{Name: account, CreatedAt: time.Now()})
	if err != nil && !errors.Is(err, auth.ErrExists) {
		t.Fatal(err)
	}
	text, _, err := auth.MakeKey(t.Context(), h.Store, auth.Key{Account: account, Name: "forms", CreatedAt: time.Now(), Limits: limits})
	if err != nil {
		t.Fatal(err)
	}
	return text
}

// Stored are the messages of an account, the newest first.
func (h *House) Stored(t *testing.T, account string) []sms.Message {
	t.Helper()
	found, _, err := h.Store.Search(t.Context(), search.Query{Account: account, Limit: 1000})
	if err != nil {
		t.Fatal(err)
	}
	return found
}

// Reply is what the door answered.
type Reply struct {
	Status int
	Header http.Header
	Body   string
}

// Ask sends a request.
func (h *House) Ask(t *testing.T, method, path, body string, header http.Header) *Reply {
	t.Helper()
	r, err := http.NewRequestWithContext(t.Context(), method, h.URL+path, strings.NewReader(body))
	if err != nil {
		t.Fatal(err)
	}
	maps.Copy(r.Header, header)
	answer, err := http.DefaultClient.Do(r)
	if err != nil {
		t.Fatal(err)
	}
	defer answer.Body.Close()
	text, err := io.ReadAll(answer.Body)
	if err != nil {
		t.Fatal(err)
	}
	return &Reply{answer.StatusCode, answer.Header, string(text)}
}
