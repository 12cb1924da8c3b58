package api

import (
	"net/http"
	"reflect"
	"strconv"

	"github.com/danielgtaylor/huma/v2"
)

// router is where the parts of the API put their routes.
type router struct {
	api huma.API
	mux *http.ServeMux
}

// paths are the described ones.
func (r *router) paths() map[string]*huma.PathItem { return r.api.OpenAPI().Paths }

// operations are the described ones, by the pattern under which they are registered; a
// HEAD has that of its GET.
func (r *router) operations() map[string]*huma.Operation {
	all := map[string]*huma.Operation{}
	for path, item := range r.paths() {
		for method, op := range map[string]*huma.Operation{
			http.MethodGet: item.Get, http.MethodPost: item.Post, http.MethodPut: item.Put,
			http.MethodPatch: item.Patch, http.MethodDelete: item.Delete,
		} {
			if op != nil {
				all[method+" "+path] = op
			}
		}
	}
	return all
}

// describe says what is in a body that its handler decodes itself. It must come after
// the registration, which calls the body binary.
func (r *router) describe(body *huma.RequestBody, request any, example map[string]any) {
	body.Content[jsonType] = &huma.MediaType{
		Schema: r.api.OpenAPI().Components.Schemas.Schema(typeOf(request), true, ""), Example: example,
	}
}

// answers describes what an operation answers: its success and its problems.
func (r *router) answers(success int, example any, problems ...int) map[string]*huma.Response {
	schemas := r.api.OpenAPI().Components.Schemas
	answers := map[string]*huma.Response{statusText(success): {
		Description: http.StatusText(success),
		Content: map[string]*huma.MediaType{
			"application/json": {Schema: schemas.Schema(typeOf(example), true, "")},
		},
	}}
	// Each may have: a bad body, key or parameter, a failure, no database.
	for _, status := range append(problems, 400, 401, 422, 500, 503) {
		answers[statusText(status)] = r.problem(status)
		if status == http.StatusTooManyRequests || status == http.StatusServiceUnavailable {
			answers[statusText(status)].Headers = map[string]*huma.Header{"Retry-After": {
				Description: "seconds to wait", Schema: &huma.Schema{Type: huma.TypeInteger},
			}}
		}
	}
	return answers
}

// noContent describes an operation whose success says nothing.
func (r *router) noContent(problems ...int) map[string]*huma.Response {
	answers := r.answers(http.StatusOK, struct{}{}, problems...)
	delete(answers, statusText(http.StatusOK))
	answers[statusText(http.StatusNoContent)] = &huma.Response{
		Description: http.StatusText(http.StatusNoContent),
	}
	return answers
}

func typeOf(v any) reflect.Type { return reflect.TypeOf(v) }

func statusText(status int) string { return strconv.Itoa(status) }

func description(version string) huma.Config {
	return huma.Config{
		OpenAPI: &huma.OpenAPI{
			OpenAPI: "3.1.0",
			Info: &huma.Info{
				Title: "Relais", Version: version,
				Description: "One API in front of every SMS operator. A 2xx means that the request is on " +
					"disk. Errors are problem documents (RFC 9457) with a stable code. Times are RFC 3339, " +
					"ids are UUIDv7, numbers in answers are E.164.",
				License: &huma.License{Name: "Apache-2.0", Identifier: "Apache-2.0"},
			},
			Components: &huma.Components{
				Schemas: huma.NewMapRegistry("#/components/schemas/", schemaName),
				SecuritySchemes: map[string]*huma.SecurityScheme{
					"key": {Type: "http", Scheme: "bearer", Description: "An API key, made by `relais keys create`."},
				},
			},
			Security: []map[string][]string{{"key": {}}},
		},
		Formats: map[string]huma.Format{
			"application/json": huma.DefaultJSONFormat, "json": huma.DefaultJSONFormat,
		},
		DefaultFormat:                "application/json",
		RejectUnknownQueryParameters: true,
		Transformers:                 []huma.Transformer{inLanguage},
	}
}

// tidyDescription takes out of the description what the library puts there and
// generators stumble over: the schema without a name of answers that say nothing, and
// Content-Type among the headers of an answer (OpenAPI 3.1.0, "Response Object").
func (r *router) tidyDescription() {
	delete(r.api.OpenAPI().Components.Schemas.Map(), "")
	for _, op := range r.operations() {
		for _, answer := range op.Responses {
			delete(answer.Headers, "Content-Type")
		}
	}
}

// schemaName is the name of a type in the description, which keeps those that were
// published.
func schemaName(t reflect.Type, hint string) string {
	if t == reflect.TypeFor[FieldError]() {
		return "Fault"
	}
	return huma.DefaultSchemaNamer(t, hint)
}
