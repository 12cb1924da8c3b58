package number

import (
	"fmt"
	"strings"
)

// Codes of Error. They are part of the API and never change.
const (
	CodeEmpty             = "number_empty"
	CodeInvalidCharacters = "number_invalid_characters"
	CodeTooShort          = "number_too_short"
	CodeTooLong           = "number_too_long"
	CodeMissingPrefix     = "number_missing_prefix"
	CodeUnknownCountry    = "number_unknown_country"
	CodeUnknownRegion     = "number_unknown_region"
	CodeNotPossible       = "number_not_possible"
	CodePremium           = "number_premium"
	CodeSpecial           = "number_special"
	CodeFixedLine         = "number_fixed_line" // also a Warning where such a line is accepted
	CodeFamily            = "number_family"
)

// CodeRepaired is the code of the Warning for a number that Parse corrected.
const CodeRepaired = "number_repaired"

// Error says why a number is refused. Detail is a sentence for people: what is
// wrong and what would be right. It never holds the number.
type Error struct {
	Code   string
	Detail string
}

// Error joins the code and the detail.
func (e *Error) Error() string { return e.Code + ": " + e.Detail }

// Warning says what a person should know of a number that is accepted. Detail
// never holds the number.
type Warning struct {
	Code   string
	Detail string
}

var (
	errEmpty = &Error{
		CodeEmpty,
		"There is no digit in it. Give a number such as +33 6 39 98 01 23.",
	}
	errCharacters = &Error{
		CodeInvalidCharacters,
		"It holds a character that no number has. Use digits, spaces, dots, dashes, slashes, parentheses, and a + only in front.",
	}
	errTooShort = &Error{
		CodeTooShort,
		"It has too few digits. Give the whole number, with + and the country code when it is abroad.",
	}
	errTooLong = &Error{
		CodeTooLong,
		"It has too many digits. An international number has at most 15 after the +. Give one number at a time.",
	}
	errMissingPrefix = &Error{
		CodeMissingPrefix,
		"It starts neither with 0 nor with +. A French number starts with 0; any number may start with + and its country code.",
	}
	errUnknownCountry = &Error{
		CodeUnknownCountry,
		"No country has the code after the +. Check the first digits.",
	}
	errUnknownRegion = &Error{
		CodeUnknownRegion,
		"It is written in national form and there is no default country to read it in. Start it with + and the country code.",
	}
	errNotPossible = &Error{
		CodeNotPossible,
		"No number of its country looks like this. Check the digits, and start it with + and the country code.",
	}
	errPremium = &Error{
		CodePremium,
		"It is a premium-rate number, which receives no message. Give a mobile number.",
	}
	errSpecial = &Error{
		CodeSpecial,
		"It is a special-rate or freephone number, which receives no message. Give a mobile number.",
	}
	errFixedLine = &Error{
		CodeFixedLine,
		"It is a fixed line, which receives no message. In metropolitan France a mobile number starts with 06 or 07.",
	}
)

// errAnyFixedLine is for those who take no fixed line of any country.
var errAnyFixedLine = &Error{
	CodeFixedLine,
	"It is a fixed line, and messages go to mobile numbers only. Give a mobile number.",
}

// errFamily says which numbers are taken.
func errFamily(families []string) *Error {
	return &Error{CodeFamily, "Messages go to numbers of " + strings.Join(families, ", ") + " only. Give another number, or allow its family."}
}

// lengthError says what would be right, then how many digits were given.
func lengthError(right string, longest, given int) *Error {
	if given > longest {
		return &Error{CodeTooLong, fmt.Sprintf("%s; this one has %d.", right, given)}
	}
	return &Error{CodeTooShort, fmt.Sprintf("%s; this one has only %d.", right, given)}
}
