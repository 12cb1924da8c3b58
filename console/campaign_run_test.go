package console_test

import (
	"fmt"
	"html"
	"net/http"
	"regexp"
	"strconv"
	"strings"
	"testing"
	"time"

	"relais/auth"
	"relais/console/consoletest"
)

// ready makes a campaign that was checked, with what options say.
func ready(t *testing.T, w *consoletest.World, b *consoletest.Browser, file string, pairs ...string) (path, check string) {
	t.Helper()
	path = drafted(t, b, "Bonjour ((nom))", file)
	p := b.Post(path+"/columns", columnsForm(versionOn(t, b.Get(path+"/columns")))...)
	if p.Path != path+"/check" {
		t.Fatalf("%s %s", p.Path, p.HTML)
	}
	w.Await(b, path+"/check", "/options")
	p = b.Get(path + "/options")
	p = b.Post(path+"/options", append([]string{
		"version", versionOn(t, p), "when", "", "rate", "", "duplicates", "same_text", "segments", "",
	}, pairs...)...)
	if p.Path != path+"/summary" {
		t.Fatalf("%d %s %s", p.Status, p.Path, p.HTML)
	}
	p = w.Await(b, path+"/summary", `name="check"`)
	return path, p.Between(t, `name="check" value="`, `"`)
}

func TestCampaignIsSentAndKept(t *testing.T) {
	w := consoletest.Start(t, "")
	w.User("claire", auth.Grant{Account: "sandbox", Role: auth.Agent})
	w.User("rose", auth.Grant{Account: "sandbox", Role: auth.Reader})
	b, rose := w.SignedIn("fr", "claire"), w.SignedIn("en", "rose")
	path, check := ready(t, w, b, table)
	if p := b.Get(path + "/summary"); !p.Has("Envoyer 2 messages (2 SMS) de l'expéditeur du compte, tout de suite.", check, ">Envoyer 2 messages</button>") {
		t.Fatalf("%s", p.HTML)
	}
	if p := b.Post(path+"/start", "check", "c_0000"); p.Path != path+"/check?said=campaign_check_outdated" || !p.Has("rien n'est parti") {
		t.Errorf("what nobody checked is sent: %s %s", p.Path, p.HTML)
	}
	for range 2 { // the second click changes nothing
		if p := b.Post(path+"/start", "check", check); p.Status != http.StatusOK || !p.Has("La campagne est lancée.") {
			t.Fatalf("%d %s", p.Status, p.HTML)
		}
	}
	p := w.Await(b, path, ">terminée</span>", ">2</td>", "2 sur 2 sont confiés à la passerelle", "/export")
	if !p.Has("lignes écartées", path+"/rows?state=skipped", "claire") || p.Has(path+"/pause", path+"/cancel", path+"/drop") {
		t.Errorf("%s", p.HTML)
	}
	if p := b.Get(path + "/rows?state=ended"); !p.Has("+33 6 39 98 00 01", "/console/messages/", "reçu") {
		t.Errorf("%s", p.HTML)
	}
	if p := rose.Get(path + "/rows"); !p.Has("+33 6 •• •• •• 01") || p.Has("639980001", "06 39 98 00 01") {
		t.Errorf("%s", p.HTML)
	}
	file := b.Post(path+"/export", "form", "csv")
	if file.Status != http.StatusOK || !file.Has("Nom,Row,Number,", "Zoé,3,+33639980001,received,") {
		t.Errorf("%d %s", file.Status, file.HTML)
	}
	if file := b.Post(path+"/export", "form", "xlsx"); !strings.HasPrefix(file.HTML, "PK") {
		t.Errorf("%d", file.Status)
	}
	if p := b.Post(path+"/export", "form", "doc"); p.Status != http.StatusBadRequest {
		t.Errorf("%d", p.Status)
	}
	if p := b.Get(path + "/text"); p.Path != path {
		t.Errorf("what was sent can be written: %s", p.Path)
	}
	if acts := actsOf(t, w, "user:claire", "campaign_exported"); len(acts) != 2 {
		t.Errorf("the audit has %+v", acts)
	}
}

// TestCampaignSentBefore: whoever may approve sends the same once more, by a box that says so; others read why not.
func TestCampaignSentBefore(t *testing.T) {
	w := consoletest.Start(t, "")
	w.User("claire", auth.Grant{Account: "sandbox", Role: auth.Agent})
	w.User("paul", auth.Grant{Account: "sandbox", Role: auth.Approver})
	claire, paul := w.SignedIn("fr", "claire"), w.SignedIn("fr", "paul")
	path, check := ready(t, w, claire, table)
	claire.Post(path+"/start", "check", check)
	path, check = ready(t, w, claire, table)
	const why = "Les mêmes textes sont partis vers les mêmes numéros avec la campagne"
	for _, again := range []string{"", "1"} {
		if p := claire.Post(path+"/start", "check", check, "again", again); p.Status != http.StatusUnprocessableEntity || !p.Has(why, "Rien n'a été envoyé.") || p.Has(`name="again"`) {
			t.Errorf("%d %s", p.Status, p.HTML)
		}
	}
	if p := paul.Post(path+"/start", "check", check); p.Status != http.StatusUnprocessableEntity || !p.Has(why, `name="again"`, "Envoyer encore une fois aux mêmes personnes") {
		t.Errorf("%d %s", p.Status, p.HTML)
	}
	if p := paul.Post(path+"/start", "check", check, "again", "1"); p.Status != http.StatusOK || !p.Has("La campagne est lancée.") {
		t.Errorf("%d %s", p.Status, p.HTML)
	}
}

func TestCampaignIsPausedResumedAndCanceled(t *testing.T) {
	w := consoletest.Start(t, "")
	w.User("claire", auth.Grant{Account: "sandbox", Role: auth.Agent})
	b := w.SignedIn("fr", "claire")
	const rows = 200 // so many that most wait, however long the machine stalls: one leaves a minute
	var people strings.Builder
	people.WriteString("Nom;Portable\n")
	for n := range rows {
		fmt.Fprintf(&people, "Zoé;0639980%03d\n", n)
	}
	path, check := ready(t, w, b, people.String(), "rate", "1")
	b.Post(path+"/start", "check", check)
	w.Await(b, path+"/rows?state=ended", "reçu") // what a pause cannot call back
	p := w.Await(b, path, ">en cours</span>", "confié", "sur 200", "Mettre en pause : ", "lignes attendront", "Annuler : ", "lignes ne partiront jamais")
	handed := handedOver(t, p)
	if want := fmt.Sprintf("Mettre en pause : %d lignes attendront", rows-handed); handed == 0 || !p.Has(want) {
		t.Errorf("%q is missing: %s", want, p.HTML)
	}
	for range 2 {
		if p := b.Post(path + "/pause"); p.Status != http.StatusOK || !p.Has("La campagne est en pause.", "Quelqu'un l'a mise en pause.") {
			t.Fatalf("%d %s", p.Status, p.HTML)
		}
	}
	if p := b.Get("/console/campaigns"); !p.Has("en pause", "Quelqu'un l'a mise en pause.") {
		t.Errorf("%s", p.HTML)
	}
	if p := b.Post(path + "/resume"); !p.Has("La campagne reprend.") || p.Has("Reprendre : ") {
		t.Errorf("%d %s", p.Status, p.HTML)
	}
	for range 2 {
		if p := b.Post(path + "/cancel"); !p.Has("La campagne est annulée.") {
			t.Errorf("%d %s", p.Status, p.HTML)
		}
	}
	p = w.Await(b, path, ">annulée</span>", "annulés avec la campagne", "sur 200")
	if n := handedOver(t, p); n == 0 || n > rows/2 {
		t.Errorf("%d were handed over: %s", n, p.HTML)
	}
	if p := b.Post(path + "/resume"); !p.Has("La campagne n'en était plus là.") {
		t.Errorf("%d %s", p.Status, p.HTML)
	}
}

// A text with fields as another program writes them, and a table with two columns of one name:
// the page of the columns shows what fills each field, and the file has their values.
func TestCampaignExportHasTheValues(t *testing.T) {
	w := consoletest.Start(t, "")
	w.User("claire", auth.Grant{Account: "sandbox", Role: auth.Agent})
	b := w.SignedIn("fr", "claire")
	path := drafted(t, b, "Bonjour {Prénom} ((nom (2)))", "Prénom;Nom;Portable;Nom\nZoé;Martin;0639980001;Petit\n")
	p := b.Get(path + "/columns")
	if !p.Has("colonne A : Prénom", "colonne D : Nom") || p.Has("nulle part") {
		t.Errorf("%s", p.HTML)
	}
	if p := b.Post(path+"/columns", columnsForm(versionOn(t, p))...); p.Path != path+"/check" {
		t.Fatalf("%s %s", p.Path, p.HTML)
	}
	w.Await(b, path+"/check", "/options")
	p = w.Await(b, path+"/summary", `name="check"`)
	b.Post(path+"/start", "check", p.Between(t, `name="check" value="`, `"`))
	w.Await(b, path, ">terminée</span>", "/export")
	if file := b.Post(path+"/export", "form", "csv"); !file.Has("Prénom,D,Row,", "Zoé,Petit,2,+33639980001,") {
		t.Errorf("%d %s", file.Status, file.HTML)
	}
}

// handedOver is how many rows the page of a campaign says were handed over.
func handedOver(t *testing.T, p *consoletest.Page) int {
	t.Helper()
	found := handedOverWords.FindStringSubmatch(strings.ReplaceAll(html.UnescapeString(p.HTML), "\u00a0", " "))
	if found == nil {
		t.Fatalf("%s", p.HTML)
	}
	n, err := strconv.Atoi(found[1])
	if err != nil {
		t.Fatal(err)
	}
	return n
}

var handedOverWords = regexp.MustCompile(`(\d+) sur 200 (?:est confié|sont confiés) à la passerelle`)

func TestCampaignIsPlanned(t *testing.T) {
	w := consoletest.Start(t, "")
	w.User("claire", auth.Grant{Account: "sandbox", Role: auth.Agent})
	b := w.SignedIn("fr", "claire")
	tomorrow := time.Now().Add(30 * time.Hour).Format("2006-01-02T15:04")
	after := time.Now().Add(54 * time.Hour).Format("2006-01-02T15:04")
	path, check := ready(t, w, b, table, "when", tomorrow, "end", after, "hours", "09:00-12:00", "days", "mon-sat")
	p := b.Get(path + "/options")
	if !p.Has(`value="`+tomorrow+`"`, `value="`+after+`"`, `value="09:00-12:00"`, `value="mon-sat" selected`) {
		t.Errorf("%s", p.HTML)
	}
	for field, typed := range map[string][]string{
		"hours": {"hours", "9h-12h"}, "days": {"days", "lundi"}, "end": {"when", after, "end", tomorrow},
	} {
		bad := b.Post(path+"/options", append([]string{"version", versionOn(t, p), "duplicates", "same_text"}, typed...)...)
		if bad.Status != http.StatusUnprocessableEntity || !bad.Has(`href="#`+field+`"`, typed[len(typed)-1]) {
			t.Errorf("%s: %d %s", field, bad.Status, bad.HTML)
		}
	}
	bad := b.Post(path+"/options", "version", versionOn(t, p), "when", "2001-01-01T00:00", "rate", "vite", "duplicates", "first", "segments", "0")
	if bad.Status != http.StatusUnprocessableEntity ||
		!bad.Has(`href="#when"`, `href="#rate"`, `href="#segments"`, `value="vite"`, "Ce moment est passé") {
		t.Errorf("%d %s", bad.Status, bad.HTML)
	}
	if p := b.Get(path + "/summary"); !p.Has("Programmer 2 messages") {
		t.Errorf("%s", p.HTML)
	}
	if p := b.Post(path+"/start", "check", check); !p.Has("programmée", "Départ : ", "Annuler : 2 lignes ne partiront jamais") {
		t.Fatalf("%d %s", p.Status, p.HTML)
	}
	if p := b.Post(path + "/cancel"); !p.Has("La campagne est annulée.") {
		t.Errorf("%d %s", p.Status, p.HTML)
	}
}

// TestCampaignRowsArePreviewedAndTested: any row is shown as it would leave, and sent to the
// person who looks.
func TestCampaignRowsArePreviewedAndTested(t *testing.T) {
	w := consoletest.Start(t, "")
	w.User("claire", auth.Grant{Account: "sandbox", Role: auth.Agent})
	b := w.SignedIn("fr", "claire")
	path, _ := ready(t, w, b, table)
	p := b.Get(path + "/preview")
	if p.Path != path+"/preview?row=3" || !p.Has("Bonjour Zoé", "+33 6 39 98 00 01", "1 SMS", "tout de suite", path+"/preview?row=4", "Dernière ligne") {
		t.Fatalf("%s %s", p.Path, p.HTML)
	}
	if p := b.Get(path + "/preview?row=5"); !p.Has("Cette ligne ne reçoit pas de message.") || p.Has(path+"/test") {
		t.Errorf("%s", p.HTML)
	}
	for row, why := range map[string]string{"40": "n&#39;a pas de ligne 40", "x": "Écrivez le numéro", "-1": "Écrivez le numéro"} {
		if p := b.Get(path + "/preview?row=" + row); p.Status != http.StatusUnprocessableEntity || !strings.Contains(p.HTML, why) || !p.Has(`href="#row"`) {
			t.Errorf("%d %s", p.Status, p.HTML)
		}
	}
	if p := b.Post(path+"/test", "row", "4", "to", "0639"); p.Status != http.StatusUnprocessableEntity || !p.Has(`href="#to"`, `value="0639"`) {
		t.Errorf("%d %s", p.Status, p.HTML)
	}
	for range 5 {
		if p := b.Post(path+"/test", "row", "4", "to", "06 39 98 00 88"); !p.Has("L'essai est parti.", "Bonjour Léa") {
			t.Fatalf("%d %s", p.Status, p.HTML)
		}
	}
	if p := b.Post(path+"/test", "row", "4", "to", "06 39 98 00 88"); !p.Has("5 essais ont été envoyés en 24 heures") {
		t.Errorf("%d %s", p.Status, p.HTML)
	}
	if p := b.Get(path); !p.Has("Un essai a été envoyé.", "prête") {
		t.Errorf("%s", p.HTML)
	}
	if acts := actsOf(t, w, "user:claire", "campaign_tested"); len(acts) != 5 {
		t.Errorf("the audit has %+v", acts)
	}
	w.User("rose", auth.Grant{Account: "sandbox", Role: auth.Reader})
	if p := w.SignedIn("fr", "rose").Post(path+"/test", "row", "4", "to", "0639980088"); p.Status != http.StatusForbidden {
		t.Errorf("%d", p.Status)
	}
}

// TestCampaignGoesOn: what failed is sent again, and a mended file is taken, from the page of a
// campaign that ended.
func TestCampaignGoesOn(t *testing.T) {
	w := consoletest.Start(t, "")
	w.User("claire", auth.Grant{Account: "sandbox", Role: auth.Agent})
	b := w.SignedIn("fr", "claire")
	// The simulated handset whose number ends in 50 to 54 is absent.
	path, check := ready(t, w, b, "Nom;Portable\nZoé;0639980001\nLéa;0639980951\n")
	if p := b.Post(path + "/retry"); !p.Has("La campagne n'en était plus là.") {
		t.Errorf("%d %s", p.Status, p.HTML)
	}
	b.Post(path+"/start", "check", check)
	w.Await(b, path, ">terminée</span>", path+"/correction")
	p := b.Post(path + "/correction")
	if !strings.HasSuffix(p.Path, "/recipients") || strings.HasPrefix(p.Path, path) {
		t.Fatalf("%s %s", p.Path, p.HTML)
	}
	mended := strings.TrimSuffix(p.Path, "/recipients")
	p = b.Upload(mended+"/recipients", "file", "b.csv", "Nom;Portable\nZoé;0639980001\nRose;0639980003\n", "for", "sandbox", "version", versionOn(t, p))
	if p.Path != mended+"/columns" {
		t.Fatalf("%s %s", p.Path, p.HTML)
	}
	b.Post(mended + "/check")
	w.Await(b, mended+"/check", "1 message partira.", "Le numéro a un message de la campagne")
	if p := b.Get(mended); !p.Has(`href="`+path+`"`, "la campagne d'avant") {
		t.Errorf("%s", p.HTML)
	}
	again := b.Post(path + "/retry")
	if !strings.HasSuffix(again.Path, "/check") || strings.HasPrefix(again.Path, path) {
		t.Errorf("%s %s", again.Path, again.HTML)
	}
	w.User("rose", auth.Grant{Account: "sandbox", Role: auth.Reader})
	if p := w.SignedIn("fr", "rose").Post(path + "/retry"); p.Status != http.StatusForbidden {
		t.Errorf("%d", p.Status)
	}
}
