package config

import (
	"encoding"
	"encoding/json"
	"fmt"
	"reflect"
	"slices"
	"strconv"
	"strings"
	"time"

	"relais/connector"
	"relais/reason"
)

// literal writes v as TOML, a secret hidden. It returns "" for what is unset.
func literal(v reflect.Value) string {
	switch value := v.Interface().(type) {
	case connector.Secret:
		return quote(value.String())
	case time.Duration:
		return quote(reason.Duration(value).String())
	}
	switch {
	case v.Kind() == reflect.Pointer:
		if v.IsNil() {
			return ""
		}
		return literal(v.Elem())
	case v.Kind() == reflect.Slice:
		items := make([]string, v.Len())
		for i := range items {
			items[i] = literal(v.Index(i))
		}
		return "[" + strings.Join(items, ", ") + "]"
	case v.Kind() == reflect.Map:
		var entries []string
		for it := v.MapRange(); it.Next(); {
			entries = append(entries, quote(it.Key().String())+" = "+literal(it.Value()))
		}
		slices.Sort(entries)
		return "{" + strings.Join(entries, ", ") + "}"
	case v.CanFloat():
		return strconv.FormatFloat(v.Float(), 'f', -1, 64)
	case v.CanInt(), v.CanUint(), v.Kind() == reflect.Bool:
		return fmt.Sprint(v.Interface())
	}
	if m, ok := reflect.TypeAssert[encoding.TextMarshaler](v); ok {
		text, err := m.MarshalText()
		if err != nil { // the value is shown to people, not read again
			return quote(fmt.Sprintf("cannot be written: %v", err))
		}
		return quote(string(text))
	}
	return quote(v.String())
}

// quote writes a TOML basic string: a JSON string, save that TOML wants DEL
// escaped too.
func quote(s string) string {
	var b strings.Builder
	encoder := json.NewEncoder(&b)
	encoder.SetEscapeHTML(false)
	if err := encoder.Encode(s); err != nil {
		panic(err) // a string always encodes
	}
	return strings.ReplaceAll(strings.TrimSuffix(b.String(), "\n"), "\x7f", `\u007f`)
}
