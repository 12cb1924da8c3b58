package reason

import (
	"bytes"
	"embed"
	"io/fs"
	"path"
	"slices"
	"strings"
	"sync"
	"text/template"
	"unicode"
	"unicode/utf8"

	"github.com/nicksnyder/go-i18n/v2/i18n"
	i18ntemplate "github.com/nicksnyder/go-i18n/v2/i18n/template"
	"github.com/pelletier/go-toml/v2"
	"golang.org/x/text/language"
)

// Language is that of sentences for people, as BCP 47 writes it: "en". Those that
// there are have a file in catalog/; any other is spoken as English.
type Language string

// English is spoken where nobody asked for another language, and where a catalogue
// lacks a sentence.
const English Language = "en"

//go:embed catalog/*.toml
var catalogs embed.FS

// shelf holds the catalogues by language.
type shelf struct {
	bundle    *i18n.Bundle
	languages []Language // English first
	matcher   language.Matcher
	speakers  map[Language]*i18n.Localizer
	codes     []Code // of the English sentences, in order
}

// shipped are the catalogues of the program. They are read when the first sentence is
// said: the templates in them are parsed one by one, when they are used.
var shipped = sync.OnceValue(func() *shelf {
	s, err := read(catalogs)
	if err != nil {
		panic(err) // a test reads them
	}
	return s
})

// read reads a file of messages for each language.
func read(files fs.FS) (*shelf, error) {
	s := &shelf{bundle: i18n.NewBundle(language.English), languages: []Language{English}, speakers: map[Language]*i18n.Localizer{}}
	s.bundle.RegisterUnmarshalFunc("toml", toml.Unmarshal)
	names, err := fs.Glob(files, "catalog/*.toml")
	if err != nil {
		return nil, err
	}
	tags := []language.Tag{language.English}
	for _, name := range names {
		text, err := fs.ReadFile(files, name)
		if err != nil {
			return nil, err
		}
		l := Language(strings.TrimSuffix(path.Base(name), ".toml"))
		file, err := s.bundle.ParseMessageFileBytes(typeset(l, text), name)
		if err != nil {
			return nil, err
		}
		if l == English {
			s.codes = codesOf(file.Messages)
		}
		s.speakers[l] = i18n.NewLocalizer(s.bundle, string(l))
		if l != English {
			s.languages = append(s.languages, l)
			tags = append(tags, language.Make(string(l)))
		}
	}
	s.matcher = language.NewMatcher(tags)
	return s, nil
}

func codesOf(messages []*i18n.Message) []Code {
	codes := make([]Code, len(messages))
	for i, m := range messages {
		codes[i] = Code(m.ID)
	}
	slices.Sort(codes)
	return codes
}

// Codes returns the code of every sentence, in order.
func Codes() []Code { return slices.Clone(shipped().codes) }

// Languages returns those that there are, English first.
func Languages() []Language { return shipped().languages }

// Match returns the language that a caller prefers, by its Accept-Language (RFC 9110,
// 12.5.4). What cannot be read is no preference, which is English.
func Match(accept string) Language {
	tags, _, err := language.ParseAcceptLanguage(accept)
	if err != nil || len(tags) == 0 {
		return English
	}
	_, index, confidence := shipped().matcher.Match(tags...)
	if confidence == language.No {
		return English
	}
	return shipped().languages[index]
}

// FromLocale returns the language of a POSIX locale such as "fr_FR.UTF-8".
func FromLocale(locale string) Language {
	name, _, _ := strings.Cut(locale, ".")
	name, _, _ = strings.Cut(name, "@")
	return Match(strings.ReplaceAll(name, "_", "-"))
}

// voice is a language, spoken from a shelf of catalogues.
type voice struct {
	*shelf
	language Language
}

// In puts the reason into words: its sentence and those behind it. Arguments are
// written as the language writes them. A code without a sentence is shown as it is.
func (r Reason) In(l Language) string { return r.in(voice{shipped(), l}) }

func (r Reason) in(v voice) string {
	first := v.sentence(r)
	if len(r.Then) == 0 {
		return first
	}
	parts := make([]string, 0, len(r.Then)+1)
	if first != "" {
		parts = append(parts, first)
	}
	for _, t := range r.Then {
		parts = append(parts, t.in(v))
	}
	return strings.Join(parts, " ")
}

func (v voice) sentence(r Reason) string {
	if len(r.Written) > 0 {
		if written, ok := r.Written[v.language]; ok {
			return written
		}
		return r.Written[English]
	}
	if r.Code == "" {
		return ""
	}
	said, err := v.localize(r)
	switch {
	case err == nil:
		return said
	case len(r.Then) > 0:
		return "" // a code that only groups the sentences behind it
	default:
		return string(r.Code)
	}
}

func (v voice) localize(r Reason) (string, error) {
	speaker := v.speakers[v.language]
	if speaker == nil {
		speaker = v.speakers[English]
	}
	config := &i18n.LocalizeConfig{MessageID: string(r.Code), TemplateData: r.Args.words(v), TemplateParser: parser{}}
	if count, ok := r.Args["count"].(Count); ok {
		config.PluralCount = int(count)
	}
	said, err := speaker.Localize(config)
	if said != "" {
		return said, nil // English may have stood in, or one plural for another
	}
	return "", err
}

// words are the arguments as the templates get them.
func (a Args) words(v voice) map[string]string {
	words := make(map[string]string, len(a))
	for name, arg := range a {
		words[name] = arg.in(v)
	}
	return words
}

// parser reads the sentences of the catalogues as templates. Beside the arguments
// there are two functions: upper, which makes the first letter a capital, and clause, which
// is Clause.
type parser struct{}

func (parser) Cacheable() bool { return true }

func (parser) Parse(source, _, _ string) (i18ntemplate.ParsedTemplate, error) {
	t, err := template.New("").Option("missingkey=zero").Funcs(template.FuncMap{"upper": upper, "clause": Clause}).Parse(source)
	return parsed{t}, err
}

type parsed struct{ *template.Template }

func (p parsed) Execute(data any) (string, error) {
	var b bytes.Buffer
	err := p.Template.Execute(&b, data)
	return b.String(), err
}

// Clause makes a part of a sentence of a sentence, to stand behind a colon or before a
// semicolon: without the capital letter and the full stop.
func Clause(sentence string) string {
	first, size := utf8.DecodeRuneInString(sentence)
	if size == 0 {
		return sentence
	}
	return string(unicode.ToLower(first)) + strings.TrimSuffix(sentence[size:], ".")
}

func upper(text string) string {
	first, size := utf8.DecodeRuneInString(text)
	if size == 0 {
		return text
	}
	return string(unicode.ToUpper(first)) + text[size:]
}
