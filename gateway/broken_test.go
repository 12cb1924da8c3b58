package gateway_test

import (
	"context"
	"errors"
	"log/slog"
	"net/http"
	"net/http/httptest"
	"strings"
	"sync"
	"testing"
	"testing/synctest"
	"time"

	"github.com/prometheus/client_golang/prometheus"

	"relais/connector"
	"relais/connector/connectortest"
	"relais/credit"
	"relais/gateway"
	"relais/inbox"
	"relais/lane"
	"relais/sms"
)

// A connector that fails at every call, in whichever way, is left with its failures: each is
// counted, and the gateway, the other connectors and the lane itself go on.
func TestBrokenConnectorEndsNothingElse(t *testing.T) {
	for _, how := range connector.Failings {
		t.Run(string(how), func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				broken, registry, log := connectortest.NewBroken(how), prometheus.NewRegistry(), &strings.Builder{}
				l := withBroken(t, broken, registry, log)
				m := l.submit(t, gateway.Submission{Connector: "broken", Text: "cormoran"})[0]
				time.Sleep(longest(how)) // Submit, Lookup, PollNews, Run, Balance, Tariff, Senders
				if got := l.status(t, m); got != sms.Uncertain {
					t.Fatalf("message is %s, want it in doubt", got)
				}
				r := httptest.NewRequestWithContext(t.Context(), http.MethodPost, "/push", http.NoBody)
				if _, err := l.Callback(t.Context(), "broken", r); !errors.Is(err, gateway.ErrUnreadable) {
					t.Errorf("a push: %v", err)
				}
				l.resolve(t, m, lane.Taken)
				time.Sleep(30 * time.Second) // its receipt is missed: ReadStatus
				if _, err := l.Connectors(t.Context()); err != nil {
					t.Error(err)
				}
				again := l.submit(t, gateway.Submission{Connector: "broken"})[0]
				sane := l.submit(t, gateway.Submission{Connector: "sane"})[0]
				time.Sleep(10 * time.Second)
				if l.status(t, again) != sms.Uncertain || l.status(t, sane) != sms.Submitted {
					t.Errorf("then a message is %s, and one of another connector %s",
						l.status(t, again), l.status(t, sane))
				}
				l.stop(t)
				broken.Release()
				synctest.Wait()
				got := gathered(t, registry)
				for _, ability := range []string{
					"submit", "callbacks", "poll", "status", "session", "balance",
					"tariff", "lookup", "senders",
				} {
					if series := "relais_connector_failures_total " + ability + " " + string(how); got[series] == 0 {
						t.Errorf("%s is 0", series)
					}
				}
				if text := log.String(); strings.Contains(text, "cormoran") ||
					strings.Contains(text, "+33639980001") {
					t.Errorf("the log says too much: %s", text)
				}
			})
		})
	}
}

// longest is how long the abilities that a gateway uses by itself take to fail.
func longest(how connector.Failing) time.Duration {
	if how == connector.TimedOut {
		return 5*time.Minute + 10*time.Second // a list of senders
	}
	return 10 * time.Second
}

func withBroken(
	t *testing.T, broken *connectortest.Broken, registry *prometheus.Registry, log *strings.Builder,
) *line {
	t.Helper()
	facts := connector.Facts{Simulated: true, CheckSenders: true, Timeout: time.Second}
	l := prepareOptions(t, t.TempDir(), nil, facts, func(s gateway.Store) gateway.Store {
		return s
	}, func(o *gateway.Options) {
		o.Metrics, o.Log = gateway.NewMetrics(registry), slog.New(slog.NewTextHandler(log, nil))
		o.Credit = watching(o, credit.Options{Every: 10 * time.Minute})
		o.ReceiptTimes = lane.ReceiptTimes{sms.Transactional: 20 * time.Second}
		o.Instances = []lane.Instance{
			{Name: "broken", Provider: "broken", Connector: broken, Facts: facts, Owner: "default", TariffOfOperator: true},
			{Name: "sane", Provider: "scripted", Connector: &operator{}, Facts: connector.Facts{Simulated: true}, Owner: "default"},
		}
	})
	if err := l.Start(t.Context()); err != nil {
		t.Fatal(err)
	}
	return l
}

func (l *line) resolve(t *testing.T, m gateway.Draft, r lane.Resolution) {
	t.Helper()
	now, err := l.store.Message(t.Context(), m.Account, m.ID)
	if err == nil {
		err = l.Resolve(t.Context(), now, r, "tester")
	}
	if err != nil {
		t.Fatal(err)
	}
}

// fullDisk is a store that keeps no news while it is full.
type fullDisk struct {
	gateway.Store
	mu   sync.Mutex
	full bool
}

func (s *fullDisk) Receive(ctx context.Context, r *inbox.Reception) (inbox.Received, error) {
	s.mu.Lock()
	full := s.full
	s.mu.Unlock()
	if full {
		return inbox.Received{}, errors.New("the disk is full")
	}
	return s.Store.Receive(ctx, r)
}

func (s *fullDisk) fill(full bool) {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.full = full
}

// News of a live session are on disk before the operator has its acknowledgment; what could not
// be stored is not acknowledged, and comes again with the next session.
func TestSessionKeepsNewsBeforeItAcknowledgesThem(t *testing.T) {
	acknowledged := make(chan string, 10)
	office := connectortest.NewTelegraphOffice(t, func(id string) { acknowledged <- id })
	disk := &fullDisk{}
	l := prepareOptions(t, t.TempDir(), nil, connector.Facts{}, func(s gateway.Store) gateway.Store {
		disk.Store = s
		return disk
	}, func(o *gateway.Options) {
		o.Instances = []lane.Instance{{
			Name: "wire", Provider: "telegraph",
			Connector: &connectortest.Telegraph{Address: office.Address()},
			Facts:     connector.Facts{Simulated: true}, Owner: "default",
		}}
	})
	if err := l.Start(t.Context()); err != nil {
		t.Fatal(err)
	}
	defer l.stop(t)
	m := l.submit(t, gateway.Submission{Connector: "wire"})[0]
	await(t, "the message is taken", func() bool { return l.status(t, m) == sms.Submitted })

	office.TellReply("reply-1", "+33639980001", "Merci")
	if id := <-acknowledged; id != "reply-1" {
		t.Fatalf("%s is acknowledged", id)
	}
	if found, _, err := l.store.Inbounds(t.Context(), inbox.InboundQuery{
		Account: "default", Limit: 2,
	}); err != nil || len(found) != 1 {
		t.Fatalf("%d replies are stored when the first is acknowledged (%v)", len(found), err)
	}

	disk.fill(true)
	office.TellReceipt(office.Taken()[0], sms.Delivered)
	select {
	case id := <-acknowledged:
		t.Fatalf("%s is acknowledged and not stored", id)
	case <-time.After(200 * time.Millisecond):
	}
	disk.fill(false)
	office.Cut()
	<-acknowledged
	if got := l.status(t, m); got != sms.Delivered {
		t.Errorf("message is %s when its receipt is acknowledged", got)
	}
}

func await(t *testing.T, what string, done func() bool) {
	t.Helper()
	for begun := time.Now(); !done(); <-time.After(10 * time.Millisecond) {
		if time.Since(begun) > 20*time.Second {
			t.Fatal("it does not come that ", what)
		}
	}
}
