package trace

import (
	"testing"

	"relais/sms"
)

const (
	sent   = "00-4bf92f3577b34da6a3ce929d0e0e4736-00f067aa0ba902b7-01"
	other  = "00-5bf92f3577b34da6a3ce929d0e0e4736-00f067aa0ba902b7-01"
	unsent = "00-6bf92f3577b34da6a3ce929d0e0e4736-00f067aa0ba902b7-00"
)

// TestParents: a call is seen in a trace that is sent, wherever that message
// stands in the batch.
func TestParents(t *testing.T) {
	for _, tc := range []struct {
		name   string
		batch  []string
		first  string
		others int
	}{
		{"none", []string{"", ""}, "", 0},
		{"one request", []string{sent, sent}, sent, 0},
		{"two requests", []string{sent, other, sent}, sent, 1},
		{"the first is not sent", []string{"", unsent, sent, other}, sent, 1},
		{"none is sent", []string{unsent}, unsent, 0},
		{"not a trace", []string{"00-zz", other}, other, 0},
	} {
		t.Run(tc.name, func(t *testing.T) {
			batch := make([]sms.Message, len(tc.batch))
			for i, text := range tc.batch {
				batch[i].Trace = text
			}
			first, others := parents(t.Context(), batch)
			if got := parse(t.Context(), tc.first); !first.Equal(got) || len(others) != tc.others {
				t.Errorf("first %v and %d others, want %v and %d",
					first.TraceID(), len(others), got.TraceID(), tc.others)
			}
			if tc.first != "" && traceparent(first) != tc.first {
				t.Errorf("written %s, want %s", traceparent(first), tc.first)
			}
		})
	}
}

// TestOffCostsNothing: without a tracer nothing is gathered.
func TestOffCostsNothing(t *testing.T) {
	var off *Tracer
	batch, transitions := []sms.Message{{Trace: sent}}, []sms.Transition{{}}
	ctx := t.Context()
	if n := testing.AllocsPerRun(100, func() {
		_, span := off.Accept(ctx)
		_ = span.Parent()
		span.Accepted(&batch[0], 1, nil)
		off.Call(ctx, "ovh", batch).Settled(transitions)
	}); n > 0 {
		t.Errorf("%v allocations a message while traces are off", n)
	}
}
