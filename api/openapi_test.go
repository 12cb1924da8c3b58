package api_test

import (
	"fmt"
	"maps"
	"net/http"
	"net/url"
	"regexp"
	"slices"
	"strconv"
	"strings"
	"testing"
)

func openAPI(t *testing.T, d *door) document {
	t.Helper()
	got := d.get("/openapi.json")
	if got.StatusCode != http.StatusOK || got.Header.Get("Content-Type") != "application/json" {
		t.Fatalf("answer %d %s", got.StatusCode, got.Header.Get("Content-Type"))
	}
	return parse(got.body).(map[string]any)
}

func TestOpenAPIFileIsUpToDate(t *testing.T) {
	compare(t, "openapi.json", string(open(t).get("/openapi.json").body)+"\n")
}

// visit calls f for every object of the document.
func visit(v any, where string, f func(where string, o map[string]any)) {
	switch v := v.(type) {
	case map[string]any:
		f(where, v)
		for _, key := range slices.Sorted(maps.Keys(v)) {
			visit(v[key], where+"/"+key, f)
		}
	case []any:
		for i, element := range v {
			visit(element, fmt.Sprint(where, "/", i), f)
		}
	}
}

// each calls f for every operation.
func (d document) each(f func(method, path string, op map[string]any)) {
	for path, item := range object(map[string]any(d), "paths") {
		for method, op := range item.(map[string]any) {
			f(strings.ToUpper(method), path, op.(map[string]any))
		}
	}
}

func TestOpenAPIHead(t *testing.T) {
	doc := openAPI(t, open(t))
	if doc["openapi"] != "3.1.0" {
		t.Errorf("openapi = %v, want 3.1.0", doc["openapi"])
	}
	for _, key := range []string{"title", "version", "description", "license"} {
		if at(map[string]any(doc), "info", key) == nil {
			t.Errorf("info has no %s", key)
		}
	}
	for _, key := range slices.Sorted(maps.Keys(doc)) {
		if !slices.Contains(
			[]string{"openapi", "info", "paths", "components", "security", "servers", "tags"}, key,
		) {
			t.Errorf("OpenAPI 3.1 has no key %s", key)
		}
	}
	if at(map[string]any(doc), "components", "securitySchemes", "key", "scheme") != "bearer" {
		t.Error("the key is not described")
	}
}

func TestOpenAPIReferencesAndExamples(t *testing.T) {
	doc := openAPI(t, open(t))
	examples := 0
	visit(map[string]any(doc), "#", func(where string, o map[string]any) {
		if ref, ok := o["$ref"].(string); ok && doc.resolve(ref) == nil {
			t.Errorf("%s: $ref %s leads nowhere", where, ref)
		}
		schema := o
		if inner := object(o, "schema"); inner != nil {
			schema = inner
		}
		given, _ := o["examples"].([]any)
		if one, ok := o["example"]; ok {
			given = append(given, one)
		}
		for _, example := range given {
			examples++
			for _, wrong := range doc.check(schema, example, where) {
				t.Errorf("example at %s", wrong)
			}
		}
		for _, name := range requiredOf(o) {
			if _, ok := object(o, "properties")[name]; !ok {
				t.Errorf("%s requires %s, which it does not describe", where, name)
			}
		}
	})
	if examples < 3 {
		t.Errorf("%d examples found; the test looks in the wrong place", examples)
	}
}

func requiredOf(o map[string]any) (names []string) {
	list, _ := o["required"].([]any)
	for _, name := range list {
		names = append(names, name.(string))
	}
	return names
}

var pathParameter = regexp.MustCompile(`\{(\w+)\}`)

func TestOpenAPIOperations(t *testing.T) {
	doc := openAPI(t, open(t))
	ids := map[any]bool{}
	doc.each(func(method, path string, op map[string]any) {
		name := method + " " + path
		if ids[op["operationId"]] || op["operationId"] == nil || op["summary"] == nil {
			t.Errorf("%s: operationId must be there once, and a summary: %v", name, op["operationId"])
		}
		ids[op["operationId"]] = true
		for _, p := range pathParameter.FindAllStringSubmatch(path, -1) {
			if !slices.ContainsFunc(op["parameters"].([]any), func(v any) bool {
				return at(v, "name") == p[1] && at(v, "in") == "path" && at(v, "required") == true
			}) {
				t.Errorf("%s: parameter %s is not described", name, p[1])
			}
		}
		checkAnswers(t, name, object(op, "responses"))
	})
	if len(ids) < 6 {
		t.Errorf("%d operations, want at least 6", len(ids))
	}
}

func checkAnswers(t *testing.T, name string, answers map[string]any) {
	t.Helper()
	for _, status := range []string{"401", "422", "500", "503"} {
		if answers[status] == nil {
			t.Errorf("%s: answer %s is not described", name, status)
		}
	}
	for status, answer := range answers {
		if status == "204" || at(answer, "content", "text/csv") != nil {
			continue // says nothing, or is a file
		}
		media, want := "application/json", ""
		if status >= "400" {
			media, want = "application/problem+json", "#/components/schemas/Problem"
		}
		ref, _ := at(answer, "content", media, "schema", "$ref").(string)
		if ref == "" || want != "" && ref != want {
			t.Errorf("%s: answer %s is %q in %s", name, status, ref, media)
		}
		if (status == "429" || status == "503") && at(answer, "headers", "Retry-After") == nil {
			t.Errorf("%s: answer %s without Retry-After", name, status)
		}
	}
}

// operation finds what describes a request; nil when nothing does.
func (d document) operation(r request) map[string]any {
	u, err := url.Parse(r.path)
	if err != nil {
		return nil
	}
	for path, item := range object(map[string]any(d), "paths") {
		pattern := "^" + pathParameter.ReplaceAllString(path, "[^/]+") + "$"
		literal := u.Path == path || regexp.MustCompile(pattern).MatchString(u.Path)
		if op := object(item, strings.ToLower(r.method)); literal && op != nil {
			return op
		}
	}
	return nil
}

// conforms checks a real answer against its description.
func (d document) conforms(t *testing.T, r request, got answer) {
	t.Helper()
	op := d.operation(r)
	if op == nil {
		return
	}
	described := object(op, "responses", strconv.Itoa(got.StatusCode))
	media := object(described, "content", got.Header.Get("Content-Type"))
	if media == nil {
		t.Fatalf("%s %s: answer %d as %q is not described",
			r.method, r.path, got.StatusCode, got.Header.Get("Content-Type"))
	}
	for _, wrong := range d.check(object(media, "schema"), parse(got.body), "") {
		t.Errorf("%s %s, answer %d: %s", r.method, r.path, got.StatusCode, wrong)
	}
}

func TestRefusalsAreAsDescribed(t *testing.T) {
	d := open(t)
	doc := openAPI(t, d)
	for _, tc := range slices.Concat(badBodies, badValues, badRequests) {
		doc.conforms(t, tc.request, d.do(tc.request))
	}
}

func TestAnswersAreAsDescribed(t *testing.T) {
	d := open(t)
	doc := openAPI(t, d)
	submit := message(`{"to":["+33639980001","12"],"text":"C’est prêt","metadata":{"a":"b"},"class":"otp","sender":"Mairie","reference":"r"}`)
	preview := submit
	preview.path += "/preview"
	id := d.submit(submit.body).Messages[0].ID.String()
	cancel := request{method: "POST", path: "/v1/messages/" + id + "/cancel"}
	for _, r := range []request{
		submit, preview, keyed("k", good), keyed("k", good), get("/v1/messages"), get("/v1/messages?limit=1"),
		get("/v1/messages/" + id), cancel, cancel, get("/v1/connectors"),
		get("/v1/configuration"),
	} {
		if doc.operation(r) == nil {
			t.Errorf("%s %s is not described", r.method, r.path)
		}
		doc.conforms(t, r, d.do(r))
	}
	if request := object(
		doc.operation(submit), "requestBody", "content", "application/json", "schema",
	); request == nil {
		t.Error("the body of a submission is not described")
	} else if wrong := doc.check(request, parse([]byte(submit.body)), ""); len(wrong) > 0 {
		t.Errorf("a good body breaks its schema: %v", wrong)
	}
}

func TestManual(t *testing.T) {
	d := open(t)
	for _, path := range []string{"/docs", "/docs/problems", "/docs/messages"} {
		got := d.do(withKey(get(path), "-"))
		if got.StatusCode != http.StatusOK || got.Header.Get("Content-Type") != "text/html; charset=utf-8" {
			t.Fatalf("%s: answer %d %s", path, got.StatusCode, got.Header.Get("Content-Type"))
		}
		if policy := got.Header.Get(
			"Content-Security-Policy",
		); !strings.HasPrefix(policy, "default-src 'none'") {
			t.Errorf("%s: policy %q would load things", path, policy)
		}
	}
}

// TestOpenAPIIsForGenerators looks for what makes generators write types that nobody
// wants.
func TestOpenAPIIsForGenerators(t *testing.T) {
	visit(map[string]any(openAPI(t, open(t))), "#", func(where string, o map[string]any) {
		if _, many := o["type"].([]any); many {
			t.Errorf("%s may be of several types: %v", where, o["type"])
		}
		for name := range object(o, "schemas") {
			if !regexp.MustCompile(`^[A-Z]\w+$`).MatchString(name) {
				t.Errorf("%s has a schema with the name %q", where, name)
			}
		}
		if at(o, "headers", "Content-Type") != nil {
			t.Errorf("%s names Content-Type as a header", where)
		}
	})
}

// TestListsAreNeverNull asks for every list of an account that has nothing.
func TestListsAreNeverNull(t *testing.T) {
	d := open(t)
	addTown(t, d)
	d.post("/v1/contacts", `{"number":"0639980001"}`) // else it has no page
	asked := 0
	openAPI(t, d).each(func(method, path string, op map[string]any) {
		if method != "GET" || strings.Contains(path, "{id}") || strings.Contains(path, "{name}") ||
			at(op, "responses", "200", "content", "application/json") == nil {
			return
		}
		asked++
		got := d.get(strings.ReplaceAll(path, "{number}", "+33639980001"))
		if got.StatusCode != http.StatusOK || strings.Contains(string(got.body), "null") {
			t.Errorf("%s: %d %s", path, got.StatusCode, got.body)
		}
	})
	for path, body := range map[string]string{
		"/v1/messages": good, "/v1/messages/preview": good, "/v1/opt-outs.csv": "number\n",
		"/v1/webhooks": `{"url":"https://example.org/"}`,
	} {
		asked++
		r := request{method: "POST", path: path, body: body}
		if path == "/v1/opt-outs.csv" {
			r = withHeader(r, "Content-Type", "text/csv")
		}
		if got := d.do(r); got.StatusCode > 299 || strings.Contains(string(got.body), "null") {
			t.Errorf("%s: %d %s", path, got.StatusCode, got.body)
		}
	}
	if asked < 12 {
		t.Errorf("%d routes asked, want more", asked)
	}
}
