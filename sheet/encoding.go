package sheet

import (
	"bytes"
	"slices"
	"strings"
	"unicode"
	"unicode/utf8"

	"golang.org/x/text/encoding/charmap"

	"relais/plaintext"
)

// The encodings that a text file may be in, beside those of one byte.
const (
	plainUTF8 = "utf-8"
	// utf8Twice is UTF-8 that some program took for Windows-1252 and made UTF-8 of again:
	// BÃ©nÃ©vole.
	utf8Twice = "utf-8-twice"
	utf16LE   = "utf-16le"
	utf16BE   = "utf-16be"
)

// legacy are the encodings of one byte for each character that people in France meet:
// Windows, old Macs, and programs of the time of DOS.
var legacy = []struct {
	name  string
	table *charmap.Charmap
}{
	{"windows-1252", charmap.Windows1252},
	{"macintosh", charmap.Macintosh},
	{"ibm850", charmap.CodePage850},
}

func tableOf(name string) *charmap.Charmap {
	for _, l := range legacy {
		if l.name == name {
			return l.table
		}
	}
	return nil
}

// wide is UTF-16 by its zeros, where there is no mark: most characters of a table are
// below U+0100.
func wide(start []byte) string {
	switch {
	case bytes.HasPrefix(start, []byte("\xff\xfe")):
		return utf16LE
	case bytes.HasPrefix(start, []byte("\xfe\xff")):
		return utf16BE
	}
	if len(start) < 8 {
		return ""
	}
	even, odd := 0, 0
	for i, b := range start {
		switch {
		case b != 0:
		case i%2 == 0:
			even++
		default:
			odd++
		}
	}
	const most = 4 // of five characters
	switch half := len(start) / 2; {
	case odd*5 > half*most && even*10 < half:
		return utf16LE
	case even*5 > half*most && odd*10 < half:
		return utf16BE
	}
	return ""
}

// guess is what a sample of a text says of its encoding.
type guess struct {
	name   string
	second string // one that fits nearly as well
}

// guessEncoding judges lines that are not UTF-8: which table makes French words of them.
// many lines are better than few.
func guessEncoding(lines [][]byte) guess {
	type scored struct {
		name  string
		score int
	}
	all := make([]scored, len(legacy))
	for i, l := range legacy {
		all[i].name = l.name
		for _, line := range lines {
			all[i].score += french(decode(l.table, line))
		}
	}
	slices.SortStableFunc(all, func(a, b scored) int { return b.score - a.score })
	g := guess{name: all[0].name}
	if best, next := all[0].score, all[1].score; next > 0 && next*5 >= best*4 || best <= 0 && next == best {
		g.second = all[1].name
	}
	return g
}

func decode(table *charmap.Charmap, line []byte) string {
	var b strings.Builder
	b.Grow(len(line) + len(line)/4)
	for _, c := range line {
		b.WriteRune(table.DecodeByte(c))
	}
	return b.String()
}

// french scores how much a text looks like French: its letters beside others count, and
// what stands between letters of no French word counts against it.
func french(text string) int {
	const small, capital, marks = "éèêëàâçùûüîïôœæ", "ÉÈÊËÀÂÇÙÛÜÎÏÔŒÆ", "’«»°€…–—\u00a0"
	score, before := 0, ' '
	for _, r := range text {
		switch {
		case r < utf8.RuneSelf:
		case strings.ContainsRune(small, r):
			score += 2
		case strings.ContainsRune(capital, r) && unicode.IsLower(before):
			score -= 3
		case strings.ContainsRune(capital, r):
			score++
		case strings.ContainsRune(marks, r):
			score++
		default:
			score -= 3
		}
		before = r
	}
	return score
}

// marksTwice are letters of which one is in every text that was encoded twice. Their first
// byte is the same.
const marksTwice = "ÃÂâÅ"

// once makes a text of one that was encoded twice; ok is false where it was not.
func once(text string) (string, bool) {
	if !strings.ContainsAny(text, marksTwice) {
		return text, false
	}
	raw := make([]byte, 0, len(text))
	for _, r := range text {
		b, known := charmap.Windows1252.EncodeRune(r)
		switch {
		case known:
			raw = append(raw, b)
		case r < 0x100: // the five bytes that Windows-1252 has no character for
			raw = append(raw, byte(r))
		default:
			return text, false
		}
	}
	if !utf8.Valid(raw) || len(raw) == utf8.RuneCountInString(string(raw)) {
		return text, false
	}
	return string(raw), true
}

func wideOf(start []byte) string {
	if strings.HasPrefix(plaintext.Wide(start), "UTF-32") {
		return "utf-32"
	}
	return wide(start)
}
