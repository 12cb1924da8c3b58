package typography

import (
	"slices"
	"strings"
	"unicode"
)

// place is a character and what stands beside it.
type place struct {
	text []rune
	at   int
}

// neighbour is the character so many places away; 0 where the text has none.
func (p place) neighbour(distance int) rune {
	if i := p.at + distance; i >= 0 && i < len(p.text) {
		return p.text[i]
	}
	return 0
}

func (p place) before() rune { return p.neighbour(-1) }
func (p place) after() rune  { return p.neighbour(1) }

// apart reports whether nothing on either side would join what stands for the character:
// white space, the end, or punctuation that closes a sentence or a bracket.
func (p place) apart() bool {
	decimal := (p.after() == '.' || p.after() == ',') && unicode.IsDigit(p.neighbour(2))
	return alone(p.before()) && alone(p.after()) && !decimal
}

func alone(r rune) bool {
	return r == 0 || unicode.IsSpace(r) || strings.ContainsRune(`()[]:;!?.,"'’«»“”`, r)
}

// rules are the replacements that hold only beside some neighbours.
var rules = map[rune]func(place) (to string, known bool){
	'½': fraction("1/2"), '¼': fraction("1/4"), '¾': fraction("3/4"),
	'²': unitPower("2"), '³': unitPower("3"),
	'°': numero("o"), 'º': numero("o"), 'ª': ordinal("a"),
	'№': func(p place) (string, bool) { return beforeDigit(p, "No"), true },
	'–': dash, '−': dash, '‒': dash, '—': longDash, '―': longDash,
	'·': func(p place) (string, bool) {
		return ".", !unicode.IsDigit(p.before()) && !unicode.IsDigit(p.after())
	},
	'•': func(p place) (string, bool) {
		return "*", !unicode.IsDigit(p.before()) || !unicode.IsDigit(p.after())
	},
	'×': func(p place) (string, bool) {
		return "x", !unicode.IsLetter(p.before()) && !unicode.IsLetter(p.after())
	},
	'←': func(p place) (string, bool) { return "<-", !unicode.IsDigit(p.after()) },
}

// fraction: 2½ would be 21/2, and ½/2 a date.
func fraction(to string) func(place) (string, bool) {
	return func(p place) (string, bool) { return to, p.apart() }
}

// unitPower: 10² would be 102, and a note at a word its last letter. The metre and its
// multiples are written m2 and m3 where there is no other way.
func unitPower(to string) func(place) (string, bool) {
	return func(p place) (string, bool) {
		start := p.at
		for start > 0 && unicode.IsLetter(p.text[start-1]) {
			start--
		}
		metre := slices.Contains([]string{"m", "mm", "cm", "dm", "dam", "hm", "km"},
			string(p.text[start:p.at]))
		next := p.after()
		return to, metre && !unicode.IsLetter(next) && !unicode.IsNumber(next)
	}
}

// numero is n°; elsewhere a degree, or the º of an ordinal, which behind digits is one more.
func numero(to string) func(place) (string, bool) {
	return func(p place) (string, bool) {
		n := (p.before() == 'n' || p.before() == 'N') && !unicode.IsLetter(p.neighbour(-2))
		return beforeDigit(p, to), n
	}
}

// ordinal: 2ª would be 2a, the name of a house.
func ordinal(to string) func(place) (string, bool) {
	return func(p place) (string, bool) {
		return to, unicode.IsLetter(p.before()) && !unicode.IsDigit(p.after())
	}
}

// beforeDigit sets a digit that follows apart.
func beforeDigit(p place, to string) string {
	if unicode.IsDigit(p.after()) {
		return to + " "
	}
	return to
}

// dash: beside another dash, a range and a negative number cannot be told apart.
func dash(p place) (string, bool) {
	return "-", !isDash(p.before()) && !isDash(p.after()) || !p.nearDigit()
}

// longDash stands between phrases; before a digit, - would be its sign.
func longDash(p place) (string, bool) {
	_, known := dash(p)
	return "-", known && !unicode.IsDigit(p.after())
}

func isDash(r rune) bool { return strings.ContainsRune("-–—−‒―‐‑", r) }

// nearDigit reports whether a digit stands at the end of the dashes around a place.
func (p place) nearDigit() bool {
	for _, step := range []int{-1, 1} {
		distance := step
		for isDash(p.neighbour(distance)) {
			distance += step
		}
		if unicode.IsDigit(p.neighbour(distance)) {
			return true
		}
	}
	return false
}
