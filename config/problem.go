package config

import (
	"cmp"
	"fmt"
	"slices"
	"strings"

	"github.com/agnivade/levenshtein"

	"relais/config/section"
	"relais/reason"
)

// Error holds everything that is wrong with a configuration.
type Error struct {
	Problems []Problem // in the order of the file, then what has no line
}

// Problem is one thing to put right.
type Problem struct {
	File   string        // empty when the problem stands in no file
	Line   int           // from 1
	Column int           // in bytes, from 1
	Env    string        // the environment variable at fault, where it is one
	Flag   string        // the flag at fault, such as --listen, where it is one
	Key    string        // dotted; empty when Reason names it
	Reason reason.Reason // what is wrong and what would be right; never a secret
}

// Error gives each problem its own line.
func (e *Error) Error() string { return e.In(reason.English) }

// OfFlags reports whether nothing but flags is at fault.
func (e *Error) OfFlags() bool {
	return !slices.ContainsFunc(e.Problems, func(p Problem) bool { return p.Flag == "" })
}

// In is Error in a language.
func (e *Error) In(l reason.Language) string {
	lines := make([]string, len(e.Problems))
	for i, p := range e.Problems {
		lines[i] = p.In(l)
	}
	return strings.Join(lines, "\n")
}

// In is the place, the key and what is wrong.
func (p Problem) In(l reason.Language) string {
	var b strings.Builder
	switch {
	case p.Flag != "":
		b.WriteString(p.Flag + ": ")
	case p.Env != "":
		b.WriteString(reason.Of(whyInEnvironment, reason.Args{"name": reason.Name(p.Env)}).In(l) + ": ")
	case p.File != "" && p.Line > 0:
		fmt.Fprintf(&b, "%s:%d:%d: ", p.File, p.Line, p.Column)
	case p.File != "":
		fmt.Fprintf(&b, "%s: ", p.File)
	}
	if p.Key != "" {
		b.WriteString(p.Key + ": ")
	}
	b.WriteString(p.Reason.In(l))
	return b.String()
}

// asError returns nil when there is no problem. Those with a line come first,
// in its order; the others keep theirs.
func asError(problems []Problem) error {
	if len(problems) == 0 {
		return nil
	}
	slices.SortStableFunc(problems, func(a, b Problem) int {
		if (a.Line == 0) != (b.Line == 0) {
			return cmp.Compare(b.Line, a.Line)
		}
		return cmp.Or(cmp.Compare(a.Line, b.Line), cmp.Compare(a.Column, b.Column))
	})
	return &Error{Problems: problems}
}

// suggest says what would be right instead of name: the nearest of the valid words
// when one is near, else all of them.
func suggest(name string, valid []string) reason.Reason {
	if len(valid) == 0 {
		return reason.Of(whyNothingValid, nil)
	}
	best, least := "", max(2, len(name)/3)+1
	for _, word := range valid {
		if d := levenshtein.ComputeDistance(name, word); d < least && d < len(word) {
			best, least = word, d
		}
	}
	if best != "" {
		return reason.Of(whyDidYouMean, reason.Args{"word": section.Quoted(best)})
	}
	return reason.Of(whyValidHere, reason.Args{"words": reason.Names(valid)})
}
