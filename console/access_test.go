package console_test

import (
	"strings"
	"testing"

	"relais/console/consoletest"
)

// TestDeclaration is what a town declares, and what stands there until it does.
func TestDeclaration(t *testing.T) {
	w := consoletest.Start(t, "")
	empty := w.Browser("fr").Get("/console/accessibilite")
	if empty.Status != 200 || !empty.Has("Relais déclare", "pas encore complète", "ne sont pas conformes", "Défenseur des droits") {
		t.Errorf("status %d: %s", empty.Status, empty.HTML)
	}
	if p := w.Browser("en").Get("/console/signin"); !p.Has("Accessibility: not compliant") {
		t.Error("the foot of the page does not tell the state")
	}

	full := consoletest.Start(t, `[console]
name = "Ville d'Exemple"
[accessibility]
contact = "accessibilite@town.example"
conformity = "partial"
rate = 92
auditor = "Cabinet <Exemple>"
audited_on = "2027-01-31"
declared_on = "2027-02-01"
inaccessible = ["Les graphiques."]
`)
	p := full.Browser("fr").Get("/console/accessibilite")
	for _, want := range []string{
		"Ville d&#39;Exemple déclare", "partiellement conformes", "Cabinet &lt;Exemple&gt; le 31 janvier 2027",
		"92", "1er février 2027", `href="mailto:accessibilite@town.example"`, "<li>Les graphiques.</li>",
	} {
		if !strings.Contains(p.HTML, want) {
			t.Errorf("no %q", want)
		}
	}
	if strings.Contains(p.HTML, "pas encore complète") || t.Failed() {
		t.Errorf("the page is %s", p.HTML)
	}
}
