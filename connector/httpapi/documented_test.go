package httpapi

import (
	"bytes"
	"io"
	"net/http"
	"testing"

	"relais/sandbox/declared"
	"relais/sandbox/world"
)

// documented is the operator of a preset as the sandbox plays it, from its exchanges alone: it takes
// requests of the recorded form, with the credentials, and refuses a field that the documents do not
// have.
func documented(t *testing.T, preset string) *declared.Operator {
	t.Helper()
	declaration, _ := Preset(preset)
	w := world.New(world.Options{Stop: make(chan struct{})})
	w.Tally.Declare(preset)
	o, err := declared.New(w, declared.Source{Name: preset, Declaration: declaration, Exchanges: exchangeText(t, preset)}, 0)
	if err != nil {
		t.Fatal(err)
	}
	return o
}

// accepting is how an operator answers in the conformance suite, and how its calls for a token, which
// come before the one that sends, are known.
type accepting struct {
	answer      func(w http.ResponseWriter, r *http.Request, body []byte)
	preliminary func(r *http.Request) bool
}

func acceptingOf(t *testing.T, preset string, file *recorded) accepting {
	t.Helper()
	o := documented(t, preset)
	a := accepting{answer: func(w http.ResponseWriter, r *http.Request, body []byte) {
		r.Body, r.ContentLength = io.NopCloser(bytes.NewReader(body)), int64(len(body))
		o.Serve(w, r)
	}}
	for i := range file.Requests {
		if one := &file.Requests[i]; one.Of == "token" {
			r, err := http.NewRequestWithContext(t.Context(), one.Method, one.URL, http.NoBody)
			if err != nil {
				t.Fatal(err)
			}
			a.preliminary = func(asked *http.Request) bool { return asked.Method == r.Method && asked.URL.Path == r.URL.Path }
		}
	}
	return a
}
