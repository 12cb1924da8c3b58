package typography

import (
	"strings"

	"relais/gsm"
)

// PlainSpaces writes a space for those that nobody tells from one, and leaves out what
// has no width, where that alone makes the text GSM 7-bit: word processors put them
// before : and €. ok reports whether it did.
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

// spaces replaces the characters of table that look like a space, or like nothing.
var spaces = func() *strings.Replacer {
	var pairs []string
	for r, to := range table {
		if to == " " || to == "" {
			pairs = append(pairs, string(r), to)
		}
	}
	return strings.NewReplacer(pairs...)
}()
