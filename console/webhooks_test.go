package console_test

import (
	"fmt"
	"html"
	"io"
	"net/http"
	"net/http/httptest"
	"strings"
	"sync"
	"testing"

	"relais/auth"
	"relais/client"
	"relais/console/consoletest"
)

// hostileAnswer is what a receiver may answer.
const hostileAnswer = "<script>alert(1)</script>\u202egnp.exe \u200b+33639980001"

// receiver is the system of a caller, which answers as it is told.
type receiver struct {
	*httptest.Server

	mu     sync.Mutex
	status int
	ids    []string
}

func newReceiver(t *testing.T) *receiver {
	t.Helper()
	r := &receiver{status: http.StatusOK}
	r.Server = httptest.NewServer(r)
	t.Cleanup(r.Close)
	return r
}

func (r *receiver) ServeHTTP(w http.ResponseWriter, request *http.Request) {
	r.mu.Lock()
	defer r.mu.Unlock()
	r.ids = append(r.ids, request.Header.Get("Webhook-Id"))
	w.WriteHeader(r.status)
	io.WriteString(w, hostileAnswer)
}

func (r *receiver) answers(status int) {
	r.mu.Lock()
	defer r.mu.Unlock()
	r.status = status
}

func (r *receiver) got() []string {
	r.mu.Lock()
	defer r.mu.Unlock()
	return append([]string{}, r.ids...)
}

// addWebhook adds one by the form, and returns the path of its page.
func addWebhook(t *testing.T, b *consoletest.Browser, url string, more ...string) string {
	t.Helper()
	form := b.Get("/console/webhooks/new")
	token := between(t, form.HTML, `name="token" value="`, `"`)
	fields := append([]string{"url", url, "token", token}, more...)
	made := b.Post("/console/webhooks/new", fields...)
	secret := html.UnescapeString(between(t, made.HTML, `id="secret" value="`, `"`))
	if made.Status != http.StatusOK || !strings.HasPrefix(secret, "whsec_") {
		t.Fatalf("%d %s", made.Status, made.HTML)
	}
	path := between(t, made.HTML, `href="/console/webhooks/01`, `"`)
	if again := b.Post("/console/webhooks/new", fields...); !again.Has(secret, path) {
		t.Error("the same form makes another webhook")
	}
	return "/console/webhooks/01" + path
}

func TestWebhooksAreLookedAfter(t *testing.T) {
	w, r := consoletest.Start(t, ""), newReceiver(t)
	w.User("gaston", auth.Grant{Account: "sandbox", Role: auth.Manager})
	w.User("claire", auth.Grant{Account: "sandbox", Role: auth.Agent})
	b := w.SignedIn("fr", "gaston")
	if p := b.Get("/console/webhooks"); !p.Has("Aucun webhook pour l'instant.") {
		t.Fatal(p.HTML)
	}
	for url, why := range map[string]string{
		"": "L'adresse", "town.example": "L'adresse doit être une URL", "http://10.0.0.1/": "webhooks.allow",
	} {
		p := b.Post("/console/webhooks/new", "url", url, "token", "t", "on_credit_low", "1")
		if p.Status != http.StatusUnprocessableEntity || !p.Has(`role="alert"`, `href="#url"`, why,
			`value="`+url+`"`, `name="on_credit_low" value="1" checked`) {
			t.Errorf("%q: %d %s", url, p.Status, p.HTML)
		}
	}
	path := addWebhook(t, b, r.URL+"/a", "on_message_delivered", "1")
	if p := b.Get("/console/webhooks"); !p.Has(r.URL+"/a", "en service", "Reçu", path) {
		t.Error(p.HTML)
	}
	page := b.Get(path)
	if !page.Has("Envoyer un événement d'essai", "Aucune livraison ici") || page.Has("whsec_") {
		t.Error(page.HTML)
	}
	test := b.Post(path + "/test")
	if !test.Has("l'événement d'essai a été pris", "&lt;script&gt;") && !strings.Contains(test.HTML, "&lt;script&gt;") {
		t.Error(test.HTML)
	}
	if strings.Contains(test.HTML, "\u202e") || !test.Has("‹U+202E›", "‹U+200B›", "+•••") {
		t.Errorf("the answer is not marked: %s", test.HTML)
	}
	change := b.Post(path+"/change", "url", r.URL+"/b", "token", "t")
	if !change.Has("Le webhook est modifié.", r.URL+"/b", "Tous") {
		t.Error(change.HTML)
	}
	if p := b.Post(path + "/disable"); !p.Has("Le webhook est désactivé.", "Quelqu'un l'a désactivé.", "Remettre en service") {
		t.Error(p.HTML)
	}
	if p := b.Post(path + "/enable"); !p.Has("Le webhook est en service.") {
		t.Error(p.HTML)
	}
	rotate := b.Get(path + "/rotate")
	token := between(t, rotate.HTML, `name="token" value="`, `"`)
	if p := b.Post(path+"/rotate", "token", token); p.Status != http.StatusUnprocessableEntity ||
		!p.Has(`href="#overlap-24h"`) {
		t.Errorf("no choice: %d", p.Status)
	}
	first := b.Post(path+"/rotate", "token", token, "overlap", "24h")
	again := b.Post(path+"/rotate", "token", token, "overlap", "24h")
	secret := html.UnescapeString(between(t, first.HTML, `id="secret" value="`, `"`))
	if !first.Has("Le précédent signe aussi jusqu'au") || !again.Has(secret) {
		t.Errorf("rotated: %s", first.HTML)
	}
	if p := w.SignedIn("fr", "claire").Get(path); p.Status != http.StatusForbidden {
		t.Errorf("an agent sees webhooks: %d", p.Status)
	}
	for _, unknown := range []string{"/console/webhooks/01a20393-91e2-7001-a976-f9f7c87e76e8", "/console/webhooks/x"} {
		if p := b.Get(unknown); p.Status != http.StatusNotFound {
			t.Errorf("%s: %d", unknown, p.Status)
		}
	}
	if p := b.Post(path + "/remove"); !p.Has("Le webhook est supprimé.", "Aucun webhook") {
		t.Error(p.HTML)
	}
	for code, want := range map[auth.ActCode]int{
		"webhook_made": 1, "webhook_changed": 1, "webhook_tested": 1, "webhook_disabled": 1, "webhook_enabled": 1,
		"webhook_rotated": 1, "webhook_removed": 1,
	} {
		if acts := actsOf(t, w, "user:gaston", code); len(acts) != want {
			t.Errorf("the audit has %d %s, want %d", len(acts), code, want)
		}
	}
}

func TestDeliveriesAreSeenAndRepeated(t *testing.T) {
	w, r := consoletest.Start(t, ""), newReceiver(t)
	w.User("gaston", auth.Grant{Account: "sandbox", Role: auth.Manager})
	w.User("omar", auth.Grant{Role: auth.Operator})
	b := w.SignedIn("fr", "gaston")
	path := addWebhook(t, b, r.URL+"/secret-path", "on_message_submitted", "1")
	r.answers(http.StatusServiceUnavailable)
	sent, err := w.API.Submit(t.Context(), client.SubmitRequest{To: []string{"0639980001"}, Text: "Bonjour"})
	if err != nil {
		t.Fatal(err)
	}
	log := w.Await(b, path, "HTTP 503", "en échec", "a échoué")
	if !log.Has("Confié à l'opérateur", "en attente", "Prochaine tentative",
		"/console/messages/"+sent.Messages[0].ID, "‹U+202E›") {
		t.Error(log.HTML)
	}
	one, _, _ := strings.Cut(between(t, log.HTML, `href="`+path+`/deliveries/`, `"`), `"`)
	for filter, want := range map[string]bool{"pending": true, "failed": false, "delivered": false} {
		if p := b.Get(path + "?state=" + filter); p.Has("/deliveries/"+one) != want {
			t.Errorf("%s shows it: %t", filter, !want)
		}
	}
	for _, bad := range []string{"?state=lost", "?before=x"} {
		if p := b.Get(path + bad); p.Status != http.StatusBadRequest {
			t.Errorf("%s: %d", bad, p.Status)
		}
	}
	page := b.Get(path + "/deliveries/" + one)
	if !page.Has("+33639980001", `"type": "message.submitted"`, "Webhook-Id", one, "Tentatives") ||
		strings.Contains(page.HTML, "\u202e") || strings.Contains(page.HTML, "<script>alert") {
		t.Error(page.HTML)
	}
	b.Get(path + "/deliveries/" + one)
	if acts := actsOf(t, w, "user:gaston", "delivery_seen"); len(acts) != 1 {
		t.Errorf("the audit has %+v", acts)
	}
	op := w.SignedIn("fr", "omar")
	op.Post("/console/preferences", "account", "sandbox", "next", "/console/webhooks")
	hidden := op.Get(path + "/deliveries/" + one)
	if hidden.Status != http.StatusOK || hidden.Has("39980001") || hidden.Has("secret-path") || hidden.Has("gnp.exe") ||
		!hidden.Has("Votre rôle ne montre pas") {
		t.Errorf("an operator sees %d %s", hidden.Status, hidden.HTML)
	}
	if p := op.Post(path + "/deliveries/" + one + "/replay"); p.Status != http.StatusForbidden {
		t.Errorf("an operator repeats: %d", p.Status)
	}
	r.answers(http.StatusOK)
	if p := b.Post(path + "/deliveries/" + one + "/replay"); !p.Has("La livraison repart.") {
		t.Error(p.HTML)
	}
	if p := w.Await(b, path+"/deliveries/"+one, "arrivée"); !p.Has("HTTP 200", "HTTP 503") {
		t.Errorf("the attempts before are lost: %s", p.HTML)
	}
	none := b.Get(path + "/replay?state=failed&since=24h")
	if !none.Has("Aucune livraison n'a échoué.") {
		t.Error(none.HTML)
	}
	some := b.Get(path + "/replay?state=delivered&since=24h")
	if !some.Has("1 livraison qui est arrivée repart.", "Répéter 1 livraison") {
		t.Error(some.HTML)
	}
	since := strings.ReplaceAll(between(t, some.HTML, `name="since" value="`, `"`), "&#43;", "+")
	before := len(r.got())
	if p := b.Post(path+"/replay", "state", "delivered", "since", since); !p.Has("Ces livraisons repartent.") {
		t.Error(p.HTML)
	}
	await(t, "it is delivered again", func() bool { return len(r.got()) > before })
	for _, id := range r.got() {
		if id != one {
			t.Errorf("a repeated delivery has the id %s, the first had %s", id, one)
		}
	}
	if p := b.Get(path + "/replay?state=lost&since=24h"); p.Status != http.StatusBadRequest {
		t.Errorf("an unknown state: %d", p.Status)
	}
	if p := b.Get(path + "/deliveries/evt_99999"); p.Status != http.StatusNotFound {
		t.Errorf("an unknown delivery: %d", p.Status)
	}
	if strings.Contains(w.Logs.String(), "39980001") || strings.Contains(w.Logs.String(), "secret-path") {
		t.Error("the log tells a number or an address")
	}
	if acts := actsOf(t, w, "user:gaston", "webhook_replayed"); len(acts) != 1 ||
		acts[0].Note != fmt.Sprintf("delivered %d", 1) {
		t.Errorf("the audit has %+v", acts)
	}
}

// TestTwoChangeAWebhook: of two managers who change one webhook the second sees what the
// first did, keeps what they chose, and may put it in its place.
func TestTwoChangeAWebhook(t *testing.T) {
	w := consoletest.Start(t, "")
	w.User("mona", auth.Grant{Account: "sandbox", Role: auth.Manager})
	w.User("luc", auth.Grant{Account: "sandbox", Role: auth.Manager})
	made, err := w.API.CreateWebhook(t.Context(), "https://town.example/a", nil)
	if err != nil {
		t.Fatal(err)
	}
	at := "/console/webhooks/" + made.ID + "/change"
	mona, luc := w.SignedIn("fr", "mona"), w.SignedIn("en", "luc")
	seen := func(p *consoletest.Page) string { return p.Between(t, `name="seen" value="`, `"`) }
	hers, his := seen(mona.Get(at)), seen(luc.Get(at))
	first := []string{"url", "https://town.example/b", "on_message_delivered", "1", "seen", hers}
	for range 2 { // sent twice, it is done
		if p := mona.Post(at, first...); p.Status != http.StatusOK || p.Path != strings.TrimSuffix(at, "/change")+
			"?said=webhook_changed" {
			t.Fatalf("%d %s", p.Status, p.Path)
		}
	}
	address := func() string {
		all, err := w.API.Webhooks(t.Context())
		if err != nil || len(all.Items) != 1 {
			t.Fatal(all, err)
		}
		return all.Items[0].URL
	}
	p := luc.Post(at, "url", "https://town.example/c", "seen", his)
	if p.Status != http.StatusConflict || address() != "https://town.example/b" ||
		!p.Has("A colleague changed this webhook", "https://town.example/b", "Delivered", `value="https://town.example/c"`) {
		t.Errorf("%d %s: %s", p.Status, address(), p.HTML)
	}
	if p := luc.Post(at, "url", "https://town.example/c", "seen", seen(p)); p.Status != http.StatusOK ||
		address() != "https://town.example/c" {
		t.Errorf("%d %s: %s", p.Status, address(), p.HTML)
	}
}
