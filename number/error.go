package number

import "relais/reason"

// Codes of Error. They are part of the API and never change.
const (
	CodeEmpty             reason.Code = "number_empty"
	CodeInvalidCharacters reason.Code = "number_invalid_characters"
	CodeTooShort          reason.Code = "number_too_short"
	CodeTooLong           reason.Code = "number_too_long"
	CodeMissingPrefix     reason.Code = "number_missing_prefix"
	CodeUnknownCountry    reason.Code = "number_unknown_country"
	CodeUnknownRegion     reason.Code = "number_unknown_region"
	CodeNotPossible       reason.Code = "number_not_possible"
	CodePremium           reason.Code = "number_premium"
	CodeSpecial           reason.Code = "number_special"
	CodeFixedLine         reason.Code = "number_fixed_line" // also a warning where such a line is accepted
	CodeFamily            reason.Code = "number_family"
	CodeMachine           reason.Code = "number_machine"
)

// CodeFiction is the code of a number that nobody has, where real operators send.
const CodeFiction reason.Code = "number_fiction"

// Codes of warnings alone.
const (
	CodeRepaired   reason.Code = "number_repaired"   // Parse corrected the number
	CodeUnassigned reason.Code = "number_unassigned" // the tables know no number that begins so
)

// Codes of further sentences.
const (
	codePower          reason.Code = CodeInvalidCharacters + "/power_of_ten"
	codeMetropolitan   reason.Code = CodeFixedLine + "/metropolitan"
	codeAnyFixedLine   reason.Code = CodeFixedLine + "/any"
	codeFewFixedLines  reason.Code = CodeFixedLine + "/few"
	codeTooLongFor     reason.Code = CodeTooLong + "/digits"
	codeTooShortFor    reason.Code = CodeTooShort + "/digits"
	codeNotPossibleFor reason.Code = CodeNotPossible + "/digits" // groups the two above
	codeCodeTwice      reason.Code = CodeRepaired + "/code_twice"
	codePlusAndZeros   reason.Code = CodeRepaired + "/plus_and_zeros"
	codeNationalForm   reason.Code = CodeRepaired + "/national_form"
	codeOldForm        reason.Code = CodeRepaired + "/old_form"
	codeZero           reason.Code = CodeRepaired + "/zero"
	codeWrongCode      reason.Code = CodeRepaired + "/wrong_code"

	phraseFrench  reason.Code = "words/digits_french"
	phraseMachine reason.Code = "words/digits_machine"
	phraseCountry reason.Code = "words/digits_country"
	phraseBlock   reason.Code = "words/digits_block"
	phraseRange   reason.Code = "words/range"
)

// Error says why a number is refused: what is wrong and what would be right. It never
// holds the number.
type Error struct{ Reason reason.Reason }

// Error joins the code and the sentence.
func (e *Error) Error() string { return e.Reason.Code.Wire() + ": " + e.Reason.In(reason.English) }

var (
	errEmpty          = failed(CodeEmpty, nil)
	errCharacters     = failed(CodeInvalidCharacters, nil)
	errPower          = failed(codePower, nil)
	errTooShort       = failed(CodeTooShort, nil)
	errTooLong        = failed(CodeTooLong, nil)
	errMissingPrefix  = failed(CodeMissingPrefix, nil)
	errUnknownCountry = failed(CodeUnknownCountry, nil)
	errUnknownRegion  = failed(CodeUnknownRegion, nil)
	errNotPossible    = failed(CodeNotPossible, nil)
	errPremium        = failed(CodePremium, nil)
	errSpecial        = failed(CodeSpecial, nil)
	errFixedLine      = failed(codeMetropolitan, nil)
	// errMachine is for those who write to people.
	errMachine = failed(CodeMachine, nil)
	// errAnyFixedLine is for those who take no fixed line of any country.
	errAnyFixedLine = failed(codeAnyFixedLine, nil)
)

func failed(code reason.Code, args reason.Args) *Error { return &Error{reason.Of(code, args)} }

// errFamily says which numbers are taken.
func errFamily(families []string) *Error {
	return failed(CodeFamily, reason.Args{"families": reason.Names(families)})
}

// lengthError says in a phrase what would be right, then how many digits were given.
func lengthError(right reason.Code, args reason.Args, longest, given int) *Error {
	code := codeTooShortFor
	if given > longest {
		code = codeTooLongFor
	}
	return failed(code, reason.Args{"right": reason.Of(right, args), "given": reason.Count(given)})
}
