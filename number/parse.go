package number

import (
	"slices"

	"relais/reason"
	"relais/sms"
)

// Kind is the kind of line behind a number.
type Kind string

// The kinds of line.
const (
	Mobile        Kind = "mobile"
	Fixed         Kind = "fixed"
	FixedOrMobile Kind = "fixed_or_mobile" // the plan does not tell them apart
	Premium       Kind = "premium"         // refused; see CodePremium
	Special       Kind = "special"         // freephone, shared cost, personal, paging
	Fiction       Kind = "fiction"         // reserved for films and examples: nobody has it
	Machine       Kind = "machine"         // between machines; see CodeMachine
	Unknown       Kind = "unknown"         // possible; the tables know no block of it
)

// Families of numbers that are not a single country.
const (
	FRMetro    = "fr-metro"    // +33
	FROverseas = "fr-overseas" // +262, +508, +590, +594, +596, +681, +687, +689
)

// Parsed is a number and what is known of it.
type Parsed struct {
	Number sms.Number
	Kind   Kind
	// Country is the ISO 3166-1 code of the place, or "" when the country code
	// is shared and the block is not known. +590 is always GP: Saint-Martin and
	// Saint-Barthélemy have no digits of their own.
	Country string
	// Family is FRMetro, FROverseas, else the country in lower case.
	Family string
	// Warnings are what a person should know of a number that is taken. They never hold it.
	Warnings []reason.Reason
}

// Parse reads a number written by a person in a country: region is its ISO
// 3166-1 code, in capitals, and tells how to read a national form. In the
// French plan the first digits decide, not the region: 0692… is in Réunion
// from anywhere in it. The error is always an *Error.
func Parse(raw, region string) (Parsed, error) { return Policy{}.Parse(raw, region) }

func read(c cleaned, region string) (Parsed, *Error) {
	switch {
	case c.plus:
		return international(c.digits())
	case slices.Contains(frenchRegions, region):
		return frenchNational(c.digits(), region)
	default:
		return foreignNational(c.digits(), region)
	}
}

// international reads the digits that follow a +.
func international(digits []byte) (Parsed, *Error) {
	if len(digits) < minDigits {
		return Parsed{}, errTooShort
	}
	if startsWith(digits, "00") && len(digits) >= 2+minDigits && digits[2] != '0' {
		p, err := international(digits[2:])
		return p.repaired(plusAndZeros), err
	}
	if digits[0] == '0' {
		return Parsed{}, errUnknownCountry
	}
	code := callingCode(digits)
	national := digits[len(code):]
	if t, ok := territoryOf(code); ok {
		return frenchInternational(t, national)
	}
	return foreign(code, national)
}

// minDigits is the shortest international number: Niue and Saint Helena have 7
// digits with their country codes.
const minDigits = 7

// special says why a number whose calls cost more, or nothing, is not taken. In
// every country: personal numbers, +44 70 for one, are dear and a known goal of
// those who earn by messages to their own numbers.
func special(p Parsed) *Error {
	switch p.Kind {
	case Premium:
		return errPremium
	case Special:
		return errSpecial
	default:
		return nil
	}
}

var fixedLine = []reason.Reason{reason.Of(codeFewFixedLines, nil)}

// parsed joins a country code and a national number.
func parsed(code string, national []byte, kind Kind, country, family string) Parsed {
	var e164 [1 + maxE164]byte
	digits := append(append(append(e164[:0], '+'), code...), national...)
	p := Parsed{Number: sms.Number(digits), Kind: kind, Country: country, Family: family}
	if kind == Fixed {
		p.Warnings = fixedLine
	}
	return p
}
