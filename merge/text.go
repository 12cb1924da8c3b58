package merge

import (
	"slices"
	"strings"
)

// Text is a text with fields, parsed.
type Text struct {
	pieces []piece
	fields []Field
}

// Field is a field of a text. A text may have it in several places.
type Field struct {
	Name string // as it is written where it stands first
	// Required: without a value there is no text.
	Required bool
	// Condition: somewhere its value is asked whether it says yes.
	Condition bool
}

// piece is a part of a text: words, or a place where a field stands.
type piece struct {
	kind  kind
	words string // of a literal; else what stands behind the bar or the marks
	field int    // of Text.fields
}

// kind says what a piece becomes.
type kind int

const (
	literal   kind = iota
	value          // its value, which must be there
	fallback       // its value, else the words
	condition      // the words, where its value says yes
)

// Fields are the fields of the text, in the order in which they stand first.
func (t *Text) Fields() []Field { return slices.Clone(t.fields) }

// Filled is what becomes of a text with values.
type Filled struct {
	Text string // empty where a value is missing
	Bare string // the text without its fields, where a value is missing
	// Missing are fields that need a value and have none.
	Missing []string
	// Doubtful are conditions whose values say neither yes nor no. They count as no.
	Doubtful []string
}

// Fill makes a text. The values are those of Fields, in that order; one of spaces alone is
// none. What is too little counts as empty.
func (t *Text) Fill(values []string) Filled {
	var f Filled
	var b strings.Builder
	for _, p := range t.pieces {
		if p.kind == literal {
			b.WriteString(p.words)
			continue
		}
		said := ""
		if p.field < len(values) {
			said = values[p.field]
		}
		name := t.fields[p.field].Name
		empty := strings.TrimSpace(said) == ""
		switch p.kind {
		case value:
			if empty {
				f.Missing = addOnce(f.Missing, name)
			}
			b.WriteString(said)
		case fallback:
			if empty {
				said = p.words
			}
			b.WriteString(said)
		case condition:
			yes, clear := saysYes(said)
			if yes {
				b.WriteString(p.words)
			} else if !clear {
				f.Doubtful = addOnce(f.Doubtful, name)
			}
		case literal:
		}
	}
	if f.Missing != nil {
		f.Bare = t.Bare()
		return f
	}
	f.Text = b.String()
	return f
}

func addOnce(all []string, one string) []string {
	if slices.Contains(all, one) {
		return all
	}
	return append(all, one)
}

// saysYes reports whether a value says yes, and whether it says yes or no at all. Nothing
// is no.
func saysYes(said string) (yes, clear bool) {
	switch Fold(said) {
	case "oui", "o", "yes", "y", "true", "t", "vrai", "v", "1", "x", "include", "show":
		return true, true
	case "", "non", "n", "no", "false", "f", "faux", "0":
		return false, true
	}
	return false, false
}

// Bare is the text without its fields, to count what is certain before there are values:
// neither the names of fields nor what may stand in their place counts.
func (t *Text) Bare() string {
	var b strings.Builder
	for _, p := range t.pieces {
		if p.kind == literal {
			b.WriteString(p.words)
		}
	}
	return b.String()
}

// Arrange puts values with names into the order of Fields. Names are compared folded.
// unknown are names that no field has, in the order of the alphabet.
func (t *Text) Arrange(named map[string]string) (values, unknown []string) {
	values = make([]string, len(t.fields))
	at := make(map[string]int, len(t.fields))
	for i, f := range t.fields {
		at[Fold(f.Name)] = i
	}
	for name, said := range named {
		i, known := at[Fold(name)]
		if !known {
			unknown = append(unknown, name)
			continue
		}
		if values[i] == "" {
			values[i] = said
		}
	}
	slices.Sort(unknown)
	return values, unknown
}
