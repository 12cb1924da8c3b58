package connectortest

import (
	"bytes"
	"context"
	"fmt"
	"log/slog"
	"net/http"
	"net/url"
	"slices"
	"strings"
	"sync"
	"testing"
	"time"

	"relais/connector"
	"relais/sms"
)

// patience is how long the suite waits for a call that should be over. It is
// spent only by a connector that breaks a rule.
const patience = 30 * time.Second

// clock is the gateway's time throughout.
var clock = time.Date(2026, 3, 1, 10, 0, 0, 0, time.UTC)

// bench is a connector with its operator.
type bench struct {
	t         *testing.T
	target    Target
	operator  *operator
	connector connector.Connector
	facts     connector.Facts
	log       *journal
}

// newBench opens the connector beside an operator that accepts.
func newBench(t *testing.T, target Target) *bench {
	t.Helper()
	o := newOperator(t, target)
	return openBench(t, target, o, o.server.URL, connector.NewHTTPClient(4))
}

func openBench(t *testing.T, target Target, o *operator, baseURL string, client *http.Client) *bench {
	t.Helper()
	b := &bench{t: t, target: target, operator: o, log: &journal{}}
	b.connector, b.facts = target.Open(t, baseURL, connector.Env{
		Instance: "under-test",
		HTTP:     client,
		Log:      slog.New(slog.NewTextHandler(b.log, &slog.HandlerOptions{Level: slog.LevelDebug})),
		Now:      func() time.Time { return clock },
	})
	t.Cleanup(func() {
		client.CloseIdleConnections()
		b.hides("the log", b.log.String(), b.messages(maxBatch(b.facts)))
	})
	return b
}

func maxBatch(f connector.Facts) int { return max(1, f.MaxBatch) }

// journal is a log that several goroutines may write.
type journal struct {
	mu    sync.Mutex
	bytes bytes.Buffer
}

func (r *journal) Write(p []byte) (int, error) {
	r.mu.Lock()
	defer r.mu.Unlock()
	return r.bytes.Write(p)
}

func (r *journal) String() string {
	r.mu.Lock()
	defer r.mu.Unlock()
	return r.bytes.String()
}

// telltale is in every text that the suite sends and in nothing else.
const telltale = "cormoran"

// messages makes n messages to numbers reserved for fiction (ARCEP decision
// 2018-0881: 06 39 98 xx xx).
func (b *bench) messages(n int) []sms.Message {
	batch := make([]sms.Message, n)
	submission := sms.NewID(clock)
	for i := range batch {
		batch[i] = sms.Message{
			ID: sms.NewID(clock), Submission: submission, Account: "town",
			To:   sms.Number(fmt.Sprintf("+3363998%04d", 1000+i)),
			Text: "Bonjour, le mot du jour est " + telltale, Sender: b.sender(),
			Class: sms.Transactional, Encoding: sms.GSM7, Segments: 1,
			Connector: "under-test", Status: sms.Submitting, Attempt: 1,
			DueAt: clock, AcceptedAt: clock, UpdatedAt: clock, ExpiresAt: clock.Add(48 * time.Hour),
		}
		if !b.facts.SameText {
			batch[i].Submission = sms.NewID(clock)
			batch[i].Text += fmt.Sprintf(", ligne %d", i+1)
		}
	}
	return batch
}

func (b *bench) sender() sms.Sender {
	if len(b.facts.Senders) == 0 || slices.Contains(b.facts.Senders, sms.Alphanumeric) {
		return "RELAIS"
	}
	return ""
}

// result is what a call to Submit gave.
type result struct {
	batch    []sms.Message
	outcomes []connector.Outcome
	err      error
}

// submit calls Submit, which must return.
func (b *bench) submit(ctx context.Context, batch []sms.Message) result {
	b.t.Helper()
	return b.result(b.begin(ctx, batch))
}

// begin calls Submit and does not wait.
func (b *bench) begin(ctx context.Context, batch []sms.Message) <-chan result {
	done := make(chan result, 1)
	go func() {
		outcomes, err := b.connector.Submit(ctx, slices.Clone(batch))
		done <- result{batch, outcomes, err}
	}()
	return done
}

// result waits for a call that should be over.
func (b *bench) result(done <-chan result) result {
	b.t.Helper()
	r := wait(b.t, done, "Submit does not return")
	for _, err := range r.errors(b.t) {
		b.hidesError(err, r.batch)
	}
	return r
}

// submitUntil calls Submit, waits for the event, ends the context and waits
// for the result.
func (b *bench) submitUntil(event <-chan struct{}, batch []sms.Message, end ending) result {
	b.t.Helper()
	ctx, stop := end.context(b.t)
	done := b.begin(ctx, batch)
	select {
	case <-event:
	case r := <-done:
		b.t.Fatalf("Submit returned before its context ended: %v, %v", r.outcomes, r.err)
	case <-time.After(patience):
		b.t.Fatal("the request does not come")
	}
	stop()
	return b.result(done)
}

func wait[T any](t *testing.T, done <-chan T, complaint string) T {
	t.Helper()
	select {
	case got := <-done:
		return got
	case <-time.After(patience):
		t.Fatal(complaint)
		panic("unreachable")
	}
}

// errors returns the error of each message, nil for those that were taken.
func (r result) errors(t *testing.T) []error {
	t.Helper()
	if r.err != nil {
		return slices.Repeat([]error{r.err}, len(r.batch))
	}
	if got, want := len(r.outcomes), len(r.batch); got != want {
		t.Fatalf("Submit returned %d outcomes for %d messages", got, want)
	}
	errs := make([]error, len(r.outcomes))
	for i, outcome := range r.outcomes {
		errs[i] = outcome.Err
	}
	return errs
}

// faulted fails unless every message has that fault.
func (r result) faulted(t *testing.T, want connector.Fault) {
	t.Helper()
	for i, err := range r.errors(t) {
		if err == nil {
			t.Errorf("message %d of %d is taken, want fault %s", i+1, len(r.batch), want)
		} else if got := connector.FaultOf(err); got != want {
			t.Errorf("message %d of %d has fault %s, want %s: %v", i+1, len(r.batch), got, want, err)
		}
	}
}

// taken fails unless every message was taken.
func (r result) taken(t *testing.T) {
	t.Helper()
	for i, err := range r.errors(t) {
		if err != nil {
			t.Errorf("message %d of %d is not taken: %v", i+1, len(r.batch), err)
		}
	}
}

// asked fails unless that many requests reached the operator.
func (b *bench) asked(want int) {
	b.t.Helper()
	if got := b.operator.requestCount(); got != want {
		b.t.Errorf("%d requests reached the operator, want %d", got, want)
	}
}

// hidesError looks into every error that err wraps.
func (b *bench) hidesError(err error, batch []sms.Message) {
	b.t.Helper()
	if err == nil {
		return
	}
	b.hides("an error", err.Error()+fmt.Sprintf("\n%+v\n%v", err, err), batch)
	switch wrapper := err.(type) { //nolint:errorlint // it walks the chain itself
	case interface{ Unwrap() error }:
		b.hidesError(wrapper.Unwrap(), batch)
	case interface{ Unwrap() []error }:
		for _, cause := range wrapper.Unwrap() {
			b.hidesError(cause, batch)
		}
	}
}

// hides fails when text shows a secret, a number or a message text.
func (b *bench) hides(where, text string, batch []sms.Message) {
	b.t.Helper()
	for i, secret := range b.target.Secrets {
		if strings.Contains(text, secret) || strings.Contains(text, url.QueryEscape(secret)) {
			b.t.Errorf("%s shows secret %d: %s", where, i+1, text)
		}
	}
	for _, m := range batch {
		if national := strings.TrimPrefix(string(m.To), "+33"); strings.Contains(text, national) {
			b.t.Errorf("%s shows a number: %s", where, text)
		}
	}
	if strings.Contains(text, telltale) {
		b.t.Errorf("%s shows the text of a message: %s", where, text)
	}
}

// ending is a way for a context to end.
type ending string

const (
	cancellation ending = "cancellation"
	deadline     ending = "deadline"
)

var endings = []ending{cancellation, deadline}

// context returns a context that ends, in that way, when stop is called.
func (e ending) context(t *testing.T) (ctx context.Context, stop func()) {
	if e == cancellation {
		return context.WithCancel(t.Context())
	}
	d := &dated{Context: t.Context(), done: make(chan struct{})}
	return d, sync.OnceFunc(func() { close(d.done) })
}

// dated is a context whose deadline is over when the test says so.
type dated struct {
	context.Context
	done chan struct{}
}

func (d *dated) Done() <-chan struct{} { return d.done }

func (d *dated) Err() error {
	select {
	case <-d.done:
		return context.DeadlineExceeded
	default:
		return nil
	}
}
