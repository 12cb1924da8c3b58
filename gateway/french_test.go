package gateway

import (
	"go/ast"
	"go/parser"
	"go/token"
	"os"
	"path/filepath"
	"regexp"
	"strings"
	"testing"

	"relais/lane"
	"relais/sms"
)

var verbs = regexp.MustCompile(`%[sd]`)

// sources are the files of the packages that write events.
func sources(t *testing.T) (files []string) {
	t.Helper()
	for _, pattern := range []string{"*.go", "../inbox/*.go", "../lane/*.go", "../terms/*.go"} {
		found, err := filepath.Glob(pattern)
		if err != nil {
			t.Fatal(err)
		}
		files = append(files, found...)
	}
	return files
}

// What the table says in French must be what the package says in English.
func TestEverySentenceOfTheTableIsSaid(t *testing.T) {
	files := sources(t)
	var source strings.Builder
	for _, file := range files {
		if file == "french.go" || strings.HasSuffix(file, "_test.go") {
			continue
		}
		text, err := os.ReadFile(file)
		if err != nil {
			t.Fatal(err)
		}
		source.Write(text)
	}
	for _, s := range eventSentences {
		if len(verbs.FindAllString(s.english, -1)) != len(verbs.FindAllString(s.french, -1)) {
			t.Errorf("%q and %q have not the same places", s.english, s.french)
		}
		for _, piece := range verbs.Split(s.english, -1) {
			if !strings.Contains(source.String(), piece) {
				t.Errorf("nobody says %q of %q", piece, s.english)
			}
		}
	}
}

func TestEventsInFrench(t *testing.T) {
	g := &Gateway{lanes: lane.NewSet(lane.Options{})}
	for english, want := range map[string]string{
		"": "",
		"Sent with the STOP clause that this connector needs, in 2 segments.":                                                                          "Envoyé avec la mention STOP que ce connecteur demande, en 2 segments.",
		"The operator took it; which of its ids is this one's could not be proved. Sent with the STOP clause that this connector needs, in 1 segment.": "L'opérateur l'a pris ; lequel de ses identifiants est le sien n'a pas pu être prouvé. Envoyé avec la mention STOP que ce connecteur demande, en 1 segment.",
		"[no_credit] No credit $1 left. It goes on through sfr-2.":                                                                                     "[no_credit] No credit $1 left. Il continue par sfr-2.",
		"Moved from ovh to sfr: ovh is left (blocked, no credit) and had not taken it.":                                                                "Passé de ovh à sfr : ovh est délaissé (bloqué, no credit) et ne l'avait pas pris.",
		"Moved from ovh to sfr: ovh is left (5 of the last 10 messages failed) and had not taken it.":                                                  "Passé de ovh à sfr : ovh est délaissé (5 des 10 derniers messages ont échoué) et ne l'avait pas pris.",
		"Moved from ovh to sfr: ovh is left (8 of the last 9 receipts took longer than 10m) and had not taken it.":                                     "Passé de ovh à sfr : ovh est délaissé (8 des 9 derniers accusés ont mis plus de 10m) et ne l'avait pas pris.",
		"Moved from ovh to sfr: ovh is left (failing, no answer (1 of 2)) and had not taken it.":                                                       "Passé de ovh à sfr : ovh est délaissé (en échec, no answer (1 of 2)) et ne l'avait pas pris.",
		"By the operator's clock at 2026-11-22T14:07:32Z.":                                                                                             "À l'horloge de l'opérateur : 2026-11-22T14:07:32Z.",
		"No receipt in 20s: sent once more through sfr as message 01a2.":                                                                               "Aucun accusé en 20s : envoyé encore une fois par sfr, message 01a2.",
	} {
		events := []sms.Event{{Code: "retry", Detail: english}}
		if got := g.EventsInFrench(&sms.Message{}, events)[0].Detail; got != want {
			t.Errorf("%q\ngives %q\nwant  %q", english, got, want)
		}
		if events[0].Detail != english {
			t.Errorf("the events of the caller changed: %q", events[0].Detail)
		}
	}
}

// The other direction: every sentence that the package writes into an event is one of
// the table. Sentences of operators come by variables and are none.
func TestEverySentenceOfAnEventIsInTheTable(t *testing.T) {
	files := sources(t)
	found := 0
	for _, file := range files {
		if strings.HasSuffix(file, "_test.go") {
			continue
		}
		syntax, err := parser.ParseFile(token.NewFileSet(), file, nil, parser.SkipObjectResolution)
		if err != nil {
			t.Fatal(err)
		}
		ast.Inspect(syntax, func(n ast.Node) bool {
			for _, expression := range details(n) {
				sentence, fixed := filledIn(expression)
				if len(fixed) == 0 {
					continue
				}
				found++
				french := (&Gateway{lanes: lane.NewSet(lane.Options{})}).EventsInFrench(&sms.Message{}, []sms.Event{{Detail: sentence}})[0].Detail
				for _, piece := range fixed {
					piece = strings.TrimSpace(piece)
					if strings.Contains(piece, " ") && strings.Contains(french, piece) {
						t.Errorf("%s: no French for %q: %q", file, sentence, french)
					}
				}
			}
			return true
		})
	}
	if found < len(eventSentences)-4 { // four come from functions: two say them in both languages, repriced has two
		t.Errorf("%d sentences of events were found, and the table has %d", found, len(eventSentences))
	}
}

// details are the expressions by which a node gives an event its sentence.
func details(n ast.Node) (found []ast.Expr) {
	switch n := n.(type) {
	case *ast.CompositeLit:
		if kind, ok := n.Type.(*ast.SelectorExpr); !ok || kind.Sel.Name != "Event" {
			return nil
		}
		for _, element := range n.Elts {
			if pair, ok := element.(*ast.KeyValueExpr); ok && isNamed(pair.Key, "Detail") {
				found = append(found, pair.Value)
			}
		}
	case *ast.AssignStmt:
		for i, left := range n.Lhs {
			selector, ok := left.(*ast.SelectorExpr)
			if ok && selector.Sel.Name == "Detail" && (isNamed(selector.X, "Event") || isNamed(selector.X, "note")) || isNamed(left, "detail") || isNamed(left, "note") {
				found = append(found, n.Rhs[min(i, len(n.Rhs)-1)])
			}
		}
	case *ast.CallExpr:
		if isNamed(n.Fun, "taken") || isNamed(n.Fun, "again") {
			found = append(found, n.Args[len(n.Args)-1])
		}
	case *ast.ReturnStmt:
		if len(n.Results) == 1 {
			if sum, ok := n.Results[0].(*ast.BinaryExpr); ok && strings.HasPrefix(literal(sum), "By the operator") {
				found = append(found, sum)
			}
		}
	}
	return found
}

// isNamed tells whether an expression is a name, or a field or method of that name.
func isNamed(e ast.Expr, name string) bool {
	if selector, ok := e.(*ast.SelectorExpr); ok {
		return selector.Sel.Name == name
	}
	ident, ok := e.(*ast.Ident)
	return ok && ident.Name == name
}

// literal is the first text of a sum.
func literal(e ast.Expr) string {
	if sum, ok := e.(*ast.BinaryExpr); ok {
		return literal(sum.X)
	}
	if text, ok := e.(*ast.BasicLit); ok && text.Kind == token.STRING {
		return strings.Trim(text.Value, "`\"")
	}
	return ""
}

// filledIn is a sentence with a word for each variable, and its fixed pieces.
func filledIn(e ast.Expr) (sentence string, fixed []string) {
	switch e := e.(type) {
	case *ast.BinaryExpr:
		left, a := filledIn(e.X)
		right, b := filledIn(e.Y)
		return left + right, append(a, b...)
	case *ast.BasicLit:
		text := literal(e)
		return strings.NewReplacer("%d", "7", "%s", "x1").Replace(text), verbs.Split(text, -1)
	case *ast.CallExpr:
		if isNamed(e.Fun, "Sprintf") {
			return filledIn(e.Args[0])
		}
	}
	return "x1", nil
}
