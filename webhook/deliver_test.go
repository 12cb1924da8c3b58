package webhook_test

import (
	"context"
	"encoding/json"
	"fmt"
	"io"
	"log/slog"
	"net/http"
	"net/http/httptest"
	"net/url"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/prometheus/client_golang/prometheus"
	standardwebhooks "github.com/standard-webhooks/standard-webhooks/libraries/go"

	"relais/auth"
	"relais/sms"
	"relais/store/sqlite"
	"relais/webhook"
)

// receiver is a caller's system: it verifies every signature with a library
// that is not ours, and answers as a test says.
type receiver struct {
	*httptest.Server
	t      *testing.T
	answer func(n int, w http.ResponseWriter, r *http.Request)
	came   chan struct{}

	mu     sync.Mutex
	secret string
	got    []post
}

type post struct {
	id   string
	body string
}

func receive(t *testing.T, answer func(n int, w http.ResponseWriter, r *http.Request)) *receiver {
	t.Helper()
	r := &receiver{t: t, answer: answer, came: make(chan struct{}, 100_000)}
	r.Server = httptest.NewServer(r)
	t.Cleanup(r.Close)
	return r
}

func (r *receiver) ServeHTTP(w http.ResponseWriter, request *http.Request) {
	body, err := io.ReadAll(request.Body)
	if err != nil {
		r.t.Error(err)
	}
	r.mu.Lock()
	secret, n := r.secret, len(r.got)
	r.got = append(r.got, post{request.Header.Get("Webhook-Id"), string(body)})
	r.mu.Unlock()
	verifier, err := standardwebhooks.NewWebhook(secret)
	if err != nil {
		r.t.Error(err)
	} else if err := verifier.Verify(body, request.Header); err != nil {
		r.t.Errorf("signature: %v", err)
	}
	if r.answer != nil {
		r.answer(n, w, request)
	}
	r.came <- struct{}{}
}

func (r *receiver) posts() []post {
	r.mu.Lock()
	defer r.mu.Unlock()
	return append([]post{}, r.got...)
}

func (r *receiver) await(n int) {
	r.t.Helper()
	for range n {
		select {
		case <-r.came:
		case <-time.After(20 * time.Second):
			r.t.Fatalf("%d requests came, want %d", len(r.posts()), n)
		}
	}
}

// desk is a deliverer on a store in a directory.
type desk struct {
	*webhook.Deliverer
	*webhook.Manager
	store *sqlite.Store
	t     *testing.T
}

func open(t *testing.T, dir string, policy webhook.Policy) *desk {
	t.Helper()
	return openBehind(t, dir, policy, nil)
}

// openBehind has a proxy to the public internet.
func openBehind(t *testing.T, dir string, policy webhook.Policy, proxy *url.URL) *desk {
	t.Helper()
	store, err := sqlite.OpenExclusive(t.Context(), dir)
	if err != nil {
		t.Fatal(err)
	}
	sealer, err := auth.NewSealer(strings.Repeat("5c", 32))
	if err != nil {
		t.Fatal(err)
	}
	d := webhook.New(webhook.Options{
		Store: store, Open: sealer.Open, Policy: policy, Proxy: proxy, Timeout: 2 * time.Second,
		UserAgent: "Relais/test",
		Metrics:   webhook.NewMetrics(prometheus.NewRegistry()),
		Log:       slog.New(slog.DiscardHandler), Now: time.Now,
	})
	return &desk{d, &webhook.Manager{
		Store: store, Seal: sealer.Seal, Open: sealer.Open, Derive: sealer.Derive, Policy: policy,
		Now: time.Now, Changed: d.Rouse,
	}, store, t}
}

func (d *desk) close() {
	d.t.Helper()
	if err := d.Stop(context.Background()); err != nil {
		d.t.Error(err)
	}
	if err := d.store.Close(); err != nil {
		d.t.Error(err)
	}
}

// register makes the receiver an endpoint.
func (d *desk) register(r *receiver, events ...webhook.Type) webhook.Endpoint {
	d.t.Helper()
	made, err := d.Create(d.t.Context(), "default", r.URL, events, "")
	if err != nil {
		d.t.Fatal(err)
	}
	r.mu.Lock()
	r.secret = made.Secret
	r.mu.Unlock()
	return made.Endpoint
}

// tell puts an event in everybody's outbox.
func (d *desk) tell(n int) {
	d.t.Helper()
	at := time.Now()
	if err := d.store.TellAll(
		d.t.Context(), string(webhook.CreditLow), sms.NewID(at), at, fmt.Appendf(nil, `{"n":%d}`, n),
	); err != nil {
		d.t.Fatal(err)
	}
	d.Rouse()
}

// settled waits until nothing of an endpoint is pending, or as much as want.
func (d *desk) settled(e webhook.Endpoint, want int) webhook.Endpoint {
	d.t.Helper()
	deadline := time.Now().Add(20 * time.Second)
	tick := time.NewTicker(5 * time.Millisecond)
	defer tick.Stop()
	for range tick.C {
		all, err := d.store.Endpoints(d.t.Context(), "default")
		if err != nil {
			d.t.Fatal(err)
		}
		for _, one := range all {
			if one.ID == e.ID && one.Pending == want {
				return one
			}
		}
		if time.Now().After(deadline) {
			d.t.Fatalf("endpoints %+v, want %d pending", all, want)
		}
	}
	return e
}

var local = webhook.Policy{Loopback: true}

func TestDeliveredOnceAndSigned(t *testing.T) {
	d := open(t, t.TempDir(), local)
	defer d.close()
	r := receive(t, nil)
	e := d.register(r, webhook.CreditLow)
	d.Start()
	const n = 200
	for i := range n {
		d.tell(i)
	}
	r.await(n)
	d.settled(e, 0)
	ids := map[string]bool{}
	for _, p := range r.posts() {
		ids[p.id] = true
		var body struct {
			ID        string
			Type      webhook.Type
			Timestamp time.Time
			Data      struct{ N *int }
		}
		if err := json.Unmarshal([]byte(p.body), &body); err != nil || body.ID != p.id ||
			body.Type != webhook.CreditLow || body.Timestamp.IsZero() || body.Data.N == nil {
			t.Fatalf("body %s, %v", p.body, err)
		}
	}
	if len(ids) != n || len(r.posts()) != n {
		t.Errorf("%d requests with %d ids, want %d of each", len(r.posts()), len(ids), n)
	}
}

func TestDeadEndpointHoldsUpNoOther(t *testing.T) {
	d := open(t, t.TempDir(), local)
	defer d.close()
	release := make(chan struct{})
	dead := receive(t, func(_ int, _ http.ResponseWriter, r *http.Request) {
		select {
		case <-release:
		case <-r.Context().Done():
		}
	})
	defer close(release)
	fine := receive(t, nil)
	d.register(dead)
	e := d.register(fine)
	d.Start()
	for i := range 100 {
		d.tell(i)
	}
	fine.await(100)
	d.settled(e, 0)
}

// TestEndpointAsksWithADate: a Retry-After may be a date of HTTP, by the endpoint's clock.
func TestEndpointAsksWithADate(t *testing.T) {
	d := open(t, t.TempDir(), local)
	defer d.close()
	theirs := time.Date(2031, 5, 4, 3, 2, 1, 0, time.UTC)
	r := receive(t, func(_ int, w http.ResponseWriter, _ *http.Request) {
		w.Header().Set("Date", theirs.Format(http.TimeFormat))
		w.Header().Set("Retry-After", theirs.Add(20*time.Minute).Format(time.RFC850))
		w.WriteHeader(http.StatusServiceUnavailable)
	})
	e := d.register(r)
	d.Start()
	d.tell(1)
	r.await(1)
	var first webhook.Delivery
	for first.Attempts == 0 {
		found, err := d.store.Deliveries(t.Context(), "default", e.ID, "", 0, 10)
		if err != nil || len(found) != 1 {
			t.Fatalf("%d in the log, %v", len(found), err)
		}
		first = found[0]
	}
	if wait := first.NextAt.Sub(first.Last.At); wait < 20*time.Minute || wait > 25*time.Minute {
		t.Errorf("the next attempt is %s later, want the 20 minutes that were asked for", wait)
	}
}

func TestFailureIsTriedAgainWithTheSameBody(t *testing.T) {
	d := open(t, t.TempDir(), local)
	defer d.close()
	r := receive(t, func(n int, w http.ResponseWriter, _ *http.Request) {
		if n == 0 {
			w.Header().Set("Retry-After", "1")
			w.WriteHeader(http.StatusServiceUnavailable)
		}
	})
	e := d.register(r)
	d.Start()
	d.tell(1)
	r.await(1)
	log := func() webhook.Delivery {
		found, err := d.store.Deliveries(t.Context(), "default", e.ID, "", 0, 10)
		if err != nil || len(found) != 1 {
			t.Fatalf("%d in the log, %v", len(found), err)
		}
		return found[0]
	}
	for log().Attempts == 0 {
		continue
	}
	first := log()
	if first.State != webhook.Pending || first.Last.Status != 503 ||
		first.NextAt.Sub(first.Last.At) < 5*time.Second {
		t.Errorf("after a failure %+v", first)
	}
	if n, _, err := d.Replay(t.Context(), webhook.Replay{
		Account: "default", Endpoint: e.ID, Seq: first.Event.Seq,
	}); err != nil || n != 1 {
		t.Fatalf("%d replayed, %v", n, err)
	}
	r.await(1)
	d.settled(e, 0)
	posts := r.posts()
	if posts[0] != posts[1] {
		t.Errorf("sent\n%+v, then\n%+v", posts[0], posts[1])
	}
}

func TestAnswersThatDoNotCount(t *testing.T) {
	for _, tc := range []struct {
		name   string
		answer http.HandlerFunc
		want   string
		state  webhook.State
	}{
		{"redirect", func(w http.ResponseWriter, r *http.Request) {
			http.Redirect(w, r, "http://127.0.0.1:9/", http.StatusFound)
		}, "status 302: redirects are not followed", webhook.Active},
		{"server error", func(w http.ResponseWriter, _ *http.Request) { w.WriteHeader(http.StatusInternalServerError) }, "status 500", webhook.Active},
		{"gone", func(w http.ResponseWriter, _ *http.Request) { w.WriteHeader(http.StatusGone) }, "status 410", webhook.Disabled},
		{"cut", func(w http.ResponseWriter, _ *http.Request) {
			conn, _, err := http.NewResponseController(w).Hijack()
			if err == nil {
				conn.Close()
			}
		}, "no answer: EOF", webhook.Active},
	} {
		t.Run(tc.name, func(t *testing.T) {
			d := open(t, t.TempDir(), local)
			defer d.close()
			r := receive(t, func(_ int, w http.ResponseWriter, r *http.Request) { tc.answer(w, r) })
			e := d.register(r)
			d.Start()
			d.tell(1)
			r.await(1)
			for {
				found, err := d.store.Deliveries(t.Context(), "default", e.ID, "", 0, 10)
				if err != nil {
					t.Fatal(err)
				}
				if found[0].Attempts == 0 {
					continue
				}
				if found[0].State != webhook.Pending || found[0].Last.Error != tc.want {
					t.Errorf("%s: %q, want %q", found[0].State, found[0].Last.Error, tc.want)
				}
				break
			}
			for {
				got, err := d.store.Endpoint(t.Context(), "default", e.ID)
				if err != nil {
					t.Fatal(err)
				}
				if got.Failures == 0 {
					continue
				}
				if got.State != tc.state {
					t.Errorf("endpoint is %s, want %s", got.State, tc.state)
				}
				break
			}
		})
	}
}

// TestNothingIsLostByARestart kills the deliverer in the middle: what was not
// settled comes again, with its id.
func TestNothingIsLostByARestart(t *testing.T) {
	const n = 2000
	dir := t.TempDir()
	d := open(t, dir, local)
	r := receive(t, func(n int, w http.ResponseWriter, _ *http.Request) {
		if n%50 == 49 {
			w.WriteHeader(http.StatusInternalServerError)
		}
	})
	d.register(r)
	for i := range n {
		d.tell(i)
	}
	d.Start()
	r.await(n / 4)
	d.close()
	d = open(t, dir, local)
	defer d.close()
	d.Start()
	deadline := time.After(60 * time.Second)
	for {
		ids := map[string]string{}
		for _, p := range r.posts() {
			if body, known := ids[p.id]; known && body != p.body {
				t.Fatalf("event %s has two bodies", p.id)
			}
			ids[p.id] = p.body
		}
		if len(ids) == n {
			return
		}
		select {
		case <-r.came:
		case <-deadline:
			t.Fatalf("%d of %d events came", len(ids), n)
		}
	}
}

func TestPrivateTargetsAreRefusedWhenTheConnectionIsMade(t *testing.T) {
	d := open(t, t.TempDir(), webhook.Policy{})
	defer d.close()
	r := receive(t, nil)
	if _, err := d.Create(t.Context(), "default", r.URL, nil, ""); err == nil {
		t.Error("a loopback address is registered")
	}
	// It stands in the database all the same, as a name would whose address has
	// changed since.
	made, err := d.Create(t.Context(), "default", "https://example.org/", nil, "")
	if err != nil {
		t.Fatal(err)
	}
	e := made.Endpoint
	e.URL = r.URL
	if err := d.store.ChangeEndpoint(t.Context(), made.Endpoint, e); err != nil {
		t.Fatal(err)
	}
	d.Start()
	d.tell(1)
	for {
		found, err := d.store.Deliveries(t.Context(), "default", e.ID, "", 0, 10)
		if err != nil {
			t.Fatal(err)
		}
		if found[0].Attempts > 0 {
			if !strings.Contains(found[0].Last.Error, "private or local network") || len(r.posts()) > 0 {
				t.Errorf("error %q, %d requests", found[0].Last.Error, len(r.posts()))
			}
			return
		}
	}
}

// TestRegisteredTwiceIsOne: a second endpoint would get every event twice.
func TestRegisteredTwiceIsOne(t *testing.T) {
	d := open(t, t.TempDir(), local)
	defer d.close()
	both := []webhook.Type{webhook.MessageDelivered, webhook.MessageUndelivered}
	first, err := d.Create(t.Context(), "default", "https://example.org/", both, "key")
	if err != nil {
		t.Fatal(err)
	}
	for _, test := range []struct {
		name, url, key string
		events         []webhook.Type
		refused        bool
	}{
		{"the same", "https://example.org/", "", both, true},
		{"another order", "https://example.org/", "", []webhook.Type{both[1], both[0]}, true},
		{"an event named twice", "https://example.org/", "", []webhook.Type{both[0], both[1], both[0]}, true},
		{"capitals", "HTTPS://Example.org/", "", both, true},
		{"the port that goes without saying", "https://example.org:443/", "", both, true},
		{"no path", "https://example.org", "", both, true},
		{"a dot behind the host", "https://example.org./", "", both, true},
		{"the same request in capitals", "https://EXAMPLE.org", "key", both, false},
		{"the same request again", "https://example.org/", "key", both, false},
		{"other events", "https://example.org/", "", both[:1], false},
		{"another address", "https://example.org/other", "", both, false},
	} {
		t.Run(test.name, func(t *testing.T) {
			_, err := d.Create(t.Context(), "default", test.url, test.events, test.key)
			if (err != nil) != test.refused || err != nil &&
				!strings.Contains(err.Error(), first.ID.String()) {
				t.Errorf("got %v, want refused %v", err, test.refused)
			}
		})
	}
}

// TestAddressOfRequestsIsOneInAllWritings: each writing would be an endpoint, with a queue
// of its own.
func TestAddressOfRequestsIsOneInAllWritings(t *testing.T) {
	d := open(t, t.TempDir(), local)
	defer d.close()
	first, err := d.ForRequest(t.Context(), "default", "https://example.org")
	if err != nil {
		t.Fatal(err)
	}
	for _, url := range []string{"https://example.org/", "HTTPS://example.org", "https://Example.Org:443/", "https://example.org.", "https://example.org/?"} {
		got, err := d.ForRequest(t.Context(), "default", url)
		if err != nil || got != first {
			t.Errorf("%s is the endpoint %s, %v; want %s", url, got, err, first)
		}
	}
	if other, err := d.ForRequest(t.Context(), "default", "https://example.org/a"); err != nil ||
		other == first {
		t.Errorf("another path is the endpoint %s, %v", other, err)
	}
}

func TestEndpointsAreLimitedAndChecked(t *testing.T) {
	d := open(t, t.TempDir(), local)
	defer d.close()
	if _, err := d.Create(
		t.Context(), "default", "https://example.org/", []webhook.Type{"message.sent"}, "",
	); err == nil {
		t.Error("an unknown event is taken")
	}
	for i := range 20 {
		if _, err := d.Create(
			t.Context(), "default", fmt.Sprintf("https://example.org/%d", i), nil, "",
		); err != nil {
			t.Fatal(err)
		}
	}
	if _, err := d.Create(t.Context(), "default", "https://example.org/", nil, ""); err == nil {
		t.Error("endpoint 21 is taken")
	}
	// The first secret is the one that an address of a request signs with, once there is one.
	first, err := d.SigningSecret(t.Context(), "default")
	if err != nil || !strings.HasPrefix(first, "whsec_") {
		t.Errorf("secret %q, %v", first, err)
	}
	if none, err := d.store.SigningSecret(t.Context(), "default", nil, false, time.Now()); err != nil ||
		none != nil {
		t.Errorf("to ask for the secret kept one: %v", err)
	}
	if _, err := d.ForRequest(t.Context(), "default", "https://example.org/one"); err != nil {
		t.Fatal(err)
	}
	if again, err := d.SigningSecret(t.Context(), "default"); err != nil || again != first {
		t.Errorf("the secret changed, %v", err)
	}
	if kept, err := d.store.SigningSecret(t.Context(), "default", nil, false, time.Now()); err != nil ||
		kept == nil {
		t.Errorf("the secret was not kept: %v", err)
	}
	if other, _, _, err := d.Rotate(t.Context(), webhook.NewRotation{Account: "default"}); err != nil ||
		other == first {
		t.Errorf("the secret was not replaced, %v", err)
	}
	if other, err := d.SigningSecret(t.Context(), "other"); err != nil || other == first {
		t.Errorf("two accounts have one secret, %v", err)
	}
}
