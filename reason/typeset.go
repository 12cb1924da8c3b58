package reason

import "regexp"

// noBreak is the space at which no line breaks (U+00A0).
const noBreak = "\u00a0"

// A mark of French behind a space, and what ends it: another space, the end of a text, or
// a line end written as an escape.
var frenchMark = regexp.MustCompile(` ([:;?!])([\s"'\\)]|$)`)

var frenchQuotes = []struct {
	plain *regexp.Regexp
	set   string
}{
	{regexp.MustCompile(`« `), "«" + noBreak},
	{regexp.MustCompile(` »`), noBreak + "»"},
}

// typeset gives a catalogue the spaces that its language wants, which nobody can see in an
// editor: French parts : ; ? ! and « » from words by a space at which no line breaks.
func typeset(l Language, catalogue []byte) []byte {
	if l != "fr" {
		return catalogue
	}
	for _, q := range frenchQuotes {
		catalogue = q.plain.ReplaceAll(catalogue, []byte(q.set))
	}
	return frenchMark.ReplaceAll(catalogue, []byte(noBreak+"$1$2"))
}
