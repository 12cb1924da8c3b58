package merge

import (
	"maps"
	"strings"
	"unicode/utf8"

	"relais/reason"
)

// Bounds of a text with fields.
const (
	MaxFields = 50  // that have different names
	MaxName   = 100 // characters
)

// CodeSyntax is the code of every fault in the language.
const CodeSyntax reason.Code = "field_syntax"

const (
	sayUnclosed reason.Code = "field_syntax/unclosed"
	sayEmpty    reason.Code = "field_syntax/empty"
	sayNested   reason.Code = "field_syntax/nested"
	sayMany     reason.Code = "field_syntax/many"
	sayLong     reason.Code = "field_syntax/long"
)

// Error is a fault in a text with fields.
type Error struct {
	Reason   reason.Reason // what is wrong, where, and what would be right
	Position int           // of the parentheses at fault, in characters from 1
}

// Error implements error, in English.
func (e *Error) Error() string { return e.Reason.In(reason.English) }

const (
	opening = "(("
	closing = "))"
	escape  = `\((`
)

// parser reads a text from left to right.
type parser struct {
	text string
	at   int // in bytes
	done Text
	by   map[string]int // fields, by their folded names
}

// Parse reads a text with fields. The error is an *Error.
//
// Of three parentheses in a row the first is a letter, and so is the last of three that
// close: (((nom))) is a value in parentheses. Within a field a parenthesis that opens has
// to be closed before the field is: ((tel|01 (mairie))) is one field.
func Parse(text string) (*Text, error) {
	p := &parser{text: text, by: map[string]int{}}
	for p.at < len(text) {
		if err := p.piece(); err != nil {
			return nil, err
		}
	}
	return &p.done, nil
}

// piece reads words up to the next field, or a field.
func (p *parser) piece() error {
	rest := p.text[p.at:]
	switch {
	case strings.HasPrefix(rest, escape):
		p.words(opening)
		p.at += len(escape)
		return nil
	case strings.HasPrefix(rest, opening):
		return p.opened(rest)
	}
	next := strings.IndexAny(rest[1:], `(\`) + 1
	if next == 0 {
		next = len(rest)
	}
	p.words(rest[:next])
	p.at += next
	return nil
}

// opened reads a field, or the letter before one.
func (p *parser) opened(rest string) error {
	switch run := len(rest) - len(strings.TrimLeft(rest, "(")); {
	case run == len(opening)+1:
		p.words("(")
		p.at++
		return nil
	case run > len(opening)+1:
		return p.fault(sayNested, p.at+len(opening), nil)
	}
	inside, nested, closed := within(rest[len(opening):])
	switch {
	case nested >= 0:
		return p.fault(sayNested, p.at+len(opening)+nested, nil)
	case !closed:
		return p.fault(sayUnclosed, p.at, reason.Args{"field": reason.Name(excerpt(inside))})
	}
	if err := p.field(inside); err != nil {
		return err
	}
	p.at += len(opening) + len(inside) + len(closing)
	return nil
}

// within returns what stands in a field. nested is where another begins in it, -1: nowhere.
func within(rest string) (inside string, nested int, closed bool) {
	depth := 0
	for i := range len(rest) {
		switch rest[i] {
		case '(':
			if strings.HasPrefix(rest[i:], opening) {
				return "", i, false
			}
			depth++
		case ')':
			if depth == 0 && strings.HasPrefix(rest[i:], closing) {
				return rest[:i], -1, true
			}
			depth = max(depth-1, 0)
		}
	}
	return rest, -1, false
}

// field puts a field into the text.
func (p *parser) field(inside string) error {
	name, words, kind := inside, "", value
	bar, marks := strings.Index(inside, "|"), strings.Index(inside, "??")
	switch {
	case marks >= 0 && (bar < 0 || marks < bar):
		name, words, kind = inside[:marks], inside[marks+len("??"):], condition
	case bar >= 0:
		name, words, kind = inside[:bar], inside[bar+len("|"):], fallback
	}
	name = strings.TrimSpace(name)
	switch {
	case Fold(name) == "":
		return p.fault(sayEmpty, p.at, nil)
	case strings.ContainsAny(name, "\r\n"):
		return p.fault(sayUnclosed, p.at, reason.Args{"field": reason.Name(excerpt(name))})
	case utf8.RuneCountInString(name) > MaxName:
		return p.fault(sayLong, p.at, reason.Args{"most": reason.Count(MaxName)})
	}
	at, known := p.by[Fold(name)]
	if !known {
		if len(p.done.fields) == MaxFields {
			return p.fault(sayMany, p.at, reason.Args{"most": reason.Count(MaxFields)})
		}
		at = len(p.done.fields)
		p.by[Fold(name)] = at
		p.done.fields = append(p.done.fields, Field{Name: name})
	}
	f := &p.done.fields[at]
	f.Required, f.Condition = f.Required || kind == value, f.Condition || kind == condition
	p.done.pieces = append(p.done.pieces, piece{kind, words, at})
	return nil
}

// words adds a literal, to the one before it where there is one.
func (p *parser) words(words string) {
	if last := len(p.done.pieces) - 1; last >= 0 && p.done.pieces[last].kind == literal {
		p.done.pieces[last].words += words
		return
	}
	p.done.pieces = append(p.done.pieces, piece{words: words})
}

func (p *parser) fault(code reason.Code, at int, args reason.Args) error {
	position := utf8.RuneCountInString(p.text[:at]) + 1
	all := reason.Args{"position": reason.Count(position)}
	maps.Copy(all, args)
	return &Error{reason.Of(code, all), position}
}

// excerpt is the beginning of what was not closed: the name of the field, most of the time.
func excerpt(text string) string {
	const longest = 20
	text, _, _ = strings.Cut(strings.TrimSpace(text), "\n")
	if letters := []rune(text); len(letters) > longest {
		return string(letters[:longest]) + "…"
	}
	return text
}

// Literal is a text with fields that becomes a text as it is, whatever is in it.
func Literal(text string) string { return strings.ReplaceAll(text, opening, escape) }
