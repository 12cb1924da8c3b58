package twilio_test

import (
	"context"
	"encoding/json"
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
	"relais/door/twilio"
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

// Credentials of the tests.
const (
	town    = "AC0123456789abcdef0123456789abcdef"
	other   = "ACffffffffffffffffffffffffffffffff"
	shut    = "ACeeeeeeeeeeeeeeeeeeeeeeeeeeeeeeee"
	token   = "fedcba9876543210fedcba9876543210"
	service = "MG0123456789abcdef0123456789abcdef"
	foreign = "MGffffffffffffffffffffffffffffffff"
	keySid  = "SK0123456789abcdef0123456789abcdef"
)

// house is a door before a gateway on a store in a directory.
type house struct {
	url      string
	store    *sqlite.Store
	gateway  *gateway.Gateway
	webhooks *webhook.Manager
	logs     *strings.Builder
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
	h.gateway = newGateway(t, store, log, nil)
	h.webhooks = &webhook.Manager{
		Store: store, Seal: sealer.Seal, Open: sealer.Open, Derive: sealer.Derive, Now: time.Now, Changed: func() {},
	}
	server := httptest.NewServer(twilio.New(h.options(log)))
	t.Cleanup(server.Close)
	h.url = server.URL
	return h
}

func (h *house) options(log *slog.Logger) twilio.Options {
	services := map[string]twilio.Service{service: {Sender: "Mairie", Connector: "sfr", Class: sms.OTP}}
	return twilio.Options{
		Gateway: h.gateway, Reader: h.store, Keys: auth.NewKeeper(h.store, nil, time.Now),
		Accounts: []twilio.Account{
			{Name: "town", Sid: town, Token: token, Account: "town", Services: services},
			{Name: "other", Sid: other, Token: "another token", Account: "other", Services: map[string]twilio.Service{foreign: {}}},
			{Name: "shut", Sid: shut, Token: token, Account: "shut", AllowFrom: []netip.Prefix{netip.MustParsePrefix("192.0.2.0/24")}},
		},
		Report:   h.webhooks.ForFormat,
		CheckURL: h.checkURL, Log: log, Now: time.Now,
	}
}

func (h *house) checkURL(url string) error {
	wrong := webhook.CheckURL(url, h.webhooks.Policy)
	if wrong == nil { // a nil pointer would be an error
		return nil
	}
	return wrong
}

func newGateway(t testing.TB, store gateway.Store, log *slog.Logger, quotas *quota.Book) *gateway.Gateway {
	t.Helper()
	var instances []lane.Instance
	for _, name := range []string{"ovh", "sfr"} {
		instances = append(instances, lane.Instance{
			Name: name, Connector: idle{}, Facts: connector.Facts{MaxBatch: 1, Simulated: true},
		})
	}
	g, err := gateway.New(gateway.Options{
		Store: store, Instances: instances, Currency: "EUR", Quotas: quotas,
		Account: func(name string) gateway.Account { return gateway.Account{Name: name, Region: "FR"} },
		Limits:  gateway.Limits{Segments: 10, Recipients: 100, Backlog: 1000},
		Metrics: gateway.NewMetrics(prometheus.NewRegistry()), Log: log, Clock: duty.NewClock(time.Now),
	})
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
	fields map[string]any
}

func (r *reply) code() int {
	code, _ := r.fields["code"].(float64)
	return int(code)
}

// ask calls a path of an account with its token.
func (h *house) ask(t *testing.T, method, path string, fields url.Values) *reply {
	t.Helper()
	return h.askAs(t, town, token, method, "/2010-04-01/Accounts/"+town+path, fields, nil)
}

func (h *house) askAs(
	t *testing.T, user, password, method, path string, fields url.Values, header http.Header,
) *reply {
	t.Helper()
	var body io.Reader = http.NoBody
	if fields != nil {
		body = strings.NewReader(fields.Encode())
	}
	r, err := http.NewRequestWithContext(t.Context(), method, h.url+path, body)
	if err != nil {
		t.Fatal(err)
	}
	if fields != nil {
		r.Header.Set("Content-Type", "application/x-www-form-urlencoded")
	}
	maps.Copy(r.Header, header)
	if user != "" {
		r.SetBasicAuth(user, password)
	}
	answer, err := http.DefaultClient.Do(r)
	if err != nil {
		t.Fatal(err)
	}
	defer answer.Body.Close()
	text, err := io.ReadAll(answer.Body)
	if err != nil {
		t.Fatal(err)
	}
	got := &reply{status: answer.StatusCode, header: answer.Header, body: string(text)}
	if len(text) > 0 {
		if err := json.Unmarshal(text, &got.fields); err != nil {
			t.Fatalf("%s %s: %q: %v", method, path, text, err)
		}
	}
	return got
}

// good is a message that is taken, with some fields changed; an empty value takes one away.
func good(change ...string) url.Values {
	fields := url.Values{"To": {"+33639980001"}, "From": {"RELAIS"}, "Body": {"Bonjour"}}
	for i := 0; i < len(change); i += 2 {
		fields.Set(change[i], change[i+1])
		if change[i+1] == "" {
			fields.Del(change[i])
		}
	}
	return fields
}

// create takes a message, and gives its sid.
func (h *house) create(t *testing.T, change ...string) string {
	t.Helper()
	got := h.ask(t, http.MethodPost, "/Messages.json", good(change...))
	if got.status != http.StatusCreated {
		t.Fatalf("%d %s", got.status, got.body)
	}
	return got.fields["sid"].(string)
}

func (h *house) stored(t *testing.T, account string) []sms.Message {
	t.Helper()
	found, _, err := h.store.Search(t.Context(), search.Query{Account: account, Limit: 1000})
	if err != nil {
		t.Fatal(err)
	}
	return found
}
