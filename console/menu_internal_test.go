package console

import (
	"net/http"
	"slices"
	"testing"
)

// inOrder are the pages of the menu as people are to find them, those among them that are
// still to come.
var inOrder = []string{
	"home", "send", "messages", "held", "inbox", "campaigns", "reminders", "templates", "contacts", "groups", "lists",
	"opt_outs",
	"connectors", "handsets", "usage", "keys", "webhooks", "people", "audit", "settings", "users",
	"me", "help",
}

// TestMenuIsInOrder: a page that is added has its place.
func TestMenuIsInOrder(t *testing.T) {
	last := -1
	for _, s := range places {
		for _, p := range s.places {
			at := slices.Index(inOrder, p.name)
			if at <= last {
				t.Errorf("%q stands at the wrong place of the menu, or is not among inOrder", p.name)
			}
			last = at
		}
	}
}

// TestMenuLeadsToPages: no line is dead, and whoever sees one may open its page.
func TestMenuLeadsToPages(t *testing.T) {
	pages := Addresses()
	for _, s := range places {
		for _, p := range s.places {
			at := slices.IndexFunc(pages, func(a Address) bool { return a.Method == http.MethodGet && a.Path == Home+p.path })
			switch {
			case at < 0:
				t.Errorf("the menu leads to %s%s, which is no page", Home, p.path)
			case pages[at].Needs != p.needs:
				t.Errorf("the menu shows %s to who has %q, and the page wants %q", p.name, p.needs, pages[at].Needs)
			}
		}
	}
}
