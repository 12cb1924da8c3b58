package archtest

import (
	"go/ast"
	"go/token"
	"slices"
	"strings"
	"testing"
)

// abilities are the interfaces of package connector that a Guard calls, and nobody else.
var abilities = []string{
	"NewsParser", "NewsPoller", "StatusReader", "Runner", "Balancer", "Tariffer", "Reconciler",
	"Checker", "SenderLister",
}

// A connector that panics or hangs must not end or hold up the process: every call to it
// goes through connector.Guard. The suite for connectors calls them as they are, and so do
// tests.
func TestNobodyCallsAConnectorAroundItsGuard(t *testing.T) {
	found := packages(t)
	for _, pkg := range sorted(found) {
		if pkg == "connector" || strings.HasPrefix(pkg, "connector/") {
			continue
		}
		for _, file := range found[pkg] {
			if file.test() {
				continue
			}
			for _, place := range aroundGuard(file) {
				t.Errorf("%s: the connector is called around its guard", file.at(place))
			}
		}
	}
}

// aroundGuard finds calls of an ability that Capabilities holds, calls of Submit of an
// Instance's connector, and every mention of an ability by its type.
func aroundGuard(file source) (places []token.Pos) {
	inspect := func(n ast.Node) bool {
		selector, ok := n.(*ast.SelectorExpr)
		if !ok {
			return true
		}
		switch x := selector.X.(type) {
		case *ast.SelectorExpr:
			if slices.Contains(abilities, x.Sel.Name) || x.Sel.Name == "Connector" &&
				selector.Sel.Name == "Submit" {
				places = append(places, selector.Pos())
			}
		case *ast.Ident:
			if x.Name == "connector" && slices.Contains(abilities, selector.Sel.Name) {
				places = append(places, selector.Pos())
			}
		}
		return true
	}
	ast.Inspect(file.syntax, inspect)
	return places
}

func TestAroundGuardFindsWhatItShould(t *testing.T) {
	for _, tc := range []struct {
		body string
		want int
	}{
		{"l.caps.NewsPoller.PollNews(ctx)", 1},
		{"instance.Connector.Submit(ctx, nil)", 1},
		{"x, _ := c.(connector.Balancer)", 1},
		{"if l.caps.NewsPoller != nil { l.guard.PollNews(ctx) }", 0},
		{"l.guard.Submit(ctx, nil)", 0},
		{"connector.NewGuard(instance.Connector, connector.GuardOptions{})", 0},
	} {
		file := fromText(t, "gateway/a.go", "package gateway\nfunc f() { "+tc.body+" }\n")
		if got := aroundGuard(file); len(got) != tc.want {
			t.Errorf("%s: found %d, want %d", tc.body, len(got), tc.want)
		}
	}
}
