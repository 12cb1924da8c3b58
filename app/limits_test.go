package app_test

import (
	"errors"
	"fmt"
	"io"
	"net/http"
	"strings"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"relais/auth"
	"relais/client"
	"relais/sandbox"
	"relais/store/sqlite"
)

// pumping is the guard against a key that earns by messages abroad.
const pumping = `
[quota.abroad]
outside = ["fr-metro", "fr-overseas"]
per = "country"
every = "month"
messages = 500
`

// anotherKey is one of the same account.
func anotherKey(t *testing.T, dir, name string) string {
	t.Helper()
	store, err := sqlite.Open(t.Context(), dir)
	if err != nil {
		t.Fatal(err)
	}
	defer store.Close()
	text, _, err := auth.NewKey(t.Context(), store, "default", name, time.Now())
	if err != nil {
		t.Fatal(err)
	}
	return text
}

// TestPumpingIsStopped has one key ask for 10,000 messages to one prefix abroad. It
// is stopped at the message that the quota names, while another key of the same
// account sends at home and abroad as if nothing happened.
func TestPumpingIsStopped(t *testing.T) {
	operators := simulate(t, sandbox.Options{})
	a, settings, logs := run(t, func(data string) string {
		return fmt.Sprintf(toml+pumping, data, operators.URL())
	})
	thief := client.New(a.URL(), newKey(t, settings.Data))
	honest := client.New(a.URL(), anotherKey(t, settings.Data, "honest"))
	const requests, each, most = 200, 50, 500
	var taken, refused atomic.Int64
	var all sync.WaitGroup
	for worker := range 4 {
		all.Go(func() {
			for i := worker; i < requests; i += 4 {
				pump(t, thief, i*each, each, &taken, &refused)
			}
		})
	}
	all.Go(func() {
		for i := range 30 {
			to := []string{fmt.Sprintf("06399801%02d", i), fmt.Sprintf("+447700900%03d", i)}
			answer, err := honest.Submit(t.Context(),
				client.SubmitRequest{To: to, Text: "Votre rendez-vous est confirmé."})
			if err != nil || len(answer.Messages) != 2 {
				t.Errorf("the other key: %v", err)
			}
		}
	})
	all.Wait()
	if taken.Load() != most || refused.Load() != requests*each-most {
		t.Errorf("%d taken and %d refused, want %d and %d",
			taken.Load(), refused.Load(), most, requests*each-most)
	}
	if got := metric(
		t, a.URL(), `relais_quota_refused_total{quota="abroad"}`,
	); got != fmt.Sprint(requests*each-most) {
		t.Errorf("the counter that the alert watches is %q", got)
	}
	if told := strings.Count(logs.String(), "a quota is used up"); told != 1 ||
		!strings.Contains(logs.String(), "key=api:test") {
		t.Errorf("the log tells it %d times, want once, with the key", told)
	}
}

// pump asks for messages to numbers of one prefix, and counts what becomes of them.
func pump(t *testing.T, c *client.Client, first, n int, taken, refused *atomic.Int64) {
	to := make([]string, n)
	for i := range to {
		to[i] = fmt.Sprintf("+447700900%03d", (first+i)%1000)
	}
	answer, err := c.Submit(t.Context(), client.SubmitRequest{To: to, Text: "0000"})
	if problem, ok := errors.AsType[*client.Problem](err); ok &&
		problem.Status == http.StatusTooManyRequests {
		refused.Add(int64(n))
		return
	}
	if err != nil {
		t.Errorf("Submit: %v", err)
		return
	}
	taken.Add(int64(len(answer.Messages)))
	refused.Add(int64(len(answer.Rejected)))
}

// metric returns the value of one series.
func metric(t *testing.T, address, series string) string {
	t.Helper()
	r, err := http.NewRequestWithContext(t.Context(), http.MethodGet, address+"/metrics", nil)
	if err != nil {
		t.Fatal(err)
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
	for line := range strings.Lines(string(text)) {
		if value, ok := strings.CutPrefix(line, series+" "); ok {
			return strings.TrimSpace(value)
		}
	}
	return ""
}

// TestListedSendersAreNamedOnce has the default sender on the list too, in other
// letters, and a sender whose dates are over.
func TestListedSendersAreNamedOnce(t *testing.T) {
	operators := simulate(t, sandbox.Options{})
	const listed = `
[account.default]
default_sender = "RELAIS"

[account.default.sender.Relais]
[account.default.sender.OLD]
valid_until = "2020-12-31"
`
	a, settings, _ := run(t, func(data string) string {
		return fmt.Sprintf(toml+listed, data, operators.URL())
	})
	c := client.New(a.URL(), newKey(t, settings.Data))
	_, err := c.Submit(t.Context(),
		client.SubmitRequest{To: []string{"0639980001"}, Text: "Bonjour", Sender: "Pool"})
	problem, refused := errors.AsType[*client.Problem](err)
	if want := "The account may not use this sender. It may use Relais."; !refused || problem.Detail != want {
		t.Errorf("Submit: %v, want %q", err, want)
	}
}
