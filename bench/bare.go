package bench

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"net"
	"net/http"
	"time"

	"relais/sms"
)

// bareRequest has the fields of a submission.
type bareRequest struct {
	To        string            `json:"to"`
	Text      string            `json:"text"`
	Sender    string            `json:"sender"`
	Class     string            `json:"class"`
	Connector string            `json:"connector"`
	Reference string            `json:"reference"`
	Metadata  map[string]string `json:"metadata"`
	SendAt    string            `json:"send_at"`
	ValidFor  string            `json:"valid_for"`
}

// bareAnswer has the fields of the gateway's answer, and so its size.
type bareAnswer struct {
	Messages []bareMessage `json:"messages"`
	Rejected []struct{}    `json:"rejected"`
	Warnings []struct{}    `json:"warnings"`
}

type bareMessage struct {
	ID        string    `json:"id"`
	To        string    `json:"to"`
	Status    string    `json:"status"`
	Reason    string    `json:"reason"`
	Class     string    `json:"class"`
	Connector string    `json:"connector"`
	Encoding  string    `json:"encoding"`
	Segments  int       `json:"segments"`
	Attempt   int       `json:"attempt"`
	DueAt     time.Time `json:"due_at"`
	ExpiresAt time.Time `json:"expires_at"`
	CreatedAt time.Time `json:"created_at"`
	UpdatedAt time.Time `json:"updated_at"`
}

// Bare is the reference: the least that a JSON handler does. It decodes a
// submission and encodes an answer of the gateway's shape; it checks and keeps
// nothing.
func Bare() http.Handler {
	mux := http.NewServeMux()
	mux.HandleFunc("GET /readyz", func(http.ResponseWriter, *http.Request) {})
	mux.HandleFunc("POST /v1/messages", func(w http.ResponseWriter, r *http.Request) {
		var in bareRequest
		if err := json.NewDecoder(r.Body).Decode(&in); err != nil {
			http.Error(w, err.Error(), http.StatusBadRequest)
			return
		}
		var out bytes.Buffer
		if err := json.NewEncoder(&out).Encode(bareAnswerTo(in)); err != nil {
			http.Error(w, err.Error(), http.StatusInternalServerError)
			return
		}
		w.Header().Set("Content-Type", "application/json")
		w.WriteHeader(http.StatusAccepted)
		w.Write(out.Bytes()) //nolint:errcheck // the client may have gone
	})
	return mux
}

func bareAnswerTo(in bareRequest) bareAnswer {
	now := time.Now().UTC().Truncate(time.Microsecond)
	return bareAnswer{
		Messages: []bareMessage{{
			ID: sms.NewID(now).String(), To: in.To,
			Status: "queued", Reason: sms.CodeAccepted, Class: "transactional",
			Connector: "ovh", Encoding: "gsm7", Segments: 1,
			DueAt: now, ExpiresAt: now, CreatedAt: now, UpdatedAt: now,
		}},
		Rejected: []struct{}{}, Warnings: []struct{}{},
	}
}

// ServeBare serves Bare on address until ctx ends.
func ServeBare(ctx context.Context, address string) error {
	var lc net.ListenConfig
	listener, err := lc.Listen(ctx, "tcp", address)
	if err != nil {
		return err
	}
	server := &http.Server{Handler: Bare(), ReadHeaderTimeout: 10 * time.Second}
	stopped := make(chan error, 1)
	context.AfterFunc(ctx, func() { stopped <- server.Close() })
	if err := server.Serve(listener); !errors.Is(err, http.ErrServerClosed) {
		return err
	}
	return <-stopped
}
