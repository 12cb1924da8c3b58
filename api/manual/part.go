package manual

import (
	"cmp"
	"html/template"
	"maps"
	"regexp"
	"slices"
	"strings"

	"relais/reason"
)

// shown is an example as a page has it.
type shown struct {
	ID, Code string // of the place, of the language
	Name     string // of the language
	Request  template.HTML
	Curl     template.HTML // for who tries it without scripts
	Status   int
	Text     string // of the status
	Header   map[string]string
	Type     string
	Answer   template.HTML // empty: none
	Choices  []choice
}

// Example is an example by its name; nil: there is none, or nobody has run it.
func (v *view) Example(name, anchor string) *shown {
	e := v.contents.examples[name]
	if e == nil {
		return nil
	}
	call := e.Call(v.Base, v.Key, e.Answer.Values)
	s := &shown{
		ID: anchor, Code: v.Code.ID, Name: v.Code.Name, Request: coloured(v.Code.Write(call)), Curl: coloured(curl(call)),
		Status: e.Answer.Status, Header: e.Answer.Header, Type: e.Answer.Type, Choices: v.Choices(anchor),
	}
	s.Text = status{Code: s.Status}.Text()
	if text := e.Answer.Pretty(); text != "" {
		s.Answer = coloured(text)
	}
	return s
}

// texts are strings of any of the languages, with the colon of a key behind it.
var texts = regexp.MustCompile("\"(?:\\\\.|[^\"\\\\\n])*\"(\\s*:)?|'(?:\\\\.|[^'\\\\])*'|`[^`]*`")

// coloured is a program in HTML, with its strings and keys marked.
func coloured(code string) template.HTML {
	var b strings.Builder
	at := 0
	for _, m := range texts.FindAllStringSubmatchIndex(code, -1) {
		class, end := "s", m[1]
		if m[2] >= 0 {
			class, end = "k", m[2]
		}
		b.WriteString(template.HTMLEscapeString(code[at:m[0]]))
		b.WriteString(`<span class="` + class + `">` + template.HTMLEscapeString(code[m[0]:end]) + "</span>")
		at = end
	}
	b.WriteString(template.HTMLEscapeString(code[at:]))
	return template.HTML(b.String()) //nolint:gosec // it was escaped
}

// section is an operation on its page.
type section struct {
	*operation
	Example *shown
	Groups  []group // of parameters, and the body's fields
	Refused []status
	Try     *try // nil: no form
}

// group are fields in a table.
type group struct {
	Caption string
	Object  string // the anchor of the table; empty: none
	Fields  []field
	See     string // the object that stands elsewhere on the page; empty: here
}

// Sections are the operations of the chapter.
func (v *view) Sections() (all []section) {
	shownHere := map[string]bool{}
	for _, op := range v.Chapter.Operations {
		s := section{operation: op, Example: v.Example(op.ID, op.Anchor), Refused: op.Answers[1:]}
		for _, in := range []string{"path", "query", "header"} {
			fields := slices.DeleteFunc(slices.Clone(op.Parameters), func(f field) bool { return f.In != in })
			if len(fields) > 0 {
				s.Groups = append(s.Groups, group{Caption: v.Say("in_" + in), Fields: fields})
			}
		}
		if op.Body != nil && op.Body.Object != nil {
			o := op.Body.Object
			g := group{Caption: v.Say("in_body"), Object: o.Name, Fields: o.Fields}
			if shownHere[o.Name] {
				g.See, g.Fields = o.Name, nil
			}
			shownHere[o.Name] = true
			s.Groups = append(s.Groups, g)
		}
		if v.Open {
			s.Try = v.try(op)
		}
		all = append(all, s)
	}
	return all
}

// Objects are those of the chapter that no operation has shown.
func (v *view) Objects() []*object {
	return slices.DeleteFunc(slices.Clone(v.Chapter.Objects), func(o *object) bool {
		return slices.ContainsFunc(v.Chapter.Operations, func(op *operation) bool {
			return op.Body != nil && op.Body.Object == o
		})
	})
}

// ObjectNamed is an object of the description.
func (v *view) ObjectNamed(name string) *object { return v.contents.book.objects[name] }

// Here reports whether an object has a place on this page.
func (v *view) Here(name string) bool {
	if v.Page == "problems" {
		return slices.Contains(problemParts, name)
	}
	return v.Chapter != nil && (slices.ContainsFunc(v.Chapter.Objects, func(o *object) bool { return o.Name == name }) ||
		slices.ContainsFunc(v.Chapter.Operations, func(op *operation) bool {
			return op.Body != nil && op.Body.Object != nil && op.Body.Object.Name == name
		}))
}

// problemParts are the objects on the page of problems.
var problemParts = []string{problemObject, "Fault", "Refused"}

// Parts are they.
func (v *view) Parts() (all []*object) {
	for _, name := range problemParts {
		if o := v.contents.book.objects[name]; o != nil {
			all = append(all, o)
		}
	}
	return all
}

// Kind is the type of a field in words, with links to objects.
func (v *view) Kind(k kind) template.HTML {
	var name string
	switch {
	case k.Object != "" && v.Here(k.Object):
		name = `<a href="#` + k.Object + `">` + k.Object + "</a>"
	case k.Object != "":
		name = `<a href="` + template.HTMLEscapeString(v.To(v.pageOf(k.Object))) + "#" + k.Object + `">` + k.Object + "</a>"
	case k.List:
		name = template.HTMLEscapeString(v.Say("types_" + k.Word))
	default:
		name = template.HTMLEscapeString(v.Say("type_" + k.Word))
	}
	if k.List {
		name = template.HTMLEscapeString(v.Say("list_of")) + " " + name
	}
	if k.Or != nil {
		name += ", " + template.HTMLEscapeString(v.Say("or")) + " " + string(v.Kind(*k.Or))
	}
	return template.HTML(name) //nolint:gosec // it was escaped
}

// pageOf is the page on which an object stands.
func (v *view) pageOf(name string) string {
	if slices.Contains(problemParts, name) {
		return "problems"
	}
	for _, c := range v.contents.book.chapters {
		other := &view{Chapter: c, Page: c.Name}
		if other.Here(name) {
			return c.Name
		}
	}
	return "problems"
}

// Bound is a limit of a field in words.
func (v *view) Bound(l limit) string { return v.Say("limit_"+l.Phrase, "value", l.Value) }

// try is the form of an operation.
type try struct {
	Fields  []tryField
	Body    string // prefilled; empty: none
	HasBody bool
	Type    string
}

type tryField struct {
	field
	ID, Value string
	Number    bool
}

// try prepares the form of an operation: what the example asks for stands there, ids aside,
// which nobody else's gateway has.
func (v *view) try(op *operation) *try {
	t := &try{}
	e := v.contents.examples[op.ID]
	for _, p := range op.Parameters {
		f := tryField{field: p, ID: "try-" + op.Anchor + "-" + p.Name}
		if p.Name == "Accept-Language" {
			f.Value = string(v.Lang)
		}
		if e != nil && p.In != "header" {
			f.Value = cmp.Or(e.asked.Path[p.Name], e.asked.Query[p.Name])
			if strings.HasPrefix(f.Value, "$") {
				f.Value = ""
				if p.Name == "number" {
					f.Value = "+33639980001"
				}
			}
		}
		t.Fields = append(t.Fields, f)
	}
	if op.Body != nil {
		t.HasBody, t.Type = true, op.Body.Type
		if e != nil && e.body != nil {
			t.Body = inJSON.of(e.body, "")
		} else if e != nil {
			t.Body = e.asked.Body
		}
	}
	return t
}

// problemRow is a code of a problem document on its page.
type problemRow struct {
	Code, Meaning, Cure string
	Status              int
	Where               []template.HTML
}

// Problems are the codes of problem documents.
func (v *view) Problems() (all []problemRow) {
	for _, code := range titled(problemTitle) {
		at := occurrences[code]
		row := problemRow{
			Code: code, Meaning: titleOf(problemTitle, code, v.Lang), Cure: titleOf(cureTitle, code, v.Lang),
			Status: at.status,
		}
		for _, p := range at.places {
			row.Where = append(row.Where, v.where(p)...)
		}
		all = append(all, row)
	}
	return all
}

// where names the routes of a place, or says which they are when they are many.
func (v *view) where(p place) (all []template.HTML) {
	found := v.contents.book.at(p)
	if len(found) == 0 || len(found) > few {
		return []template.HTML{v.Text("where_" + string(p))}
	}
	for _, op := range found {
		all = append(all, v.route(op))
	}
	return all
}

// route is a link to an operation.
func (v *view) route(op *operation) template.HTML {
	to := template.HTMLEscapeString(v.To(op.Chapter) + "#" + op.Anchor)
	return template.HTML(`<a href="` + to + `"><code>` + op.Method + " " + template.HTMLEscapeString(op.Path) + "</code></a>") //nolint:gosec // it was escaped
}

// codeList are the codes of a kind that no problem document has.
type codeList struct {
	ID, Title string
	About     template.HTML
	Codes     []codeRow
}

type codeRow struct{ Code, Meaning string }

// Lists are they.
func (v *view) Lists() (all []codeList) {
	for _, kind := range lists {
		l := codeList{ID: kind + "s", Title: v.Say(kind + "s"), About: v.Text(kind + "s_about")}
		for _, code := range titled(kind) {
			l.Codes = append(l.Codes, codeRow{code, titleOf(kind, code, v.Lang)})
		}
		all = append(all, l)
	}
	return all
}

// limits of requests, from the description where it has them.
type bound struct{ What, Value string }

// Limits are the bounds of a request.
func (v *view) Limits() (all []bound) {
	add := func(name, value string) { all = append(all, bound{v.Say("bound_" + name), value}) }
	of := func(object, field, phrase string) string {
		o := v.contents.book.objects[object]
		if o == nil {
			return ""
		}
		for _, f := range o.Fields {
			for _, l := range f.Limits {
				if f.Name == field && l.Phrase == phrase {
					return v.grouped(l.Value)
				}
			}
		}
		return ""
	}
	add("recipients", of("SubmitRequest", "to", "most"))
	add("batch", of("BatchRequest", "messages", "most"))
	add("segments", "10")
	add("reference", of("SubmitRequest", "reference", "length"))
	add("metadata", v.grouped("4096"))
	add("key", "255")
	add("page", v.grouped("1000"))
	add("body", "10 "+v.Say("mebibyte"))
	add("webhooks", "20")
	return all
}

// grouped is a number as the language writes it.
func (v *view) grouped(number string) string {
	if len(number) < 4 || len(number) > 6 {
		return number
	}
	if v.Lang == reason.English {
		return number[:len(number)-3] + "," + number[len(number)-3:]
	}
	return number[:len(number)-3] + "\u202f" + number[len(number)-3:]
}

// SortedHeader are the header fields of an example in order.
func (s *shown) SortedHeader() []Header {
	all := make([]Header, 0, len(s.Header))
	for _, name := range slices.Sorted(maps.Keys(s.Header)) {
		all = append(all, Header{name, s.Header[name]})
	}
	return all
}

// List puts what a part of a page needs into one value.
func (*view) List(all ...any) []any { return all }

// Status is that of success.
func (s section) Status() int { return s.success().Code }

// Object is what success answers; nil: no JSON.
func (s section) Object() *object { return s.success().Object }

// Type is that of the answer, empty without a body.
func (s section) Type() string { return s.success().Type }

// Answered says which object comes with which status.
func (v *view) Answered(o *object, status int) template.HTML {
	return template.HTML("<code>"+word(status)+"</code> ") + v.Kind(kind{Object: o.Name}) //nolint:gosec // a number
}

// Statuses are those that the first page tells what to do about.
func (*view) Statuses() []string {
	return []string{"400", "401", "403", "404", "409", "413", "422", "429", "503"}
}

// migration is a page of the guides on coming from another gateway.
type migration struct{ Name, File, Phrase string }

// Migrations are they.
func (*view) Migrations() []migration {
	return []migration{
		{"OVHcloud", "ovh.md", "doors_ovh"},
		{"http2sms", "http2sms.md", "doors_http2sms"},
		{"Kannel", "kannel.md", "doors_kannel"},
		{"Publik, Passerelle", "passerelle.md", "doors_passerelle"},
		{"SMPP", "smpp.md", "doors_smpp"},
		{"Twilio", "twilio.md", "doors_twilio"},
		{"GOV.UK Notify", "notify.md", "doors_notify"},
		{"Vonage", "vonage.md", "doors_vonage"},
		{"Brevo", "brevo.md", "doors_brevo"},
		{"Jasmin", "jasmin.md", "doors_jasmin"},
		{"SMSGate", "smsgate.md", "doors_smsgate"},
		{"SMTP", "mail.md", "doors_mail"},
		{"Shadow", "shadow.md", "doors_shadow"},
	}
}

// Breakable is a path that may break behind each slash.
func (*view) Breakable(path string) template.HTML {
	return template.HTML(strings.ReplaceAll(template.HTMLEscapeString(path), "/", "/<wbr>")) //nolint:gosec // it was escaped
}
