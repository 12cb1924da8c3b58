package campaign

import (
	"cmp"
	"strings"
	"unicode"

	"relais/number"
	"relais/plaintext"
)

// Duplicates says what becomes of rows with the same number.
type Duplicates string

// The choices of duplicates.
const (
	SameText   Duplicates = "same_text" // one message where the texts are the same; else each
	FirstOnly  Duplicates = "first"     // one message
	EveryRow   Duplicates = "none"      // a message for each row
	defaultDup            = SameText
)

// Options are what a person chose.
type Options struct {
	Column     string // the one with the numbers, by name or letter; empty: as the content says
	Header     int    // the row with the names; 0: as the content says, below 0: none
	Text       string // with fields; empty: the numbers alone are judged
	Region     string // ISO 3166-1, in which numbers are dialled; empty: FR
	Numbers    number.Policy
	Duplicates Duplicates
	Segments   int  // most of one message; 0: 10
	GSM        bool // characters that cost more are replaced, where all of them can be
}

func (o Options) region() string         { return cmp.Or(o.Region, "FR") }
func (o Options) duplicates() Duplicates { return cmp.Or(o.Duplicates, defaultDup) }

func (o Options) segments() int {
	const usual = 10
	return cmp.Or(o.Segments, usual)
}

// tidy writes a value as it goes into a text: without the spaces around it, runs of them
// as one, without characters that no handset shows.
func tidy(value string) string {
	value = unescaped(value)
	clean := true
	for i, r := range value {
		if r == ' ' && (i == 0 || i == len(value)-1 || value[i-1] == ' ') || r == '\t' || r == '\r' ||
			unicode.IsControl(r) && r != '\n' || r == '\u2028' || r == '\ufeff' {
			clean = false
			break
		}
	}
	if clean {
		return strings.TrimSpace(value)
	}
	var b strings.Builder
	space := false
	for _, r := range value {
		switch {
		case r == ' ' || r == '\t':
			space = true
			continue
		case r == '\u2028':
			r = '\n'
		case r == '\r' || unicode.IsControl(r) && r != '\n' || r == '\ufeff':
			continue
		}
		if space && b.Len() > 0 {
			b.WriteByte(' ')
		}
		space = false
		b.WriteRune(r)
	}
	return strings.TrimSpace(b.String())
}

// unescaped takes off the apostrophe that keeps a cell from being a formula: what we write
// is read again as it was.
func unescaped(value string) string {
	if text, found := strings.CutPrefix(value, "'"); found && plaintext.StartsFormula(text) {
		return text
	}
	return value
}
