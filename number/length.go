package number

import (
	"slices"
	"strings"

	"github.com/nyaruka/phonenumbers"

	"relais/reason"
)

// outside says what is wrong with a number that no block has: its length for its country,
// else its length for where it begins. What remains is taken with a warning: a block may be
// younger than the metadata.
func outside(code string, national []byte) (Parsed, *Error) {
	n := metadataNumber(code, national)
	lengths := countryLengths(code)
	switch err := possible(n); {
	case national[0] == '0':
		return Parsed{}, errNotPossible
	case err != nil && err.Reason.Code == CodeNotPossible && len(lengths) > 0 &&
		!slices.Contains(lengths, len(national)):
		fault := countryLength(code, lengths, len(national))
		return Parsed{}, &Error{fault.Reason.As(codeNotPossibleFor)}
	case err != nil && len(lengths) > 0:
		return Parsed{}, countryLength(code, lengths, len(national))
	case err != nil:
		return Parsed{}, err
	}
	if right := blockLengths(code, national, lengths); len(right) > 0 {
		args := digitsOf(code, spelled(right))
		return Parsed{}, lengthError(phraseBlock, args, longerThan(right, len(national)), len(national))
	}
	p, err := classify(n)
	if err == nil {
		p.Warnings = append([]reason.Reason{unassigned(code)}, p.Warnings...)
	}
	return p, err
}

func countryLength(code string, lengths []int, given int) *Error {
	return lengthError(phraseCountry, digitsOf(code, spelled(lengths)), longerThan(lengths, given), given)
}

// longerThan is the bound by which lengthError says "only": the next greater length, else
// the greatest.
func longerThan(lengths []int, given int) int {
	for _, n := range lengths {
		if n > given {
			return n
		}
	}
	return slices.Max(lengths)
}

// countryLengths are the lengths of numbers after a country code, ascending.
func countryLengths(code string) []int {
	var lengths []int
	for n := 1; n <= maxE164-len(code); n++ {
		if possible(metadataNumber(code, []byte(strings.Repeat("1", n)))) == nil {
			lengths = append(lengths, n)
		}
	}
	return lengths
}

// blockLengths are the lengths of the numbers that begin as this one does, cut or filled up.
func blockLengths(code string, national []byte, lengths []int) []int {
	var right []int
	for _, n := range lengths {
		if n != len(national) && someInBlock(code, national, n) {
			right = append(right, n)
		}
	}
	return right
}

func someInBlock(code string, national []byte, length int) bool {
	if length < len(national) {
		_, ok := inBlock(code, national[:length])
		return ok
	}
	for fill := '0'; fill <= '9'; fill++ {
		longer := string(national) + strings.Repeat(string(fill), length-len(national))
		if _, ok := inBlock(code, []byte(longer)); ok {
			return true
		}
	}
	return false
}

// digitsOf are the arguments of a sentence about the digits after a country code.
func digitsOf(code string, digits reason.Arg) reason.Args {
	return reason.Args{"country_code": reason.Name(code), "digits": digits}
}

// spelled writes lengths in words: "8, 10 or 11", "7 to 11".
func spelled(lengths []int) reason.Arg {
	first, last := lengths[0], lengths[len(lengths)-1]
	if len(lengths) > 2 && last-first == len(lengths)-1 {
		return reason.Of(phraseRange, reason.Args{"from": reason.Count(first), "to": reason.Count(last)})
	}
	return reason.Either(counts(lengths)...)
}

func counts(numbers []int) []reason.Arg {
	all := make([]reason.Arg, len(numbers))
	for i, n := range numbers {
		all[i] = reason.Count(n)
	}
	return all
}

// unassigned tells of a number that is taken though the tables know no block of it.
func unassigned(code string) reason.Reason {
	return reason.Of(CodeUnassigned, reason.Args{"country_code": reason.Name(code)})
}

// zeros counts the zeros that digits begin with.
func zeros(digits []byte) int32 {
	return int32(len(digits) - len(strings.TrimLeft(string(digits), "0"))) //nolint:gosec // at most 18 digits
}

// kept is the library's mark for zeros that are part of a number, as in Italy.
func kept(n *phonenumbers.PhoneNumber, digits []byte) *phonenumbers.PhoneNumber {
	if z := zeros(digits); z > 0 {
		n.ItalianLeadingZero = new(true)
		n.NumberOfLeadingZeros = new(z)
	}
	return n
}
