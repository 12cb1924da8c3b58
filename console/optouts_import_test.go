package console_test

import (
	"net/http"
	"strings"
	"testing"

	"relais/auth"
	"relais/console/consoletest"
)

func TestOptOutsAreImportedOnceTheyWereSeen(t *testing.T) {
	w := consoletest.Start(t, "")
	w.User("max", auth.Grant{Account: "sandbox", Role: auth.Manager})
	w.User("claire", auth.Grant{Account: "sandbox", Role: auth.Agent})
	max, claire := w.SignedIn("fr", "max"), w.SignedIn("fr", "claire")
	if _, err := w.API.AddOptOut(t.Context(), "+33639980001", "", ""); err != nil {
		t.Fatal(err)
	}
	const at = "/console/opt-outs/import"
	if claire.Get(at).Status != http.StatusForbidden || claire.Get("/console/opt-outs").Has(at) ||
		!max.Get("/console/opt-outs").Has(at) {
		t.Error("an import is not for managers alone")
	}
	const file = "Nom;Téléphone\nAnne;06 39 98 00 01\nPaul;0639980002\nPaul;0639980002\n<script>;12\nLéa\n"
	p := max.Upload(at+"/check", "file", "liste.csv", "\uFEFF"+file)
	if p.Status != http.StatusOK || !p.Has(
		"1 numéro serait nouveau", "2 numéros sont déjà", "2 lignes ne nomment aucun numéro",
		`<td data-label="Ligne">5</td>`, "<bdi>12</bdi>", "Mettre 1 numéro sur la liste") {
		t.Fatalf("%d %s", p.Status, p.HTML)
	}
	list := func() int {
		found, err := w.API.OptOuts(t.Context(), 100, "")
		if err != nil {
			t.Fatal(err)
		}
		return len(found.Items)
	}
	if list() != 1 {
		t.Error("the check changed the list")
	}
	sealed := p.Between(t, `name="sealed" value="`, `"`)
	if strings.Contains(sealed, "0639980002") {
		t.Error("the page has the numbers")
	}
	for range 2 {
		done := max.Post(at, "sealed", sealed)
		if !done.Has("Les numéros du fichier sont sur la liste.") || list() != 2 {
			t.Fatalf("%d on the list: %s", list(), done.HTML)
		}
	}
	if p := max.Post("/console/opt-outs/search", "number", "06 39 98 00 02"); p.Status != http.StatusOK {
		t.Fatal(p.HTML)
	} else if p = max.Post(p.Path+"/remove", "reason", "Elle le veut"); list() != 1 {
		t.Fatalf("%d on the list: %s", list(), p.HTML)
	}
	if again := max.Post(at, "sealed", sealed); !again.Has("Les numéros du fichier sont sur la liste.") || list() != 1 {
		t.Errorf("the file put back what was taken off: %d on the list", list())
	}
	fresh := max.Upload(at+"/check", "file", "liste.csv", file).Between(t, `name="sealed" value="`, `"`)
	if max.Post(at, "sealed", fresh); list() != 2 {
		t.Errorf("the file, checked anew: %d on the list", list())
	}
	state, err := w.API.OptOut(t.Context(), "+33639980002")
	if err != nil || state.Proofs[0].Source != "import" || state.Proofs[0].Actor != "user:max" {
		t.Errorf("%+v %v", state, err)
	}
	if acts := actsOf(t, w, "user:max", "opt_outs_imported"); len(acts) != 2 || acts[0].Note != "1" {
		t.Errorf("the audit has %+v", acts)
	}
	for _, bad := range []struct{ content, said string }{
		{"", "Le fichier n'a aucun numéro."},
		{"numero\n", "Le fichier n'a aucun numéro."},
		{"\"a;b\nc\n", "Le fichier n'est pas du CSV"},
		{"a\xff\xfe\x00b", "fichier"},
		{"PK\x03\x04\x14\x00", "fichier"},
		{strings.Repeat("0639980001\n", 60_000), "dépasse 512 ko"},
		{strings.Repeat("0639980001\n", 200_000), "dépasse 512 ko"},
	} {
		p := max.Upload(at+"/check", "file", "x.csv", bad.content)
		if p.Status != http.StatusUnprocessableEntity || !p.Has(`role="alert"`, `href="#file"`, bad.said) {
			t.Errorf("%.20q: %d %s", bad.content, p.Status, p.Between(t, "<main", "</main>"))
		}
	}
	w.User("mia", auth.Grant{Account: "sandbox", Role: auth.Manager})
	if p := w.SignedIn("fr", "mia").Post(at, "sealed", sealed); p.Status != http.StatusUnprocessableEntity {
		t.Errorf("a file that somebody else checked: %d", p.Status)
	}
	for _, forged := range []string{"", "!", "AAAA", sealed[:len(sealed)-4] + "AAAA"} {
		p := max.Post(at, "sealed", forged)
		if p.Status != http.StatusUnprocessableEntity || !p.Has("Aucun fichier") {
			t.Errorf("%.20q: %d", forged, p.Status)
		}
	}
	if p := max.Upload(at+"/check", "file", "", ""); p.Status != http.StatusUnprocessableEntity {
		t.Errorf("no file: %d", p.Status)
	}
	if p := max.Post(at+"/check", "file", "0639980003"); p.Status != http.StatusBadRequest {
		t.Errorf("a form that no page makes: %d", p.Status)
	}
}

func TestFileForAnotherAccountIsNotRead(t *testing.T) {
	w := consoletest.Start(t, "")
	w.User("lea", auth.Grant{Account: "default", Role: auth.Manager}, auth.Grant{Account: "sandbox", Role: auth.Manager})
	const at = "/console/opt-outs/import"
	b := w.SignedIn("en", "lea")
	if p := b.Get(at); !p.Has(`enctype="multipart/form-data" class="card wide"><input type="hidden" name="for" value="default">`) {
		t.Errorf("the form is of no account: %s", p.HTML)
	}
	own := b.Upload(at+"/check", "file", "a.csv", "0639980001\n", "for", "default")
	if own.Status != http.StatusOK || !own.Has("1 number would be new") {
		t.Fatalf("%d %s", own.Status, own.HTML)
	}
	b.Post("/console/preferences", "account", "sandbox", "next", "/console/")
	for of, said := range map[string]string{
		"default": "for the account default, and you look at sandbox now",
		"nobody":  "of an account that you may not look at any more",
	} {
		p := b.Upload(at+"/check", "file", "a.csv", "0639980001\n", "for", of)
		if p.Status != http.StatusConflict || !p.Has(said) || p.Has("39980001") {
			t.Errorf("%s: %d %s", of, p.Status, p.HTML)
		}
	}
	sealed := own.Between(t, `name="sealed" value="`, `"`)
	if p := b.Post(at, "sealed", sealed); p.Status != http.StatusUnprocessableEntity || !p.Has("No file was chosen.") {
		t.Errorf("a file that was checked for another account: %d %s", p.Status, p.HTML)
	}
	if p := b.Upload(at+"/check", "file", "a.csv", "name;12\n"); !p.Has("The file would add nothing.") {
		t.Errorf("%d %s", p.Status, p.HTML)
	}
}
