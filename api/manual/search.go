package manual

import (
	"cmp"
	"slices"
	"strings"
	"unicode"

	"golang.org/x/text/runes"
	"golang.org/x/text/transform"
	"golang.org/x/text/unicode/norm"

	"relais/reason"
)

// entry is something that can be found.
type entry struct {
	kind   string // name of a phrase
	page   string
	anchor string
	name   string
	about  map[reason.Language]string
	folded map[reason.Language]string // name and about without capitals and accents
	rank   int                        // what comes first where words fit as well
}

// hit is what a search found.
type hit struct {
	Kind, Name, To, About string
}

// mostHits are shown.
const mostHits = 40

// entries are all that can be found in the manual.
func (c *contents) entries() (all []entry) {
	add := func(e entry, about func(reason.Language) string) {
		e.about, e.folded = map[reason.Language]string{}, map[reason.Language]string{}
		for _, l := range reason.Languages() {
			e.about[l] = about(l)
			e.folded[l] = folded(e.name + " " + e.about[l])
		}
		all = append(all, e)
	}
	described := func(sentences ...string) func(reason.Language) string {
		return func(l reason.Language) string {
			var said []string
			for _, s := range sentences {
				if in, _ := translated(s, l); in != "" {
					said = append(said, strings.TrimSuffix(in, "."))
				}
			}
			return strings.Join(said, ". ")
		}
	}
	for _, part := range startParts {
		add(entry{kind: "start", anchor: part, name: part, rank: 1}, func(l reason.Language) string {
			return say(l, part, nil)
		})
	}
	for _, chapter := range c.book.chapters {
		for _, op := range chapter.Operations {
			add(entry{kind: "route", page: chapter.Name, anchor: op.Anchor, name: op.Method + " " + op.Path}, described(op.Summary, op.About))
			for _, p := range op.Parameters {
				add(entry{kind: "parameter", page: chapter.Name, anchor: op.Anchor, name: p.Name, rank: 3}, described(p.Meaning))
			}
		}
	}
	v := &view{contents: c}
	for _, o := range c.book.objects {
		for _, f := range o.Fields {
			add(entry{kind: "field", page: v.pageOf(o.Name), anchor: o.Name + "." + f.Name, name: o.Name + "." + f.Name, rank: 2}, described(f.Meaning))
		}
	}
	for _, code := range titled(problemTitle) {
		add(entry{kind: "problem", page: "problems", anchor: code, name: code, rank: 1}, func(l reason.Language) string {
			return titleOf(problemTitle, code, l) + ". " + titleOf(cureTitle, code, l)
		})
	}
	for _, kind := range lists {
		for _, code := range titled(kind) {
			add(entry{kind: kind, page: "codes", anchor: kind + "s", name: code, rank: 2}, func(l reason.Language) string {
				return titleOf(kind, code, l)
			})
		}
	}
	for _, e := range eventsOf() {
		add(entry{kind: "webhook", page: "events", anchor: e, name: e, rank: 1}, func(l reason.Language) string {
			return say(l, "event_"+strings.ReplaceAll(e, ".", "_"), nil)
		})
	}
	return all
}

// folded is a text without capitals and accents.
func folded(text string) string {
	plain, _, err := transform.String(transform.Chain(norm.NFD, runes.Remove(runes.In(unicode.Mn)), norm.NFC), text)
	if err != nil {
		plain = text
	}
	return strings.ToLower(plain)
}

// search finds what has all the words of a query, the best first.
func (v *view) search(query string) (found []hit) {
	words := strings.Fields(folded(query))
	if len(words) == 0 {
		return nil
	}
	type scored struct {
		entry
		points int
	}
	var fit []scored
	for _, e := range v.contents.index {
		text, name := e.folded[v.Lang], folded(e.name)
		points := -e.rank
		for _, w := range words {
			switch {
			case name == w:
				points += 20
			case strings.Contains(name, w):
				points += 8
			case strings.Contains(text, w):
				points++
			default:
				points = -1000
			}
		}
		if points > -500 {
			fit = append(fit, scored{e, points})
		}
	}
	slices.SortStableFunc(fit, func(x, y scored) int {
		return cmp.Or(cmp.Compare(y.points, x.points), cmp.Compare(x.name, y.name))
	})
	for _, e := range fit[:min(len(fit), mostHits)] {
		name := e.name
		if e.kind == "start" {
			name = v.Say(e.name)
		}
		found = append(found, hit{v.Say("kind_" + e.kind), name, v.To(e.page) + "#" + e.anchor, e.about[v.Lang]})
	}
	return found
}

// startParts are the headings of the first page.
var startParts = []string{"first", "authentication", "idempotency", "errors", "paging", "limits", "times", "languages"}
