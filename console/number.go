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
		said, _ := f.Say("number_erased")
		return said
	}
	return string(n)
}

// overseas are the country codes of the French plan outside of metropolitan France.
var overseas = []string{"+262", "+590", "+594", "+596"}

// grouped writes a number in groups, as French people read it where it is French.
func grouped(n string) string {
	const national = 9 // digits behind the country
	country, first := "+33", 1
	for _, c := range overseas {
		if strings.HasPrefix(n, c) {
			country, first = c, 3
		}
	}
	rest, of := strings.CutPrefix(n, country)
	if !of || len(rest) != national {
		return n
	}
	groups := []string{country, rest[:first]}
	for i := first; i < national; i += 2 {
		groups = append(groups, rest[i:i+2])
	}
	return strings.Join(groups, " ")
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
