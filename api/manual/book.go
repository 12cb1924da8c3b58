package manual

import (
	"cmp"
	"maps"
	"net/http"
	"slices"
	"strconv"
	"strings"

	"github.com/danielgtaylor/huma/v2"
)

// book is the description, read for people.
type book struct {
	info     *huma.Info
	chapters []*chapter
	objects  map[string]*object // by the name of their schema
}

// chapter is the operations on one kind of thing: those with its tag.
type chapter struct {
	Name       string
	Operations []*operation
	Objects    []*object // that its answers are made of, and those within them
}

// operation is a route and a method.
type operation struct {
	ID, Anchor, Method, Path string
	Summary, About           string
	Chapter                  string
	Right                    string // that a key needs; empty: any key will do
	Parameters               []field
	Body                     *body // nil: none
	Answers                  []status
}

// body is what a request holds.
type body struct {
	Type    string // of media
	Object  *object
	example any
}

// status is an answer.
type status struct {
	Code   int
	Type   string  // of media; empty: no body
	Object *object // nil: it is no JSON
}

// Text is what HTTP calls the status.
func (s status) Text() string { return http.StatusText(s.Code) }

// object is a schema with fields.
type object struct {
	Name   string
	Fields []field
	schema *huma.Schema
}

// field is a field of an object, or a parameter.
type field struct {
	Name, In string
	Kind     kind
	Required bool
	Meaning  string
	Values   []string // the only ones
	Limits   []limit
	Default  string
	Example  string
}

// kind is the type of a field.
type kind struct {
	Word   string // string, integer, uuid, …; a word of the catalogue has what it means
	List   bool
	Object string // its name
	Or     *kind  // or this one
}

// limit is a bound of a field: the name of a phrase, and a number.
type limit struct{ Phrase, Value string }

// order is that of the chapters in the menu; others come after it.
var order = []string{"messages", "templates", "campaigns", "lists", "contacts", "inbound", "opt-outs", "webhooks", "connectors", "people", "usage", "configuration"}

// read makes the book of a description.
func read(spec *huma.OpenAPI) *book {
	b := &book{info: spec.Info, objects: map[string]*object{}}
	schemas := spec.Components.Schemas.Map()
	for name, schema := range schemas {
		b.objects[name] = objectOf(name, schema)
	}
	chapters := map[string]*chapter{}
	for _, path := range slices.Sorted(maps.Keys(spec.Paths)) {
		for _, op := range methods(spec.Paths[path]) {
			read := b.operation(op)
			c := chapters[read.Chapter]
			if c == nil {
				c = &chapter{Name: read.Chapter}
				chapters[c.Name] = c
			}
			c.Operations = append(c.Operations, read)
		}
	}
	for _, name := range slices.Sorted(maps.Keys(chapters)) {
		b.chapters = append(b.chapters, chapters[name])
	}
	slices.SortStableFunc(b.chapters, func(x, y *chapter) int { return cmp.Compare(rank(x.Name), rank(y.Name)) })
	for _, c := range b.chapters {
		slices.SortStableFunc(c.Operations, c.compare)
		c.Objects = b.within(c)
	}
	return b
}

// compare puts what is asked of all things before what is asked of one, and the routes that
// have the name of the chapter before others.
func (c *chapter) compare(x, y *operation) int {
	foreign := func(op *operation) int {
		if strings.HasPrefix(op.Path, "/v1/"+c.Name) {
			return 0
		}
		return 1
	}
	return cmp.Or(
		cmp.Compare(strings.Count(x.Path, "/"), strings.Count(y.Path, "/")), cmp.Compare(foreign(x), foreign(y)),
	)
}

func rank(chapter string) int {
	if at := slices.Index(order, chapter); at >= 0 {
		return at
	}
	return len(order)
}

// methods are the operations of a path: what changes first.
func methods(item *huma.PathItem) []*huma.Operation {
	all := []*huma.Operation{item.Post, item.Get, item.Put, item.Patch, item.Delete}
	return slices.DeleteFunc(all, func(op *huma.Operation) bool { return op == nil })
}

// anchorOf is the place of an operation on its page: post-messages-id-cancel.
func anchorOf(method, path string) string {
	path = strings.NewReplacer("/", "-", ".", "-", "{", "", "}", "").Replace(strings.TrimPrefix(path, "/v1/"))
	return strings.ToLower(method) + "-" + path
}

func (b *book) operation(op *huma.Operation) *operation {
	read := &operation{
		ID: op.OperationID, Anchor: anchorOf(op.Method, op.Path), Method: op.Method, Path: op.Path,
		Summary: op.Summary, About: op.Description, Chapter: "other",
	}
	if len(op.Tags) > 0 {
		read.Chapter = op.Tags[0]
	}
	for _, needs := range op.Security {
		if rights := needs["key"]; len(rights) > 0 {
			read.Right = rights[0]
		}
	}
	for _, p := range op.Parameters {
		f := fieldOf(p.Name, p.Schema)
		f.In, f.Required, f.Meaning = p.In, p.Required, cmp.Or(p.Description, f.Meaning)
		read.Parameters = append(read.Parameters, f)
	}
	if op.RequestBody != nil {
		for _, kind := range slices.Sorted(maps.Keys(op.RequestBody.Content)) {
			media := op.RequestBody.Content[kind]
			read.Body = &body{Type: kind, Object: b.object(media.Schema), example: media.Example}
		}
	}
	for _, code := range slices.Sorted(maps.Keys(op.Responses)) {
		number, _ := strconv.Atoi(code) // the description has numbers alone
		s := status{Code: number}
		for kind, media := range op.Responses[code].Content {
			s.Type, s.Object = kind, b.object(media.Schema)
		}
		read.Answers = append(read.Answers, s)
	}
	return read
}

// success is the answer to a request that is taken.
func (o *operation) success() status { return o.Answers[0] }

// object is the one that a schema names; nil: none.
func (b *book) object(s *huma.Schema) *object {
	if s == nil {
		return nil
	}
	return b.objects[refOf(s)]
}

func refOf(s *huma.Schema) string { return strings.TrimPrefix(s.Ref, "#/components/schemas/") }

// within are the objects that the answers of a chapter are made of, in the order in which
// a reader meets them. Problems have a page of their own.
func (b *book) within(c *chapter) (all []*object) {
	var meet func(o *object)
	meet = func(o *object) {
		if o == nil || o.Name == problemObject || slices.Contains(all, o) {
			return
		}
		all = append(all, o)
		for _, f := range o.Fields {
			for k := &f.Kind; k != nil; k = k.Or {
				meet(b.objects[k.Object])
			}
		}
	}
	for _, op := range c.Operations {
		meet(op.success().Object)
	}
	for _, op := range c.Operations {
		if op.Body == nil || op.Body.Object == nil {
			continue
		}
		for _, f := range op.Body.Object.Fields {
			meet(b.objects[f.Kind.Object])
		}
	}
	return all
}

// problemObject is what every refusal is.
const problemObject = "Problem"

func objectOf(name string, s *huma.Schema) *object {
	o := &object{Name: name, schema: s}
	for _, key := range fieldOrder(s) {
		f := fieldOf(key, s.Properties[key])
		f.Required = slices.Contains(s.Required, key)
		o.Fields = append(o.Fields, f)
	}
	return o
}

// fieldOrder is the order of the fields of an object: those that are always there first,
// as its author wrote them, then the others by name.
func fieldOrder(s *huma.Schema) []string {
	keys := slices.Clone(s.Required)
	for _, key := range slices.Sorted(maps.Keys(s.Properties)) {
		if !slices.Contains(keys, key) {
			keys = append(keys, key)
		}
	}
	return keys
}

func fieldOf(name string, s *huma.Schema) field {
	f := field{Name: name}
	if s == nil {
		return f
	}
	f.Kind, f.Meaning, f.Limits = kindOf(s), s.Description, limitsOf(s)
	for _, value := range s.Enum {
		f.Values = append(f.Values, word(value))
	}
	if s.Default != nil {
		f.Default = word(s.Default)
	}
	if len(s.Examples) > 0 {
		f.Example = word(s.Examples[0])
	}
	return f
}

func kindOf(s *huma.Schema) kind {
	switch {
	case s == nil:
		return kind{Word: "any"}
	case s.Ref != "":
		return kind{Object: refOf(s)}
	case len(s.OneOf) > 1:
		first, second := kindOf(s.OneOf[0]), kindOf(s.OneOf[1])
		first.Or = &second
		return first
	case s.Type == huma.TypeArray:
		k := kindOf(s.Items)
		k.List = true
		return k
	case s.Type == huma.TypeString && s.Format != "":
		return kind{Word: strings.ReplaceAll(s.Format, "-", "_")}
	case s.Type == "":
		return kind{Word: "any"}
	default:
		return kind{Word: s.Type}
	}
}

func limitsOf(s *huma.Schema) (all []limit) {
	number := func(phrase string, n *int) {
		if n != nil {
			all = append(all, limit{phrase, strconv.Itoa(*n)})
		}
	}
	if s.Minimum != nil {
		all = append(all, limit{"minimum", strconv.FormatFloat(*s.Minimum, 'f', -1, 64)})
	}
	if s.Maximum != nil {
		all = append(all, limit{"maximum", strconv.FormatFloat(*s.Maximum, 'f', -1, 64)})
	}
	number("length", s.MaxLength)
	number("fewest", s.MinItems)
	number("most", s.MaxItems)
	for _, one := range s.OneOf {
		number("most", one.MaxItems)
	}
	return all
}

// word is a value of JSON as people read it: without quotes.
func word(v any) string { return strings.Trim(jsonText(v), `"`) }
