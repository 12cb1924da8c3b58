// Package charset reads texts that are not UTF-8, or says that they cannot be read. It
// never puts a character in the place of another: half a character, a byte without a
// meaning and half of a surrogate pair make a text unreadable.
package charset

import (
	"bytes"
	"strconv"
	"strings"
	"unicode/utf8"

	"golang.org/x/text/encoding/charmap"
)

// Windows1252 reads what programs call Latin-1 or ISO 8859-1: the labels mean
// Windows-1252 everywhere (WHATWG, Encoding Standard), which has ’ € œ and others where
// ISO 8859-1 has control characters that no text holds. ok is false for the five bytes
// that it gives no character.
func Windows1252(raw []byte) (text string, ok bool) {
	var b strings.Builder
	b.Grow(len(raw))
	for _, c := range raw {
		r := charmap.Windows1252.DecodeByte(c)
		if r == utf8.RuneError {
			return "", false
		}
		b.WriteRune(r)
	}
	return b.String(), true
}

// Text reads what says nothing of its charset: UTF-8, else Windows-1252. ok is false for
// UTF-8 that is cut or mixed with another charset: read as Windows-1252, each of its é
// would be two characters.
func Text(raw string) (text string, ok bool) {
	if utf8.ValidString(raw) {
		return raw, true
	}
	if brokenUTF8(raw) {
		return "", false
	}
	return Windows1252([]byte(raw))
}

// brokenUTF8 reports whether bytes that are not UTF-8 were meant as such: they hold a
// sequence that is common in UTF-8 and makes no sense in Windows-1252 (Ã©, â€™, ðŸ˜€),
// or end inside one.
func brokenUTF8(raw string) bool {
	for i := 0; i < len(raw); {
		r, size := utf8.DecodeRuneInString(raw[i:])
		switch lead := raw[i]; {
		case size == 4, size == 3 && lead == 0xE2, size == 2 && (lead == 0xC2 || lead == 0xC3):
			return true
		case r == utf8.RuneError && size == 1 && strings.IndexByte("\xc2\xc3\xe2\xf0", lead) >= 0 &&
			!utf8.FullRuneInString(raw[i:]):
			return true
		}
		i += size
	}
	return false
}

// LoneSurrogate returns where JSON holds an escape that is half of a surrogate pair, or
// -1. Package encoding/json makes it U+FFFD without a word.
func LoneSurrogate(json []byte) int {
	for i := bytes.IndexByte(json, '\\'); i >= 0; {
		unit, size := escape(json[i:])
		switch {
		case unit >= 0xd800 && unit < 0xdc00:
			low, more := escape(json[i+size:])
			if low < 0xdc00 || low > 0xdfff {
				return i
			}
			size += more
		case unit >= 0xdc00 && unit <= 0xdfff:
			return i
		}
		next := bytes.IndexByte(json[i+size:], '\\')
		if next < 0 {
			return -1
		}
		i += size + next
	}
	return -1
}

// escape reads the escape at the beginning of b: its UTF-16 unit where it is
// \uXXXX, else 0, and its length.
func escape(b []byte) (unit uint64, size int) {
	const long = len(`\uXXXX`)
	if len(b) < long || b[0] != '\\' || b[1] != 'u' {
		return 0, min(len(b), len(`\n`))
	}
	unit, err := strconv.ParseUint(string(b[2:long]), 16, 16)
	if err != nil {
		return 0, len(`\n`)
	}
	return unit, long
}
