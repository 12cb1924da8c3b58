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
	"strings"
	"unicode/utf8"
)

// decode reads a JSON body strictly: one object, valid UTF-8, known keys, the
// right types. The error is a *Problem that says where.
func decode(body []byte, into any) error {
	if len(bytes.TrimSpace(body)) == 0 {
		return problem(http.StatusBadRequest, "body_empty", "The body is empty; send a JSON object.")
	}
	if offset := invalidUTF8(body); offset >= 0 {
		return badBody(body, offset, "body_not_utf8", "The body is not valid UTF-8.", "")
	}
	d := json.NewDecoder(bytes.NewReader(body))
	d.DisallowUnknownFields()
	if err := d.Decode(into); err != nil {
		return decodeProblem(body, err, into)
	}
	if _, err := d.Token(); !errors.Is(err, io.EOF) {
		return badBody(body, int(d.InputOffset()), "body_not_json", "There is more after the JSON object.", "")
	}
	return nil
}

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

// badValue is what an UnmarshalJSON of this package returns.
type badValue struct {
	field, detail string
}

func (e *badValue) Error() string { return e.field + ": " + e.detail }

var unknownField = regexp.MustCompile(`^json: unknown field "(.*)"$`)

func decodeProblem(body []byte, err error, into any) error {
	if e, ok := errors.AsType[*badValue](err); ok {
		p := problem(http.StatusUnprocessableEntity, "wrong_type", e.detail)
		return p.at(locate(body, e.field))
	}
	if e, ok := errors.AsType[*json.UnmarshalTypeError](err); ok {
		return wrongType(body, e)
	}
	if e, ok := errors.AsType[*json.SyntaxError](err); ok {
		return badBody(body, int(e.Offset)-1, "body_not_json", "The body is not JSON: "+e.Error()+".", "")
	}
	if match := unknownField.FindStringSubmatch(err.Error()); match != nil {
		return unknownKey(body, match[1], into)
	}
	return badBody(body, len(body), "body_not_json", "The JSON object ends too early.", "")
}

func badBody(body []byte, offset int, code, detail, field string) *Problem {
	f := Fault{Field: field}
	f.Position, f.Line, f.Column = position(body, offset)
	return problem(http.StatusBadRequest, code, detail).at(f)
}

func wrongType(body []byte, e *json.UnmarshalTypeError) *Problem {
	if e.Field == "" {
		return badBody(body, 0, "body_not_an_object", "The body must be a JSON object, not a JSON "+e.Value+".", "")
	}
	pointer := "/" + strings.ReplaceAll(e.Field, ".", "/")
	detail := fmt.Sprintf("%s must be %s, not a JSON %s.", pointer, jsonName(e.Type), e.Value)
	return problem(http.StatusUnprocessableEntity, "wrong_type", detail).at(locate(body, pointer))
}

func jsonName(t reflect.Type) string {
	switch t.Kind() {
	case reflect.String:
		return "a string"
	case reflect.Bool:
		return "true or false"
	case reflect.Map, reflect.Struct:
		return "an object"
	case reflect.Slice:
		return "a list"
	default:
		return "a number"
	}
}

func unknownKey(body []byte, key string, into any) *Problem {
	detail := "There is no field of that name."
	if near := nearest(key, keysOf(into)); near != "" {
		detail += fmt.Sprintf(" Did you mean %q?", near)
	} else {
		detail += " The fields are: " + strings.Join(keysOf(into), ", ") + "."
	}
	return problem(http.StatusUnprocessableEntity, "unknown_field", detail).at(locate(body, "/"+key))
}

func keysOf(into any) []string {
	var keys []string
	t := reflect.TypeOf(into).Elem()
	for i := range t.NumField() {
		name, _, _ := strings.Cut(t.Field(i).Tag.Get("json"), ",")
		keys = append(keys, name)
	}
	return keys
}

// nearest finds a key that differs by little: case, a missing letter, a swap.
func nearest(key string, keys []string) string {
	folded := strings.ToLower(strings.NewReplacer("_", "", "-", "").Replace(key))
	for _, k := range keys {
		plain := strings.ReplaceAll(k, "_", "")
		if plain == folded || distance(plain, folded) <= 1+len(plain)/5 {
			return k
		}
	}
	return ""
}

// distance is the number of single-letter edits between two short words.
func distance(a, b string) int {
	row := make([]int, len(b)+1)
	for j := range row {
		row[j] = j
	}
	for i := range len(a) {
		diagonal := row[0]
		row[0] = i + 1
		for j := range len(b) {
			cost := diagonal
			if a[i] != b[j] {
				cost++
			}
			diagonal = row[j+1]
			row[j+1] = min(cost, diagonal+1, row[j]+1)
		}
	}
	return row[len(b)]
}

// keyOffset finds where a key of the top-level object stands, or -1.
func keyOffset(body []byte, key string) int {
	d := json.NewDecoder(bytes.NewReader(body))
	depth, expectKey := 0, false
	for {
		before := int(d.InputOffset())
		token, err := d.Token()
		if err != nil {
			return -1
		}
		switch t := token.(type) {
		case json.Delim:
			if t == '{' || t == '[' {
				depth++
			} else {
				depth--
			}
			expectKey = depth == 1
		case string:
			if depth == 1 && expectKey && t == key {
				return before + bytes.IndexByte(body[before:], '"')
			}
			expectKey = depth == 1 && !expectKey
		default:
			expectKey = depth == 1
		}
	}
}

// position turns an offset into a byte position, line and column from 1.
func position(body []byte, offset int) (byteNumber, line, column int) {
	offset = min(max(offset, 0), len(body))
	before := body[:offset]
	line = 1 + bytes.Count(before, []byte("\n"))
	column = 1 + utf8.RuneCount(before[bytes.LastIndexByte(before, '\n')+1:])
	return offset + 1, line, column
}
