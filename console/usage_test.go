package console_test

import (
	"net/http"
	"strings"
	"testing"
	"time"

	"relais/auth"
	"relais/client"
	"relais/console/consoletest"
)

// TestUsage shows what an account sent and what its quotas have left, and nothing of
// another account.
func TestUsage(t *testing.T) {
	w := consoletest.Start(t, `
[quota.jour]
per = "account"
every = "day"
messages = 4
[quota.cle]
per = "key"
every = "month"
segments = 10
`)
	w.User("lea", auth.Grant{Account: "sandbox", Role: auth.Reader})
	w.User("max", auth.Grant{Account: "default", Role: auth.Reader})
	b, other := w.SignedIn("fr", "lea"), w.SignedIn("fr", "max")
	if p := b.Get("/console/usage"); p.Status != http.StatusOK || !p.Has("Rien n'a été envoyé pendant ces mois.", "reste 4 messages") || p.Has("<svg") {
		t.Fatalf("%d %s", p.Status, p.HTML)
	}
	_, err := w.API.Submit(t.Context(), client.SubmitRequest{To: []string{"0639980001", "0639980002", "0639980003"}, Text: "Bonjour"})
	if err != nil {
		t.Fatal(err)
	}
	p := w.Await(b, "/console/usage", `<td class="number" data-label="SMS facturés">3</td>`)
	month := time.Now().Format("2006-01")
	if !p.Has("<svg", "<title", "reste 1 message<", "reste 7 segments", "logiciel « sandbox »", "information", `value="`+month+`"`) {
		t.Errorf("%s", p.HTML)
	}
	if file := b.Get("/console/usage.csv"); !file.Has(month+",sandbox,api:sandbox,transactional,", ",3,3,3,") ||
		!strings.HasPrefix(file.Header.Get("Content-Type"), "text/csv") {
		t.Errorf("%v %s", file.Header, file.HTML)
	}
	if p := other.Get("/console/usage"); p.Has("logiciel « sandbox »") || !p.Has("reste 4 messages") {
		t.Errorf("%s", p.HTML)
	}
	for query, why := range map[string]string{
		"since=hier":                    `href="#since">Le mois est illisible`,
		"since=2026-01&until=demain":    `href="#until">Le mois est illisible`,
		"since=2026-02&until=2026-01":   `href="#until">Le dernier mois est avant`,
		"since=1990-01&until=" + month:  `href="#since">120 mois au plus`,
		"since=%3Cscript%3E&until=2026": `value="<script>"`,
	} {
		if p := b.Get("/console/usage?" + query); p.Status != http.StatusUnprocessableEntity || !p.Has(why) || strings.Contains(p.HTML, `"<script>`) {
			t.Errorf("%s: %d %s", query, p.Status, p.HTML)
		}
	}
	if p := b.Get("/console/usage.csv?since=hier"); p.Status != http.StatusUnprocessableEntity {
		t.Errorf("a file of no month: %d", p.Status)
	}
}
