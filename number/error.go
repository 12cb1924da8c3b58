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
	CodeMachine           = "number_machine"
)

// Codes of Warning alone.
const (
	CodeRepaired   = "number_repaired"   // Parse corrected the number
	CodeUnassigned = "number_unassigned" // the tables know no number that begins so
)

// Error says why a number is refused. Detail is a sentence for people: what is
// wrong and what would be right; French is the same in French. Neither ever holds the
// number.
type Error struct {
	Code   string
	Detail string
	French string
}

// Error joins the code and the detail.
func (e *Error) Error() string { return e.Code + ": " + e.Detail }

// Warning says what a person should know of a number that is accepted. Neither
// Detail nor French, which is the same in French, ever holds the number.
type Warning struct {
	Code   string
	Detail string
	French string
}

var (
	errEmpty = &Error{
		CodeEmpty,
		"There is no digit in it. Give a number such as +33 6 39 98 01 23.",
		"Il ne contient aucun chiffre. Donnez un numéro tel que +33 6 39 98 01 23.",
	}
	errCharacters = &Error{
		CodeInvalidCharacters,
		"It holds a character that no number has. Use digits, spaces, dots, dashes, slashes, parentheses, and a + only in front; " +
			"one number, without an extension.",
		"Il contient un caractère qu'aucun numéro n'a. Écrivez des chiffres, des espaces, des points, des tirets, des barres, des parenthèses, " +
			"et un + seulement devant ; un seul numéro, sans poste.",
	}
	errPower = &Error{
		CodeInvalidCharacters,
		"A spreadsheet wrote it as a power of ten, and its last digits are lost. Format the column as text, and type the number again.",
		"Un tableur l'a écrit comme une puissance de dix, et ses derniers chiffres sont perdus. Mettez la colonne au format texte, et saisissez de nouveau le numéro.",
	}
	errTooShort = &Error{
		CodeTooShort,
		"It has too few digits. Give the whole number, with + and the country code when it is abroad.",
		"Il a trop peu de chiffres. Donnez le numéro entier, avec + et l'indicatif du pays s'il est à l'étranger.",
	}
	errTooLong = &Error{
		CodeTooLong,
		"It has too many digits. An international number has at most 15 after the +. Give one number at a time.",
		"Il a trop de chiffres. Un numéro international en a 15 au plus après le +. Donnez un seul numéro à la fois.",
	}
	errMissingPrefix = &Error{
		CodeMissingPrefix,
		"It starts neither with 0 nor with +. A French number starts with 0; any number may start with + and its country code.",
		"Il ne commence ni par 0 ni par +. Un numéro français commence par 0 ; tout numéro peut commencer par + et l'indicatif de son pays.",
	}
	errUnknownCountry = &Error{
		CodeUnknownCountry,
		"No country has the code after the +. Check the first digits.",
		"Aucun pays n'a l'indicatif qui suit le +. Vérifiez les premiers chiffres.",
	}
	errUnknownRegion = &Error{
		CodeUnknownRegion,
		"It is written in national form and there is no default country to read it in. Start it with + and the country code.",
		"Il est écrit sous forme nationale et il n'y a pas de pays par défaut pour le lire. Faites-le commencer par + et l'indicatif du pays.",
	}
	errNotPossible = &Error{
		CodeNotPossible,
		"No number of its country looks like this. Check the digits, and start it with + and the country code.",
		"Aucun numéro de son pays n'a cette forme. Vérifiez les chiffres, et faites-le commencer par + et l'indicatif du pays.",
	}
	errPremium = &Error{
		CodePremium,
		"It is a premium-rate number, which receives no message. Give a mobile number.",
		"C'est un numéro surtaxé, qui ne reçoit pas de message. Donnez un numéro de mobile.",
	}
	errSpecial = &Error{
		CodeSpecial,
		"It is a special-rate or freephone number, which receives no message. Give a mobile number.",
		"C'est un numéro spécial ou gratuit, qui ne reçoit pas de message. Donnez un numéro de mobile.",
	}
	errFixedLine = &Error{
		CodeFixedLine,
		"It is a fixed line, which receives no message. In metropolitan France a mobile number starts with 06 or 07.",
		"C'est une ligne fixe, qui ne reçoit pas de message. En France métropolitaine, un numéro de mobile commence par 06 ou 07.",
	}
)

// errMachine is for those who write to people.
var errMachine = &Error{
	CodeMachine,
	"It is the number of a machine (07 00 and ten digits), which nobody reads. Give a mobile number, or set allow_machines for the account.",
	"C'est le numéro d'une machine (07 00 et dix chiffres), que personne ne lit. Donnez un numéro de mobile, ou réglez allow_machines pour le compte.",
}

// errAnyFixedLine is for those who take no fixed line of any country.
var errAnyFixedLine = &Error{
	CodeFixedLine,
	"It is a fixed line, and messages go to mobile numbers only. Give a mobile number.",
	"C'est une ligne fixe, et les messages ne vont qu'aux mobiles. Donnez un numéro de mobile.",
}

// errFamily says which numbers are taken.
func errFamily(families []string) *Error {
	list := strings.Join(families, ", ")
	return &Error{
		CodeFamily,
		"Messages go to numbers of " + list + " only. Give another number, or allow its family.",
		"Les messages ne vont qu'aux numéros de " + list + ". Donnez un autre numéro, ou autorisez sa famille.",
	}
}

// lengthError says what would be right, in both languages, then how many digits were
// given.
func lengthError(right, french string, longest, given int) *Error {
	if given > longest {
		return &Error{CodeTooLong, fmt.Sprintf("%s; this one has %d.", right, given), fmt.Sprintf("%s ; celui-ci en a %d.", french, given)}
	}
	return &Error{CodeTooShort, fmt.Sprintf("%s; this one has only %d.", right, given), fmt.Sprintf("%s ; celui-ci n'en a que %d.", french, given)}
}
