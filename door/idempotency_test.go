package door_test

import (
	"slices"
	"testing"
	"time"

	"relais/door"
	"relais/gateway"
)

// TestSpanKeys: a repeat is known one span later, and at a node whose clock is behind a boundary; not two spans later.
func TestSpanKeys(t *testing.T) {
	const span = 5 * time.Minute
	boundary := time.Date(2026, 5, 15, 12, 5, 0, 0, time.UTC)
	at := func(caller, body string, after time.Duration) []*gateway.IdempotencyKey {
		return door.SpanKeys("brevo", caller, []byte(body), span, boundary.Add(after))
	}
	first := at("a", "x", 0)
	stored := *first[len(first)-1]
	for _, tc := range []struct {
		name         string
		caller, body string
		after        time.Duration
		known        bool
	}{
		{"at once", "a", "x", 0, true},
		{"in the next span", "a", "x", span, true},
		{"at a clock behind the boundary", "a", "x", -time.Second, true},
		{"two spans later", "a", "x", 2 * span, false},
		{"another caller", "b", "x", 0, false},
		{"another body", "a", "y", 0, false},
	} {
		known := slices.ContainsFunc(at(tc.caller, tc.body, tc.after), func(k *gateway.IdempotencyKey) bool { return *k == stored })
		if known != tc.known {
			t.Errorf("%s: known is %v", tc.name, known)
		}
	}
}
