package console_test

import (
	"html"
	"log/slog"
	"net/http"
	"net/http/httptest"
	"regexp"
	"strings"
	"testing"

	"relais/auth"
	"relais/client"
	"relais/console"
	"relais/console/consoletest"
)

// tokenAt is the token of a telephone on the page.
func tokenAt(t *testing.T, page *consoletest.Page, number string) string {
	t.Helper()
	_, after, found := strings.Cut(html.UnescapeString(page.HTML), number+"</bdi>")
	token := regexp.MustCompile(`name="person" value="([^"]+)"`).FindStringSubmatch(after)
	if !found || token == nil {
		t.Fatalf("no telephone %s: %s", number, page.HTML)
	}
	return token[1]
}

// TestHandsets sends to a simulated telephone, answers there and says STOP.
func TestHandsets(t *testing.T) {
	w := consoletest.Start(t, "")
	w.User("claire", auth.Grant{Account: "sandbox", Role: auth.Agent})
	for lang, words := range map[string][]string{
		"fr": {"Téléphones simulés", "Répond OUI de lui-même", "Commander une panne", "Votre carte"},
		"en": {"Simulated telephones", "Answers OUI by itself", "Order a fault", "Votre carte"},
	} {
		b := w.SignedIn(lang, "claire")
		to := client.SubmitRequest{To: []string{"+33639980001"}, Text: "Votre carte <b>est</b> prête"}
		if _, err := w.API.Submit(t.Context(), to); err != nil {
			t.Fatal(err)
		}
		await(t, "the text stands on the telephone", func() bool { return b.Get("/console/handsets").Has("Votre carte") })
		page := b.Get("/console/handsets")
		if !page.Has(words...) || strings.Contains(page.HTML, "<b>est") {
			t.Errorf("%s: %s", lang, page.HTML)
		}
		person := tokenAt(t, page, "+33 6 39 98 00 01")
		answered := b.Post("/console/handsets/reply", "person", person, "text", "Merci "+lang, "do", "answer")
		if !answered.Has("Merci " + lang) {
			t.Errorf("%s: the answer does not stand there: %d %s", lang, answered.Status, answered.HTML)
		}
		if stopped := b.Post("/console/handsets/reply", "person", person, "text", "", "do", "stop"); !stopped.Has("STOP") {
			t.Errorf("%s: STOP: %d", lang, stopped.Status)
		}
		if empty := b.Post("/console/handsets/reply", "person", person, "text", " ", "do", "answer"); empty.Status != 422 {
			t.Errorf("%s: an answer without a text: %d", lang, empty.Status)
		}
		silent := tokenAt(t, page, "+33 6 39 98 00 95")
		kept := b.Post("/console/handsets/reply", "person", silent, "text", "gardé tel quel", "do", "answer")
		if kept.Status != 422 || !kept.Has("gardé tel quel") {
			t.Errorf("%s: an answer to nothing: %d %s", lang, kept.Status, kept.HTML)
		}
		if draft := b.Get("/console/send?person=" + silent); !draft.Has("+33 6 39 98 00 95") {
			t.Errorf("%s: no draft to the telephone: %s", lang, draft.HTML)
		}
		if foreign := b.Post("/console/handsets/reply", "person", "x", "text", "a", "do", "answer"); foreign.Status != 404 {
			t.Errorf("%s: a telephone that is none: %d", lang, foreign.Status)
		}
	}
	if strings.Contains(w.Logs.String(), "639980001") {
		t.Error("a number stands in the log")
	}
}

// TestHandsetFaults orders what an operator does wrong, and calls it off.
func TestHandsetFaults(t *testing.T) {
	w := consoletest.Start(t, "")
	w.User("claire", auth.Grant{Account: "sandbox", Role: auth.Agent})
	w.User("lise", auth.Grant{Account: "sandbox", Role: auth.DPO})
	b := w.SignedIn("fr", "claire")
	if page := b.Post("/console/handsets/fault", "operator", "ovh", "kind", "html"); !page.Has("OVH : Répond par une page web") {
		t.Errorf("nothing is ordered: %d %s", page.Status, page.HTML)
	}
	if page := b.Post("/console/handsets/mend"); page.Has("OVH : Répond par une page web") {
		t.Errorf("the order is still there: %s", page.HTML)
	}
	for _, wrong := range [][]string{
		{"operator", "ovh", "kind", "nonsense"}, {"operator", "nobody", "kind", "html"}, {"operator", "ovh", "count", "3"},
	} {
		if page := b.Post("/console/handsets/fault", wrong...); page.Status != http.StatusBadRequest {
			t.Errorf("%v: %d", wrong, page.Status)
		}
	}
	dpo := w.SignedIn("fr", "lise")
	if page := dpo.Get("/console/handsets"); page.Status != 200 || page.Has("Commander une panne") {
		t.Errorf("who may not send sees the faults: %d", page.Status)
	}
	if page := dpo.Post("/console/handsets/fault", "operator", "ovh", "kind", "html"); page.Status != http.StatusForbidden {
		t.Errorf("who may not send orders faults: %d", page.Status)
	}
}

// TestWithoutSandbox has neither telephones nor an address that signs in.
func TestWithoutSandbox(t *testing.T) {
	c := console.New(console.Options{Log: slog.New(slog.DiscardHandler)})
	for _, path := range []string{"/console/handsets", "/console/demo"} {
		answer := httptest.NewRecorder()
		r := httptest.NewRequestWithContext(t.Context(), http.MethodGet, "http://127.0.0.1"+path, nil)
		r.RemoteAddr = "127.0.0.1:1234"
		c.ServeHTTP(answer, r)
		if answer.Code != http.StatusNotFound {
			t.Errorf("%s: %d", path, answer.Code)
		}
	}
}

// TestGuests come in by the address that the terminal shows, as often as they like.
func TestGuests(t *testing.T) {
	w := consoletest.Start(t, "")
	_, code, found := strings.Cut(w.App.ConsoleURL(), "/console/demo#")
	if !found {
		t.Fatalf("the address does not sign in: %s", w.App.ConsoleURL())
	}
	first, second := w.Browser("fr"), w.Browser("en")
	if page := first.Post("/console/demo", "link", code); !page.Has("Bonjour, demo") {
		t.Fatalf("not let in: %d %s", page.Status, page.HTML)
	}
	if page := second.Post("/console/demo", "link", code); !page.Has("Hello, demo") {
		t.Errorf("not let in again: %d %s", page.Status, page.HTML)
	}
	if page := first.Get("/console/handsets"); !page.Has("Téléphones simulés") {
		t.Errorf("the first is out: %d %s", page.Status, page.HTML)
	}
	if page := w.Browser("fr").Post("/console/demo", "link", code+"x"); page.Status != 422 || !page.Has("lien") {
		t.Errorf("another code: %d %s", page.Status, page.HTML)
	}
	if strings.Contains(w.Logs.String(), code) {
		t.Error("the code stands in the log")
	}
}
