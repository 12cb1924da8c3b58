package api

import (
	"context"
	"fmt"
	"net/http"
	"strings"
	"time"
)

// pingTimeout bounds the check of the database: a probe must not hang.
const pingTimeout = 2 * time.Second

func (h *Handler) registerHealth() {
	h.mux.HandleFunc("GET /healthz", func(w http.ResponseWriter, _ *http.Request) {
		plain(w, http.StatusOK, "alive\n")
	})
	h.mux.HandleFunc("GET /readyz", h.ready)
	h.mux.Handle("GET /metrics", h.Metrics)
}

// ready tells whether a submission would be stored: it commits a change, so that
// a full or read-only disk shows.
func (h *Handler) ready(w http.ResponseWriter, r *http.Request) {
	select {
	case <-h.stopping:
		plain(w, http.StatusServiceUnavailable, "stopping\n")
		return
	default:
	}
	ctx, cancel := context.WithTimeout(r.Context(), pingTimeout)
	defer cancel()
	if err := h.Reader.Ping(ctx); err != nil {
		h.Log.Error("not ready", "error", err)
		plain(w, http.StatusServiceUnavailable, "the database does not take writes\n")
		return
	}
	var text strings.Builder
	text.WriteString("ready\n")
	for _, name := range h.Gateway.MissingConnectors() { // it takes messages all the same
		fmt.Fprintf(&text, "messages wait for the connector %s, which is not configured\n", name)
	}
	plain(w, http.StatusOK, text.String())
}

// Stopping makes /readyz say no, so that balancers look elsewhere while the
// last requests are answered.
func (h *Handler) Stopping() {
	h.stopOnce.Do(func() { close(h.stopping) })
}

func plain(w http.ResponseWriter, status int, text string) {
	w.Header().Set("Content-Type", "text/plain; charset=utf-8")
	w.WriteHeader(status)
	w.Write([]byte(text)) //nolint:errcheck // the client may have gone
}
