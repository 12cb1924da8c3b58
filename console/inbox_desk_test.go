package console_test

import (
	"net/http"
	"strings"
	"sync"
	"testing"
	"time"

	"relais/auth"
	"relais/client"
	"relais/console/consoletest"
	"relais/inbox"
	"relais/sms"
)

// team is a world with two agents and a reader, and a reply that waits.
func team(t *testing.T) (w *consoletest.World, claire, luc, rose *consoletest.Browser, path string) {
	t.Helper()
	w = consoletest.Start(t, "")
	w.User("claire", auth.Grant{Account: "sandbox", Role: auth.Agent})
	w.User("luc", auth.Grant{Account: "sandbox", Role: auth.Agent})
	w.User("rose", auth.Grant{Account: "sandbox", Role: auth.Reader})
	claire, luc, rose = w.SignedIn("fr", "claire"), w.SignedIn("en", "luc"), w.SignedIn("fr", "rose")
	return w, claire, luc, rose, "/console/inbox/" + talked(t, w, "+33639980001", "Quels papiers ?")
}

// idIn is the id of a colleague in the form by which a conversation is handed over.
func idIn(t *testing.T, p *consoletest.Page, name string) string {
	t.Helper()
	before, _, found := strings.Cut(p.Between(t, `<select id="to"`, "</select>"), ">"+name+"</option>")
	if !found {
		t.Fatalf("%s is not offered: %s", name, p.HTML)
	}
	at := strings.LastIndex(before, `value="`)
	id, _, _ := strings.Cut(before[at+len(`value="`):], `"`)
	return id
}

func TestConversationIsAssigned(t *testing.T) {
	w, claire, luc, rose, path := team(t)
	if p := claire.Get("/console/inbox?show=mine"); !p.Has("Aucune conversation à traiter n'est à vous.") || p.Has(path) {
		t.Fatal(p.HTML)
	}
	p := claire.Get(path)
	if !p.Has("Cette conversation n'est confiée à personne.", "Je m'en occupe") {
		t.Fatal(p.HTML)
	}
	toLuc, self := idIn(t, p, "luc"), p.Between(t, `name="to" value="`, `"`)
	for range 2 { // a form that is sent twice
		if p := claire.Post(path+"/assign", "was", "", "to", self); !p.Has("Vous vous occupez de cette conversation.") {
			t.Fatal(p.HTML)
		}
	}
	if p := claire.Get("/console/inbox?show=mine"); !p.Has(path, "<strong>moi</strong>") {
		t.Fatal(p.HTML)
	}
	if p := luc.Get("/console/inbox"); !p.Has(path, "claire</bdi>") || luc.Get("/console/inbox?show=mine").Has(path) {
		t.Fatal(p.HTML)
	}
	if p := luc.Post(path+"/assign", "was", "", "to", toLuc); !p.Has("A colleague was faster", "claire sees to this conversation.") {
		t.Errorf("the second does not see what the first did: %s", p.HTML)
	}
	if p := luc.Post(path+"/assign", "was", "user:claire", "to", toLuc); !p.Has("You see to this conversation now.") {
		t.Error(p.HTML)
	}
	next := reply(t, w, "+33639980001", "Alors ?")
	if p := luc.Get("/console/inbox?show=mine"); !p.Has(next) || p.Has(path) {
		t.Errorf("a new reply is not with the same colleague: %s", p.HTML)
	}
	if p := claire.Post(path+"/assign", "was", "user:luc", "to", ""); !p.Has("La conversation n'est plus confiée à personne.") {
		t.Error(p.HTML)
	}
	for _, none := range []string{"nobody", idOf(t, w, "rose")} {
		if p := claire.Post(path+"/assign", "was", "", "to", none); p.Status != http.StatusUnprocessableEntity ||
			!p.Has("Ce collègue ne peut pas répondre ici", `href="#to"`) {
			t.Errorf("to %q: %d", none, p.Status)
		}
	}
	if p := luc.Post(path+"/assign", "was", "", "to", "nobody"); !p.Has("This colleague cannot answer here") {
		t.Error(p.HTML)
	}
	if p := rose.Post(path+"/assign", "was", "", "to", self); p.Status != http.StatusForbidden {
		t.Errorf("a reader assigns: %d", p.Status)
	}
	if p := rose.Get(path); p.Has("Je m'en occupe") || rose.Get("/console/inbox").Has("show=mine") {
		t.Error("a reader is offered to see to it")
	}
	acts := append(actsOf(t, w, "user:claire", "conversation_assigned"), actsOf(t, w, "user:luc", "conversation_assigned")...)
	if len(acts) != 3 {
		t.Errorf("the audit has %+v", acts)
	}
}

func idOf(t *testing.T, w *consoletest.World, name string) string {
	t.Helper()
	all, err := w.People.Users(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	for _, u := range all {
		if u.Name == name {
			return u.ID
		}
	}
	t.Fatal("no " + name)
	return ""
}

func TestNotesOfColleagues(t *testing.T) {
	const said = "Rappeler après 17 h, elle est sourde"
	w, claire, luc, rose, path := team(t)
	for text, why := range map[string]string{
		"  ": "La note est vide.", strings.Repeat("a", inbox.MaxNote+1): "Écrivez-la plus courte", "a\x07": "caractère qui ne peut pas",
	} {
		p := claire.Post(path+"/notes", "note", text)
		if p.Status != http.StatusUnprocessableEntity || !p.Has(why, `href="#note"`, `id="note-why"`) {
			t.Errorf("%.5q: %d", text, p.Status)
		}
	}
	if p := luc.Post(path+"/notes", "note", ""); !p.Has("The note is empty.") {
		t.Error(p.HTML)
	}
	if p := claire.Post(path+"/notes", "note", said); !p.Has("La note est dans la conversation", "<bdi>"+said+"</bdi>", "Retirer la note") {
		t.Fatal(p.HTML)
	}
	p := luc.Get(path)
	if !p.Has(said, "claire", "note, not sent") || p.Has("Remove the note") {
		t.Fatal(p.HTML)
	}
	if p := rose.Get(path); p.Has(said) {
		t.Error("who may not read texts reads notes")
	}
	if p := rose.Post(path+"/notes", "note", "x"); p.Status != http.StatusForbidden {
		t.Errorf("a reader adds a note: %d", p.Status)
	}
	note := claire.Get(path).Between(t, path+"/notes/", "/remove")
	if p := luc.Post(path + "/notes/" + note + "/remove"); !p.Has(said) {
		t.Error("another's note is removed")
	}
	for range 2 {
		if p := claire.Post(path + "/notes/" + note + "/remove"); p.Status != http.StatusOK || p.Has(said) {
			t.Errorf("%d %s", p.Status, p.HTML)
		}
	}
	if p := claire.Post(path + "/notes/nothing/remove"); p.Status != http.StatusNotFound {
		t.Errorf("no note: %d", p.Status)
	}
	if acts := actsOf(t, w, "user:claire", "note_added"); len(acts) != 1 || strings.Contains(acts[0].Note, "sourde") {
		t.Errorf("the audit has %+v", acts)
	}
	if acts := actsOf(t, w, "user:claire", "note_removed"); len(acts) != 1 {
		t.Errorf("the audit has %+v", acts)
	}
	if list, err := w.API.Messages(t.Context(), client.Query{}); err != nil || len(list.Items) != 1 {
		t.Errorf("a note was sent: %+v, %v", list, err)
	}
	if strings.Contains(w.Logs.String(), "sourde") {
		t.Error("the log has a note")
	}
}

func TestNoteGoesWithItsPerson(t *testing.T) {
	w, claire, _, _, path := team(t)
	claire.Post(path+"/notes", "note", "Vient mardi")
	export, err := w.API.ExportPerson(t.Context(), "+33639980001")
	if err != nil || len(export.Notes) != 1 || export.Notes[0].Text != "Vient mardi" || export.Notes[0].By != "user:claire" {
		t.Errorf("what the person may take along: %+v, %v", export, err)
	}
	if _, err := w.API.ErasePerson(t.Context(), "+33639980001", false, false); err != nil {
		t.Fatal(err)
	}
	if p := claire.Get(path); p.Has("Vient mardi") || p.Has("Ajouter la note") {
		t.Error(p.HTML)
	}
	if p := claire.Post(path+"/notes", "note", "Vient mardi"); p.Status != http.StatusUnprocessableEntity ||
		!p.Has("Personne ne peut plus dire de qui est cette conversation") {
		t.Errorf("%d %s", p.Status, p.HTML)
	}
}

// answerForm are the fields of a form for an answer, as a page has them.
func answerForm(t *testing.T, p *consoletest.Page, more ...string) []string {
	t.Helper()
	return append([]string{
		"form", p.Between(t, `name="form" value="`, `"`), "last", p.Between(t, `name="last" value="`, `"`),
	}, more...)
}

func TestCannedAnswers(t *testing.T) {
	w, claire, _, _, path := team(t)
	made := map[string]string{}
	for _, r := range []client.TemplateRequest{
		{Name: "Merci", Text: "Merci de votre réponse.", Answer: true},
		{Name: "Pas une réponse", Text: "Bonjour ((nom))"},
		{Name: "Des chefs", Text: "Vu.", Answer: true, Circle: "managers"},
	} {
		created, err := w.API.CreateTemplate(t.Context(), r)
		if err != nil {
			t.Fatal(err)
		}
		made[r.Name] = created.ID
	}
	p := claire.Get(path)
	if !p.Has("1 réponse prête", `name="canned" value="`+made["Merci"]) || p.Has("Pas une réponse") || p.Has("Des chefs") {
		t.Fatal(p.HTML)
	}
	p = claire.Post(path+"/answer", answerForm(t, p, "text", "Bonjour,\r\n", "canned", made["Merci"])...)
	if p.Status != http.StatusOK || !p.Has(">Bonjour,\nMerci de votre réponse.</textarea>", "1 SMS") {
		t.Fatal(p.HTML)
	}
	for _, none := range []string{made["Des chefs"], "nothing"} {
		p := claire.Post(path+"/answer", answerForm(t, p, "text", "Bonjour", "canned", none)...)
		if p.Status != http.StatusConflict || !p.Has("Cette réponse prête a été retirée", ">Bonjour</textarea>") {
			t.Errorf("%d %s", p.Status, p.HTML)
		}
	}
}

func TestColleagueWhoAnswersIsShown(t *testing.T) {
	w, claire, luc, _, path := team(t)
	p := claire.Get(path)
	claire.Post(path+"/answer", answerForm(t, p, "text", "Une carte", "do", "check")...)
	seen := luc.Get(path)
	if !seen.Has("claire has been answering for one minute.", "Answer all the same") {
		t.Fatal(seen.HTML)
	}
	if p := claire.Get(path); p.Has("répond depuis") {
		t.Error("one is told of oneself")
	}
	id, err := sms.ParseID(strings.TrimPrefix(path, "/console/inbox/"))
	if err != nil {
		t.Fatal(err)
	}
	talk := inbox.Thread{Account: "sandbox", Reply: id, From: "+33639980001"}
	desk := inbox.Desk{Store: w.Store, Now: func() time.Time { return time.Now().Add(inbox.AnsweringFor) }}
	if writers, err := desk.Writers(t.Context(), talk, "user:luc"); err != nil || len(writers) != 0 {
		t.Errorf("the sign does not end by itself: %+v, %v", writers, err)
	}
	if p := claire.Post(path+"/answer", answerForm(t, p, "text", "Une carte", "do", "send")...); !p.Has("Votre réponse est enregistrée") {
		t.Fatal(p.HTML)
	}
	if p := luc.Get(path); p.Has("has been answering") {
		t.Error("the sign stays though the answer was sent")
	}
}

// Of many who send an answer to the same text at the same moment one sends, and the others
// see it before theirs would leave, with what they typed.
func TestAnswersAtOnce(t *testing.T) {
	w, claire, luc, _, path := team(t)
	forms := [][]string{
		answerForm(t, claire.Get(path), "text", "Une carte", "do", "send"),
		answerForm(t, luc.Get(path), "text", "A passport", "do", "send"),
		answerForm(t, luc.Get(path), "text", "Nothing", "do", "send"),
	}
	pages := make([]*consoletest.Page, len(forms))
	var all sync.WaitGroup
	for i, b := range []*consoletest.Browser{claire, luc, luc} {
		all.Go(func() { pages[i] = b.Post(path+"/answer", forms[i]...) })
	}
	all.Wait()
	list, err := w.API.Messages(t.Context(), client.Query{})
	if err != nil || len(list.Items) != 2 {
		t.Fatalf("%d messages, %v; want the first and one answer", len(list.Items), err)
	}
	sent := 0
	for i, p := range pages {
		switch p.Status {
		case http.StatusOK:
			sent++
		case http.StatusConflict:
			typed := forms[i][5]
			if !p.Has(">"+typed+"</textarea>", "<bdi>"+list.Items[0].Text+"</bdi>", `role="alert"`) {
				t.Errorf("%s: %s", typed, p.HTML)
			}
		default:
			t.Errorf("%d %s", p.Status, p.HTML)
		}
	}
	if sent != 1 {
		t.Errorf("%d were told that their answer leaves", sent)
	}
	p := luc.Post(path+"/answer", "text", "Elsewhere", "do", "send", "last", sms.NewID(time.Now()).String())
	if p.Status != http.StatusConflict || !p.Has("Somebody wrote in this conversation", ">Elsewhere</textarea>") {
		t.Errorf("a text that is not of this conversation: %d", p.Status)
	}
	p = luc.Post(path+"/answer", "text", "No form", "do", "send")
	if p.Status != http.StatusConflict || !p.Has("Somebody wrote in this conversation", ">No form</textarea>") {
		t.Errorf("a form that does not tell what was seen: %d", p.Status)
	}
}

// TestNoteOfWhoLeft: a manager of the account removes what a colleague noted who is gone,
// and the journal says whose it was; others still cannot.
func TestNoteOfWhoLeft(t *testing.T) {
	w, claire, luc, _, path := team(t)
	w.User("mona", auth.Grant{Account: "sandbox", Role: auth.Manager})
	w.User("max", auth.Grant{Account: "default", Role: auth.Manager})
	claire.Post(path+"/notes", "note", "Rappeler lundi")
	mona := w.SignedIn("fr", "mona")
	remove := path + "/notes/" + mona.Get(path).Between(t, path+"/notes/", "/remove") + "/remove"
	if err := w.People.Disable(t.Context(), auth.By{Actor: auth.Machine}, idOf(t, w, "claire")); err != nil {
		t.Fatal(err)
	}
	if p := luc.Post(remove); !p.Has("Rappeler lundi") {
		t.Error("an agent removed the note of another")
	}
	if p := w.SignedIn("fr", "max").Post(remove); p.Status != http.StatusNotFound {
		t.Errorf("the manager of another account: %d", p.Status)
	}
	for range 2 {
		if p := mona.Post(remove); p.Status != http.StatusOK || p.Has("Rappeler lundi") {
			t.Errorf("%d %s", p.Status, p.HTML)
		}
	}
	acts := actsOf(t, w, "user:mona", "note_removed")
	if len(acts) != 1 || !strings.HasSuffix(acts[0].Note, " user:claire") || strings.Contains(acts[0].Note, "lundi") {
		t.Errorf("the journal has %+v", acts)
	}
}
