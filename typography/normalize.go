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
	Marked   bool // a byte order mark before the text is gone
}

// Normalize leaves out a byte order mark, which says how a file is written, and writes
// letters with their accents (Unicode Standard Annex 15, NFC) and line ends with one
// character. A decomposed é would move the whole text to UCS-2,
// and a CR is a character to pay.
func Normalize(text string) Normalized {
	n := Normalized{Text: text}
	if rest, marked := strings.CutPrefix(text, "\ufeff"); marked && strings.TrimSpace(rest) != "" {
		n.Text, n.Marked = rest, true
	}
	if !norm.NFC.IsNormalString(n.Text) {
		n.Text, n.Composed = norm.NFC.String(n.Text), true
	}
	if strings.Contains(n.Text, "\r") {
		n.Text, n.LineEnds = lineEnds.Replace(n.Text), true
	}
	return n
}

var lineEnds = strings.NewReplacer("\r\n", "\n", "\r", "\n")
