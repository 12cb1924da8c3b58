package sandbox

import (
	"encoding/json"
	"io"
	"net/http"
	"sync"
	"time"

	"relais/sandbox/world"
)

// Delivery is a webhook that a caller's system was sent.
type Delivery struct {
	ID        string          `json:"id"` // webhook-id
	Timestamp string          `json:"timestamp"`
	Signature string          `json:"signature"`
	At        time.Time       `json:"at"`
	Body      json.RawMessage `json:"body"`   // null when it was no JSON
	Status    int             `json:"status"` // that it was answered
}

// Manner is how a receiver of webhooks answers.
type Manner struct {
	Status  int `json:"status"`             // 204 when 0
	Count   int `json:"count"`              // requests that are answered so; -1: all until it is changed
	DelayMS int `json:"delay_ms,omitempty"` // before each of them
}

// receivers are callers' systems, for tests and trials: each name is one.
type receivers struct {
	mu      sync.Mutex
	got     map[string][]Delivery
	manners map[string]*Manner
}

func newReceivers() *receivers {
	return &receivers{got: map[string][]Delivery{}, manners: map[string]*Manner{}}
}

// Webhooks returns what the receiver of a name was sent, in order.
func (s *Server) Webhooks(name string) []Delivery {
	s.receivers.mu.Lock()
	defer s.receivers.mu.Unlock()
	return append([]Delivery{}, s.receivers.got[name]...)
}

// SetManner orders how the receiver of a name answers.
func (s *Server) SetManner(name string, m Manner) {
	s.receivers.mu.Lock()
	defer s.receivers.mu.Unlock()
	s.receivers.manners[name] = &m
}

// manner is how the next request is answered.
func (r *receivers) manner(name string) Manner {
	r.mu.Lock()
	defer r.mu.Unlock()
	m := r.manners[name]
	if m == nil || m.Count == 0 {
		return Manner{Status: http.StatusNoContent}
	}
	if m.Count > 0 {
		m.Count--
	}
	answer := *m
	if answer.Status == 0 {
		answer.Status = http.StatusNoContent
	}
	return answer
}

func (s controls) takeWebhook(w http.ResponseWriter, r *http.Request) {
	name := r.PathValue("name")
	body, err := io.ReadAll(http.MaxBytesReader(w, r.Body, world.MaxBody))
	if err != nil {
		world.Drop(w, false)
		return
	}
	m := s.receivers.manner(name)
	if m.DelayMS > 0 && !s.world.Hold(time.Duration(m.DelayMS)*time.Millisecond, r.Context().Done()) {
		world.Drop(w, false)
		return
	}
	d := Delivery{
		ID: r.Header.Get("Webhook-Id"), Timestamp: r.Header.Get("Webhook-Timestamp"),
		Signature: r.Header.Get("Webhook-Signature"),
		At:        s.world.Clock.Now(), Status: m.Status,
	}
	if json.Valid(body) {
		d.Body = body
	}
	s.receivers.mu.Lock()
	s.receivers.got[name] = append(s.receivers.got[name], d)
	s.receivers.mu.Unlock()
	w.WriteHeader(m.Status)
}

func (s controls) showWebhooks(w http.ResponseWriter, r *http.Request) {
	writeJSON(w, http.StatusOK, s.Webhooks(r.PathValue("name")))
}

func (s controls) orderManner(w http.ResponseWriter, r *http.Request) {
	var m Manner
	if !readControl(w, r, &m, "status", "count", "delay_ms") {
		return
	}
	if m.Status != 0 && (m.Status < 200 || m.Status > 599) || m.DelayMS < 0 || m.Count < -1 {
		problem{
			Status: http.StatusUnprocessableEntity, Code: "invalid_manner",
			Detail: "status is from 200 to 599, count is -1 for all or a number of requests, delay_ms is not negative",
		}.write(w)
		return
	}
	if m.Count == 0 {
		m.Count = 1
	}
	s.SetManner(r.PathValue("name"), m)
	writeJSON(w, http.StatusOK, m)
}

func (s controls) forgetWebhooks(w http.ResponseWriter, r *http.Request) {
	s.receivers.mu.Lock()
	delete(s.receivers.got, r.PathValue("name"))
	delete(s.receivers.manners, r.PathValue("name"))
	s.receivers.mu.Unlock()
	w.WriteHeader(http.StatusNoContent)
}
