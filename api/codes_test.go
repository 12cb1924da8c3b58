package api

import (
	"html"
	"io/fs"
	"maps"
	"net/http"
	"net/http/httptest"
	"os"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
	"testing"

	"relais/gateway"
	"relais/reason"
	"relais/webhook"
)

// literal is a code as a constant has it, or a sentence of a code.
var literal = regexp.MustCompile(`"([a-z][a-z0-9]*(?:_[a-z0-9]+)*)(?:/[a-z0-9_]+)?"`)

// literals are the codes that stand in the sources of the program.
func literals(t *testing.T) map[string]bool {
	t.Helper()
	found := map[string]bool{}
	err := filepath.WalkDir("..", func(name string, entry fs.DirEntry, err error) error {
		if err != nil || entry.IsDir() || filepath.Ext(name) != ".go" || strings.HasSuffix(name, "_test.go") {
			return err
		}
		text, err := os.ReadFile(name)
		for _, match := range literal.FindAllStringSubmatch(string(text), -1) {
			found[match[1]] = true
		}
		return err
	})
	if err != nil {
		t.Fatal(err)
	}
	return found
}

func TestEveryCodeOfTheManualExists(t *testing.T) {
	found := literals(t)
	for _, kind := range titleKinds {
		codes := titled(kind)
		if len(codes) < 5 {
			t.Errorf("only %d codes of %s", len(codes), kind)
		}
		for _, code := range codes {
			if !found[code] {
				t.Errorf("the manual lists the %s %s, which stands nowhere in the program", kind, code)
			}
		}
	}
}

// TestEveryCodeIsInTheManual takes the codes of every sentence that the program can say.
func TestEveryCodeIsInTheManual(t *testing.T) {
	listed := map[string]bool{}
	for _, kind := range titleKinds {
		for _, code := range titled(kind) {
			listed[code] = true
		}
	}
	said := map[string]bool{}
	for _, code := range reason.Codes() {
		// which no answer has: the program does not start
		if !code.Phrase() && code.Wire() != "config_invalid" {
			said[code.Wire()] = true
		}
	}
	for _, code := range slices.Sorted(maps.Keys(said)) {
		if !listed[code] {
			t.Errorf("%s can leave the program, and no title in the catalogue lists it: title/problem, title/recipient, title/warning, title/decision, title/event", code)
		}
	}
}

// shownElsewhere are codes whose answer a test cannot write down: it takes a
// minute, a broken connection or a panic. The last ones are of the door of Alertmanager.
var shownElsewhere = []string{
	"body_timeout", "body_cut", "internal_error", "text_not_utf8", "template_fails", "unauthorized",
	"webhook_unreadable", "upload_broken",
}

func TestEveryCodeHasAGoldenFile(t *testing.T) {
	names, err := filepath.Glob("testdata/*.golden")
	if err != nil {
		t.Fatal(err)
	}
	shown := map[string]bool{}
	for _, name := range names {
		text, err := os.ReadFile(name)
		if err != nil {
			t.Fatal(err)
		}
		for _, code := range titled(problemTitle) {
			if strings.Contains(string(text), `"code": "`+code+`"`) {
				shown[code] = true
			}
		}
	}
	for _, code := range titled(problemTitle) {
		if !shown[code] && !slices.Contains(shownElsewhere, code) {
			t.Errorf("no golden file shows %s", code)
		}
	}
}

// pageOf is a page of the manual in a language.
func pageOf(t *testing.T, path string, l reason.Language) string {
	t.Helper()
	r := httptest.NewRequestWithContext(t.Context(), "GET", path, nil)
	r.Header.Set("Accept-Language", string(l))
	w := httptest.NewRecorder()
	New(Options{
		Gateway: &gateway.Gateway{}, Metrics: http.NotFoundHandler(), Webhooks: &webhook.Manager{},
	}).ServeHTTP(w, r)
	return html.UnescapeString(w.Body.String())
}

func TestManualListsEveryCode(t *testing.T) {
	for _, l := range reason.Languages() {
		problems, others := pageOf(t, "/docs/problems", l), pageOf(t, "/docs/codes", l)
		for _, code := range titled(problemTitle) {
			p := refusalOf(http.StatusTeapot, reason.Code(code)).in(l)
			if !strings.Contains(problems, `<tr id="`+code+`">`) || p.Type != "/docs/problems#"+code ||
				p.Title == code {
				t.Errorf("the manual in %s has no entry for %s, which problems link to", l, code)
			}
			if !strings.Contains(problems, "<strong>"+p.Title+".</strong>") {
				t.Errorf("the manual in %s does not say of a problem what %s means", l, code)
			}
		}
		for _, kind := range titleKinds {
			if kind == problemTitle {
				continue
			}
			for _, code := range titled(kind) {
				row := "<code>" + code + "</code></th><td>" + titleOf(kind, code).In(l)
				if !strings.Contains(others, row) {
					t.Errorf("the manual in %s does not say of a %s what %s means", l, kind, code)
				}
			}
		}
	}
}

func TestProblemsOfTheLibrary(t *testing.T) {
	for _, tc := range []struct {
		name    string
		status  int
		message string
		want    string
		code    int
	}{
		{"slow body", 408, "request body read timeout", "body_timeout", 408},
		{"large body", 413, "request body is too large limit=10 bytes", "body_too_large", 413},
		{"cut body", 500, "cannot read request body", "body_cut", 400},
		{"no body", 400, "request body is required", "body_empty", 400},
		{"anything else of its own", 500, "unexpected error occurred", "internal_error", 500},
		{"parameter", 422, "validation failed", "invalid_parameter", 422},
	} {
		t.Run(tc.name, func(t *testing.T) {
			if got := libraryProblem(tc.status, tc.message, nil); got.reason.Code.Wire() != tc.want ||
				got.status != tc.code {
				t.Errorf("problem %d %s, want %d %s", got.status, got.reason.Code, tc.code, tc.want)
			}
		})
	}
}
