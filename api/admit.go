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

	"relais/api/jsonbody"
	"relais/contact"
	"relais/reason"
)

// inadmissible refuses what a route would misread in silence: a body that is
// too large or compressed, or in another charset, or where none is read; an
// Idempotency-Key without a value; a parameter twice, or one that the route does not
// have.
func (t *routes) inadmissible(w http.ResponseWriter, r *http.Request, pattern string) *refusal {
	if p := tooLarge(r, pattern); p != nil { // before it is read: a caller that sent Expect keeps it
		return p
	}
	if coding := r.Header.Get("Content-Encoding"); coding != "" && coding != "identity" {
		return refusalOf(http.StatusUnsupportedMediaType, codeBodyEncoded).
			at(FieldError{Field: "Content-Encoding"})
	}
	if keys, ok := r.Header["Idempotency-Key"]; ok && (len(keys) > 1 || keys[0] == "") {
		return badIdempotencyKey()
	}
	if r.ContentLength != 0 && streamed[pattern] == 0 {
		if p := foreignCharset(w, r); p != nil {
			return p
		}
	}
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

// literally finds the methods of a route that has the last word of a path as it stands, when
// a variable took that word: GET /v1/messages/preview asks for no message called "preview".
func (t *routes) literally(r *http.Request, pattern string) []string {
	variables := strings.Count(pattern, "{")
	if variables == 0 {
		return nil
	}
	return t.methods(r, func(other string) bool {
		return other != "/" && strings.Count(other, "{") < variables
	})
}

// bodyUnexpected refuses a body where none is read: a filter in the body of a GET
// would choose nothing, and everything would be shown. An empty object is what some
// clients always send.
func bodyUnexpected(r *http.Request, op *huma.Operation) *refusal {
	const most = 64 // bytes: enough for an empty object with its spaces
	if op.RequestBody != nil || r.ContentLength == 0 {
		return nil
	}
	start, err := io.ReadAll(io.LimitReader(r.Body, most+1))
	if err != nil {
		return bodyCut()
	}
	switch strings.Join(strings.Fields(string(start)), "") {
	case "", "{}", "null":
		if len(start) <= most {
			return nil
		}
	}
	why := reason.Of(sayBodyUnexpected, reason.Args{
		"method": reason.Name(op.Method), "path": reason.Name(op.Path),
	})
	if op.Method == http.MethodGet {
		why = why.With(reason.Of(sayURLInstead, nil))
	}
	return refusalFor(http.StatusBadRequest, why).at(FieldError{Position: 1})
}

// bodyTooLarge points to the first byte beyond the limit. Its line is not
// known: the body was not read.
func bodyTooLarge() *refusal {
	return refusalOf(http.StatusRequestEntityTooLarge, codeBodyTooLarge).at(FieldError{Position: maxBody + 1})
}

// streamed are the routes that read a body as it comes, whatever its bytes are, with how many
// there may be.
var streamed = map[string]int64{campaignFileRoute: maxFile, listTableRoute: contact.MaxBytes, contactImportRoute: contact.MaxBytes}

// tooLarge refuses a body that says that it is larger than its route takes.
func tooLarge(r *http.Request, pattern string) *refusal {
	switch most, streams := streamed[pattern]; {
	case streams && r.ContentLength > most:
		return fileTooLarge(most)
	case !streams && r.ContentLength > maxBody:
		return bodyTooLarge()
	}
	return nil
}

// badQuery refuses a parameter that is empty: a script whose variable is empty
// would be shown everything.
func badQuery(raw string, op *huma.Operation) *refusal {
	values, err := url.ParseQuery(raw)
	if err != nil {
		return refusalOf(http.StatusUnprocessableEntity, sayQuery)
	}
	if p := unknownParameters(values, op); p != nil {
		return p
	}
	for name, given := range values {
		if len(given) > 1 {
			return badParameter(name, reason.Of(sayTwice, nil))
		}
		if given[0] == "" {
			return badParameter(name, reason.Of(sayNoValue, nil))
		}
	}
	return nil
}

// unknownParameters refuses what a route does not have, with the nearest that it has.
func unknownParameters(values url.Values, op *huma.Operation) *refusal {
	var known []string
	for _, p := range op.Parameters {
		if p.In == "query" {
			known = append(known, p.Name)
		}
	}
	var p *refusal
	for _, name := range slices.Sorted(maps.Keys(values)) {
		if slices.Contains(known, name) {
			continue
		}
		why := noParameter(name, known, op.RequestBody != nil)
		if p == nil {
			p = refusalFor(http.StatusUnprocessableEntity, why)
		}
		p = p.blame(FieldError{Field: jsonbody.PlaceAt(nil, 0, name).Field}, why)
	}
	return p
}

func noParameter(name string, known []string, body bool) reason.Reason {
	switch near := jsonbody.Nearest(name, known); {
	case slices.Contains(keyParameters, strings.ToLower(name)):
		return reason.Of(sayKeyInURL, nil)
	case near != "":
		return reason.Of(sayParameterNear, reason.Args{"near": reason.Name(near)})
	case body:
		return reason.Of(sayInBody, nil)
	case len(known) == 0:
		return reason.Of(sayNoParameters, nil)
	default:
		return reason.Of(sayParameters, reason.Args{"parameters": reason.Names(known)})
	}
}

// drain reads what a caller still sends, up to a bound: many callers write a whole body
// before they read, and would lose the answer with the connection. A caller that asked
// first, with Expect, has sent nothing.
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
