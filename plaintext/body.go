package plaintext

import (
	"bytes"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"regexp"
	"strings"
	"unicode"
	"unicode/utf8"
)

// Kind is a kind of body that a request can want.
type Kind string

// The kinds that are wanted.
const (
	JSON Kind = "JSON"
	CSV  Kind = "CSV"
	Form Kind = "a form"
)

// formStart is how a form begins: a name and =.
var formStart = regexp.MustCompile(`^[A-Za-z0-9_.\[\]%+-]{1,64}=`)

// base64Start is how an object begins in base64: the bracket, then a quote, a space or a line break.
var base64Start = regexp.MustCompile(`^(?:eyJ|eyA|ewo|ew0K)[A-Za-z0-9+/_-]*={0,2}\s*$`)

// Other says what a body is that begins like none of the kind that is wanted;
// "" when its beginning tells nothing.
func Other(wanted Kind, start []byte) string {
	is := func(what, instead string) string {
		return "The body is " + what + ", and " + string(wanted) + " is wanted: " + instead
	}
	const fields = `send the same fields as one JSON object, {"name": "value"}, with Content-Type: application/json.`
	instead := fields
	switch wanted {
	case CSV:
		instead = "send the file itself, as curl --data-binary @FILE does."
	case Form:
		instead = "send the parameters as a form (application/x-www-form-urlencoded), or in the URL."
	case JSON:
	}
	switch {
	case bytes.HasPrefix(start, []byte("--")):
		return is("a form in parts (multipart/form-data)", instead)
	case wanted == JSON && base64Start.Match(start):
		return "The body is in base64; send the JSON as it is."
	case wanted != Form && formStart.Match(start):
		return is("a form (application/x-www-form-urlencoded)", instead)
	case start[0] == '<':
		return is("XML or HTML", instead)
	case bytes.HasPrefix(start, []byte("\x1f\x8b")), bytes.HasPrefix(start, []byte("PK\x03\x04")):
		return is("compressed", "send it plain, without compression.")
	case Wide(start) != "":
		return "The body is " + Wide(start) + "; send UTF-8."
	case wanted == Form && (start[0] == '{' || start[0] == '[' || start[0] == '"'):
		return is("JSON", instead)
	case wanted == CSV && (start[0] == '{' || start[0] == '['):
		return is("JSON", "a line for each number, under the head number,sender.")
	case wanted == JSON && start[0] == '@':
		return "The body begins with @: the name of a file was sent, and not the file."
	}
	return ""
}

// noJSON are words of other languages that stand where a JSON value must.
var noJSON = map[string]string{
	"NaN": "", "Infinity": "", "-Infinity": "", "undefined": "", "None": "null", "True": "true", "False": "false", "nil": "null",
	"NULL": "null", "Null": "null", "TRUE": "true", "FALSE": "false",
}

var word = regexp.MustCompile(`^-?[A-Za-z]+`)

// Syntax says what is wrong at an offset of a body, and what would be right.
func Syntax(body []byte, e *json.SyntaxError) string {
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

// EncodedTwice hints at a string that holds JSON, with a space in front.
func EncodedTwice(raw json.RawMessage) string {
	var text string
	if json.Unmarshal(raw, &text) == nil && strings.HasPrefix(strings.TrimSpace(text), "{") {
		return " It was encoded twice."
	}
	return ""
}

// Wide is the encoding of a text whose characters have two or four bytes, as its mark
// or its zeros say: UTF-16 or UTF-32, else "".
func Wide(start []byte) string {
	zeros := bytes.Count(start[:min(len(start), 4)], []byte{0})
	switch {
	case bytes.HasPrefix(start, []byte("\xff\xfe\x00\x00")), bytes.HasPrefix(start, []byte("\x00\x00\xfe\xff")),
		zeros == 3 && (start[0] != 0 || start[3] != 0):
		return "UTF-32"
	case bytes.HasPrefix(start, []byte("\xff\xfe")), bytes.HasPrefix(start, []byte("\xfe\xff")),
		len(start) > 1 && (start[0] == 0 || start[1] == 0 && start[0] != '"'):
		return "UTF-16"
	}
	return ""
}

// NoObject says why a body is no JSON object, "" when it is one: a clause to put behind
// a colon, without a capital letter and a full stop.
func NoObject(body []byte) string {
	said := noObject(body)
	if said == "" {
		return ""
	}
	return "t" + strings.TrimSuffix(said[1:], ".") // each begins with The
}

func noObject(body []byte) string {
	start := bytes.TrimLeft(body, " \t\r\n")
	if len(start) == 0 {
		return "The body is empty; send a JSON object."
	}
	if start[0] != '{' || Wide(start) != "" {
		if what := Other(JSON, start); what != "" {
			return what
		}
	}
	if !utf8.Valid(body) {
		return "The body is not valid UTF-8."
	}
	if bytes.HasPrefix(body, []byte(mark)) {
		return "The body begins with a byte order mark (EF BB BF); leave it out."
	}
	var raw json.RawMessage
	d := json.NewDecoder(bytes.NewReader(body))
	err := d.Decode(&raw)
	if e, ok := errors.AsType[*json.SyntaxError](err); ok {
		return Syntax(body, e)
	}
	if err != nil {
		return "The JSON object ends too early."
	}
	if start[0] != '{' {
		return "The body must be a JSON object, not " + Given(raw) + "." + EncodedTwice(raw)
	}
	if _, err := d.Token(); !errors.Is(err, io.EOF) {
		return "There is more after the JSON object. Send one object in each request."
	}
	return ""
}

// Given names the kind of a JSON value, with its article.
func Given(raw json.RawMessage) string {
	switch c := raw[0]; c {
	case '{':
		return "a JSON object"
	case '[':
		return "a JSON array"
	case '"':
		return "a JSON string"
	case 't', 'f':
		return "a JSON boolean"
	case 'n':
		return "a JSON null"
	default:
		if bytes.ContainsAny(raw, ".eE") {
			return "a JSON number with a fraction or an exponent"
		}
		return "a JSON number"
	}
}
