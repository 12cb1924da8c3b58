package number

import (
	"regexp"
	"strings"
	"unicode"
)

// maxDigits is the longest that can still be a number: 00, 15 digits, and a
// trunk 0 that does not belong there.
const maxDigits = 2 + 15 + 1

// cleaned is the digits of a number in ASCII, and whether a + stood before.
type cleaned struct {
	buffer [maxDigits]byte
	length int
	plus   bool
}

func (c *cleaned) digits() []byte { return c.buffer[:c.length] }

// clean drops what people put between digits. It refuses letters, extensions
// and a second number.
func clean(raw string) (cleaned, *Error) {
	var c cleaned
	for _, r := range withoutScheme(raw) {
		switch digit := digitOf(r); {
		case digit >= 0 && c.length == maxDigits:
			return c, errTooLong
		case digit >= 0:
			c.buffer[c.length] = '0' + byte(digit)
			c.length++
		case r == '+' || r == '＋':
			if c.plus || c.length > 0 {
				return c, odd(raw)
			}
			c.plus = true
		case !separates(r):
			return c, odd(raw)
		}
	}
	if c.length == 0 {
		return c, errEmpty
	}
	return c, nil
}

// power is how a spreadsheet shows a long number: 3.36E+10, 3,36E+10.
var power = regexp.MustCompile(`^\s*\d([.,]\d+)?[eE]\+?\d{1,2}\s*$`)

// odd says what is wrong with text that holds a character that no number has.
func odd(raw string) *Error {
	if power.MatchString(raw) {
		return errPower
	}
	return errCharacters
}

// withoutScheme drops the scheme of RFC 3966. Its parameters are refused
// later: an extension receives no message.
func withoutScheme(raw string) string {
	const scheme = "tel:"
	raw = strings.TrimLeftFunc(raw, separates)
	if len(raw) >= len(scheme) && strings.EqualFold(raw[:len(scheme)], scheme) {
		return raw[len(scheme):]
	}
	return raw
}

// digitOf gives the value of a decimal digit of any script, or -1.
func digitOf(r rune) int {
	if r < unicode.MaxASCII {
		if r >= '0' && r <= '9' {
			return int(r - '0')
		}
		return -1
	}
	for _, block := range unicode.Nd.R16 {
		if r >= rune(block.Lo) && r <= rune(block.Hi) {
			return int(r-rune(block.Lo)) % 10
		}
	}
	for _, block := range unicode.Nd.R32 {
		if r >= rune(block.Lo) && r <= rune(block.Hi) {
			return int(r-rune(block.Lo)) % 10
		}
	}
	return -1
}

// separates reports whether r may stand between digits: white space of any
// width, invisible marks that come with copied text, dashes and the
// punctuation of numbers.
func separates(r rune) bool {
	switch r {
	case ' ', '.', '-', '/', '(', ')', '．', '／', '（', '）', '−':
		return true
	}
	return r > unicode.MaxASCII && unicode.In(r, unicode.Zs, unicode.Cf, unicode.Pd) || unicode.IsSpace(r)
}
