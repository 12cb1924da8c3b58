package config

import (
	"reflect"
	"strconv"
	"strings"
)

// fromText reads the text of an environment variable as the file would hold
// the value: a list is parted by commas.
func fromText(v reflect.Value, text string) any {
	t := v.Type()
	if t.Kind() == reflect.Pointer {
		v = reflect.New(t.Elem()).Elem()
		t = v.Type()
	}
	if t == durationType || textual(v) {
		return text
	}
	if v.Kind() == reflect.Slice {
		var items []any
		for item := range strings.SplitSeq(text, ",") {
			items = append(items, fromText(reflect.New(t.Elem()).Elem(), strings.TrimSpace(item)))
		}
		return items
	}
	if b, err := strconv.ParseBool(text); err == nil && v.Kind() == reflect.Bool {
		return b
	}
	if n, err := strconv.ParseInt(text, 10, 64); err == nil && (v.CanInt() || v.CanUint() || v.CanFloat()) {
		return n
	}
	if n, err := strconv.ParseFloat(text, 64); err == nil && v.CanFloat() {
		return n
	}
	return text
}
