package archtest

import (
	"go/ast"
	"go/token"
	"os"
	"slices"
	"strconv"
	"strings"
	"testing"

	"github.com/pelletier/go-toml/v2"
)

const catalogue = root + "/reason/catalog/en.toml"

// phrases are what codes of pieces of sentences begin with: each is a code as a whole. Of
// any other code, what stands before the slash is what programs see.
var phrases = []string{"words/", "cli/", "title/", "people/"}

// exemption is a place where a literal that reads like a code is none, or needs no
// constant.
type exemption struct {
	in   string // a file, or a package with a slash behind it
	word string // empty: any
	why  string
}

var exemptions = []exemption{
	{"sandbox/", "", "simulated operators answer in the codes of their operators' protocols"},
	{"connector/sfrdmc/errors.go", "invalid_parameter", "a code of DMC's protocol"},
	{"console/handsets.go", "", "faults of simulated operators, in the words of the sandbox"},
	{"store/storetest/", "", "a suite of tests: it says what stands in a database, letter for letter"},
	{"api/manual/problems.go", "", "a table of codes: where each occurs stands once, beside it"},
	{"campaign/engine/guard.go", "opt_outs", "a key of options"},
	{"client/people.go", "opt_outs", "a key of what is kept of a person"},
	{"cmd/relais/remote/campaign.go", "opt_outs", "a key of options"},
	{"console/menu.go", "opt_outs", "a page"},
	{"policy/holiday.go", "", "a table of days: the name of each stands once, beside its date"},
}

// exempts is the place among the exemptions of one for a word of a file, or -1.
func exempts(file source, word string) int {
	return slices.IndexFunc(exemptions, func(e exemption) bool {
		return (e.in == file.name || strings.HasSuffix(e.in, "/") && strings.HasPrefix(file.name, e.in)) &&
			(e.word == "" || e.word == word)
	})
}

// codes are those that programs see, of the catalogue and of every constant that is a
// reason.Code, and the whole codes of sentences.
func codes(t *testing.T, found map[string][]source) map[string]bool {
	t.Helper()
	all := map[string]bool{}
	text, err := os.ReadFile(catalogue)
	if err != nil {
		t.Fatal(err)
	}
	var sentences map[string]any
	if err := toml.Unmarshal(text, &sentences); err != nil {
		t.Fatal(err)
	}
	for code := range sentences {
		addCode(all, code)
	}
	for _, files := range found {
		for _, file := range files {
			if !file.test() {
				for _, code := range declaredCodes(file) {
					addCode(all, code)
				}
			}
		}
	}
	return all
}

// addCode adds a code and what programs see of it. What has a title is a code too.
func addCode(all map[string]bool, code string) {
	all[code] = true
	if parts := strings.Split(code, "/"); parts[0] == "title" && len(parts) == 3 {
		all[parts[2]] = true
	}
	if !phrase(code) {
		wire, _, _ := strings.Cut(code, "/")
		all[wire] = true
	}
}

func phrase(code string) bool {
	return slices.ContainsFunc(phrases, func(p string) bool { return strings.HasPrefix(code, p) })
}

// declaredCodes are the values of a file's constants of type reason.Code.
func declaredCodes(file source) (values []string) {
	for _, decl := range file.syntax.Decls {
		constants, ok := decl.(*ast.GenDecl)
		if !ok || constants.Tok != token.CONST {
			continue
		}
		for _, spec := range constants.Specs {
			values = append(values, valuesOf(spec.(*ast.ValueSpec))...)
		}
	}
	return values
}

func valuesOf(spec *ast.ValueSpec) (values []string) {
	if !isCode(spec.Type) {
		return nil
	}
	for _, value := range spec.Values {
		if text, ok := textOf(value); ok {
			values = append(values, text)
		}
	}
	return values
}

// isCode reports whether a type is reason.Code, or Code in its own package.
func isCode(t ast.Expr) bool {
	switch t := t.(type) {
	case *ast.SelectorExpr:
		x, ok := t.X.(*ast.Ident)
		return ok && x.Name == "reason" && t.Sel.Name == "Code"
	case *ast.Ident:
		return t.Name == "Code"
	}
	return false
}

func textOf(e ast.Expr) (string, bool) {
	literal, ok := e.(*ast.BasicLit)
	if !ok || literal.Kind != token.STRING {
		return "", false
	}
	text, err := strconv.Unquote(literal.Value)
	return text, err == nil
}

// A code is written once, as a constant: who looks for it finds who says it, and a slip
// of the pen does not make another. A code of one word, such as "price", is a word like
// any other, and a code only where one is wanted.
func TestNoCodeIsWrittenOutsideItsConstant(t *testing.T) {
	found := packages(t)
	known := codes(t, found)
	if len(known) < 500 {
		t.Fatalf("only %d codes", len(known))
	}
	used := make([]bool, len(exemptions))
	for _, pkg := range sorted(found) {
		for _, file := range found[pkg] {
			if file.test() {
				continue
			}
			for _, l := range literalCodes(file, known) {
				if at := exempts(file, l.code); at >= 0 {
					used[at] = true
				} else {
					t.Errorf("%s: the code %q outside its constant", file.at(l.at), l.code)
				}
			}
		}
	}
	for i, e := range exemptions {
		if !used[i] {
			t.Errorf("nothing in %s needs its exemption (%s)", e.in, e.why)
		}
	}
}

type literalCode struct {
	at   token.Pos
	code string
}

// literalCodes finds the codes that a file writes outside constants.
func literalCodes(file source, known map[string]bool) (found []literalCode) {
	wanted := wantedCodes(file.syntax)
	skipped := keys(file.syntax)
	ast.Inspect(file.syntax, func(n ast.Node) bool {
		switch n := n.(type) {
		case *ast.GenDecl:
			return n.Tok != token.CONST && n.Tok != token.IMPORT
		case *ast.Field:
			if n.Tag != nil {
				skipped[n.Tag] = true
			}
		case *ast.BasicLit:
			text, ok := textOf(n)
			word := !strings.ContainsAny(text, "_/")
			if ok && !skipped[n] && (known[text] && (!word || wanted[n]) || phrase(text) && text != "cli/") {
				found = append(found, literalCode{n.Pos(), text})
			}
		}
		return true
	})
	return found
}

// keys are the literals that name something else: the keys of composites and indices, of
// settings (a field Key), and of the phrases of the command line, whose code begins with
// cli/.
func keys(file *ast.File) map[*ast.BasicLit]bool {
	all := map[*ast.BasicLit]bool{}
	add := func(e ast.Expr) {
		if literal, ok := e.(*ast.BasicLit); ok {
			all[literal] = true
		}
	}
	ast.Inspect(file, func(n ast.Node) bool {
		switch n := n.(type) {
		case *ast.CompositeLit:
			if isNamed(n.Type, "Args") {
				for _, e := range n.Elts {
					if pair, ok := e.(*ast.KeyValueExpr); ok {
						add(pair.Key)
					}
				}
			}
		case *ast.KeyValueExpr:
			if isNamed(n.Key, "Key") {
				add(n.Value)
			}
		case *ast.IndexExpr:
			add(n.Index)
		case *ast.CallExpr:
			if f, ok := n.Fun.(*ast.SelectorExpr); ok && slices.Contains(phraseMethods, f.Sel.Name) {
				for _, argument := range n.Args {
					add(argument)
				}
			}
		}
		return true
	})
	return all
}

// phraseMethods take the key of a phrase of the command line, and names of its arguments.
var phraseMethods = []string{"Text", "Say", "Misuse", "Failed", "Progress"}

func isNamed(e ast.Expr, name string) bool {
	switch e := e.(type) {
	case *ast.SelectorExpr:
		return e.Sel.Name == name
	case *ast.Ident:
		return e.Name == name
	}
	return false
}

// wantedCodes are the literals where a code is wanted: given to a field Code or Reason,
// compared with one, or made a reason of.
func wantedCodes(file *ast.File) map[*ast.BasicLit]bool {
	all := map[*ast.BasicLit]bool{}
	add := func(e ast.Expr) {
		if literal, ok := e.(*ast.BasicLit); ok {
			all[literal] = true
		}
	}
	coded := func(e ast.Expr) bool { return isNamed(e, "Code") || isNamed(e, "Reason") }
	ast.Inspect(file, func(n ast.Node) bool {
		switch n := n.(type) {
		case *ast.KeyValueExpr:
			if coded(n.Key) {
				add(n.Value)
			}
		case *ast.AssignStmt:
			for i, left := range n.Lhs {
				if coded(left) && len(n.Lhs) == len(n.Rhs) {
					add(n.Rhs[i])
				}
			}
		case *ast.BinaryExpr:
			if coded(n.X) {
				add(n.Y)
			}
		case *ast.SwitchStmt:
			if n.Tag != nil && coded(n.Tag) {
				for _, clause := range n.Body.List {
					for _, value := range clause.(*ast.CaseClause).List {
						add(value)
					}
				}
			}
		case *ast.CallExpr:
			if takesCode(n.Fun) {
				for _, argument := range n.Args {
					add(argument)
				}
			}
		}
		return true
	})
	return all
}

// takesCode reports whether a function makes something of a code: a conversion, a reason
// or an error.
func takesCode(f ast.Expr) bool {
	if isCode(f) {
		return true
	}
	s, ok := f.(*ast.SelectorExpr)
	if !ok {
		return false
	}
	x, ok := s.X.(*ast.Ident)
	return ok && x.Name == "reason" && slices.Contains([]string{"Of", "NewError", "Wrap", "Written"}, s.Sel.Name) ||
		s.Sel.Name == "As" || s.Sel.Name == "Is"
}

func TestLiteralCodesFindsWhatItShould(t *testing.T) {
	known := map[string]bool{}
	for _, code := range []string{"quota_exceeded/day", "price", "words/list", "title/event/held"} {
		addCode(known, code)
	}
	for _, tc := range []struct {
		name, body string
		want       int
	}{
		{"a code", `f("quota_exceeded")`, 1},
		{"a sentence of one", `f("quota_exceeded/day")`, 1},
		{"a piece of a sentence", `reason.Of("words/list", nil)`, 1},
		{"the beginning of one", `reason.Of(reason.Code("words/month_"+m), nil)`, 1},
		{"a constant", `const c reason.Code = "quota_exceeded"`, 0},
		{"a part of a text", `f("see quota_exceeded")`, 0},
		{"a word", `f("price")`, 0},
		{"a word as a code", `x := sms.Event{Code: "held"}; y.Event.Code = "held"; if y.Code == "price" {}`, 3},
		{"a word as a code, among others", `x, y.Reason = 1, "held"`, 1},
		{"a word as a code by a switch", `switch e.Code { case "held": }`, 1},
		{"a word of a reason", `reason.Of("price", nil); reason.NewError("price", nil); r.Is("price")`, 3},
		{"the name of an argument", `reason.Of(c, reason.Args{"quota_exceeded": x}); args["quota_exceeded"] = 1`, 0},
		{"a key of the configuration", `section.Judged{Key: "quota_exceeded"}`, 0},
		{"a phrase of the command line", `t.Say("quota_exceeded", "price", 1)`, 0},
		{"a tag", "type s struct { X int `json:\"quota_exceeded\"` }", 0},
	} {
		t.Run(tc.name, func(t *testing.T) {
			file := fromText(t, "a/a.go", "package a\nfunc f() { "+tc.body+" }\n")
			if got := literalCodes(file, known); len(got) != tc.want {
				t.Errorf("found %d of %v, want %d", len(got), got, tc.want)
			}
		})
	}
}
