package api

import (
	"encoding/json"
	"net/http"

	"relais/api/manual"
)

// docs is the manual, for people and for programs.
type docs struct {
	failures
	home Home
}

func (h *docs) register(to *router) {
	to.mux.HandleFunc("GET /openapi.json", func(w http.ResponseWriter, r *http.Request) {
		text, err := json.MarshalIndent(to.api.OpenAPI(), "", "  ")
		if err != nil {
			h.fail(err, nil).write(w, r)
			return
		}
		w.Header().Set("Content-Type", jsonType)
		w.Write(text) //nolint:errcheck // the client may have gone
	})
	h.manual(to).Register(to.mux)
}

// manual are the pages for people.
func (h *docs) manual(to *router) *manual.Manual {
	doors := make([]manual.Door, len(h.home.Doors))
	for i, d := range h.home.Doors {
		doors[i] = manual.Door(d)
	}
	return manual.New(manual.Options{
		Described: to.api.OpenAPI(), Base: h.home.PublicURL, Key: h.home.Key, Doors: doors,
		Failed: func(err error) { h.log.Error("the manual is not whole", "error", err) },
	})
}
