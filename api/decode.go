package api

import (
	"bytes"
	"encoding/json"
	"errors"
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
	"relais/reason"
)

// decode reads a JSON body strictly: one object, valid UTF-8, known keys spelt
// as they are and once each, the right types. The error is a *refusal that says
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
		if what := plaintext.Other(plaintext.JSON, start); !what.IsZero() {
			return badBody(body, len(body)-len(start), what.As(codeBadBody))
		}
	}
	if offset := invalidUTF8(body); offset >= 0 {
		return badBody(body, offset, reason.Of(sayNotUTF8, nil))
	}
	if bytes.HasPrefix(body, []byte(byteOrderMark)) {
		return badBody(body, 0, reason.Of(sayMark, nil))
	}
	d := json.NewDecoder(bytes.NewReader(body))
	d.DisallowUnknownFields()
	if err := d.Decode(into); err != nil {
		return decodeProblem(body, err, reflect.TypeOf(into), keys)
	}
	if _, err := d.Token(); !errors.Is(err, io.EOF) {
		return badBody(body, int(d.InputOffset()), reason.Of(sayMore, nil))
	}
	if start[0] != '{' { // encoding/json takes null for an empty object
		return badBody(body, len(body)-len(start), notAnObject([]byte("null")))
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
	field  string
	reason reason.Reason
}

func (e *valueError) Error() string { return e.field + ": " + e.reason.In(reason.English) }

// unknownField reads the only error of encoding/json that has no type.
var unknownField = regexp.MustCompile(`(?s)^json: unknown field (".*")$`)

func decodeProblem(body []byte, err error, into reflect.Type, keys []string) error {
	if e, ok := errors.AsType[*valueError](err); ok {
		return refuse(body, e.field, e.reason)
	}
	if _, ok := errors.AsType[*json.UnmarshalTypeError](err); ok {
		return wrongType(body, into)
	}
	if e, ok := errors.AsType[*json.SyntaxError](err); ok {
		return badBody(body, int(e.Offset)-1, plaintext.Syntax(body, e).As(codeBadBody))
	}
	if match := unknownField.FindStringSubmatch(err.Error()); match != nil {
		if key, err := strconv.Unquote(match[1]); err == nil {
			return unknownKey(key, keys).at(locateKey(body, pointer(key)))
		}
	}
	return badBody(body, len(body), reason.Of(sayEarly, nil))
}

func bodyEmpty() *refusal {
	return refusalOf(http.StatusBadRequest, codeBodyEmpty)
}

func bodyCut() *refusal { return refusalOf(http.StatusBadRequest, sayBodyCut) }

func badBody(body []byte, offset int, why reason.Reason) *refusal {
	return refusalFor(http.StatusBadRequest, why).at(faultAt(body, offset, ""))
}

// wrongType tells of the first value that does not fit. The body was read as far as
// its types go: it is one JSON value, and more may follow.
func wrongType(body []byte, into reflect.Type) *refusal {
	at := len(body) - len(bytes.TrimLeft(body, " \t\r\n"))
	var raw json.RawMessage
	if err := json.NewDecoder(bytes.NewReader(body)).Decode(&raw); err != nil {
		return badBody(body, at, reason.Of(sayNotJSON, nil))
	}
	m := findMistyped(raw, into, "")
	switch {
	case m == nil:
		return badBody(body, at, reason.Of(sayWrongField, nil))
	case m.at == "":
		return badBody(body, at, notAnObject(raw))
	}
	return refuse(body, m.at, m.reason())
}

func notAnObject(raw json.RawMessage) reason.Reason {
	return reason.Of(sayObject, reason.Args{"given": plaintext.Given(raw)}).With(plaintext.EncodedTwice(raw))
}

func badMetadata(body []byte) *refusal { return refuse(body, "/metadata", reason.Of(sayMetadata, nil)) }

func unknownKey(key string, keys []string) *refusal {
	var why reason.Reason
	switch near := nearest(key, keys); {
	case near != "":
		why = reason.Of(sayFieldNear, reason.Args{"near": reason.Name(near)})
	case key == batchKeys[0] && slices.Contains(keys, "text"):
		why = reason.Of(sayFieldBatch, nil)
	case slices.Equal(keys, batchKeys) && slices.Contains(submitKeys, key):
		why = reason.Of(sayFieldMessage, nil)
	default:
		why = reason.Of(sayFields, reason.Args{"fields": reason.Names(keys)})
	}
	return refusalFor(http.StatusUnprocessableEntity, why)
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
