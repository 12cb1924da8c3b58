package main

import (
	"go/ast"
	"go/parser"
	"go/token"
	"io/fs"
	"regexp"
	"slices"
	"strconv"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"relais/connector"
)

var verb = regexp.MustCompile(`%[#+]?[a-z]`)

func TestPhrasesAreInBothLanguages(t *testing.T) {
	for key, p := range phrases {
		if p.en == "" || p.fr == "" {
			t.Errorf("%s: English %q, French %q", key, p.en, p.fr)
		}
		if diff := cmp.Diff(verb.FindAllString(p.en, -1), verb.FindAllString(p.fr, -1)); diff != "" {
			t.Errorf("%s takes other values in French (-en +fr):\n%s", key, diff)
		}
	}
}

// TestPhrasesAreThoseThatAreSaid reads the sources: a key that does not exist
// would only show when somebody meets it, and one that nobody says is clutter.
func TestPhrasesAreThoseThatAreSaid(t *testing.T) {
	said := saidKeys(t)
	for _, level := range []connector.Level{connector.OK, connector.Warning, connector.Failure} {
		said = append(said, "level_"+string(level)) // put together in printCheckups
	}
	for _, p := range parserWords {
		said = append(said, p.key)
	}
	for _, decision := range []string{"stop", "reply"} {
		said = append(said, "inbound_decided_"+decision) // put together in inbound decide
	}
	said = append(said, "opt_out_no", "opt_out_yes", "opt_out_provisional") // chosen in stateOf
	for _, key := range said {
		if _, known := phrases[key]; !known {
			t.Errorf("there is no phrase %q", key)
		}
	}
	for key := range phrases {
		if !slices.Contains(said, key) {
			t.Errorf("nobody says %q", key)
		}
	}
}

func saidKeys(t *testing.T) []string {
	t.Helper()
	noTests := func(info fs.FileInfo) bool { return !strings.HasSuffix(info.Name(), "_test.go") }
	packages, err := parser.ParseDir(token.NewFileSet(), ".", noTests, 0) //nolint:staticcheck // build tags do not matter here
	if err != nil {
		t.Fatal(err)
	}
	var keys []string
	ast.Inspect(packages["main"], func(n ast.Node) bool {
		call, ok := n.(*ast.CallExpr)
		if !ok || len(call.Args) == 0 {
			return true
		}
		method, ok := call.Fun.(*ast.SelectorExpr)
		if !ok || !slices.Contains([]string{"text", "say", "progress", "title"}, method.Sel.Name) {
			return true
		}
		if key, ok := call.Args[0].(*ast.BasicLit); ok {
			text, err := strconv.Unquote(key.Value)
			if err != nil {
				t.Fatal(err)
			}
			keys = append(keys, text)
		}
		return true
	})
	return keys
}

func TestLanguageOf(t *testing.T) {
	for _, tc := range []struct {
		name string
		env  map[string]string
		want language
	}{
		{"nothing set", nil, english},
		{"French", map[string]string{"LANG": "fr_FR.UTF-8"}, french},
		{"French of Réunion", map[string]string{"LC_MESSAGES": "fr_RE"}, french},
		{"only the language", map[string]string{"LC_ALL": "fr"}, french},
		{"English", map[string]string{"LANG": "en_GB.UTF-8"}, english},
		{"another language", map[string]string{"LANG": "de_DE"}, english},
		{"messages win over LANG", map[string]string{"LANG": "fr_FR", "LC_MESSAGES": "C"}, english},
		{"all wins", map[string]string{"LANG": "C", "LC_MESSAGES": "C", "LC_ALL": "fr_FR"}, french},
		{"set to nothing is unset", map[string]string{"LC_ALL": "", "LANG": "fr_FR"}, french},
	} {
		t.Run(tc.name, func(t *testing.T) {
			env := func(name string) (string, bool) { value, ok := tc.env[name]; return value, ok }
			if got := languageOf(env); got != tc.want {
				t.Errorf("languageOf = %q, want %q", got, tc.want)
			}
		})
	}
}
