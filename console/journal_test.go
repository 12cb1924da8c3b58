package console_test

import (
	"net/http"
	"strings"
	"testing"
	"time"

	"relais/auth"
	"relais/console/consoletest"
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
	const want = "message_decided webhook_made template_made opt_out_removed opt_out_added"
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
	if !p.Has("at,actor,account,act,subject,note,address,via\n", ",api:forms,sandbox,webhook_made,") ||
		!p.Has(",127.0.0.1,"+key.ID+"\n") {
		t.Errorf("the file is %s", p.HTML)
	}
	if p := eve.Get("/console/audit"); p.Has("forms") {
		t.Error("an account's journal has the keys of another")
	}
	if p := eve.Get("/console/audit?person=api:forms"); p.Status != http.StatusNotFound {
		t.Errorf("a key of another account: %d", p.Status)
	}
}
