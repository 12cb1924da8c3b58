package console_test

import (
	"net/http"
	"strings"
	"testing"
	"time"

	"relais/auth"
	"relais/client"
	"relais/console/consoletest"
	"relais/sms"
)

// order tells the simulated operators something.
func order(t *testing.T, w *consoletest.World, method, path, body string) {
	t.Helper()
	r, err := http.NewRequestWithContext(t.Context(), method, w.App.SandboxURL()+path, strings.NewReader(body))
	if err != nil {
		t.Fatal(err)
	}
	answer, err := http.DefaultClient.Do(r)
	if err != nil {
		t.Fatal(err)
	}
	defer answer.Body.Close()
	if answer.StatusCode >= http.StatusBadRequest {
		t.Fatalf("%s %s: %s", method, path, answer.Status)
	}
}

// await waits until something is so.
func await(t *testing.T, what string, done func() bool) {
	t.Helper()
	deadline := time.After(time.Minute)
	tick := time.NewTicker(20 * time.Millisecond)
	defer tick.Stop()
	for !done() {
		select {
		case <-tick.C:
		case <-deadline:
			t.Fatalf("still not: %s", what)
		}
	}
}

// doubtful sends a text that comes into doubt, and returns its id.
func doubtful(t *testing.T, w *consoletest.World, to, connector string) string {
	t.Helper()
	order(t, w, http.MethodPut, "/faults", `{"operator": "`+connector+`", "kind": "html"}`)
	sent, err := w.API.Submit(t.Context(), client.SubmitRequest{
		To: []string{to}, Text: "Crèche fermée lundi",
		Connector: connector,
	})
	if err != nil {
		t.Fatal(err)
	}
	id := sent.Messages[0].ID
	await(t, "the message is in doubt", func() bool { return statusOf(t, w, id) == client.Uncertain })
	return id
}

func statusOf(t *testing.T, w *consoletest.World, id string) client.Status {
	t.Helper()
	m, err := w.API.Message(t.Context(), id)
	if err != nil {
		t.Fatal(err)
	}
	return m.Status
}

func TestHeldMessagesAreDecided(t *testing.T) {
	w := consoletest.Start(t, "")
	w.User("vera", auth.Grant{Account: "sandbox", Role: auth.Approver})
	w.User("tom", auth.Grant{Account: "sandbox", Role: auth.Manager})
	vera, tom := w.SignedIn("fr", "vera"), w.SignedIn("en", "tom")
	if p := vera.Get("/console/held"); !p.Has("En attente de décision", "Aucune décision en attente.") {
		t.Fatal(p.HTML)
	}
	id := doubtful(t, w, "0639980001", "ovh")
	home := vera.Get("/console/")
	if !home.Has(`href="/console/held"`) {
		t.Error("the first page does not lead to the decision")
	}
	p := vera.Get("/console/held")
	if !p.Has("Nous ne savons pas si ovh a pris ce message. Un second envoi peut donner deux SMS.",
		"Crèche fermée lundi",
		"+33 6 39 98 00 01", id, "étiquette (tag)", "Il l'a pris", "Il ne l'a pas pris", "L'abandonner") {
		t.Fatal(p.HTML)
	}
	attempt := between(t, p.HTML, `name="attempt" value="`, `"`)
	none := vera.Post("/console/held/"+id, "attempt", attempt)
	if none.Status != http.StatusUnprocessableEntity ||
		!none.Has(`role="alert"`, `href="#taken-`+id, "Choisissez l'une des trois réponses.") {
		t.Fatalf("without a choice: %d %s", none.Status, none.HTML)
	}
	if said := vera.Post("/console/held/"+id, "attempt", attempt, "outcome",
		"taken"); !said.Has("C'est noté : l'opérateur a pris le message.") {
		t.Fatalf("%d %s", said.Status, said.HTML)
	}
	if got := statusOf(t, w, id); got != client.Submitted {
		t.Errorf("the message is %s", got)
	}
	late := tom.Post("/console/held/"+id, "attempt", attempt, "outcome", "not_taken")
	if late.Path != "/console/messages/"+id+"?said=held_too_late" ||
		!late.Has("Somebody, or the operator, was faster", "vera") {
		t.Errorf("the second does not see what the first did: %s\n%s", late.Path, late.HTML)
	}
	if acts := actsOf(t, w, "user:vera", "message_decided"); len(acts) != 1 || acts[0].Subject != id ||
		acts[0].Note != "taken" {
		t.Errorf("the audit has %+v", acts)
	}
	if p := vera.Post("/console/held/01a20393-91e2-7001-a976-f9f7c87e76e8", "attempt", "1", "outcome",
		"taken"); p.Status != http.StatusNotFound {
		t.Errorf("an unknown message: %d", p.Status)
	}
}

func TestHeldMessagesOfOneConnectorAreDecidedTogether(t *testing.T) {
	w := consoletest.Start(t, "")
	w.User("vera", auth.Grant{Account: "sandbox", Role: auth.Approver})
	b := w.SignedIn("fr", "vera")
	first, second := doubtful(t, w, "0639980001", "sfr"), doubtful(t, w, "0639980002", "sfr")
	other := doubtful(t, w, "0639980003", "ovh")
	if p := b.Get("/console/held"); !p.Has("2 messages sans réponse claire") {
		t.Fatal(p.HTML)
	}
	p := b.Post("/console/held/together", "connector", "sfr")
	if !p.Has("Une décision pour tous les messages de sfr",
		"Confirmer pour tous : 2 messages sans réponse claire") {
		t.Fatal(p.HTML)
	}
	seen := between(t, p.HTML, `name="seen" value="`, `"`)
	seen = strings.ReplaceAll(seen, "&#43;", "+")
	if p := b.Post("/console/held/together", "connector", "sfr", "seen",
		seen); p.Status != http.StatusUnprocessableEntity {
		t.Errorf("without a choice: %d", p.Status)
	}
	later := doubtful(t, w, "0639980004", "sfr")
	said := b.Post("/console/held/together", "connector", "sfr", "seen", seen, "outcome", "given_up")
	if !said.Has("C'est noté pour tous ces messages.") {
		t.Fatal(said.HTML)
	}
	for id, want := range map[string]client.Status{
		first: client.Expired, second: client.Expired, other: client.Uncertain, later: client.Uncertain,
	} {
		if got := statusOf(t, w, id); got != want {
			t.Errorf("%s is %s, want %s", id, got, want)
		}
	}
	again := b.Post("/console/held/together", "connector", "sfr", "seen", seen, "outcome", "given_up")
	if !again.Has("avait réglé certains de ces messages avant vous") {
		t.Errorf("the same form again: %s", again.HTML)
	}
}

// Those who run the machine decide without reading what citizens get.
func TestOperatorsDecideWithoutTexts(t *testing.T) {
	w := consoletest.Start(t, "")
	w.User("omar", auth.Grant{Role: auth.Operator})
	w.User("claire", auth.Grant{Account: "sandbox", Role: auth.Agent})
	id := doubtful(t, w, "0639980001", "ovh")
	if p := w.SignedIn("fr", "claire").Get("/console/held"); p.Status != http.StatusForbidden {
		t.Errorf("an agent may decide: %d", p.Status)
	}
	b := w.SignedIn("fr", "omar")
	b.Post("/console/preferences", "account", "sandbox", "next", "/console/held")
	p := b.Get("/console/held")
	if p.Has("Crèche") || p.Has("98 00 01") || !p.Has("Votre rôle ne montre pas les textes.", id) {
		t.Fatal(p.HTML)
	}
	attempt := between(t, p.HTML, `name="attempt" value="`, `"`)
	if p := b.Post("/console/held/"+id, "attempt", attempt, "outcome",
		"given_up"); !p.Has("le message est abandonné") {
		t.Fatal(p.HTML)
	}
}

// actsOf are what somebody did, by the audit.
func actsOf(t *testing.T, w *consoletest.World, actor sms.Actor, code auth.ActCode) (found []auth.Act) {
	t.Helper()
	acts, _, err := w.People.Acts(t.Context(), auth.ActQuery{Actor: actor, Limit: 100})
	if err != nil {
		t.Fatal(err)
	}
	for _, a := range acts {
		if a.Code == code {
			found = append(found, a)
		}
	}
	return found
}
