package number

import "relais/reason"

// Codes of how a number is read.
const (
	CodeReading reason.Code = "number"

	codeRead      reason.Code = "number/read"
	codeCorrected reason.Code = "number/corrected"

	phraseKind reason.Code = "words/number_" // with the kind behind it
)

// Reading says how the number is read, and that it was corrected first.
func (p Parsed) Reading(corrected bool) reason.Reason {
	code, country := codeRead, p.Country
	if corrected {
		code = codeCorrected
	}
	if country == "" {
		country = "?"
	}
	return reason.Of(code, reason.Args{
		"kind":    reason.Of(phraseKind+reason.Code(p.Kind), nil),
		"country": reason.Name(country), "family": reason.Name(p.Family),
	})
}
