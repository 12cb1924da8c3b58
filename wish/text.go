package wish

import (
	"regexp"
	"strings"
	"unicode"

	"golang.org/x/text/unicode/norm"
)

// word is one word of a text, in capitals without accents and marks.
type word struct {
	text  string
	shout bool // written in capitals, in a text that is not
}

// part is what stands between two marks that end a sentence, or a piece of one.
type part struct {
	words    []word
	question bool
}

// Words are the words of a text in capitals, without accents and marks, as keywords are
// compared.
func Words(text string) []string {
	var all []string
	for _, p := range parts(text) {
		for _, w := range p.words {
			all = append(all, w.text)
		}
	}
	return all
}

// letters stand for others that look the same or that no decomposition gives.
var letters = strings.NewReplacer(
	"Ł", "L", "ł", "l", "Ø", "O", "ø", "o", "Đ", "D", "đ", "d", "ß", "ss", "ẞ", "SS", "Æ", "AE", "æ", "ae",
	"Œ", "OE", "œ", "oe", "ı", "i",
	"ꜱ", "s", "ᴛ", "t", "ᴏ", "o", "ᴘ", "p",
)

// lookAlikes are Cyrillic and Greek capitals that are drawn as Latin ones.
var lookAlikes = map[rune]rune{
	'А': 'A', 'В': 'B', 'Е': 'E', 'К': 'K', 'М': 'M', 'Н': 'H', 'О': 'O', 'Р': 'P', 'С': 'C', 'Т': 'T',
	'У': 'Y', 'Х': 'X', 'Ѕ': 'S', 'І': 'I', 'Ј': 'J',
	'Α': 'A', 'Β': 'B', 'Ε': 'E', 'Ζ': 'Z', 'Η': 'H', 'Ι': 'I', 'Κ': 'K', 'Μ': 'M', 'Ν': 'N', 'Ο': 'O',
	'Ρ': 'P', 'Τ': 'T', 'Υ': 'Y', 'Χ': 'X',
}

// parts takes a text apart. Quotation marks and what cannot be seen are not there.
func parts(text string) []part {
	whole := norm.NFKD.String(letters.Replace(text))
	calm := strings.IndexFunc(whole, unicode.IsLower) >= 0
	var found []part
	var now part
	var letter []rune
	end := func() {
		if len(letter) > 0 {
			now.words = append(now.words, wordOf(letter, calm)...)
		}
		letter = letter[:0]
	}
	close := func() {
		if end(); len(now.words) > 0 {
			now.words = spelled(now.words)
			found = append(found, now)
		}
		now = part{}
	}
	runes := []rune(whole)
	for i, r := range runes {
		switch {
		case unicode.In(r, unicode.Mn, unicode.Me, unicode.Cf):
		case unicode.IsLetter(r), unicode.IsDigit(r):
			letter = append(letter, r)
		case r == '?' || r == '\u037e' || r == '؟':
			if end(); len(now.words) == 0 && len(found) > 0 { // "STOP !?"
				found[len(found)-1].question = true
				continue
			}
			now.question = true
			close()
		case ends(runes, i):
			close()
		default:
			end()
		}
	}
	close()
	return found
}

// ends reports whether a mark ends a part. One that stands between letters does not: a
// hyphen, a point of an abbreviation.
func ends(runes []rune, i int) bool {
	inside := i > 0 && i+1 < len(runes) && alphanumeric(runes[i-1]) && alphanumeric(runes[i+1])
	switch runes[i] {
	case '\n', '\r', '\u2028', '\u2029', '!', ';', '¡', '(', ')', '[', ']', '|', '…':
		return true
	case '.', ',', ':', '-', '–', '—', '/', '>', '*', '_':
		return !inside || runes[i] == '—'
	}
	return unicode.Is(unicode.So, runes[i]) // emoji
}

func alphanumeric(r rune) bool {
	return unicode.IsLetter(r) || unicode.IsDigit(r) || unicode.In(r, unicode.Mn, unicode.Me)
}

var (
	digitAfterLetters = regexp.MustCompile(`^([A-Z]{2,})([0-9]{3,})$`)
	longStop          = regexp.MustCompile(`^S+T+O+P+$`)
	number            = regexp.MustCompile(`^[0-9]+$`)
)

// wordOf is a word as it is compared; STOP36111 is two.
func wordOf(letter []rune, calm bool) []word {
	upper, shout := make([]rune, 0, len(letter)), calm && len(letter) > 2
	for _, r := range letter {
		shout = shout && unicode.IsUpper(r)
		upper = append(upper, unicode.ToUpper(r))
	}
	text := string(upper)
	if _, known := words().keywords[text]; !known {
		text = latin(upper)
	}
	if at := digitAfterLetters.FindStringSubmatch(text); at != nil {
		return []word{{at[1], shout}, {at[2], false}}
	}
	if longStop.MatchString(text) {
		text = "STOP"
	}
	return []word{{text, shout}}
}

// disguised are digits that are drawn as letters of STOP.
var disguised = strings.NewReplacer("0", "O", "5", "S", "7", "T")

// latin writes look-alikes and the digit of ST0P or 5TOP as the letters that they stand for.
func latin(upper []rune) string {
	digits, out := 0, make([]rune, len(upper))
	for i, r := range upper {
		if unicode.IsDigit(r) {
			digits++
		}
		out[i] = r
		if same, ok := lookAlikes[r]; ok {
			out[i] = same
		}
	}
	if text := string(out); digits == 1 && disguised.Replace(text) == "STOP" {
		return "STOP"
	}
	return string(out)
}

// spelled joins a word that is written in pieces: S T O P, S.T.O.P, STO P.
func spelled(all []word) []word {
	var joined strings.Builder
	for _, w := range all {
		joined.WriteString(w.text)
	}
	if longStop.MatchString(joined.String()) {
		return []word{{"STOP", false}}
	}
	return all
}

// delimiter begins a signature (RFC 3676, 4.3); what people write of it.
var delimiter = regexp.MustCompile(`(?m)^\s*(?:--+|__+|––+)\s*$|\n\s*--+ `)

// withoutSignature cuts what a program or a person puts under a text. What begins with it
// stays.
func withoutSignature(text string) string {
	text = norm.NFC.String(text)
	cut := len(text)
	for _, e := range append(
		words().signatureExp[:len(words().signatureExp):len(words().signatureExp)], delimiter,
	) {
		if at := e.FindStringIndex(text[:cut]); at != nil && strings.TrimSpace(text[:at[0]]) != "" {
			cut = at[0]
		}
	}
	return text[:cut]
}
