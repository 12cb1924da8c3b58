package api

import (
	"context"
	"fmt"
	"log/slog"
	"net/http"
	"strings"
	"sync"
	"time"
)

// pingTimeout bounds the check of the database: a probe must not hang.
const pingTimeout = 2 * time.Second

// pinger finds out whether the database takes writes.
type pinger interface {
	Ping(ctx context.Context) error
}

// connectorFinder names the connectors that messages wait for and nobody configured.
type connectorFinder interface {
	MissingConnectors() []string
}

// health is what probes and monitors ask.
type health struct {
	reader   pinger
	gateway  connectorFinder
	metrics  http.Handler
	log      *slog.Logger
	stopping chan struct{}
	stopOnce sync.Once
}

func (h *health) register(r *router) {
	r.mux.HandleFunc("GET /healthz", func(w http.ResponseWriter, _ *http.Request) {
		plain(w, http.StatusOK, "alive\n")
	})
	r.mux.HandleFunc("GET /readyz", h.ready)
	r.mux.Handle("GET /metrics", h.metrics)
}

// ready reports whether a submission would be stored: it commits a change, so that
// a full or read-only disk shows.
func (h *health) ready(w http.ResponseWriter, r *http.Request) {
	select {
	case <-h.stopping:
		plain(w, http.StatusServiceUnavailable, "stopping\n")
		return
	default:
	}
	ctx, cancel := context.WithTimeout(r.Context(), pingTimeout)
	defer cancel()
	if err := h.reader.Ping(ctx); err != nil {
		h.log.Error("not ready", "error", err)
		plain(w, http.StatusServiceUnavailable, "the database does not take writes\n")
		return
	}
	var text strings.Builder
	text.WriteString("ready\n")
	for _, name := range h.gateway.MissingConnectors() { // it takes messages all the same
		fmt.Fprintf(&text, "messages wait for the connector %s, which is not configured\n", name)
	}
	plain(w, http.StatusOK, text.String())
}

// takes reports whether a submission would be stored.
func (h *health) takes(ctx context.Context) bool {
	select {
	case <-h.stopping:
		return false
	default:
	}
	ctx, cancel := context.WithTimeout(ctx, pingTimeout)
	defer cancel()
	return h.reader.Ping(ctx) == nil
}

// Stopping makes /readyz say no, so that balancers look elsewhere while the
// last requests are answered.
func (h *health) Stopping() {
	h.stopOnce.Do(func() { close(h.stopping) })
}

func plain(w http.ResponseWriter, status int, text string) {
	w.Header().Set("Content-Type", "text/plain; charset=utf-8")
	w.WriteHeader(status)
	w.Write([]byte(text)) //nolint:errcheck // the client may have gone
}
