package console_test

import (
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

// TestPause pauses an operator on its page, and resumes it.
func TestPause(t *testing.T) {
	w := consoletest.Start(t, "")
	w.User("odile", auth.Grant{Role: auth.Operator})
	w.User("adele", auth.Grant{Role: auth.Admin})
	w.User("claire", auth.Grant{Account: "sandbox", Role: auth.Agent})
	b, other, agent := w.SignedIn("fr", "odile"), w.SignedIn("en", "adele"), w.SignedIn("fr", "claire")
	const page = "/console/connectors/ovh"
	if p := b.Get("/console/connectors/nobody"); p.Status != http.StatusNotFound {
		t.Errorf("an operator that is none: %d", p.Status)
	}
	if p := agent.Get(page); p.Status != http.StatusOK || p.Has(`name="why"`) {
		t.Errorf("an agent may pause: %d", p.Status)
	}
	if p := agent.Post(page+"/pause", "length", "1h", "why", "x", "do", "pause"); p.Status != http.StatusForbidden {
		t.Errorf("an agent pauses: %d", p.Status)
	}
	if p := b.Post(page+"/pause", "length", "1h", "why", " ", "seen", "", "do", "pause"); p.Status != 422 ||
		!p.Has("pourquoi le connecteur est mis en pause", `href="#why"`, `<option value="1h" selected`) {
		t.Errorf("no reason: %d %s", p.Status, p.HTML)
	}
	for _, wrong := range [][]string{{"length", "3d", "why", "x"}, {"length", "1h", "why", "x", "stray", "1"}} {
		if p := b.Post(page+"/pause", wrong...); p.Status != http.StatusBadRequest {
			t.Errorf("%v: %d", wrong, p.Status)
		}
	}
	asked := []string{"length", "2h", "why", "travaux <chez> OVH", "seen", "", "do", "look"}
	if p := b.Post(page+"/pause", asked...); p.Status != http.StatusOK ||
		!p.Has("Ce que fait une pause de ovh", "Aucun message ne l'attend", "Mettre ovh en pause") {
		t.Errorf("nothing is told before: %d %s", p.Status, p.HTML)
	}
	asked[len(asked)-1] = "pause"
	p := b.Post(page+"/pause", asked...)
	if p.Path != page+"?said=connector_paused" || !p.Has("odile l'a mis en pause", "travaux &lt;chez&gt; OVH") {
		if p = b.Get(page); !p.Has("l'a mis en pause", "Reprendre") {
			t.Fatalf("not paused: %d %s %s", p.Status, p.Path, p.HTML)
		}
	}
	if strings.Contains(p.HTML, "<chez>") {
		t.Error("the reason is markup")
	}
	if again := b.Post(page+"/pause", asked...); again.Status != http.StatusOK {
		t.Errorf("a form sent twice: %d", again.Status)
	}
	if late := other.Post(page+"/pause", "length", "", "why", "mine", "seen", "", "do", "pause"); late.Status != 422 ||
		!late.Has("Somebody has paused or resumed", "odile") {
		t.Errorf("the second person does not see the first: %d %s", late.Status, late.HTML)
	}
	if late := other.Post(page+"/resume", "seen", "2020-01-01T00:00:00Z"); late.Status != 422 {
		t.Errorf("resumed blindly: %d", late.Status)
	}
	if home := other.Get("/console/"); !home.Has("ovh is paused", "odile paused it until") {
		t.Errorf("home does not say so: %s", home.HTML)
	}
	sent, err := w.API.Submit(t.Context(), client.SubmitRequest{To: []string{"+33639980001"}, Text: "Bonjour", Connector: "ovh"})
	if err != nil {
		t.Fatal(err)
	}
	if m := agent.Get("/console/messages/" + sent.Messages[0].ID); !m.Has("Il attend : odile a mis le connecteur ovh en pause") {
		t.Errorf("the message does not say so: %s", m.HTML)
	}
	list, err := w.API.Connectors(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	if c := list.Items[0]; c.State != "paused" || c.Pause == nil || c.Pause.By != "user:odile" || c.Waiting["queued"] != 1 {
		t.Errorf("the API says %+v", c)
	}
	seen := other.Get(page).Between(t, `name="seen" value="`, `"`)
	if p := other.Post(page+"/resume", "seen", seen); p.Status != http.StatusOK || !p.Has("is resumed") {
		t.Errorf("not resumed: %d %s", p.Status, p.HTML)
	}
	w.Await(agent, "/console/messages/"+sent.Messages[0].ID, "reçu")
	if audit := other.Get("/console/audit"); !audit.Has("Paused a connector", "Resumed a connector", "ovh") {
		t.Errorf("the journal does not say so: %s", audit.HTML)
	}
	if strings.Contains(w.Logs.String(), "travaux") {
		t.Error("the log has what a person wrote")
	}
}

// TestPauseByAPI pauses an operator as a program does.
func TestPauseByAPI(t *testing.T) {
	w := consoletest.Start(t, "")
	preview, err := w.API.Pause(t.Context(), "ovh", client.PauseRequest{Why: "essai", Preview: true})
	if err != nil || !preview.Preview || len(preview.Says) < 3 {
		t.Fatalf("%+v %v", preview, err)
	}
	if was, err := w.API.Resume(t.Context(), "ovh"); err != nil || was.Resumed {
		t.Errorf("a preview paused it: %v %v", was, err)
	}
	done, err := w.API.Pause(t.Context(), "ovh", client.PauseRequest{Why: "essai", For: client.Duration(time.Hour)})
	if err != nil || done.Pause.By != "api:sandbox" || done.Pause.Until == nil {
		t.Fatalf("%+v %v", done, err)
	}
	for name, r := range map[string]client.PauseRequest{
		"pause_why":   {},
		"pause_until": {Why: "x", Until: time.Now().Add(-time.Hour)},
	} {
		if _, err := w.API.Pause(t.Context(), "ovh", r); err == nil || !strings.Contains(err.Error(), name) {
			t.Errorf("%s: %v", name, err)
		}
	}
	if _, err := w.API.Pause(t.Context(), "orange", client.PauseRequest{Why: "x"}); err == nil ||
		!strings.Contains(err.Error(), "connector_unknown") {
		t.Errorf("an unknown connector: %v", err)
	}
	if was, err := w.API.Resume(t.Context(), "ovh"); err != nil || !was.Resumed {
		t.Errorf("not resumed: %v %v", was, err)
	}
}

// TestCreditChart draws the credit of a week with its forecast.
func TestCreditChart(t *testing.T) {
	w := consoletest.Start(t, "[credit]\ncheck_every = \"24h\"\n")
	w.User("odile", auth.Grant{Role: auth.Operator})
	now := time.Now().Truncate(time.Microsecond)
	for hours := 72; hours >= 0; hours -= 6 {
		r := credit.Record{Connector: "sfr", Balance: connector.Balance{
			Amount: 1000 + float64(hours)*10, Unit: "EUR", At: now.Add(-time.Duration(hours) * time.Hour),
		}}
		if err := w.Store.KeepCredit(t.Context(), r, nil); err != nil {
			t.Fatal(err)
		}
	}
	b := w.SignedIn("fr", "odile")
	p := b.Get("/console/connectors/sfr")
	day := now.Add(100 * time.Hour).Format("2")
	if p.Status != http.StatusOK || !p.Has("À ce rythme", "240", "épuisé", " "+day, "<polyline", `class="ahead"`, "Le crédit jour par jour") {
		t.Errorf("%d %s", p.Status, p.HTML)
	}
	if strings.Contains(p.HTML, "NaN") || strings.Contains(p.HTML, "-9223") {
		t.Error("the chart has numbers that are none")
	}
	if none := b.Get("/console/connectors/nobody"); none.Status != http.StatusNotFound {
		t.Errorf("%d", none.Status)
	}
}
