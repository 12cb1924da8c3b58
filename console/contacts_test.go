package console_test

import (
	"net/http"
	"strings"
	"testing"

	"relais/auth"
	"relais/client"
	"relais/console/consoletest"
)

// newGroup makes a group without anybody in it, and returns its id.
func newGroup(t *testing.T, b *consoletest.Browser, name string) string {
	t.Helper()
	p := b.Post("/console/groups/new", "version", "0", "name", name, "note", "fiches de 2026")
	if p.Status != http.StatusOK || !p.Has("Le groupe est créé.", "fiches de 2026") {
		t.Fatalf("%d %s", p.Status, p.HTML)
	}
	path, _, _ := strings.Cut(p.Path, "?")
	return strings.TrimPrefix(path, "/console/groups/")
}

// newContact adds a contact with a name to a group, and returns its path.
func newContact(t *testing.T, b *consoletest.Browser, number, name, group string) string {
	t.Helper()
	p := b.Post("/console/contacts/new", "version", "0", "number", number, "name0", "Nom", "value0", name, "name1", "", "value1", "", "group:"+group, "1")
	if p.Status != http.StatusOK || !p.Has("Le contact est ajouté.", name) {
		t.Fatalf("%d %s", p.Status, p.HTML)
	}
	path, _, _ := strings.Cut(p.Path, "?")
	return path
}

func TestContactsAreKeptInTheConsole(t *testing.T) {
	w := consoletest.Start(t, "")
	w.User("max", auth.Grant{Account: "sandbox", Role: auth.Manager})
	b := w.SignedIn("fr", "max")
	if p := b.Get("/console/contacts"); !p.Has("Il n'y a encore aucun contact.", "/console/contacts/new") {
		t.Fatalf("%s", p.HTML)
	}
	group := newGroup(t, b, "Amis <b>")
	if p := b.Get("/console/contacts/new?group=" + group); !p.Has(`name="group:` + group + `" value="1" checked`) {
		t.Errorf("%s", p.HTML)
	}
	path := newContact(t, b, "06 39 98 00 01", "Zoé <i>", group)
	if strings.Contains(path, "639980001") {
		t.Errorf("the number stands in the address: %s", path)
	}
	p := b.Post("/console/contacts/new", "version", "0", "number", "0639980001", "name0", "Nom", "value0", "Léa")
	if p.Status != http.StatusUnprocessableEntity || !p.Has("Ce numéro a déjà un contact", `href="#number"`, `value="Léa"`) {
		t.Errorf("%d %s", p.Status, p.HTML)
	}
	for _, pairs := range [][]string{
		{"name0", "Nom", "value0", "Léa", "name1", "nom", "value1", "Eva"},
		{"name0", "Nom", "value0", "Léa", "name1", "Nom", "value1", "Eva"},
		{"name0", "Nom", "value0", "Léa", "name1", "", "value1", "Eva"},
	} {
		p := b.Post("/console/contacts/new", append([]string{"version", "0", "number", "0639980002"}, pairs...)...)
		if p.Status != http.StatusUnprocessableEntity || !p.Has(`href="#name1"`, `id="name1-why"`, `value="Eva"`) {
			t.Errorf("%s: %d %s", pairs, p.Status, p.HTML)
		}
	}
	p = b.Post("/console/contacts/search", "number", "0639980002")
	if p.Status != http.StatusUnprocessableEntity || !p.Has("Ce numéro n'a pas de contact.", `id="number-why"`) {
		t.Errorf("%d %s", p.Status, p.HTML)
	}
	if p = b.Post("/console/contacts/search", "number", "06.39.98.00.01"); !p.Has("+33 6 39 98 00 01", "Zoé <i>", "Amis <b>") || strings.Contains(p.HTML, "<i>") {
		t.Errorf("%d %s", p.Status, p.HTML)
	}
	form := b.Get(path + "/change")
	changed := b.Post(path+"/change", "version", versionOn(t, form), "name0", "Nom", "value0", "", "name1", "Rue", "value1", "Port")
	if !changed.Has("Le contact est changé.", "Rue", "Port") || changed.Has("Zoé", "Amis") {
		t.Errorf("%d %s", changed.Status, changed.HTML)
	}
	again := b.Post(path+"/change", "version", versionOn(t, form), "name0", "Rue", "value0", "Gare")
	if again.Status != http.StatusConflict || !again.Has("Un collègue a changé ce contact", `value="Gare"`) {
		t.Errorf("%d %s", again.Status, again.HTML)
	}
	if p := b.Post(path+"/change", "version", versionOn(t, again), "name0", "Rue", "value0", "Gare", "group:"+group, "1"); !p.Has("Gare", "Amis <b>") {
		t.Errorf("%d %s", p.Status, p.HTML)
	}
	if p := b.Get("/console/groups/" + group); !p.Has("1 personne", "+33 6 39 98 00 01", "Gare", "/console/campaigns/new?group="+group) {
		t.Errorf("%s", p.HTML)
	}
	seen := versionOn(t, b.Get("/console/groups/"+group+"/change"))
	if p := b.Post("/console/groups/"+group+"/change", "version", seen, "name", "Amies", "note", ""); !p.Has("Le groupe est changé.", "Amies") {
		t.Errorf("%d %s", p.Status, p.HTML)
	}
	if p := b.Post("/console/groups/"+group+"/change", "version", seen, "name", "Autres", "note", ""); p.Status != http.StatusConflict ||
		!p.Has("Un collègue a changé ce groupe", `value="Autres"`) {
		t.Errorf("%d %s", p.Status, p.HTML)
	}
	if p := b.Post("/console/groups/new", "version", "0", "name", "AMIES", "note", ""); p.Status != http.StatusUnprocessableEntity || !p.Has("Un autre groupe a ce nom") {
		t.Errorf("%d %s", p.Status, p.HTML)
	}
	if p := b.Post("/console/groups/" + group + "/drop"); !p.Has("Le groupe est supprimé. Ses contacts restent.") {
		t.Errorf("%d %s", p.Status, p.HTML)
	}
	if p := b.Post(path + "/drop"); !p.Has("Le contact est supprimé.") || b.Get(path).Status != http.StatusNotFound {
		t.Errorf("%d %s", p.Status, p.HTML)
	}
	for _, act := range []auth.ActCode{
		auth.ContactMade, auth.ContactChanged, auth.ContactDropped, auth.GroupMade, auth.GroupChanged, auth.GroupDropped, "number_searched",
	} {
		if len(actsOf(t, w, "user:max", act)) == 0 {
			t.Errorf("%s is not in the audit", act)
		}
	}
	if strings.Contains(w.Logs.String(), "639980001") {
		t.Error("the log has a number")
	}
}

// TestConsentsInTheConsole: a consent is noted with its proof, shown to who may see texts, withdrawn at the
// desk, and ended by a STOP.
func TestConsentsInTheConsole(t *testing.T) {
	w := consoletest.Start(t, "")
	w.User("max", auth.Grant{Account: "sandbox", Role: auth.Manager})
	w.User("claire", auth.Grant{Account: "sandbox", Role: auth.Agent})
	w.User("rose", auth.Grant{Account: "sandbox", Role: auth.Reader})
	b, desk, rose := w.SignedIn("fr", "max"), w.SignedIn("fr", "claire"), w.SignedIn("en", "rose")
	path := newContact(t, b, "0639980001", "Zoé", newGroup(t, b, "Amis"))
	agree := func(day string) *consoletest.Page {
		return b.Post(path+"/agree", "agreed", "Agenda", "source", "formulaire", "proof", "Oui à l'agenda", "day", day)
	}
	for day, want := range map[string]string{
		"2999-01-01": "encore à venir", "1989-12-31": "avant 1990", "0001-01-01": "avant 1990", "hier": "2026-03-01",
	} {
		if p := agree(day); p.Status != http.StatusUnprocessableEntity || !p.Has(want, `id="day-why"`, `value="formulaire"`) {
			t.Errorf("%s: %d %s", day, p.Status, p.HTML)
		}
	}
	if p := b.Post(path+"/agree", "agreed", "Agenda", "source", "", "proof", "", "day", ""); p.Status != http.StatusUnprocessableEntity || !p.Has(`id="source-why"`) {
		t.Errorf("%d %s", p.Status, p.HTML)
	}
	if p := agree("2025-01-15"); !p.Has("L'accord est noté.", "15 janvier 2025", "formulaire", "Oui à l'agenda", "en vigueur") {
		t.Fatalf("%d %s", p.Status, p.HTML)
	}
	if p := rose.Get(path); !p.Has("Agenda", "in force") || p.Has("Zoé", "Oui à l'agenda", "39 98", "/agree", "/withdraw", "/change") {
		t.Errorf("a reader sees %s", p.HTML)
	}
	if p := rose.Get("/console/contacts"); !p.Has("Agenda") || p.Has("Zoé", "39 98") {
		t.Errorf("a reader sees %s", p.HTML)
	}
	if p := desk.Get(path); !p.Has("/withdraw", "Zoé") || p.Has("/agree", "/drop") {
		t.Errorf("an agent sees %s", p.HTML)
	}
	if p := desk.Post(path+"/withdraw", "purpose", "", "how", "téléphone"); p.Status != http.StatusUnprocessableEntity || !p.Has(`id="purpose-why"`, `value="téléphone"`) {
		t.Errorf("%d %s", p.Status, p.HTML)
	}
	if p := desk.Post(path+"/withdraw", "purpose", "Agenda", "how", "téléphone"); !p.Has("L'accord est retiré.", "retiré", "téléphone") || p.Has("en vigueur") {
		t.Errorf("%d %s", p.Status, p.HTML)
	}
	if p := desk.Post(path+"/withdraw", "purpose", "Agenda", "how", ""); !p.Has("L'accord était déjà retiré.") {
		t.Errorf("%d %s", p.Status, p.HTML)
	}
	agree("")
	if p := b.Post("/console/opt-outs/add", "add", "0639980001", "reason", ""); p.Status != http.StatusOK {
		t.Fatalf("%d %s", p.Status, p.HTML)
	}
	if p := b.Get(path); !p.Has("le numéro a dit STOP", "sur la liste d'opposition") || p.Has("en vigueur") {
		t.Errorf("%s", p.HTML)
	}
	for actor, act := range map[string]auth.ActCode{"max": auth.ConsentNoted, "claire": auth.ConsentEnded} {
		if len(actsOf(t, w, auth.User{Name: actor}.Actor(), act)) == 0 {
			t.Errorf("%s is not in the audit", act)
		}
	}
}

// TestCampaignOfAGroup begins at the group, says its purpose, and is checked with who agreed.
func TestCampaignOfAGroup(t *testing.T) {
	w := consoletest.Start(t, "")
	w.User("max", auth.Grant{Account: "sandbox", Role: auth.Manager})
	b := w.SignedIn("fr", "max")
	group := newGroup(t, b, "Amis")
	zoe := newContact(t, b, "0639980001", "Zoé", group)
	newContact(t, b, "0639980002", "Léa", group)
	b.Post(zoe+"/agree", "agreed", "Agenda culturel", "source", "formulaire", "proof", "", "day", "")
	begin := "/console/campaigns/new?group=" + group
	if p := b.Get(begin); !p.Has(`action="` + begin + `"`) {
		t.Fatalf("%s", p.HTML)
	}
	p := b.Post(begin, "version", "0", "name", "Concert", "text", "Bonjour ((nom))", "class", "marketing", "sender", "")
	if !p.Has(`value="`+group+`" selected`, "Amis (2 personnes)") {
		t.Fatalf("%s", p.HTML)
	}
	path, _, _ := strings.Cut(p.Path, "/recipients")
	version := versionOn(t, p)
	if p := b.Post(path+"/group", "version", version, "group", "", "purpose", "Agenda"); p.Status != http.StatusUnprocessableEntity || !p.Has(`href="#group"`, "Choisissez un groupe.") {
		t.Errorf("%d %s", p.Status, p.HTML)
	}
	if p := b.Post(path+"/group", "version", version, "group", group, "purpose", " "); p.Status != http.StatusUnprocessableEntity ||
		!p.Has(`href="#purpose"`, "aucune publicité", `value="`+group+`" selected`) {
		t.Errorf("%d %s", p.Status, p.HTML)
	}
	if p := b.Post(path+"/group", "version", version, "group", group, "purpose", "agenda\u0007"); p.Status != http.StatusUnprocessableEntity || !p.Has(`href="#purpose"`) {
		t.Errorf("%d %s", p.Status, p.HTML)
	}
	p = b.Post(path+"/group", "version", version, "group", group, "purpose", "agenda culturel")
	if p.Path != path+"/columns" || !p.Has("Zoé", "Léa") {
		t.Fatalf("%s %s", p.Path, p.HTML)
	}
	if p := b.Get(path + "/recipients"); !p.Has(`value="agenda culturel"`, `value="`+group+`" selected`) {
		t.Errorf("%s", p.HTML)
	}
	if p := b.Post(path+"/group", "version", version, "group", group, "purpose", "agenda culturel"); p.Status != http.StatusConflict {
		t.Errorf("an old form: %d", p.Status)
	}
	b.Post(path+"/columns", columnsForm(versionOn(t, p), "header_row", "1", "column", "number", "encoding", "utf-8", "separator", ";")...)
	w.Await(b, path+"/check", "1 message partira.")
	if p := b.Get(path + "/check"); !p.Has("n'a pas donné son accord pour agenda culturel") {
		t.Errorf("%s", p.HTML)
	}
}

// TestContactsComeInPages: the address of the next page has no number, and that of another account leads nowhere.
func TestContactsComeInPages(t *testing.T) {
	w := consoletest.Start(t, "")
	w.User("max", auth.Grant{Account: "sandbox", Role: auth.Manager})
	for i := range 26 {
		number := "063998" + string(rune('0'+i/10)) + string(rune('0'+i%10)) + "00"
		if _, err := w.API.CreateContact(t.Context(), number, client.ContactRequest{}); err != nil {
			t.Fatal(err)
		}
	}
	b := w.SignedIn("fr", "max")
	first := b.Get("/console/contacts")
	next := first.Between(t, `class="button" href="/console/contacts?after=`, `"`)
	second := b.Get("/console/contacts?after=" + next)
	if strings.Contains(next, "63998") || !second.Has("+33 6 39 98 25 00") || second.Has("+33 6 39 98 24 00") {
		t.Errorf("%s %s", next, second.HTML)
	}
	if p := b.Get("/console/contacts?after=x"); p.Status != http.StatusBadRequest {
		t.Errorf("%d", p.Status)
	}
}
