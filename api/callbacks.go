package api

import (
	"bytes"
	"context"
	"crypto/sha256"
	"crypto/subtle"
	"errors"
	"io"
	"net/http"
	"net/url"
	"time"

	"relais/connector"
	"relais/gateway"
)

// maxPush is the largest push of an operator, in bytes: DMC's largest is some
// kilobytes.
const maxPush = 1 << 20

// pushTimeout is how long a push may take to arrive.
const pushTimeout = 20 * time.Second

// callbackGateway stores what operators push.
type callbackGateway interface {
	Callback(ctx context.Context, instance string, r *http.Request) (connector.Acknowledgement, error)
}

// callbacks is the door of operators.
type callbacks struct {
	failures
	gateway callbackGateway
	secret  func(instance string) (string, bool) // false: the instance has none
}

// register opens the door to operators. It is not part of the described API: the caller is a
// machine that knows one address and nothing else.
func (h *callbacks) register(r *router) {
	r.mux.HandleFunc("/callbacks/{instance}/{secret}/{rest...}", h.take)
	r.mux.HandleFunc("/callbacks/{instance}/{secret}", h.take)
}

// take answers 200 once the news is on disk. Any other answer makes the operator send it
// again.
func (h *callbacks) take(w http.ResponseWriter, r *http.Request) {
	instance := r.PathValue("instance")
	if !h.knows(instance, r.PathValue("secret")) {
		drain(w, r)
		refusalOf(http.StatusNotFound, codeCallback).write(w, r)
		return
	}
	if r.Method != http.MethodGet && r.Method != http.MethodPost { // a HEAD only asks, and would not be heard
		drain(w, r)
		wrongMethod(w, []string{http.MethodGet, http.MethodPost}).write(w, r)
		return
	}
	push, p := readPush(w, r)
	if p != nil {
		drain(w, r)
		p.write(w, r)
		return
	}
	switch answer, err := h.gateway.Callback(r.Context(), instance, push); {
	case err == nil && answer.Type != "":
		w.Header().Set("Content-Type", answer.Type)
		_, _ = io.WriteString(w, answer.Body) // an operator that went away sends it again
	case err == nil:
		plain(w, http.StatusOK, "OK\n")
	case errors.Is(err, gateway.ErrNoCallback):
		refusalOf(http.StatusNotFound, codeCallback).write(w, r)
	case errors.Is(err, gateway.ErrUnreadable):
		refusalOf(http.StatusBadRequest, codePushUnreadable).write(w, r)
	default:
		h.fail(err, nil).write(w, r)
	}
}

// knows compares the secret in constant time, even for an instance that does not exist.
func (h *callbacks) knows(instance, secret string) bool {
	want, configured := "", false
	if h.secret != nil {
		want, configured = h.secret(instance)
	}
	a, b := sha256.Sum256([]byte(secret)), sha256.Sum256([]byte(want))
	return subtle.ConstantTimeCompare(a[:], b[:]) == 1 && configured && want != ""
}

// readPush gives the connector a request of its own: the path behind the
// secret, and a whole body.
func readPush(w http.ResponseWriter, r *http.Request) (*http.Request, *refusal) {
	if r.ContentLength > maxPush {
		return nil, pushTooLarge()
	}
	err := http.NewResponseController(w).SetReadDeadline(time.Now().Add(pushTimeout))
	if err != nil && !errors.Is(err, http.ErrNotSupported) {
		return nil, refusalOf(http.StatusBadRequest, sayBodyBroken)
	}
	body, err := io.ReadAll(io.LimitReader(r.Body, maxPush+1))
	switch {
	case err != nil:
		return nil, bodyCut()
	case len(body) > maxPush:
		return nil, pushTooLarge()
	}
	push := r.Clone(r.Context())
	push.Body, push.ContentLength = io.NopCloser(bytes.NewReader(body)), int64(len(body))
	push.URL = &url.URL{Path: "/" + r.PathValue("rest"), RawQuery: r.URL.RawQuery}
	push.RequestURI = ""
	return push, nil
}

func pushTooLarge() *refusal {
	return refusalOf(http.StatusRequestEntityTooLarge, codePushTooLarge)
}
