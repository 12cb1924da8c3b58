package console

import (
	"fmt"
	"strings"
	"unicode"
	"unicode/utf8"
)

// mostCombining is how many combining marks one character may bear: languages that people
// write have no more, and a heap of them covers the lines above and below.
const mostCombining = 4

// marked shows what people, operators and receivers of webhooks wrote, with what is
// invisible or turns the text around written out: "‹U+202E›". Nothing in it can then look
// like something else that the page says. It takes every kind of string.
func marked(words any) string {
	text, ok := words.(string)
	if !ok {
		text = fmt.Sprint(words)
	}
	if plainText(text) {
		return text
	}
	m := marker{text: []rune(strings.ToValidUTF8(text, "\uFFFD"))}
	for m.at < len(m.text) {
		m.step()
	}
	return m.out.String()
}

// plainText reports whether nothing in a text needs a mark, which is usual.
func plainText(text string) bool {
	for _, r := range text {
		if r < ' ' && r != '\n' && r != '\t' || r >= 0x7f && r <= 0x9f || r > 0x2ff || r == 0xad ||
			r == utf8.RuneError {
			return false
		}
	}
	return true
}

// marker writes a text out with its marks.
type marker struct {
	text []rune
	at   int
	out  strings.Builder
}

// step writes the next character, or a mark for the next run of equal ones.
func (m *marker) step() {
	r := m.text[m.at]
	switch {
	case accent(r):
		m.combine()
	case m.hides(r):
		m.mark(m.run(func(other rune) bool { return other == r }), r)
	default:
		m.out.WriteRune(r)
		m.at++
	}
}

// run passes over the characters that are so, and returns how many they are.
func (m *marker) run(so func(rune) bool) (n int) {
	for m.at < len(m.text) && so(m.text[m.at]) {
		m.at++
		n++
	}
	return n
}

func (m *marker) mark(n int, r rune) {
	if n == 1 {
		fmt.Fprintf(&m.out, "‹U+%04X›", r)
		return
	}
	fmt.Fprintf(&m.out, "‹%d × U+%04X›", n, r)
}

// combine writes combining marks: as many as a character may bear. The first character of
// a text bears none, for there they would go onto what stands before it.
func (m *marker) combine() {
	begin := m.at
	if begin == 0 {
		m.out.WriteRune('\u25cc')
	}
	n := m.run(accent)
	kept := min(n, mostCombining)
	m.out.WriteString(string(m.text[begin : begin+kept]))
	if n > kept {
		m.mark(n-kept, m.text[begin+kept])
	}
}

// accent reports whether a character stands on, or around, the one before it.
func accent(r rune) bool {
	return unicode.In(r, unicode.Mn, unicode.Me) && !selector(r) &&
		!unicode.Is(unicode.Other_Default_Ignorable_Code_Point, r)
}

// selector reports whether a character chooses how the one before it is drawn.
func selector(r rune) bool { return unicode.Is(unicode.Variation_Selector, r) }

// hides reports whether the next character shows nothing, or turns others around.
func (m *marker) hides(r rune) bool {
	switch {
	case r == '\n' || r == '\t':
		return false
	case r == '\u200c' || r == '\u200d' || selector(r):
		return !m.joins()
	case unicode.In(r, unicode.Cc, unicode.Cf, unicode.Zl, unicode.Zp, unicode.Co, unicode.Cs):
		return true
	}
	return unicode.Is(unicode.Other_Default_Ignorable_Code_Point, r) || r == '\u2800'
}

// joins reports whether what stands before the next character makes it part of a word or
// of a picture: scripts that join their letters need it, and so do emoji.
func (m *marker) joins() bool {
	if m.at == 0 {
		return false
	}
	before := m.text[m.at-1]
	return unicode.In(before, unicode.So, unicode.Sk) || unicode.In(before, joining...) || selector(before) && m.text[m.at] == '\u200d' ||
		m.text[m.at] == '\ufe0f' && strings.ContainsRune("#*0123456789©®™‼⁉↔", before)
}

// joining are the scripts whose letters change with what stands beside them.
var joining = []*unicode.RangeTable{
	unicode.Arabic, unicode.Bengali, unicode.Devanagari, unicode.Gujarati, unicode.Gurmukhi, unicode.Kannada,
	unicode.Khmer, unicode.Malayalam, unicode.Mongolian, unicode.Myanmar, unicode.Oriya, unicode.Sinhala,
	unicode.Syriac, unicode.Tamil, unicode.Telugu, unicode.Tifinagh,
}
