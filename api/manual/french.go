package manual

import (
	_ "embed" // the sentences
	"maps"
	"regexp"
	"slices"
	"sync"

	"github.com/pelletier/go-toml/v2"

	"relais/reason"
)

//go:embed french.toml
var frenchFile []byte

// French is the only language beside English that the sentences of the description have.
const french reason.Language = "fr"

// inFrench are the sentences of the description by their English, so that one which is
// changed loses its French, and a test says so.
var inFrench = sync.OnceValue(func() map[string]string {
	var all map[string]string
	if err := toml.Unmarshal(frenchFile, &all); err != nil {
		panic(err) // a test reads it
	}
	for sentence, said := range all {
		all[sentence] = frenchMark.ReplaceAllString(said, "\u00a0$1")
	}
	return all
})

// frenchMark is what French parts from the word before it by a space without a break.
var frenchMark = regexp.MustCompile(` ([:;?!»])`)

// translated is a sentence of the description in a language; foreign: it has none.
func translated(sentence string, l reason.Language) (said string, foreign bool) {
	if l == reason.English || sentence == "" {
		return sentence, false
	}
	if said := inFrench()[sentence]; l == french && said != "" {
		return said, false
	}
	return sentence, true
}

// In is a sentence of the description in a language; itself where there is none.
func In(sentence string, l reason.Language) string {
	said, _ := translated(sentence, l)
	return said
}

// Sentences are those that have a French one, in English.
func Sentences() []string { return slices.Sorted(maps.Keys(inFrench())) }
