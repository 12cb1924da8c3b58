package console_test

import (
	"net/http"
	"strings"
	"testing"
	"time"

	"relais/auth"
	"relais/client"
	"relais/console/consoletest"
)

// TestKeys makes a key, sends with it, and revokes it.
func TestKeys(t *testing.T) {
	w := consoletest.Start(t, "")
	w.User("max", auth.Grant{Account: "sandbox", Role: auth.Manager})
	_, foreign, err := auth.NewKey(t.Context(), w.Store, "default", "foreign", time.Now())
	if err != nil {
		t.Fatal(err)
	}
	b := w.SignedIn("fr", "max")
	if p := b.Get("/console/keys"); p.Status != http.StatusOK || !p.Has("Aucun logiciel n'a encore de clé.") {
		t.Fatalf("%d %s", p.Status, p.HTML)
	}
	if p := b.Post("/console/keys", "name", "État civil"); p.Status != http.StatusUnprocessableEntity ||
		!p.Has(`value="État civil"`, "1 à 63 caractères", `id="name-why"`) {
		t.Fatalf("%d %s", p.Status, p.HTML)
	}
	p := b.Post("/console/keys", "name", "etat-civil")
	text := p.Between(t, `<input id="key" value="`, `"`)
	if !strings.HasPrefix(text, "relais_") || p.Header.Get("Cache-Control") != "no-store" {
		t.Fatalf("%s %v", text, p.Header)
	}
	if p := b.Post("/console/keys", "name", "etat-civil"); p.Status != http.StatusUnprocessableEntity || !p.Has("porte déjà ce nom") {
		t.Fatalf("a form sent twice: %d %s", p.Status, p.HTML)
	}
	if _, err := client.New(w.App.URL(), text).Usage(t.Context(), "", ""); err != nil {
		t.Fatalf("the key does not work: %v", err)
	}
	p = b.Get("/console/keys")
	if p.Has(text) {
		t.Error("the key is shown a second time")
	}
	id := p.Between(t, "<code>", "</code>")
	for _, none := range []string{foreign.ID, "nothing"} {
		if p := b.Post("/console/keys/" + none + "/revoke"); p.Status != http.StatusNotFound {
			t.Errorf("the key %q of nobody here: %d", none, p.Status)
		}
	}
	for range 2 {
		if p := b.Post("/console/keys/" + id + "/revoke"); p.Status != http.StatusOK || !p.Has("La clé est révoquée.", "révoquée</span>") {
			t.Fatalf("%d %s", p.Status, p.HTML)
		}
	}
	acts, _, err := w.People.Acts(t.Context(), auth.ActQuery{Accounts: []string{"sandbox"}, Limit: 100})
	if err != nil {
		t.Fatal(err)
	}
	var done []string
	for _, a := range acts {
		if strings.HasPrefix(string(a.Code), "key_") {
			done = append(done, string(a.Code)+" "+a.Subject)
		}
	}
	if want := "key_revoked etat-civil (" + id + "),key_made etat-civil (" + id + ")"; strings.Join(done, ",") != want {
		t.Errorf("the journal has %v, want %s", done, want)
	}
}

// TestPeople exports what is stored of a person, and erases it.
func TestPeople(t *testing.T) {
	const number = "0639980001"
	w := consoletest.Start(t, "")
	w.User("dora", auth.Grant{Account: "sandbox", Role: auth.DPO})
	b := w.SignedIn("fr", "dora")
	if _, err := w.API.Submit(t.Context(), client.SubmitRequest{
		To: []string{number}, Text: "Rappel de demain", SendAt: time.Now().Add(48 * time.Hour),
	}); err != nil {
		t.Fatal(err)
	}
	if p := b.Post("/console/people/search", "number", "12"); p.Status != http.StatusUnprocessableEntity || !p.Has(`value="12"`, `href="#number"`) {
		t.Fatalf("%d %s", p.Status, p.HTML)
	}
	p := b.Post("/console/people/search", "number", number)
	if p.Status != http.StatusOK || strings.Contains(p.Path, "639980001") || !p.Has("+33 6 39 98 00 01", "1 n'est pas terminé", "Ce qui reste") {
		t.Fatalf("%d %s %s", p.Status, p.Path, p.HTML)
	}
	token := p.Between(t, `name="person" value="`, `"`)
	file := b.Post("/console/people/export", "person", token)
	if file.Status != http.StatusOK || !file.Has("Rappel de demain", `"number":"+33639980001"`) ||
		!strings.HasPrefix(file.Header.Get("Content-Disposition"), "attachment") {
		t.Fatalf("%d %v %s", file.Status, file.Header, file.HTML)
	}
	if p := b.Post("/console/people/erase", "person", token, "cancel", "1"); p.Status != http.StatusUnprocessableEntity ||
		!p.Has("Cochez que vous savez", `name="cancel" value="1" checked`) {
		t.Fatalf("%d %s", p.Status, p.HTML)
	}
	if p := b.Post("/console/people/erase", "person", token, "sure", "1"); p.Status != http.StatusUnprocessableEntity || !p.Has(`id="cancel-why"`) {
		t.Fatalf("%d %s", p.Status, p.HTML)
	}
	p = b.Post("/console/people/erase", "person", token, "sure", "1", "cancel", "1")
	if p.Status != http.StatusOK || !p.Has("est effacé.") {
		t.Fatalf("%d %s", p.Status, p.HTML)
	}
	if file = b.Post("/console/people/export", "person", token); file.Has("Rappel de demain") {
		t.Error("the text is still there")
	}
	if p := b.Get("/console/audit"); !p.Has("Personne effacée", "Données d'une personne exportées") || p.Has("639980001") {
		t.Errorf("%d %s", p.Status, p.HTML)
	}
	for _, none := range []string{"", "AAAA", token[1:]} {
		if p := b.Post("/console/people/export", "person", none); p.Status != http.StatusNotFound {
			t.Errorf("the token %q: %d", none, p.Status)
		}
	}
	if strings.Contains(w.Logs.String(), "639980001") {
		t.Error("the log has the number")
	}
}

// TestKeyWithLimits makes a key with limits, once though the form comes twice, and sees it
// among what needs a person when its end is near.
func TestKeyWithLimits(t *testing.T) {
	w := consoletest.Start(t, "")
	w.User("max", auth.Grant{Account: "sandbox", Role: auth.Manager})
	b := w.SignedIn("fr", "max")
	form := b.Get("/console/keys").Between(t, `name="form" value="`, `"`)
	if p := b.Post("/console/keys", "name", "guichet", "form", form); p.Status != http.StatusUnprocessableEntity || !p.Has("au moins une chose") {
		t.Fatalf("%d %s", p.Status, p.HTML)
	}
	p := b.Post("/console/keys", "name", "guichet", "form", form, "read", "1", "networks", "10.1.2.3/8", "until", "2001-01-01")
	if p.Status != http.StatusUnprocessableEntity || !p.Has("n'est pas un réseau", `id="networks-why"`, `value="10.1.2.3/8"`) {
		t.Fatalf("%d %s", p.Status, p.HTML)
	}
	fields := []string{
		"name", "guichet", "form", form, "read", "1", "networks", "127.0.0.0/8, ::1", "connectors", "ovh", "senders",
		"MAIRIE", "until", time.Now().AddDate(0, 0, 7).Format(time.DateOnly),
	}
	text := b.Post("/console/keys", fields...).Between(t, `<input id="key" value="`, `"`)
	if p := b.Post("/console/keys", fields...); p.Status != http.StatusUnprocessableEntity || !p.Has("Ce formulaire a déjà fait sa clé") {
		t.Fatalf("sent twice: %d %s", p.Status, p.HTML)
	}
	keys, err := w.Store.Keys(t.Context())
	if err != nil || len(keys) != 1 {
		t.Fatalf("%d keys, %v", len(keys), err)
	}
	caller := client.New(w.App.URL(), text)
	if _, err := caller.Usage(t.Context(), "", ""); err != nil {
		t.Errorf("the key does not read: %v", err)
	}
	if _, err := caller.Submit(t.Context(), client.SubmitRequest{To: []string{"0639980001"}, Text: "Bonjour"}); err == nil ||
		!strings.Contains(err.Error(), "This key may not send; it may read.") {
		t.Errorf("the key sends: %v", err)
	}
	if p := b.Get("/console/keys"); !p.Has("lire, 127.0.0.0/8, ::1/128, ovh, MAIRIE", "bientôt finie", "jamais") {
		t.Errorf("%s", p.HTML)
	}
	if p := b.Get("/console/"); !p.Has("prend fin dans les 14 jours") {
		t.Errorf("%s", p.HTML)
	}
}
