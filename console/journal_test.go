package console_test

import (
	"net/http"
	"net/http/httptest"
	"slices"
	"strings"
	"testing"
	"time"

	"relais/auth"
	"relais/client"
	"relais/console/consoletest"
	"relais/sms"
)

// atAPI does something with a key.
func atAPI(t *testing.T, w *consoletest.World, key, method, path, body string) int {
	t.Helper()
	r, err := http.NewRequestWithContext(t.Context(), method, w.App.URL()+path, strings.NewReader(body))
	if err != nil {
		t.Fatal(err)
	}
	r.Header.Set("Authorization", "Bearer "+key)
	if body != "" {
		r.Header.Set("Content-Type", "application/json")
	}
	answer, err := http.DefaultClient.Do(r)
	if err != nil {
		t.Fatal(err)
	}
	defer answer.Body.Close()
	return answer.StatusCode
}

// TestJournalOfKeys: what a key does is in the journal like what a person does, with the
// key, and so is what is done at the command line.
func TestJournalOfKeys(t *testing.T) {
	w := consoletest.Start(t, "")
	w.User("dora", auth.Grant{Account: "sandbox", Role: auth.DPO})
	w.User("eve", auth.Grant{Account: "default", Role: auth.DPO})
	machine := auth.WithBy(t.Context(), auth.By{Actor: auth.Machine, Via: "alice"})
	text, key, err := auth.MakeKey(machine, w.Store, auth.Key{Account: "sandbox", Name: "forms", CreatedAt: time.Now()})
	if err != nil {
		t.Fatal(err)
	}
	doubt := doubtful(t, w, "+33639980001", "ovh")
	waits := waiting(t, w, "+33639980003")
	const hook = `{"url": "https://town.example/sms"}`
	for _, do := range []struct {
		method, path, body string
		status             int
	}{
		{"PUT", "/v1/opt-outs/+33639980002", `{}`, http.StatusOK},
		{"PUT", "/v1/opt-outs/+33639980002", `{}`, http.StatusOK},
		{"DELETE", "/v1/opt-outs/+33639980002", ``, http.StatusOK},
		{"POST", "/v1/templates", `{"name": "Rappel", "text": "Bonjour"}`, http.StatusCreated},
		{"POST", "/v1/templates", `{"name": "Rappel", "text": "Bonjour"}`, http.StatusUnprocessableEntity},
		{"POST", "/v1/webhooks", hook, http.StatusCreated},
		{"POST", "/v1/messages/" + waits + "/cancel", ``, http.StatusOK},
		{"POST", "/v1/messages/" + waits + "/cancel", ``, http.StatusConflict},
		{"POST", "/v1/messages/" + doubt + "/resolve", `{"outcome": "taken"}`, http.StatusOK},
	} {
		if status := atAPI(t, w, text, do.method, do.path, do.body); status != do.status {
			t.Errorf("%s %s: %d", do.method, do.path, status)
		}
	}
	acts, _, err := w.People.Acts(t.Context(), auth.ActQuery{Actor: "api:forms", Limit: 100})
	if err != nil {
		t.Fatal(err)
	}
	var codes []string
	for _, a := range acts {
		codes = append(codes, string(a.Code))
		if a.Via != key.ID || a.Account != "sandbox" || a.Address != "127.0.0.1" || a.Subject == "" ||
			strings.Contains(a.Subject+a.Note, "3998") {
			t.Errorf("%+v", a)
		}
	}
	const want = "message_decided message_canceled webhook_made template_made opt_out_removed opt_out_added"
	if got := strings.Join(codes, " "); got != want {
		t.Errorf("the journal has %s, want %s", got, want)
	}
	for _, tc := range []struct {
		language, path string
		says           []string
	}{
		{"fr", "/console/audit", []string{
			"logiciel « forms » (" + key.ID + ")", "A créé un modèle", "sur la machine (alice)", "Clé d'API faite",
		}},
		{"en", "/console/audit?person=api:forms", []string{"software “forms” (" + key.ID + ")", "Made a template"}},
		{"en", "/console/audit?person=cli", []string{"on the machine (alice)", "API key made"}},
	} {
		if p := w.SignedIn(tc.language, "dora").Get(tc.path); p.Status != http.StatusOK || !p.Has(tc.says...) {
			t.Errorf("%s: %d %s", tc.path, p.Status, p.Between(t, "<tbody>", "</tbody>"))
		}
	}
	dora, eve := w.SignedIn("en", "dora"), w.SignedIn("fr", "eve")
	if p := dora.Get("/console/audit?person=api:forms"); p.Has("API key made</td>") {
		t.Error("one who acts shows others")
	}
	p := dora.Post("/console/audit/export", "person", "api:forms")
	if !p.Has("at,actor,account,act,subject,note,address,via,changes\n", ",api:forms,sandbox,webhook_made,") ||
		!p.Has(",127.0.0.1,"+key.ID+",\n") {
		t.Errorf("the file is %s", p.HTML)
	}
	if p := eve.Get("/console/audit"); p.Has("forms") {
		t.Error("an account's journal has the keys of another")
	}
	if p := eve.Get("/console/audit?person=api:forms"); p.Status != http.StatusNotFound {
		t.Errorf("a key of another account: %d", p.Status)
	}
}

// waiting sends a text that leaves tomorrow, and returns its id.
func waiting(t *testing.T, w *consoletest.World, to string) string {
	t.Helper()
	sent, err := w.API.Submit(t.Context(), client.SubmitRequest{
		To: []string{to}, Text: "Rendez-vous demain", SendAt: time.Now().Add(24 * time.Hour),
	})
	if err != nil {
		t.Fatal(err)
	}
	return sent.Messages[0].ID
}

// TestJournalOfTests: a test event is in the journal once, whoever sends it, and not where
// there is no such endpoint.
func TestJournalOfTests(t *testing.T) {
	target := httptest.NewServer(http.HandlerFunc(func(http.ResponseWriter, *http.Request) {}))
	t.Cleanup(target.Close)
	w := consoletest.Start(t, "")
	w.User("mona", auth.Grant{Account: "sandbox", Role: auth.Manager})
	made, err := w.API.CreateWebhook(t.Context(), target.URL, nil)
	if err != nil {
		t.Fatal(err)
	}
	if status := atAPI(t, w, "sandbox", "POST", "/v1/webhooks/"+made.ID+"/test", ""); status != http.StatusOK {
		t.Errorf("a test over the API: %d", status)
	}
	nothing := "/v1/webhooks/" + sms.NewID(time.Now()).String() + "/test"
	if status := atAPI(t, w, "sandbox", "POST", nothing, ""); status != http.StatusNotFound {
		t.Errorf("a test of nothing: %d", status)
	}
	if p := w.SignedIn("en", "mona").Post("/console/webhooks/" + made.ID + "/test"); p.Status != http.StatusOK {
		t.Errorf("a test in the console: %d", p.Status)
	}
	acts, _, err := w.People.Acts(t.Context(), auth.ActQuery{Code: auth.WebhookTested, Limit: 10})
	if err != nil || len(acts) != 2 || acts[0].Actor != "user:mona" || acts[1].Actor.Kind() != "api" ||
		acts[0].Subject != made.ID || acts[1].Subject != made.ID {
		t.Errorf("the journal has %+v, %v", acts, err)
	}
}

// TestJournalOfLooking: who opens a message or looks for a number is in the journal, once
// in an hour for each of them, without the number; who sees neither text nor number is not.
func TestJournalOfLooking(t *testing.T) {
	w := consoletest.Start(t, "")
	w.User("claire", auth.Grant{Account: "sandbox", Role: auth.Agent})
	w.User("luc", auth.Grant{Account: "sandbox", Role: auth.DPO})
	w.User("rose", auth.Grant{Account: "sandbox", Role: auth.Reader})
	id, other := waiting(t, w, "+33639980004"), waiting(t, w, "+33639980005")
	claire, luc, rose := w.SignedIn("fr", "claire"), w.SignedIn("fr", "luc"), w.SignedIn("fr", "rose")
	for range 2 {
		claire.Get("/console/messages/" + id)
		claire.Get("/console/messages/" + other)
		luc.Get("/console/messages/" + id)
		rose.Get("/console/messages/" + id)
		if p := claire.Get("/console/messages/" + sms.NewID(time.Now()).String()); p.Status != http.StatusNotFound {
			t.Errorf("a message that is not there: %d", p.Status)
		}
	}
	for _, tc := range []struct {
		actor sms.Actor
		want  string
	}{{"user:claire", id + " " + other}, {"user:luc", id}, {"user:rose", ""}} {
		if got := subjectsOf(t, w, tc.actor, "message_read"); got != tc.want {
			t.Errorf("%s opened %q, want %q", tc.actor, got, tc.want)
		}
	}
	for range 2 {
		claire.Post("/console/messages/search", "number", "06 39 98 00 04")
		claire.Post("/console/opt-outs/search", "number", "06 39 98 00 04")
		claire.Post("/console/messages/search", "number", "06 39 98 00 05")
		luc.Post("/console/people/search", "number", "06 39 98 00 04")
	}
	claire.Post("/console/messages/search", "number", "12")
	if p := rose.Post("/console/messages/search", "number", "06 39 98 00 04"); p.Status != http.StatusForbidden {
		t.Errorf("a reader looks for a number: %d", p.Status)
	}
	hers := subjectsOf(t, w, "user:claire", "number_searched")
	his := subjectsOf(t, w, "user:luc", "number_searched")
	found := strings.Fields(hers)
	if len(found) != 2 || found[0] != his || !strings.HasPrefix(his, "~") || strings.Contains(hers+his, "3998") ||
		subjectsOf(t, w, "user:rose", "number_searched") != "" {
		t.Errorf("the journal has %q of hers and %q of his", hers, his)
	}
	if p := luc.Get("/console/audit"); !p.Has("A ouvert un message", "A recherché un numéro") {
		t.Error(p.HTML)
	}
}

// subjectsOf are those of what an actor did, the first one first.
func subjectsOf(t *testing.T, w *consoletest.World, actor sms.Actor, code auth.ActCode) string {
	t.Helper()
	var all []string
	for _, a := range actsOf(t, w, actor, code) {
		all = append(all, a.Subject)
	}
	slices.Reverse(all)
	return strings.Join(all, " ")
}
