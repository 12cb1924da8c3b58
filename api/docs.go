package api

import (
	"bytes"
	_ "embed" // the page's template
	"encoding/json"
	"html/template"
	"maps"
	"net/http"
	"slices"
	"strings"

	"github.com/danielgtaylor/huma/v2"

	"relais/reason"
)

//go:embed docs.html
var docsPage string

var docsTemplate = template.Must(template.New("docs").Parse(docsPage))

// docs is the manual, for people and for programs.
type docs struct{ failures }

func (h *docs) register(to *router) {
	to.mux.HandleFunc("GET /openapi.json", func(w http.ResponseWriter, r *http.Request) {
		text, err := json.MarshalIndent(to.api.OpenAPI(), "", "  ")
		if err != nil {
			h.fail(err, nil).write(w, r)
			return
		}
		w.Header().Set("Content-Type", jsonType)
		w.Write(text) //nolint:errcheck // the client may have gone
	})
	page := func(w http.ResponseWriter, r *http.Request) {
		var b bytes.Buffer
		l := spoken(r.Header.Get("Accept-Language"), w.Header().Set)
		if l != reason.English { // the routes and fields are in English in any case
			w.Header().Set("Content-Language", string(reason.English)+", "+string(l))
		}
		if err := docsTemplate.Execute(&b, manualOf(to.api.OpenAPI(), l)); err != nil {
			h.fail(err, nil).write(w, r)
			return
		}
		w.Header().Set("Content-Type", "text/html; charset=utf-8")
		w.Header().Set("Content-Security-Policy", "default-src 'none'; style-src 'unsafe-inline'")
		w.Write(b.Bytes()) //nolint:errcheck // the client may have gone
	}
	to.mux.HandleFunc("GET /docs", page)
	to.mux.HandleFunc("GET /docs/problems", page)
}

// manual is the page's data, all from the OpenAPI description.
type manual struct {
	Info       *huma.Info
	Operations []operation
	Schemas    []schema
	Language   reason.Language // of the lists
	Lists      []codeList
}

type operation struct {
	*huma.Operation
	Body    string
	Answers []answer
}

type answer struct{ Status, Meaning, Schema string }

type schema struct {
	Name   string
	Fields []field
}

type field struct {
	Name, Type, Doc string
	Required        bool
}

// codeList is a list of codes, in the reader's language.
type codeList struct {
	ID, Title, About string
	Anchors          bool // problems link to the codes
	Codes            []codeEntry
}

type codeEntry struct{ Code, Title string }

// manualWords begins the codes of what the page says about its lists.
const manualWords = reason.Words + "/manual_"

func listOf(kind string, l reason.Language) codeList {
	say := func(name string) string { return reason.Of(reason.Code(manualWords+name), nil).In(l) }
	list := codeList{
		ID: kind + "s", Title: say(kind + "s"), About: say(kind + "s_about"), Anchors: kind == problemTitle,
	}
	for _, code := range titled(kind) {
		list.Codes = append(list.Codes, codeEntry{code, titleOf(kind, code).In(l)})
	}
	return list
}

func manualOf(spec *huma.OpenAPI, l reason.Language) manual {
	m := manual{Info: spec.Info, Language: l}
	for _, kind := range titleKinds {
		m.Lists = append(m.Lists, listOf(kind, l))
	}
	for _, path := range slices.Sorted(maps.Keys(spec.Paths)) {
		item := spec.Paths[path]
		for _, op := range []*huma.Operation{item.Post, item.Get, item.Put, item.Patch, item.Delete} {
			if op != nil {
				m.Operations = append(m.Operations, operationOf(op))
			}
		}
	}
	schemas := spec.Components.Schemas.Map()
	for _, name := range slices.Sorted(maps.Keys(schemas)) {
		m.Schemas = append(m.Schemas, schemaOf(name, schemas[name]))
	}
	return m
}

func operationOf(op *huma.Operation) operation {
	o := operation{Operation: op}
	if op.RequestBody != nil {
		o.Body = jsonSchema(op.RequestBody.Content)
	}
	for _, status := range slices.Sorted(maps.Keys(op.Responses)) {
		a := answer{Status: status, Meaning: op.Responses[status].Description}
		a.Schema = jsonSchema(op.Responses[status].Content)
		o.Answers = append(o.Answers, a)
	}
	return o
}

// jsonSchema names what a body holds; a file of another kind has no schema.
func jsonSchema(content map[string]*huma.MediaType) string {
	for kind, media := range content {
		if strings.HasSuffix(kind, "json") {
			return typeName(media.Schema)
		}
	}
	return ""
}

func schemaOf(name string, s *huma.Schema) schema {
	shown := schema{Name: name}
	for _, key := range slices.Sorted(maps.Keys(s.Properties)) {
		p := s.Properties[key]
		shown.Fields = append(shown.Fields, field{
			key, typeName(p), p.Description, slices.Contains(s.Required, key),
		})
	}
	return shown
}

// typeName is a schema in a word: the name of its component, or its JSON type.
func typeName(s *huma.Schema) string {
	switch {
	case s == nil:
		return ""
	case s.Ref != "":
		return s.Ref[len("#/components/schemas/"):]
	case len(s.OneOf) > 0:
		return typeName(s.OneOf[0]) + " or " + typeName(s.OneOf[1])
	case s.Type == huma.TypeArray:
		return "list of " + typeName(s.Items)
	case s.Format != "":
		return s.Format
	default:
		return s.Type
	}
}
