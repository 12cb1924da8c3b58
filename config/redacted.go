package config

import (
	"fmt"
	"reflect"
	"slices"
	"strings"

	"relais/config/effect"
)

// Redacted is the effective configuration as TOML, for a person: secrets are
// hidden and each line says where its value came from. A value that is no
// longer what Load made of it was set by the command line.
func (c Config) Redacted() string {
	var b strings.Builder
	for _, t := range c.tablesInEffect() {
		if len(t.at) > 0 {
			fmt.Fprintf(&b, "\n[%s]\n", header(t.at))
		}
		for _, s := range c.settings(t) {
			fmt.Fprintf(&b, "%s = %s # %s\n", s.Key, s.Value, s.From)
		}
	}
	return b.String()
}

// Settings are the values that are in effect, in the order of Redacted.
func (c Config) Settings() (all []effect.Setting) {
	for _, t := range c.tablesInEffect() {
		all = append(all, c.settings(t)...)
	}
	return all
}

// Prints are the fingerprints of all values, by their keys. seal makes one of a text that
// may hold a secret.
func (c Config) Prints(seal func(string) string) map[string]effect.Print {
	prints := map[string]effect.Print{}
	for _, t := range c.tablesInEffect() {
		for _, f := range t.fields {
			value := literal(f.value)
			if f.group() || value == "" {
				continue
			}
			if f.secret() {
				value = f.value.String()
			}
			name := effect.Name(header(t.at), f.key)
			from := c.from(t.at.To(f.key), f)
			prints[name] = effect.Print{Value: seal("configuration:" + name + "=" + value), Outside: from.Outside()}
		}
	}
	return prints
}

// tableInEffect is a table of the configuration with its keys.
type tableInEffect struct {
	at     path // empty: the top level
	fields []field
}

// tablesInEffect are all tables: the top level, those with fixed names, the rules, then
// what has a name that is the person's to choose.
func (c Config) tablesInEffect() []tableInEffect {
	root := c.fields()
	all := []tableInEffect{{nil, root}}
	for _, f := range root {
		if f.group() && f.value.Kind() == reflect.Struct {
			all = append(all, tableInEffect{path{f.key}, fieldsOf(f.value)})
		}
	}
	for _, f := range root {
		if !f.rules() {
			continue
		}
		for i := range f.value.Len() {
			rule := f.value.Index(i)
			all = append(all, tableInEffect{path{f.key, rule.FieldByName("Name").String()}, fieldsOf(rule)})
		}
	}
	for _, f := range root {
		all = append(all, namedInEffect(nil, f)...)
	}
	for _, conn := range c.Connectors {
		own := fieldsOf(reflect.ValueOf(conn.Section))
		common := slices.DeleteFunc(fieldsOf(reflect.ValueOf(&conn)), func(f field) bool {
			return slices.ContainsFunc(own, func(o field) bool { return o.key == f.key })
		})
		all = append(all, tableInEffect{path{"connector", conn.Name}, append(common, own...)})
	}
	return all
}

// namedInEffect are the sections of a named table, in the order of their names, each with
// those inside it.
func namedInEffect(at path, f field) (all []tableInEffect) {
	if !f.named() {
		return nil
	}
	for _, name := range f.names() {
		fields, here := fieldsOf(f.section(name)), at.To(f.key).To(name)
		all = append(all, tableInEffect{here, fields})
		for _, inner := range fields {
			all = append(all, namedInEffect(here, inner)...)
		}
	}
	return all
}

// settings are the values of a table, without those that are unset.
func (c Config) settings(t tableInEffect) (all []effect.Setting) {
	for _, f := range t.fields {
		value := literal(f.value)
		if f.group() || value == "" {
			continue
		}
		all = append(all, effect.Setting{
			Table: header(t.at), Key: f.key, Value: value, Doc: f.doc, French: InFrench(f.doc),
			From: c.from(t.at.To(f.key), f),
		})
	}
	return all
}

func (c Config) from(at path, f field) effect.Origin {
	known, ok := c.origins[at.ID()]
	switch {
	case ok && known.text == literal(f.value):
		return known.from
	case !ok && c.isDefault(at, f):
		return effect.Origin{Kind: effect.Default}
	default:
		return effect.Origin{Kind: effect.CommandLine}
	}
}

// isDefault compares with a fresh configuration. Only the top level and its
// fixed tables have flags; elsewhere a value without origin is a default.
func (c Config) isDefault(at path, f field) bool {
	fresh := defaults(Parts{Doors: c.tables})
	fields := fresh.fields()
	for i, key := range at {
		found := slices.IndexFunc(fields, func(o field) bool { return o.key == key })
		switch {
		case found < 0:
			return true
		case i == len(at)-1:
			return literal(fields[found].value) == literal(f.value)
		case !fields[found].group() || fields[found].value.Kind() != reflect.Struct:
			return true
		}
		fields = fieldsOf(fields[found].value)
	}
	return true
}

func bareOrQuoted(key string) string {
	bare := func(r rune) bool {
		return r == '-' || r == '_' || r >= '0' && r <= '9' || r >= 'a' && r <= 'z' || r >= 'A' && r <= 'Z'
	}
	if key != "" && strings.IndexFunc(key, func(r rune) bool { return !bare(r) }) < 0 {
		return key
	}
	return quote(key)
}
