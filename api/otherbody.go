package api

import (
	"bytes"
	"encoding/json"
	"fmt"
	"io"
	"mime"
	"net/http"
	"regexp"
	"slices"
	"strings"
	"unicode"
	"unicode/utf8"
)

// formStart is how a form begins: a name and =.
var formStart = regexp.MustCompile(`^[A-Za-z0-9_.\[\]%+-]{1,64}=`)

// base64Start is how an object begins in base64: the bracket, then a quote, a space or a line break.
var base64Start = regexp.MustCompile(`^(?:eyJ|eyA|ewo|ew0K)[A-Za-z0-9+/_-]*={0,2}\s*$`)

// otherThan says what a body is that begins like none of the kind that is wanted;
// "" when its beginning tells nothing.
func otherThan(wanted string, start []byte) string {
	is := func(what, instead string) string {
		return "The body is " + what + ", and " + wanted + " is wanted: " + instead
	}
	const fields = `send the same fields as one JSON object, {"name": "value"}, with Content-Type: application/json.`
	instead := fields
	if wanted == csvKind {
		instead = "send the file itself, as curl --data-binary @FILE does."
	}
	switch {
	case bytes.HasPrefix(start, []byte("--")):
		return is("a form in parts (multipart/form-data)", instead)
	case wanted == jsonKind && base64Start.Match(start):
		return "The body is in base64; send the JSON as it is."
	case formStart.Match(start):
		return is("a form (application/x-www-form-urlencoded)", instead)
	case start[0] == '<':
		return is("XML or HTML", instead)
	case bytes.HasPrefix(start, []byte("\x1f\x8b")), bytes.HasPrefix(start, []byte("PK\x03\x04")):
		return is("compressed", "send it plain, without compression.")
	case utf16(start):
		return "The body is UTF-16; send UTF-8."
	case wanted == csvKind && (start[0] == '{' || start[0] == '['):
		return is("JSON", "a line for each number, under the head number,sender.")
	case wanted == jsonKind && start[0] == '@':
		return "The body begins with @: the name of a file was sent, and not the file."
	}
	return ""
}

const (
	jsonKind = "JSON"
	csvKind  = "CSV"
)

func utf16(start []byte) bool {
	return bytes.HasPrefix(start, []byte{0xff, 0xfe}) || bytes.HasPrefix(start, []byte{0xfe, 0xff}) ||
		len(start) > 1 && (start[0] == 0 || start[1] == 0 && start[0] != '"')
}

// noJSON are words of other languages that stand where a JSON value must.
var noJSON = map[string]string{
	"NaN": "", "Infinity": "", "-Infinity": "", "undefined": "", "None": "null", "True": "true", "False": "false", "nil": "null",
	"NULL": "null", "Null": "null", "TRUE": "true", "FALSE": "false",
}

var word = regexp.MustCompile(`^-?[A-Za-z]+`)

// syntaxDetail says what is wrong at an offset of a body, and what would be right.
func syntaxDetail(body []byte, e *json.SyntaxError) string {
	const what = "The body is not JSON: "
	at := min(max(int(e.Offset)-1, 0), len(body))
	rest := body[at:]
	if at == len(body) || len(rest) == 0 {
		return what + "it ends too early."
	}
	found := string(word.Find(body[wordStart(body, at):]))
	if instead, known := noJSON[found]; known {
		if instead == "" {
			return what + "JSON has no " + found + "."
		}
		return what + found + " is written " + instead + "."
	}
	before := bytes.TrimRight(body[:at], " \t\r\n")
	switch c := rest[0]; {
	case strings.HasSuffix(e.Error(), "escape code"), strings.HasSuffix(e.Error(), "character escape"):
		return what + `a backslash in a string begins one of \" \\ \/ \b \f \n \r \t and \u with four hexadecimal digits; ` +
			`a backslash itself is written \\.`
	case c == '\'':
		return what + "strings stand between double quotes, not single ones."
	case (c == '}' || c == ']') && bytes.HasSuffix(before, []byte(",")):
		return what + "there is a comma before the closing bracket."
	case c < ' ':
		return what + `a line break or another control character inside a string is written as an escape, such as \n.`
	case c == '/' || c == '#':
		return what + "it has no comments."
	case !bytes.ContainsAny(body[:1+len(before)], `{["`):
		return "The body is plain text, or of another format than JSON: send one JSON object, {\"name\": \"value\"}."
	case found != "" && (bytes.HasSuffix(before, []byte("{")) || bytes.HasSuffix(before, []byte(","))):
		return what + "the name of a field stands between double quotes."
	}
	return what + betweenTokens(e.Error(), before, rest)
}

// betweenTokens says what is wrong where encoding/json wanted a value, a name or a mark
// between them. rest begins with what it found, before ends in front of it.
func betweenTokens(found string, before, rest []byte) string {
	c, _ := utf8.DecodeRune(rest)
	number := len(before) > 0 && before[len(before)-1] >= '0' && before[len(before)-1] <= '9'
	switch {
	case strings.ContainsRune("\u201c\u201d\u201e\u00ab\u00bb\u2018\u2019", c):
		return "strings stand between plain double quotes (U+0022), not typographic ones."
	case c >= utf8.RuneSelf && (unicode.IsSpace(c) || unicode.Is(unicode.Cf, c)):
		return fmt.Sprintf("a space or mark that is no plain one (%U) stands between its parts.", c)
	case c == '+':
		return "a number has no + in front; a telephone number stands between double quotes."
	case number && (c >= '0' && c <= '9' || c == 'x' || c == ' '):
		return "a number does not begin with 0; a telephone number stands between double quotes."
	case c == '{' || c == '$' || c == '%':
		return "a placeholder of a template, it seems, was not filled in."
	case strings.HasSuffix(found, "after object key"):
		return "a colon is missing behind the name of a field."
	case strings.HasSuffix(found, "after object key:value pair"), strings.HasSuffix(found, "after array element"):
		return "a comma or a closing bracket is missing behind a value."
	}
	return found + "."
}

// wordStart goes back to where the word around an offset begins.
func wordStart(body []byte, at int) int {
	for at > 0 && (body[at-1] >= 'A' && body[at-1] <= 'Z' || body[at-1] >= 'a' && body[at-1] <= 'z' || body[at-1] == '-') {
		at--
	}
	return at
}

// foreignCharset refuses a body whose Content-Type says another charset than UTF-8,
// unless it is ASCII, which is the same in all that are in use. What was read is put
// back.
func foreignCharset(w http.ResponseWriter, r *http.Request) *Problem {
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
	if err != nil || at < 0 && !utf16(append(body, ' ', ' ')) {
		return nil //nolint:nilerr // the route reads the same error, and says what is wrong
	}
	p := badBody(body, max(at, 0), "body_not_utf8",
		"Content-Type says that the body is "+charset+"; send UTF-8, and charset=utf-8 or no charset.")
	p.Errors[0].Field = "Content-Type"
	return p
}

// charsetOf is the charset of a content type; "" where it names none, or one that
// UTF-8 is or includes.
func charsetOf(contentType string) string {
	_, given, err := mime.ParseMediaType(contentType)
	charset := strings.ToLower(given["charset"])
	if err != nil || slices.Contains([]string{"utf-8", "utf8", "us-ascii", "ascii"}, charset) {
		return ""
	}
	return charset
}
