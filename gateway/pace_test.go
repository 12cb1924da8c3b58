package gateway_test

import (
	"context"
	"net/http"
	"net/http/httptest"
	"slices"
	"strings"
	"sync"
	"testing"
	"testing/synctest"
	"time"

	"github.com/google/go-cmp/cmp"

	"relais/connector"
	"relais/credit"
	"relais/gateway"
	"relais/lane"
	"relais/search"
	"relais/sms"
)

// counted is an operator over HTTP that notes when it was called, and its
// connector, which asks many questions for news.
type counted struct {
	url       string
	questions int

	mu    sync.Mutex
	calls []time.Time
	kinds []string // of the calls: message, question
}

func (c *counted) ServeHTTP(_ http.ResponseWriter, r *http.Request) {
	c.mu.Lock()
	defer c.mu.Unlock()
	c.calls, c.kinds = append(c.calls, time.Now()), append(c.kinds, strings.TrimPrefix(r.URL.Path, "/"))
}

func (c *counted) call(ctx context.Context, kind string) error {
	r, err := http.NewRequestWithContext(ctx, http.MethodPost, c.url+"/"+kind, http.NoBody)
	if err != nil {
		return err
	}
	_, err = connector.Exchange(http.DefaultClient, r)
	return err
}

func (c *counted) Submit(ctx context.Context, batch []sms.Message) ([]connector.Outcome, error) {
	return taken(batch), c.call(ctx, "message")
}

func (c *counted) PollNews(ctx context.Context, _ string, _ func(connector.News) error) (string, error) {
	return "", c.ask(ctx)
}

func (c *counted) ask(ctx context.Context) error {
	for range c.questions {
		if err := c.call(ctx, "question"); err != nil {
			return err
		}
	}
	return nil
}

func (c *counted) times() []time.Time {
	c.mu.Lock()
	defer c.mu.Unlock()
	return slices.Clone(c.calls)
}

// An operator counts every call, not those that carry messages alone. And the
// questions leave room for messages.
func TestQuestionsKeepTheRateOfTheLaneToo(t *testing.T) {
	const rate, questions, messages = 20, 30, 10
	c := &counted{questions: questions}
	server := httptest.NewServer(c)
	defer server.Close()
	c.url = server.URL
	l := prepareOptions(t, t.TempDir(), nil, connector.Facts{}, func(s gateway.Store) gateway.Store {
		return s
	}, func(o *gateway.Options) {
		o.Instances = []lane.Instance{{Name: "ovh", Provider: "counted", Connector: c, Facts: connector.Facts{
			CallsPerSecond: rate, Concurrency: 4, Simulated: true, PollEvery: time.Hour,
		}}}
	})
	if err := l.Start(t.Context()); err != nil {
		t.Fatal(err)
	}
	defer l.stop(t)
	l.submit(t, gateway.Submission{To: phones(messages)})
	callsWhenSent := 0
	for len(c.times()) < questions+messages {
		<-time.After(10 * time.Millisecond)
		sent, _, err := l.store.Search(t.Context(),
			search.Query{Account: "default", Status: sms.Submitted, Limit: messages})
		if err != nil {
			t.Fatal(err)
		}
		if len(sent) == messages && callsWhenSent == 0 {
			callsWhenSent = len(c.times())
		}
	}
	if callsWhenSent == 0 {
		t.Error("the messages had to wait for all the questions")
	}
	times := c.times()
	for i := rate; i < len(times); i++ {
		if window := times[i].Sub(times[i-rate]); window < time.Second {
			t.Errorf("calls %d to %d came within %v", i-rate, i, window)
		}
	}
}

// TestWhatWaitsIsQueued: a kill leaves in doubt what had been claimed, so that no
// message is claimed before its call can leave.
func TestWhatWaitsIsQueued(t *testing.T) {
	for _, tc := range []struct {
		name  string
		facts connector.Facts
		calls int // whose turn comes within ten seconds
	}{
		{"for the segments of a whole batch", connector.Facts{MaxBatch: 20, Concurrency: 4, SegmentsPerSecond: 1.5}, 0},
		{"for the segments of the next batch", connector.Facts{MaxBatch: 20, Concurrency: 4, SegmentsPerSecond: 4}, 1},
		{"for segments, one message a call", connector.Facts{Concurrency: 4, SegmentsPerSecond: 2}, 18},
		{"for the turn of a call", connector.Facts{MaxBatch: 20, Concurrency: 4, CallsPerSecond: 0.2}, 1},
		{"for both", connector.Facts{Concurrency: 4, CallsPerSecond: 1, SegmentsPerSecond: 2}, 9},
	} {
		t.Run(tc.name, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				o := &operator{}
				l := start(t, map[string]*operator{"sfr": o}, tc.facts)
				defer l.stop(t)
				messages := l.submit(t, gateway.Submission{To: phones(60)})
				time.Sleep(10 * time.Second)
				synctest.Wait()
				calls := o.made()
				if len(calls) != tc.calls {
					t.Errorf("%d calls, want %d", len(calls), tc.calls)
				}
				sent := 0
				for _, c := range calls {
					sent += len(c.batch)
				}
				waiting, _, err := l.store.Search(t.Context(),
					search.Query{Account: "default", Status: sms.Queued, Limit: 1000})
				if err != nil || len(waiting) != len(messages)-sent {
					t.Errorf("%d messages are queued, %v; want all but the %d that were sent",
						len(waiting), err, sent)
				}
			})
		})
	}
}

// curious is an operator whose connector has many things to ask at the start.
type curious struct{ counted }

func (c *curious) Balance(ctx context.Context) (connector.Balance, error) {
	return connector.Balance{Unit: "credits"}, c.ask(ctx)
}

func (c *curious) Senders(ctx context.Context) ([]connector.DeclaredSender, error) {
	return nil, c.ask(ctx)
}

func (c *curious) Tariff(ctx context.Context, _ string) (connector.Price, error) {
	return connector.Price{}, c.ask(ctx)
}

func (c *curious) made() (kinds []string) {
	c.mu.Lock()
	defer c.mu.Unlock()
	return slices.Clone(c.kinds)
}

// TestMessageGoesBeforeQuestions: what the gateway wants to know of an operator at
// its start waits behind a message, also one that comes later, and is not forgotten
// for it.
func TestMessageGoesBeforeQuestions(t *testing.T) {
	for _, tc := range []struct {
		name  string
		after int // calls before the messages come; 0: they waited at the start
	}{
		{"that waited at the start", 0},
		{"that comes while four questions wait", 1},
	} {
		t.Run(tc.name, func(t *testing.T) {
			c := &curious{counted{questions: 3}}
			server := httptest.NewServer(c)
			defer server.Close()
			c.url = server.URL
			l := prepareOptions(t, t.TempDir(), nil, connector.Facts{}, func(s gateway.Store) gateway.Store {
				return s
			}, func(o *gateway.Options) {
				o.Credit = watching(o, credit.Options{Every: time.Hour})
				o.Instances = []lane.Instance{{Name: "ovh", Provider: "curious", Connector: c, TariffOfOperator: true, Facts: connector.Facts{
					CallsPerSecond: 10, Concurrency: 4, Simulated: true,
					PollEvery: time.Hour, CheckSenders: true,
				}}}
			})
			if tc.after == 0 {
				l.submit(t, gateway.Submission{To: phones(3)})
			}
			if err := l.Start(t.Context()); err != nil {
				t.Fatal(err)
			}
			defer l.stop(t)
			if tc.after > 0 {
				for len(c.made()) < tc.after {
					<-time.After(time.Millisecond)
				}
				l.submit(t, gateway.Submission{To: phones(3)})
			}
			came := len(c.made())
			for len(c.made()) < came+3 {
				<-time.After(time.Millisecond)
			}
			got := c.made()[came:]
			// The turn that was about to come when the messages did may be a question's.
			if got[0] == "question" && tc.after > 0 {
				got = got[1:]
			}
			if diff := cmp.Diff([]string{"message", "question"}, got[:2]); diff != "" {
				t.Errorf("calls after the messages came (-want +got):\n%s", diff)
			}
		})
	}
}
