package number

import (
	"errors"
	"strconv"
	"strings"

	"github.com/nyaruka/phonenumbers"
)

// callingCode gives the country code that digits begin with. ITU-T E.164,
// annex to Operational Bulletin 1114: 1 and 7 stand alone, the codes below have
// two digits and all others have three.
func callingCode(digits []byte) string {
	first := digits[:3]
	switch {
	case first[0] == '1' || first[0] == '7':
		return string(first[:1])
	case strings.Contains(twoDigitCodes, string(first[:2])):
		return string(first[:2])
	default:
		return string(first)
	}
}

const twoDigitCodes = "20 27 28 30 31 32 33 34 36 39 40 41 43 44 45 46 47 48 49 51 52 53 54 55 56 57 58 " +
	"60 61 62 63 64 65 66 81 82 84 86 90 91 92 93 94 95 98"

// KnownRegion reports whether region is an ISO 3166-1 code, in capitals, that
// Parse can read national forms for.
func KnownRegion(region string) bool {
	return phonenumbers.GetCountryCodeForRegion(region) != 0
}

// foreignNational reads digits without a + in a region outside the French
// plan. The library knows its trunk prefix and how it dials abroad.
func foreignNational(digits []byte, region string) (Parsed, *Error) {
	if !KnownRegion(region) {
		return Parsed{}, errUnknownRegion
	}
	n, err := phonenumbers.Parse(string(digits), region)
	if err != nil {
		return Parsed{}, libraryError(err)
	}
	return international([]byte(phonenumbers.Format(n, phonenumbers.E164)[1:]))
}

// foreign reads the digits after a country code that has no table here.
func foreign(code string, national []byte) (Parsed, *Error) {
	if !known(code) {
		return Parsed{}, errUnknownCountry
	}
	if p, ok := inBlock(code, national); ok {
		return p, nil
	}
	if p, ok := corrected(code, national); ok {
		return p, nil
	}
	// Without its trunk prefix, the length is what people count.
	if home := fromInside(code, national); home != nil {
		national = home
	}
	return outside(code, national)
}

func known(code string) bool {
	number, _ := strconv.Atoi(code)
	return len(phonenumbers.GetRegionCodesForCountryCode(number)) > 0
}

// metadataNumber is the library's form of the digits after a country code.
func metadataNumber(code string, national []byte) *phonenumbers.PhoneNumber {
	countryCode, _ := strconv.ParseInt(code, 10, 32)
	nationalNumber, _ := strconv.ParseUint(string(national), 10, 64)
	n := phonenumbers.PhoneNumber{CountryCode: new(int32(countryCode)), NationalNumber: new(nationalNumber)}
	return kept(&n, national)
}

// possible checks the length alone: a strict check would refuse the blocks
// that opened after the metadata was made.
func possible(n *phonenumbers.PhoneNumber) *Error {
	switch phonenumbers.IsPossibleNumberWithReason(n) {
	case phonenumbers.IS_POSSIBLE:
		return nil
	case phonenumbers.TOO_SHORT, phonenumbers.IS_POSSIBLE_LOCAL_ONLY:
		return errTooShort
	case phonenumbers.TOO_LONG:
		return errTooLong
	default:
		return errNotPossible
	}
}

func libraryError(err error) *Error {
	switch {
	case errors.Is(err, phonenumbers.ErrInvalidCountryCode):
		return errUnknownCountry
	case errors.Is(err, phonenumbers.ErrTooShortNSN), errors.Is(err, phonenumbers.ErrTooShortAfterIDD):
		return errTooShort
	case errors.Is(err, phonenumbers.ErrNumTooLong):
		return errTooLong
	default:
		return errNotPossible
	}
}

// classify tells what the metadata knows of a possible number.
func classify(n *phonenumbers.PhoneNumber) (Parsed, *Error) {
	code := strconv.Itoa(int(n.GetCountryCode()))
	national := phonenumbers.GetNationalSignificantNumber(n)
	switch digits := len(code) + len(national); {
	case digits < minDigits:
		return Parsed{}, errTooShort
	case digits > maxE164:
		return Parsed{}, errTooLong
	}
	country, kind := fiction(code, national)
	if kind == Unknown {
		country, kind = regionOf(n), kinds[phonenumbers.GetNumberType(n)]
	}
	family := strings.ToLower(country)
	if t, ok := territoryOf(code); ok {
		family = t.family
	}
	return parsed(code, []byte(national), kind, country, family), nil
}

const maxE164 = 15 // digits; ITU-T E.164, 6.1

// kinds gives our word for the library's. Voice over IP is a fixed line to a
// sender of messages.
var kinds = map[phonenumbers.PhoneNumberType]Kind{
	phonenumbers.MOBILE:               Mobile,
	phonenumbers.FIXED_LINE:           Fixed,
	phonenumbers.FIXED_LINE_OR_MOBILE: FixedOrMobile,
	phonenumbers.PREMIUM_RATE:         Premium,
	phonenumbers.TOLL_FREE:            Special,
	phonenumbers.SHARED_COST:          Special,
	phonenumbers.VOIP:                 Fixed,
	phonenumbers.PERSONAL_NUMBER:      Special,
	phonenumbers.PAGER:                Special,
	phonenumbers.UAN:                  Special,
	phonenumbers.VOICEMAIL:            Special,
	phonenumbers.UNKNOWN:              Unknown,
}

// regionOf is the country of a number, or "" for a network without one and
// for an unknown block of a shared country code.
func regionOf(n *phonenumbers.PhoneNumber) string {
	const world = "001" // UN M.49
	if region := phonenumbers.GetRegionCodeForNumber(n); region != world {
		return region
	}
	return ""
}

// fiction finds the ranges that regulators keep for films and examples. The
// country of a North American one is that of its area code, which does not
// matter here: it is left to the default.
func fiction(code, national string) (string, Kind) {
	switch {
	case code == "44" && strings.HasPrefix(national, "7700900"): // Ofcom, numbers for drama
		return "GB", Fiction
	case code == "1" && len(national) == 10 && national[3:8] == "55501": // ATIS-0300115: 555-0100 to 0199
		return "US", Fiction
	default:
		return "", Unknown
	}
}
