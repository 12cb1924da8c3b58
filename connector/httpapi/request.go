package httpapi

import (
	"bytes"
	"context"
	"errors"
	"net/http"
	"net/url"
	"strings"

	"relais/connector"
)

// auth is how the operator knows us.
type auth struct {
	kind  string
	user  template // of basic
	value template // the password, the token or the key
	name  string   // of the header or of the parameter
}

// The kinds of auth.
const (
	authNone   = "none"
	authBasic  = "basic"
	authBearer = "bearer"
	authHeader = "header"
	authQuery  = "query" // for operators that have nothing else
)

// auth compiles [auth], or that of the call for a token.
func (j *judge) auth(at string, w *writtenAuth) auth {
	a := auth{kind: j.oneOf(at+".kind", w.Kind, authNone, authBasic, authBearer, authHeader, authQuery)}
	basic, named := a.kind == authBasic, a.kind == authHeader
	j.idle(at, map[string]bool{
		"user": w.User != "" && !basic, "password": w.Password != "" && !basic,
		"header": w.Header != "" && !named, "parameter": w.Parameter != "" && a.kind != authQuery,
		"value": w.Value != "" && (basic || a.kind == authNone),
	})
	switch a.kind {
	case authBasic:
		a.user, a.value = j.needed(at+".user", w.User), j.needed(at+".password", w.Password)
	case authBearer:
		a.value = j.needed(at+".value", w.Value)
	case authHeader:
		a.value = j.needed(at+".value", w.Value)
		a.name = j.header(at+".header", w.Header, "").name
	case authQuery:
		a.value = j.needed(at+".value", w.Value)
		if a.name = w.Parameter; a.name == "" {
			j.complain(at+".parameter", whyMissing, nil)
		}
	}
	return a
}

func (j *judge) needed(key, text string) template {
	if text == "" {
		j.complain(key, whyMissing, nil)
	}
	return j.template(key, text, headerNever)
}

// errAddress stands for the error of a malformed address, which would repeat it.
var errAddress = errors.New("malformed address")

// request makes the request of a call.
func (c *call) request(ctx context.Context, baseURL string, a *auth, s *source) (*http.Request, error) {
	path, err := c.escapedPath(s)
	if err != nil {
		return nil, err
	}
	query, err := encodeParameters(c.query, s, c.charset)
	if err != nil {
		return nil, err
	}
	if a.kind == authQuery {
		value, _ := a.value.expand(s)
		query = strings.TrimPrefix(query+"&"+url.QueryEscape(a.name)+"="+url.QueryEscape(value), "&")
	}
	if query != "" {
		path += "?" + query
	}
	var content []byte
	if c.body != nil {
		if content, err = c.body.encode(s, c.charset); err != nil {
			return nil, err
		}
	}
	r, err := http.NewRequestWithContext(ctx, c.method, baseURL+path, once{bytes.NewReader(content)})
	if err != nil {
		return nil, &connector.Error{Fault: connector.Blocked, Detail: "the address cannot be called", Err: errAddress}
	}
	r.ContentLength = int64(len(content)) // net/http does not know this kind of body
	if c.body != nil {
		r.Header.Set("Content-Type", c.body.contentType(c.charset))
	}
	c.setHeaders(r, a, s)
	return r, nil
}

// once is a body that cannot be read twice. net/http sends a GET, and what has a header
// Idempotency-Key, again by itself when a kept connection is lost, but for such a body: so even a
// call without one has it, empty.
type once struct{ *bytes.Reader }

// Close implements io.Closer.
func (once) Close() error { return nil }

func (c *call) setHeaders(r *http.Request, a *auth, s *source) {
	r.Header.Set("Accept", accepts[c.answers.kind])
	for _, h := range c.headers {
		if value, there := h.value.expand(s); there {
			r.Header.Set(h.name, value)
		}
	}
	value, _ := a.value.expand(s)
	switch a.kind {
	case authBasic:
		user, _ := a.user.expand(s)
		r.SetBasicAuth(user, value)
	case authBearer:
		r.Header.Set("Authorization", "Bearer "+value)
	case authHeader:
		r.Header.Set(a.name, value)
	}
}

var accepts = map[string]string{
	shapeJSON: "application/json", shapeXML: "application/xml, text/xml", shapeText: "text/plain, */*",
}

// escapedSegment encodes all that a segment could be misread by: some operators take a plus for a
// space there too, and Orange documents tel%3A%2B in front of a number.
func escapedSegment(text string) string { return strings.ReplaceAll(url.QueryEscape(text), "+", "%20") }

// escapedPath is the path with values that stay within their segments.
func (c *call) escapedPath(s *source) (string, error) {
	var b strings.Builder
	for _, segment := range c.path {
		text, there := segment.expand(s)
		if len(segment.names()) > 0 && (!there || strings.Trim(text, ".") == "") {
			return "", &connector.Error{
				Fault: connector.Rejected, Code: codePath, Detail: "a value of the address is empty, or would move the call",
			}
		}
		b.WriteString("/" + escapedSegment(text))
	}
	return b.String(), nil
}
