package number

import (
	"bytes"
	"slices"

	"relais/reason"
)

// frenchRegions dial one plan: 0 and nine digits, whose first ones name the
// country code (ARCEP, decision 2018-0881 as amended, annex 1).
var frenchRegions = []string{"FR", "RE", "YT", "GP", "MF", "BL", "GF", "MQ", "PM"}

// planLength is the digits after the 0.
const planLength = 9

// machinePrefix begins the numbers between machines, which have machineLength
// digits after the 0 (ARCEP, decision 2018-0881, annex 1, 2.3.5: mobile numbers of
// extended length).
const (
	machinePrefix = "700"
	machineLength = 13
)

// territory is a French country code. The Pacific ones have plans of their own,
// without a national 0.
type territory struct {
	code    string
	country string // main one
	family  string
	lengths []int // digits after the code, usual one first (libphonenumber metadata)
	shared  bool  // it dials the plan of frenchRegions
}

var territories = []territory{
	{"33", "FR", FRMetro, []int{9}, true},
	{"262", "RE", FROverseas, []int{9}, true},
	{"590", "GP", FROverseas, []int{9}, true},
	{"594", "GF", FROverseas, []int{9}, true},
	{"596", "MQ", FROverseas, []int{9}, true},
	{"508", "PM", FROverseas, []int{6, 9}, true},
	{"687", "NC", FROverseas, []int{6}, false},
	{"689", "PF", FROverseas, []int{8, 6, 9}, false},
	{"681", "WF", FROverseas, []int{6, 9}, false},
}

func territoryOf(code string) (territory, bool) {
	for _, t := range territories {
		if t.code == code {
			return t, true
		}
	}
	return territory{}, false
}

// digits is the lengths in words: "6 or 9".
func (t territory) digits() reason.Arg {
	lengths := slices.Sorted(slices.Values(t.lengths))
	words := reason.Arg(reason.Count(lengths[0]))
	for _, n := range lengths[1:] {
		words = reason.Either(words, reason.Count(n))
	}
	return words
}

// block is a range of national numbers, by their first digits without the 0.
type block struct {
	prefix  string
	code    string // country code that serves it
	country string
	kind    Kind
	// moved: nothing with this prefix exists under +33, so that +33 before it
	// is a mistake. It is a common one: programs that know only +33 make it.
	moved bool
}

// plan is the French national plan. The longest prefix decides. Sources: ARCEP
// decision 2018-0881 as amended by 2022-1583, annex 1, and libphonenumber
// metadata of 2024 and 2026. Both 0694 and 0696 also held small blocks of
// Guadeloupe once; the main owner is taken.
var plan = longestFirst([]block{
	// ARCEP: 06 39 98 is one of six blocks kept for films and examples.
	{"63998", "33", "FR", Fiction, false},

	{"639", "262", "YT", Mobile, true},
	{"269", "262", "YT", Fixed, false}, // also a metropolitan block after +33
	{"70935", "262", "YT", Mobile, true},
	{"70936", "262", "YT", Mobile, true},
	{"70937", "262", "YT", Mobile, true},

	{"692", "262", "RE", Mobile, true},
	{"693", "262", "RE", Mobile, true},
	{"7092", "262", "RE", Mobile, true},
	{"262", "262", "RE", Fixed, true},
	{"263", "262", "RE", Fixed, false}, // also a metropolitan block after +33

	{"690", "590", "GP", Mobile, true},
	{"691", "590", "GP", Mobile, true},
	{"7090", "590", "GP", Mobile, true},
	{"590", "590", "GP", Fixed, true},

	{"694", "594", "GF", Mobile, true},
	{"70930", "594", "GF", Mobile, true},
	{"70931", "594", "GF", Mobile, true},
	{"70932", "594", "GF", Mobile, true},
	{"70933", "594", "GF", Mobile, true},
	{"594", "594", "GF", Fixed, true},

	{"696", "596", "MQ", Mobile, true},
	{"697", "596", "MQ", Mobile, true},
	{"7091", "596", "MQ", Mobile, true},
	{"596", "596", "MQ", Fixed, false}, // also a metropolitan block after +33

	{"7084", "508", "PM", Mobile, true},
	{"7085", "508", "PM", Mobile, true},

	{"1", "33", "FR", Fixed, false},
	{"2", "33", "FR", Fixed, false},
	{"3", "33", "FR", Fixed, false},
	{"4", "33", "FR", Fixed, false},
	{"5", "33", "FR", Fixed, false},
	{"6", "33", "FR", Mobile, false},
	{"7", "33", "FR", Mobile, false},
	{machinePrefix, "33", "FR", Machine, false},
	{"9", "33", "FR", Fixed, false}, // not geographic: voice over IP

	// 08: freephone, ordinary and shared rates; everything else is premium.
	{"8", "33", "FR", Premium, false},
	{"800", "33", "FR", Special, false},
	{"801", "33", "FR", Special, false},
	{"802", "33", "FR", Special, false},
	{"803", "33", "FR", Special, false},
	{"804", "33", "FR", Special, false},
	{"805", "33", "FR", Special, false},
	{"806", "33", "FR", Special, false},
	{"807", "33", "FR", Special, false},
	{"808", "33", "FR", Special, false},
	{"809", "33", "FR", Special, false},
	{"810", "33", "FR", Special, false},
	{"811", "33", "FR", Special, false},
	{"820", "33", "FR", Special, false},
	{"821", "33", "FR", Special, false},
	{"825", "33", "FR", Special, false},
	{"826", "33", "FR", Special, false},
	{"840", "33", "FR", Special, false},
	{"842", "33", "FR", Special, false},
	{"844", "33", "FR", Special, false},
	{"884", "33", "FR", Special, false},
	{"83604", "33", "FR", Special, false},
	{"83605", "33", "FR", Special, false},
})

// abroad holds the blocks that are only met after their own country code
// (libphonenumber metadata of 2026).
var abroad = longestFirst([]block{
	// The national number 0639 98 xx xx is kept for fiction; Mayotte, whose 0639
	// it would be, can therefore give it to nobody (inferred).
	{"63998", "262", "YT", Fiction, false},

	{"8", "262", "RE", Special, false},
	{"89", "262", "RE", Premium, false},
	{"890", "262", "RE", Special, false},
	{"8", "590", "GP", Special, false},
	{"81", "590", "GP", Premium, false},
	{"82", "590", "GP", Premium, false},
	{"89", "590", "GP", Premium, false},
	{"8", "594", "GF", Special, false},
	{"81", "594", "GF", Premium, false},
	{"82", "594", "GF", Premium, false},
	{"89", "594", "GF", Premium, false},
	{"8", "596", "MQ", Special, false},
	{"81", "596", "MQ", Premium, false},
	{"82", "596", "MQ", Premium, false},
	{"89", "596", "MQ", Premium, false},

	// Saint-Pierre-et-Miquelon: six digits; most blocks mix both kinds of line.
	{"40", "508", "PM", Mobile, false},
	{"44", "508", "PM", Mobile, false},
	{"55", "508", "PM", Mobile, false},
	{"56", "508", "PM", Mobile, false},
	{"41", "508", "PM", Fixed, false},
	{"45", "508", "PM", Fixed, false},
	{"46", "508", "PM", Fixed, false},
	{"47", "508", "PM", Fixed, false},
	{"51", "508", "PM", Fixed, false},

	{"5", "687", "NC", Mobile, false},
	{"7", "687", "NC", Mobile, false},
	{"8", "687", "NC", Mobile, false},
	{"9", "687", "NC", Mobile, false},
	{"2", "687", "NC", Fixed, false},
	{"3", "687", "NC", Fixed, false},
	{"4", "687", "NC", Fixed, false},
	{"88", "687", "NC", Fixed, false},
	{"36", "687", "NC", Premium, false},

	{"87", "689", "PF", Mobile, false},
	{"88", "689", "PF", Mobile, false},
	{"89", "689", "PF", Mobile, false},
	{"40", "689", "PF", Fixed, false},
	{"49", "689", "PF", Fixed, false},

	{"82", "681", "WF", Mobile, false},
	{"83", "681", "WF", Mobile, false},
	{"72", "681", "WF", FixedOrMobile, false},
})

func longestFirst(blocks []block) []block {
	slices.SortStableFunc(blocks, func(a, b block) int { return len(b.prefix) - len(a.prefix) })
	return blocks
}

// find returns the longest block of a table that national begins with, among
// those of one country code or, when code is empty, of all.
func find(table []block, code string, national []byte) (block, bool) {
	for i := range table {
		b := &table[i]
		if (code == "" || b.code == code) && startsWith(national, b.prefix) {
			return *b, true
		}
	}
	return block{}, false
}

func startsWith(digits []byte, prefix string) bool {
	return len(digits) >= len(prefix) && string(digits[:len(prefix)]) == prefix
}

// closed are the blocks of mobile numbers that ARCEP has not opened (annex 1, and its
// table of 2026: 06, and 073 to 079). They are taken, for it opens more as it needs them.
var closed = []string{"701", "702", "703", "704", "705", "706", "707", "708", "709", "71", "72"}

// frenchNational reads digits without a + in a region of the French plan.
func frenchNational(digits []byte, region string) (Parsed, *Error) {
	const nationalLength = 1 + planLength
	islands, _ := territoryOf("508")
	withoutZero := bytes.TrimPrefix(digits, []byte("0"))
	switch {
	case startsWith(digits, "00"):
		return international(digits[2:])
	case region == islands.country && len(withoutZero) == islands.lengths[0]: // dialled so over there
		return frenchInternational(islands, withoutZero)
	case len(digits) < nationalLength-1:
		return Parsed{}, errTooShort
	case digits[0] != '0':
		return Parsed{}, errMissingPrefix
	case startsWith(withoutZero, machinePrefix):
		return machine(withoutZero)
	case len(digits) != nationalLength:
		return Parsed{}, lengthError(phraseFrench, nil, nationalLength, len(digits))
	case startsWith(withoutZero, islands.code): // 0508 and six digits
		return frenchInternational(islands, withoutZero[len(islands.code):])
	}
	b, _ := find(plan, "", withoutZero) // every first digit is in the plan
	return b.with(withoutZero), nil
}

// machine reads the digits of a number between machines after the 0.
func machine(national []byte) (Parsed, *Error) {
	if len(national) != machineLength {
		return Parsed{}, lengthError(phraseMachine, nil, 1+machineLength, 1+len(national))
	}
	b, _ := find(plan, "", national)
	return b.with(national), nil
}

func (b block) with(national []byte) Parsed {
	t, _ := territoryOf(b.code)
	p := parsed(b.code, national, b.kind, b.country, t.family)
	begins := func(prefix string) bool { return startsWith(national, prefix) }
	if b.kind == Mobile && t.code == "33" && slices.ContainsFunc(closed, begins) {
		p.Warnings = []reason.Reason{unassigned(t.code)}
	}
	return p
}

// frenchInternational reads the digits after a French country code.
func frenchInternational(t territory, written []byte) (Parsed, *Error) {
	national, repair := t.national(written)
	switch {
	case t.code == "33" && startsWith(national, machinePrefix):
		return machine(national)
	case !slices.Contains(t.lengths, len(national)):
		return Parsed{}, lengthError(phraseCountry, digitsOf(t.code, t.digits()),
			slices.Max(t.lengths), len(national))
	}
	p, err := t.read(national)
	if err == nil && repair != nil {
		p = p.repaired(*repair)
	}
	return p, err
}

// national drops what should not stand behind the country code: the 0 that is dialled
// inside the country, and the country code once more.
func (t territory) national(written []byte) (national []byte, repair *reason.Reason) {
	fits := func(n []byte) bool {
		machines := t.code == "33" && startsWith(n, machinePrefix) && len(n) == machineLength
		return slices.Contains(t.lengths, len(n)) || machines
	}
	national = written
	if national[0] == '0' && fits(national[1:]) {
		national = national[1:] // +33 (0)6…
		if !t.shared {
			left := noZero(t.code)
			repair = &left
		}
	}
	again := bytes.TrimPrefix(national, []byte("00"))
	if len(again) == len(national) {
		again = bytes.TrimPrefix(national, []byte("0"))
	}
	twice := startsWith(again, t.code) && (!fits(national) || t.twiceInPlan(national))
	if !twice {
		return national, repair
	}
	again = again[len(t.code):]
	if len(again) > 0 && again[0] == '0' && fits(again[1:]) {
		again = again[1:]
	}
	if len(again) == 0 || !fits(again) {
		return national, repair
	}
	return again, &codeTwice
}

// twiceInPlan reports whether digits are those that the French plan dials before a
// number of six: 0508 stands for +508.
func (t territory) twiceInPlan(national []byte) bool {
	return t.code == "508" && len(national) == planLength && startsWith(national, t.code)
}

// read finds the block of a national number that has a length of its country code.
func (t territory) read(national []byte) (Parsed, *Error) {
	if t.code == "33" {
		return metropolitan(t, national)
	}
	if b, ok := find(abroad, t.code, national); ok {
		return b.with(national), nil
	}
	if len(national) == planLength {
		if b, ok := find(plan, t.code, national); ok {
			return b.with(national), nil
		}
	}
	p, err := foreign(t.code, national)
	if t.shared && len(national) == planLength && (err != nil || p.Kind == Unknown) {
		return elsewhere(t, national)
	}
	return p, err
}

// elsewhere reads nine digits of the French plan behind a country code that is not
// theirs. There is one plan, so that they say which is.
func elsewhere(t territory, national []byte) (Parsed, *Error) {
	b, ok := find(plan, "", national)
	if !ok || b.kind == Machine {
		return Parsed{}, errNotPossible
	}
	p := b.with(national)
	if slices.ContainsFunc(p.Warnings, func(w reason.Reason) bool { return w.Code == CodeUnassigned }) {
		return Parsed{}, errNotPossible
	}
	return p.repaired(wrongCode(t.code, b.code)), nil
}

// metropolitan reads the nine digits after +33.
func metropolitan(t territory, national []byte) (Parsed, *Error) {
	b, ok := find(plan, "", national)
	switch {
	case !ok:
		return Parsed{}, errNotPossible // starts with 0
	case b.code == t.code:
		return b.with(national), nil
	case b.moved:
		return b.with(national).repaired(wrongCode(t.code, b.code)), nil
	}
	b, _ = find(plan, t.code, national)
	return b.with(national), nil
}
