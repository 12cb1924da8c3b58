package auth

import (
	"fmt"
	"slices"
	"strings"
	"time"

	"relais/reason"
)

// Edit is one field that an act changed: what stood there before, and what stands there
// now. It holds no secret, no number of a citizen and no text: where one of these changed,
// both are empty, and the edit says that much alone.
type Edit struct {
	Field  string   `json:"field"`
	Before []string `json:"before,omitempty"` // empty: none, or nothing that an audit may hold
	After  []string `json:"after,omitempty"`
}

// editOf is the beginning of what people call a field that was changed.
const editOf reason.Code = "people/edit_"

// Title is how people call the field.
func (e *Edit) Title() reason.Reason { return reason.Of(editOf+reason.Code(e.Field), nil) }

// Shown reports whether the edit says what the field held.
func (e *Edit) Shown() bool { return len(e.Before)+len(e.After) > 0 }

// Edits collects what an act changed.
type Edits []Edit

// Note adds a field whose values differ. Their order counts for nothing.
func (all *Edits) Note(field string, before, after []string) {
	before, after = held(before), held(after)
	if !slices.Equal(before, after) {
		*all = append(*all, Edit{field, before, after})
	}
}

// NoteHidden adds a field whose values differ and are not shown.
func (all *Edits) NoteHidden(field, before, after string) {
	if before != after {
		*all = append(*all, Edit{Field: field})
	}
}

// held are the values of a field, sorted, without empty ones.
func held(values []string) []string {
	values = slices.DeleteFunc(slices.Clone(values), func(v string) bool { return v == "" })
	slices.Sort(values)
	return slices.Compact(values)
}

// Since returns what is different in the limits from those before.
func (l *KeyLimits) Since(before *KeyLimits) (all Edits) {
	all.Note("rights", texts(before.Rights), texts(l.Rights))
	all.Note("networks", texts(before.Networks), texts(l.Networks))
	all.Note("connectors", before.Connectors, l.Connectors)
	all.Note("senders", texts(before.Senders), texts(l.Senders))
	all.Note("until", []string{atUTC(before.Until)}, []string{atUTC(l.Until)})
	return all
}

// texts are values as they are written.
func texts[T any](values []T) []string {
	all := make([]string, len(values))
	for i, v := range values {
		all[i] = fmt.Sprint(v)
	}
	return all
}

// atUTC is a moment in an audit; empty: none.
func atUTC(t time.Time) string {
	if t.IsZero() {
		return ""
	}
	return t.UTC().Format(time.RFC3339)
}

// String is all of it in one line, in codes, for a file.
func (all Edits) String() string {
	lines := make([]string, len(all))
	for i := range all {
		e := &all[i]
		lines[i] = e.Field
		if e.Shown() {
			lines[i] += ": " + strings.Join(e.Before, ", ") + " → " + strings.Join(e.After, ", ")
		}
	}
	return strings.Join(lines, "; ")
}
