package wish

import (
	"bytes"
	_ "embed"
	"fmt"
	"regexp"
	"slices"
	"strings"
	"sync"

	"github.com/pelletier/go-toml/v2"
)

//go:embed words.toml
var wordsFile []byte

// kind says how much a keyword tells.
type kind string

const (
	plain kind = "plain" // a STOP at the beginning, whatever stands behind
	clear kind = "clear" // has no other sense
	act   kind = "act"   // has another sense in a sentence
	start kind = "start" // advertising again
)

type keyword struct {
	kind      kind
	countries []string // where it is one alone; none: everywhere
}

type set map[string]bool

// dictionary is words.toml, ready to be asked.
type dictionary struct {
	keywords map[string]keyword

	lead, filler, subject, before, choice, place, thing, complaint set

	apart, stopPhrases, unsurePhrases, signatureExp []*regexp.Regexp
}

// dictionaryFile is words.toml as it is written.
type dictionaryFile struct {
	Keyword []struct {
		Kind      kind     `toml:"kind"`
		Words     []string `toml:"words"`
		Countries []string `toml:"countries"`
		Source    string   `toml:"source"`
	} `toml:"keyword"`
	Around struct {
		Lead    string `toml:"lead"`
		Filler  string `toml:"filler"`
		Subject string `toml:"subject"`
	} `toml:"around"`
	Apart struct {
		Behind []string `toml:"behind"`
		Before string   `toml:"before"`
		Choice string   `toml:"choice"`
		Place  string   `toml:"place"`

		Thing     string `toml:"thing"`
		Complaint string `toml:"complaint"`
	} `toml:"apart"`
	Phrases struct {
		Stop   []string `toml:"stop"`
		Unsure []string `toml:"unsure"`
	} `toml:"phrases"`
	Signatures struct {
		Lines []string `toml:"lines"`
	} `toml:"signatures"`
}

// words is the dictionary in the program; a test reads it whole.
var words = sync.OnceValue(func() *dictionary {
	d, err := parse(wordsFile)
	if err != nil {
		panic(err)
	}
	return d
})

func parse(data []byte) (*dictionary, error) {
	var f dictionaryFile
	if err := toml.NewDecoder(bytes.NewReader(data)).DisallowUnknownFields().Decode(&f); err != nil {
		return nil, fmt.Errorf("words.toml: %w", err)
	}
	d := &dictionary{
		keywords: map[string]keyword{},
		lead:     setOf(f.Around.Lead), filler: setOf(f.Around.Filler), subject: setOf(f.Around.Subject),
		before: setOf(f.Apart.Before), choice: setOf(f.Apart.Choice), place: setOf(f.Apart.Place),
		thing: setOf(f.Apart.Thing), complaint: setOf(f.Apart.Complaint),
	}
	for _, list := range f.Keyword {
		if list.Source == "" {
			return nil, fmt.Errorf("words.toml: %v have no source", list.Words)
		}
		for _, w := range list.Words {
			d.add(w, keyword{list.Kind, list.Countries})
		}
	}
	for _, compiled := range []struct {
		from   []string
		prefix string
		to     *[]*regexp.Regexp
	}{
		{f.Apart.Behind, "", &d.apart},
		{f.Phrases.Stop, "", &d.stopPhrases},
		{f.Phrases.Unsure, "", &d.unsurePhrases},
		{f.Signatures.Lines, `(?i)(?:^|[\s.,;!*_-])`, &d.signatureExp},
	} {
		for _, expression := range compiled.from {
			e, err := regexp.Compile(compiled.prefix + expression)
			if err != nil {
				return nil, fmt.Errorf("words.toml: %w", err)
			}
			*compiled.to = append(*compiled.to, e)
		}
	}
	return d, nil
}

// add joins the countries of a word that several languages have.
func (d *dictionary) add(word string, k keyword) {
	if known, twice := d.keywords[word]; twice && len(known.countries) > 0 && len(k.countries) > 0 {
		k.countries = slices.Concat(known.countries, k.countries)
	}
	d.keywords[word] = k
}

func setOf(list string) set {
	s := set{}
	for w := range strings.FieldsSeq(list) {
		s[w] = true
	}
	return s
}

func matches(list []*regexp.Regexp, text string) bool {
	return slices.ContainsFunc(list, func(e *regexp.Regexp) bool { return e.MatchString(text) })
}
