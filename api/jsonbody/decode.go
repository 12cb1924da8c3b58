package jsonbody

import (
	"bytes"
	"encoding/json"
	"errors"
	"io"
	"net/http"
	"reflect"
	"regexp"
	"strconv"
	"unicode/utf8"

	"relais/plaintext"
	"relais/reason"
)

// Decode reads a JSON body strictly: one object, valid UTF-8, known keys spelt as they are
// and once each, the right types.
func Decode(body []byte, into any, keys Keys) *Fault {
	if plain, is := into.(Plain); is && readPlain(body, plain) {
		return nil
	}
	if f := DecodeObject(body, into, keys); f != nil {
		return f
	}
	return checkSpelling(body, keys)
}

// DecodeObject is Decode without the spelling of keys.
func DecodeObject(body []byte, into any, keys Keys) *Fault {
	start := bytes.TrimLeft(body, " \t\r\n")
	if len(start) == 0 {
		return Empty()
	}
	if start[0] != '{' || plaintext.Wide(start) != "" {
		if what := plaintext.Other(plaintext.JSON, start); !what.IsZero() {
			return Broken(body, len(body)-len(start), what.As(codeBad))
		}
	}
	if offset := invalidUTF8(body); offset >= 0 {
		return Broken(body, offset, reason.Of(sayNotUTF8, nil))
	}
	if bytes.HasPrefix(body, []byte(byteOrderMark)) {
		return Broken(body, 0, reason.Of(sayMark, nil))
	}
	d := json.NewDecoder(bytes.NewReader(body))
	d.DisallowUnknownFields()
	if err := d.Decode(into); err != nil {
		return faultOf(body, err, reflect.TypeOf(into), keys)
	}
	if _, err := d.Token(); !errors.Is(err, io.EOF) {
		return Broken(body, int(d.InputOffset()), reason.Of(sayMore, nil))
	}
	if start[0] != '{' { // encoding/json takes null for an empty object
		return Broken(body, len(body)-len(start), notAnObject([]byte("null")))
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

// unknownField reads the only error of encoding/json that has no type.
var unknownField = regexp.MustCompile(`(?s)^json: unknown field (".*")$`)

func faultOf(body []byte, err error, into reflect.Type, keys Keys) *Fault {
	if e, ok := errors.AsType[*ValueError](err); ok {
		return Wrong(body, e.Field, e.Reason)
	}
	if _, ok := errors.AsType[*json.UnmarshalTypeError](err); ok {
		return wrongType(body, into)
	}
	if e, ok := errors.AsType[*json.SyntaxError](err); ok {
		return Broken(body, int(e.Offset)-1, plaintext.Syntax(body, e).As(codeBad))
	}
	if match := unknownField.FindStringSubmatch(err.Error()); match != nil {
		if key, err := strconv.Unquote(match[1]); err == nil {
			return keys.Unknown(key, locateKey(body, Pointer(key)))
		}
	}
	return Broken(body, len(body), reason.Of(sayEarly, nil))
}

// wrongType tells of the first value that does not fit. The body was read as far as
// its types go: it is one JSON value, and more may follow.
func wrongType(body []byte, into reflect.Type) *Fault {
	at := len(body) - len(bytes.TrimLeft(body, " \t\r\n"))
	var raw json.RawMessage
	if err := json.NewDecoder(bytes.NewReader(body)).Decode(&raw); err != nil {
		return Broken(body, at, reason.Of(sayNotJSON, nil))
	}
	m := findMistyped(raw, into, "")
	switch {
	case m == nil:
		return Broken(body, at, reason.Of(sayWrongField, nil))
	case m.at == "":
		return Broken(body, at, notAnObject(raw))
	}
	return Wrong(body, m.at, m.reason())
}

func notAnObject(raw json.RawMessage) reason.Reason {
	return reason.Of(sayObject, reason.Args{"given": plaintext.Given(raw)}).With(plaintext.EncodedTwice(raw))
}

// Empty refuses a request without a body.
func Empty() *Fault { return &Fault{Status: http.StatusBadRequest, Reason: reason.Of(CodeEmpty, nil)} }
