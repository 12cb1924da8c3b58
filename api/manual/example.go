package manual

import (
	"embed"
	"encoding/json"
	"errors"
	"fmt"
	"io/fs"
	"maps"
	"net/url"
	"slices"
	"strconv"
	"strings"

	"github.com/danielgtaylor/huma/v2"
	"github.com/pelletier/go-toml/v2"
)

//go:embed examples.toml
var examplesFile []byte

//go:embed answer event
var recorded embed.FS

// asked is what an example asks for, beside what the description says.
type asked struct {
	Of     string            `toml:"of"` // operationId; empty: the name of the example
	Path   map[string]string `toml:"path"`
	Query  map[string]string `toml:"query"`
	Header map[string]string `toml:"header"`
	Body   string            `toml:"body"`   // empty: the description's example
	Status int               `toml:"status"` // 0: that of success
}

// Example is a request, and what a gateway answered to it. A word that begins with $ in a
// path or a query stands for something that has to be there first: an id.
type Example struct {
	Name   string
	Answer Answer
	Wants  []string // the words with $, without it

	asked asked
	op    *operation
	body  any
}

// Answer is what a gateway answered to an example, and what stood for its words.
type Answer struct {
	Values map[string]string `json:"values,omitempty"`
	Status int               `json:"status"`
	Type   string            `json:"type,omitempty"`
	Header map[string]string `json:"header,omitempty"`
	Body   json.RawMessage   `json:"body,omitempty"`
	Text   string            `json:"text,omitempty"` // what is no JSON
}

// Pretty is the body as the pages show it.
func (a *Answer) Pretty() string {
	if a.Body == nil {
		return strings.TrimSpace(a.Text)
	}
	value, err := valueOf(string(a.Body))
	if err != nil {
		return string(a.Body)
	}
	return inJSON.of(value, "")
}

// examples are those of a description. What is missing or wrong is in the error; the
// others are there.
func (b *book) examples() (all []*Example, err error) {
	var table map[string]asked
	if err := toml.Unmarshal(examplesFile, &table); err != nil {
		return nil, err
	}
	var wrong []error
	covered := map[string]bool{}
	for _, name := range slices.Sorted(maps.Keys(table)) {
		e, err := b.example(name, table[name])
		if err != nil {
			wrong = append(wrong, err)
			continue
		}
		covered[e.op.ID] = true
		all = append(all, e)
	}
	for _, c := range b.chapters {
		for _, op := range c.Operations {
			if covered[op.ID] {
				continue
			}
			e, err := b.example(op.ID, asked{})
			if err != nil {
				wrong = append(wrong, err)
				continue
			}
			all = append(all, e)
		}
	}
	return all, errors.Join(wrong...)
}

func (b *book) example(name string, a asked) (*Example, error) {
	e := &Example{Name: name, asked: a}
	if a.Of == "" {
		a.Of = name
	}
	if e.op = b.operationByID(a.Of); e.op == nil {
		return nil, fmt.Errorf("examples.toml: [%s] is an example of %s, which no route is called", name, a.Of)
	}
	for _, p := range e.op.Parameters {
		if p.In == "path" && a.Path[p.Name] == "" {
			return nil, fmt.Errorf("the route %s has no example: add to api/manual/examples.toml\n[%s]\npath.%s = \"…\"", a.Of, name, p.Name)
		}
	}
	if err := b.readBody(e); err != nil {
		return nil, err
	}
	for _, values := range []map[string]string{a.Path, a.Query} {
		for _, v := range values {
			if word, ok := strings.CutPrefix(v, "$"); ok && !slices.Contains(e.Wants, word) {
				e.Wants = append(e.Wants, word)
			}
		}
	}
	replaced(e.body, func(v string) string {
		if word, ok := strings.CutPrefix(v, "$"); ok && !slices.Contains(e.Wants, word) {
			e.Wants = append(e.Wants, word)
		}
		return v
	})
	slices.Sort(e.Wants)
	text, err := fs.ReadFile(recorded, "answer/"+name+".json")
	if err != nil {
		return e, nil //nolint:nilerr // nobody has run it yet, which a test says
	}
	return e, json.Unmarshal(text, &e.Answer)
}

// readBody finds what the example sends: the text of the table, or the description's.
func (b *book) readBody(e *Example) (err error) {
	sent := e.op.Body
	switch {
	case sent == nil:
		return nil
	case e.asked.Body == "" && sent.example == nil:
		return fmt.Errorf("the route %s has a body without an example: give one to describe(), or to [%s] in api/manual/examples.toml", e.op.ID, e.Name)
	case sent.Object == nil: // no JSON
		if e.asked.Body == "" {
			e.asked.Body, _ = sent.example.(string)
		}
		return nil
	case e.asked.Body != "":
		e.body, err = valueOf(e.asked.Body)
	default:
		e.body, err = valueOf(jsonText(sent.example))
		e.body = b.inOrder(e.body, sent.Object.schema)
	}
	if err != nil {
		return fmt.Errorf("the body of the example %s: %w", e.Name, err)
	}
	return nil
}

func (b *book) operationByID(id string) *operation {
	for _, c := range b.chapters {
		for _, op := range c.Operations {
			if op.ID == id {
				return op
			}
		}
	}
	return nil
}

// Wanted is the status that the example should have.
func (e *Example) Wanted() int {
	if e.asked.Status != 0 {
		return e.asked.Status
	}
	return e.op.success().Code
}

// Call is the request to a gateway with a key; values stand for the words with $.
func (e *Example) Call(base, key string, values map[string]string) *Call {
	given := func(v string) string {
		if word, ok := strings.CutPrefix(v, "$"); ok {
			return values[word]
		}
		return v
	}
	path := e.op.Path
	for name, v := range e.asked.Path {
		path = strings.ReplaceAll(path, "{"+name+"}", strings.ReplaceAll(url.PathEscape(given(v)), "+", "%2B"))
	}
	query := url.Values{}
	for name, v := range e.asked.Query {
		query.Set(name, given(v))
	}
	c := &Call{Method: e.op.Method, URL: base + path, Body: replaced(e.body, given), Refused: e.Wanted() >= 400}
	if len(query) > 0 {
		c.URL += "?" + strings.ReplaceAll(query.Encode(), "%3A", ":")
	}
	c.Header = append(c.Header, Header{"Authorization", "Bearer " + key})
	if e.op.Body != nil {
		c.Header = append(c.Header, Header{"Content-Type", e.op.Body.Type})
	}
	for _, name := range slices.Sorted(maps.Keys(e.asked.Header)) {
		c.Header = append(c.Header, Header{name, e.asked.Header[name]})
	}
	if e.body == nil {
		c.Text = e.asked.Body
	}
	return c
}

// Schema is that of the answer, in the description that the example was read from.
func (e *Example) Schema(spec *huma.OpenAPI) *huma.Schema {
	item := spec.Paths[e.op.Path]
	for _, op := range methods(item) {
		if op.OperationID != e.op.ID || op.Responses[strconv.Itoa(e.Wanted())] == nil {
			continue
		}
		for _, media := range op.Responses[strconv.Itoa(e.Wanted())].Content {
			return media.Schema
		}
	}
	return nil
}

// JSON is the body of a call as it is sent.
func JSON(body any) string { return inJSON.of(body, "") }
