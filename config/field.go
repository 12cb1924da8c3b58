package config

import (
	"encoding"
	"reflect"
	"slices"
	"strings"
	"time"

	"relais/config/section"
	"relais/connector"
	"relais/reason"
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

// named reports whether the key is a table of sections, each with a name that is
// the person's to choose and whose order does not count.
func (f field) named() bool {
	t := f.value.Type()
	return f.brought != nil || t.Kind() == reflect.Map && t.Elem().Kind() == reflect.Struct
}

// defaulter is a section of a named table that has defaults beside the zero values.
type defaulter interface{ setDefaults() }

// fresh is a pointer to a section of a named table as it is without a line in the
// file.
func (f field) fresh() reflect.Value {
	if f.brought != nil {
		return reflect.ValueOf(f.brought.New())
	}
	s := reflect.New(f.value.Type().Elem())
	if d, ok := reflect.TypeAssert[defaulter](s); ok {
		d.setDefaults()
	}
	return s
}

// keep puts a section that fresh made into its table.
func (f field) keep(name string, s reflect.Value) {
	if f.brought == nil {
		s = s.Elem()
	}
	f.value.SetMapIndex(reflect.ValueOf(name), s)
}

// names are those of the sections, in order.
func (f field) names() []string {
	var names []string
	for _, name := range f.value.MapKeys() {
		names = append(names, name.String())
	}
	slices.Sort(names)
	return names
}

// section is a pointer to one, for reading.
func (f field) section(name string) reflect.Value {
	s := f.value.MapIndex(reflect.ValueOf(name))
	if f.brought != nil {
		return s.Elem()
	}
	pointer := reflect.New(s.Type())
	pointer.Elem().Set(s)
	return pointer
}

// hasSecret reports whether a section holds one: then the environment may give it.
func hasSecret(s reflect.Value) bool {
	return slices.ContainsFunc(fieldsOf(s), field.secret)
}

// fields are the keys of the top level, the tables that doors bring among them.
func (c *Config) fields() []field {
	var all []field
	for _, f := range fieldsOf(reflect.ValueOf(c)) {
		if f.value.Type() == connectorsType {
			all = append(all, c.doorTables()...)
		}
		all = append(all, f)
	}
	return all
}

func (c *Config) doorTables() (all []field) {
	if c.Doors == nil {
		c.Doors = map[string]map[string]any{}
	}
	for i := range c.tables {
		t := &c.tables[i]
		if c.Doors[t.Key] == nil {
			c.Doors[t.Key] = map[string]any{}
		}
		all = append(all, field{key: t.Key, doc: t.Doc, value: reflect.ValueOf(c.Doors[t.Key]), brought: t})
	}
	return all
}

// checkDoors has the doors judge what they brought.
func (c Config) checkDoors() (found []section.Finding) {
	for _, t := range c.tables {
		if t.Check == nil {
			continue
		}
		for _, f := range t.Check(c.Doors[t.Key], c) {
			found = append(found, section.Finding{At: append(section.Path{t.Key}, f.At...), Wrong: f.Wrong})
		}
	}
	return found
}

// lacking says why a table that a door brings has no such key; "" when nothing is
// known of it.
func (c *Config) lacking(at path, key string) reason.Code {
	i := slices.IndexFunc(c.tables, func(t section.Table) bool { return len(at) > 0 && t.Key == at[0] })
	if i < 0 {
		return ""
	}
	return c.tables[i].Lacks[key]
}

// header is the name of a table as TOML writes it.
func header(at path) string {
	keys := make([]string, len(at))
	for i, key := range at {
		keys[i] = bareOrQuoted(key)
	}
	return strings.Join(keys, ".")
}
