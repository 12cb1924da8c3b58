package webhook_test

import (
	"context"
	"errors"
	"net/http"
	"net/http/httptest"
	"testing"
	"time"

	"relais/gateway"
	"relais/sms"
	"relais/store/sqlite"
	"relais/webhook"
)

// shape is a format of a test: it asks for the path that its events name, and
// tells nothing where they name none.
type shape struct {
	path  string
	taken func(answer string) error
}

func (s *shape) Request(ctx context.Context, e webhook.Endpoint, _ *webhook.Event) (*http.Request, error) {
	if s.path == "" {
		return nil, nil
	}
	return http.NewRequestWithContext(ctx, http.MethodGet, e.URL+s.path, http.NoBody)
}

func (s *shape) Taken(_ *webhook.Event, answer []byte, _ time.Time) error {
	return s.taken(string(answer))
}

// asked is an event of another shape, on its way to a receiver.
func asked(t *testing.T, s *shape, answer http.HandlerFunc) (*desk, webhook.Endpoint, *plain) {
	t.Helper()
	d := open(t, t.TempDir(), local)
	d.Formats = map[string]webhook.Format{"shape": s}
	r := hear(t, answer)
	id, err := d.ForFormat(t.Context(), "default", r.URL, "shape")
	if err != nil {
		t.Fatal(err)
	}
	e, err := d.store.Endpoint(t.Context(), "default", id)
	if err != nil || e.Format != "shape" {
		t.Fatalf("endpoint %+v, %v", e, err)
	}
	other, err := d.ForRequest(t.Context(), "default", r.URL)
	if err != nil || other == id {
		t.Errorf("the same address with and without a format is one endpoint, %v", err)
	}
	return d, e, r
}

func TestFormatMakesTheRequest(t *testing.T) {
	d, e, r := asked(t, &shape{path: "/told", taken: func(string) error { return nil }}, nil)
	defer d.close()
	tellOne(t, d.store, e)
	d.Start()
	got := r.next()
	if got.URL.Path != "/told" || got.Method != http.MethodGet ||
		got.Header.Get("User-Agent") != "Relais/test" || got.Header.Get("Webhook-Signature") != "" {
		t.Errorf("%s %s with %v", got.Method, got.URL, got.Header)
	}
	d.settled(e, 0)
}

func TestNothingToTellIsDelivered(t *testing.T) {
	d, e, r := asked(t, &shape{}, nil)
	defer d.close()
	tellOne(t, d.store, e)
	d.Start()
	d.settled(e, 0)
	if len(r.came) > 0 {
		t.Error("a request came")
	}
}

// TestFormatReadsAnswers has a receiver that refuses with 200.
func TestFormatReadsAnswers(t *testing.T) {
	refuse := func(answer string) error {
		if answer == "no" {
			return errors.New("it says no")
		}
		return nil
	}
	d, e, r := asked(t, &shape{path: "/", taken: refuse}, func(w http.ResponseWriter, _ *http.Request) {
		w.Write([]byte("no"))
	})
	defer d.close()
	tellOne(t, d.store, e)
	d.Start()
	r.next()
	for {
		found, err := d.store.Deliveries(t.Context(), "default", e.ID, "", 0, 10)
		if err != nil {
			t.Fatal(err)
		}
		if found[0].Attempts > 0 {
			if found[0].State != webhook.Pending || found[0].Last.Error != "it says no" ||
				found[0].Last.Status != http.StatusOK {
				t.Errorf("delivery %+v", found[0])
			}
			return
		}
	}
}

// TestOneAddressClosesNoFormat: the endpoint stands for many addresses, and what
// one of them refuses holds up no other.
func TestOneAddressClosesNoFormat(t *testing.T) {
	for status, failures := range map[int]int{
		http.StatusGone: 0, http.StatusNotFound: 0, http.StatusForbidden: 0, http.StatusFound: 0,
		http.StatusTooManyRequests: 1, http.StatusRequestTimeout: 1, http.StatusBadGateway: 1,
	} {
		t.Run(http.StatusText(status), func(t *testing.T) {
			d, e, r := asked(t, &shape{path: "/"}, func(w http.ResponseWriter, _ *http.Request) {
				w.WriteHeader(status)
			})
			defer d.close()
			tellOne(t, d.store, e)
			d.Start()
			r.next()
			for attempts := 0; attempts == 0; {
				tried, err := d.store.Deliveries(t.Context(), "default", e.ID, webhook.Pending, 0, 10)
				if err != nil || len(tried) != 1 {
					t.Fatalf("%d deliveries, %v", len(tried), err)
				}
				attempts = tried[0].Attempts
			}
			if err := d.Stop(t.Context()); err != nil { // what is under way is stored
				t.Fatal(err)
			}
			got, err := d.store.Endpoint(t.Context(), "default", e.ID)
			if err != nil || got.Failures != failures || got.State != webhook.Active {
				t.Errorf("%d failures, want %d; it is %s; %v", got.Failures, failures, got.State, err)
			}
		})
	}
}

func TestUnknownFormatIsTold(t *testing.T) {
	d, e, r := asked(t, &shape{path: "/"}, nil)
	defer d.close()
	d.Formats = nil
	tellOne(t, d.store, e)
	d.Start()
	for {
		found, err := d.store.Deliveries(t.Context(), "default", e.ID, "", 0, 10)
		if err != nil {
			t.Fatal(err)
		}
		if found[0].Attempts > 0 {
			if found[0].State != webhook.Pending || len(r.came) > 0 {
				t.Errorf("delivery %+v", found[0])
			}
			return
		}
	}
}

// tellOne ends a message whose request named the endpoint.
func tellOne(t *testing.T, s *sqlite.Store, e webhook.Endpoint) {
	t.Helper()
	now := time.Now()
	m := sms.Message{
		ID: sms.NewID(now), Submission: sms.NewID(now), Account: e.Account, To: "+33639980001",
		Text: "Bonjour", Class: sms.Transactional,
		Encoding: sms.GSM7, Segments: 1, Connector: "ovh", Status: sms.Queued, Reason: "accepted",
		DueAt: now, ExpiresAt: now.Add(time.Hour), AcceptedAt: now, UpdatedAt: now,
	}
	accepted := &gateway.Acceptance{
		Drafts: []gateway.Draft{{Message: m}}, Actor: "test", At: now, Endpoint: e.ID,
	}
	if _, err := s.Accept(t.Context(), accepted); err != nil {
		t.Fatal(err)
	}
	rejected := sms.Transition{
		Account: m.Account, ID: m.ID, From: m.Status, To: sms.Rejected,
		Event: sms.Event{At: now, Status: sms.Rejected, Actor: "test", Code: "blocked"},
	}
	settled, err := s.Settle(t.Context(), []sms.Transition{rejected})
	if err != nil || settled.Applied != 1 {
		t.Fatalf("settled %+v, %v", settled, err)
	}
}

// plain is a caller's system that verifies nothing.
type plain struct {
	*httptest.Server

	t    *testing.T
	came chan *http.Request
}

func hear(t *testing.T, answer http.HandlerFunc) *plain {
	t.Helper()
	p := &plain{t: t, came: make(chan *http.Request, 100)}
	p.Server = httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		if answer != nil {
			answer(w, r)
		}
		p.came <- r
	}))
	t.Cleanup(p.Close)
	return p
}

func (p *plain) next() *http.Request {
	p.t.Helper()
	select {
	case r := <-p.came:
		return r
	case <-time.After(20 * time.Second):
		p.t.Fatal("no request came")
		return nil
	}
}
