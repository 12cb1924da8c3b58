package twilio

import (
	"bytes"
	"errors"
	"io"
	"maps"
	"mime"
	"net/http"
	"net/url"
	"slices"
	"strconv"
	"strings"
	"unicode/utf8"

	"relais/door"
	"relais/gateway"
)

// maxBody is the largest body that is read, in bytes: a text of 1600 characters and its addresses, escaped,
// are far below.
const maxBody = 1 << 20

// mostFields is how many fields a body may have: net/url reads no more by default.
const mostFields = 10_000

// form are the fields of a request.
type form struct {
	values url.Values
	raw    []byte
}

// readForm reads a body as clients send it (documented: TWO, application/x-www-form-urlencoded, UTF-8). An
// empty one has no fields.
func (c *call) readForm() (*form, error) {
	if coding := c.r.Header.Get("Content-Encoding"); coding != "" && coding != "identity" {
		return nil, refusalOf(http.StatusUnsupportedMediaType, codeBadRequest, "send the body without Content-Encoding")
	}
	raw, err := io.ReadAll(http.MaxBytesReader(c.w, c.r.Body, maxBody))
	if err != nil {
		if _, large := errors.AsType[*http.MaxBytesError](err); large {
			return nil, refusalOf(http.StatusRequestEntityTooLarge, codeBadRequest, "the body is larger than 1 MiB")
		}
		return nil, bad(codeBadRequest, "the body ended early")
	}
	if len(raw) > 0 && !isForm(c.r.Header.Get("Content-Type")) {
		return nil, refusalOf(http.StatusUnsupportedMediaType, codeBadRequest,
			"send a form of UTF-8, Content-Type: application/x-www-form-urlencoded")
	}
	if bytes.Count(raw, []byte("&")) >= mostFields {
		return nil, bad(codeBadRequest, "too many fields: want at most "+strconv.Itoa(mostFields))
	}
	values, err := url.ParseQuery(string(raw))
	if err != nil {
		return nil, bad(codeBadRequest, "the body is no form: an escape or a separator is wrong")
	}
	for name, given := range values {
		if !utf8.ValidString(name) || slices.ContainsFunc(given, func(v string) bool { return !utf8.ValidString(v) }) {
			return nil, bad(codeBadRequest, "the form is not in UTF-8")
		}
	}
	return &form{values, raw}, nil
}

func isForm(contentType string) bool {
	kind, parameters, err := mime.ParseMediaType(contentType)
	charset := strings.ToLower(parameters["charset"])
	return err == nil && kind == "application/x-www-form-urlencoded" && (charset == "" || charset == "utf-8" || charset == "utf8")
}

// get is the value of a field; empty: it has none.
func (f *form) get(name string) string { return f.values.Get(name) }

// once refuses fields that stand there twice: nobody knows which of the two was meant.
func (f *form) once(names ...string) error {
	for _, name := range names {
		if len(f.values[name]) > 1 {
			return bad(codeBadRequest, "'"+name+"' is given more than once")
		}
	}
	return nil
}

// others are the names of the fields that are none of some.
func (f *form) others(known []string) (names []string) {
	for _, name := range slices.Sorted(maps.Keys(f.values)) {
		if !slices.Contains(known, name) {
			names = append(names, name)
		}
	}
	return names
}

// idempotencyKey is the key against doubles.
func (c *call) idempotencyKey(f *form) (*gateway.IdempotencyKey, error) {
	key, err := door.IdempotencyKey(c.r, Format, f.raw)
	if err != nil {
		return nil, bad(codeBadRequest, err.Error())
	}
	return key, nil
}
