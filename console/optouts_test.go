package console_test

import (
	"net/http"
	"strings"
	"testing"

	"relais/auth"
	"relais/console/consoletest"
)

func TestOptOutsAreKeptAtTheDesk(t *testing.T) {
	w := consoletest.Start(t, "")
	w.User("claire", auth.Grant{Account: "sandbox", Role: auth.Agent})
	w.User("luc", auth.Grant{Account: "sandbox", Role: auth.Manager})
	w.User("rose", auth.Grant{Account: "sandbox", Role: auth.Reader})
	claire, luc, rose := w.SignedIn("fr", "claire"), w.SignedIn("fr", "luc"), w.SignedIn("en", "rose")
	if p := claire.Get("/console/opt-outs"); !p.Has("Personne n'est sur la liste d'opposition.",
		"Noter une opposition") {
		t.Fatal(p.HTML)
	}
	if p := claire.Post("/console/opt-outs/add", "add", "12", "reason",
		"=1+1"); p.Status != http.StatusUnprocessableEntity ||
		!p.Has(`role="alert"`, `href="#add"`, `value="12"`, `value="=1+1"`) {
		t.Errorf("a wrong number: %d %s", p.Status, p.HTML)
	}
	p := claire.Post("/console/opt-outs/add", "add", "06 39 98 00 07", "reason", "demandé au guichet")
	if !p.Has("C'est noté : ce numéro ne reçoit plus de publicité.", "+33 6 •• •• •• 07", "claire",
		"notée par un agent", "imprimé le ") ||
		strings.Contains(p.Path, "639980007") {
		t.Fatalf("%s\n%s", p.Path, p.HTML)
	}
	if p := claire.Post("/console/opt-outs/add", "add", "06 39 98 00 07", "reason",
		""); !p.Has("était déjà sur la liste") {
		t.Error("the same number again")
	}
	if p := rose.Get("/console/opt-outs"); p.Has("Write down an opt-out") ||
		!p.Has("+33 6 •• •• •• 07", "written down by an agent") {
		t.Errorf("a reader: %s", p.HTML)
	}
	found := luc.Post("/console/opt-outs/search", "number", "0639980007")
	path := strings.TrimSuffix(found.Path, "?said=")
	if !found.Has("+33 6 39 98 00 07", "demandé au guichet", "Retirer ce numéro de la liste") {
		t.Fatal(found.HTML)
	}
	if p := luc.Post("/console/opt-outs/search", "number",
		"0639980008"); !p.Has("n'est pas sur la liste d'opposition") {
		t.Error("a number that is not listed")
	}
	if p := luc.Post("/console/opt-outs/search", "number", "x"); p.Status != http.StatusUnprocessableEntity ||
		!p.Has(`href="#number"`) {
		t.Errorf("no number: %d", p.Status)
	}
	csv := luc.Post("/console/opt-outs/export")
	if csv.Header.Get("Content-Disposition") != `attachment; filename="oppositions.csv"` ||
		!strings.HasPrefix(csv.HTML, "number,sender,source,since,provisional\n+33639980007,,console,") {
		t.Errorf("the export is %s", csv.HTML)
	}
	if p := claire.Post("/console/opt-outs/export"); p.Status != http.StatusForbidden {
		t.Errorf("an agent exports: %d", p.Status)
	}
	if p := claire.Post(path+"/remove", "reason", "x"); p.Status != http.StatusForbidden {
		t.Errorf("an agent takes off: %d", p.Status)
	}
	if p := luc.Post(path+"/remove", "reason", " "); p.Status != http.StatusUnprocessableEntity ||
		!p.Has(`href="#reason"`) {
		t.Errorf("without a reason: %d", p.Status)
	}
	if p := luc.Post(path+"/remove", "reason",
		"accord écrit du 3 mars"); !p.Has("le numéro est retiré de la liste", "accord écrit du 3 mars",
		"Retiré de la liste") {
		t.Fatal(p.HTML)
	}
	if p := luc.Post(path+"/remove", "reason", "encore"); !p.Has("n'était plus sur la liste") {
		t.Error("somebody was faster")
	}
	for _, code := range []auth.ActCode{"opt_out_removed", "opt_outs_exported"} {
		if acts := actsOf(t, w, "user:luc", code); len(acts) != 1 {
			t.Errorf("%s stands %d times in the audit", code, len(acts))
		}
	}
	if acts := actsOf(t, w, "user:claire", "opt_out_added"); len(acts) != 1 {
		t.Errorf("the audit has %+v", acts)
	}
	if p := luc.Get("/console/opt-outs/AAAA"); p.Status != http.StatusNotFound {
		t.Errorf("a forged address: %d", p.Status)
	}
}
