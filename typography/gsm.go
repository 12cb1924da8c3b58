package typography

import (
	"strings"
	"unicode"
	"unicode/utf8"

	"golang.org/x/text/unicode/norm"

	"relais/gsm"
)

// Change is a character that the GSM alphabet lacks, and what stands for it.
type Change struct {
	From  rune
	To    string // empty: nothing
	Count int
}

// Replace writes a text in the GSM alphabet. Characters that it has stay as they are.
// ok is false when one of the others has no replacement: the text is UCS-2 whatever
// becomes of the rest, so nothing is replaced. The changes come in the order of the
// text, each character once for what stands for it.
func Replace(text string) (replaced string, changes []Change, ok bool) {
	if len(gsm.Costly(text)) == 0 {
		return text, nil, true
	}
	var b strings.Builder
	seen := map[Change]int{}
	written := []rune(text)
	for i, r := range written {
		to, known := Instead(r)
		switch {
		case !known:
			return text, nil, false
		case spaceInQuotes(written, i):
			to = ""
		}
		b.WriteString(to)
		if to == string(r) {
			continue
		}
		change := Change{From: r, To: to}
		at, again := seen[change]
		if !again {
			at = len(changes)
			seen[change] = at
			changes = append(changes, change)
		}
		changes[at].Count++
	}
	return b.String(), changes, true
}

// Instead is what stands for a character in the GSM alphabet; itself where that has it.
func Instead(r rune) (to string, known bool) {
	if gsm.Count(string(r)).Alphabet == gsm.SevenBit {
		return string(r), true
	}
	if to, known = table[r]; known {
		return to, true
	}
	base := baseLetter(r)
	return base, base != ""
}

// baseLetter is a letter of the alphabet without its accents; empty: there is none.
func baseLetter(r rune) string {
	if !unicode.Is(unicode.Latin, r) {
		return ""
	}
	apart := norm.NFD.String(string(r))
	first, size := utf8.DecodeRuneInString(apart)
	if size == len(apart) || gsm.Count(string(first)).Alphabet != gsm.SevenBit {
		return ""
	}
	for _, mark := range apart[size:] {
		if !unicode.Is(unicode.Mn, mark) {
			return ""
		}
	}
	return string(first)
}

// spaceInQuotes tells whether a character is the space that French puts inside « »,
// for " has none.
func spaceInQuotes(text []rune, at int) bool {
	if r := text[at]; r != ' ' && r != '\u00a0' && r != '\u202f' {
		return false
	}
	return at > 0 && text[at-1] == '«' || at+1 < len(text) && text[at+1] == '»'
}

// table has what is no letter with an accent. A ç gives c, for the alphabet has the
// capital alone (TS 23.038, 6.2.1).
var table = map[rune]string{
	'‘': "'", '’': "'", '‚': "'", '‛': "'", '′': "'", '´': "'", '`': "'", 'ʼ': "'", '‹': "'", '›': "'",
	'“': `"`, '”': `"`, '„': `"`, '‟': `"`, '″': `"`, '«': `"`, '»': `"`,
	'–': "-", '—': "-", '‐': "-", '‑': "-", '‒': "-", '―': "-", '−': "-", '•': "-", '·': ".", '…': "...",
	'œ': "oe", 'Œ': "OE", 'ĳ': "ij", 'Ĳ': "IJ", 'ﬁ': "fi", 'ﬂ': "fl", 'ł': "l", 'Ł': "L", 'đ': "d", 'Đ': "D", 'ı': "i", 'ẞ': "SS",
	'°': "o", 'º': "o", 'ª': "a", '¹': "1", '²': "2", '³': "3", '½': "1/2", '¼': "1/4", '¾': "3/4",
	'×': "x", '÷': "/", '≤': "<=", '≥': ">=", '→': "->", '←': "<-", '©': "(c)", '®': "(r)", '™': "(tm)", '№': "No",
	'\t': " ", '\u00a0': " ", '\u202f': " ", '\u2007': " ", '\u2009': " ", '\u200a': " ", '\u2002': " ", '\u2003': " ", '\u2028': "\n", '\u2029': "\n",
	'\u00ad': "", '\u200b': "", '\u200c': "", '\u200e': "", '\u200f': "", '\u2060': "", '\ufeff': "",
}
