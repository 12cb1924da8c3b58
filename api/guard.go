package api

import (
	"errors"
	"fmt"
	"log/slog"
	"net"
	"net/http"
	"runtime"
	"runtime/debug"
	"time"

	"relais/trace"
)

// guard stands around every door.
type guard struct {
	log     *slog.Logger
	answers *Metrics      // nil: nothing is counted
	traces  *trace.Tracer // nil: nothing is traced
}

// Guard gives a door what holds for every answer: it is counted under the door's
// name and traced, browsers guess no type, and a panic is logged without its
// value and answered by panicked.
func (g *guard) Guard(
	name func(*http.Request) string, door http.Handler, panicked func(http.ResponseWriter),
) http.Handler {
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		w.Header().Set("X-Content-Type-Options", "nosniff")
		answer := &answering{ResponseWriter: w}
		if g.answers != nil {
			begun := time.Now()
			defer func() { g.answers.answered(name(r), answer.final(), begun) }()
		}
		if g.traces != nil {
			var span *trace.Span
			r, span = g.traced(r, name(r))
			defer func() { span.Answered(answer.final()) }()
		}
		defer g.recovered(answer, panicked)
		door.ServeHTTP(answer, r)
	})
}

// traced begins the span of a request; nil for one that is not traced.
func (g *guard) traced(r *http.Request, door string) (*http.Request, *trace.Span) {
	if door == doorOther {
		return r, nil
	}
	return g.traces.Request(r, door)
}

// answering knows whether an answer has begun, and with which status.
type answering struct {
	http.ResponseWriter

	status int // 0: not begun
}

// WriteHeader implements http.ResponseWriter.
func (w *answering) WriteHeader(status int) {
	if w.status == 0 && status >= http.StatusOK {
		w.status = status
	}
	w.ResponseWriter.WriteHeader(status)
}

// Write implements http.ResponseWriter.
func (w *answering) Write(b []byte) (int, error) {
	if w.status == 0 {
		w.status = http.StatusOK
	}
	return w.ResponseWriter.Write(b)
}

// final is the status of an answer that is over. A handler that said nothing has answered
// 200, as net/http does.
func (w *answering) final() int {
	if w.status == 0 {
		return http.StatusOK
	}
	return w.status
}

// statusGone stands in the metrics for a caller that left before the answer. It is
// the number that nginx has for it, and is never sent.
const statusGone = 499

// Unwrap lets http.ResponseController reach the connection.
func (w *answering) Unwrap() http.ResponseWriter { return w.ResponseWriter }

// recovered answers for a handler that panicked. net/http alone would close the
// connection and print the value, which may hold a text or a number. It must be
// deferred itself.
func (g *guard) recovered(w *answering, answer func(http.ResponseWriter)) {
	cause := recover()
	if cause == nil {
		return
	}
	if callerGone(cause) {
		w.status = statusGone
		panic(http.ErrAbortHandler)
	}
	g.log.Error("a request panicked", "cause", harmless(cause), "stack", string(debug.Stack()))
	if w.status != 0 {
		w.status = http.StatusInternalServerError // as the metrics shall count it
		panic(http.ErrAbortHandler)               // the caller must see that the answer is cut
	}
	answer(w)
}

// callerGone reports whether the API library, which panics on any failed write, did so
// because the caller has left.
func callerGone(cause any) bool {
	err, ok := cause.(error)
	if !ok {
		return false
	}
	_, network := errors.AsType[*net.OpError](err)
	return network || errors.Is(err, http.ErrAbortHandler)
}

// harmless describes a panic without its value, unless the runtime wrote it.
func harmless(cause any) string {
	if err, ok := cause.(runtime.Error); ok {
		return err.Error()
	}
	return fmt.Sprintf("%T", cause)
}
