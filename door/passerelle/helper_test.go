package passerelle_test

import (
	"bytes"
	"context"
	"crypto/hmac"
	"crypto/sha256"
	"crypto/sha512"
	"encoding/base64"
	"encoding/json"
	"io"
	"log/slog"
	"net/http"
	"net/http/httptest"
	"net/netip"
	"net/url"
	"regexp"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/prometheus/client_golang/prometheus"

	"relais/connector"
	"relais/door/passerelle"
	"relais/duty"
	"relais/gateway"
	"relais/lane"
	"relais/search"
	"relais/sms"
	"relais/store/sqlite"
)

// vectorTime is the time of both test vectors, and of every test.
var vectorTime = time.Date(2025, 1, 15, 8, 30, 0, 0, time.UTC)

const (
	vectorKey = "0123456789abcdef"
	formsHost = "forms.example.net"
)

// silent is a connector that takes everything and tells nothing.
type silent struct{}

func (silent) Submit(_ context.Context, batch []sms.Message) ([]connector.Outcome, error) {
	return make([]connector.Outcome, len(batch)), nil
}

// site is a door over real HTTP, on a real gateway and store.
type site struct {
	t       *testing.T
	url     string
	store   *sqlite.Store
	gateway *gateway.Gateway
	clock   *clock
	log     *journal
	dir     string
}

type clock struct {
	mu  sync.Mutex
	now time.Time
}

func (c *clock) Now() time.Time {
	c.mu.Lock()
	defer c.mu.Unlock()
	return c.now
}

func (c *clock) set(now time.Time) {
	c.mu.Lock()
	defer c.mu.Unlock()
	c.now = now
}

// town is an instance with a caller of each kind but open.
func town() passerelle.Instance {
	return passerelle.Instance{
		Name: "town", Kind: "sfr-dmc", Slug: "mairie", Account: "default", Families: []string{"all"},
		MaxLength: 2000,
		Callers: []passerelle.Caller{
			{ID: "forms", Kind: passerelle.Signature, Orig: formsHost, Secret: vectorKey},
			{ID: "codes", Kind: passerelle.APIKey, Secret: "key-of-codes"},
			{ID: "clerk", Kind: passerelle.Basic, Username: "clerk", Secret: "pass of clerk"},
			{ID: "far", Kind: passerelle.APIKey, Secret: "key-of-far", Addresses: networks("192.0.2.0/24")},
		},
	}
}

// square is open to everybody.
func square() passerelle.Instance {
	return passerelle.Instance{
		Name: "square", Account: "default", Families: []string{"all"}, MaxLength: 2000,
		Callers: []passerelle.Caller{{ID: "anybody", Kind: passerelle.Open}},
	}
}

func networks(texts ...string) (all passerelle.Networks) {
	for _, text := range texts {
		all = append(all, netip.MustParsePrefix(text))
	}
	return all
}

func open(t *testing.T, instances ...passerelle.Instance) *site {
	t.Helper()
	return openIn(t, t.TempDir(), func(*gateway.Options) {}, instances...)
}

func openIn(t *testing.T, dir string, change func(*gateway.Options), instances ...passerelle.Instance) *site {
	t.Helper()
	if len(instances) == 0 {
		instances = []passerelle.Instance{town(), square()}
	}
	store, err := sqlite.OpenExclusive(t.Context(), dir)
	if err != nil {
		t.Fatal(err)
	}
	s := &site{t: t, store: store, clock: &clock{now: vectorTime}, log: &journal{}, dir: dir}
	options := gateway.Options{
		Store: store, Clock: duty.NewClock(s.clock.Now), Log: s.log.logger(),
		Metrics: gateway.NewMetrics(prometheus.NewRegistry()),
		Instances: []lane.Instance{
			{Name: "sfr", Provider: "silent", Connector: silent{}, Facts: connector.Facts{Simulated: true, MaxBatch: 20, StopClause: "\nSTOP 36184"}},
			{Name: "names", Provider: "silent", Connector: silent{}, Facts: connector.Facts{Simulated: true, Senders: []sms.SenderKind{sms.Alphanumeric}}},
		},
		Account:   func(name string) gateway.Account { return gateway.Account{Name: name, Region: "FR"} },
		Limits:    gateway.Limits{Segments: 20, Recipients: 10_000, Backlog: 1_000_000},
		Pseudonym: func(account string, n sms.Number) string { return account + string(n[len(n)-2:]) },
	}
	change(&options)
	if s.gateway, err = gateway.New(options); err != nil {
		t.Fatal(err)
	}
	server := httptest.NewServer(passerelle.New(passerelle.Options{
		Gateway: s.gateway, Orders: s.desk(), Store: store, Instances: instances, Zone: time.UTC,
		Log: s.log.logger(), Now: s.clock.Now,
	}))
	s.url = server.URL
	t.Cleanup(func() {
		server.Close()
		store.Close()
		s.log.check(t)
	})
	return s
}

// reply is what came back, in the form that every answer has.
type reply struct {
	*http.Response
	raw   string
	Err   int               `json:"err"`
	Class string            `json:"err_class"`
	Desc  string            `json:"err_desc"`
	Warn  map[string]string `json:"warn"`
	Data  *struct {
		ID       string              `json:"id"`
		Messages []map[string]string `json:"messages"`
		Rejected []map[string]string `json:"rejected"`
		Warnings []map[string]string `json:"warnings"`
		State    string              `json:"state"`
		Code     string              `json:"code"`
	} `json:"data"`
}

// numbers are those that get a message.
func (r *reply) numbers() (to []string) {
	if r.Data == nil {
		return nil
	}
	for _, m := range r.Data.Messages {
		to = append(to, m["to"])
	}
	return to
}

// request makes what w.c.s. sends.
func (s *site) request(method, path, body string) *http.Request {
	s.t.Helper()
	r, err := http.NewRequestWithContext(s.t.Context(), method, s.url+path, strings.NewReader(body))
	if err != nil {
		s.t.Fatal(err)
	}
	r.Header.Set("Content-Type", "application/json")
	r.Header.Set("Accept", "application/json")
	return r
}

func (s *site) do(r *http.Request) *reply {
	s.t.Helper()
	s.log.forbidSecrets(r.URL.RawQuery)
	answer, err := http.DefaultTransport.RoundTrip(r)
	if err != nil {
		s.t.Fatal(err)
	}
	defer answer.Body.Close()
	raw, err := io.ReadAll(answer.Body)
	if err != nil {
		s.t.Fatal(err)
	}
	got := &reply{Response: answer, raw: string(raw)}
	if err := json.Unmarshal(raw, got); err != nil && r.Method != http.MethodHead {
		s.t.Fatalf("no JSON: %s", raw)
	}
	if ok := got.StatusCode == http.StatusOK; ok != (got.Err == 0) {
		s.t.Errorf("status %d with err %d: callers would not agree: %s", got.StatusCode, got.Err, raw)
	}
	if kind := got.Header.Get("Content-Type"); kind != "application/json; charset=utf-8" {
		s.t.Errorf("Content-Type %q", kind)
	}
	return got
}

func (s *site) post(path, body string) *reply {
	s.t.Helper()
	return s.do(s.request(http.MethodPost, path, body))
}

// order writes a body as w.c.s. does: counter is always there.
func order(message, from string, to ...string) string {
	body, err := json.Marshal(map[string]any{"message": message, "from": from, "to": to, "counter": nil})
	if err != nil {
		panic(err)
	}
	return string(body)
}

// sign does what w.c.s. does (2.4 of what is known of it).
func sign(query, orig, key, nonce string, at time.Time) string {
	if query != "" {
		query += "&"
	}
	query += "orig=" + url.QueryEscape(orig) + "&algo=sha256&timestamp=" +
		url.QueryEscape(at.Format("2006-01-02T15:04:05Z")) + "&nonce=" + nonce
	return query + "&signature=" + signatureOf(query, key)
}

// signatureOf is written as w.c.s. writes it: a slash stays.
func signatureOf(query, key string) string {
	mac := hmac.New(sha256.New, []byte(key))
	mac.Write([]byte(query))
	return strings.ReplaceAll(url.QueryEscape(base64.StdEncoding.EncodeToString(mac.Sum(nil))), "%2F", "/")
}

func resigned512(query string) string {
	mac := hmac.New(sha512.New, []byte(vectorKey))
	mac.Write([]byte(query))
	return query + "&signature=" + url.QueryEscape(base64.StdEncoding.EncodeToString(mac.Sum(nil)))
}

// stored returns the messages of the account, oldest first.
func (s *site) stored() []sms.Message {
	s.t.Helper()
	found, _, err := s.store.Search(s.t.Context(), search.Query{Account: "default", Limit: 1000})
	if err != nil {
		s.t.Fatal(err)
	}
	for i, j := 0, len(found)-1; i < j; i, j = i+1, j-1 {
		found[i], found[j] = found[j], found[i]
	}
	return found
}

// codes are the reasons of a message's decisions.
func (s *site) codes(m sms.Message) (codes []string) {
	s.t.Helper()
	_, decisions, err := s.store.Timeline(s.t.Context(), m.Account, m.ID)
	if err != nil {
		s.t.Fatal(err)
	}
	for _, d := range decisions {
		codes = append(codes, d.Code.Wire())
	}
	return codes
}

// journal keeps the log and what must not stand in it.
type journal struct {
	mu        sync.Mutex
	text      bytes.Buffer
	forbidden []string
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

func (j *journal) forbidSecrets(query string) {
	values, err := url.ParseQuery(query)
	if err != nil {
		return
	}
	j.mu.Lock()
	defer j.mu.Unlock()
	for _, key := range []string{"apikey", "signature", "nonce"} {
		if value := values.Get(key); value != "" {
			j.forbidden = append(j.forbidden, value)
		}
	}
}

func (j *journal) logger() *slog.Logger {
	return slog.New(slog.NewTextHandler(j, &slog.HandlerOptions{
		Level: slog.LevelDebug,
		ReplaceAttr: func(_ []string, a slog.Attr) slog.Attr {
			if a.Key == slog.TimeKey {
				return slog.Attr{}
			}
			return a
		},
	}))
}

var numberLike = regexp.MustCompile(`\d{6,}`)

func (j *journal) check(t *testing.T) {
	t.Helper()
	text := j.String()
	if numberLike.MatchString(text) {
		t.Errorf("a number stands in the log:\n%s", text)
	}
	for _, secret := range append(j.forbidden, vectorKey, "key-of-", "pass of") {
		if strings.Contains(text, secret) {
			t.Errorf("a secret stands in the log:\n%s", text)
		}
	}
}
