package api_test

import (
	"encoding/json"
	"fmt"
	"maps"
	"regexp"
	"slices"
	"strings"
	"time"
	"unicode/utf8"
)

// document is an OpenAPI document as plain JSON.
type document map[string]any

// at walks down by keys; nil when one is missing.
func at(v any, keys ...string) any {
	for _, key := range keys {
		object, ok := v.(map[string]any)
		if !ok {
			return nil
		}
		v = object[key]
	}
	return v
}

func object(v any, keys ...string) map[string]any {
	found, _ := at(v, keys...).(map[string]any)
	return found
}

// resolve follows a $ref, which must point into the document.
func (d document) resolve(ref string) any {
	path, ok := strings.CutPrefix(ref, "#/")
	if !ok {
		return nil
	}
	return at(map[string]any(d), strings.Split(path, "/")...)
}

// check tells how a value breaks a schema. It knows the keywords that our
// document uses, and complains of any other.
func (d document) check(schema map[string]any, value any, where string) []string {
	var wrong []string
	fail := func(format string, args ...any) {
		wrong = append(wrong, where+": "+fmt.Sprintf(format, args...))
	}
	for _, keyword := range slices.Sorted(maps.Keys(schema)) {
		want := schema[keyword]
		switch keyword {
		case "$ref":
			target, ok := d.resolve(want.(string)).(map[string]any)
			if !ok {
				fail("$ref %v leads nowhere", want)
				continue
			}
			wrong = append(wrong, d.check(target, value, where)...)
		case "oneOf":
			if n := d.fitting(want.([]any), value); n != 1 {
				fail("%d schemas of oneOf fit, want 1", n)
			}
		case "type":
			if !hasType(value, want) {
				fail("%v has not the type %v", value, want)
			}
		case "enum":
			if !slices.Contains(want.([]any), value) {
				fail("%v is none of %v", value, want)
			}
		case "format":
			if !hasFormat(value, want.(string)) {
				fail("%v is no %v", value, want)
			}
		case "required":
			for _, name := range want.([]any) {
				if _, ok := object(value)[name.(string)]; !ok {
					fail("%v is missing", name)
				}
			}
		case "properties", "additionalProperties":
			wrong = append(wrong, d.checkMember(schema, keyword, value, where)...)
		case "items":
			list, _ := value.([]any)
			for i, element := range list {
				wrong = append(wrong, d.check(want.(map[string]any), element, fmt.Sprint(where, "/", i))...)
			}
		case "minimum", "minItems", "maximum", "maxItems", "maxLength":
			if size := sizeOf(value); size >= 0 &&
				(size < want.(float64)) == strings.HasPrefix(keyword, "min") && size != want.(float64) {
				fail("%v breaks %s %v", size, keyword, want)
			}
		case "description", "example", "examples", "default":
		default:
			fail("schema keyword %s is not known to this test", keyword)
		}
	}
	return wrong
}

func (d document) fitting(schemas []any, value any) int {
	n := 0
	for _, s := range schemas {
		if len(d.check(s.(map[string]any), value, "")) == 0 {
			n++
		}
	}
	return n
}

func (d document) checkMember(schema map[string]any, keyword string, value any, where string) []string {
	var wrong []string
	members, properties := object(value), object(schema, "properties")
	for _, name := range slices.Sorted(maps.Keys(members)) {
		s, declared := properties[name]
		if keyword == "additionalProperties" {
			if declared {
				continue
			}
			s = schema[keyword]
		}
		if s == false {
			wrong = append(wrong, where+"/"+name+": is not in the schema")
		}
		if s, ok := s.(map[string]any); ok {
			wrong = append(wrong, d.check(s, members[name], where+"/"+name)...)
		}
	}
	return wrong
}

func hasType(value, want any) bool {
	if list, ok := want.([]any); ok {
		return slices.ContainsFunc(list, func(one any) bool { return hasType(value, one) })
	}
	switch v := value.(type) {
	case nil:
		return want == "null"
	case bool:
		return want == "boolean"
	case string:
		return want == "string"
	case float64:
		return want == "number" || want == "integer" && v == float64(int64(v))
	case []any:
		return want == "array"
	case map[string]any:
		return want == "object"
	}
	return false
}

var uuid = regexp.MustCompile(`^[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}$`)

func hasFormat(value any, format string) bool {
	text, ok := value.(string)
	switch format {
	case "date-time":
		_, err := time.Parse(time.RFC3339, text)
		return ok && err == nil
	case "uuid":
		return uuid.MatchString(text)
	case "int64", "double":
		return !ok
	}
	return false
}

func sizeOf(value any) float64 {
	switch v := value.(type) {
	case float64:
		return v
	case string:
		return float64(utf8.RuneCountInString(v))
	case []any:
		return float64(len(v))
	}
	return -1
}

// parse reads JSON as plain values.
func parse(text []byte) any {
	var v any
	if err := json.Unmarshal(text, &v); err != nil {
		panic(err)
	}
	return v
}
