package manual_test

import (
	"bytes"
	"compress/gzip"
	"fmt"
	"html"
	"io"
	"net/http"
	"net/http/httptest"
	"os"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
	"testing"

	"github.com/danielgtaylor/huma/v2"

	"relais/api/manual"
	"relais/reason"
	"relais/webhook"
)

// site is the manual as a gateway has it; key is empty where none works for everybody.
func site(key string) http.Handler {
	mux := http.NewServeMux()
	manual.New(manual.Options{
		Described: described(), Key: key, Failed: func(err error) { panic(err) },
		Doors: []manual.Door{{For: "Kannel", Path: "/cgi-bin/sendsms", Credentials: []string{"username=sandbox"}}},
	}).Register(mux)
	return mux
}

func ask(t *testing.T, site http.Handler, path string, header ...string) *httptest.ResponseRecorder {
	t.Helper()
	r := httptest.NewRequestWithContext(t.Context(), http.MethodGet, path, nil)
	r.Host = "127.0.0.1:8080"
	for i := 0; i+1 < len(header); i += 2 {
		r.Header.Set(header[i], header[i+1])
	}
	w := httptest.NewRecorder()
	site.ServeHTTP(w, r)
	return w
}

var (
	hrefs  = regexp.MustCompile(`(?:href|src|action)="([^"]*)"`)
	ids    = regexp.MustCompile(` id="([^"]*)"`)
	within = regexp.MustCompile(`(?i)<style| style="| on[a-z]+="|javascript:|<script(?: [^>]*)?>[^<]|<(?:img|iframe|object|embed|base)\b|https?://[^"<\s]*\.(?:com|net|org|io)`)
)

// paths are the addresses of every page, by the links of the first one.
func paths(t *testing.T, s http.Handler) []string {
	t.Helper()
	found := []string{"/docs"}
	for i := 0; i < len(found); i++ {
		page := html.UnescapeString(ask(t, s, found[i]).Body.String())
		for _, m := range hrefs.FindAllStringSubmatch(page, -1) {
			path, _, _ := strings.Cut(m[1], "#")
			bare, query, _ := strings.Cut(path, "?")
			if strings.HasPrefix(bare, "/docs") && !strings.Contains(bare, "/static/") && query == "" && !slices.Contains(found, bare) {
				found = append(found, bare)
			}
		}
	}
	return found
}

// TestPagesHoldTogether: every link leads somewhere, no id is there twice, nothing comes
// from elsewhere, and nothing within a page needs what the policy forbids.
func TestPagesHoldTogether(t *testing.T) {
	s := site("sandbox")
	texts := map[string]string{}
	all := paths(t, s)
	if len(all) < 12 {
		t.Errorf("%d pages found, want all: %v", len(all), all)
	}
	for _, path := range all {
		w := ask(t, s, path)
		texts[path] = w.Body.String()
		if w.Code != http.StatusOK || !strings.Contains(w.Header().Get("Content-Security-Policy"), "script-src 'self'") {
			t.Errorf("%s: %d %v", path, w.Code, w.Header())
		}
		if found := within.FindString(texts[path]); found != "" {
			t.Errorf("%s holds %q, which the policy forbids or which is from elsewhere", path, found)
		}
		seen := map[string]bool{}
		for _, m := range ids.FindAllStringSubmatch(texts[path], -1) {
			if seen[m[1]] {
				t.Errorf("%s: the id %s is there twice", path, m[1])
			}
			seen[m[1]] = true
		}
	}
	for path, text := range texts {
		for _, m := range hrefs.FindAllStringSubmatch(text, -1) {
			leads(t, s, texts, path, html.UnescapeString(m[1]))
		}
	}
}

// leads follows a link of a page.
func leads(t *testing.T, s http.Handler, texts map[string]string, page, link string) {
	t.Helper()
	path, anchor, _ := strings.Cut(link, "#")
	if path == "" {
		path = page
	}
	bare, _, _ := strings.Cut(path, "?")
	switch {
	case bare == "/" || bare == "/openapi.json" || bare == "/docs/search":
	case strings.HasPrefix(bare, "/docs/static/"):
		if w := ask(t, s, bare); w.Code != http.StatusOK {
			t.Errorf("%s: the file %s: %d", page, bare, w.Code)
		}
	case texts[bare] == "":
		t.Errorf("%s links to %s, which is no page", page, link)
	case anchor != "" && !strings.Contains(texts[bare], ` id="`+anchor+`"`):
		t.Errorf("%s links to %s, and no such place is there", page, link)
	}
}

// TestEveryRouteAndFieldIsExplained: what is added to the API has an example, a meaning
// and its French, or the test says what to add.
func TestEveryRouteAndFieldIsExplained(t *testing.T) {
	spec, s := described(), site("sandbox")
	for _, e := range examples(t, spec) {
		if e.Answer.Status == 0 {
			t.Errorf("nobody has written down what %s answers: go test ./api/manual -run TestExamples -update", e.Name)
		}
	}
	for _, path := range paths(t, s) {
		if page := ask(t, s, path, "Accept-Language", "fr").Body.String(); strings.Contains(page, "words/manual_") {
			t.Errorf("%s lacks a phrase: add %s to reason/catalog/en.toml and fr.toml", path,
				regexp.MustCompile(`words/manual_\w+`).FindString(page))
		}
	}
	for path, item := range spec.Paths {
		for _, op := range []*huma.Operation{item.Get, item.Post, item.Put, item.Patch, item.Delete} {
			if op != nil {
				explained(t, s, path, op)
			}
		}
	}
	for name, schema := range spec.Components.Schemas.Map() {
		for field, p := range schema.Properties {
			meant(t, name+"."+field, p.Description)
		}
	}
}

func explained(t *testing.T, s http.Handler, path string, op *huma.Operation) {
	t.Helper()
	if len(op.Tags) != 1 {
		t.Errorf("%s %s has %d tags: it needs one, which says on which page of the manual it stands", op.Method, path, len(op.Tags))
		return
	}
	page := html.UnescapeString(ask(t, s, "/docs/"+op.Tags[0]).Body.String())
	if !strings.Contains(page, `<span class="method `+op.Method+`">`+op.Method+`</span> <code>`+path+`</code>`) {
		t.Errorf("%s %s is on no page of the manual", op.Method, path)
	}
	meant(t, op.Method+" "+path, op.Summary)
	if op.Description != "" {
		meant(t, op.Method+" "+path, op.Description)
	}
	for _, p := range op.Parameters {
		meant(t, op.Method+" "+path+" "+p.Name, p.Description)
	}
}

// meant reports a thing without a meaning, or without its French.
func meant(t *testing.T, what, sentence string) {
	t.Helper()
	switch {
	case sentence == "":
		t.Errorf(`%s has no meaning: add doc:"…" to its field in api/`, what)
	case manual.In(sentence, "fr") == sentence && !same[sentence]:
		t.Errorf("%s has no French: add to api/manual/french.toml\n%q = \"…\"", what, sentence)
	}
}

// same are the sentences that are the same in French.
var same = map[string]bool{"E.164": true, "UUIDv7": true}

// TestFrenchIsOfSentencesThatExist: a sentence that changed loses its French.
func TestFrenchIsOfSentencesThatExist(t *testing.T) {
	spec := described()
	there := map[string]bool{}
	for _, item := range spec.Paths {
		for _, op := range []*huma.Operation{item.Get, item.Post, item.Put, item.Patch, item.Delete} {
			if op == nil {
				continue
			}
			there[op.Summary], there[op.Description] = true, true
			for _, p := range op.Parameters {
				there[p.Description] = true
			}
		}
	}
	for _, schema := range spec.Components.Schemas.Map() {
		for _, p := range schema.Properties {
			there[p.Description] = true
		}
	}
	for _, sentence := range manual.Sentences() {
		if !there[sentence] {
			t.Errorf("api/manual/french.toml has %q, which the description does not say any more", sentence)
		}
	}
}

// TestEveryProblemHasACure: and a place, with the status that the golden files of the API
// show.
func TestEveryProblemHasACure(t *testing.T) {
	codes := map[string]bool{}
	for _, c := range reason.Codes() {
		if code, ok := strings.CutPrefix(string(c), "title/problem/"); ok {
			codes[code] = true
		}
	}
	for code := range codes {
		if reason.Of(reason.Code("title/cure/"+code), nil).In("en") == "title/cure/"+code {
			t.Errorf("the problem %s has no cure: add title/cure/%s to reason/catalog/en.toml and fr.toml", code, code)
		}
		if manual.StatusOf(code) == 0 {
			t.Errorf("the problem %s has no place: add a line to occurrences in api/manual/problems.go", code)
		}
	}
	files, err := filepath.Glob("../testdata/*.golden")
	if err != nil || len(files) < 100 {
		t.Fatalf("%d golden files, %v", len(files), err)
	}
	seen := regexp.MustCompile(`"status": (\d+),\s+"code": "(\w+)",\s+"detail"`)
	for _, file := range files {
		text, err := os.ReadFile(file)
		if err != nil {
			t.Fatal(err)
		}
		for _, m := range seen.FindAllStringSubmatch(string(text), -1) {
			if want := fmt.Sprint(manual.StatusOf(m[2])); want != m[1] {
				t.Errorf("%s: %s comes with the status %s, the manual says %s", file, m[2], m[1], want)
			}
		}
	}
}

func TestEveryEventHasAnExample(t *testing.T) {
	page := ask(t, site("sandbox"), "/docs/events").Body.String()
	for _, event := range webhook.Types {
		if _, ok := manual.Recorded(string(event)); !ok {
			t.Errorf("the event %s has no example: let it happen in world_test.go, and go test ./api/manual -run TestExamples -update", event)
		}
		if !strings.Contains(page, `id="`+string(event)+`"`) {
			t.Errorf("the page of events lacks %s", event)
		}
	}
}

// TestFirstPageIsLight: what a browser loads for its first page.
func TestFirstPageIsLight(t *testing.T) {
	const most = 45 << 10
	s := site("sandbox")
	weight := func(path string) int {
		w := ask(t, s, path, "Accept-Encoding", "gzip")
		if w.Header().Get("Content-Encoding") != "gzip" {
			t.Errorf("%s is not packed", path)
		}
		return w.Body.Len()
	}
	page := ask(t, s, "/docs").Body.String()
	beside := 0
	for _, m := range hrefs.FindAllStringSubmatch(page, -1) {
		if strings.HasPrefix(m[1], "/docs/static/") {
			beside += weight(m[1])
		}
	}
	for _, path := range paths(t, s) {
		all := weight(path) + beside
		t.Logf("%s: %d bytes, %d of them style, script and icon", path, all, beside)
		if all > most {
			t.Errorf("%s: %d bytes, more than %d", path, all, most)
		}
	}
}

func TestPackedPageIsTheSame(t *testing.T) {
	s := site("")
	packed := ask(t, s, "/docs/messages", "Accept-Encoding", "br, gzip;q=0.8")
	z, err := gzip.NewReader(packed.Body)
	if err != nil {
		t.Fatal(err)
	}
	text, err := io.ReadAll(z)
	if err != nil {
		t.Fatal(err)
	}
	if plain := ask(t, s, "/docs/messages", "Accept-Encoding", "gzip;q=0"); !bytes.Equal(plain.Body.Bytes(), text) {
		t.Error("the packed page is another one")
	}
}

// TestFormsAreForTheSandboxAlone: nobody is led to type a real key into a page.
func TestFormsAreForTheSandboxAlone(t *testing.T) {
	if page := ask(t, site(""), "/docs/messages").Body.String(); strings.Contains(page, `class="try"`) || strings.Contains(page, "Bearer sandbox") {
		t.Error("a gateway without the key that everybody knows has forms")
	}
	if page := ask(t, site("sandbox"), "/docs/messages").Body.String(); strings.Count(page, `class="try"`) < 7 {
		t.Error("the sandbox lacks forms")
	}
}

func TestChoicesStay(t *testing.T) {
	s := site("sandbox")
	for _, tc := range []struct{ path, want string }{
		{"/docs/messages?code=php", "curl_init"},
		{"/docs/messages?code=go&lang=fr", `lang="fr"`},
		{"/docs/messages?code=python", `href="/docs/webhooks?code=python"`},
		{"/docs/messages?code=python&lang=fr", `href="/docs/problems?code=python&amp;lang=fr"`},
		{"/docs/messages?code=cobol", "curl -i"},
		{"/docs/messages?lang=xx", `lang="en"`},
		{"/docs/events?code=python", "def genuine"},
	} {
		if page := ask(t, s, tc.path).Body.String(); !strings.Contains(page, tc.want) {
			t.Errorf("%s lacks %s", tc.path, tc.want)
		}
	}
}

func TestAddressOfExamples(t *testing.T) {
	mux := http.NewServeMux()
	manual.New(manual.Options{Described: described(), Base: "https://sms.town.example/"}).Register(mux)
	if page := ask(t, mux, "/docs/messages").Body.String(); !strings.Contains(page, "https://sms.town.example/v1/messages") {
		t.Error("the examples do not go to the address of the gateway")
	}
	r := httptest.NewRequestWithContext(t.Context(), http.MethodGet, "/docs", nil)
	r.Host = `x"><script>'; rm -rf ~`
	w := httptest.NewRecorder()
	site("").ServeHTTP(w, r)
	if strings.Contains(w.Body.String(), "rm -rf") {
		t.Error("a host that is none stands in a command to copy")
	}
}

func TestSearch(t *testing.T) {
	s := site("sandbox")
	for _, tc := range []struct{ query, language, want string }{
		{"valid_for", "en", `#SubmitRequest.valid_for`},
		{"cancel", "en", "#post-messages-id-cancel"},
		{"quota exceeded", "en", "#quota_exceeded"},
		{"oppósition liste", "fr", "opt-outs"},
		{"message.expired", "en", "events#message.expired"},
		{"signature", "fr", "webhook"},
		{"zzzz", "en", "Nothing has all these words"},
	} {
		w := ask(t, s, "/docs/search?q="+strings.ReplaceAll(tc.query, " ", "+"), "Accept-Language", tc.language)
		if page := html.UnescapeString(w.Body.String()); w.Code != http.StatusOK || !strings.Contains(page[strings.Index(page, "<main"):], tc.want) {
			t.Errorf("a search for %q in %s does not find %s", tc.query, tc.language, tc.want)
		}
	}
	hostile := ask(t, s, "/docs/search?q=%3Cscript%3Ealert(1)%3C/script%3E"+strings.Repeat("é", 500)).Body.String()
	if strings.Contains(hostile, "<script>alert") {
		t.Error("what is looked for is not escaped")
	}
}

func TestUnknownPage(t *testing.T) {
	if w := ask(t, site(""), "/docs/nothing"); w.Code != http.StatusNotFound || !strings.Contains(w.Body.String(), "<h1>") {
		t.Errorf("%d", w.Code)
	}
	for _, path := range []string{"/docs/static/x/nothing.css", "/docs/static/manual.css", "/docs/static/x/../manual.go"} {
		if w := ask(t, site(""), path); w.Code == http.StatusOK {
			t.Errorf("%s is there", path)
		}
	}
}

// TestMigrationsAreAllNamed compares the page of doors with the directory of the guides.
func TestMigrationsAreAllNamed(t *testing.T) {
	files, err := filepath.Glob("../../docs/migrate/*.md")
	if err != nil || len(files) == 0 {
		t.Fatalf("%v, %v", files, err)
	}
	page := ask(t, site(""), "/docs/doors").Body.String()
	for _, file := range files {
		if name := "docs/migrate/" + filepath.Base(file); !strings.Contains(page, name) {
			t.Errorf("the page of doors does not name %s", name)
		}
	}
	if named := strings.Count(page, "docs/migrate/"); named != len(files) {
		t.Errorf("the page of doors names %d guides, and there are %d", named, len(files))
	}
}
