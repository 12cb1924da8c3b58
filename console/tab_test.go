package console_test

import (
	"net/http"
	"regexp"
	"strings"
	"testing"

	"relais/auth"
	"relais/console/consoletest"
)

var postForms = regexp.MustCompile(`<form method="post"[^>]*>(<input type="hidden" name="for" value="[^"]*">)?`)

// TestFormOfAnotherAccount: a form acts on the account for which its page was made, or on
// none.
func TestFormOfAnotherAccount(t *testing.T) {
	w := consoletest.Start(t, "")
	w.User("lea", auth.Grant{Account: "default", Role: auth.Manager}, auth.Grant{Account: "sandbox", Role: auth.Manager})
	b := w.SignedIn("fr", "lea")
	for _, page := range []string{"/console/", "/console/send", "/console/held", "/console/opt-outs", "/console/inbox", "/console/me"} {
		for _, form := range postForms.FindAllStringSubmatch(b.Get(page).HTML, -1) {
			if !strings.Contains(form[1], `value="default"`) {
				t.Errorf("%s has a form of no account: %s", page, form[0])
			}
		}
	}
	add := func(number string) *consoletest.Page {
		return b.Post("/console/opt-outs/add", "for", "default", "number", number, "sender", "", "source", "console")
	}
	b.Post("/console/preferences", "for", "default", "account", "sandbox", "next", "/console/")
	p := add("0639980001")
	if p.Status != http.StatusConflict || !p.Has("pour le compte default, et vous regardez maintenant sandbox", "Rien n'a été changé",
		`name="account" value="default"`) || strings.Contains(p.HTML, "0639980001") {
		t.Errorf("%d %s", p.Status, p.HTML)
	}
	if list := b.Get("/console/opt-outs"); list.Has("39 98 00 01") {
		t.Errorf("the number is on the list of the other account: %s", list.HTML)
	}
	if p := b.Post("/console/opt-outs/add", "for", "nobody", "number", "0639980001"); p.Status != http.StatusConflict ||
		p.Has("nobody") || !p.Has("que vous ne pouvez plus regarder") {
		t.Errorf("%d %s", p.Status, p.HTML)
	}
	// What belongs to the person is of no account.
	if p := b.Post("/console/me/sessions/end", "for", "default"); p.Status != http.StatusOK {
		t.Errorf("%d %s", p.Status, p.HTML)
	}
	b.Post("/console/preferences", "for", "sandbox", "account", "default", "next", "/console/")
	if p := add("0639980001"); p.Status == http.StatusConflict {
		t.Errorf("%d %s", p.Status, p.HTML)
	}
}
