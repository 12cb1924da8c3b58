package typography

import (
	"strings"

	"golang.org/x/text/unicode/norm"
)

// Normalized is a text of which nobody sees that it was changed.
type Normalized struct {
	Text     string
	Composed bool // letters that were written as two characters are one (NFC)
	LineEnds bool // CR LF, and CR alone, are LF
}

// Normalize writes letters with their accents (Unicode Standard Annex 15, NFC) and
// line ends with one character. A decomposed é would move the whole text to UCS-2,
// and a CR is a character to pay.
func Normalize(text string) Normalized {
	n := Normalized{Text: text}
	if !norm.NFC.IsNormalString(text) {
		n.Text, n.Composed = norm.NFC.String(text), true
	}
	if strings.Contains(n.Text, "\r") {
		n.Text, n.LineEnds = lineEnds.Replace(n.Text), true
	}
	return n
}

var lineEnds = strings.NewReplacer("\r\n", "\n", "\r", "\n")
