package policy

import (
	"slices"
	"strings"
)

// Words are what the name of a sender may not be. The lists hold for whoever has not
// proved that the name is theirs.
type Words struct {
	Generic   []string // names that tell nobody who writes
	Reserved  []string // names of others
	Forbidden []string // words of others, in no name
}

// Wrong is what is wrong with a name.
type Wrong uint8

// What may be wrong with a name.
const (
	NoWrong       Wrong = iota
	WrongGeneric        // it tells nobody who writes
	WrongReserved       // it is somebody else's name
	WrongWord           // it holds somebody else's word
)

// Find tells what is wrong with a name, and by which word. Case and what people put
// between letters to pass a list do not count.
func (w *Words) Find(name string) (Wrong, string) {
	bare := bareWord(name)
	same := func(word string) bool { return bare == bareWord(word) }
	if at := slices.IndexFunc(w.Generic, same); at >= 0 {
		return WrongGeneric, w.Generic[at]
	}
	if at := slices.IndexFunc(w.Reserved, same); at >= 0 {
		return WrongReserved, w.Reserved[at]
	}
	at := slices.IndexFunc(w.Forbidden, func(word string) bool {
		return strings.Contains(bare, bareWord(word))
	})
	if at >= 0 {
		return WrongWord, w.Forbidden[at]
	}
	return NoWrong, ""
}

// check refuses lists that would refuse every name.
func (w *Words) check() error {
	for _, list := range [][]string{w.Generic, w.Reserved, w.Forbidden} {
		if slices.ContainsFunc(list, func(word string) bool { return bareWord(word) == "" }) {
			return wrong("sender", whyWords, nil)
		}
	}
	return nil
}

// bareWord is a name without what people put between letters to pass a list.
func bareWord(name string) string {
	if strings.IndexFunc(name, punctuation) < 0 {
		return strings.ToLower(name)
	}
	return strings.ToLower(strings.Join(strings.FieldsFunc(name, punctuation), ""))
}

func punctuation(r rune) bool {
	return (r < '0' || r > '9') && (r < 'a' || r > 'z') && (r < 'A' || r > 'Z')
}

// Words are those that the pack keeps senders from, whatever the class of the message.
func (p *Pack) Words() *Words {
	if p == nil {
		return &Words{}
	}
	return &p.senders.words
}
