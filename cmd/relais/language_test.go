package main

import (
	"context"
	"fmt"
	"go/ast"
	"go/parser"
	"go/token"
	"io/fs"
	"os"
	"regexp"
	"slices"
	"strconv"
	"strings"
	"testing"

	"github.com/pelletier/go-toml/v2"

	"relais/cmd/relais/terminal"
	"relais/connector"
)

// catalogue has the arguments of each phrase of the command line, by its key.
func catalogue(t *testing.T) map[string][]string {
	t.Helper()
	data, err := os.ReadFile("../../reason/catalog/en.toml")
	if err != nil {
		t.Fatal(err)
	}
	var all map[string]any
	if err := toml.Unmarshal(data, &all); err != nil {
		t.Fatal(err)
	}
	argument := regexp.MustCompile(`\{\{(?:upper )?\.(\w+)\}\}`)
	phrases := map[string][]string{}
	for code, words := range all {
		key, ours := strings.CutPrefix(code, "cli/")
		if !ours {
			continue
		}
		phrases[key] = []string{}
		for _, match := range argument.FindAllStringSubmatch(fmt.Sprint(words), -1) {
			phrases[key] = append(phrases[key], match[1])
		}
		slices.Sort(phrases[key])
		phrases[key] = slices.Compact(phrases[key])
	}
	if len(phrases) < 300 {
		t.Fatalf("%d phrases", len(phrases))
	}
	return phrases
}

// phrase is what a call of the sources says.
type phrase struct {
	key   string
	names []string
}

// TestPhrasesAreThoseThatAreSaid reads the sources: a phrase that no catalogue has, or
// that lacks an argument, would only show when somebody meets it, and one that nobody
// says is clutter. That both languages have each is a test of package reason.
func TestPhrasesAreThoseThatAreSaid(t *testing.T) {
	phrases, said := catalogue(t), saidPhrases(t)
	for _, p := range said {
		want, known := phrases[p.key]
		slices.Sort(p.names)
		switch {
		case !known:
			t.Errorf("there is no phrase %q", p.key)
		case p.names != nil && !slices.Equal(slices.Compact(p.names), want):
			t.Errorf("%s is said with %v, and the catalogue has %v", p.key, p.names, want)
		}
	}
	for _, level := range []connector.Level{connector.OK, connector.Warning, connector.Failure} {
		said = append(said, phrase{key: "level_" + string(level)}) // put together in printCheckups
	}
	for _, p := range parserWords {
		said = append(said, phrase{key: p.key})
	}
	for _, decision := range []string{"stop", "reply"} {
		said = append(said, phrase{key: "inbound_decided_" + decision}) // put together in inbound decide
	}
	for _, key := range []string{"opt_out_no", "opt_out_yes", "opt_out_provisional"} {
		said = append(said, phrase{key: key}) // chosen in stateOf
	}
	for key := range phrases {
		if !strings.HasPrefix(key, "help/") &&
			!slices.ContainsFunc(said, func(p phrase) bool { return p.key == key }) {
			t.Errorf("nobody says %q", key)
		}
	}
}

// saidPhrases are those of the sources, with the names of their arguments where they
// are written there.
func saidPhrases(t *testing.T) (said []phrase) {
	t.Helper()
	noTests := func(info fs.FileInfo) bool { return !strings.HasSuffix(info.Name(), "_test.go") }
	for _, dir := range []string{".", "local", "remote", "terminal"} {
		packages, err := parser.ParseDir(token.NewFileSet(), dir, noTests, 0) //nolint:staticcheck // build tags do not matter here
		if err != nil {
			t.Fatal(err)
		}
		for _, p := range packages {
			said = append(said, phrasesIn(t, p)...)
		}
	}
	return said
}

func phrasesIn(t *testing.T, in ast.Node) (said []phrase) {
	t.Helper()
	ast.Inspect(in, func(n ast.Node) bool {
		call, ok := n.(*ast.CallExpr)
		if !ok || len(call.Args) == 0 {
			return true
		}
		method, ok := call.Fun.(*ast.SelectorExpr)
		if !ok || !slices.Contains(
			[]string{"Text", "Say", "Misuse", "Failed", "Progress", "title"}, method.Sel.Name,
		) {
			return true
		}
		given, names := call.Args, []string{}
		if method.Sel.Name == "Failed" { // the cause comes first
			given, names = given[1:], []string{"error"}
		}
		if len(given) == 0 {
			return true
		}
		key, ok := literal(given[0])
		if !ok {
			return true
		}
		one := phrase{key: key}
		if method.Sel.Name != "Progress" {
			one.names = names
			for i := 1; i < len(given); i += 2 {
				name, ok := literal(given[i])
				if !ok {
					t.Errorf("%s has an argument whose name is no word", key)
				}
				one.names = append(one.names, name)
			}
		}
		said = append(said, one)
		return true
	})
	return said
}

func literal(e ast.Expr) (string, bool) {
	lit, ok := e.(*ast.BasicLit)
	if !ok {
		return "", false
	}
	text, err := strconv.Unquote(lit.Value)
	return text, err == nil
}

func TestLanguageIsAskedFor(t *testing.T) {
	t.Setenv("LC_ALL", "C")
	for _, tc := range []struct {
		args string
		want string
	}{
		{"sned --lang fr", "relais: argument inattendu : sned ; vouliez-vous dire \"send\" ?"},
		{"--lang=fr_FR sned", "relais: argument inattendu : sned ; vouliez-vous dire \"send\" ?"},
		{"sned --lang en", "relais: unexpected argument sned, did you mean \"send\"?"},
		{"sned -- --lang fr", "relais: unexpected argument sned, did you mean \"send\"?"},
		{"sned --lang xx", "relais: --lang: there is no language xx; there are en, fr"},
		{"sned --lang", "relais: unexpected argument sned, did you mean \"send\"?"},
	} {
		code, out, errs := ask(t, strings.Fields(tc.args)...)
		if first, _, _ := strings.Cut(errs, "\n"); code != exitUsage || out != "" || first != tc.want {
			t.Errorf("relais %s: exit code %d, stderr %q, want %q", tc.args, code, errs, tc.want)
		}
	}
}

func TestRefusalsInBothLanguages(t *testing.T) {
	for _, tc := range []struct{ args, english, french string }{
		{
			"keys create --account a+b --name x",
			"the account must be 1 to 63 characters of a-z, 0-9, '.', '_' and '-', and begin with a letter or digit",
			"le compte doit avoir 1 à 63 caractères parmi a-z, 0-9, '.', '_' et '-', une lettre ou un chiffre en tête",
		},
		{
			"keys create --account a --name x --ovh --http2sms y",
			"--ovh and --http2sms make different things: run the command twice",
			"--ovh et --http2sms créent des choses différentes : lancez la commande deux fois",
		},
		{
			"serve --sandbox --sandbox-at http://127.0.0.1:1",
			"--sandbox runs simulated operators here, --sandbox-at uses those elsewhere: give one of them",
			"--sandbox lance ici des opérateurs simulés, --sandbox-at en utilise d'autres ailleurs : donnez l'une des deux options",
		},
		{
			"config check --config nowhere.toml",
			"read the configuration nowhere.toml: no such file or directory",
			"lecture impossible de la configuration nowhere.toml : ce fichier n'existe pas",
		},
	} {
		for locale, want := range map[string]string{"C": tc.english, "fr_FR.UTF-8": tc.french} {
			t.Setenv("LC_ALL", locale)
			if _, out, errs := ask(t, strings.Fields(tc.args)...); out != "" || errs != "relais: "+want+"\n" {
				t.Errorf("%s relais %s: stderr %q, want %q", locale, tc.args, errs, want)
			}
		}
	}
}

// TestEndIsAskedFor: what a signal breaks off is not told as an error of the program.
func TestEndIsAskedFor(t *testing.T) {
	ctx, cancel := context.WithCancel(t.Context())
	cancel()
	var said strings.Builder
	stopped := &terminal.Terminal{Ctx: ctx, Stderr: &said, Language: "fr"}
	if code := codeOf(stopped, fmt.Errorf("ask: %w", ctx.Err())); code != exitFailed ||
		said.String() != "relais: arrêté avant la fin\n" {
		t.Errorf("exit code %d, said %q", code, said.String())
	}
}
