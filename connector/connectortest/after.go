package connectortest

import (
	"fmt"
	"net/http"
	"strings"
	"testing"

	"relais/connector"
	"relais/sms"
)

// The rules of this file are about calls whose request left: the operator may
// have taken the messages, and only a clear answer says so.

func lostAnswers(t *testing.T, target Target) {
	for _, accident := range []struct {
		name   string
		answer answer
	}{
		{"connection reset", reset},
		{"connection closed", hangUp},
	} {
		t.Run(accident.name, func(t *testing.T) { answeredBy(t, target, accident.answer) })
	}
}

// answeredBy checks that an answer is uncertain and was asked for once.
func answeredBy(t *testing.T, target Target, a answer) {
	t.Helper()
	each(t, target, func(b *bench, batch []sms.Message) {
		b.operator.willAnswer(a)
		b.submit(b.t.Context(), batch).faulted(b.t, connector.Uncertain)
		b.asked(1)
	})
}

// lostKeptConnection is for connectors that submit with GET: net/http sends a
// GET again by itself when a kept connection closes without an answer.
func lostKeptConnection(t *testing.T, target Target) {
	each(t, target, func(b *bench, batch []sms.Message) {
		b.submit(b.t.Context(), batch).taken(b.t)
		b.operator.willAnswer(hangUp)
		b.submit(b.t.Context(), batch).faulted(b.t, connector.Uncertain)
		b.asked(2)
	})
}

func timeOuts(t *testing.T, target Target) {
	for _, end := range endings {
		t.Run(string(end)+" before the answer", func(t *testing.T) {
			each(t, target, func(b *bench, batch []sms.Message) {
				b.operator.willAnswer(b.operator.silence)
				b.submitUntil(b.operator.arrived, batch, end).faulted(b.t, connector.Uncertain)
				b.asked(1)
			})
		})
		t.Run(string(end)+" in the answer", func(t *testing.T) {
			each(t, target, func(b *bench, batch []sms.Message) {
				b.operator.willAnswer(b.operator.stall)
				b.submitUntil(b.operator.arrived, batch, end).faulted(b.t, connector.Uncertain)
				b.asked(1)
			})
		})
	}
}

const htmlPage = "<!DOCTYPE html><html><head><title>Bad Gateway</title></head><body><h1>Oops</h1></body></html>"

func senselessAnswers(t *testing.T, target Target) {
	for _, tc := range []struct {
		name   string
		status int
		body   string
	}{
		{"500 empty", 500, ""},
		{"500 HTML", 500, htmlPage},
		{"502 HTML", 502, htmlPage},
		{"200 HTML", 200, htmlPage},
		{"200 empty", 200, ""},
		{"200 blank", 200, " \n"},
		{"200 not JSON", 200, "all is well"},
		{"200 broken JSON", 200, `{"`},
		{"200 null", 200, "null"},
		{"200 true", 200, "true"},
		{"200 string", 200, `"ok"`},
		{"200 empty object", 200, "{}"},
		{"200 empty list", 200, "[]"},
		{"200 another shape", 200, `{"hello":["world",{"ids":"none"}]}`},
		{"200 list of another shape", 200, `[{"hello":"world"},[]]`},
	} {
		t.Run(tc.name, func(t *testing.T) { answeredBy(t, target, fixed(tc.status, nil, tc.body)) })
	}
}

// echoes is the operator that prints its input in an error page, as
// application servers do.
func echoes(t *testing.T, target Target) {
	for _, status := range []int{200, 500} {
		t.Run(fmt.Sprint(status), func(t *testing.T) {
			each(t, target, func(b *bench, batch []sms.Message) {
				b.operator.willAnswer(func(w http.ResponseWriter, r *http.Request, body []byte) {
					w.WriteHeader(status)
					fmt.Fprintf(w, "Error in %s: %s %s %s %s", r.URL, body,
						strings.Join(target.Secrets, " "), batch[0].To, batch[0].Text)
				})
				b.submit(b.t.Context(), batch).faulted(b.t, connector.Uncertain)
				b.asked(1)
			})
		})
	}
}

func cutAnswers(t *testing.T, target Target) {
	for _, tc := range []struct {
		name string
		keep func(size int) int
	}{
		{"after the header", func(int) int { return 0 }},
		{"after a byte", func(size int) int { return min(1, size) }},
		{"in the middle", func(size int) int { return size / 2 }},
		{"before the last byte", func(size int) int { return max(0, size-1) }},
		{"after a whole answer that announced more", func(size int) int { return size }},
	} {
		t.Run(tc.name, func(t *testing.T) {
			each(t, target, func(b *bench, batch []sms.Message) {
				b.operator.willAnswer(b.operator.cut(tc.keep))
				b.submit(b.t.Context(), batch).faulted(b.t, connector.Uncertain)
				b.asked(1)
			})
		})
	}
	t.Run("before the last chunk", func(t *testing.T) {
		each(t, target, func(b *bench, batch []sms.Message) {
			b.operator.willAnswer(b.operator.cutChunks)
			b.submit(b.t.Context(), batch).faulted(b.t, connector.Uncertain)
			b.asked(1)
		})
	})
}

func hugeAnswer(t *testing.T, target Target) {
	each(t, target, func(b *bench, batch []sms.Message) {
		b.operator.willAnswer(b.operator.endless)
		b.submit(b.t.Context(), batch).faulted(b.t, connector.Uncertain)
		b.asked(1)
	})
}

func redirections(t *testing.T, target Target) {
	for _, status := range []int{301, 302, 303, 307, 308} {
		t.Run(fmt.Sprint(status), func(t *testing.T) {
			header := http.Header{"Location": {"/elsewhere"}}
			answeredBy(t, target, fixed(status, header, ""))
		})
	}
}
