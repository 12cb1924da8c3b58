package export

import (
	"strings"

	"relais/number"
	"relais/plaintext"
)

// region is the country in which national numbers are written, and read again.
const region = "FR"

// international leaves a number in E.164 as it is: a plus with digits alone is one, and no
// formula.
func international(cell string) string {
	if e164(cell) {
		return cell
	}
	return plaintext.ForSpreadsheet(cell)
}

func e164(cell string) bool {
	digits, plus := strings.CutPrefix(cell, "+")
	return plus && digits != "" && strings.Trim(digits, "0123456789") == ""
}

// National writes a number in E.164 as a person in France dials it, with spaces, so that a
// spreadsheet takes it for a text: 06 12 34 56 78, and abroad 00 44 77 00 90 01 23. What is
// no such number is written as any text.
func National(cell string) string {
	if !e164(cell) {
		return plaintext.ForSpreadsheet(cell)
	}
	nine := lastNine(cell)
	if dialledWithZero(strings.TrimSuffix(cell, nine)) {
		written := pairs("0" + nine)
		if n, err := number.Every.Parse(written, region); err == nil && string(n.Number) == cell {
			return written
		}
	}
	return pairs("00" + cell[1:])
}

// lastNine are the digits behind the zero of a French number.
func lastNine(cell string) string {
	const behind = 9
	return cell[max(len(cell)-behind, 0):]
}

// dialledWithZero reports whether a country code has numbers of the French plan: ten digits
// with the zero, of which the first ones name the territory.
func dialledWithZero(code string) bool {
	switch code {
	case "+33", "+262", "+590", "+594", "+596":
		return true
	}
	return false
}

// pairs writes digits two by two.
func pairs(digits string) string {
	const two = 2
	var b strings.Builder
	for i := 0; i < len(digits); i += two {
		if i > 0 {
			b.WriteByte(' ')
		}
		b.WriteString(digits[i:min(i+two, len(digits))])
	}
	return b.String()
}
