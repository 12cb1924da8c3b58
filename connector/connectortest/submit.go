package connectortest

import (
	"errors"
	"fmt"
	"net/http"
	"testing"
	"time"

	"relais/connector"
	"relais/sms"
)

// each runs check on a fresh bench for one message and, where the operator
// takes several, for two.
func each(t *testing.T, target Target, check func(b *bench, batch []sms.Message)) {
	t.Helper()
	facts := newBench(t, target).facts
	for n := 1; n <= min(2, maxBatch(facts)); n++ {
		t.Run(fmt.Sprintf("batch of %d", n), func(t *testing.T) {
			b := newBench(t, target)
			check(b, b.messages(n))
		})
	}
}

func acceptsBatches(t *testing.T, target Target) {
	for _, n := range batchSizes(newBench(t, target).facts) {
		b := newBench(t, target)
		r := b.submit(t.Context(), b.messages(n))
		r.taken(t)
		b.asked(1)
		inOrder(t, target, r)
	}
}

// batchSizes is every size that the operator takes, or the first and the last
// ones when they are many.
func batchSizes(facts connector.Facts) []int {
	var sizes []int
	largest := maxBatch(facts)
	for n := 1; n <= largest; n++ {
		if n <= 25 || n >= largest-1 {
			sizes = append(sizes, n)
		}
	}
	return sizes
}

func inOrder(t *testing.T, target Target, r result) {
	t.Helper()
	if target.ProviderID == nil || r.err != nil {
		return
	}
	for i, outcome := range r.outcomes {
		if got, want := outcome.ProviderID, target.ProviderID(r.batch[i]); got != want {
			t.Errorf("message %d of %d has provider id %q, want %q", i+1, len(r.batch), got, want)
		}
	}
}

func acceptsOverlap(t *testing.T, target Target) {
	b := newBench(t, target)
	var calls []<-chan result
	for range 8 {
		calls = append(calls, b.begin(t.Context(), b.messages(1)))
	}
	for _, call := range calls {
		b.result(call).taken(t)
	}
	b.asked(len(calls))
}

func acceptsPartially(t *testing.T, target Target) {
	b := newBench(t, target)
	size := min(4, maxBatch(b.facts))
	if target.Partial == nil || size < 2 {
		return
	}
	for refused := range size {
		t.Run(fmt.Sprintf("message %d of %d", refused+1, size), func(t *testing.T) {
			refusesOne(t, target, size, refused)
		})
	}
}

func refusesOne(t *testing.T, target Target, size, refused int) {
	b := newBench(t, target)
	batch := b.messages(size)
	b.operator.willAnswer(func(w http.ResponseWriter, r *http.Request, body []byte) {
		target.Partial.Answer(w, r, body, []sms.Number{batch[refused].To})
	})
	errs := b.submit(t.Context(), batch).errors(t)
	for i, err := range errs {
		if i != refused && err != nil {
			t.Errorf("message %d is not taken: %v", i+1, err)
		}
	}
	if errs[refused] == nil {
		t.Fatalf("message %d is taken, want fault %s", refused+1, target.Partial.Fault)
	}
	if got, want := connector.FaultOf(errs[refused]), target.Partial.Fault; got != want {
		t.Errorf("message %d has fault %s, want %s", refused+1, got, want)
	}
	if got, want := connector.CodeOf(errs[refused]), target.Partial.Code; got != want {
		t.Errorf("message %d has code %q, want %q", refused+1, got, want)
	}
}

func refuses(t *testing.T, target Target) {
	for _, c := range target.Refuse {
		t.Run(c.Name, func(t *testing.T) {
			b := newBench(t, target)
			batch := b.messages(max(1, c.Messages))
			status := c.Status
			if status == 0 {
				status = http.StatusOK
			}
			b.operator.willAnswer(fixed(status, c.Header, fill(c.Body, batch[0])))
			r := b.submit(t.Context(), batch)
			r.faulted(t, c.Fault)
			r.coded(t, c.Code, c.RetryAfter)
			b.asked(1)
		})
	}
}

// coded fails unless every message has that code and that delay.
func (r result) coded(t *testing.T, code string, retryAfter time.Duration) {
	t.Helper()
	for i, err := range r.errors(t) {
		if got := connector.CodeOf(err); got != code {
			t.Errorf("message %d has code %q, want %q", i+1, got, code)
		}
		if got := retryAfterOf(err); got != retryAfter {
			t.Errorf("message %d may be tried again after %v, want %v", i+1, got, retryAfter)
		}
	}
}

func retryAfterOf(err error) time.Duration {
	if e, ok := errors.AsType[*connector.Error](err); ok {
		return e.RetryAfter
	}
	return 0
}

func throttles(t *testing.T, target Target) {
	for _, tc := range []struct {
		name, retryAfter string
		want             time.Duration
	}{
		{"in seconds", "7", 7 * time.Second},
		{"until a date", clock.Add(90 * time.Second).Format(http.TimeFormat), 90 * time.Second},
	} {
		t.Run(tc.name, func(t *testing.T) {
			each(t, target, func(b *bench, batch []sms.Message) {
				header := http.Header{"Retry-After": {tc.retryAfter}, "Date": {clock.Format(http.TimeFormat)}}
				b.operator.willAnswer(fixed(http.StatusTooManyRequests, header, "slow down"))
				r := b.submit(b.t.Context(), batch)
				r.faulted(b.t, connector.Throttled)
				for _, err := range r.errors(b.t) {
					if got := retryAfterOf(err); got != tc.want {
						b.t.Errorf("delay is %v, want %v", got, tc.want)
					}
				}
				b.asked(1)
			})
		})
	}
}
