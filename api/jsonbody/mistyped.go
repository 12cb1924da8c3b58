package jsonbody

import (
	"bytes"
	"encoding/json"
	"maps"
	"reflect"
	"strconv"
	"strings"

	"relais/plaintext"
	"relais/reason"
)

// mistyped is a value of the wrong JSON type.
type mistyped struct {
	at        string        // JSON pointer
	want, got reason.Reason // with their articles
}

func (m *mistyped) reason() reason.Reason {
	return reason.Of(codeWrongType, reason.Args{"field": reason.Name(m.at), "wanted": m.want, "given": m.got})
}

// findMistyped looks for the first value of a body that does not fit a type, nil when
// all do. The error of encoding/json names Go types, and of a list only the list.
func findMistyped(raw json.RawMessage, t reflect.Type, at string) *mistyped {
	for t.Kind() == reflect.Pointer {
		t = t.Elem()
	}
	if string(raw) == "null" { // as if it were absent
		return nil
	}
	if json.Unmarshal(raw, reflect.New(t).Interface()) == nil {
		return nil
	}
	switch t.Kind() {
	case reflect.Struct:
		return mistypedField(raw, t, at)
	case reflect.Slice:
		var items []json.RawMessage
		if json.Unmarshal(raw, &items) == nil {
			for i, item := range items {
				if m := findMistyped(item, t.Elem(), at+"/"+strconv.Itoa(i)); m != nil {
					return m
				}
			}
		}
	case reflect.Map:
		var members map[string]json.RawMessage
		if json.Unmarshal(raw, &members) == nil {
			for _, key := range keysIn(raw) {
				if m := findMistyped(members[key], t.Elem(), at+Pointer(key)); m != nil {
					return m
				}
			}
		}
	default:
	}
	return &mistyped{at, wanted(t), plaintext.Given(raw)}
}

func mistypedField(raw json.RawMessage, t reflect.Type, at string) *mistyped {
	var members map[string]json.RawMessage
	if json.Unmarshal(raw, &members) != nil {
		return &mistyped{at, wanted(t), plaintext.Given(raw)}
	}
	types := typesOf(t)
	for _, key := range keysIn(raw) {
		field, known := types[key]
		if !known {
			continue
		}
		if m := findMistyped(members[key], field, at+Pointer(key)); m != nil {
			return m
		}
	}
	return nil
}

// typesOf are the types of a struct's fields, by their JSON names.
func typesOf(t reflect.Type) map[string]reflect.Type {
	types := map[string]reflect.Type{}
	for f := range t.Fields() {
		if f.Anonymous {
			maps.Copy(types, typesOf(f.Type))
			continue
		}
		name, _, _ := strings.Cut(f.Tag.Get("json"), ",")
		types[name] = f.Type
	}
	return types
}

// keysIn lists the keys of an object in their order.
func keysIn(raw json.RawMessage) (keys []string) {
	d := json.NewDecoder(bytes.NewReader(raw))
	if _, err := d.Token(); err != nil {
		return nil
	}
	var skipped json.RawMessage
	for d.More() {
		token, err := d.Token()
		key, ok := token.(string)
		if err != nil || !ok || d.Decode(&skipped) != nil {
			return keys
		}
		keys = append(keys, key)
	}
	return keys
}

func wanted(t reflect.Type) reason.Reason { return reason.Of(wantedCode(t), nil) }

func wantedCode(t reflect.Type) reason.Code {
	switch t.Kind() {
	case reflect.String:
		return wordString
	case reflect.Bool:
		return wordBoolean
	case reflect.Int, reflect.Int8, reflect.Int16, reflect.Int32, reflect.Int64,
		reflect.Uint, reflect.Uint8, reflect.Uint16, reflect.Uint32, reflect.Uint64:
		return wordInteger
	case reflect.Float32, reflect.Float64:
		return wordNumber
	case reflect.Slice, reflect.Array:
		return wordList
	default:
		return wordObject
	}
}
