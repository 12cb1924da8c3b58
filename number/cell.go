package number

import (
	"errors"
	"slices"
	"strings"
	"unicode"
	"unicode/utf8"

	"relais/reason"
)

// Codes of cells of tables that hold no number, or several.
const (
	CodeScientific reason.Code = "number_scientific"
	CodeSeveral    reason.Code = "several_numbers"
	CodeNoNumber   reason.Code = "no_number"
	CodeLetter     reason.Code = "number_letter"
	CodeZeroOrPlus reason.Code = "number_zero_or_plus"
)

// Codes of what was repaired in a cell.
const (
	CodeZeroRestored reason.Code = "zero_restored"
	CodePlusRestored reason.Code = "plus_restored"
	CodeMarkDropped  reason.Code = "mark_dropped"
	CodeWordsDropped reason.Code = "words_dropped"
)

// longestCell is how many characters a cell with a number among words may have.
const longestCell = 100

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
	n, again := p.restored(bare, region)
	if again == nil {
		return n, nil
	}
	if wrong, ok := errors.AsType[*Error](again); ok && wrong.Reason.Is(CodeZeroOrPlus) {
		return Parsed{}, again
	}
	if _, exists := Every.Parse(bare, region); exists == nil || strings.ContainsRune(bare, 0) {
		return Parsed{}, err // a number that is not taken, or bytes that are no text
	}
	if utf8.RuneCountInString(bare) > longestCell {
		return Parsed{}, failed(CodeNoNumber, nil)
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
			if zeroOrPlus(digits) {
				return Parsed{}, failed(CodeZeroOrPlus, nil)
			}
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

// zeroOrPlus reports whether digits that lack their beginning are a mobile of France without
// its zero as well as one of New Caledonia or Wallis and Futuna without its plus.
func zeroOrPlus(digits string) bool {
	if !strings.HasPrefix(digits, "687") && !strings.HasPrefix(digits, "681") {
		return false
	}
	n, err := Every.Parse("+"+digits, "")
	return err == nil && n.Kind != Unknown
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

// few are digits that may still be something else than a number.
const few = 6

// among looks for a number among words. before is what is wrong with the whole. Nothing is
// guessed: a second number, or digits that may be a part of one, leave none.
func (p Policy) among(raw, region string, before error) (Parsed, error) {
	digits := digitsIn(raw)
	if at := letterAmong(raw); at > 0 && digits >= few {
		return Parsed{}, failed(CodeLetter, reason.Args{"position": reason.Count(at)})
	}
	var found Parsed
	others := false
	for _, one := range pieces(raw) {
		n, err := Every.Parse(one.text, region)
		switch {
		case digitsIn(one.text) < few || err != nil || n.Kind == Unknown:
			others = others || !one.ofWord
		case found.Number == "":
			found = n
		case found.Number != n.Number:
			return Parsed{}, failed(CodeSeveral, nil)
		}
	}
	switch {
	case found.Number != "" && others:
		return Parsed{}, failed(CodeSeveral, nil)
	case found.Number != "":
		if err := p.refuses(found); err != nil {
			return Parsed{}, err
		}
		return found.repaired(reason.Of(CodeWordsDropped, nil)), nil
	}
	if digits < few && strings.ContainsFunc(raw, func(r rune) bool { return !separates(r) && r != '+' }) ||
		digits == 0 {
		return Parsed{}, failed(CodeNoNumber, nil)
	}
	return Parsed{}, before
}

// piece is a part of a cell that has digits.
type piece struct {
	text   string
	ofWord bool // clearly the number of a word: poste 12, 2e étage
}

// pieces are the parts of a cell that may be a number each: what stands between words, and
// between marks that part things.
func pieces(raw string) []piece {
	var all []piece
	for from := 0; from < len(raw); {
		length := strings.IndexFunc(raw[from:], parts)
		if length < 0 {
			length = len(raw) - from
		}
		to := from + length
		if digitsIn(raw[from:to]) > 0 {
			ofWord := numbersWord(raw[:from], raw[from:to], raw[to:])
			for _, text := range cut(raw[from:to]) {
				text = strings.TrimFunc(text, func(r rune) bool { return separates(r) && r != '(' })
				all = append(all, piece{text, ofWord})
			}
		}
		_, size := utf8.DecodeRuneInString(raw[to:])
		from = to + size
	}
	return all
}

// parts reports whether r ends a number.
func parts(r rune) bool {
	return r != '+' && digitOf(r) < 0 && !separates(r) || r == '\n' || r == '\r'
}

// cut parts what is too long for one number. Where spaces alone part two numbers, or
// nothing does, it is cut where both sides are of ten digits, as French numbers are.
func cut(part string) []string {
	if digitsIn(part) <= maxE164 {
		return []string{part}
	}
	if halves := strings.Split(part, "/"); len(halves) == 2 {
		return halves
	}
	if at := strings.LastIndexByte(part, '+'); at > 0 {
		return []string{part[:at], part[at:]}
	}
	const ten = 10
	n := 0
	for i, r := range part {
		if digitOf(r) < 0 {
			continue
		}
		if n == ten && digitsIn(part[i:]) == ten {
			return []string{part[:i], part[i:]}
		}
		n++
	}
	return []string{part}
}

// numbersWord reports whether digits are clearly no part of a telephone number, but count
// what a word beside them says.
func numbersWord(before, digits, after string) bool {
	const most = 4
	bare := strings.TrimFunc(digits, separates)
	if len(bare) > most || bare[0] == '0' || len(bare) != digitsIn(bare) {
		return false
	}
	notWord := func(r rune) bool { return !unicode.IsLetter(r) && digitOf(r) < 0 }
	isLetter := unicode.IsLetter
	left := strings.TrimRightFunc(before, notWord)
	left = left[len(strings.TrimRightFunc(left, isLetter)):]
	right := after[:len(after)-len(strings.TrimLeftFunc(after, isLetter))]
	if joins(left) || joins(right) {
		return false
	}
	glued := digits == strings.TrimRightFunc(digits, separates)
	return left != "" || right != "" && (glued || strings.TrimFunc(before, notWord) == "")
}

// joins reports whether a word stands between two numbers.
func joins(word string) bool {
	switch strings.ToLower(word) {
	case "ou", "et", "or", "and", "puis", "sinon":
		return true
	}
	return false
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
// or an I beside digits, or a letter alone in a number or at its end.
func letterAmong(raw string) int {
	cell := []rune(raw)
	for i := 0; i < len(cell); i++ {
		if !unicode.IsLetter(cell[i]) {
			continue
		}
		from := i
		for i+1 < len(cell) && unicode.IsLetter(cell[i+1]) {
			i++
		}
		before, after := digitsBeside(cell, from-1, -1), digitsBeside(cell, i+1, 1)
		word := string(cell[from : i+1])
		alike := strings.Trim(word, "OoIl") == "" && before+after > 0
		alone := from == i && (before >= few || before > 0 && after >= few)
		if alike || alone {
			return from + 1
		}
	}
	return 0
}

// digitsBeside counts the digits of the piece that begins at a place with a digit.
func digitsBeside(cell []rune, at, step int) int {
	if at < 0 || at >= len(cell) || digitOf(cell[at]) < 0 {
		return 0
	}
	n := 0
	for ; at >= 0 && at < len(cell) && !parts(cell[at]); at += step {
		if digitOf(cell[at]) >= 0 {
			n++
		}
	}
	return n
}
