package api

import (
	"net/http"
	"strconv"
	"strings"
	"time"

	"github.com/prometheus/client_golang/prometheus"
)

// Metrics are the counters of answers. No label names an account or a path.
type Metrics struct {
	answers *prometheus.CounterVec
	seconds *prometheus.HistogramVec
}

// The doors that code compares. Requests at doorOther (health, metrics, the manual) are
// counted but never traced: probes and scrapers make most of them.
const (
	doorSubmit = "submit" // messages come in here
	doorOther  = "other"
)

// NewMetrics makes the metrics and registers them.
func NewMetrics(r prometheus.Registerer) *Metrics {
	m := &Metrics{
		answers: prometheus.NewCounterVec(prometheus.CounterOpts{
			Namespace: "relais", Name: "answers_total",
			Help: "Answers over HTTP, by door (submit, api, callbacks, other) and status.",
		}, []string{"door", "status"}),
		seconds: prometheus.NewHistogramVec(prometheus.HistogramOpts{
			Namespace: "relais", Name: "answer_seconds",
			Help:    "From the head of a request until its answer, by door.",
			Buckets: []float64{.001, .0025, .005, .01, .025, .05, .1, .25, .5, 1, 2.5, 5, 10},
		}, []string{"door"}),
	}
	r.MustRegister(m.answers, m.seconds)
	// A series that begins with 1 has not risen, as Prometheus sees it.
	for _, status := range []int{
		http.StatusAccepted, http.StatusTooManyRequests, http.StatusInternalServerError,
		http.StatusServiceUnavailable,
	} {
		m.answers.WithLabelValues(doorSubmit, strconv.Itoa(status))
	}
	return m
}

func (m *Metrics) answered(door string, status int, begun time.Time) {
	m.answers.WithLabelValues(door, strconv.Itoa(status)).Inc()
	m.seconds.WithLabelValues(door).Observe(time.Since(begun).Seconds())
}

func doorOf(r *http.Request) string {
	switch path := r.URL.Path; {
	case r.Method == http.MethodPost && path == "/v1/messages":
		return doorSubmit
	case strings.HasPrefix(path, "/v1/"):
		return "api"
	case strings.HasPrefix(path, "/callbacks/"):
		return "callbacks"
	default:
		return doorOther
	}
}
