package api

import (
	"go/ast"
	"go/parser"
	"go/token"
	"maps"
	"net/http"
	"net/http/httptest"
	"os"
	"path/filepath"
	"slices"
	"strconv"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"relais/number"
	"relais/webhook"
)

// codeArgument tells which argument of a function is the code of a problem, or of a
// warning.
var codeArgument = map[string]map[string]int{
	"Error":   {"problem": 1, "badBody": 2, "refuse": 1, "invalid": 0},
	"Warning": {"warn": 0},
}

// sources parses the files of a package, its tests aside.
func sources(t *testing.T, dir string) []*ast.File {
	t.Helper()
	names, err := filepath.Glob(filepath.Join(dir, "*.go"))
	if err != nil {
		t.Fatal(err)
	}
	var files []*ast.File
	for _, name := range names {
		if strings.HasSuffix(name, "_test.go") {
			continue
		}
		text, err := os.ReadFile(name)
		if err != nil {
			t.Fatal(err)
		}
		file, err := parser.ParseFile(token.NewFileSet(), name, text, 0)
		if err != nil {
			t.Fatal(err)
		}
		files = append(files, file)
	}
	if len(files) == 0 {
		t.Fatalf("no source in %s", dir)
	}
	return files
}

// codesIn collects the codes that the sources give to problems and to
// composite literals of the named types.
func codesIn(files []*ast.File, types ...string) map[string]bool {
	found := map[string]bool{}
	add := func(e ast.Expr) {
		if literal, ok := e.(*ast.BasicLit); ok && literal.Kind == token.STRING {
			if code, err := strconv.Unquote(literal.Value); err == nil {
				found[code] = true
			}
		}
	}
	for _, file := range files {
		ast.Inspect(file, func(n ast.Node) bool {
			switch n := n.(type) {
			case *ast.CallExpr:
				name, ok := n.Fun.(*ast.Ident)
				for _, kind := range types {
					if at, known := codeArgument[kind][nameOf(name)]; ok && known {
						add(n.Args[at])
					}
				}
			case *ast.CompositeLit:
				if slices.Contains(types, typeNameOf(n.Type)) {
					addField(n, "Code", add)
				}
			}
			return true
		})
	}
	return found
}

func nameOf(name *ast.Ident) string {
	if name == nil {
		return ""
	}
	return name.Name
}

// typeNameOf names the type of a literal, or of the elements of a list.
func typeNameOf(e ast.Expr) string {
	switch e := e.(type) {
	case *ast.Ident:
		return e.Name
	case *ast.SelectorExpr:
		if from, ok := e.X.(*ast.Ident); ok && from.Name == "connector" {
			return "connector." + e.Sel.Name // a fault of a call, for the timeline
		}
		return e.Sel.Name
	case *ast.ArrayType:
		return typeNameOf(e.Elt)
	}
	return ""
}

// addField hands on the value of a field, of the elements too.
func addField(literal *ast.CompositeLit, field string, add func(ast.Expr)) {
	for _, element := range literal.Elts {
		switch e := element.(type) {
		case *ast.KeyValueExpr:
			if key, ok := e.Key.(*ast.Ident); ok && key.Name == field {
				add(e.Value)
			}
		case *ast.CompositeLit:
			addField(e, field, add)
		}
	}
}

func TestEveryCodeIsListed(t *testing.T) {
	found := codesIn(sources(t, "."), "Error", "Problem")
	maps.Copy(found, codesIn(sources(t, "../gateway"), "Error"))
	maps.Copy(found, codesIn(sources(t, "../webhook"), "Error"))
	if diff := cmp.Diff(sortedKeys(codes), sortedKeys(found)); diff != "" {
		t.Errorf("codes (-codes.go +sources of api and gateway):\n%s", diff)
	}
}

func TestEveryCodeOfARecipientIsListed(t *testing.T) {
	found := codesIn(sources(t, "../gateway"), "Refusal")
	for code := range numberCodes(t) {
		found[code] = true
	}
	maps.Copy(found, codesIn(sources(t, "."), "RefusedNumber")) // of an import
	delete(found, number.CodeRepaired)                          // warnings alone
	delete(found, number.CodeUnassigned)
	if diff := cmp.Diff(sortedKeys(recipientCodes), sortedKeys(found)); diff != "" {
		t.Errorf("codes (-recipientCodes +sources of gateway and number):\n%s", diff)
	}
}

func TestEveryCodeOfAWarningIsListed(t *testing.T) {
	found := codesIn(sources(t, "../gateway"), "Warning")
	for _, code := range []string{number.CodeRepaired, number.CodeUnassigned, number.CodeFixedLine} { // see error.go of number
		found[code] = true
	}
	if diff := cmp.Diff(sortedKeys(warningCodes), sortedKeys(found)); diff != "" {
		t.Errorf("codes (-warningCodes +sources of gateway and number):\n%s", diff)
	}
}

// numberCodes are the constants of package number whose name begins with Code.
func numberCodes(t *testing.T) map[string]bool {
	t.Helper()
	found := map[string]bool{}
	for _, file := range sources(t, "../number") {
		ast.Inspect(file, func(n ast.Node) bool {
			spec, ok := n.(*ast.ValueSpec)
			if ok && len(spec.Values) == 1 && strings.HasPrefix(spec.Names[0].Name, "Code") {
				if literal, ok := spec.Values[0].(*ast.BasicLit); ok {
					code, err := strconv.Unquote(literal.Value)
					if err != nil {
						t.Fatal(err)
					}
					found[code] = true
				}
			}
			return true
		})
	}
	return found
}

func sortedKeys[V any](m map[string]V) []string { return slices.Sorted(maps.Keys(m)) }

// shownElsewhere are codes whose answer a test cannot write down: it takes a
// minute, a broken connection or a panic.
var shownElsewhere = []string{"body_timeout", "body_cut", "internal_error", "text_not_utf8"}

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
		for code := range codes {
			if strings.Contains(string(text), `"code": "`+code+`"`) {
				shown[code] = true
			}
		}
	}
	for code := range codes {
		if !shown[code] && !slices.Contains(shownElsewhere, code) {
			t.Errorf("no golden file shows %s", code)
		}
	}
}

func TestManualListsEveryCode(t *testing.T) {
	w := httptest.NewRecorder()
	New(Options{Metrics: http.NotFoundHandler(), Webhooks: &webhook.Manager{}}).ServeHTTP(w, httptest.NewRequestWithContext(t.Context(), "GET", "/docs", nil))
	for code := range codes {
		if p := problem(http.StatusTeapot, code, ""); !strings.Contains(w.Body.String(), `<tr id="`+code+`">`) || p.Type != "/docs/problems#"+code {
			t.Errorf("the manual has no entry for %s, which problems link to", code)
		}
	}
	for code := range recipientCodes {
		if !strings.Contains(w.Body.String(), "<code>"+code+"</code>") {
			t.Errorf("the manual has no entry for %s", code)
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
			if got := libraryProblem(tc.status, tc.message, nil); got.Code != tc.want || got.Status != tc.code {
				t.Errorf("problem %d %s, want %d %s", got.Status, got.Code, tc.code, tc.want)
			}
		})
	}
}
