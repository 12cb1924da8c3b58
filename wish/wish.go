package wish

import (
	"regexp"
	"slices"
	"strings"
)

// Intent is what a text asks for.
type Intent string

// The intents.
const (
	Reply  Intent = "reply"
	Stop   Intent = "stop"   // no more advertising
	Start  Intent = "start"  // advertising again
	Unsure Intent = "unsure" // perhaps a Stop: a person has to look
)

// Reader reads the answers to one account. The zero value knows the words of the program.
type Reader struct {
	// Own are further words or phrases of the account that are a STOP alone.
	Own []string
}

// mostOthers is how many unknown words may stand beside a word before it may have another
// sense: a keyword, such as the name of the sender.
const mostOthers = 1

// mostAfter is how many unknown words may follow in further sentences: a name.
const mostAfter = 3

// Of reads a text from a number of a country (ISO 3166-1; empty: not known) that answers a
// sender (empty: not known), and the word that says so; Reply comes without one. Case,
// accents, punctuation, signatures, polite words and the sender's name do not count.
func (r Reader) Of(text, country, sender string) (Intent, string) {
	t := &reading{
		dictionary: words(), country: country, sender: strings.Join(Words(sender), ""), own: r.own(),
	}
	t.parts = parts(withoutSignature(text))
	if len(t.parts) == 0 {
		return signs(text)
	}
	return t.intent()
}

// signs reads a text without words: a stop sign alone may be a STOP.
func signs(text string) (Intent, string) {
	for _, r := range text {
		if strings.ContainsRune("🛑🚫⛔", r) {
			return Unsure, string(r)
		}
	}
	return Reply, ""
}

func (r Reader) own() [][]string {
	var own [][]string
	for _, phrase := range r.Own {
		if w := Words(phrase); len(w) > 0 {
			own = append(own, w)
		}
	}
	return own
}

// reading is one text.
type reading struct {
	*dictionary
	country string
	sender  string // its letters and digits in one
	own     [][]string
	parts   []part
}

// intent is the strongest wish of the parts: STOP, then perhaps.
func (t *reading) intent() (Intent, string) {
	found, said := Reply, ""
	first := true
	for i := range t.parts {
		p := &t.parts[i]
		intent, by := t.part(p, first, t.parts[i+1:])
		first = first && t.all(p.words, t.lead)
		switch {
		case intent == Stop:
			return Stop, by
		case intent == Start && found == Reply && t.alone(i):
			found, said = Start, by
		case intent == Unsure:
			found, said = Unsure, by
		}
	}
	return found, said
}

// alone reports whether the other parts say nothing.
func (t *reading) alone(at int) bool {
	for i := range t.parts {
		if i != at && t.others(t.parts[i].words) > 0 {
			return false
		}
	}
	return true
}

// part reads one part of the text. first: nothing but politeness stands before it.
func (t *reading) part(p *part, first bool, later []part) (Intent, string) {
	rest := p.words
	for len(rest) > 0 && !t.isKeyword(rest) && t.lead[rest[0].text] && !t.nonStop(rest) {
		rest = rest[1:]
	}
	if len(rest) == 0 {
		return Reply, ""
	}
	line, all, lead := join(rest), join(p.words), p.words[:len(p.words)-len(rest)]
	if matches(t.stopPhrases, line) && !p.question && !negated(lead) {
		return Stop, rest[0].text
	}
	if n := t.ownWords(rest); n > 0 {
		return t.acted(rest, n, later, true)
	}
	if k, ok := t.keywords[rest[0].text]; ok && !negated(lead) {
		if k.kind == act && (reflexive(lead) || ofOneself(lead) && t.others(rest[1:]) > 0 && !t.about(rest)) {
			return Reply, ""
		}
		if intent, by := t.leading(k, rest, p.question, first, later); intent != Reply ||
			matches(t.apart, line) {
			return intent, by
		}
	}
	if intent, by := t.inside(p); intent != Reply {
		return intent, by
	}
	if found := phrase(t.unsurePhrases, all); found != "" {
		return Unsure, found
	}
	return Reply, ""
}

// nonStop reports whether the words are "non stop", which is not "non, stop".
func (t *reading) nonStop(rest []word) bool {
	return len(rest) > 1 && (rest[0].text == "NON" || rest[0].text == "NO") &&
		t.keywords[rest[1].text].kind == plain
}

// reflexive reports whether "je m'arrête" is what the words before a verb make of it.
func reflexive(lead []word) bool {
	if len(lead) == 0 {
		return false
	}
	last := lead[len(lead)-1].text
	return last == "M" || last == "S" || last == "ME"
}

// ofOneself reports whether a verb tells what the writer does: "j'arrête le sport".
func ofOneself(lead []word) bool {
	return len(lead) > 0 && (lead[len(lead)-1].text == "J" || lead[len(lead)-1].text == "JE")
}

func (t *reading) isKeyword(rest []word) bool {
	_, known := t.keywords[rest[0].text]
	return known || t.ownWords(rest) > 0
}

// ownWords is how many words an account's own phrase takes at the beginning; 0: none does.
func (t *reading) ownWords(rest []word) int {
	for _, phrase := range t.own {
		if len(rest) >= len(phrase) &&
			slices.EqualFunc(rest[:len(phrase)], phrase, func(w word, text string) bool {
				return w.text == text
			}) {
			return len(phrase)
		}
	}
	return 0
}

// leading reads a part that begins with a keyword.
func (t *reading) leading(k keyword, rest []word, question, first bool, later []part) (Intent, string) {
	by := rest[0].text
	if matches(t.apart, join(rest)) {
		return Reply, ""
	}
	switch k.kind {
	case plain:
		return t.stopped(rest, question, first), by
	case start:
		if question || t.others(rest[1:]) > mostOthers {
			return Reply, ""
		}
		return Start, by
	case clear:
		return t.cleared(rest, question), by
	case act:
	}
	if question {
		return orReply(t.others(rest[1:]) == 0), by
	}
	here := len(k.countries) == 0 || slices.Contains(k.countries, t.country)
	return t.acted(rest, 1, later, here)
}

// stopped reads what begins with STOP.
func (t *reading) stopped(rest []word, question, first bool) Intent {
	behind := rest[1:]
	switch {
	case len(behind) > 0 && question && t.choice[behind[0].text]:
		return Reply
	case question:
		return Unsure
	case t.others(behind) == 0, t.about(behind):
		if !first && t.clause(behind) {
			return Unsure // the end of a text of ours that is quoted
		}
		return Stop
	case t.place[behind[0].text] && !t.clause(behind) && (len(behind) == 1 || !t.thing[behind[1].text]):
		return Unsure
	case !first && t.others(behind) > mostOthers:
		return Unsure
	default:
		return Stop
	}
}

// clause reports whether "36111" or "au 36111" stands behind STOP.
func (t *reading) clause(behind []word) bool {
	if len(behind) == 0 {
		return false
	}
	last := behind[len(behind)-1].text
	return number.MatchString(last) && len(last) >= 4
}

// cleared reads words that hold a keyword without another sense. The writer may want to end
// something else: a child's canteen.
func (t *reading) cleared(all []word, question bool) Intent {
	reflexive := slices.ContainsFunc(all, func(w word) bool {
		return w.text == "ME" || w.text == "MOI" || w.text == "M" || w.text == "US"
	})
	if question || t.others(all[1:]) > mostOthers && !reflexive && !t.about(all[1:]) {
		return Unsure
	}
	return Stop
}

// acted reads what begins with a word that has another sense in a sentence; it takes n
// words. here: it is one in the country of the person.
func (t *reading) acted(rest []word, n int, later []part, here bool) (Intent, string) {
	by, behind := join(rest[:n]), rest[n:]
	after := 0
	about := t.about(behind)
	for i := range later {
		after += t.others(later[i].words)
		about = about || t.about(later[i].words)
	}
	if here && (t.others(behind) == 0 && after <= mostAfter || about) {
		return Stop, by
	}
	return Unsure, by
}

// inside reads a part that holds a keyword further on.
func (t *reading) inside(p *part) (Intent, string) {
	for i, w := range p.words {
		k, known := t.keywords[w.text]
		before := p.words[:i]
		switch {
		case !known || i == 0:
		case negated(before) && k.kind == clear && slices.ContainsFunc(p.words, func(w word) bool {
			return t.complaint[w.text]
		}):
			return Unsure, w.text
		case negated(before):
		case k.kind == clear:
			return t.cleared(append([]word{w}, slices.Concat(before, p.words[i+1:])...), p.question), w.text
		case k.kind != plain || t.before[before[i-1].text] &&
			(before[i-1].text != "NON" || len(p.words) != 2):
		case i == len(p.words)-1 && before[i-1].text == "NON" && !p.question:
			return Unsure, w.text
		case p.question && !w.shout:
		case p.question:
			return Unsure, w.text
		case t.others(before) <= mostOthers && t.others(p.words[i+1:]) == 0 && before[i-1].text != "NON":
			if t.clause(p.words[i+1:]) && t.others(before) > 0 {
				return Unsure, w.text // the end of a text of ours that is quoted
			}
			return Stop, w.text
		case w.shout, i == len(p.words)-1:
			return Unsure, w.text
		}
	}
	return Reply, ""
}

// others counts the words that are neither polite nor the sender's name, nor about messages.
func (t *reading) others(list []word) (n int) {
	for _, w := range list {
		_, known := t.keywords[w.text]
		if !known && !t.filler[w.text] && !t.lead[w.text] && !t.subject[w.text] &&
			!number.MatchString(w.text) && !t.named(w.text) {
			n++
		}
	}
	return n
}

// named reports whether a word is part of the sender's name.
func (t *reading) named(w string) bool {
	return len(w) > 2 && strings.Contains(t.sender, w) || len(t.sender) > 2 && strings.Contains(w, t.sender)
}

// about reports whether the words speak of messages.
func (t *reading) about(list []word) bool {
	return slices.ContainsFunc(list, func(w word) bool { return t.subject[w.text] })
}

func (t *reading) all(list []word, in set) bool {
	return !slices.ContainsFunc(list, func(w word) bool { return !in[w.text] })
}

// negated reports whether the words before a keyword turn it into its opposite.
func negated(before []word) bool {
	near := before
	if len(near) > 4 {
		near = near[len(near)-4:]
	}
	return slices.ContainsFunc(near, func(w word) bool {
		switch w.text {
		case "NE", "N", "NOT", "DONT", "NEVER", "JAMAIS", "PAS", "NICHT", "NIE", "T":
			return true
		}
		return false
	})
}

func join(list []word) string {
	texts := make([]string, len(list))
	for i, w := range list {
		texts[i] = w.text
	}
	return strings.Join(texts, " ")
}

// phrase is what the first expression that matches found; empty: none does.
func phrase(list []*regexp.Regexp, text string) string {
	for _, e := range list {
		at := e.FindStringIndex(text)
		if at != nil && !strings.HasSuffix(text[:at[0]], " T") && !strings.HasSuffix(text[:at[0]], " NOT") &&
			!strings.HasSuffix(text[:at[0]], " NEVER") {
			return strings.TrimSpace(text[at[0]:at[1]])
		}
	}
	return ""
}

func orReply(unsure bool) Intent {
	if unsure {
		return Unsure
	}
	return Reply
}
