//go:build browser

package browser_test

import (
	"io"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"
)

// TestFaultsAreSeen holds that the tests of this package see what they look for: each
// fault of a page that has them all.
func TestFaultsAreSeen(t *testing.T) {
	wide := strings.Repeat("large", 200)
	page := `<!doctype html><html lang="fr"><head><meta charset="utf-8"><title>Sans nom</title>
<script src="/a.js"></script><link rel="icon" href="data:,"></head><body><h1>Un</h1><h1>Deux</h1>
<p style="color:red">rouge</p><p>` + wide + `</p><img src="https://example.org/x.png">
<input name="a"><b id="x"></b><b id="x"></b>
<table><tr><th>Nom</th></tr><tr><td>a</td></tr></table><button>OK</button></body></html>`
	const script = `console.error('mauvais'); alert(1); nothing();`
	server := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		if r.URL.Path == "/a.js" {
			w.Header().Set("Content-Type", "text/javascript")
			io.WriteString(w, script)
			return
		}
		w.Header().Set("Content-Security-Policy", "default-src 'self'; img-src *; style-src 'self'")
		w.Header().Set("Content-Type", "text/html")
		w.WriteHeader(http.StatusTeapot)
		io.WriteString(w, page+strings.Repeat("<p>"+strings.Repeat("long", 400), 40))
	}))
	defer server.Close()
	tab, err := newTab(browser, server.URL)
	if err != nil {
		t.Fatal(err)
	}
	defer tab.stop()
	l := look{"en", "light", 320}
	if err := tab.begin(visitor{}, l); err != nil {
		t.Fatal(err)
	}
	if err := tab.open("/?to=0639981101"); err != nil {
		t.Fatal(err)
	}
	found, err := tab.faultsOf(l, axe, 0)
	if err != nil {
		t.Fatal(err)
	}
	all := strings.Join(append(found, tab.wordsOutside(secretWords())...), "\n")
	for _, want := range []string{
		"axe label", "axe image-alt", "content security policy: style-src", `console: "mauvais"`,
		"nothing is not defined",
		"a script that was written by somebody ran", "elsewhere: https://example.org/x.png",
		"it scrolls sideways",
		"2 h1", `language of the page is "fr"`, `its title is "Sans nom"`, "stand there twice: x",
		"targets below 44 px",
		"tables without a caption", "status 418", "more than 46080", "address " + server.URL + "/?to=0639981101",
	} {
		if !strings.Contains(all, want) {
			t.Errorf("nothing is said of %q", want)
		}
	}
	if t.Failed() {
		t.Log(all)
	}
}
