package shadow_test

import (
	"bytes"
	"compress/gzip"
	"context"
	"io"
	"log/slog"
	"net/http"
	"net/http/httptest"
	"slices"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/prometheus/client_golang/prometheus"

	"relais/connector"
	"relais/door/kannel"
	"relais/door/passerelle"
	"relais/door/shadow"
	"relais/duty"
	"relais/gateway"
	"relais/lane"
	"relais/search"
	"relais/sms"
	"relais/store/sqlite"
)

// silent is a connector that must never be called: nothing is sent.
type silent struct{ t *testing.T }

func (c silent) Submit(_ context.Context, batch []sms.Message) ([]connector.Outcome, error) {
	c.t.Error("a message was sent")
	return make([]connector.Outcome, len(batch)), nil
}

// old is a gateway of before: it notes what came and answers as the test says.
type old struct {
	*httptest.Server
	mu     sync.Mutex
	came   []*http.Request
	bodies []string
	answer func(w http.ResponseWriter, r *http.Request)
}

func startOld(t *testing.T) *old {
	t.Helper()
	o := &old{answer: says(http.StatusOK, "application/json", `{"err": 0}`)}
	o.Server = httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		body, err := io.ReadAll(r.Body)
		if err != nil {
			t.Error(err)
		}
		o.mu.Lock()
		o.came, o.bodies = append(o.came, r), append(o.bodies, string(body))
		answer := o.answer
		o.mu.Unlock()
		answer(w, r)
	}))
	t.Cleanup(o.Close)
	return o
}

// requests are those that came so far.
func (o *old) requests() []*http.Request {
	o.mu.Lock()
	defer o.mu.Unlock()
	return slices.Clone(o.came)
}

func (o *old) will(answer func(w http.ResponseWriter, r *http.Request)) {
	o.mu.Lock()
	defer o.mu.Unlock()
	o.answer = answer
}

// says answers without a Content-Type where kind is empty.
func says(status int, kind, body string) func(http.ResponseWriter, *http.Request) {
	return func(w http.ResponseWriter, _ *http.Request) {
		w.Header()["Content-Type"] = []string{kind}
		if kind == "" {
			w.Header()["Content-Type"] = nil
		}
		w.WriteHeader(status)
		io.WriteString(w, body)
	}
}

// packed answers in gzip.
func packed(t *testing.T, body string) func(http.ResponseWriter, *http.Request) {
	t.Helper()
	var b bytes.Buffer
	z := gzip.NewWriter(&b)
	if _, err := io.WriteString(z, body); err != nil {
		t.Fatal(err)
	}
	if err := z.Close(); err != nil {
		t.Fatal(err)
	}
	return func(w http.ResponseWriter, _ *http.Request) {
		w.Header().Set("Content-Encoding", "gzip")
		w.Write(b.Bytes())
	}
}

// site is two doors on one gateway, each beside an old one.
type site struct {
	t       *testing.T
	url     string
	old     *old
	store   *sqlite.Store
	keeper  *shadow.Keeper
	gateway *gateway.Gateway
	metrics *prometheus.Registry
	log     *journal
}

// journal is a log that many goroutines write.
type journal struct {
	mu   sync.Mutex
	text strings.Builder
}

// Write implements io.Writer.
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

const pass = "secret-of-relay"

func open(t *testing.T, change func(*shadow.Options)) *site {
	t.Helper()
	store, err := sqlite.OpenExclusive(t.Context(), t.TempDir())
	if err != nil {
		t.Fatal(err)
	}
	s := &site{t: t, store: store, old: startOld(t), metrics: prometheus.NewRegistry(), log: &journal{}}
	log := slog.New(slog.NewTextHandler(s.log, &slog.HandlerOptions{Level: slog.LevelDebug}))
	s.gateway, err = gateway.New(gateway.Options{
		Store: store, Clock: duty.NewClock(time.Now), Log: log, Metrics: gateway.NewMetrics(s.metrics),
		Instances: []lane.Instance{{
			Name: "ovh", Provider: "silent", Connector: silent{t},
			Facts: connector.Facts{Simulated: true, MaxBatch: 20},
		}},
		Account: func(name string) gateway.Account { return gateway.Account{Name: name, Region: "FR"} },
		Limits:  gateway.Limits{Segments: 2, Recipients: 100, Backlog: 1000},
	})
	if err != nil {
		t.Fatal(err)
	}
	o := shadow.Options{
		Store: store, Region: s.gateway.Region, Metrics: shadow.NewMetrics(s.metrics),
		Log: log, Now: time.Now,
	}
	change(&o)
	s.keeper = shadow.NewKeeper(o)
	s.serve(s.publik(log), s.clients(log))
	return s
}

func (s *site) publik(log *slog.Logger) *shadow.Wrapped {
	o := passerelle.Options{
		Gateway: s.gateway, Store: s.store, Log: log, Now: time.Now, Zone: time.UTC,
		Instances: []passerelle.Instance{
			{
				Name: "town", Kind: "sfr-dmc", Slug: "mairie", Account: "default",
				Families: []string{"fr-metro"}, MaxLength: 200,
				Callers: []passerelle.Caller{{ID: "codes", Kind: passerelle.APIKey, Secret: pass}},
				Shadow:  s.old.URL + "/ovh/old%2Ftown/",
			},
			{Name: "ours", Account: "default", Families: []string{"all"}, MaxLength: 200, Callers: []passerelle.Caller{{ID: "a", Kind: passerelle.Open}}},
		},
	}
	planning := o
	planning.Gateway = shadow.Planner{Gateway: s.gateway}
	return shadow.Wrap(s.keeper, passerelle.New(o), passerelle.New(planning))
}

func (s *site) clients(log *slog.Logger) *shadow.Wrapped {
	o := kannel.Options{
		Gateway: s.gateway, Log: log, Now: time.Now,
		Users: map[string]kannel.User{"relay": {Password: pass, Account: "default", Shadow: s.old.URL}},
	}
	planning := o
	planning.Gateway = shadow.Planner{Gateway: s.gateway}
	return shadow.Wrap(s.keeper, kannel.New(o), kannel.New(planning))
}

func (s *site) serve(doors ...*shadow.Wrapped) {
	server := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		for _, d := range doors {
			if d.Owns(r.URL.Path) {
				d.ServeHTTP(w, r)
				return
			}
		}
		http.NotFound(w, r)
	}))
	s.url = server.URL
	s.t.Cleanup(func() {
		server.Close()
		s.store.Close()
		for _, secret := range []string{pass, "9980001", "Bonjour", "old.town"} {
			if strings.Contains(s.log.String(), secret) {
				s.t.Errorf("the log holds %q:\n%s", secret, s.log)
			}
		}
	})
}

// reply is what a caller gets.
type reply struct {
	status int
	kind   []string
	body   string
}

func (s *site) call(method, target, body string, header ...string) reply {
	s.t.Helper()
	r, err := http.NewRequestWithContext(s.t.Context(), method, s.url+target, strings.NewReader(body))
	if err != nil {
		s.t.Fatal(err)
	}
	for i := 0; i+1 < len(header); i += 2 {
		r.Header.Set(header[i], header[i+1])
	}
	answer, err := http.DefaultTransport.RoundTrip(r)
	if err != nil {
		s.t.Fatal(err)
	}
	defer answer.Body.Close()
	got, err := io.ReadAll(answer.Body)
	if err != nil {
		s.t.Fatal(err)
	}
	return reply{answer.StatusCode, answer.Header["Content-Type"], string(got)}
}

// compared waits for what is under way and returns every row, whatever its
// verdict; nothing is compared after it.
func (s *site) compared() (counts []shadow.Count, others []shadow.Row) {
	s.t.Helper()
	if err := s.keeper.Stop(s.t.Context()); err != nil {
		s.t.Fatal(err)
	}
	counts, err := s.store.CountShadows(s.t.Context(), time.Time{})
	if err != nil {
		s.t.Fatal(err)
	}
	if others, err = s.store.Shadows(s.t.Context(), time.Time{}, 100); err != nil {
		s.t.Fatal(err)
	}
	return counts, others
}

// nothing is stored, whatever the old gateway said.
func (s *site) nothingStored() {
	s.t.Helper()
	found, _, err := s.store.Search(s.t.Context(), search.Query{Account: "default", Limit: 10})
	if err != nil || len(found) > 0 {
		s.t.Errorf("%d messages are stored, %v; want none", len(found), err)
	}
}

const sendTown = "/passerelle/town/send/?apikey=" + pass + "&nostop=1"

func order(text string, to ...string) string {
	return `{"message": "` + text + `", "from": "Mairie", "to": ["` + strings.Join(to, `", "`) +
		`"], "counter": null}`
}
