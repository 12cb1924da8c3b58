package config

import (
	"fmt"
	"reflect"
	"strings"

	"relais/connector"
)

const exampleHead = `Configuration of Relais. Every line may be left out: what stands behind # is the default, or an example where a sentence says so. To set a key, take away the # directly before it, and before the [table] that it stands in. An unknown key is an error.

Each key may also be given by the environment variable that is named with it, which wins over this file. A secret may be given as key_file instead: the path of a file that holds it, relative to the directory of this one.`

// Example is a commented file with every option of the gateway and of the
// given parts. Explanations stand behind "# "; an option stands behind "#"
// alone, and the file still loads when all of these are taken away.
func Example(parts Parts) string {
	var b strings.Builder
	explain(&b, exampleHead)
	cfg, providers := defaults(parts), parts.Connectors
	root := cfg.fields()
	exampleKeys(&b, "RELAIS_", root)
	for _, f := range root {
		switch {
		case f.named():
			exampleNamed(&b, f, f.key+".town-hall", providers)
		case f.rules():
			rule := reflect.New(f.value.Type().Elem())
			exampleHeader(&b, f.doc, f.key+".example")
			exampleKeys(&b, "", named(fieldsOf(rule), providers))
		case f.value.Type() == connectorsType:
			b.WriteString("\n")
			explain(&b, f.doc)
			for _, p := range providers {
				exampleConnector(&b, p)
			}
		case f.group():
			exampleHeader(&b, f.doc, f.key)
			exampleKeys(&b, "RELAIS_"+variable(f.key)+"_", fieldsOf(f.value))
		}
	}
	return b.String()
}

// named gives the connectors of a rule the names that this example has.
func named(fields []field, providers []connector.Provider) []field {
	var names []string
	for _, p := range providers {
		names = append(names, p.Name)
	}
	for i := range fields {
		switch fields[i].key {
		case "connectors":
			fields[i].example = strings.Join(names, ",")
		case "connector":
			fields[i].example = names[0]
		}
	}
	return fields
}

func exampleHeader(b *strings.Builder, doc, table string) {
	b.WriteString("\n")
	explain(b, doc)
	fmt.Fprintf(b, "#[%s]\n", table)
}

// exampleNamed shows a section of a named table, and those inside it.
func exampleNamed(b *strings.Builder, f field, table string, providers []connector.Provider) {
	fresh := f.fresh()
	environment := ""
	if hasSecret(fresh) {
		environment = "RELAIS_" + variable(table) + "_"
	}
	fields := named(fieldsOf(fresh), providers)
	exampleHeader(b, f.doc, table)
	exampleKeys(b, environment, fields)
	for _, inner := range fields {
		if inner.named() {
			exampleNamed(b, inner, table+"."+inner.key+".forms", providers)
		}
	}
}

// exampleConnector shows the keys of one provider, then the common ones that
// it does not declare itself.
func exampleConnector(b *strings.Builder, p connector.Provider) {
	exampleHeader(b, p.Title, "connector."+p.Name)
	fmt.Fprintf(b, "#provider = %s\n", quote(p.Name))
	var own []field
	if p.NewConfig != nil {
		own = fieldsOf(reflect.ValueOf(p.NewConfig()))
	}
	shown := map[string]bool{"provider": true}
	for _, f := range own {
		shown[f.key] = true
	}
	common := Connector{}
	for _, f := range fieldsOf(reflect.ValueOf(&common)) {
		if !shown[f.key] {
			own = append(own, f)
		}
	}
	exampleKeys(b, "RELAIS_CONNECTOR_"+variable(p.Name)+"_", own)
}

// exampleKeys shows the fields that are no tables. Without a prefix they have
// no environment variable.
func exampleKeys(b *strings.Builder, prefix string, fields []field) {
	for _, f := range fields {
		if f.group() {
			continue
		}
		b.WriteString("\n")
		doc, value := f.doc, literal(f.value)
		if f.example != "" {
			value = exampleValue(f)
			if fallback := literal(f.value); fallback != "" && !f.secret() {
				doc += " Default: " + fallback + "; the line below is an example."
			} else {
				doc += " The line below is an example."
			}
		} else if f.secret() {
			value = quote("change-me")
		}
		if prefix != "" && f.value.Kind() != reflect.Map {
			doc += " Environment: " + prefix + variable(f.key) + "."
		}
		explain(b, strings.TrimSpace(doc))
		fmt.Fprintf(b, "#%s = %s\n", f.key, value)
	}
}

// exampleValue writes the example tag in the type of its field.
func exampleValue(f field) string {
	switch {
	case f.secret():
		return quote(f.example)
	case f.value.Kind() == reflect.Map:
		return f.example // written as the file has it
	}
	v := reflect.New(f.value.Type()).Elem()
	if wrong := set(v, fromText(v, f.example)); !wrong.IsZero() {
		return quote(f.example)
	}
	return literal(v)
}

// explain writes text as comments of at most 78 columns. Line breaks stay.
func explain(b *strings.Builder, text string) {
	for paragraph := range strings.SplitSeq(text, "\n") {
		line := "#"
		for word := range strings.FieldsSeq(paragraph) {
			if len(line)+1+len(word) > 78 && line != "#" {
				b.WriteString(line + "\n")
				line = "#"
			}
			line += " " + word
		}
		b.WriteString(line + "\n")
	}
}
