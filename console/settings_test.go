package console_test

import (
	"errors"
	"net/http"
	"strings"
	"testing"
	"time"

	"relais/auth"
	"relais/config/effect"
	"relais/console/consoletest"
)

// TestSettings shows the configuration with the place of each value, and no secret.
func TestSettings(t *testing.T) {
	w := consoletest.Start(t, `
[limits]
segments = 7
[mail]
server = "mail.town.example:25"
from = "relais@town.example"
to = ["it@town.example"]
username = "relais"
password = "un-secret-bien-garde"
[account.mairie]
default_sender = "MAIRIE"
`)
	w.User("ops", auth.Grant{Role: auth.Operator})
	w.User("tim", auth.Grant{Role: auth.Operator})
	w.User("lea", auth.Grant{Account: "sandbox", Role: auth.Manager})
	b := w.SignedIn("fr", "ops")
	p := b.Get("/console/settings")
	if p.Status != http.StatusOK || !p.Has("[limits]", ">7<", "relais.toml, ligne 7<", "[account.mairie]", "MAIRIE",
		"valeur d'office", "***", "En vigueur", ">test<", `lang="en"`) {
		t.Fatalf("%d %s", p.Status, p.HTML)
	}
	const explained = "Segments au plus d'un message."
	if !p.Has(explained) || strings.Contains(p.HTML, `<p class="small" lang="en">`) {
		t.Errorf("what a key is for is not in French: %s", p.HTML)
	}
	if p := b.Post("/console/settings/search", "words", "concaténation"); !p.Has(explained) {
		t.Errorf("French words are not found: %s", p.HTML)
	}
	if p := w.SignedIn("en", "tim").Get("/console/settings"); !p.Has("Most segments of one message.") || p.Has(explained) {
		t.Errorf("in English: %s", p.HTML)
	}
	if strings.Contains(p.HTML, "un-secret") {
		t.Error("a secret is on the page")
	}
	if p := b.Get("/console/"); p.Has("/console/settings\">Voir") {
		t.Errorf("home warns of nothing: %s", p.HTML)
	}

	found := b.Post("/console/settings/search", "words", "SEGMENTS limits")
	if found.Status != http.StatusOK || !found.Has("1 réglage contient ces mots.", ">7<", `value="SEGMENTS limits"`) || found.Has("[mail]") {
		t.Errorf("%d %s", found.Status, found.HTML)
	}
	if p := b.Post("/console/settings/search", "words", "un-secret-bien-garde"); !p.Has("Aucun réglage ne contient") || strings.Contains(p.Path, "secret") {
		t.Errorf("%s %s", p.Path, p.HTML)
	}
	long := b.Post("/console/settings/search", "words", strings.Repeat("x", 101))
	if long.Status != http.StatusUnprocessableEntity || !long.Has(`href="#words">Cherchez 100 caractères au plus.`) {
		t.Errorf("%d %s", long.Status, long.HTML)
	}
	if p := b.Post("/console/settings/search", "word", "x"); p.Status != http.StatusBadRequest {
		t.Errorf("a foreign field: %d", p.Status)
	}
	if p := w.SignedIn("fr", "lea").Get("/console/settings"); p.Status != http.StatusForbidden {
		t.Errorf("a manager of an account sees the settings of the gateway: %d", p.Status)
	}
}

// TestSettingsThatDiffer warns of what somebody must do, on the page and on the home.
func TestSettingsThatDiffer(t *testing.T) {
	w := consoletest.Start(t, "")
	w.User("ops", auth.Grant{Role: auth.Admin})
	w.User("lea", auth.Grant{Account: "sandbox", Role: auth.Agent})
	b, lea := w.SignedIn("en", "ops"), w.SignedIn("en", "lea")
	if err := w.App.Refused(t.Context(), errors.New("relais.toml:7:1: <b>limits</b> is wrong")); err != nil {
		t.Fatal(err)
	}
	p := b.Get("/console/settings")
	if !p.Has("Last reading refused", "relais.toml:7:1: <b>limits</b> is wrong") || strings.Contains(p.HTML, "<b>limits") {
		t.Errorf("%s", p.HTML)
	}
	if p := b.Get("/console/"); !p.Has("The configuration was read anew and refused") {
		t.Errorf("%s", p.HTML)
	}
	if p := lea.Get("/console/"); p.Has("The configuration was read anew and refused") {
		t.Error("an agent is told of what only an operator can mend")
	}
	other := effect.Node{
		Name: "second", Digest: "0123456789ab", Program: "test", Since: time.Now(), TriedAt: time.Now(),
		SeenAt: time.Now(), NeedRestart: []string{"listen", "log"},
	}
	if err := effect.Tell(t.Context(), w.Store, other); err != nil {
		t.Fatal(err)
	}
	p = b.Get("/console/settings")
	if !p.Has("The nodes have read different configurations", "second", "0123456789ab", "this page",
		"Waits for a restart", "<code>listen, log</code>") {
		t.Errorf("%s", p.HTML)
	}
	if p := b.Get("/console/"); !p.Has("The nodes have read different configurations") {
		t.Errorf("%s", p.HTML)
	}
	other.SeenAt = time.Now().Add(-time.Hour)
	if err := effect.Tell(t.Context(), w.Store, other); err != nil {
		t.Fatal(err)
	}
	p = b.Get("/console/settings")
	if !p.Has("Says nothing any more") || p.Has("The nodes have read different configurations") {
		t.Errorf("%s", p.HTML)
	}
}
