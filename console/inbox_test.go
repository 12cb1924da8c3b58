package console_test

import (
	"net/http"
	"strings"
	"testing"

	"relais/auth"
	"relais/client"
	"relais/console/consoletest"
)

// reply has a person answer a text, and returns the id of the reply.
func reply(t *testing.T, w *consoletest.World, from, text string) string {
	t.Helper()
	order(t, w, http.MethodPost, "/handsets/"+from+"/reply", `{"text": "`+text+`"}`)
	id := ""
	await(t, "the reply is there", func() bool {
		list, err := w.API.Inbounds(t.Context(), client.InboundQuery{})
		if err != nil {
			t.Fatal(err)
		}
		for _, in := range list.Items {
			if in.Text == text {
				id = in.ID
			}
		}
		return id != ""
	})
	return id
}

// talked is a conversation that a person answered.
func talked(t *testing.T, w *consoletest.World, to, text string) string {
	t.Helper()
	sent, err := w.API.Submit(t.Context(), client.SubmitRequest{
		To:   []string{to},
		Text: "Rendez-vous mardi à 9 h", Connector: "ovh",
	})
	if err != nil {
		t.Fatal(err)
	}
	await(t, "the message arrived", func() bool {
		return statusOf(t, w,
			sent.Messages[0].ID) == client.Delivered
	})
	return reply(t, w, to, text)
}

func TestConversationIsReadAndAnswered(t *testing.T) {
	w := consoletest.Start(t, "")
	w.User("claire", auth.Grant{Account: "sandbox", Role: auth.Agent})
	w.User("luc", auth.Grant{Account: "sandbox", Role: auth.Agent})
	claire, luc := w.SignedIn("fr", "claire"), w.SignedIn("en", "luc")
	if p := claire.Get("/console/inbox"); !p.Has("Aucune réponse ne vous attend.") {
		t.Fatal(p.HTML)
	}
	id := talked(t, w, "+33639980001", "Je peux venir à 10 h ?")
	p := claire.Get("/console/inbox")
	if !p.Has("/console/inbox/"+id, "Je peux venir à 10 h ?", "+33 6 39 98 00 01", "à traiter") {
		t.Fatal(p.HTML)
	}
	p = claire.Get("/console/inbox/" + id)
	if !p.Has("Rendez-vous mardi à 9 h", "Je peux venir à 10 h ?", "reçu") ||
		strings.Contains(p.Path+title(t, p), "639980001") {
		t.Fatal(p.HTML)
	}
	claire.Get("/console/inbox/" + id)
	if acts := actsOf(t, w, "user:claire", "conversation_read"); len(acts) != 1 ||
		strings.Contains(acts[0].Subject, "3998") {
		t.Errorf("the audit has %+v", acts)
	}
	theirs := luc.Get("/console/inbox/" + id)
	form := func(p *consoletest.Page, text, do string) []string {
		return []string{
			"form", between(t, p.HTML, `name="form" value="`, `"`), "last", between(t, p.HTML, `name="last" value="`,
				`"`),
			"text", text, "do", do,
		}
	}
	answer := "/console/inbox/" + id + "/answer"
	if p := claire.Post(answer, form(p, "Oui, 10 h", "check")...); !p.Has("1 SMS", "Oui, 10 h") {
		t.Fatal(p.HTML)
	}
	if p := claire.Post(answer, form(p, "  ", "send")...); p.Status != http.StatusUnprocessableEntity ||
		!p.Has(`role="alert"`, `href="#text"`) {
		t.Errorf("an empty answer: %d", p.Status)
	}
	sent := claire.Post(answer, form(p, "Oui, 10 h", "send")...)
	if !sent.Has("Votre réponse est enregistrée, et part.", "Oui, 10 h") {
		t.Fatal(sent.HTML)
	}
	again := claire.Post(answer, form(p, "Oui, 10 h", "send")...)
	if strings.Count(again.HTML, "<bdi>Oui, 10 h</bdi>") != 1 {
		t.Errorf("the same form twice sent twice: %s", again.HTML)
	}
	late := luc.Post(answer, form(theirs, "No, sorry", "send")...)
	if late.Status != http.StatusConflict || !late.Has("Somebody wrote in this conversation", "No, sorry",
		"Oui, 10 h") {
		t.Errorf("a colleague is not told: %d %s", late.Status, late.HTML)
	}
	if p := claire.Get("/console/inbox"); p.Has("/console/inbox/" + id) {
		t.Error("what was answered still waits")
	}
	if p := claire.Get("/console/inbox?show=done"); !p.Has("/console/inbox/"+id, "traitée") {
		t.Error("what was answered is not among those seen to")
	}
	next := reply(t, w, "+33639980001", "Parfait")
	if p := claire.Get("/console/inbox/" + id); !p.Has("/console/inbox/"+next+"/done", "Elle ne demande pas de réponse") {
		t.Fatal(p.HTML)
	}
	if p := claire.Post("/console/inbox/"+next+"/done", "done", "yes"); !p.Has("la conversation est traitée") || p.Has(next) {
		t.Error(p.HTML)
	}
	if p := luc.Get("/console/inbox/" + id); !p.Has("Seen to without an answer by claire.", "See to it again") {
		t.Error("the second does not see what the first did")
	}
	if p := luc.Post("/console/inbox/"+next+"/done", "done", "no"); !p.Has("waits again", "It needs no answer") {
		t.Error(p.HTML)
	}
	for _, path := range []string{"/console/inbox?show=odd", "/console/inbox?before=odd"} {
		if p := claire.Get(path); p.Status != http.StatusBadRequest {
			t.Errorf("%s: %d", path, p.Status)
		}
	}
	if p := claire.Get("/console/inbox/01a20393-91e2-7001-a976-f9f7c87e76e8"); p.Status != http.StatusNotFound {
		t.Errorf("an unknown reply: %d", p.Status)
	}
}

func TestReplyThatMayBeAStopIsDecided(t *testing.T) {
	w := consoletest.Start(t, "")
	w.User("claire", auth.Grant{Account: "sandbox", Role: auth.Agent})
	w.User("luc", auth.Grant{Account: "sandbox", Role: auth.Manager})
	w.User("rose", auth.Grant{Account: "sandbox", Role: auth.Reader})
	claire, luc, rose := w.SignedIn("fr", "claire"), w.SignedIn("fr", "luc"), w.SignedIn("fr", "rose")
	id := talked(t, w, "+33639980002", "plus de sms svp")
	if p := claire.Get("/console/inbox?show=unsure"); !p.Has("/console/inbox/"+id, "peut-être un STOP") {
		t.Fatal(p.HTML)
	}
	p := claire.Get("/console/inbox/" + id)
	if !p.Has("Est-ce un STOP ?", "une réponse est peut-être un STOP, et personne n'a encore décidé") {
		t.Fatal(p.HTML)
	}
	if p := rose.Get("/console/inbox/" + id); p.Has("svp</bdi>") || p.Has("98 00 02") ||
		p.Has("Est-ce un STOP") || len(actsOf(t, w, "user:rose", "conversation_read")) != 0 {
		t.Errorf("a reader sees what was written: %s", p.HTML)
	}
	decide := "/console/inbox/" + id + "/decide"
	if p := rose.Post(decide, "decision", "stop"); p.Status != http.StatusForbidden {
		t.Errorf("a reader may decide: %d", p.Status)
	}
	if p := claire.Post(decide, "decision", ""); p.Status != http.StatusUnprocessableEntity ||
		!p.Has(`href="#decision-stop"`) {
		t.Errorf("without a choice: %d", p.Status)
	}
	if p := claire.Post(decide, "decision", "stop"); !p.Has("C'est noté : c'est un STOP.",
		"considérée comme un STOP par claire") {
		t.Fatal(p.HTML)
	}
	if p := luc.Post(decide, "decision", "reply"); !p.Has("Quelqu'un a été plus rapide", "par claire") {
		t.Errorf("the second does not see what the first did: %s", p.HTML)
	}
	if p := luc.Get("/console/inbox?show=stop"); !p.Has("/console/inbox/" + id) {
		t.Error("a decided STOP is not among the STOPs")
	}
}

func title(t *testing.T, p *consoletest.Page) string {
	t.Helper()
	return between(t, p.HTML, "<title>", "</title>")
}
