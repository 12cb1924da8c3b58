package api_test

import (
	"encoding/json"
	"net/http"
	"regexp"
	"slices"
	"strings"
	"testing"
)

// described is what a test reads of the API's own description.
type described struct {
	Paths map[string]map[string]struct {
		RequestBody *struct {
			Content map[string]struct{ Schema schemaRef }
		}
	}
	Components struct{ Schemas map[string]schemaRef }
}

type schemaRef struct {
	Ref        string `json:"$ref"`
	Type       any    // a word or several
	Items      *schemaRef
	OneOf      []schemaRef
	Properties map[string]schemaRef
}

// takes reports whether a JSON value of a kind fits the schema.
func (s schemaRef) takes(kind string) bool {
	if kind == "integer" && s.Type == "number" {
		return true
	}
	words, _ := s.Type.([]any)
	return s.Type == kind || slices.Contains(words, any(kind)) ||
		slices.ContainsFunc(s.OneOf, func(one schemaRef) bool {
			return one.takes(kind)
		})
}

// goName finds what only Go says: a name in Go's spelling, a package, a type.
var goName = regexp.MustCompile(
	`[a-z][A-Z]|[A-Z][a-z]+[A-Z]|\b(struct|int64|int|bool|json:|float64|interface|reflect|nil|map\[|Go)\b`,
)

// TestEveryFieldOfEveryRouteSaysWhichTypeItWants goes through the description of the
// API: a field that is added later is tried too.
func TestEveryFieldOfEveryRouteSaysWhichTypeItWants(t *testing.T) {
	d := open(t)
	text, err := d.OpenAPI()
	if err != nil {
		t.Fatal(err)
	}
	var spec described
	if err := json.Unmarshal(text, &spec); err != nil {
		t.Fatal(err)
	}
	values := map[string]string{
		"integer": "5", "number": "1.5", "boolean": "true", "string": `"seven"`, "array": "[[5]]",
		"object": `{"a":{"b":5}}`,
	}
	tried := 0
	for path, item := range spec.Paths {
		for method, op := range item {
			if op.RequestBody == nil || op.RequestBody.Content["application/json"].Schema.Ref == "" {
				continue
			}
			name := strings.TrimPrefix(op.RequestBody.Content["application/json"].Schema.Ref,
				"#/components/schemas/")
			route := strings.NewReplacer("{id}", someID, "{number}", "%2B33639980001").Replace(path)
			for field, schema := range spec.Components.Schemas[name].Properties {
				for kind, value := range values {
					if schema.takes(kind) && kind != "array" && kind != "object" {
						continue
					}
					if schema.Ref != "" && kind == "object" {
						continue // it is one, with fields of its own
					}
					if path == "/v1/batches" && kind == "array" {
						continue // each of a batch is refused for itself, under items
					}
					tried++
					t.Run(method+" "+path+" "+field+" "+kind, func(t *testing.T) {
						got := d.in(t).do(request{method: strings.ToUpper(method), path: route, body: `{"` +
							field + `": ` + value + `}`})
						p := got.problem(http.StatusUnprocessableEntity, "wrong_type")
						if len(p.Errors) != 1 || !strings.HasPrefix(p.Errors[0].Field, "/"+field) ||
							p.Errors[0].Position == 0 {
							t.Errorf("errors %+v, want the field /%s and where it is", p.Errors, field)
						}
						if !strings.HasPrefix(p.Detail, "/"+field) ||
							!strings.Contains(p.Detail, " must be ") {
							t.Errorf("detail %q does not name the field and what is right", p.Detail)
						}
						if said := strings.ReplaceAll(
							strings.ReplaceAll(p.Detail, "JSON", ""), "/"+field, "",
						); goName.MatchString(said) {
							t.Errorf("detail %q speaks of Go", p.Detail)
						}
					})
				}
			}
		}
	}
	if tried < 80 {
		t.Errorf("%d fields and types were tried; the description was not read", tried)
	}
}

// TestSlashesAreTaken: a redirect would make a GET of a POST, or lose its body.
func TestSlashesAreTaken(t *testing.T) {
	d := open(t)
	for _, tc := range []struct {
		name, method, path, body string
		want                     int
	}{
		{"at the end", "POST", "/v1/messages/", good, http.StatusAccepted},
		{"several at the end", "POST", "/v1/messages///", good, http.StatusAccepted},
		{"double at the beginning", "POST", "//v1/messages", good, http.StatusAccepted},
		{"double in the middle", "POST", "/v1//messages/preview/", good, http.StatusOK},
		{"of a number with an escape", "PUT", "/v1//opt-outs/%2B33639980001/", "", http.StatusOK},
		{"of a probe", "GET", "/healthz/", "", http.StatusOK},
		{"of the manual", "GET", "//docs/", "", http.StatusOK},
		{"of an export", "GET", "/v1/opt-outs.csv/", "", http.StatusOK},
		{"without a key", "POST", "//v1//messages/", good, http.StatusUnauthorized},
	} {
		t.Run(tc.name, func(t *testing.T) {
			r := request{method: tc.method, path: tc.path, body: tc.body}
			if tc.want == http.StatusUnauthorized {
				r.key = "-"
			}
			if got := d.in(t).do(r); got.StatusCode != tc.want {
				t.Errorf("answer %d, want %d: %s", got.StatusCode, tc.want, got.body)
			}
		})
	}
}

// TestBodiesThatSayNothingAreTaken: some clients send an empty object with every call.
func TestBodiesThatSayNothingAreTaken(t *testing.T) {
	d := open(t)
	for _, tc := range []struct{ name, body string }{
		{"nothing", ""}, {"spaces", " \r\n"}, {"an empty object", "{ }"}, {"null", "null\n"},
	} {
		t.Run(tc.name, func(t *testing.T) {
			got := d.in(t).do(request{method: "GET", path: "/v1/messages", body: tc.body})
			if got.StatusCode != http.StatusOK {
				t.Errorf("answer %d: %s", got.StatusCode, got.body)
			}
		})
	}
}
