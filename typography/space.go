package typography

import (
	"strings"

	"relais/gsm"
)

// PlainSpaces writes a space for those that nobody tells from one, and leaves out what
// has no width, where that alone makes the text GSM 7-bit: word processors put them
// before : and €. ok tells whether it did.
func PlainSpaces(text string) (plain string, ok bool) {
	if len(gsm.Costly(text)) == 0 {
		return text, false
	}
	plain = spaces.Replace(text)
	if len(gsm.Costly(plain)) > 0 {
		return text, false
	}
	return plain, true
}

// unseen are the characters of table that look like a space, or like nothing.
var unseen = []rune{
	'\u00a0', '\u202f', '\u2007', '\u2009', '\u200a', '\u2002', '\u2003', '\t',
	'\u00ad', '\u200b', '\u200c', '\u200e', '\u200f', '\u2060', '\ufeff',
}

var spaces = func() *strings.Replacer {
	var pairs []string
	for _, r := range unseen {
		pairs = append(pairs, string(r), table[r])
	}
	return strings.NewReplacer(pairs...)
}()
