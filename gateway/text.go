package gateway

import (
	"fmt"
	"strconv"
	"strings"
	"unicode/utf8"

	"relais/gsm"
	"relais/reason"
	"relais/sms"
	"relais/terms"
	"relais/typography"
)

// Typography is what becomes of characters that the GSM alphabet lacks.
type Typography string

// The policies.
const (
	KeepText Typography = "keep" // they stay, and the text is UCS-2
	GSMText  Typography = "gsm"  // they are replaced, where that makes the text GSM 7-bit
)

// Typographies lists them.
var Typographies = []Typography{KeepText, GSMText}

// decideText writes the text as it will be counted, stored and sent.
func decideText(s *Submission, account Account) []reason.Reason {
	var decisions []reason.Reason
	n := typography.Normalize(s.Text)
	s.Text = n.Text
	if n.Marked {
		decisions = append(decisions, decision("text_mark", said{
			"The byte order mark (U+FEFF) before the text is left out: it says how a file is written.",
			"L'indicateur d'ordre des octets (U+FEFF) placé avant le texte est ôté : il dit comment un fichier est écrit.",
		}))
	}
	if n.Composed {
		decisions = append(decisions, decision("text_composed", said{
			"Letters that may be written in several ways, such as e with its accent apart, are written in the usual one: nobody sees it.",
			"Les lettres qui s'écrivent de plusieurs façons, comme e et son accent à part, sont écrites de la façon courante : cela ne se voit pas.",
		}))
	}
	if n.LineEnds {
		decisions = append(decisions, decision("text_line_ends", said{
			"Line ends are one character each instead of two.", "Les fins de ligne font un caractère au lieu de deux.",
		}))
	}
	if plain, ok := typography.PlainSpaces(s.Text); ok && !blank(plain) {
		s.Text = plain
		return append(decisions, decision("text_spaces", said{
			"Spaces that nobody tells from others are plain ones, for the GSM alphabet lacks them: it was all that made the text UCS-2.",
			"Les espaces que rien ne distingue sont ordinaires, car l'alphabet GSM n'a pas les autres : elles seules imposaient l'UCS-2.",
		}))
	}
	if account.Typography != GSMText {
		return decisions
	}
	return append(decisions, replaceCostly(s)...)
}

func replaceCostly(s *Submission) []reason.Reason {
	replaced, changes, ok := typography.Replace(s.Text)
	switch {
	case !ok:
		left := placed(typography.Left(s.Text))
		return []reason.Reason{decision("text_kept", said{
			"The text stays as it is, in UCS-2: where they stand, nothing of the GSM alphabet says the same as " + left.english + ".",
			"Le texte reste tel quel, en UCS-2 : là où ils sont, rien dans l'alphabet GSM ne dit la même chose que " + left.french + ".",
		})}
	case len(changes) == 0 || blank(replaced):
		return nil
	case gsm.Count(replaced).Segments > gsm.Count(s.Text).Segments:
		return []reason.Reason{decision("text_kept", said{
			"The text stays as it is: with replacements of the GSM alphabet it would be so much longer that it would take more segments.",
			"Le texte reste tel quel : avec les remplacements de l'alphabet GSM, il s'allongerait au point de prendre plus de segments.",
		})}
	}
	s.Text = replaced
	english, french := namedChanges(changes)
	return []reason.Reason{decision("text_replaced", said{
		"Replaced, to fit the GSM alphabet: " + english + ".",
		"Remplacés, pour l'alphabet GSM : " + french + ".",
	})}
}

// blank tells whether nothing is left of a text: it had characters that nobody sees.
func blank(text string) bool { return strings.TrimSpace(text) == "" }

// namedChanges names what was replaced: "ê" by "e" (2 times).
func namedChanges(changes []typography.Change) (english, french string) {
	var en, fr []string
	for _, c := range changes {
		from := named(c.From)
		switch {
		case c.From == ' ':
			en, fr = append(en, "the space inside « » taken out"), append(fr, "l'espace dans « » ôtée")
		case c.To == "":
			en, fr = append(en, from+" taken out"), append(fr, from+" ôté")
		case c.To == " ":
			en, fr = append(en, from+" by a space"), append(fr, from+" par une espace")
		case c.To == "\n":
			en, fr = append(en, from+" by a line end"), append(fr, from+" par une fin de ligne")
		default:
			en, fr = append(en, from+" by "+c.To), append(fr, from+" par "+c.To)
		}
		if c.Count > 1 {
			times := " (" + strconv.Itoa(c.Count)
			en[len(en)-1] += times + " times)"
			fr[len(fr)-1] += times + " fois)"
		}
	}
	return strings.Join(en, ", "), strings.Join(fr, ", ")
}

// named shows a character, or its code where nobody would see it.
func named(r rune) string {
	if strconv.IsGraphic(r) && strings.TrimSpace(string(r)) != "" {
		return string(r)
	}
	return fmt.Sprintf("U+%04X", r)
}

// placed names characters and where they stand, the first few.
func placed(chars []gsm.Char) said {
	const shown = 5
	var en, fr []string
	for _, c := range chars[:min(shown, len(chars))] {
		en = append(en, fmt.Sprintf("%q (U+%04X) at character %d", c.Rune, c.Rune, c.Position+1))
		fr = append(fr, fmt.Sprintf("%q (U+%04X) au caractère %d", c.Rune, c.Rune, c.Position+1))
	}
	if more := len(chars) - shown; more > 0 {
		en, fr = append(en, fmt.Sprintf("%d more", more)), append(fr, quantity(more, "autre").french)
	}
	return said{strings.Join(en, ", "), strings.Join(fr, ", ")}
}

// measured is what the text costs.
type measured struct {
	encoding sms.Encoding
	segments int
	warnings []Warning
}

// measure counts segments as they will be billed, STOP clause included.
func (g *Gateway) measure(s *Submission, text *terms.Text) (measured, []reason.Reason, error) {
	info := text.Count()
	if info.Segments > g.limits.Segments {
		return measured{}, nil, invalid("text_too_long", "/text", say("The text takes %d segments (%s); at most %d are allowed.",
			"Le texte prend %d segments (%s) ; %d au plus sont permis.", info.Segments, info.Alphabet, g.limits.Segments))
	}
	m := measured{encoding: sms.Encoding(info.Alphabet.String()), segments: info.Segments, warnings: warned(text.Warning)}
	if at := strings.IndexRune(s.Text, utf8.RuneError); at >= 0 {
		m.warnings = append(m.warnings, warn("text_damaged", say(
			"Character %d is U+FFFD: a program before this one could not read what stood there, and the handset shows a mark for it.",
			"Le caractère %d est U+FFFD : un programme avant celui-ci n'a pas su lire ce qui s'y trouvait, et le téléphone affiche une marque à la place.",
			utf8.RuneCountInString(s.Text[:at])+1)))
	}
	if info.Alphabet == gsm.SevenBit {
		return m, append(decided(text.Decision), decision("encoding", said{"GSM 7-bit alphabet: ", "Alphabet GSM 7 bits : "}.then(segments(info)))), nil
	}
	why := ucs2(info, text)
	m.warnings = append(m.warnings, warn("ucs2", why))
	return m, append(decided(text.Decision), decision("encoding", why)), nil
}

func segments(info gsm.Info) said {
	if info.Segments == 1 {
		return said{"1 segment.", "1 segment."}
	}
	n, each := strconv.Itoa(info.Segments), strconv.Itoa(info.PerSegment)
	return said{n + " segments of at most " + each + " characters.", n + " segments de " + each + " caractères au plus."}
}

func without(n, now int) said {
	if n == now {
		return said{"Without them it would take as many.", "Sans eux, il en prendrait autant."}
	}
	return said{"Without them it would take " + quantity(n, "segment").english + ".", "Sans eux, il en prendrait " + strconv.Itoa(n) + "."}
}

// ucs2 names the characters that the GSM alphabet lacks, where they stand, and what
// they cost.
func ucs2(info gsm.Info, text *terms.Text) said {
	costly := placed(gsm.Costly(text.Counted + text.Suffix))
	why := said{"UCS-2 because of " + costly.english + ": ", "UCS-2 à cause de " + costly.french + " : "}.then(segments(info))
	replaced, _, ok := typography.Replace(text.Counted)
	if !ok || blank(replaced) {
		return why
	}
	if n := gsm.CountWith(replaced, text.Suffix).Segments; n <= info.Segments { // else they cost nothing
		why = why.with(without(n, info.Segments))
	}
	return why
}
