package api

import (
	"errors"
	"fmt"
	"net"
	"net/http"
	"runtime"
	"runtime/debug"
)

// answering knows whether an answer has begun.
type answering struct {
	http.ResponseWriter

	begun bool
}

// WriteHeader implements http.ResponseWriter.
func (w *answering) WriteHeader(status int) {
	w.begun = w.begun || status >= http.StatusOK
	w.ResponseWriter.WriteHeader(status)
}

// Write implements http.ResponseWriter.
func (w *answering) Write(b []byte) (int, error) {
	w.begun = true
	return w.ResponseWriter.Write(b)
}

// Unwrap lets http.ResponseController reach the connection.
func (w *answering) Unwrap() http.ResponseWriter { return w.ResponseWriter }

// recovered answers for a handler that panicked. net/http alone would close the
// connection and print the value, which may hold a text or a number. It must be
// deferred itself.
func (h *Handler) recovered(w *answering) {
	cause := recover()
	if cause == nil {
		return
	}
	if callerGone(cause) {
		panic(http.ErrAbortHandler)
	}
	h.Log.Error("a request panicked", "cause", harmless(cause), "stack", string(debug.Stack()))
	if w.begun {
		panic(http.ErrAbortHandler) // the caller must see that the answer is cut
	}
	internalError().write(w)
}

// Guard lets another door answer with what holds for every request here: a
// panic is recovered, and told without its value.
func (h *Handler) Guard(next http.Handler) http.Handler {
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		answer := &answering{ResponseWriter: w}
		defer h.recovered(answer)
		next.ServeHTTP(answer, r)
	})
}

// callerGone tells whether the API library, which panics on any failed write,
// did so because nobody listens any more.
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
