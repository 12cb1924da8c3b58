package config

import (
	"encoding"
	"reflect"
	"strings"
	"time"

	"relais/config/section"
	"relais/connector"
)

var (
	durationType   = reflect.TypeFor[time.Duration]()
	secretType     = reflect.TypeFor[connector.Secret]()
	connectorsType = reflect.TypeFor[[]Connector]()
	routesType     = reflect.TypeFor[[]Route]()
	repliesType    = reflect.TypeFor[[]Reply]()
	quotasType     = reflect.TypeFor[[]Quota]()
)

// field is a key that a struct takes.
type field struct {
	key, doc, example string
	value             reflect.Value
	brought           *section.Table // by a door; nil: the configuration's own
}

// fieldsOf lists the keys of the struct that v is or points to, in order. A
// field without a toml tag is no key.
func fieldsOf(v reflect.Value) []field {
	for v.Kind() == reflect.Pointer || v.Kind() == reflect.Interface {
		v = v.Elem()
	}
	if v.Kind() != reflect.Struct {
		return nil
	}
	var fields []field
	for i := range v.NumField() {
		tag := v.Type().Field(i).Tag
		key, _, _ := strings.Cut(tag.Get("toml"), ",")
		if key == "" || key == "-" || !v.Field(i).CanSet() {
			continue
		}
		fields = append(fields, field{
			key: key, doc: tag.Get("doc"), example: tag.Get("example"),
			value: v.Field(i),
		})
	}
	return fields
}

func (f field) secret() bool { return f.value.Type() == secretType }

// group reports whether the key is a table of further keys.
func (f field) group() bool {
	t := f.value.Type()
	return f.named() || t == connectorsType || f.rules() ||
		f.value.Kind() == reflect.Struct && !textual(f.value)
}

// rules reports whether the key is a list of rules, each a table with a name,
// whose order counts.
func (f field) rules() bool {
	t := f.value.Type()
	return t == routesType || t == repliesType || t == quotasType
}

// textual reports whether v reads itself from text.
func textual(v reflect.Value) bool {
	_, ok := reflect.TypeAssert[encoding.TextUnmarshaler](v.Addr())
	return ok
}
