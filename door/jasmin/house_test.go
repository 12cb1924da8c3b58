package jasmin_test

import (
	"context"
	"encoding/base64"
	"errors"
	"io"
	"log/slog"
	"maps"
	"net/http"
	"net/http/httptest"
	"net/netip"
	"net/url"
	"strings"
	"testing"
	"time"

	"github.com/prometheus/client_golang/prometheus"

	"relais/auth"
	"relais/connector"
	"relais/door/jasmin"
	"relais/duty"
	"relais/gateway"
	"relais/lane"
	"relais/quota"
	"relais/search"
	"relais/sms"
	"relais/store/sqlite"
	"relais/webhook"
)

// idle is an operator that is never called: the gateway of these tests sends nothing.
type idle struct{}

func (idle) Submit(context.Context, []sms.Message) ([]connector.Outcome, error) { return nil, nil }

// house is a door before a gateway on a store in a directory.
type house struct {
	url      string
	store    *sqlite.Store
	gateway  *gateway.Gateway
	webhooks *webhook.Manager
	logs     *strings.Builder
}

const password = "s3cret-of-the-town"

var users = map[string]jasmin.User{
	"town":  {Password: password, Account: "town", UrgentClass: sms.OTP, Replies: "https://town.example/mo", RepliesBy: http.MethodGet},
	"other": {Password: "another password", Account: "other"},
	"shut":  {Password: password, Account: "town", AllowFrom: []netip.Prefix{netip.MustParsePrefix("192.0.2.0/24")}},
	"fixed": {Password: password, Account: "town", Sender: "Mairie", Connector: "sfr", Class: sms.Marketing},
	"empty": {Account: "town"},
}

func open(t *testing.T) *house { return openWith(t, nil, nil) }

// openWith opens a door with quotas, and with a gateway that is changed.
func openWith(t *testing.T, quotas *quota.Book, change func(*gateway.Options)) *house {
	t.Helper()
	store, err := sqlite.OpenExclusive(t.Context(), t.TempDir())
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { store.Close() })
	h := &house{store: store, logs: &strings.Builder{}}
	log := slog.New(slog.NewTextHandler(h.logs, nil))
	sealer, err := auth.NewSealer(strings.Repeat("5c", 32))
	if err != nil {
		t.Fatal(err)
	}
	h.gateway = newGateway(t, store, log, quotas, change)
	h.webhooks = &webhook.Manager{
		Store: store, Seal: sealer.Seal, Open: sealer.Open, Derive: sealer.Derive, Now: time.Now, Changed: func() {},
	}
	server := httptest.NewServer(jasmin.New(h.options(log)))
	t.Cleanup(server.Close)
	h.url = server.URL
	return h
}

func (h *house) options(log *slog.Logger) jasmin.Options {
	return jasmin.Options{
		Gateway: h.gateway, Reader: h.store, Users: users, Keys: auth.NewKeeper(h.store, nil, time.Now),
		Main: func(string) string { return "ovh" }, Report: h.webhooks.ForFormat, Zone: time.UTC, Log: log, Now: time.Now,
		CheckURL: h.checkURL,
	}
}

func (h *house) checkURL(url string) error {
	wrong := webhook.CheckURL(url, h.webhooks.Policy)
	if wrong == nil { // a nil pointer would be an error
		return nil
	}
	return wrong
}

func newGateway(t testing.TB, store gateway.Store, log *slog.Logger, quotas *quota.Book, change func(*gateway.Options)) *gateway.Gateway {
	t.Helper()
	var instances []lane.Instance
	for _, name := range []string{"ovh", "sfr"} {
		instances = append(instances, lane.Instance{
			Name: name, Connector: idle{}, Facts: connector.Facts{MaxBatch: 1, Simulated: true},
		})
	}
	o := gateway.Options{
		Store: store, Instances: instances, Currency: "EUR", Quotas: quotas,
		Account: func(name string) gateway.Account { return gateway.Account{Name: name, Region: "FR"} },
		Limits:  gateway.Limits{Segments: 10, Recipients: 100, Backlog: 1000},
		Metrics: gateway.NewMetrics(prometheus.NewRegistry()), Log: log, Clock: duty.NewClock(time.Now),
	}
	if change != nil {
		change(&o)
	}
	g, err := gateway.New(o)
	if err != nil {
		t.Fatal(err)
	}
	return g
}

// key makes an API key of an account.
func (h *house) key(t *testing.T, account string, limits auth.KeyLimits) string {
	t.Helper()
	err := h.store.AddAccount(t.Context(), auth.Account{Name: account, CreatedAt: time.Now()})
	if err != nil && !errors.Is(err, auth.ErrExists) {
		t.Fatal(err)
	}
	text, _, err := auth.MakeKey(t.Context(), h.store, auth.Key{Account: account, Name: "forms", CreatedAt: time.Now(), Limits: limits})
	if err != nil {
		t.Fatal(err)
	}
	return text
}

// reply is what the door answered.
type reply struct {
	status int
	header http.Header
	body   string
}

func (h *house) do(t *testing.T, method, path, body string, header http.Header) *reply {
	t.Helper()
	r, err := http.NewRequestWithContext(t.Context(), method, h.url+path, strings.NewReader(body))
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
	return &reply{answer.StatusCode, answer.Header, string(text)}
}

// good is a message that is taken, with some arguments changed; an empty value takes one away.
func good(change ...string) url.Values {
	fields := url.Values{"username": {"town"}, "password": {password}, "to": {"33639980001"}, "content": {"Bonjour"}}
	for i := 0; i < len(change); i += 2 {
		fields.Set(change[i], change[i+1])
		if change[i+1] == "" {
			fields.Del(change[i])
		}
	}
	return fields
}

// get asks a path of the HTTP API.
func (h *house) get(t *testing.T, path string, fields url.Values) *reply {
	t.Helper()
	return h.do(t, http.MethodGet, path+"?"+fields.Encode(), "", nil)
}

func basic(user, password string) string {
	return "Basic " + base64.StdEncoding.EncodeToString([]byte(user+":"+password))
}

// rest asks a path of the REST API.
func (h *house) rest(t *testing.T, method, path, body string, header ...string) *reply {
	t.Helper()
	given := http.Header{"Authorization": {basic("town", password)}, "Content-Type": {"application/json"}}
	for i := 0; i < len(header); i += 2 {
		given.Set(header[i], header[i+1])
	}
	return h.do(t, method, path, body, given)
}

func (h *house) stored(t *testing.T, account string) []sms.Message {
	t.Helper()
	found, _, err := h.store.Search(t.Context(), search.Query{Account: account, Limit: 1000})
	if err != nil {
		t.Fatal(err)
	}
	return found
}

// last is the message that was stored last.
func (h *house) last(t *testing.T) *sms.Message {
	t.Helper()
	all := h.stored(t, "town")
	if len(all) == 0 {
		t.Fatal("nothing is stored")
	}
	return &all[0]
}
