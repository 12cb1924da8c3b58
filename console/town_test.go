package console_test

import (
	"os"
	"path/filepath"
	"regexp"
	"strings"
	"testing"

	"relais/auth"
	"relais/console/consoletest"
)

// TestTownLook shows the name, the logo and the colour of an organisation.
func TestTownLook(t *testing.T) {
	logo := filepath.Join(t.TempDir(), "logo.svg")
	const picture = `<svg xmlns="http://www.w3.org/2000/svg"/>`
	if err := os.WriteFile(logo, []byte(picture), 0o600); err != nil {
		t.Fatal(err)
	}
	w := consoletest.Start(t, "[console]\nname = \"Ville d'<Exemple>\"\naccent = \"#0b5fa5\"\nlogo = \""+logo+"\"\n")
	w.User("claire", auth.Grant{Account: "sandbox", Role: auth.Manager})
	signin := w.Browser("fr").Get("/console/signin")
	home := w.SignedIn("fr", "claire").Get("/console/")
	for _, page := range []*consoletest.Page{signin, home} {
		if !strings.Contains(page.HTML, "Ville d&#39;&lt;Exemple&gt;") || strings.Contains(page.HTML, "<Exemple>") {
			t.Errorf("%s does not name the town", page.Path)
		}
		found := regexp.MustCompile(`src="(/console/static/[0-9a-f]+/logo)"`).FindStringSubmatch(page.HTML)
		if found == nil {
			t.Fatalf("%s has no logo", page.Path)
		}
		if got := w.Browser("fr").Get(found[1]); got.HTML != picture ||
			got.Header.Get("Content-Type") != "image/svg+xml" ||
			!strings.Contains(got.Header.Get("Content-Security-Policy"), "default-src 'none'") {
			t.Errorf("the logo is %q, %v", got.HTML, got.Header)
		}
		style := regexp.MustCompile(`href="(/console/static/[0-9a-f]+/town.css)"`).FindStringSubmatch(page.HTML)
		if style == nil {
			t.Fatalf("%s has no style of the town", page.Path)
		}
		if got := w.Browser("fr").Get(style[1]); !strings.Contains(got.HTML, "--accent: #0b5fa5") ||
			strings.Count(got.HTML, "--accent:") != 3 {
			t.Errorf("the style is %q", got.HTML)
		}
	}
}
