package console_test

import (
	"net/http"
	"strings"
	"testing"

	"relais/auth"
	"relais/console/consoletest"
)

// table is one as people have them: titles above the names, lost zeros, doubles, a fixed line.
const table = "Inscrits 2027\nNom;Portable;Date\nZoé;06 39 98 00 01;3 mai\nLéa;639980002;4 mai\n" +
	"Anne;0639980003 ou 0639980004;5 mai\nNoël;01 99 00 00 01;6 mai\nZoé;+33639980001;3 mai\n"

// drafted makes a campaign up to its file, and returns its path.
func drafted(t *testing.T, b *consoletest.Browser, text, file string) string {
	t.Helper()
	p := b.Post("/console/campaigns/new", "version", "0", "name", "Rentrée <b>", "text", text, "class", "transactional", "sender", "")
	if p.Status != http.StatusOK || !strings.HasSuffix(p.Path, "/recipients") {
		t.Fatalf("%d %s %s", p.Status, p.Path, p.HTML)
	}
	path := strings.TrimSuffix(p.Path, "/recipients")
	p = b.Upload(path+"/recipients", "file", "inscrits.csv", file, "for", "sandbox", "version", versionOn(t, p))
	if p.Status != http.StatusOK || p.Path != path+"/columns" {
		t.Fatalf("%d %s %s", p.Status, p.Path, p.HTML)
	}
	return path
}

func versionOn(t *testing.T, p *consoletest.Page) string {
	t.Helper()
	return p.Between(t, `name="version" value="`, `"`)
}

// columns are those of the form, with what differs.
func columnsForm(version string, pairs ...string) []string {
	return append([]string{
		"version", version, "column", "", "header_row", "0", "encoding", "", "separator", "", "sheet", "", "reference", "",
	}, pairs...)
}

func TestCampaignIsWrittenAndChecked(t *testing.T) {
	w := consoletest.Start(t, "")
	w.User("claire", auth.Grant{Account: "sandbox", Role: auth.Agent})
	b := w.SignedIn("fr", "claire")
	if p := b.Get("/console/campaigns"); p.Status != http.StatusOK || !p.Has("Il n'y a encore aucune campagne", "/console/campaigns/new") {
		t.Fatalf("%d %s", p.Status, p.HTML)
	}
	bad := b.Post("/console/campaigns/new", "version", "0", "name", "Rentrée", "text", "Bonjour ((nom", "class", "transactional", "sender", "")
	if bad.Status != http.StatusUnprocessableEntity || !bad.Has(`role="alert"`, `href="#text"`, "n'est pas fermé", "Bonjour ((nom", `value="Rentrée"`) {
		t.Fatalf("%d %s", bad.Status, bad.HTML)
	}
	path := drafted(t, b, "Bonjour ((nom)), le ((date)).", table)

	p := b.Get(path + "/columns")
	if !p.Has("Étape 3 sur", "colonne B : Portable", "La ligne 2 est prise pour les titres", "3 mai", "colonne C : Date", `aria-current="step"`) ||
		p.Has("--header-row") {
		t.Fatalf("%s", p.HTML)
	}
	wrong := b.Post(path+"/columns", columnsForm(versionOn(t, p), "header_row", "x")...)
	if wrong.Status != http.StatusUnprocessableEntity || !wrong.Has(`href="#header_row"`) {
		t.Errorf("%d %s", wrong.Status, wrong.HTML)
	}
	p = b.Post(path+"/columns", columnsForm(versionOn(t, p))...)
	if p.Status != http.StatusOK || p.Path != path+"/check" {
		t.Fatalf("%d %s %s", p.Status, p.Path, p.HTML)
	}
	p = w.Await(b, path+"/check", "2 messages partiront.", "3 lignes sont écartées.", "Lignes écartées", "c_")
	if p.Has("639980001") || !p.Has(path+`/bad-rows"`) {
		t.Errorf("%s", p.HTML)
	}
	file := b.Post(path + "/bad-rows")
	if file.Status != http.StatusOK || !file.Has("Ligne;Raison;Nom;Portable;Date", "5;", "Anne;0639980003 ou 0639980004;5 mai") ||
		!strings.HasPrefix(file.Header.Get("Content-Disposition"), "attachment") {
		t.Errorf("%d %v %s", file.Status, file.Header, file.HTML)
	}
	if acts := actsOf(t, w, "user:claire", "campaign_exported"); len(acts) != 1 || acts[0].Note != "bad-rows" || !strings.HasSuffix(path, acts[0].Subject) {
		t.Errorf("the audit has %+v", acts)
	}
	w.User("marc", auth.Grant{Account: "sandbox", Role: auth.Agent})
	colleague := w.SignedIn("fr", "marc") // who may export what they sent themselves
	if p := colleague.Get(path + "/check"); !p.Has("2 messages partiront.") || p.Has("/bad-rows") {
		t.Errorf("%d %s", p.Status, p.HTML)
	}
	if p := colleague.Post(path + "/bad-rows"); p.Status != http.StatusForbidden || p.Has("Anne") {
		t.Errorf("rows of others are given away: %d %s", p.Status, p.HTML)
	}
	if acts := actsOf(t, w, "user:marc", "campaign_exported"); len(acts) != 0 {
		t.Errorf("the audit has %+v", acts)
	}

	// Back, and on again: nothing is asked twice, and the check stands where nothing changed.
	back := b.Get(path + "/text")
	if !back.Has("Bonjour ((nom)), le ((date)).", "((Portable))", "Rentrée <b>") || strings.Contains(back.HTML, "<b>") {
		t.Errorf("%s", back.HTML)
	}
	form := []string{
		"version", versionOn(t, back), "name", "Rentrée <b>", "text", "Bonjour ((nom)), le ((date)).", "class", "transactional", "sender", "",
	}
	if p := b.Post(path+"/text", form...); p.Path != path+"/recipients" || !p.Has("inscrits.csv", "Continuer avec ce fichier") {
		t.Fatalf("%s %s", p.Path, p.HTML)
	}
	if p := b.Get(path + "/check"); !p.Has("2 messages partiront.") {
		t.Errorf("the check is lost: %s", p.HTML)
	}
	if p := b.Get(path + "/rows?state=skipped"); !p.Has("écartée", "deux numéros") && !p.Has("écartée", "plusieurs") || !p.Has("<td data-label=\"Ligne\">5") {
		t.Errorf("%s", p.HTML)
	}
	if p := b.Get("/console/campaigns?status=ready"); !p.Has("Rentrée <b>", "prête", path) {
		t.Errorf("%s", p.HTML)
	}
	if p := b.Get(path); !p.Has("prête", "inscrits.csv", "Bonjour ((nom)), le ((date)).", "claire") || strings.Contains(p.HTML, "<b>") {
		t.Errorf("%s", p.HTML)
	}

	// An edit asks for another check.
	form[5] = "Bonjour ((prénom))."
	if p := b.Post(path+"/text", form...); p.Path != path+"/recipients" {
		t.Fatalf("%d %s", p.Status, p.HTML)
	}
	if p := b.Get(path + "/check"); !p.Has("Les lignes n'ont pas encore été vérifiées") || p.Has("partiront") {
		t.Errorf("%s", p.HTML)
	}
	b.Post(path + "/check")
	p = w.Await(b, path+"/check", "La vérification n'a pas pu aboutir", "le champ « prénom »")
	if !p.Has(`href="`+path+`/text"`, `role="alert"`) {
		t.Errorf("%s", p.HTML)
	}
	if p := b.Post(path + "/drop"); !p.Has("Le brouillon est supprimé.") || b.Get(path).Status != http.StatusNotFound {
		t.Errorf("%s", p.HTML)
	}
	if strings.Contains(w.Logs.String(), "639980001") {
		t.Error("the log has a number")
	}
}

func TestFileOfACampaignIsRefused(t *testing.T) {
	w := consoletest.Start(t, "")
	w.User("claire", auth.Grant{Account: "sandbox", Role: auth.Agent})
	b := w.SignedIn("fr", "claire")
	p := b.Post("/console/campaigns/new", "version", "0", "name", "Essai", "text", "Bonjour", "class", "marketing", "sender", "")
	path := strings.TrimSuffix(p.Path, "/recipients")
	version := versionOn(t, p)
	for content, want := range map[string]string{
		"%PDF-1.7 une affiche": "PDF", "Nom;Portable\n": "", "": "",
	} {
		p := b.Upload(path+"/recipients", "file", "liste.csv", content, "for", "sandbox", "version", version)
		if p.Status != http.StatusUnprocessableEntity || !p.Has(`role="alert"`, `href="#file"`, `id="file-why"`, want) {
			t.Errorf("%q: %d %s", content, p.Status, p.HTML)
		}
	}
	if p := b.Upload(path+"/recipients", "other", "liste.csv", table, "version", version); p.Status != http.StatusUnprocessableEntity ||
		!p.Has("Aucun fichier n'a été choisi") {
		t.Errorf("%d %s", p.Status, p.HTML)
	}
	if p := b.Post(path+"/recipients", "version", version); p.Status != http.StatusBadRequest {
		t.Errorf("a form without a file: %d", p.Status)
	}
	if p := b.Get(path + "/columns"); p.Path != path+"/recipients" {
		t.Errorf("columns of no file: %s", p.Path)
	}
	large := "Nom;Portable\n" + strings.Repeat("Zoé;0639980001;"+strings.Repeat("x", 200)+"\n", 10_000) // larger than other forms
	if p := b.Upload(path+"/recipients", "file", "grand.csv", large, "version", version); p.Path != path+"/columns" {
		t.Errorf("%d %s", p.Status, p.HTML)
	}
}

func TestTwoPeopleOnOneCampaign(t *testing.T) {
	w := consoletest.Start(t, "")
	for name, role := range map[string]auth.Role{"claire": auth.Agent, "max": auth.Manager, "rose": auth.Reader} {
		w.User(name, auth.Grant{Account: "sandbox", Role: role})
	}
	claire, max, rose := w.SignedIn("fr", "claire"), w.SignedIn("en", "max"), w.SignedIn("fr", "rose")
	path := drafted(t, claire, "Bonjour", table)
	seen := versionOn(t, max.Get(path+"/text"))
	form := func(version, text string) []string {
		return []string{"version", version, "name", "Rentrée", "text", text, "class", "transactional", "sender", ""}
	}
	if p := claire.Post(path+"/text", form(seen, "Bonjour à tous")...); p.Status != http.StatusOK {
		t.Fatalf("%d %s", p.Status, p.HTML)
	}
	p := max.Post(path+"/text", form(seen, "Hello")...)
	if p.Status != http.StatusConflict || !p.Has("A colleague changed this campaign meanwhile", ">Hello</textarea>") {
		t.Fatalf("%d %s", p.Status, p.HTML)
	}
	if p := max.Post(path+"/text", form(versionOn(t, p), "Hello")...); p.Status != http.StatusOK || p.Path != path+"/recipients" {
		t.Errorf("%d %s", p.Status, p.HTML)
	}
	if p := rose.Get("/console/campaigns"); !p.Has(path) || p.Has("/console/campaigns/new") {
		t.Errorf("%s", p.HTML)
	}
	if p := rose.Get(path); p.Status != http.StatusOK || p.Has("Hello") || p.Has(path+"/drop") {
		t.Errorf("a reader sees: %d %s", p.Status, p.HTML)
	}
	for _, at := range []string{"/text", "/check"} {
		if p := rose.Get(path + at); p.Status != http.StatusForbidden {
			t.Errorf("a reader opens %s: %d", at, p.Status)
		}
	}
}
