package api

import (
	"io"
	"net/http"
	"net/url"
	"time"
)

// inadmissible refuses what a route would misread in silence: a body that is
// too large or compressed, an Idempotency-Key without a value, a parameter
// twice.
func inadmissible(r *http.Request) *Problem {
	if r.ContentLength > maxBody {
		return bodyTooLarge() // before it is read: a caller that sent Expect keeps it
	}
	if coding := r.Header.Get("Content-Encoding"); coding != "" && coding != "identity" {
		return problem(http.StatusUnsupportedMediaType, "body_encoded",
			"The body must not be compressed: send it without Content-Encoding.").at(Fault{Field: "Content-Encoding"})
	}
	if keys, ok := r.Header["Idempotency-Key"]; ok && (len(keys) > 1 || keys[0] == "") {
		return badIdempotencyKey()
	}
	if r.URL.RawQuery == "" {
		return nil
	}
	return badQuery(r.URL.RawQuery)
}

// bodyTooLarge points to the first byte beyond the limit. Its line is not
// known: the body was not read.
func bodyTooLarge() *Problem {
	return problem(http.StatusRequestEntityTooLarge, "body_too_large",
		"The body is larger than 10 MiB (10485760 bytes). Send several requests.").at(Fault{Position: maxBody + 1})
}

// badQuery refuses a parameter that is empty: a script whose variable is empty
// would be shown everything.
func badQuery(raw string) *Problem {
	values, err := url.ParseQuery(raw)
	if err != nil {
		return problem(http.StatusUnprocessableEntity, "invalid_parameter",
			"The query cannot be read: an escape is malformed, or a semicolon stands where & should.")
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
