package config

import (
	"fmt"
	"reflect"
	"slices"
	"strings"
)

// Redacted is the effective configuration as TOML, for a person: secrets are
// hidden and each line says where its value came from. A value that is no
// longer what Load made of it was set by the command line.
func (c Config) Redacted() string {
	var b strings.Builder
	root := c.fields()
	c.effective(&b, nil, root)
	for _, f := range root {
		if f.group() && f.value.Kind() == reflect.Struct {
			fmt.Fprintf(&b, "\n[%s]\n", f.key)
			c.effective(&b, path{f.key}, fieldsOf(f.value))
		}
	}
	for _, f := range root {
		if !f.rules() {
			continue
		}
		for i := range f.value.Len() {
			rule := f.value.Index(i)
			name := rule.FieldByName("Name").String()
			fmt.Fprintf(&b, "\n[%s.%s]\n", f.key, bareOrQuoted(name))
			c.effective(&b, path{f.key, name}, fieldsOf(rule))
		}
	}
	for _, f := range root {
		c.effectiveNamed(&b, nil, f)
	}
	for _, conn := range c.Connectors {
		at := path{"connector", conn.Name}
		fmt.Fprintf(&b, "\n[connector.%s]\n", conn.Name)
		own := fieldsOf(reflect.ValueOf(conn.Section))
		common := slices.DeleteFunc(fieldsOf(reflect.ValueOf(&conn)), func(f field) bool {
			return slices.ContainsFunc(own, func(o field) bool { return o.key == f.key })
		})
		c.effective(&b, at, append(common, own...))
	}
	return b.String()
}

// effectiveNamed writes the sections of a named table, in the order of their
// names, each with those inside it.
func (c Config) effectiveNamed(b *strings.Builder, at path, f field) {
	if !f.named() {
		return
	}
	for _, name := range f.names() {
		fields, here := fieldsOf(f.section(name)), at.To(f.key).To(name)
		fmt.Fprintf(b, "\n[%s]\n", header(here))
		c.effective(b, here, fields)
		for _, inner := range fields {
			c.effectiveNamed(b, here, inner)
		}
	}
}

func (c Config) effective(b *strings.Builder, at path, fields []field) {
	for _, f := range fields {
		value := literal(f.value)
		if f.group() || value == "" {
			continue
		}
		from := c.from(at.To(f.key), f)
		fmt.Fprintf(b, "%s = %s # %s\n", f.key, value, from)
	}
}

func (c Config) from(at path, f field) string {
	known, ok := c.origins[at.ID()]
	switch {
	case ok && known.text == literal(f.value):
		return known.from
	case !ok && c.isDefault(at, f):
		return "default"
	default:
		return "command line"
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
