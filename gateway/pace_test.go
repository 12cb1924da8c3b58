package gateway_test

import (
	"context"
	"net/http"
	"net/http/httptest"
	"slices"
	"sync"
	"testing"
	"time"

	"relais/connector"
	"relais/gateway"
	"relais/sms"
)

// counted is an operator over HTTP that notes when it was called, and its
// connector, which asks many questions for news.
type counted struct {
	url       string
	questions int

	mu    sync.Mutex
	calls []time.Time
}

func (c *counted) ServeHTTP(http.ResponseWriter, *http.Request) {
	c.mu.Lock()
	defer c.mu.Unlock()
	c.calls = append(c.calls, time.Now())
}

func (c *counted) call(ctx context.Context) error {
	r, err := http.NewRequestWithContext(ctx, http.MethodPost, c.url, http.NoBody)
	if err != nil {
		return err
	}
	_, err = connector.Exchange(http.DefaultClient, r)
	return err
}

func (c *counted) Submit(ctx context.Context, batch []sms.Message) ([]connector.Outcome, error) {
	return taken(batch), c.call(ctx)
}

func (c *counted) PollNews(ctx context.Context, _ string, _ func(connector.News) error) (string, error) {
	for range c.questions {
		if err := c.call(ctx); err != nil {
			return "", err
		}
	}
	return "", nil
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
	l := prepareOptions(t, t.TempDir(), nil, connector.Facts{}, func(s gateway.Store) gateway.Store { return s }, func(o *gateway.Options) {
		o.Instances = []gateway.Instance{{Name: "ovh", Provider: "counted", Connector: c, Facts: connector.Facts{
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
		sent, _, err := l.store.Search(t.Context(), gateway.Query{Account: "default", Status: sms.Submitted, Limit: messages})
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
