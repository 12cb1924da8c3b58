package number

import (
	"slices"
	"strings"
	"unicode"

	"relais/reason"
)

// Codes of cells of tables that hold no number, or several.
const (
	CodeScientific reason.Code = "number_scientific"
	CodeSeveral    reason.Code = "several_numbers"
	CodeNoNumber   reason.Code = "no_number"
	CodeLetter     reason.Code = "number_letter"
)

// Codes of what was repaired in a cell.
const (
	CodeZeroRestored reason.Code = "zero_restored"
	CodePlusRestored reason.Code = "plus_restored"
	CodeMarkDropped  reason.Code = "mark_dropped"
	CodeWordsDropped reason.Code = "words_dropped"
)

// Cell reads a number from a cell of a table, where spreadsheets and people leave more
// than a number: zeros that are lost, marks of formulas, words. What was repaired is the
// first of the warnings. The error is always an *Error.
func (p Policy) Cell(raw, region string) (Parsed, error) {
	n, err := p.Parse(raw, region)
	if err == nil {
		return n, nil
	}
	bare, marked := withoutMarks(raw)
	if power.MatchString(bare) {
		return Parsed{}, failed(CodeScientific, nil)
	}
	if marked {
		if n, again := p.restored(bare, region); again == nil {
			return n.repaired(reason.Of(CodeMarkDropped, nil)), nil
		}
	}
	if n, again := p.restored(bare, region); again == nil {
		return n, nil
	}
	if _, exists := Every.Parse(bare, region); exists == nil || strings.ContainsRune(bare, 0) {
		return Parsed{}, err // a number that is not taken, or bytes that are no text
	}
	return p.among(bare, region, err)
}

// restored reads a number whose zero or plus a spreadsheet took for nothing.
func (p Policy) restored(raw, region string) (Parsed, error) {
	const withoutZero, shortest = 9, 11
	c, odd := clean(raw)
	if odd == nil && !c.plus {
		digits := string(c.digits())
		switch {
		case len(digits) == withoutZero && (digits[0] == '6' || digits[0] == '7') &&
			slices.Contains(frenchRegions, region):
			n, err := p.Parse("0"+digits, region)
			return n.repaired(reason.Of(CodeZeroRestored, nil)), err
		case len(digits) >= shortest && frenchCode(digits):
			if n, err := p.Parse("+"+digits, region); err == nil && n.Kind != Unknown {
				return n.repaired(reason.Of(CodePlusRestored, nil)), nil
			}
		}
	}
	return p.Parse(raw, region)
}

// frenchCode reports whether digits begin with a country code of the French plan.
func frenchCode(digits string) bool {
	_, found := territoryOf(string(callingCode([]byte(digits))))
	return found
}

// withoutMarks takes off what makes a formula or a text of a number: ="0612", '0612, @+33;
// and the zero of 0+33.
func withoutMarks(raw string) (string, bool) {
	bare := strings.TrimFunc(raw, func(r rune) bool {
		return strings.ContainsRune("='’@\"`", r) || unicode.IsSpace(r) || unicode.In(r, unicode.Cf)
	})
	if rest, found := strings.CutPrefix(bare, "0+"); found {
		bare = "+" + rest
	}
	return bare, bare != strings.TrimSpace(raw)
}

// among looks for a number among words. before is what is wrong with the whole.
func (p Policy) among(raw, region string, before error) (Parsed, error) {
	const few = 6 // digits that may still be something else than a number
	var found []Parsed
	digits := 0
	for _, piece := range pieces(raw) {
		n := digitsIn(piece)
		digits += n
		if n < few {
			continue
		}
		one, err := Every.Parse(piece, region)
		if err != nil || one.Kind == Unknown {
			continue
		}
		if !slices.ContainsFunc(found, func(f Parsed) bool { return f.Number == one.Number }) {
			found = append(found, one)
		}
	}
	switch {
	case len(found) > 1:
		return Parsed{}, failed(CodeSeveral, nil)
	case len(found) == 1:
		if err := p.refuses(found[0]); err != nil {
			return Parsed{}, err
		}
		return found[0].repaired(reason.Of(CodeWordsDropped, nil)), nil
	}
	if at := letterAmong(raw); at > 0 && digits >= few {
		return Parsed{}, failed(CodeLetter, reason.Args{"position": reason.Count(at)})
	}
	if digits < few && strings.ContainsFunc(raw, func(r rune) bool { return !separates(r) && r != '+' }) ||
		digits == 0 {
		return Parsed{}, failed(CodeNoNumber, nil)
	}
	return Parsed{}, before
}

// pieces are the parts of a cell that may be a number each: what stands between words, and
// between marks that part things. Where spaces alone part two numbers, halves of ten
// digits are pieces.
func pieces(raw string) []string {
	parts := strings.FieldsFunc(raw, func(r rune) bool {
		return r != '+' && digitOf(r) < 0 && !separates(r) || r == '\n' || r == '\r'
	})
	var all []string
	for _, part := range parts {
		if digitsIn(part) <= maxE164 {
			all = append(all, strings.TrimFunc(part, func(r rune) bool { return separates(r) && r != '(' }))
			continue
		}
		if halves := strings.Split(part, "/"); len(halves) == 2 {
			all = append(all, halves...)
			continue
		}
		if at := strings.LastIndexByte(part, '+'); at > 0 {
			all = append(all, part[:at], part[at:])
			continue
		}
		all = append(all, inTens(part)...)
	}
	return all
}

// inTens cuts digits in groups of ten, as French numbers are long.
func inTens(part string) []string {
	const ten = 10
	var all []string
	from, n := 0, 0
	for i, r := range part {
		if digitOf(r) < 0 {
			continue
		}
		if n == ten {
			all, from, n = append(all, part[from:i]), i, 0
		}
		n++
	}
	return append(all, part[from:])
}

func digitsIn(text string) int {
	n := 0
	for _, r := range text {
		if digitOf(r) >= 0 {
			n++
		}
	}
	return n
}

// letterAmong is the place, in characters from 1, of a letter that stands for a digit: an O
// or an I beside digits.
func letterAmong(raw string) int {
	letters := []rune(raw)
	for i, r := range letters {
		if !strings.ContainsRune("OoIl", r) {
			continue
		}
		before := i > 0 && digitOf(letters[i-1]) >= 0
		after := i+1 < len(letters) && digitOf(letters[i+1]) >= 0
		if before || after {
			return i + 1
		}
	}
	return 0
}
