package console_test

import (
	"net/http"
	"strings"
	"testing"

	"relais/auth"
	"relais/console/consoletest"
)

func TestFirstPages(t *testing.T) {
	w := consoletest.Start(t, "")
	w.User("claire", auth.Grant{Account: "sandbox", Role: auth.Agent})
	if p := w.Browser("fr").Get("/console/messages"); !strings.HasPrefix(p.Path, "/console/signin?next=") ||
		!p.Has("<title>Connexion – Relais</title>") {
		t.Fatalf("nobody is signed in, and got %s", p.Path)
	}
	b := w.SignedIn("fr", "claire")
	if p := b.Get("/console/"); p.Status != http.StatusOK || !p.Has("Bonjour, claire", "Tout part normalement.") {
		t.Fatalf("%d %s", p.Status, p.HTML)
	}
	p := b.Get("/console/send")
	token := between(t, p.HTML, `name="form" value="`, `"`)
	p = b.Post("/console/send", "form", token, "to", "06 39 98 00 01", "text", "Fête à 20 h", "class", "transactional", "do", "check")
	if !p.Has("+33 6 39 98 00 01", "F<mark>ê</mark>te à 20 h", "1 message = 1 SMS") {
		t.Fatalf("%d %s", p.Status, p.HTML)
	}
	first := b.Post("/console/send", "form", token, "to", "06 39 98 00 01", "text", "Fête à 20 h", "class", "transactional", "do", "send")
	again := b.Post("/console/send", "form", token, "to", "06 39 98 00 01", "text", "Fête à 20 h", "class", "transactional", "do", "send")
	if first.Path != again.Path || !strings.HasPrefix(first.Path, "/console/messages/") || !first.Has("Message à", "Fête à 20 h") {
		t.Fatalf("%s, then %s\n%s", first.Path, again.Path, first.HTML)
	}
	p = b.Post("/console/messages/search", "number", "0639980001", "reference", "", "status", "", "class", "")
	if !strings.Contains(p.Path, "person=") || strings.Contains(p.Path, "639980001") || strings.Count(p.HTML, "see_message") != 0 ||
		!p.Has("+33 6 39 98 00 01") {
		t.Fatalf("%s\n%s", p.Path, p.HTML)
	}
	if p = b.Post("/console/messages/search", "number", "12", "reference", "", "status", "", "class", ""); p.Status != http.StatusUnprocessableEntity || !p.Has(`value="12"`, `role="alert"`) {
		t.Fatalf("%d %s", p.Status, p.HTML)
	}
}

// between is what stands between two marks.
func between(t *testing.T, text, before, after string) string {
	t.Helper()
	_, rest, found := strings.Cut(text, before)
	inside, _, ended := strings.Cut(rest, after)
	if !found || !ended {
		t.Fatalf("no %q in %s", before, text)
	}
	return inside
}

// TestReadersCannotAskWhoseMessageItIs: a list that is empty or not would tell.
func TestReadersCannotAskWhoseMessageItIs(t *testing.T) {
	w := consoletest.Start(t, "")
	w.User("lea", auth.Grant{Account: "sandbox", Role: auth.Reader})
	b := w.SignedIn("fr", "lea")
	if p := b.Get("/console/messages"); p.Status != http.StatusOK || p.Has(`name="number"`) {
		t.Errorf("%d %s", p.Status, p.HTML)
	}
	if p := b.Post("/console/messages/search", "number", "0639980001"); p.Status != http.StatusForbidden {
		t.Errorf("a search by number: %d", p.Status)
	}
}

// TestAProxyOnThisMachineIsNotThisMachine: over plain HTTP what a proxy brings is refused.
func TestAProxyOnThisMachineIsNotThisMachine(t *testing.T) {
	w := consoletest.Start(t, "")
	for _, header := range []string{"", "X-Forwarded-For", "Forwarded", "Via"} {
		r, err := http.NewRequestWithContext(t.Context(), http.MethodGet, w.App.URL()+"/console/signin", http.NoBody)
		if err != nil {
			t.Fatal(err)
		}
		want := http.StatusOK
		if header != "" {
			r.Header.Set(header, "192.0.2.7")
			want = http.StatusForbidden
		}
		answer, err := http.DefaultClient.Do(r)
		if err != nil {
			t.Fatal(err)
		}
		answer.Body.Close()
		if answer.StatusCode != want {
			t.Errorf("with %q: status %d, want %d", header, answer.StatusCode, want)
		}
	}
}
