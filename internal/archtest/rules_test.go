package archtest

import (
	"go/ast"
	"go/token"
	"path"
	"regexp"
	"slices"
	"strings"
	"testing"
)

func TestEveryPackageHasAComment(t *testing.T) {
	found := packages(t)
	for _, pkg := range sorted(found) {
		programs := slices.DeleteFunc(slices.Clone(found[pkg]), source.test)
		if len(programs) == 0 {
			programs = found[pkg]
		}
		if !slices.ContainsFunc(programs, func(s source) bool { return s.syntax.Doc != nil }) {
			t.Errorf("package %s does not say what it is for", pkg)
		}
	}
}

// TestEveryProviderIsInTheTable finds the directories under connector that have
// a function Provider; a provider that app does not list would stay out of the
// binary without a word.
func TestEveryProviderIsInTheTable(t *testing.T) {
	found := packages(t)
	at := slices.IndexFunc(found["app"], func(s source) bool { return s.name == "app/connectors.go" })
	if len(found["app"]) > 0 && at < 0 {
		t.Fatal("package app has no connectors.go with the table of providers")
	}
	for _, pkg := range sorted(found) {
		if path.Dir(pkg) != "connector" || !slices.ContainsFunc(found[pkg], declaresProvider) {
			continue
		}
		if at >= 0 && !lists(found["app"][at], path.Base(pkg)) {
			t.Errorf("%s has a provider that app/connectors.go does not list", pkg)
		}
	}
}

func declaresProvider(s source) bool {
	return !s.test() && slices.ContainsFunc(s.syntax.Decls, func(d ast.Decl) bool {
		f, ok := d.(*ast.FuncDecl)
		return ok && f.Recv == nil && f.Name.Name == "Provider"
	})
}

// lists reports whether the file calls name.Provider.
func lists(s source, name string) bool {
	called := false
	ast.Inspect(s.syntax, func(n ast.Node) bool {
		if selector, ok := n.(*ast.SelectorExpr); ok && selector.Sel.Name == "Provider" {
			if x, ok := selector.X.(*ast.Ident); ok && x.Name == name {
				called = true
			}
		}
		return true
	})
	return called
}

// A word is spelt in two halves here, or this file would break its own rule.
var unfinished = regexp.MustCompile(`\b(TO` + `DO|FIX` + `ME|X` + `XX|HA` + `CK)\b`)

func TestNothingIsLeftUnfinished(t *testing.T) {
	for _, files := range packages(t) {
		for _, file := range files {
			for _, group := range file.syntax.Comments {
				if word := unfinished.FindString(group.Text()); word != "" {
					t.Errorf("%s: %s in a comment", file.at(group.Pos()), word)
				}
			}
		}
	}
}

func (s source) at(p token.Pos) string {
	position := s.fileSet.Position(p)
	position.Filename = s.name
	return position.String()
}

// ban is a selector that some files may not use.
type ban struct {
	pkg, name string // name ends in * for a prefix
	why       string
	where     func(source) bool
}

func inTests(s source) bool { return s.test() }

// inLibraries leaves out programs, whose output is their purpose, and the runnable
// examples of tests.
func inLibraries(s source) bool {
	return !s.test() && !strings.HasPrefix(s.name, "cmd/")
}

var bans = []ban{
	{"time", "Sleep", "a test waits for an event, or runs in a synctest bubble", inTests},
	{"fmt", "Print*", "a library returns or logs; it does not print", inLibraries},
	{"os", "Exit", "only a program ends the process", inLibraries},
	{"context", "TODO", "take the caller's context", func(source) bool { return true }},
}

func TestBannedCalls(t *testing.T) {
	for _, files := range packages(t) {
		for _, file := range files {
			for _, found := range banned(file) {
				t.Error(found)
			}
		}
	}
}

func banned(file source) []string {
	var found []string
	bubbles := synctestBubbles(file)
	ast.Inspect(file.syntax, func(n ast.Node) bool {
		selector, ok := n.(*ast.SelectorExpr)
		if !ok {
			return true
		}
		for _, b := range bans {
			timeless := b.name == "Sleep" && bubbles(selector)
			if b.where(file) && b.matches(selector) && !timeless {
				found = append(found, file.at(selector.Pos())+": "+b.pkg+"."+selector.Sel.Name+": "+b.why)
			}
		}
		return true
	})
	return found
}

func (b ban) matches(s *ast.SelectorExpr) bool {
	x, ok := s.X.(*ast.Ident)
	if !ok || x.Name != b.pkg {
		return false
	}
	prefix, any := strings.CutSuffix(b.name, "*")
	return s.Sel.Name == b.name || any && strings.HasPrefix(s.Sel.Name, prefix)
}

// synctestBubbles tells which nodes stand inside a call of synctest.Test, where
// sleeping takes no time.
func synctestBubbles(file source) func(ast.Node) bool {
	var calls []ast.Node
	ast.Inspect(file.syntax, func(n ast.Node) bool {
		call, ok := n.(*ast.CallExpr)
		if !ok {
			return true
		}
		if f, ok := call.Fun.(*ast.SelectorExpr); ok && f.Sel.Name == "Test" {
			if x, ok := f.X.(*ast.Ident); ok && x.Name == "synctest" {
				calls = append(calls, call)
			}
		}
		return true
	})
	return func(n ast.Node) bool {
		return slices.ContainsFunc(calls, func(c ast.Node) bool {
			return c.Pos() <= n.Pos() && n.End() <= c.End()
		})
	}
}
