package reason

import (
	"encoding/json"
	"maps"
	"reflect"
	"slices"
	"strings"
)

// Code names a sentence of the catalogues. It is a stable word in snake_case that
// programs may compare. Where one code has several sentences, a slash and a word of
// its own tell them apart: "quota_exceeded/day" is a sentence of "quota_exceeded".
type Code string

// Wire returns the code as programs outside see it, without the part that tells
// sentences of one code apart.
func (c Code) Wire() string {
	wire, _, _ := strings.Cut(string(c), "/")
	return wire
}

// Phrases are pieces of sentences, words of the command line and of the console, and
// what codes mean in general. Their codes begin with one of these and a slash, and never leave the program
// as codes.
const (
	Words   = "words"
	Command = "cli"
	Console = "console"
	Title   = "title"
	People  = "people" // what is said of users and how they sign in; no API has it
)

// Phrase reports whether the code is one of a piece of a sentence.
func (c Code) Phrase() bool {
	switch c.Wire() {
	case Words, Command, Console, Title, People:
		return true
	default:
		return false
	}
}

// Args are the named arguments of a sentence.
type Args map[string]Arg

// Reason is one thing said to people: a code, the arguments of its sentence, and the
// sentences that follow it. The zero Reason says nothing. Args and Then are not
// changed once it is made, so that copies may share them.
type Reason struct {
	Code Code
	Args Args
	Then []Reason

	// Written holds the sentence by language where it was stored as words: what was
	// kept before there were codes with arguments. The catalogue is not asked then.
	Written map[Language]string
}

// Of makes a reason.
func Of(code Code, args Args) Reason { return Reason{Code: code, Args: args} }

// With returns the reason with further sentences behind it. Those that say nothing
// are left out.
func (r Reason) With(more ...Reason) Reason {
	all := slices.Clone(r.Then)
	for _, m := range more {
		if !m.IsZero() {
			all = append(all, m)
		}
	}
	if r.IsZero() && len(all) > 0 {
		first := all[0]
		first.Then = append(slices.Clone(first.Then), all[1:]...)
		return first
	}
	r.Then = all
	return r
}

// As returns the reason under another code, with the same sentences.
func (r Reason) As(code Code) Reason { return Reason{Code: code, Then: []Reason{r}} }

// IsZero reports whether the reason says nothing.
func (r Reason) IsZero() bool {
	return r.Code == "" && len(r.Args) == 0 && len(r.Then) == 0 && len(r.Written) == 0
}

// verbatim is the sentence of words that somebody else wrote.
const verbatim Code = "words/verbatim"

// Verbatim is a sentence in somebody else's words: an operator's, or those of a row
// that was stored before there were codes. It is the same in every language.
func Verbatim(text string) Reason {
	if text == "" {
		return Reason{}
	}
	return Of(verbatim, Args{"text": Name(text)})
}

// Written is a sentence that was stored as words, before there were codes with
// arguments. New sentences stand in the catalogues.
func Written(code Code, english, french string) Reason {
	written := map[Language]string{English: english}
	if french != "" {
		written["fr"] = french
	}
	return Reason{Code: code, Written: written}
}

// stored is a reason in JSON. Detail and French are those of rows of before.
type stored struct {
	Code   Code      `json:"code,omitempty"`
	Args   storedAll `json:"args,omitempty"`
	Then   []Reason  `json:"then,omitempty"`
	Detail string    `json:"detail,omitempty"`
	French string    `json:"fr,omitempty"`
}

// MarshalJSON writes the reason as it is stored.
func (r Reason) MarshalJSON() ([]byte, error) { return appendReason(nil, r), nil }

// UnmarshalJSON reads what MarshalJSON wrote, and the decisions of before, which held
// their sentence in two languages: {"code", "detail", "fr"}.
func (r *Reason) UnmarshalJSON(data []byte) error {
	var s stored
	if err := json.Unmarshal(data, &s); err != nil {
		return err
	}
	*r = Reason{Code: s.Code, Args: Args(s.Args), Then: s.Then}
	if s.Detail != "" || s.French != "" {
		r.Written = Written(s.Code, s.Detail, s.French).Written
	}
	return nil
}

// Equal reports whether both say the same with the same arguments.
func (r Reason) Equal(other Reason) bool {
	return r.Code == other.Code && maps.EqualFunc(r.Args, other.Args, func(a, b Arg) bool { return reflect.DeepEqual(a, b) }) &&
		slices.EqualFunc(r.Then, other.Then, Reason.Equal) && maps.Equal(r.Written, other.Written)
}

// Is reports whether the reason has the code, whichever of its sentences it is.
func (r Reason) Is(code Code) bool { return r.Code.Wire() == code.Wire() }

// Text is the reason as a store keeps it in a column of text; empty for the zero one.
func (r Reason) Text() string {
	if r.IsZero() {
		return ""
	}
	return string(appendReason(nil, r))
}

// FromText reads what Text wrote. written is the sentence of a row that was stored
// before there were codes with arguments; it counts where text is empty.
func FromText(text, written string) (r Reason, err error) {
	if text == "" {
		return Verbatim(written), nil
	}
	err = json.Unmarshal([]byte(text), &r)
	return r, err
}
