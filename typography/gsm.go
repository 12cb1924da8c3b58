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
// ok is false when one of the others has no replacement where it stands: the text is UCS-2
// whatever becomes of the rest, so nothing is replaced. The changes come in the order of the
// text, each character once for what stands for it.
func Replace(text string) (replaced string, changes []Change, ok bool) {
	if len(gsm.Costly(text)) == 0 {
		return text, nil, true
	}
	var b strings.Builder
	seen := map[Change]int{}
	written := []rune(text)
	for i, r := range written {
		to, known := Instead(written, i)
		if !known {
			return text, nil, false
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

// Left lists the characters that Replace has no replacement for where they stand.
func Left(text string) []gsm.Char {
	var left []gsm.Char
	written := []rune(text)
	for _, c := range gsm.Costly(text) {
		if _, known := Instead(written, c.Position); !known {
			left = append(left, c)
		}
	}
	return left
}

// Instead is what stands for a character of a text in the GSM alphabet; itself where that has
// it. Nothing is known for a character whose replacement would read as something else beside
// its neighbours: ½ behind a digit, ° that is no n°, ² that is no square metre.
func Instead(text []rune, at int) (to string, known bool) {
	r := text[at]
	if spaceInQuotes(text, at) {
		return "", true
	}
	if gsm.Count(string(r)).Alphabet == gsm.SevenBit {
		return string(r), true
	}
	if rule, bound := rules[r]; bound {
		return rule(place{text, at})
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

// spaceInQuotes reports whether a character is the space that French puts inside « »,
// for " has none.
func spaceInQuotes(text []rune, at int) bool {
	if r := text[at]; r != ' ' && r != '\u00a0' && r != '\u202f' {
		return false
	}
	return at > 0 && text[at-1] == '«' || at+1 < len(text) && text[at+1] == '»'
}

// table has what is no letter with an accent and means the same beside whatever stands. A ç
// gives c, for the alphabet has the capital alone (TS 23.038, 6.2.1). The dotless ı is not
// there: in Turkish, i in its place makes other words.
var table = map[rune]string{
	'‘': "'", '’': "'", '‚': "'", '‛': "'", '′': "'", '´': "'", '`': "'", 'ʼ': "'", '‹': "'", '›': "'",
	'“': `"`, '”': `"`, '„': `"`, '‟': `"`, '″': `"`, '«': `"`, '»': `"`,
	'‐': "-", '‑': "-", '…': "...",
	'œ': "oe", 'Œ': "OE", 'ĳ': "ij", 'Ĳ': "IJ", 'ł': "l", 'Ł': "L", 'đ': "d", 'Đ': "D", 'ẞ': "SS",
	'ﬀ': "ff", 'ﬁ': "fi", 'ﬂ': "fl", 'ﬃ': "ffi", 'ﬄ': "ffl", 'ﬅ': "st", 'ﬆ': "st",
	'≤': "<=", '≥': ">=", '→': "->", '©': "(c)", '®': "(r)", '™': "(tm)",
	'\t': " ", '\u00a0': " ", '\u202f': " ", '\u2007': " ", '\u2009': " ", '\u200a': " ",
	'\u2002': " ", '\u2003': " ",
	'\u2004': " ", '\u2005': " ", '\u2006': " ", '\u2008': " ", '\u205f': " ", '\u3000': " ",
	'\u2028': "\n", '\u2029': "\n",
	'\u00ad': "", '\u200b': "", '\u200c': "", '\u200e': "", '\u200f': "", '\u2060': "", '\ufeff': "",
	// Marks of direction that come with copied numbers; those that turn a text round stay.
	'\u202a': "", '\u202c': "", '\u2066': "", '\u2068': "", '\u2069': "",
}
