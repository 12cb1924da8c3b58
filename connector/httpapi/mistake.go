package httpapi

import (
	"bytes"
	"cmp"
	"errors"
	"fmt"
	"regexp"
	"slices"
	"strings"

	"github.com/pelletier/go-toml/v2"
	"github.com/pelletier/go-toml/v2/unstable"

	"relais/reason"
)

// MistakeError is one thing that is wrong in a declaration, and what would be right.
type MistakeError struct {
	Line   int
	Key    string // dotted, with the place in a list: "send.rule[2].then"
	Reason reason.Reason
}

// Error gives the line, the key and the sentence, in English.
func (m *MistakeError) Error() string {
	return fmt.Sprintf("line %d, %s: %s", m.Line, m.Key, m.Reason.In(reason.English))
}

// judge gathers the mistakes of a file.
type judge struct {
	polling  bool // a call is compiled that fetches a list
	lines    map[string]int
	mistakes []*MistakeError
}

// complain notes a mistake. A key that is not there has the line of its table.
func (j *judge) complain(key string, why reason.Code, args reason.Args) {
	j.mistakes = append(j.mistakes, &MistakeError{Line: j.line(key), Key: key, Reason: reason.Of(why, args)})
}

func (j *judge) line(key string) int {
	for at := key; at != ""; {
		if line, known := j.lines[at]; known {
			return line
		}
		cut := strings.LastIndexAny(at, ".[")
		if cut < 0 {
			break
		}
		at = at[:cut]
	}
	return 1
}

// oneOf complains of a word that is none of some, and gives the first for an empty one.
func (j *judge) oneOf(key, word string, words ...string) string {
	if word == "" {
		return words[0]
	}
	if !slices.Contains(words, word) {
		j.complain(key, whyOneOf, reason.Args{"words": reason.Names(words)})
		return words[0]
	}
	return word
}

// idle complains of keys that do nothing where they stand.
func (j *judge) idle(at string, keys map[string]bool) {
	for _, key := range sortedKeys(keys) {
		if keys[key] {
			j.complain(at+"."+key, whyIdleKey, nil)
		}
	}
}

func (j *judge) err() error {
	slices.SortStableFunc(j.mistakes, func(a, b *MistakeError) int { return cmp.Compare(a.Line, b.Line) })
	errs := make([]error, len(j.mistakes))
	for i, m := range j.mistakes {
		errs[i] = m
	}
	return errors.Join(errs...)
}

// decode reads a file strictly: a key that means nothing is a mistake.
func decode(data []byte, into any) *judge {
	j := &judge{lines: linesOf(data)}
	err := toml.NewDecoder(bytes.NewReader(data)).DisallowUnknownFields().Decode(into)
	if strict, ok := errors.AsType[*toml.StrictMissingError](err); ok {
		for i := range strict.Errors {
			j.refused(&strict.Errors[i], whyUnknownKey, nil)
		}
		return j
	}
	if one, ok := errors.AsType[*toml.DecodeError](err); ok {
		if found := wrongType.FindStringSubmatch(one.Error()); found != nil {
			j.refused(one, whyType, reason.Args{"have": reason.Name(found[1]), "want": reason.Name(inWordsOfTOML(found[2]))})
			return j
		}
		j.refused(one, whySyntax, reason.Args{"why": reason.Name(strings.TrimPrefix(one.Error(), "toml: "))})
		return j
	}
	if err != nil {
		j.complain("", whySyntax, reason.Args{"why": reason.Name(strings.TrimPrefix(err.Error(), "toml: "))})
	}
	return j
}

// wrongType is what the decoder says of a value of another type, by the types of Go.
var wrongType = regexp.MustCompile(`cannot (?:decode TOML|store an?) ([a-z]+(?: table)?) (?:into struct field \S+ of type|into|in a) (\S+)$`)

// inWordsOfTOML is the type of TOML that a type of Go takes.
func inWordsOfTOML(name string) string {
	switch {
	case name == "string":
		return "string"
	case name == "bool":
		return "boolean"
	case strings.HasPrefix(name, "int"):
		return "integer"
	case strings.HasPrefix(name, "float"):
		return "float"
	case strings.HasPrefix(name, "[]"), name == "slice":
		return "array"
	}
	return "table"
}

func (j *judge) refused(e *toml.DecodeError, why reason.Code, args reason.Args) {
	row, _ := e.Position()
	j.mistakes = append(j.mistakes, &MistakeError{
		Line: row, Key: strings.Join(e.Key(), "."), Reason: reason.Of(why, args),
	})
}

// linesOf finds the line of each key. go-toml tells no place of what it accepts.
func linesOf(data []byte) map[string]int {
	w := &lineWalk{data: data, lines: map[string]int{}, counts: map[string]int{}}
	var parser unstable.Parser
	parser.Reset(data)
	prefix := ""
	for parser.NextExpression() {
		switch e := parser.Expression(); e.Kind {
		case unstable.Table:
			prefix = w.note("", e)
		case unstable.ArrayTable:
			prefix = w.noteElement(e)
		default:
			w.value(prefix, e)
		}
	}
	return w.lines
}

type lineWalk struct {
	data   []byte
	lines  map[string]int
	counts map[string]int // of the elements of lists of tables, so far
}

// note keeps the line of a key under prefix, and returns its whole name.
func (w *lineWalk) note(prefix string, e *unstable.Node) string {
	at := prefix
	for it := e.Key(); it.Next(); {
		at = w.last(join(at, string(it.Node().Data)))
		if _, known := w.lines[at]; !known {
			w.lines[at] = bytes.Count(w.data[:it.Node().Raw.Offset], []byte("\n")) + 1
		}
	}
	return at
}

// last is the last element of a list of tables that has begun, for keys under it.
func (w *lineWalk) last(at string) string {
	if n := w.counts[at]; n > 0 {
		return element(at, n-1)
	}
	return at
}

func (w *lineWalk) noteElement(e *unstable.Node) string {
	at, name, line := "", "", 0
	for it := e.Key(); it.Next(); {
		name = join(at, string(it.Node().Data))
		at = w.last(name)
		line = bytes.Count(w.data[:it.Node().Raw.Offset], []byte("\n")) + 1
	}
	w.counts[name]++
	at = element(name, w.counts[name]-1)
	w.lines[at] = line
	return at
}

// value notes a key and the keys within an inline table.
func (w *lineWalk) value(prefix string, e *unstable.Node) {
	at := w.note(prefix, e)
	w.within(at, e.Value())
}

func (w *lineWalk) within(at string, v *unstable.Node) {
	switch v.Kind {
	case unstable.InlineTable:
		for it := v.Children(); it.Next(); {
			w.value(at, it.Node())
		}
	case unstable.Array:
		n := 0
		for it := v.Children(); it.Next(); n++ {
			w.within(element(at, n), it.Node())
		}
	default: // a value has no keys
	}
}

func join(at, key string) string {
	if at == "" {
		return key
	}
	return at + "." + key
}

func element(name string, i int) string { return fmt.Sprintf("%s[%d]", name, i) }
