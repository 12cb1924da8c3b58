package console_test

import (
	"net/http"
	"strings"
	"testing"

	"relais/auth"
	"relais/client"
	"relais/console/consoletest"
)

const listed = `id="first"`

// TestFirstSteps shows what a new gateway needs to who can do it, with the state that the
// gateway has, and no longer once all of it is done.
func TestFirstSteps(t *testing.T) {
	w := consoletest.Start(t, "")
	w.User("olga", auth.Grant{Role: auth.Operator})
	w.User("lea", auth.Grant{Account: "sandbox", Role: auth.Agent})
	w.User("rita", auth.Grant{Account: "sandbox", Role: auth.Reader})
	olga, lea := w.SignedIn("fr", "olga"), w.SignedIn("fr", "lea")
	p := olga.Get("/console/")
	if p.Status != http.StatusOK || !p.Has(listed, "Un opérateur répond", "Un expéditeur déclaré", "Une sauvegarde", "relais backup",
		"Les règles de la publicité", "keep_texts_days", "accessibilite") || p.Has("Une deuxième personne") || p.Has("Un premier message") {
		t.Errorf("the operator: %d %s", p.Status, p.HTML)
	}
	if p := lea.Get("/console/"); !p.Has(listed, "Un premier message, à vous-même", "/console/send") || p.Has("Une sauvegarde") {
		t.Errorf("the agent: %d %s", p.Status, p.HTML)
	}
	if p := w.SignedIn("en", "rita").Get("/console/"); p.Status != http.StatusOK || p.Has(listed) {
		t.Errorf("who can do nothing about it: %d %s", p.Status, p.HTML)
	}
	if _, err := w.API.Submit(t.Context(), client.SubmitRequest{To: []string{"0639980001"}, Text: "Bonjour"}); err != nil {
		t.Fatal(err)
	}
	w.Await(lea, "/console/messages", "reçu</span>")
	if p := lea.Get("/console/"); p.Has(listed) {
		t.Errorf("the first message is not seen as received: %s", p.HTML)
	}
	w.BackedUp()
	p = olga.Get("/console/")
	_, after, _ := strings.Cut(p.HTML, "Une sauvegarde")
	before, _, _ := strings.Cut(after, "</li>")
	if !strings.Contains(before, "fait") || strings.Contains(before, "relais backup") {
		t.Errorf("the backup that was made: %s", before)
	}
}

// TestFirstStepsDone is a gateway whose configuration has all that is asked for.
func TestFirstStepsDone(t *testing.T) {
	w := consoletest.Start(t, `[accessibility]
contact = "accessibilite@town.example"
declared_on = "2027-01-31"
[account.sandbox]
default_sender = "MAIRIE"
policy = "none"
keep_texts_days = 90
`)
	w.User("max", auth.Grant{Account: "sandbox", Role: auth.Manager}, auth.Grant{Role: auth.Operator})
	if _, err := w.API.Submit(t.Context(), client.SubmitRequest{To: []string{"0639980001"}, Text: "Bonjour"}); err != nil {
		t.Fatal(err)
	}
	w.BackedUp()
	b := w.SignedIn("en", "max")
	b.Post("/console/preferences", "account", "sandbox", "next", "/console/")
	w.Await(b, "/console/messages", "received</span>")
	if p := b.Get("/console/"); p.Status != http.StatusOK || p.Has(listed) {
		t.Errorf("the list stays: %d %s", p.Status, p.HTML)
	}
}
