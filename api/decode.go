package api

import (
	"bytes"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"net/http"
	"reflect"
	"regexp"
	"slices"
	"strconv"
	"strings"
	"unicode/utf8"

	"github.com/agnivade/levenshtein"

	"relais/plaintext"
)

// decode reads a JSON body strictly: one object, valid UTF-8, known keys spelt
// as they are and once each, the right types. The error is a *Problem that says
// where.
func decode(body []byte, into any, keys []string) error {
	if err := decodeObject(body, into, keys); err != nil {
		return err
	}
	return checkSpelling(body, keys)
}

// decodeObject is decode without the spelling of keys.
func decodeObject(body []byte, into any, keys []string) error {
	start := bytes.TrimLeft(body, " \t\r\n")
	if len(start) == 0 {
		return bodyEmpty()
	}
	if start[0] != '{' || plaintext.Wide(start) != "" {
		if what := plaintext.Other(plaintext.JSON, start); what != "" {
			return badBody(body, len(body)-len(start), "body_not_json", what)
		}
	}
	if offset := invalidUTF8(body); offset >= 0 {
		return badBody(body, offset, "body_not_utf8", "The body is not valid UTF-8.")
	}
	if bytes.HasPrefix(body, []byte(byteOrderMark)) {
		return badBody(body, 0, "body_not_json", "The body begins with a byte order mark (EF BB BF); leave it out.")
	}
	d := json.NewDecoder(bytes.NewReader(body))
	d.DisallowUnknownFields()
	if err := d.Decode(into); err != nil {
		return decodeProblem(body, err, reflect.TypeOf(into), keys)
	}
	if _, err := d.Token(); !errors.Is(err, io.EOF) {
		return badBody(body, int(d.InputOffset()), "body_not_json", "There is more after the JSON object. Send one object in each request.")
	}
	if start[0] != '{' { // encoding/json takes null for an empty object
		return badBody(body, len(body)-len(start), "body_not_an_object", "The body must be a JSON object, not a JSON null.")
	}
	return nil
}

const byteOrderMark = "\uFEFF"

func invalidUTF8(body []byte) int {
	if utf8.Valid(body) {
		return -1
	}
	for i := 0; i < len(body); {
		r, size := utf8.DecodeRune(body[i:])
		if r == utf8.RuneError && size == 1 {
			return i
		}
		i += size
	}
	return -1
}

// valueError is what an UnmarshalJSON of this package returns.
type valueError struct {
	field, detail string
}

func (e *valueError) Error() string { return e.field + ": " + e.detail }

// unknownField reads the only error of encoding/json that has no type.
var unknownField = regexp.MustCompile(`(?s)^json: unknown field (".*")$`)

func decodeProblem(body []byte, err error, into reflect.Type, keys []string) error {
	if e, ok := errors.AsType[*valueError](err); ok {
		return refuse(body, "wrong_type", e.field, e.detail)
	}
	if _, ok := errors.AsType[*json.UnmarshalTypeError](err); ok {
		return wrongType(body, into)
	}
	if e, ok := errors.AsType[*json.SyntaxError](err); ok {
		return badBody(body, int(e.Offset)-1, "body_not_json", plaintext.Syntax(body, e))
	}
	if match := unknownField.FindStringSubmatch(err.Error()); match != nil {
		if key, err := strconv.Unquote(match[1]); err == nil {
			return unknownKey(key, keys).at(locateKey(body, pointer(key)))
		}
	}
	return badBody(body, len(body), "body_not_json", "The JSON object ends too early.")
}

func bodyEmpty() *Problem {
	return problem(http.StatusBadRequest, "body_empty", "The body is empty; send a JSON object.")
}

func badBody(body []byte, offset int, code, detail string) *Problem {
	return problem(http.StatusBadRequest, code, detail).at(faultAt(body, offset, ""))
}

// wrongType tells of the first value that does not fit. The body was read as far as
// its types go: it is one JSON value, and more may follow.
func wrongType(body []byte, into reflect.Type) *Problem {
	at := len(body) - len(bytes.TrimLeft(body, " \t\r\n"))
	var raw json.RawMessage
	if err := json.NewDecoder(bytes.NewReader(body)).Decode(&raw); err != nil {
		return badBody(body, at, "body_not_json", "The body is not JSON.")
	}
	m := findMistyped(raw, into, "")
	switch {
	case m == nil:
		return badBody(body, at, "wrong_type", "A field has a value of the wrong type.")
	case m.at == "":
		return badBody(body, at, "body_not_an_object", "The body must be a JSON object, not "+m.got+"."+plaintext.EncodedTwice(raw))
	}
	return refuse(body, "wrong_type", m.at, m.detail())
}

func badMetadata(body []byte, given string) *Problem {
	return refuse(body, "wrong_type", "/metadata", "/metadata must be an object of strings, without a JSON "+given+".")
}

func unknownKey(key string, keys []string) *Problem {
	detail := "There is no field of that name."
	switch near := nearest(key, keys); {
	case near != "":
		detail += fmt.Sprintf(" Did you mean %q?", near)
	case key == batchKeys[0] && slices.Contains(keys, "text"):
		detail += " Several messages in one request go to POST /v1/batches."
	case slices.Equal(keys, batchKeys) && slices.Contains(submitKeys, key):
		detail += ` Each message stands in the list messages: {"messages": [{"to": …, "text": …}]}.`
	default:
		detail += " The fields are: " + strings.Join(keys, ", ") + "."
	}
	return problem(http.StatusUnprocessableEntity, "unknown_field", detail)
}

// keysOf lists the JSON names of a struct's fields.
func keysOf(t reflect.Type) []string {
	var keys []string
	for i := range t.NumField() {
		if t.Field(i).Anonymous {
			keys = append(keys, keysOf(t.Field(i).Type)...)
			continue
		}
		name, _, _ := strings.Cut(t.Field(i).Tag.Get("json"), ",")
		keys = append(keys, name)
	}
	return keys
}

// nearest finds a key that differs by little: case, a missing letter, a swap.
func nearest(key string, keys []string) string {
	const longest = 64 // nobody mistypes a name at this length; comparing costs the product of both
	if len(key) > longest {
		return ""
	}
	folded := strings.ToLower(strings.NewReplacer("_", "", "-", "").Replace(key))
	best, least := "", len(folded)
	for _, k := range keys {
		plain := strings.ReplaceAll(k, "_", "")
		if d := levenshtein.ComputeDistance(plain, folded); d < least && d <= 1+len(plain)/5 {
			best, least = k, d
		}
	}
	return best
}
