package console_test

import (
	"fmt"
	"net/http"
	"strings"
	"sync"
	"testing"
	"time"

	"relais/auth"
	"relais/console/consoletest"
	"relais/door/ovh"
)

// TestJournalOfEdits: the journal says of each change what stood there and what stands
// there now, but for texts and for what may hold a secret.
func TestJournalOfEdits(t *testing.T) {
	w := consoletest.Start(t, "")
	w.User("max", auth.Grant{Account: "sandbox", Role: auth.Manager})
	w.User("dora", auth.Grant{Account: "sandbox", Role: auth.DPO})
	_, key, err := auth.MakeKey(t.Context(), w.Store, auth.Key{
		Account: "sandbox", Name: "guichet", CreatedAt: time.Now(),
		Limits: auth.KeyLimits{Rights: []auth.KeyRight{auth.KeySend, auth.KeyRead}},
	})
	if err != nil {
		t.Fatal(err)
	}
	hook, err := w.API.CreateWebhook(t.Context(), "https://town.example/secret-of-before", nil)
	if err != nil {
		t.Fatal(err)
	}
	max, done := w.SignedIn("fr", "max"), func(p *consoletest.Page) {
		t.Helper()
		if p.Status != http.StatusOK {
			t.Fatalf("%d %s", p.Status, p.HTML)
		}
	}
	seen := func(path string) string { return max.Get(path).Between(t, `name="seen" value="`, `"`) }
	path := "/console/keys/" + key.ID
	done(max.Post(path, "seen", seen(path), "send", "1", "networks", "192.0.2.0/24", "senders", "VILLE"))
	path = "/console/webhooks/" + hook.ID + "/change"
	done(max.Post(path, "seen", seen(path), "url", "https://town.example/secret-of-now", "on_message_delivered", "1"))
	done(max.Post(path, "seen", seen(path), "url", "https://other.example/x", "on_message_delivered", "1"))
	made := max.Post("/console/templates/new", templateForm("save", "name", "Rappel", "text", "Bonjour à vous", "class", "otp")...)
	done(made)
	path, _, _ = strings.Cut(made.Path, "?")
	done(max.Post(path, templateForm("save", "version", "1", "name", "Rappel 2", "text", "Bonsoir", "class", "transactional",
		"circle", "managers")...))
	var hostile auth.Edits
	hostile.Note("name", nil, []string{"\u202e<b>VILLE"})
	hostile.Note("<i>field", nil, []string{"x"})
	act := auth.By{Actor: "user:max"}.Act("sandbox", auth.TemplateChanged, "t", "2").Changing(hostile)
	if err := w.People.Record(t.Context(), act); err != nil {
		t.Fatal(err)
	}

	for language, says := range map[string][]string{
		"fr": {
			"Droits\u00a0: avant <bdi>lire, envoyer</bdi>, maintenant <bdi>envoyer</bdi>",
			"Réseaux\u00a0: avant <bdi>rien</bdi>, maintenant <bdi>192.0.2.0/24</bdi>",
			"Adresse\u00a0: modifié, et non montré ici", "Événements\u00a0: avant <bdi>rien</bdi>, maintenant <bdi>Reçu</bdi>",
			"avant <bdi>https://town.example</bdi>, maintenant <bdi>https://other.example</bdi>",
			"Nom\u00a0: avant <bdi>Rappel</bdi>, maintenant <bdi>Rappel 2</bdi>", "Texte\u00a0: modifié, et non montré ici",
			"avant <bdi>code à usage unique</bdi>, maintenant <bdi>information</bdi>",
			"Qui peut l&#39;utiliser\u00a0: avant",
		},
		"en": {
			"Rights: before <bdi>read, send</bdi>, now <bdi>send</bdi>", "Senders: before <bdi>nothing</bdi>, now <bdi>",
			"Address: changed, and not shown here", "Events: before <bdi>nothing</bdi>, now <bdi>",
		},
	} {
		p := w.SignedIn(language, "dora").Get("/console/audit")
		body := p.Between(t, "<tbody>", "</tbody>")
		for _, piece := range says {
			if !strings.Contains(body, piece) {
				t.Errorf("%s: no %q in %s", language, piece, body)
			}
		}
		for _, hidden := range []string{"secret-of", "Bonjour", "Bonsoir", "\u202e", "<b>VILLE", "<i>field"} {
			if strings.Contains(body, hidden) {
				t.Errorf("%s: the journal holds %q", language, hidden)
			}
		}
	}
	p := w.SignedIn("fr", "dora").Post("/console/audit/export", "act", "key_limited")
	if !p.Has("rights: read, send → send; networks:  → 192.0.2.0/24") || !p.Has(",via,changes\n") {
		t.Errorf("the file is %s", p.HTML)
	}
}

// TestWebhookIsChangedByMany: of those who change a webhook at one moment one has done it,
// and each of the others sees what that one did.
func TestWebhookIsChangedByMany(t *testing.T) {
	w := consoletest.Start(t, "")
	hook, err := w.API.CreateWebhook(t.Context(), "https://town.example/a", nil)
	if err != nil {
		t.Fatal(err)
	}
	const people = 4
	path := "/console/webhooks/" + hook.ID + "/change"
	browsers, seen := make([]*consoletest.Browser, people), ""
	for i := range people {
		name := fmt.Sprintf("mona%d", i)
		w.User(name, auth.Grant{Account: "sandbox", Role: auth.Manager})
		browsers[i] = w.SignedIn("en", name)
		seen = browsers[i].Get(path).Between(t, `name="seen" value="`, `"`)
	}
	pages := make(chan *consoletest.Page, people)
	var asking sync.WaitGroup
	for i, b := range browsers { // one that breaks ends its goroutine without a page
		asking.Go(func() { pages <- b.Post(path, "seen", seen, "url", fmt.Sprintf("https://town.example/b%d", i)) })
	}
	asking.Wait()
	close(pages)
	won := 0
	var late []*consoletest.Page
	for p := range pages {
		if p.Status == http.StatusOK {
			won++
		} else {
			late = append(late, p)
		}
	}
	now := browsers[0].Get(path).Between(t, `name="url"`, ">")
	now = now[strings.Index(now, "https://"):strings.LastIndex(now, `"`)]
	now, _, _ = strings.Cut(now, `"`)
	if won != 1 || won+len(late) != people {
		t.Errorf("%d of %d counted, %d were late", won, people, len(late))
	}
	for _, p := range late {
		if p.Status != http.StatusConflict || !p.Has(now) {
			t.Errorf("%d, without %s: %s", p.Status, now, p.Between(t, "<main", "</form>"))
		}
	}
}

// TestJournalOfApplications: what an application of the OVH door did can be asked for, by
// who watches its account and nobody else.
func TestJournalOfApplications(t *testing.T) {
	w := consoletest.Start(t, "")
	w.User("dora", auth.Grant{Account: "sandbox", Role: auth.DPO})
	w.User("eve", auth.Grant{Account: "default", Role: auth.DPO})
	application := ovh.Application{
		ID: 4711, Key: "key", Secret: []byte("sealed"), Account: "sandbox", Name: "<b>agenda\u202e", CreatedAt: time.Now(),
	}
	if err := w.Store.AddOVHApplication(t.Context(), application); err != nil {
		t.Fatal(err)
	}
	by := auth.WithBy(t.Context(), auth.By{Actor: ovh.ActorOf(&application), Via: application.Name})
	limits := auth.KeyLimits{Connectors: []string{"ovh"}}
	if _, err := w.Store.LimitOVHApplication(by, application.ID, limits); err != nil {
		t.Fatal(err)
	}
	dora, eve := w.SignedIn("en", "dora"), w.SignedIn("fr", "eve")
	p := dora.Get("/console/audit?person=ovh:4711")
	if p.Status != http.StatusOK || !p.Has(`<option value="ovh:4711" selected>`, "now <bdi>ovh</bdi>") ||
		!strings.Contains(p.HTML, "(&lt;b&gt;agenda‹U&#43;202E›)") {
		t.Errorf("%d %s", p.Status, p.HTML)
	}
	if p := dora.Get("/console/audit?person=nobody"); strings.Contains(p.Between(t, "<main", "</main>"), "now <bdi>ovh") {
		t.Error("somebody else shows what the application did")
	}
	if p := eve.Get("/console/audit?person=ovh:4711"); p.Status != http.StatusNotFound {
		t.Errorf("an application of another account: %d", p.Status)
	}
	if p := eve.Get("/console/audit"); p.Has("4711") {
		t.Error("an account's journal has the applications of another")
	}
}
