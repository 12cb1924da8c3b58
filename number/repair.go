package number

import (
	"bytes"
	"slices"
	"strings"

	"github.com/nyaruka/phonenumbers"

	"relais/reason"
)

// Repairs names the rules of this file. Who changes which number a written form is read
// as changes it: what is stored under forms of before is then looked through once.
const Repairs = "2026-11-29"

// Warnings of numbers that were corrected.
var (
	codeTwice    = reason.Of(codeCodeTwice, nil)
	plusAndZeros = reason.Of(codePlusAndZeros, nil)
	nationalForm = reason.Of(codeNationalForm, nil)
	oldForm      = reason.Of(codeOldForm, nil)
)

// noZero tells of a 0 behind the country code that is no part of the number.
func noZero(code string) reason.Reason {
	return reason.Of(codeZero, reason.Args{"country_code": reason.Name(code)})
}

// wrongCode tells of digits that stand behind the code of another French territory.
func wrongCode(written, right string) reason.Reason {
	return reason.Of(codeWrongCode, reason.Args{"written": reason.Name(written), "right": reason.Name(right)})
}

// repaired puts the warning of a correction first.
func (p Parsed) repaired(w reason.Reason) Parsed {
	p.Warnings = append([]reason.Reason{w}, p.Warnings...)
	return p
}

// change is a renumbering: digits that began with from, and had length of them after the
// country code, begin with to instead. from may be empty: to is put before all.
type change struct {
	code, from string
	length     int
	to         string
	// toCode is the country code of today where that changed too.
	toCode string
}

// changes are renumberings in which the old number says what the new one is, and whose old
// form no number has today. A form that is still valid is never touched.
var changes = slices.Concat([]change{
	// Mexico, 3 August 2019: no 1 for mobiles from abroad, no 01, 044 and 045 (IFT, plan of 2018).
	{code: "52", from: "1", length: 11},
	{code: "52", from: "01", length: 12},
	{code: "52", from: "044", length: 13},
	{code: "52", from: "045", length: 13},
	// Benin, 30 November 2024: 01 before all eight digits (ARCEP Bénin).
	{code: "229", length: 8, to: "01"},
	// Mayotte, 30 March 2007: +262, and no longer +269 of the Comoros.
	{code: "269", from: "639", length: 9, to: "639", toCode: "262"},
	{code: "269", from: "269", length: 9, to: "269", toCode: "262"},
	// Cameroon, 21 November 2014: 6 before the eight digits of mobiles (ART; Cameroon Tribune of
	// 25 September 2014).
	{code: "237", from: "5", length: 8, to: "65"},
	{code: "237", from: "7", length: 8, to: "67"},
	{code: "237", from: "9", length: 8, to: "69"},
	// Mauritius, 1 September 2013: 5 before the seven digits of mobiles (ICTA; TeleGeography of
	// 2 September 2013).
	{code: "230", from: "7", length: 7, to: "57"},
	{code: "230", from: "9", length: 7, to: "59"},
	// French Polynesia, 23 June 2014: 87 before the six digits of Vini's mobiles (Tahiti Infos of 19 June
	// 2014). Vodafone's had eight from the beginning.
	{code: "689", from: "7", length: 6, to: "877"},
	{code: "689", from: "2", length: 6, to: "872"},
}, ivorian(), brazilian(), vietnamese())

// ivorian is the plan of 31 January 2021 (ARTCI): before the eight digits of mobiles come 07,
// 05 or 01, those of Orange, MTN and Moov, whom the first two digits tell (libphonenumber, carriers of
// +225 before 2021). The blocks of operators that had closed got no prefix; those that are not listed
// there are not repaired.
func ivorian() []change {
	var all []change
	for _, operator := range []struct{ prefix, blocks string }{
		{"01", "01 02 03 40 41 42 43 50 51 52 53 70 71 72 73"},
		{"05", "04 05 06 44 45 46 54 55 56 64 65 66 74 75 76 84 85 86 94 95 96"},
		{"07", "07 08 09 47 48 49 57 58 59 67 68 77 78 79 87 88 89 97 98"},
	} {
		for from := range strings.FieldsSeq(operator.blocks) {
			all = append(all, change{code: "225", from: from, length: 8, to: operator.prefix + from})
		}
	}
	return all
}

// brazilian is the ninth digit of mobiles: a 9 behind the area code of two digits, everywhere
// since November 2016 (ANATEL, resolution 553/2010).
func brazilian() []change {
	var all []change
	for _, area := range []string{"1", "2", "3", "4", "5", "6", "7", "8", "9"} {
		for second := '1'; second <= '9'; second++ {
			for _, first := range []string{"6", "7", "8", "9"} {
				from := area + string(second)
				all = append(all, change{code: "55", from: from + first, length: 10, to: from + "9" + first})
			}
		}
	}
	return all
}

// vietnamese is the end of eleven-digit mobile numbers, from 15 September 2018 on (Ministry of
// Information and Communications, decision 798 of 2018).
func vietnamese() []change {
	pairs := strings.Fields("162>32 163>33 164>34 165>35 166>36 167>37 168>38 169>39 120>70 121>79 " +
		"122>77 126>76 128>78 123>83 124>84 125>85 127>81 129>82 186>56 188>58 199>59")
	all := make([]change, len(pairs))
	for i, pair := range pairs {
		from, to, _ := strings.Cut(pair, ">")
		all[i] = change{code: "84", from: from, length: 10, to: to}
	}
	return all
}

// corrected finds what a number must be that no block has as it was written: its country's
// own trunk prefix goes without a word, for +44 (0)7… is how people write; the rest is told.
func corrected(code string, written []byte) (Parsed, bool) {
	forms, n := [3][]byte{written}, 1
	if home := fromInside(code, written); home != nil {
		switch p, ok := inBlock(code, home); {
		case ok && bytes.HasSuffix(written, home): // the trunk prefix that the metadata knows
			return p, true
		case ok:
			return p.repaired(nationalForm), true // the 15 of Argentina
		}
		forms[n] = home
		n++
	}
	if written[0] == '0' {
		if p, ok := inBlock(code, written[1:]); ok {
			return p.repaired(noZero(code)), true
		}
		forms[n] = written[1:]
		n++
	}
	if code == "54" && written[0] == '9' { // Argentina, the 9 from abroad and the 15 from inside
		if p, ok := inBlock(code, fromInside(code, written[1:])); ok && p.Kind == Mobile {
			return p.repaired(nationalForm), true
		}
	}
	for _, form := range forms[:n] {
		if p, ok := renumbered(code, form); ok {
			return p.repaired(oldForm), true
		}
	}
	return withCodeTwice(code, written)
}

// fromInside is what the metadata makes of a number that is dialled inside its country; nil
// where it cannot be read.
func fromInside(code string, written []byte) []byte {
	n, err := phonenumbers.Parse("+"+code+string(written), "")
	if err != nil {
		return nil
	}
	return []byte(phonenumbers.GetNationalSignificantNumber(n))
}

func renumbered(code string, national []byte) (Parsed, bool) {
	for _, c := range changes {
		if c.code != code || c.length != len(national) || !startsWith(national, c.from) {
			continue
		}
		now := append([]byte(c.to), national[len(c.from):]...)
		if c.toCode != "" {
			t, _ := territoryOf(c.toCode)
			p, err := t.read(now)
			return p, err == nil
		}
		if p, ok := inBlock(code, now); ok {
			return p, true
		}
	}
	return Parsed{}, false
}

// withCodeTwice reads +44 44… and +44 0044…, where the whole cannot be a number.
func withCodeTwice(code string, written []byte) (Parsed, bool) {
	rest, again := bytes.CutPrefix(bytes.TrimPrefix(written, []byte("00")), []byte(code))
	if !again || len(rest) == 0 || written[0] != '0' && possible(metadataNumber(code, written)) == nil {
		return Parsed{}, false
	}
	if p, ok := inBlock(code, rest); ok {
		return p.repaired(codeTwice), true
	}
	if rest[0] == '0' {
		if p, ok := inBlock(code, rest[1:]); ok {
			return p.repaired(codeTwice), true
		}
	}
	return Parsed{}, false
}

// inBlock reads a number if some block that the metadata knows has it.
func inBlock(code string, national []byte) (Parsed, bool) {
	if len(national) == 0 {
		return Parsed{}, false
	}
	p, err := classify(metadataNumber(code, national))
	return p, err == nil && p.Kind != Unknown
}
