package api

import (
	"bytes"
	"errors"
	"io"
	"net"
	"net/http"
	"sync"
	"time"

	"github.com/danielgtaylor/huma/v2"
	"github.com/danielgtaylor/huma/v2/adapters/humago"
)

// direct answers a submission in the place of the API library, which describes it and would look at
// the types of what comes and goes: most requests are submissions.
func (h *submissions) direct(c huma.Context, _ func(huma.Context)) {
	r, w := humago.Unwrap(c)
	body := bodies.Get().(*bytes.Buffer)
	defer giveBack(body)
	err := readBody(body, w, r)
	var answer *encoded
	if err == nil {
		answer, err = h.submit(r.Context(), &submitInput{
			Languages: r.Header.Get("Accept-Language"), Key: r.Header.Get("Idempotency-Key"), RawBody: body.Bytes(),
		})
	}
	if err != nil {
		h.fail(err, nil).write(w, r)
		return
	}
	w.Header().Set("Content-Type", answer.ContentType)
	if answer.Replayed != "" {
		w.Header().Set("Idempotency-Replayed", answer.Replayed)
	}
	w.WriteHeader(http.StatusAccepted)
	if _, err := w.Write(answer.Body); err != nil {
		panic(http.ErrAbortHandler) // the caller has left, see guard
	}
}

// bodies are buffers of requests, whose texts are copied.
var bodies = sync.Pool{New: func() any { return new(bytes.Buffer) }}

func giveBack(body *bytes.Buffer) {
	const most = 1 << 20 // a larger one is rare, and not kept
	if body.Cap() <= most {
		body.Reset()
		bodies.Put(body)
	}
}

// readBody reads the body of a request. The error is a *refusal.
func readBody(into *bytes.Buffer, w http.ResponseWriter, r *http.Request) error {
	// Of a writer that has no connection, as in tests, nobody is late.
	_ = huma.SetReadDeadline(w, time.Now().Add(bodyTimeout))
	_, err := into.ReadFrom(io.LimitReader(r.Body, maxBody+1))
	network, of := errors.AsType[net.Error](err)
	switch {
	case into.Len() > maxBody:
		return bodyTooLarge()
	case of && network.Timeout():
		return bodyLate()
	case err != nil:
		return bodyCut()
	}
	return nil
}
