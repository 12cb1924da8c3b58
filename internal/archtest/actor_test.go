package archtest

import (
	"go/ast"
	"go/token"
	"slices"
	"strings"
	"testing"
)

// An actor is made by sms alone, and stores read what they wrote: nobody glues one, or an
// actor would be written in two ways.
func TestActorsAreMadeBySMS(t *testing.T) {
	found := packages(t)
	for _, pkg := range sorted(found) {
		if pkg == "sms" || pkg == "store/storetest" {
			continue
		}
		for _, file := range found[pkg] {
			if file.test() {
				continue
			}
			for _, place := range glued(file) {
				t.Errorf("%s: this actor is not made by sms", file.at(place))
			}
		}
	}
}

// glued finds texts that are given as an actor, the beginnings of actors, and conversions
// outside the stores.
func glued(file source) (places []token.Pos) {
	ast.Inspect(file.syntax, func(n ast.Node) bool {
		switch n := n.(type) {
		case *ast.KeyValueExpr:
			if key, ok := n.Key.(*ast.Ident); ok && strings.EqualFold(key.Name, "actor") && spells(n.Value) {
				places = append(places, n.Pos())
			}
		case *ast.AssignStmt:
			for i, left := range n.Lhs {
				field, ok := left.(*ast.SelectorExpr)
				if ok && field.Sel.Name == "Actor" && i < len(n.Rhs) && spells(n.Rhs[i]) {
					places = append(places, n.Pos())
				}
			}
		case *ast.BinaryExpr:
			begin, ok := n.X.(*ast.BasicLit)
			if ok && slices.Contains([]string{`"api:"`, `"lane:"`, `"operator:"`, `"rule:"`, `"user:"`}, begin.Value) {
				places = append(places, n.Pos())
			}
		case *ast.CallExpr:
			f, ok := n.Fun.(*ast.SelectorExpr)
			if ok && !strings.HasPrefix(file.name, "store/") && isName(f.X, "sms") && f.Sel.Name == "Actor" {
				places = append(places, n.Pos())
			}
		}
		return true
	})
	return places
}

// spells reports whether an expression is a text, or glued to one.
func spells(e ast.Expr) bool {
	switch e := e.(type) {
	case *ast.BasicLit:
		return e.Kind == token.STRING
	case *ast.BinaryExpr:
		return spells(e.X) || spells(e.Y)
	default:
		return false
	}
}

func isName(e ast.Expr, name string) bool {
	x, ok := e.(*ast.Ident)
	return ok && x.Name == name
}

func TestGluedFindsWhatItShould(t *testing.T) {
	for _, tc := range []struct {
		file, body string
		want       int
	}{
		{"lane/a.go", `_ = sms.Event{Actor: "gateway"}`, 1},
		{"lane/a.go", `_ = sms.Event{Actor: door + ":" + name}`, 1},
		{"lane/a.go", `e.Actor = "gateway"`, 1},
		{"lane/a.go", `put("operator:" + name)`, 1},
		{"lane/a.go", `put(sms.Actor(text))`, 1},
		{"store/sqlite/a.go", `put(sms.Actor(text))`, 0},
		{"lane/a.go", `_ = sms.Event{Actor: sms.LaneActor("ovh"), Code: "held"}`, 0},
		{"lane/a.go", `e.Actor, e.Code = by, "held"`, 0},
	} {
		file := fromText(t, tc.file, "package a\nfunc f() { "+tc.body+" }\n")
		if got := glued(file); len(got) != tc.want {
			t.Errorf("%s: found %d, want %d", tc.body, len(got), tc.want)
		}
	}
}
