package ovh

import (
	"bytes"
	"encoding/json"
	"errors"
	"maps"
	"math"
	"net/http"
	"reflect"
	"slices"
	"strconv"
	"strings"
	"unicode/utf8"

	"relais/charset"
	"relais/plaintext"
	"relais/reason"
)

// loose reads a scalar as OVH does: "true" and "2880" where the schema says
// boolean and long (observed: messagebird/sachet, ovh/manager), and null for
// absent (observed: php-ovh-sms sends tag: null).
type loose struct {
	kind byte // 0 absent or null, else 's', 'n' or 'b'
	text string
}

var errScalar = errors.New("not a scalar")

// UnmarshalJSON refuses objects and arrays.
func (l *loose) UnmarshalJSON(b []byte) error {
	switch c := b[0]; {
	case c == 'n':
		*l = loose{}
	case c == '"':
		l.kind = 's'
		return json.Unmarshal(b, &l.text)
	case c == 't' || c == 'f':
		*l = loose{'b', string(b)}
	case c == '-' || c >= '0' && c <= '9':
		*l = loose{'n', string(b)}
	default:
		return errScalar
	}
	return nil
}

func (l loose) absent() bool { return l.kind == 0 }

// str wants a string; a number for one is an error (observed for class).
func (l loose) str(field string) (string, error) {
	if l.kind != 0 && l.kind != 's' {
		return "", invalid("'" + field + "' is not a string")
	}
	return l.text, nil
}

// boolean reads true, "true", 1 and "1" alike; absent is false.
func (l loose) boolean(field string) (bool, error) {
	if l.absent() || l.text == "" {
		return false, nil
	}
	value, err := strconv.ParseBool(l.text)
	if err != nil {
		return false, invalid("'" + field + "' is not a boolean")
	}
	return value, nil
}

// integer reads 5 and "5" alike; absent is 0.
func (l loose) integer(field string) (int64, error) {
	if l.absent() || l.text == "" {
		return 0, nil
	}
	value, err := strconv.ParseInt(l.text, 10, 64)
	if err != nil {
		return 0, invalid("'" + field + "' is not an integer")
	}
	return value, nil
}

// amount is a number that may come as a string; null leaves it as it was.
type amount float64

// UnmarshalJSON implements json.Unmarshaler.
func (a *amount) UnmarshalJSON(b []byte) error {
	var l loose
	if err := l.UnmarshalJSON(b); err != nil || l.absent() {
		return err
	}
	value, err := strconv.ParseFloat(l.text, 64)
	if err != nil || math.IsNaN(value) || math.IsInf(value, 0) { // JSON has no word for these two
		return errScalar
	}
	*a = amount(value)
	return nil
}

// looseList is a list of scalars; a single one stands for a list of one.
type looseList []string

// UnmarshalJSON implements json.Unmarshaler.
func (l *looseList) UnmarshalJSON(b []byte) error {
	if b[0] != '[' {
		var one loose
		if err := one.UnmarshalJSON(b); err != nil {
			return err
		}
		*l = nil
		if !one.absent() && one.text != "" {
			*l = looseList{one.text}
		}
		return nil
	}
	var many []loose
	if err := json.Unmarshal(b, &many); err != nil {
		return err
	}
	*l = make(looseList, 0, len(many))
	for _, one := range many {
		*l = append(*l, one.text)
	}
	return nil
}

// decode reads a body whatever its content type says, or that it says none.
// Unknown fields are passed over, unless the account wants them refused.
func (c *call) decode(into any, fields ...string) error {
	if len(bytes.TrimSpace(c.body)) == 0 {
		return nil
	}
	if coding := c.r.Header.Get("Content-Encoding"); coding != "" && coding != "identity" {
		return &refusal{
			status:  http.StatusUnsupportedMediaType,
			message: "The body must not be compressed: send it without Content-Encoding",
		}
	}
	var keys map[string]json.RawMessage
	// encoding/json would put U+FFFD into the text of a message
	if !utf8.Valid(c.body) || json.Unmarshal(c.body, &keys) != nil || keys == nil {
		return bad("Invalid JSON received: " + reason.Clause(plaintext.NoObject(c.body).In(reason.English)))
	}
	if charset.LoneSurrogate(c.body) >= 0 { // there too
		return bad(`Invalid JSON received: half of a surrogate pair (\ud800 to \udfff alone) is no character`)
	}
	if c.settings.Strict {
		if unknown := unknownKeys(keys, fields); len(unknown) > 0 { // observed: ovh/php-ovh issue 63
			return bad("Received not described parameters: (" +
				strings.Join(unknown, ", ") + ") while calling " +
				c.r.Method + " " + c.route.path)
		}
	}
	if err := json.Unmarshal(c.body, into); err != nil {
		return invalid(mistyped(keys, reflect.TypeOf(into).Elem(), ""))
	}
	return nil
}

// mistyped names the field whose value does not fit: one of t, which is a struct, or of
// a struct inside it.
func mistyped(keys map[string]json.RawMessage, t reflect.Type, before string) string {
	for f := range t.Fields() {
		name, _, _ := strings.Cut(f.Tag.Get("json"), ",")
		raw, given := keys[name]
		if !given || json.Unmarshal(raw, reflect.New(f.Type).Interface()) == nil {
			continue
		}
		var inner map[string]json.RawMessage
		of := f.Type
		for of.Kind() == reflect.Pointer {
			of = of.Elem()
		}
		if of.Kind() == reflect.Struct && of != reflect.TypeFor[loose]() &&
			json.Unmarshal(raw, &inner) == nil {
			return mistyped(inner, of, before+name+".")
		}
		return "'" + before + name + "' " + wantedOf(of)
	}
	return "a field has the wrong type"
}

func wantedOf(t reflect.Type) string {
	switch {
	case t == reflect.TypeFor[amount]():
		return "is not a number"
	case t.Kind() == reflect.Slice:
		return "is not a list of plain values"
	case t == reflect.TypeFor[loose]():
		return "is not a plain value"
	case t.Kind() == reflect.Struct, t.Kind() == reflect.Map:
		return "is not an object"
	default:
		return "is not a " + t.Kind().String() // string: the only kind left, whose name is that of JSON
	}
}

func unknownKeys(keys map[string]json.RawMessage, fields []string) []string {
	return slices.DeleteFunc(slices.Sorted(maps.Keys(keys)),
		func(key string) bool { return slices.Contains(fields, key) })
}
