package smsgate_test

import (
	"context"
	"encoding/base64"
	"encoding/json"
	"errors"
	"io"
	"log/slog"
	"maps"
	"net/http"
	"net/http/httptest"
	"net/netip"
	"strings"
	"testing"
	"time"

	"github.com/prometheus/client_golang/prometheus"

	"relais/auth"
	"relais/connector"
	"relais/door/smsgate"
	"relais/duty"
	"relais/gateway"
	"relais/lane"
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
	sealer   *auth.Sealer
}

const password = "s3cret-of-the-town"

var users = map[string]smsgate.User{
	"town":  {Password: password, Account: "town", UrgentClass: sms.OTP, SigningKey: "signing-key"},
	"other": {Password: "another password", Account: "other"},
	"shut":  {Password: password, Account: "town", AllowFrom: []netip.Prefix{netip.MustParsePrefix("192.0.2.0/24")}},
	"fixed": {Password: password, Account: "town", Sender: "Mairie", Connector: "sfr", Class: sms.Marketing},
	"empty": {Account: "town"},
}

func open(t *testing.T) *house {
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
	h.gateway = newGateway(t, store, log)
	h.webhooks = &webhook.Manager{
		Store: store, Seal: sealer.Seal, Open: sealer.Open, Derive: sealer.Derive, Now: time.Now, Changed: func() {},
	}
	h.sealer = sealer
	server := httptest.NewServer(smsgate.New(h.options(log)))
	t.Cleanup(server.Close)
	h.url = server.URL
	return h
}

func (h *house) options(log *slog.Logger) smsgate.Options {
	return smsgate.Options{
		Gateway: h.gateway, Reader: h.store, Webhooks: h.webhooks, Users: users, Keys: auth.NewKeeper(h.store, nil, time.Now),
		Derive: h.sealer.Derive, Log: log, Now: time.Now,
	}
}

func newGateway(t testing.TB, store gateway.Store, log *slog.Logger) *gateway.Gateway {
	t.Helper()
	var instances []lane.Instance
	for _, name := range []string{"ovh", "sfr"} {
		instances = append(instances, lane.Instance{
			Name: name, Connector: idle{}, Facts: connector.Facts{MaxBatch: 1, Simulated: true},
		})
	}
	o := gateway.Options{
		Store: store, Instances: instances, Currency: "EUR",
		Account: func(name string) gateway.Account { return gateway.Account{Name: name, Region: "FR"} },
		Limits:  gateway.Limits{Segments: 10, Recipients: 100, Backlog: 1000},
		Metrics: gateway.NewMetrics(prometheus.NewRegistry()), Log: log, Clock: duty.NewClock(time.Now),
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

func basic(user, password string) string {
	return "Basic " + base64.StdEncoding.EncodeToString([]byte(user+":"+password))
}

// ask calls a path as a user does.
func (h *house) ask(t *testing.T, method, path, body string, header ...string) *reply {
	t.Helper()
	given := http.Header{"Authorization": {basic("town", password)}, "Content-Type": {"application/json"}}
	for i := 0; i < len(header); i += 2 {
		given.Set(header[i], header[i+1])
	}
	return h.do(t, method, "/3rdparty/v1/"+path, body, given)
}

// good is a message that is taken, with more fields.
func good(more string) string {
	if more != "" {
		more = "," + more
	}
	return `{"textMessage":{"text":"Bonjour"},"phoneNumbers":["+33639980001"]` + more + `}`
}

// shown is a message, or an error, as it was answered.
type shown struct {
	ID, DeviceID, State, Message string
	Code                         int
	Recipients                   []struct {
		PhoneNumber, State string
		Error              *string
	}
	States      map[string]string
	TextMessage *struct{ Text string }
}

func (r *reply) shown(t *testing.T) (s shown) {
	t.Helper()
	if err := json.Unmarshal([]byte(r.body), &s); err != nil {
		t.Fatalf("%d %s: %v", r.status, r.body, err)
	}
	return s
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
