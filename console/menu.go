package console

import "relais/auth"

// section is a part of the menu.
type section struct {
	Title string // a phrase; empty for the first part
	Items []item
}

// item is a page in the menu.
type item struct {
	Name    string // of its phrase, "menu_" before it
	Path    string
	Current bool
}

// place is a page that the menu may show.
type place struct {
	name  string
	path  string
	needs auth.Right
}

// places are the pages of the menu, by section, in the order in which they stand there: a
// page is added by a line, where menu_internal_test.go has its name.
var places = []struct {
	title  string
	places []place
}{
	{"", []place{
		{"home", "", auth.SeeCounts},
		{"send", "send", auth.Send},
		{"messages", "messages", auth.SeeMessages},
		{"held", "held", auth.Decide},
		{"inbox", "inbox", auth.SeeMessages},
		{"campaigns", "campaigns", auth.SeeMessages},
		{"templates", "templates", auth.SeeTemplates},
		{"contacts", "contacts", auth.SeeMessages},
		{"groups", "groups", auth.SeeMessages},
		{"lists", "lists", auth.SeeMessages},
		{"opt_outs", "opt-outs", auth.SeeOptOuts},
	}},
	{"menu_operation", []place{
		{"connectors", "connectors", auth.SeeCounts},
		{"handsets", "handsets", auth.SeeTexts},
		{"usage", "usage", auth.SeeCounts},
		{"keys", "keys", auth.ManageKeys},
		{"webhooks", "webhooks", auth.SeeWebhooks},
		{"people", "people", auth.ErasePersons},
		{"audit", "audit", auth.SeeAudit},
		{"settings", "settings", auth.Operate},
		{"users", "users", auth.ManageUsers},
	}},
	{"menu_own", []place{
		{"me", "me", self},
		{"help", "help", self},
	}},
}

// menu shows the pages that the person may open.
func (q *request) menu() []section {
	var all []section
	for _, s := range places {
		shown := section{Title: s.title}
		for _, p := range s.places {
			if q.may(p.needs) && (p.name != "handsets" || q.console.Handsets != nil) {
				path := Home + p.path
				here := within(q.URL.Path, p.path) || p.path == "connectors" && within(q.URL.Path, "operators")
				shown.Items = append(shown.Items, item{p.name, path, here})
			}
		}
		if len(shown.Items) > 0 {
			all = append(all, shown)
		}
	}
	return all
}

// within reports whether a page belongs to a place of the menu.
func within(path, place string) bool {
	if place == "" {
		return path == Home
	}
	whole := Home + place
	return path == whole || len(path) > len(whole) && path[:len(whole)+1] == whole+"/"
}
