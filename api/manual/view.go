package manual

import (
	"fmt"
	"html/template"
	"net/http"
	"net/url"
	"regexp"
	"slices"
	"strings"

	"relais/reason"
)

// view is a page as a reader gets it.
type view struct {
	manual   *Manual
	contents *contents
	template string

	Lang    reason.Language
	Page    string // name of the page; empty: the first one
	Code    Code   // language of the examples
	Base    string
	Key     string // shown in the examples
	Open    bool   // the key works for everybody: there are forms
	Query   string // of a search
	Found   []hit
	Chapter *chapter // nil: the page is none

	chosen url.Values // what links keep
}

// The pages that are no chapters. Their names are no tags of the description.
var otherPages = []string{"events", "problems", "codes", "doors", "search"}

// longestQuery is that of a search, in bytes.
const longestQuery = 200

// view reads what a request asks for.
func (m *Manual) view(r *http.Request) *view {
	q := r.URL.Query()
	v := &view{
		manual: m, contents: m.made(), Page: r.PathValue("page"), Base: m.reached(r), Key: m.Key, Open: m.Key != "",
		Lang: reason.Match(r.Header.Get("Accept-Language")), Code: Codes[0], chosen: url.Values{},
	}
	if !v.Open {
		v.Key = "KEY"
	}
	if l := reason.Language(q.Get("lang")); slices.Contains(reason.Languages(), l) {
		v.Lang = l
		v.chosen.Set("lang", string(l))
	}
	for _, c := range Codes {
		if c.ID == q.Get("code") {
			v.Code = c
			v.chosen.Set("code", c.ID)
		}
	}
	v.template = v.find(q.Get("q"))
	return v
}

// find is the template of the page, which it prepares.
func (v *view) find(query string) string {
	switch {
	case v.Page == "":
		return "start"
	case v.Page == "search":
		v.Query = strings.TrimSpace(cut(query, longestQuery))
		v.Found = v.search(v.Query)
		return "search"
	case slices.Contains(otherPages, v.Page):
		return v.Page
	}
	for _, c := range v.contents.book.chapters {
		if c.Name == v.Page {
			v.Chapter = c
			return "chapter"
		}
	}
	return "nowhere"
}

// cut shortens a text to whole characters.
func cut(text string, most int) string {
	if len(text) <= most {
		return text
	}
	return strings.ToValidUTF8(text[:most], "")
}

// key tells pages apart that differ; empty: the page is made anew each time.
func (v *view) key() string {
	if v.template == "search" || v.template == "nowhere" {
		return ""
	}
	return strings.Join([]string{v.Page, string(v.Lang), v.chosen.Encode(), v.Base}, " ")
}

// Style, Script and Icon are the addresses of the files of every page.
func (v *view) Style() string  { return asset("manual.css") }
func (v *view) Script() string { return asset("manual.js") }
func (v *view) Icon() string   { return asset("icon.svg") }

// Title is the name of the page.
func (v *view) Title() string {
	switch {
	case v.template == "nowhere":
		return v.Say("nowhere")
	case v.Chapter != nil:
		return v.Named(v.Chapter.Name)
	case v.Page == "":
		return v.Say("start")
	default:
		return v.Say("page_" + v.Page)
	}
}

// Version is that of the gateway.
func (v *view) Version() string { return v.contents.book.info.Version }

// Named is the name of a chapter.
func (v *view) Named(chapter string) string {
	return v.Say("chapter_" + strings.ReplaceAll(chapter, "-", "_"))
}

// Say is a phrase; pairs are the names of arguments and what stands for them.
func (v *view) Say(name string, pairs ...any) string {
	args := reason.Args{}
	for i := 0; i+1 < len(pairs); i += 2 {
		name := fmt.Sprint(pairs[i])
		if n, ok := pairs[i+1].(int); ok {
			args[name] = reason.Count(n)
		} else {
			args[name] = reason.Name(fmt.Sprint(pairs[i+1]))
		}
	}
	return say(v.Lang, name, args)
}

// Text is a phrase with marks: `code`, and [a link](page#anchor).
func (v *view) Text(name string, pairs ...any) template.HTML { return v.marked(v.Say(name, pairs...)) }

var (
	codeMark = regexp.MustCompile("`([^`]+)`")
	linkMark = regexp.MustCompile(`\[([^\]]+)\]\(([a-z-]*)(#[\w-]+)?\)`)
)

func (v *view) marked(text string) template.HTML {
	safe := template.HTMLEscapeString(text)
	safe = codeMark.ReplaceAllString(safe, "<code>$1</code>")
	safe = linkMark.ReplaceAllStringFunc(safe, func(m string) string {
		part := linkMark.FindStringSubmatch(m)
		return `<a href="` + template.HTMLEscapeString(v.To(part[2])+part[3]) + `">` + part[1] + `</a>`
	})
	return template.HTML(safe) //nolint:gosec // it was escaped
}

// Meaning is a sentence of the description, in French where there is one. Names of fields
// in it look like code.
func (v *view) Meaning(sentence string) template.HTML {
	said, foreign := translated(sentence, v.Lang)
	safe := nameMark.ReplaceAllString(template.HTMLEscapeString(said), "<code>$0</code>")
	if foreign {
		safe = `<span lang="en">` + safe + `</span>`
	}
	return template.HTML(safe) //nolint:gosec // it was escaped
}

// nameMark finds routes and names of fields, which have a line below.
var nameMark = regexp.MustCompile(`(?:GET|POST|PUT|DELETE) /[\w/.{}-]+|\b[a-z0-9]+(?:_[a-z0-9]+)+\b|\b[a-z]+:[A-Z]{3,}\b`)

// Capital is a sentence with a capital and a full stop, where the description has a piece
// of one.
func (v *view) Capital(sentence string) template.HTML {
	said, foreign := translated(sentence, v.Lang)
	safe := template.HTMLEscapeString(said)
	if foreign {
		safe = `<span lang="en">` + safe + `</span>`
	}
	return template.HTML(safe) //nolint:gosec // it was escaped
}

// To is the address of a page, which keeps what the reader chose.
func (v *view) To(page string) string { return v.address(page, v.chosen) }

func (v *view) address(page string, chosen url.Values) string {
	path := Home
	if page != "" {
		path += "/" + page
	}
	if len(chosen) == 0 {
		return path
	}
	return path + "?" + chosen.Encode()
}

func (v *view) with(name, value string) string {
	chosen := url.Values{}
	for k := range v.chosen {
		chosen.Set(k, v.chosen.Get(k))
	}
	chosen.Set(name, value)
	if v.Query != "" {
		chosen.Set("q", v.Query)
	}
	return v.address(v.Page, chosen)
}

// choice is one of several links of which one is where the reader is.
type choice struct {
	Name, Lang, To string
	Current        bool
}

// Languages are the other ones in which the page can be read.
func (v *view) Languages() (all []choice) {
	for _, l := range reason.Languages() {
		if l != v.Lang {
			all = append(all, choice{say(l, "language", nil), string(l), v.with("lang", string(l)), false})
		}
	}
	return all
}

// Choices are the languages of the examples, at a place of the page.
func (v *view) Choices(anchor string) (all []choice) {
	for _, c := range Codes {
		all = append(all, choice{Name: c.Name, To: v.with("code", c.ID) + "#" + anchor, Current: c.ID == v.Code.ID})
	}
	return all
}

// Kept are the hidden fields of a form that keep what the reader chose.
func (v *view) Kept() map[string]string {
	kept := map[string]string{}
	for k := range v.chosen {
		kept[k] = v.chosen.Get(k)
	}
	return kept
}

// item is a line of the menu.
type item struct {
	Name, To, Method string
	Current          bool
	Inner            []item
}

// Menu is the first part of the menu: the pages of the API.
func (v *view) Menu() (all []item) {
	all = append(all, item{Name: v.Say("start"), To: v.To(""), Current: v.Page == ""})
	for _, c := range v.contents.book.chapters {
		line := item{Name: v.Named(c.Name), To: v.To(c.Name), Current: v.Page == c.Name}
		if line.Current {
			for _, op := range c.Operations {
				line.Inner = append(line.Inner, item{Name: v.short(op), To: "#" + op.Anchor, Method: op.Method})
			}
		}
		all = append(all, line)
	}
	return all
}

func (v *view) short(op *operation) string { return strings.TrimPrefix(op.Path, "/v1") }

// More is the second part: what holds for all of them.
func (v *view) More() (all []item) {
	for _, page := range otherPages {
		if page != "search" {
			all = append(all, item{Name: v.Say("page_" + page), To: v.To(page), Current: v.Page == page})
		}
	}
	return all
}

// Chapters are those of the description, with what they are about.
func (v *view) Chapters() []*chapter { return v.contents.book.chapters }

// About is what a chapter is about.
func (v *view) About(chapter string) template.HTML {
	return v.Text("about_" + strings.ReplaceAll(chapter, "-", "_"))
}

// Doors are those for programs that were written for another gateway.
func (v *view) Doors() []Door { return v.manual.Doors }
