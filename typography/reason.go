package typography

import (
	"fmt"
	"strconv"
	"strings"

	"relais/gsm"
	"relais/reason"
)

// Codes of what became of a text.
const (
	CodeMark     reason.Code = "text_mark"
	CodeComposed reason.Code = "text_composed"
	CodeLineEnds reason.Code = "text_line_ends"
	CodeSpaces   reason.Code = "text_spaces"
	CodeKept     reason.Code = "text_kept"
	CodeReplaced reason.Code = "text_replaced"

	codeKeptShorter reason.Code = "text_kept/shorter"

	phraseCharacter reason.Code = "words/character_at"
	phraseMore      reason.Code = "words/more_characters"
	phraseInside    reason.Code = "words/space_in_quotes"
	phraseNothing   reason.Code = "words/replaced_by_nothing"
	phraseSpace     reason.Code = "words/replaced_by_space"
	phraseLineEnd   reason.Code = "words/replaced_by_line_end"
	phraseReplaced  reason.Code = "words/replaced"
	phraseTimes     reason.Code = "words/replaced_times"
)

// Rewrite writes a text as it will be counted, stored and sent, and tells what it changed.
// replace has characters that the GSM alphabet lacks replaced too, where that makes the
// text GSM 7-bit.
func Rewrite(text string, replace bool) (rewritten string, told []reason.Reason) {
	n := Normalize(text)
	text, told = n.Text, n.told()
	if plain, ok := PlainSpaces(text); ok && !Blank(plain) {
		return plain, append(told, reason.Of(CodeSpaces, nil))
	}
	if !replace {
		return text, told
	}
	text, why := replaceCostly(text)
	if !why.IsZero() {
		told = append(told, why)
	}
	return text, told
}

// Blank reports whether nothing is left of a text: it had characters that nobody sees.
func Blank(text string) bool { return strings.TrimSpace(text) == "" }

func (n *Normalized) told() []reason.Reason {
	var told []reason.Reason
	if n.Marked {
		told = append(told, reason.Of(CodeMark, nil))
	}
	if n.Composed {
		told = append(told, reason.Of(CodeComposed, nil))
	}
	if n.LineEnds {
		told = append(told, reason.Of(CodeLineEnds, nil))
	}
	return told
}

func replaceCostly(text string) (string, reason.Reason) {
	replaced, changes, ok := Replace(text)
	switch {
	case !ok:
		return text, reason.Of(CodeKept, reason.Args{"characters": Placed(Left(text))})
	case len(changes) == 0 || Blank(replaced):
		return text, reason.Reason{}
	case gsm.Count(replaced).Segments > gsm.Count(text).Segments:
		return text, reason.Of(codeKeptShorter, nil)
	}
	all := make(reason.Series, len(changes))
	for i, c := range changes {
		all[i] = c.phrase()
	}
	return replaced, reason.Of(CodeReplaced, reason.Args{"changes": all})
}

// phrase names what was replaced: "ê by e (2 times)".
func (c Change) phrase() reason.Reason {
	args := reason.Args{"character": shown(c.From)}
	phrase := reason.Of(phraseReplaced, args)
	switch {
	case c.From == ' ':
		phrase = reason.Of(phraseInside, nil)
	case c.To == "":
		phrase.Code = phraseNothing
	case c.To == " ":
		phrase.Code = phraseSpace
	case c.To == "\n":
		phrase.Code = phraseLineEnd
	default:
		args["by"] = reason.Name(c.To)
	}
	if c.Count > 1 {
		return reason.Of(phraseTimes, reason.Args{"change": phrase, "times": reason.Count(c.Count)})
	}
	return phrase
}

// shown is a character, or its code where nobody would see it.
func shown(r rune) reason.Name {
	if strconv.IsGraphic(r) && !Blank(string(r)) {
		return reason.Name(r)
	}
	return codePoint(r)
}

func codePoint(r rune) reason.Name { return reason.Name(fmt.Sprintf("U+%04X", r)) }

// Placed names characters and where they stand, the first few.
func Placed(chars []gsm.Char) reason.Series {
	const most = 5
	var all reason.Series
	for _, c := range chars[:min(most, len(chars))] {
		all = append(all, reason.Of(phraseCharacter, reason.Args{
			"character": reason.Name(strconv.QuoteRune(c.Rune)), "code": codePoint(c.Rune),
			"position": reason.Count(c.Position + 1),
		}))
	}
	if more := len(chars) - most; more > 0 {
		all = append(all, reason.Of(phraseMore, reason.Args{"count": reason.Count(more)}))
	}
	return all
}
