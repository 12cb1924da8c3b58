package console_test

import (
	"net/http"
	"strings"
	"testing"

	"relais/auth"
	"relais/console/consoletest"
)

// canteen is a table of a list: a file with two children, one that is there twice, one whose
// number lost its digits.
const canteen = "Dossier;Nom;Portable;Remarque\n7;Zoé;0639980001;x\n8;Léa;639980002;\n8;Léa bis;0639980003;\n9;Max;6,12E+08;\n"

// newList makes a list without anybody on it, and returns its path.
func newList(t *testing.T, b *consoletest.Browser, name string) string {
	t.Helper()
	p := b.Post("/console/lists/new", "version", "0", "name", name, "source", "guichet", "purpose", "la cantine", "keep_days", "400")
	if p.Status != http.StatusOK || !p.Has("La liste est créée.") {
		t.Fatalf("%d %s", p.Status, p.HTML)
	}
	path, _, _ := strings.Cut(p.Path, "?")
	return path
}

// filledList is one with the people of canteen.
func filledList(t *testing.T, b *consoletest.Browser, name string) string {
	t.Helper()
	path := newList(t, b, name)
	p := b.Upload(path+"/table", "file", "cantine.csv", canteen, "for", "sandbox", "key", "Dossier", "fields", "Nom", "column", "")
	if p = b.Post(path+"/fill", "table", tableOn(t, p)); p.Status != http.StatusOK || !p.Has("Le tableau est en vigueur.") {
		t.Fatalf("%d %s", p.Status, p.HTML)
	}
	return path
}

func tableOn(t *testing.T, p *consoletest.Page) string {
	t.Helper()
	return p.Between(t, `name="table" value="`, `"`)
}

func TestListIsFilledInTheConsole(t *testing.T) {
	w := consoletest.Start(t, "")
	w.User("max", auth.Grant{Account: "sandbox", Role: auth.Manager})
	w.User("rose", auth.Grant{Account: "sandbox", Role: auth.Reader})
	b, rose := w.SignedIn("fr", "max"), w.SignedIn("en", "rose")
	if p := b.Get("/console/lists"); !p.Has("Il n'y a encore aucune liste.", "/console/lists/new") {
		t.Fatalf("%s", p.HTML)
	}
	bad := b.Post("/console/lists/new", "version", "0", "name", "", "source", "", "purpose", "", "keep_days", "un an")
	if bad.Status != http.StatusUnprocessableEntity || !bad.Has(`href="#keep_days"`, `value="un an"`, "comme 365") {
		t.Errorf("%d %s", bad.Status, bad.HTML)
	}
	path := newList(t, b, "Cantine <b>")
	if p := b.Post("/console/lists/new", "version", "0", "name", "cantine <B>", "keep_days", ""); p.Status != http.StatusUnprocessableEntity ||
		!p.Has("Une autre liste porte ce nom", `id="name-why"`) {
		t.Errorf("%d %s", p.Status, p.HTML)
	}
	if p := b.Upload(path+"/table", "file", "a.csv", "Nom\nZoé\n", "key", "", "fields", "", "column", ""); p.Status != http.StatusUnprocessableEntity ||
		!p.Has("Aucune colonne ne contient de numéros", `id="file-why"`) || p.Has("--column") {
		t.Errorf("%d %s", p.Status, p.HTML)
	}
	p := b.Upload(path+"/table", "file", "cantine.csv", canteen, "for", "sandbox", "key", "Dossier", "fields", "Nom", "column", "")
	if !p.Has("cantine.csv", "2 personnes arriveraient", "0 personne partirait", "La même clé est à la ligne 3", "Il n'y a encore personne") {
		t.Fatalf("%d %s", p.Status, p.HTML)
	}
	table := tableOn(t, p)
	if p := rose.Get(path); !p.Has("2 people would come") || p.Has("/fill", "/table", "/drop", "639980001", "Zoé") {
		t.Errorf("a reader sees %s", p.HTML)
	}
	if p := rose.Post(path+"/fill", "table", table); p.Status != http.StatusForbidden {
		t.Errorf("a reader fills a list: %d", p.Status)
	}
	if p := b.Post(path+"/fill", "table", table); !p.Has("Le tableau est en vigueur.", "2 personnes", "Dossier", "400 jours") {
		t.Fatalf("%d %s", p.Status, p.HTML)
	}
	if p := b.Post(path+"/fill", "table", table); !p.Has("La liste avait changé entre-temps.", "2 personnes") {
		t.Errorf("the second click: %d %s", p.Status, p.HTML)
	}
	again := "Dossier;Nom;Portable\n8;Léa;0639980009\n10;Eva;0639980010\n"
	p = b.Upload(path+"/table", "file", "cantine.csv", again, "key", "Dossier", "fields", "Nom", "column", "")
	if !p.Has("1 personne arriverait", "1 personne partirait", "1 personne aurait un autre numéro") {
		t.Errorf("%s", p.HTML)
	}
	if p := b.Post(path+"/refuse", "table", tableOn(t, p)); !p.Has("Le tableau est abandonné.", "2 personnes") || p.Has("arriverait") {
		t.Errorf("%s", p.HTML)
	}
	if p := b.Post(path+"/remove", "person", "77"); p.Status != http.StatusUnprocessableEntity || !p.Has("Personne sur la liste", `value="77"`) {
		t.Errorf("%d %s", p.Status, p.HTML)
	}
	if p := b.Post(path+"/remove", "person", "7"); !p.Has("La personne n'est plus sur la liste.", "1 personne") {
		t.Errorf("%s", p.HTML)
	}
	if p := b.Get("/console/lists"); !p.Has("Cantine <b>", "1 personne", "la cantine") || strings.Contains(p.HTML, "<b>") {
		t.Errorf("%s", p.HTML)
	}
	if p := b.Post(path + "/drop"); !p.Has("La liste est supprimée.") || b.Get(path).Status != http.StatusNotFound {
		t.Errorf("%s", p.HTML)
	}
	for _, act := range []auth.ActCode{auth.ListMade, auth.ListTable, auth.ListFilled, auth.ListRefused, auth.ListEntryRemoved, auth.ListDropped} {
		if len(actsOf(t, w, "user:max", act)) == 0 {
			t.Errorf("%s is not in the audit", act)
		}
	}
	if strings.Contains(w.Logs.String(), "639980001") {
		t.Error("the log has a number")
	}
}

func TestTwoPeopleOnOneList(t *testing.T) {
	w := consoletest.Start(t, "")
	w.User("max", auth.Grant{Account: "sandbox", Role: auth.Manager})
	b := w.SignedIn("fr", "max")
	path := newList(t, b, "Cantine")
	form := func(version, source string) []string {
		return []string{"version", version, "name", "Cantine", "source", source, "purpose", "", "keep_days", ""}
	}
	seen := versionOn(t, b.Get(path+"/change"))
	if p := b.Post(path+"/change", form(seen, "mairie")...); !p.Has("La liste est changée.", "mairie") {
		t.Fatalf("%d %s", p.Status, p.HTML)
	}
	p := b.Post(path+"/change", form(seen, "école")...)
	if p.Status != http.StatusConflict || !p.Has("Un collègue a changé cette liste", `value="école"`) {
		t.Fatalf("%d %s", p.Status, p.HTML)
	}
	if p := b.Post(path+"/change", form(versionOn(t, p), "école")...); !p.Has("La liste est changée.", "école") {
		t.Errorf("%d %s", p.Status, p.HTML)
	}
}

// TestCampaignOfAList begins at the list and is checked with its people.
func TestCampaignOfAList(t *testing.T) {
	w := consoletest.Start(t, "")
	w.User("max", auth.Grant{Account: "sandbox", Role: auth.Manager})
	w.User("claire", auth.Grant{Account: "sandbox", Role: auth.Agent})
	list := filledList(t, w.SignedIn("fr", "max"), "Cantine")
	b := w.SignedIn("fr", "claire")
	begin := "/console/campaigns/new?list=" + strings.TrimPrefix(list, "/console/lists/")
	if p := b.Get(list); !p.Has(begin) || p.Has("/change") {
		t.Fatalf("%s", p.HTML)
	}
	if p := b.Get(begin); !p.Has(`action="` + begin + `"`) {
		t.Fatalf("%s", p.HTML)
	}
	p := b.Post(begin, "version", "0", "name", "Menu", "text", "Bonjour ((nom))", "class", "transactional", "sender", "")
	id := strings.TrimPrefix(list, "/console/lists/")
	if !p.Has(`value="`+id+`" selected`, "Cantine (2 personnes)") {
		t.Fatalf("%s", p.HTML)
	}
	path, _, _ := strings.Cut(p.Path, "/recipients")
	version := versionOn(t, p)
	if p := b.Post(path+"/list", "version", version, "list", ""); p.Status != http.StatusUnprocessableEntity || !p.Has(`href="#list"`, "Choisissez une liste.") {
		t.Errorf("%d %s", p.Status, p.HTML)
	}
	p = b.Post(path+"/list", "version", version, "list", id)
	if p.Path != path+"/columns" || !p.Has("Portable", "Zoé") {
		t.Fatalf("%s %s", p.Path, p.HTML)
	}
	if p := b.Post(path+"/list", "version", version, "list", id); p.Status != http.StatusConflict {
		t.Errorf("an old form: %d", p.Status)
	}
	b.Post(path+"/columns", columnsForm(versionOn(t, p), "header_row", "1", "column", "Portable", "encoding", "utf-8", "separator", ";")...)
	w.Await(b, path+"/check", "2 messages partiront.")
}
