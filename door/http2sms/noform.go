package http2sms

import (
	"bufio"
	"bytes"
	"io"
	"mime"
	"net/http"
	"strings"

	"relais/plaintext"
	"relais/reason"
)

// noForm says what a body is that is no form: its parameters would count as missing, and
// a deferred in it would be lost. "" is a form, or no body. What was read is put back.
func noForm(r *http.Request) string {
	if coding := r.Header.Get("Content-Encoding"); coding != "" && coding != "identity" {
		return "The body must not be compressed: send it without Content-Encoding"
	}
	kind := r.Header.Get("Content-Type")
	if r.ContentLength != 0 && (strings.Contains(kind, "json") || strings.Contains(kind, "xml")) {
		return "The body is " + kind + ": send the parameters as a form, or in the URL"
	}
	const enough = 512 // bytes, to see what a body is
	ahead := bufio.NewReaderSize(r.Body, enough)
	start, _ := ahead.Peek(enough) // what can be read is enough; parse meets the same error
	r.Body = struct {
		io.Reader
		io.Closer
	}{ahead, r.Body}
	start = bytes.TrimLeft(start, " \t\r\n")
	if len(start) == 0 {
		return ""
	}
	said, parameters, err := mime.ParseMediaType(kind)
	parts := said == "multipart/form-data"
	if !parts || !bytes.HasPrefix(start, []byte("--")) {
		if what := plaintext.Other(plaintext.Form, start); !what.IsZero() {
			return strings.TrimSuffix(what.In(reason.English), ".")
		}
	}
	switch {
	case kind == "":
		said = "nothing"
	case err != nil, said == "application/x-www-form-urlencoded":
		return ""
	case parts && parameters["boundary"] == "":
		return "Content-Type lacks the boundary of the form's parts"
	case parts:
		return ""
	}
	return "Content-Type says " + said +
		", and a form is wanted: application/x-www-form-urlencoded, or the parameters in the URL"
}
