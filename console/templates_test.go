package console_test

import (
	"net/http"
	"strings"
	"testing"

	"relais/auth"
	"relais/client"
	"relais/console/consoletest"
)

// form are the fields of a template, with what differs.
func templateForm(do string, pairs ...string) []string {
	return append([]string{
		"folder", "Accueil", "class", "", "sender", "", "circle", "everyone", "do", do,
	}, pairs...)
}

func TestTemplateIsMadeTriedChangedAndSentWith(t *testing.T) {
	w := consoletest.Start(t, "")
	w.User("max", auth.Grant{Account: "sandbox", Role: auth.Manager})
	w.User("mia", auth.Grant{Account: "sandbox", Role: auth.Manager})
	w.User("claire", auth.Grant{Account: "sandbox", Role: auth.Agent})
	w.User("rose", auth.Grant{Account: "sandbox", Role: auth.Reader})
	max, mia, claire, rose := w.SignedIn("fr", "max"), w.SignedIn("fr", "mia"), w.SignedIn("fr", "claire"), w.SignedIn("en", "rose")
	if p := max.Get("/console/templates"); !p.Has("Il n'y a encore aucun modèle.", "/console/templates/new") {
		t.Fatal(p.HTML)
	}
	const text = "Bonjour ((prénom|Madame)), le ((date)).((papiers?? Venez avec vos papiers.)) <b>"
	tried := max.Post("/console/templates/new", templateForm("check", "name", "RDV", "text", text, "samples", "date = 3 mars\nPAPIERS=oui")...)
	if !tried.Has("Bonjour Madame, le 3 mars. Venez avec vos papiers. <b>", "1 SMS", text[:20]) {
		t.Fatal(tried.HTML)
	}
	bad := max.Post("/console/templates/new", templateForm("save", "name", "RDV", "text", "((date")...)
	if bad.Status != http.StatusUnprocessableEntity || !bad.Has(`role="alert"`, `href="#text"`, "n'est pas fermé", "((date") {
		t.Fatalf("%d %s", bad.Status, bad.HTML)
	}
	strange := max.Post("/console/templates/new", templateForm("check", "name", "RDV", "text", text, "samples", "dat = 1")...)
	if strange.Status != http.StatusUnprocessableEntity || !strange.Has(`href="#samples"`, "Voulez-vous dire « date »") {
		t.Errorf("%d %s", strange.Status, strange.HTML)
	}
	made := max.Post("/console/templates/new", templateForm("save", "name", "RDV", "text", text)...)
	if !made.Has("Le modèle est enregistré.", "Utilisé pour 0 message.") {
		t.Fatal(made.HTML)
	}
	path := strings.TrimSuffix(made.Path, "?said=template_saved")
	if twice := max.Post("/console/templates/new", templateForm("save", "name", "rdv", "text", "x")...); !twice.Has("Un autre modèle porte ce nom", `href="#name"`) {
		t.Error(twice.HTML)
	}
	if p := rose.Get(path); p.Status != http.StatusOK || p.Has(`name="text"`) || p.Has("/console/send?template=") {
		t.Errorf("a reader may change or use it: %d", p.Status)
	}
	if p := claire.Post(path, templateForm("save", "name", "RDV", "text", "x", "version", "1")...); p.Status != http.StatusForbidden {
		t.Errorf("an agent changes it: %d", p.Status)
	}

	if p := mia.Post(path, templateForm("save", "name", "RDV", "text", text+"!", "version", "1")...); !p.Has("Le modèle est enregistré.") {
		t.Fatal(p.HTML)
	}
	late := max.Post(path, templateForm("save", "name", "RDV", "text", "À moi ((date))", "version", "1")...)
	if late.Status != http.StatusConflict || !late.Has("Un collègue a changé ce modèle", "À moi ((date))", `name="version" value="2"`) {
		t.Fatalf("%d %s", late.Status, late.HTML)
	}

	id := path[strings.LastIndex(path, "/")+1:]
	if p := claire.Get("/console/send"); !p.Has(`<option value="`+id, "Accueil / RDV") {
		t.Fatal(p.HTML)
	}
	p := claire.Get("/console/send?template=" + id)
	if !p.Has(`name="value-0"`, `name="value-2"`, "oui ou non", `name="template" value="`+id) {
		t.Fatal(p.HTML)
	}
	form := func(do string, more ...string) []string {
		return append([]string{
			"form", p.Between(t, `name="form" value="`, `"`), "template", id, "version", "2", "to", "06 39 98 00 01",
			"class", "transactional", "sender", "", "when", "", "do", do,
		}, more...)
	}
	empty := claire.Post("/console/send", form("send", "value-0", "Zoé")...)
	if empty.Status != http.StatusUnprocessableEntity || !empty.Has(`href="#value-1"`, `id="value-1-why"`, `value="Zoé"`) {
		t.Fatalf("%d %s", empty.Status, empty.HTML)
	}
	if p := claire.Post("/console/send", form("check", "value-0", "Zoé", "value-1", "4/12")...); !p.Has("Bonjour Zoé, le 4/12. <b>!") {
		t.Fatal(p.HTML)
	}
	if p := claire.Post("/console/send", form("send", "value-0", "Zoé", "value-1", "4/12")...); !p.Has("Bonjour Zoé, le 4/12.", "RDV", "version 2") {
		t.Fatal(p.HTML)
	}
	if p := max.Get(path); !p.Has("Utilisé pour 1 message.") {
		t.Error("its use is not counted")
	}

	if p := max.Post(path + "/archive"); !p.Has("Le modèle est archivé", path+"/restore") {
		t.Fatal(p.HTML)
	}
	if p := claire.Get("/console/send?template=" + id); p.Status != http.StatusNotFound {
		t.Errorf("what was put away can be used: %d", p.Status)
	}
	if p := max.Get("/console/templates?show=archived"); !p.Has(path) {
		t.Error("what was put away cannot be found")
	}
	if p := max.Post(path + "/restore"); !p.Has("Le modèle est rétabli.") {
		t.Fatal(p.HTML)
	}
	for _, code := range []auth.ActCode{"template_made", "template_archived", "template_restored"} {
		if acts := actsOf(t, w, "user:max", code); len(acts) != 1 || acts[0].Subject != id {
			t.Errorf("the audit has %+v of %s", acts, code)
		}
	}
	if p := max.Get("/console/templates/01a20393-91e2-7001-a976-f9f7c87e76e8"); p.Status != http.StatusNotFound {
		t.Errorf("an unknown one: %d", p.Status)
	}
}

func TestTemplateOfManagersIsTheirs(t *testing.T) {
	w := consoletest.Start(t, "")
	w.User("claire", auth.Grant{Account: "sandbox", Role: auth.Agent})
	w.User("max", auth.Grant{Account: "sandbox", Role: auth.Manager})
	made, err := w.API.CreateTemplate(t.Context(), client.TemplateRequest{Name: "Alerte", Text: "Crue", Circle: "managers"})
	if err != nil {
		t.Fatal(err)
	}
	claire, max := w.SignedIn("fr", "claire"), w.SignedIn("fr", "max")
	at := "/console/send?template=" + made.ID
	if p := claire.Get(at); p.Status != http.StatusNotFound || claire.Get("/console/send").Has("Alerte") {
		t.Errorf("an agent uses a template of managers: %d", p.Status)
	}
	if p := max.Get(at); p.Status != http.StatusOK || !max.Get("/console/send").Has("Alerte") {
		t.Errorf("a manager does not: %d", p.Status)
	}
}
