package api

import (
	"io"
	"maps"
	"net/http"
	"net/url"
	"slices"
	"strings"
	"time"

	"github.com/danielgtaylor/huma/v2"
)

// inadmissible refuses what a route would misread in silence: a body that is
// too large or compressed, or in another charset, or where none is read; an
// Idempotency-Key without a value; a parameter twice, or one that the route does not
// have.
func (t *routes) inadmissible(w http.ResponseWriter, r *http.Request) *Problem {
	if r.ContentLength > maxBody {
		return bodyTooLarge() // before it is read: a caller that sent Expect keeps it
	}
	if coding := r.Header.Get("Content-Encoding"); coding != "" && coding != "identity" {
		return problem(http.StatusUnsupportedMediaType, "body_encoded",
			"The body must not be compressed: send it without Content-Encoding.").at(FieldError{Field: "Content-Encoding"})
	}
	if keys, ok := r.Header["Idempotency-Key"]; ok && (len(keys) > 1 || keys[0] == "") {
		return badIdempotencyKey()
	}
	if r.ContentLength != 0 {
		if p := foreignCharset(w, r); p != nil {
			return p
		}
	}
	_, pattern := t.mux.Handler(r)
	op := t.operations[pattern]
	if op == nil {
		return nil
	}
	if allowed := t.literally(r, pattern); len(allowed) > 0 {
		return wrongMethod(w, allowed)
	}
	if p := bodyUnexpected(r, op); p != nil {
		return p
	}
	if r.URL.RawQuery == "" {
		return nil
	}
	return badQuery(r.URL.RawQuery, op)
}

// literally are the methods by which a path leads to a route that has its last word,
// where a variable took it: GET /v1/messages/preview asks for no message.
func (t *routes) literally(r *http.Request, pattern string) []string {
	variables := strings.Count(pattern, "{")
	if variables == 0 {
		return nil
	}
	return t.methods(r, func(other string) bool { return other != "/" && strings.Count(other, "{") < variables })
}

// bodyUnexpected refuses a body where none is read: a filter in the body of a GET
// would choose nothing, and everything would be shown. An empty object is what some
// clients always send.
func bodyUnexpected(r *http.Request, op *huma.Operation) *Problem {
	const most = 64 // bytes: enough for an empty object with its spaces
	if op.RequestBody != nil || r.ContentLength == 0 {
		return nil
	}
	start, err := io.ReadAll(io.LimitReader(r.Body, most+1))
	if err != nil {
		return problem(http.StatusBadRequest, "body_cut", "The body ended before its announced length, or its chunks are malformed.")
	}
	switch strings.Join(strings.Fields(string(start)), "") {
	case "", "{}", "null":
		if len(start) <= most {
			return nil
		}
	}
	detail := op.Method + " " + op.Path + " takes no body, and would not read it."
	if op.Method == http.MethodGet {
		detail += " What is asked goes into the URL, as ?name=value."
	}
	return problem(http.StatusBadRequest, "body_unexpected", detail).at(FieldError{Position: 1})
}

// bodyTooLarge points to the first byte beyond the limit. Its line is not
// known: the body was not read.
func bodyTooLarge() *Problem {
	return problem(http.StatusRequestEntityTooLarge, "body_too_large",
		"The body is larger than 10 MiB (10485760 bytes). Send several requests.").at(FieldError{Position: maxBody + 1})
}

// badQuery refuses a parameter that is empty: a script whose variable is empty
// would be shown everything.
func badQuery(raw string, op *huma.Operation) *Problem {
	values, err := url.ParseQuery(raw)
	if err != nil {
		return problem(http.StatusUnprocessableEntity, "invalid_parameter",
			"The query cannot be read: an escape is malformed, or a semicolon stands where & should.")
	}
	if p := unknownParameters(values, op); p != nil {
		return p
	}
	for name, given := range values {
		if len(given) > 1 {
			return badParameter(name, "The parameter is there twice; which one is meant cannot be known.")
		}
		if given[0] == "" {
			return badParameter(name, "The parameter is empty; give it a value or leave it out.")
		}
	}
	return nil
}

// unknownParameters refuses what a route does not have, with the nearest that it has.
func unknownParameters(values url.Values, op *huma.Operation) *Problem {
	var known []string
	for _, p := range op.Parameters {
		if p.In == "query" {
			known = append(known, p.Name)
		}
	}
	var p *Problem
	for _, name := range slices.Sorted(maps.Keys(values)) {
		if slices.Contains(known, name) {
			continue
		}
		detail := noParameter(name, known, op.RequestBody != nil)
		if p == nil {
			p = problem(http.StatusUnprocessableEntity, "invalid_parameter", detail)
		}
		f := faultAt(nil, 0, name)
		p = p.at(FieldError{Field: f.Field, Detail: detail})
	}
	return p
}

func noParameter(name string, known []string, body bool) string {
	const none = "There is no parameter of that name in the URL"
	switch near := nearest(name, known); {
	case slices.Contains(keyParameters, strings.ToLower(name)):
		return none + ", and a key does not belong there: logs keep it. It goes into the header Authorization: Bearer KEY."
	case near != "":
		return none + `. Did you mean "` + near + `"?`
	case body:
		return none + ": the fields of this route go into its body."
	case len(known) == 0:
		return none + ": this route takes none."
	default:
		return none + ". The parameters are: " + strings.Join(known, ", ") + "."
	}
}

// drain reads what a caller still sends, up to a bound: many write a whole body
// before they read, and would lose the answer with the connection. A caller
// that asked first, with Expect, has sent nothing.
func drain(w http.ResponseWriter, r *http.Request) {
	const most, longest = 64 << 20, 10 * time.Second
	if r.Body == nil || r.Header.Get("Expect") != "" {
		return
	}
	if http.NewResponseController(w).SetReadDeadline(time.Now().Add(longest)) != nil {
		return // not a connection of ours
	}
	io.CopyN(io.Discard, r.Body, most) //nolint:errcheck // whoever stops sending gets the answer sooner
}
