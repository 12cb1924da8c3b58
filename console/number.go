package console

import (
	"strings"

	"relais/auth"
	"relais/sms"
)

// Number is a number as the person may see it: whole with the right to see texts, else
// with all but its beginning and its end hidden. A pseudonym stays one.
func (f *frame) Number(n sms.Number) string {
	if !strings.HasPrefix(string(n), "+") {
		return f.hiddenNumber(n)
	}
	text := grouped(string(n))
	if f.May(auth.SeeTexts) {
		return text
	}
	return masked(text)
}

// hiddenNumber says that a number is no longer kept.
func (f *frame) hiddenNumber(n sms.Number) string {
	if strings.HasPrefix(string(n), "~") {
		said, _ := f.Say("number_erased") //nolint:errcheck // without arguments nothing fails
		return said
	}
	return string(n)
}

// grouped writes a number in groups, French ones as France writes them.
func grouped(n string) string {
	rest, french := strings.CutPrefix(n, "+33")
	if !french || len(rest) != 9 {
		return n
	}
	return "+33 " + rest[:1] + " " + rest[1:3] + " " + rest[3:5] + " " + rest[5:7] + " " + rest[7:]
}

// masked hides what is between the country with the first digit and the last two digits.
func masked(n string) string {
	const begin, end = 5, 2
	if len(n) < begin+end {
		return strings.Repeat("•", len(n))
	}
	var b strings.Builder
	b.WriteString(n[:begin])
	for _, c := range n[begin : len(n)-end] {
		if c == ' ' {
			b.WriteRune(c)
		} else {
			b.WriteRune('•')
		}
	}
	return b.String() + n[len(n)-end:]
}
