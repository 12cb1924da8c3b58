package console_test

import (
	"fmt"
	"net/http"
	"strings"
	"testing"
	"time"

	"relais/auth"
	"relais/client"
	"relais/connector"
	"relais/console/consoletest"
	"relais/credit"
)

// TestHomeTellsOfUnansweredReplies counts conversations, until somebody has answered, for
// those alone who may.
func TestHomeTellsOfUnansweredReplies(t *testing.T) {
	w := consoletest.Start(t, "")
	w.User("claire", auth.Grant{Account: "sandbox", Role: auth.Agent})
	w.User("rita", auth.Grant{Account: "sandbox", Role: auth.Reader})
	w.User("dora", auth.Grant{Account: "sandbox", Role: auth.DPO})
	w.User("eva", auth.Grant{Account: "default", Role: auth.Agent})
	claire := w.SignedIn("fr", "claire")
	talked(t, w, "+33639980001", "Je peux venir à 10 h ?")
	last := reply(t, w, "+33639980001", "Ou à 11 h ?")
	p := claire.Get("/console/")
	if !p.Has("Une réponse attend d'être traitée", "La première attend depuis", `href="/console/inbox"`, "Répondre") {
		t.Errorf("one conversation: %s", p.HTML)
	}
	talked(t, w, "+33639980002", "Merci")
	// The home may keep what it found for a while: see package recent.
	p = w.Await(w.SignedIn("en", "claire"), "/console/", "2 replies wait for an answer")
	if strings.Contains(p.HTML, "639980") {
		t.Errorf("two conversations: %s", p.HTML)
	}
	for _, other := range []string{"rita", "dora", "eva"} {
		p := w.SignedIn("en", other).Get("/console/")
		if p.Status != http.StatusOK || p.Has("wait for an answer") || p.Has("waits for an answer") {
			t.Errorf("%s, who answers none: %d %s", other, p.Status, p.HTML)
		}
	}
	claire.Post("/console/inbox/"+last+"/done", "done", "yes")
	w.Await(claire, "/console/", "Une réponse attend d'être traitée")
}

// TestHomeTellsOfNearQuotas tells of a quota of which four fifths are used, and not before.
func TestHomeTellsOfNearQuotas(t *testing.T) {
	w := consoletest.Start(t, "[quota.jour]\nper = \"account\"\nevery = \"day\"\nmessages = 4\n"+
		"[quota.cle]\nper = \"key\"\nevery = \"month\"\nsegments = 10\n")
	w.User("max", auth.Grant{Account: "sandbox", Role: auth.Manager})
	w.User("claire", auth.Grant{Account: "sandbox", Role: auth.Agent})
	max, claire := w.SignedIn("fr", "max"), w.SignedIn("fr", "claire")
	submit := func(to ...string) {
		t.Helper()
		if _, err := w.API.Submit(t.Context(), client.SubmitRequest{To: to, Text: "Bonjour"}); err != nil {
			t.Fatal(err)
		}
	}
	submit("0639980001", "0639980002", "0639980003")
	if p := max.Get("/console/"); p.Has("ou presque") {
		t.Errorf("three of four: %s", p.HTML)
	}
	submit("0639980004")
	p := max.Get("/console/")
	if !p.Has("Le plafond jour est atteint ou presque", "jour : 100 % utilisés, il reste 0 message", `href="/console/usage#quotas"`) {
		t.Errorf("four of four: %s", p.HTML)
	}
	if p := w.SignedIn("en", "max").Get("/console/"); !p.Has("The quota jour is used, or nearly") {
		t.Errorf("in English: %s", p.HTML)
	}
	if p := claire.Get("/console/"); p.Has("ou presque") {
		t.Errorf("an agent decides nothing of it: %s", p.HTML)
	}
}

// TestHomeTellsOfLastDays names senders whose proof ends within a month, or has ended.
func TestHomeTellsOfLastDays(t *testing.T) {
	day := func(days int) string { return time.Now().AddDate(0, 0, days).Format(time.DateOnly) }
	w := consoletest.Start(t, fmt.Sprintf(`[account.sandbox.sender.MAIRIE]
valid_until = %q
[account.sandbox.sender.PISCINE]
valid_until = %q
[account.sandbox.sender.MUSEE]
valid_until = %q
[account.sandbox.sender.ANCIEN]
valid_until = %q
[account.sandbox.sender.TOUJOURS]
[account.default.sender.AUTRE]
valid_until = %q
`, day(10), day(-2), day(90), day(-90), day(10)))
	w.User("odile", auth.Grant{Role: auth.Operator})
	w.User("max", auth.Grant{Account: "sandbox", Role: auth.Manager})
	odile := w.SignedIn("fr", "odile")
	odile.Post("/console/preferences", "account", "sandbox", "next", "/console/")
	p := odile.Get("/console/")
	if !p.Has("Le dernier jour de l'expéditeur MAIRIE est le ", "Le dernier jour de l'expéditeur PISCINE était le ",
		"Renouvelez la preuve", `href="/console/settings"`) {
		t.Errorf("%d %s", p.Status, p.HTML)
	}
	for _, other := range []string{"MUSEE", "ANCIEN", "TOUJOURS", "AUTRE"} {
		if strings.Contains(p.HTML, other) {
			t.Errorf("%s is no task now", other)
		}
	}
	if p := w.SignedIn("en", "max").Get("/console/"); p.Has("The last day of the sender") {
		t.Errorf("who cannot open the settings: %s", p.HTML)
	}
}

// TestHomeTellsOfCredit tells of what ends within a week at the rate of the last day.
func TestHomeTellsOfCredit(t *testing.T) {
	w := consoletest.Start(t, "[credit]\ncheck_every = \"24h\"\n")
	w.User("odile", auth.Grant{Role: auth.Operator})
	w.User("max", auth.Grant{Account: "sandbox", Role: auth.Manager})
	now := time.Now().Truncate(time.Microsecond)
	keep := func(hours int, amount float64) {
		t.Helper()
		r := credit.Record{Connector: "sfr", Balance: connector.Balance{
			Amount: amount, Unit: "EUR", At: now.Add(-time.Duration(hours) * time.Hour),
		}}
		if err := w.Store.KeepCredit(t.Context(), r, nil); err != nil {
			t.Fatal(err)
		}
	}
	odile := w.SignedIn("fr", "odile")
	keep(20, 1020)
	keep(10, 1010)
	if p := odile.Get("/console/"); p.Has("le crédit chez sfr") {
		t.Errorf("what lasts six weeks: %s", p.HTML)
	}
	keep(0, 800)
	p := odile.Get("/console/")
	if !p.Has("Au rythme du dernier jour, le crédit chez sfr sera épuisé le ", `href="/console/connectors/sfr"`, "Il reste 800 EUR") {
		t.Errorf("%d %s", p.Status, p.HTML)
	}
	if p := w.SignedIn("en", "max").Get("/console/"); p.Has("The credit at sfr") {
		t.Errorf("who does not see to operators: %s", p.HTML)
	}
}
