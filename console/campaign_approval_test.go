package console_test

import (
	"fmt"
	"net/http"
	"regexp"
	"strings"
	"testing"

	"relais/auth"
	"relais/client"
	"relais/console/consoletest"
)

const approving = "[account.sandbox]\napprove_above_rows = 1\n"

func TestCampaignIsApprovedBySomebodyElse(t *testing.T) {
	w := consoletest.Start(t, approving)
	w.User("claire", auth.Grant{Account: "sandbox", Role: auth.Approver})
	w.User("bruno", auth.Grant{Account: "sandbox", Role: auth.Approver})
	w.User("anne", auth.Grant{Account: "sandbox", Role: auth.Agent})
	claire, bruno, anne := w.SignedIn("fr", "claire"), w.SignedIn("fr", "bruno"), w.SignedIn("fr", "anne")
	path, check := ready(t, w, claire, table)
	said := "au-delà de 1, une personne qui ne l'a ni écrite ni lancée doit l'approuver"
	if p := claire.Get(path + "/summary"); !p.Has(said, ">Demander l'approbation : 2 messages</button>") {
		t.Fatalf("%s", p.HTML)
	}
	p := claire.Post(path+"/start", "check", check)
	if !p.Has("Rien ne part avant.", ">à approuver</span>", said, "Approbation demandée par", "Annuler : 2 lignes", path+"/text") ||
		p.Has(path+"/approval", path+"/drop") {
		t.Errorf("%s", p.HTML)
	}
	if p := claire.Get("/console/"); p.Has("attend votre approbation") {
		t.Errorf("whoever wrote it is asked: %s", p.HTML)
	}
	if p := claire.Get(path + "/approval"); !p.Has("Vous avez écrit ou lancé cette campagne") || p.Has(`action="`+path+`/approve"`) {
		t.Errorf("%s", p.HTML)
	}
	if p := claire.Post(path+"/approve", "check", check); p.Status != http.StatusUnprocessableEntity || !p.Has("une autre personne de l'approuver") {
		t.Errorf("whoever wrote it agrees: %d %s", p.Status, p.HTML)
	}
	if p := anne.Get(path + "/approval"); p.Status != http.StatusForbidden {
		t.Errorf("an agent decides: %d", p.Status)
	}
	if p := bruno.Get("/console/"); !p.Has("Une campagne attend votre approbation", `href="`+path+`/approval"`) {
		t.Errorf("%s", p.HTML)
	}
	p = bruno.Get(path + "/approval")
	if !p.Has("Envoyer 2 messages (2 SMS)", "Bonjour ((nom))", check, "claire", ">Approuver : 2 messages partiront</button>", said, path+"/bad-rows") {
		t.Errorf("%s", p.HTML)
	}
	if p := bruno.Post(path+"/refuse", "check", check, "sentence", " "); p.Status != http.StatusUnprocessableEntity ||
		!p.Has(`id="sentence-why"`, "Dites en une phrase") {
		t.Errorf("%d %s", p.Status, p.HTML)
	}
	bruno.Post(path+"/refuse", "check", check, "sentence", "La date <b>est</b> fausse.")
	p = claire.Get(path)
	if !p.Has(">brouillon</span>", "La date <b>est</b> fausse.", "bruno", path+"/columns", path+"/drop") {
		t.Errorf("%s", p.HTML)
	}
	if p := bruno.Post(path+"/approve", "check", check); !p.Has("La campagne avait bougé") && p.Path != path+"?said=campaign_moved" {
		t.Errorf("what was refused is approved: %s %s", p.Path, p.HTML)
	}
	claire.Post(path + "/check")
	p = w.Await(claire, path+"/summary", `name="check"`)
	check = p.Between(t, `name="check" value="`, `"`)
	claire.Post(path+"/start", "check", check)
	for range 2 { // the second click changes nothing
		if p := bruno.Post(path+"/approve", "check", check); p.Status != http.StatusOK || !p.Has("La campagne est approuvée.") {
			t.Fatalf("%d %s", p.Status, p.HTML)
		}
	}
	w.Await(claire, path, ">terminée</span>", ">Approuvée<", "bruno")
	for _, act := range []auth.ActCode{auth.CampaignRefused, auth.CampaignApproved} {
		if acts := actsOf(t, w, "user:bruno", act); len(acts) != 1 || acts[0].Note == "" {
			t.Errorf("the audit has %+v of %s", acts, act)
		}
	}
	if acts := actsOf(t, w, "user:claire", auth.CampaignSubmitted); len(acts) != 2 {
		t.Errorf("the audit has %+v", acts)
	}
}

// TestNumberOfMessagesIsTyped: where nobody else is asked, whoever sends much types how much it is.
func TestNumberOfMessagesIsTyped(t *testing.T) {
	w := consoletest.Start(t, "")
	w.User("claire", auth.Grant{Account: "sandbox", Role: auth.Agent})
	b := w.SignedIn("fr", "claire")
	const rows = 1001
	var people strings.Builder
	people.WriteString("Nom;Portable\n")
	for n := range rows {
		fmt.Fprintf(&people, "Zoé;063998%04d\n", n)
	}
	path, check := ready(t, w, b, people.String(), "rate", "1")
	typed := b.Get(path+"/summary").Between(t, `<label for="typed">Tapez `, " pour confirmer")
	if strings.Map(func(r rune) rune {
		if r < '0' || r > '9' {
			return -1
		}
		return r
	}, typed) != "1001" {
		t.Fatalf("%q", typed)
	}
	for _, wrong := range []string{"", "1000", "mille"} {
		p := b.Post(path+"/start", "check", check, "typed", wrong)
		if p.Status != http.StatusUnprocessableEntity || !p.Has(`id="typed-why"`, "rien n'est encore parti", `value="`+wrong+`"`) {
			t.Errorf("%q: %d %s", wrong, p.Status, p.HTML)
		}
	}
	if p := b.Post(path+"/start", "check", check, "typed", "1 001"); p.Status != http.StatusOK || !p.Has("La campagne est lancée.") {
		t.Errorf("%d %s", p.Status, p.HTML)
	}
	b.Post(path + "/cancel")
}

// TestAKeyIsNoSecondPersonBesideItsMaker: whoever made a key in the console is the person behind it.
func TestAKeyIsNoSecondPersonBesideItsMaker(t *testing.T) {
	w := consoletest.Start(t, approving)
	w.User("mona", auth.Grant{Account: "sandbox", Role: auth.Manager})
	w.User("bruno", auth.Grant{Account: "sandbox", Role: auth.Approver})
	mona, bruno := w.SignedIn("fr", "mona"), w.SignedIn("fr", "bruno")
	p := mona.Post("/console/keys", "name", "mine", "read", "1", "send", "1", "manage", "1")
	key := client.New(w.App.URL(), regexp.MustCompile(`relais_[a-z2-7]+_[a-z2-7]+`).FindString(p.HTML))
	c, err := key.CreateCampaign(t.Context(), client.CampaignRequest{Name: "Vœux", Text: "Bonjour ((nom))", Class: "transactional"})
	if err != nil {
		t.Fatal(err)
	}
	if _, err := key.PutCampaignFile(t.Context(), c.ID, "a.csv", strings.NewReader(table)); err != nil {
		t.Fatal(err)
	}
	if _, err := key.CheckCampaign(t.Context(), c.ID); err != nil {
		t.Fatal(err)
	}
	path := "/console/campaigns/" + c.ID
	check := w.Await(mona, path+"/summary", `name="check"`).Between(t, `name="check" value="`, `"`)
	if c, err = key.StartCampaign(t.Context(), c.ID, check); err != nil || c.Status != "awaiting_approval" {
		t.Fatalf("%+v, %v", c, err)
	}
	if p := mona.Get("/console/"); p.Has("attend votre approbation") {
		t.Errorf("whoever made the key is asked: %s", p.HTML)
	}
	if p := mona.Get(path); p.Has(path + "/approval") {
		t.Errorf("whoever made the key is asked: %s", p.HTML)
	}
	if p := mona.Get(path + "/approval"); !p.Has("Vous avez écrit ou lancé cette campagne") || p.Has(`action="`+path+`/approve"`) {
		t.Errorf("%s", p.HTML)
	}
	for step, fields := range map[string][]string{
		"/approve": {"check", check}, "/refuse": {"check", check, "sentence", "Non."},
	} {
		if p := mona.Post(path+step, fields...); p.Status != http.StatusUnprocessableEntity {
			t.Errorf("%s by whoever made the key: %d %s", step, p.Status, p.HTML)
		}
	}
	if p := bruno.Post(path+"/approve", "check", check); !p.Has("La campagne est approuvée.") {
		t.Errorf("%d %s", p.Status, p.HTML)
	}
}
