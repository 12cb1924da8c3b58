package twilio

import (
	"bytes"
	"encoding/json"
	"io"
	"net/http"
)

// answer is what a client gets.
type answer struct {
	status   int
	body     []byte
	replayed bool // it was the first answer to an earlier request
}

func (a *answer) write(w http.ResponseWriter) {
	h := w.Header()
	if a.status != http.StatusNoContent {
		h.Set("Content-Type", "application/json; charset=utf-8")
	}
	h.Set("Cache-Control", "no-store")
	h.Set("X-Content-Type-Options", "nosniff")
	if a.replayed {
		h.Set("Idempotency-Replayed", "true")
	}
	w.WriteHeader(a.status)
	io.Copy(w, bytes.NewReader(a.body)) //nolint:errcheck // nobody listens any more
}

// show is an answer of a resource.
func show(v any) (*answer, error) {
	body, err := encode(v)
	return &answer{status: http.StatusOK, body: body}, err
}

// encode writes JSON in which & and < stay as they are.
func encode(v any) ([]byte, error) {
	var b bytes.Buffer
	e := json.NewEncoder(&b)
	e.SetEscapeHTML(false)
	err := e.Encode(v)
	return b.Bytes(), err
}
