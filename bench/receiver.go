package bench

import (
	"bytes"
	"context"
	"crypto/hmac"
	"crypto/sha256"
	"encoding/base64"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"net"
	"net/http"
	"strings"
	"sync"
	"time"

	"relais/sms"
)

// receiver is a caller's system in the generator's process. It takes webhooks,
// and refuses those whose signature is wrong.
type receiver struct {
	*tally
	http *http.Server
	url  string
	key  []byte

	mu     sync.Mutex
	told   map[sms.ID]int // events that were taken, by message
	forged int
}

func startReceiver(ctx context.Context, inFlight int) (*receiver, error) {
	var lc net.ListenConfig
	listener, err := lc.Listen(ctx, "tcp", "127.0.0.1:0")
	if err != nil {
		return nil, fmt.Errorf("listen for webhooks: %w", err)
	}
	r := &receiver{
		tally: newTally(inFlight), url: "http://" + listener.Addr().String(), told: map[sms.ID]int{},
	}
	r.http = &http.Server{Handler: r, ReadHeaderTimeout: 10 * time.Second}
	go r.http.Serve(listener) //nolint:errcheck // it ends with close, and a run without its receiver fails
	return r, nil
}

// ServeHTTP takes one event.
func (r *receiver) ServeHTTP(w http.ResponseWriter, q *http.Request) {
	body, err := io.ReadAll(q.Body)
	if err != nil {
		return // the connection is gone
	}
	ids, err := appendIDs(nil, body[max(0, bytes.Index(body, []byte(`"data":`))):])
	known := err == nil && len(ids) == 1
	r.mu.Lock()
	if !known || !r.genuine(q.Header, body) {
		r.forged++
		r.mu.Unlock()
		w.WriteHeader(http.StatusForbidden)
		return
	}
	r.told[ids[0]]++
	first := r.told[ids[0]] == 1
	r.mu.Unlock()
	w.WriteHeader(http.StatusNoContent)
	if first {
		r.tell()
	}
}

// genuine verifies the signature (Standard Webhooks, "Verifying signatures").
func (r *receiver) genuine(h http.Header, body []byte) bool {
	mac := hmac.New(sha256.New, r.key)
	fmt.Fprintf(mac, "%s.%s.%s", h.Get("Webhook-Id"), h.Get("Webhook-Timestamp"), body)
	return h.Get("Webhook-Signature") == "v1,"+base64.StdEncoding.EncodeToString(mac.Sum(nil))
}

// subscribe registers the receiver with a gateway.
func (r *receiver) subscribe(ctx context.Context, s *server) error {
	body := `{"url":"` + r.url + `","events":["message.delivered"]}`
	post, err := http.NewRequestWithContext(ctx, http.MethodPost, s.url("/v1/webhooks"),
		strings.NewReader(body))
	if err != nil {
		return err
	}
	post.Header.Set("Authorization", "Bearer "+key)
	answer, err := http.DefaultClient.Do(post)
	if err != nil {
		return fmt.Errorf("register a webhook: %w", err)
	}
	defer answer.Body.Close()
	var made struct {
		Secret string `json:"secret"`
	}
	if answer.StatusCode != http.StatusCreated {
		return fmt.Errorf("register a webhook: status %d", answer.StatusCode)
	}
	if err := json.NewDecoder(answer.Body).Decode(&made); err != nil {
		return fmt.Errorf("register a webhook: %w", err)
	}
	r.key, err = base64.StdEncoding.DecodeString(strings.TrimPrefix(made.Secret, "whsec_"))
	return err
}

// toldOnce reports whether the receiver was told of each message exactly once.
func (r *receiver) toldOnce(acknowledged []sms.ID) error {
	r.mu.Lock()
	defer r.mu.Unlock()
	if r.forged > 0 {
		return fmt.Errorf("%d webhooks had a wrong signature or body", r.forged)
	}
	for _, id := range acknowledged {
		if n := r.told[id]; n != 1 {
			return fmt.Errorf("the receiver was told %d times of a message, want once", n)
		}
	}
	if len(r.told) != len(acknowledged) {
		return errors.New("the receiver was told of messages that were not acknowledged")
	}
	return nil
}

func (r *receiver) close() {
	r.http.Close() //nolint:errcheck // nothing is read from it any more
}
