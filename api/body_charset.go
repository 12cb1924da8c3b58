package api

import (
	"bytes"
	"io"
	"mime"
	"net/http"
	"slices"
	"strings"
	"unicode/utf8"

	"relais/api/jsonbody"
	"relais/plaintext"
	"relais/reason"
)

// foreignCharset refuses a body whose Content-Type says another charset than UTF-8,
// unless it is ASCII, which is the same in all that are in use. What was read is put
// back.
func foreignCharset(w http.ResponseWriter, r *http.Request) *refusal {
	charset := charsetOf(r.Header.Get("Content-Type"))
	if charset == "" {
		return nil
	}
	body, err := io.ReadAll(http.MaxBytesReader(w, r.Body, maxBody))
	r.Body = struct {
		io.Reader
		io.Closer
	}{io.MultiReader(bytes.NewReader(body), r.Body), r.Body}
	at := bytes.IndexFunc(body, func(c rune) bool { return c >= utf8.RuneSelf })
	if err != nil || at < 0 && plaintext.Wide(append(body, ' ', ' ')) == "" {
		return nil //nolint:nilerr // the route reads the same error, and says what is wrong
	}
	p := misread(jsonbody.Broken(body, max(at, 0),
		reason.Of(sayCharset, reason.Args{"charset": reason.Name(charset)})))
	p.faults[0].Field = "Content-Type"
	return p
}

// charsetOf is the charset of a content type; "" where it names none, or one that
// UTF-8 is or includes.
func charsetOf(contentType string) string {
	if strings.IndexByte(contentType, ';') < 0 {
		return ""
	}
	_, given, err := mime.ParseMediaType(contentType)
	charset := strings.ToLower(given["charset"])
	if err != nil || slices.Contains([]string{"utf-8", "utf8", "us-ascii", "ascii"}, charset) {
		return ""
	}
	return charset
}
