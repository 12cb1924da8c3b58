package config

import (
	_ "embed" // the explanations
	"maps"
	"reflect"
	"regexp"
	"slices"
	"sync"

	"github.com/pelletier/go-toml/v2"

	"relais/connector"
)

//go:embed french.toml
var frenchFile []byte

// inFrench are the explanations of keys by their English, so that one which is changed
// loses its French, and a test says so.
var inFrench = sync.OnceValue(func() map[string]string {
	var all map[string]string
	if err := toml.Unmarshal(frenchFile, &all); err != nil {
		panic(err) // a test reads it
	}
	for english, french := range all {
		all[english] = frenchMark.ReplaceAllString(french, "\u00a0$1")
	}
	return all
})

// frenchMark is what French parts from the word before it by a space without a break.
var frenchMark = regexp.MustCompile(` ([:;?!»])`)

// InFrench is the explanation of a key in French; empty where there is none.
func InFrench(english string) string { return inFrench()[english] }

// Translated are the explanations that have a French one, in English.
func Translated() []string { return slices.Sorted(maps.Keys(inFrench())) }

// Explanations are those of every key of the gateway and of the given parts, in English.
func Explanations(parts Parts) []string {
	cfg := defaults(parts)
	all := map[string]bool{}
	explanations(all, cfg.fields(), parts.Connectors)
	delete(all, "")
	return slices.Sorted(maps.Keys(all))
}

func explanations(all map[string]bool, fields []field, providers []connector.Provider) {
	for _, f := range fields {
		switch {
		case f.named():
			explanations(all, fieldsOf(f.fresh()), providers)
		case f.rules():
			explanations(all, fieldsOf(reflect.New(f.value.Type().Elem())), providers)
		case f.value.Type() == connectorsType:
			explanations(all, fieldsOf(reflect.ValueOf(&Connector{})), nil)
			for _, p := range providers {
				if p.NewConfig != nil {
					explanations(all, fieldsOf(reflect.ValueOf(p.NewConfig())), nil)
				}
			}
		case f.group():
			explanations(all, fieldsOf(f.value), providers)
		default:
			all[f.doc] = true
		}
	}
}
