package console_test

import (
	"net/http"
	"net/url"
	"strings"
	"testing"

	"relais/auth"
	"relais/console/consoletest"
)

// TestAnOperatorIsChosen goes the whole way of somebody who adds an operator: the list, the form,
// a key that is wrong, one that is right, and the section.
func TestAnOperatorIsChosen(t *testing.T) {
	w := consoletest.Start(t, "")
	w.User("odile", auth.Grant{Role: auth.Operator})
	b := w.SignedIn("fr", "odile")
	list := b.Get("/console/operators")
	if n := strings.Count(list.HTML, `<th scope="row">`); n != 24 || !list.Has("Brevo", "Vonage (SMS API)", "oui, signés", "Allemagne") {
		t.Fatalf("%d operators: %s", n, list.HTML)
	}
	if p := b.Get("/console/connectors"); !p.Has(`href="/console/operators"`, "Ajouter un opérateur") {
		t.Error(p.HTML)
	}
	const page = "/console/operators/vonage"
	form := b.Get(page)
	secret := keyOf(t, form, "Mot de passe ou jeton")
	login := keyOf(t, form, "Identifiant du compte")
	if !form.Has(`name="secret_secret" type="password"`, `name="secret_signing_key"`, "(facultatif)", "Ici, les opérateurs sont simulés") {
		t.Fatal(form.HTML)
	}
	const wrong = "pas-le-bon-secret"
	tried := b.Post(page, "name", "vonage", "keep", "file", "login", login, "secret_secret", wrong, "sender", "MAIRIE", "do", "try")
	if tried.Status != http.StatusOK || !tried.Has("cela ne marche pas encore", "refuse les identifiants", `value="`+login+`"`) ||
		strings.Contains(tried.HTML, wrong) {
		t.Errorf("%d %s", tried.Status, tried.HTML)
	}
	tried = b.Post(page, "name", "vonage", "keep", "file", "login", login, "secret_secret", secret, "sender", "MAIRIE", "do", "try")
	if !tried.Has("cela marche", "GET http://127.0.0.1:", "/operator/vonage/account/get-balance", "Authorization: Basic ***", "EUR",
		"[connector.vonage]\nprovider = \"http\"\npreset = \"vonage\"\nlogin = \""+login+"\"\nsecret_file = \"vonage.secret\"",
		"/etc/relais/vonage.secret", "/callbacks/vonage/", "/reply", "vous, sur son site", "chaque message : rien à faire") {
		t.Errorf("%d %s", tried.Status, tried.HTML)
	}
	if n := strings.Count(tried.HTML, secret); n != 1 { // where the page says what the simulated one takes
		t.Errorf("the secret stands %d times in the page", n)
	}
	if strings.Contains(w.Logs.String(), secret) || strings.Contains(w.Logs.String(), wrong) {
		t.Error("the log has a secret")
	}
	acts, _, err := w.People.Acts(t.Context(), auth.ActQuery{Code: "operator_tried", Limit: 10})
	if err != nil || len(acts) != 2 || acts[0].Subject != "vonage" || acts[0].Account != "" {
		t.Errorf("%v %+v", err, acts)
	}
}

// keyOf is what the page says that a simulated operator takes.
func keyOf(t *testing.T, p *consoletest.Page, name string) string {
	t.Helper()
	return p.Between(t, "<dt>"+name+"</dt><dd><code>", "</code>")
}

// TestASectionIsWrittenWithoutItsSecrets: who has no key at hand gets the section all the same, and
// nobody is called.
func TestASectionIsWrittenWithoutItsSecrets(t *testing.T) {
	w := consoletest.Start(t, "public_url = \"http://localhost:8080\"\n")
	w.User("odile", auth.Grant{Role: auth.Operator})
	b := w.SignedIn("en", "odile")
	const page = "/console/operators/brevo"
	p := b.Post(page, "name", "brevo-marie", "keep", "environment", "sender", `La "Marie"`, "do", "write")
	if p.Status != http.StatusOK || !p.Has(`sender = "La \"Marie\""`, "# key: RELAIS_CONNECTOR_BREVO_MARIE_KEY", "http://localhost:8080/callbacks/brevo-marie/") ||
		p.Has("The trial") {
		t.Errorf("%d %s", p.Status, p.HTML)
	}
	for _, tc := range []struct{ name, fields, field, why string }{
		{"a name that no connector may have", "name=Brevo+Marie&sender=MAIRIE", "name", "lower-case letters"},
		{"a name that another one has", "name=ovh&sender=MAIRIE", "name", "has this name already"},
		{"no sender", "name=brevo&sender=", "sender", "is missing"},
		{"a trial without a key", "name=brevo&sender=MAIRIE&do=try", "secret_key", "is missing"},
		{"a key with a space", "name=brevo&sender=MAIRIE&secret_key=a+b", "secret_key", "no space"},
	} {
		t.Run(tc.name, func(t *testing.T) {
			values, err := url.ParseQuery(tc.fields)
			if err != nil {
				t.Fatal(err)
			}
			var pairs []string
			for name := range values {
				pairs = append(pairs, name, values.Get(name))
			}
			p := b.Post(page, pairs...)
			if p.Status != http.StatusUnprocessableEntity || !p.Has(`href="#`+tc.field+`"`, `id="`+tc.field+`-why"`, tc.why) || p.Has("a b") {
				t.Errorf("%d %s", p.Status, p.HTML)
			}
		})
	}
	for _, none := range []string{"/console/operators/pigeon", "/console/operators/ovh"} {
		if p := b.Get(none); p.Status != http.StatusNotFound {
			t.Errorf("%s: %d", none, p.Status)
		}
	}
	if acts, _, err := w.People.Acts(t.Context(), auth.ActQuery{Code: "operator_tried", Limit: 10}); err != nil || len(acts) != 0 {
		t.Errorf("%v, an operator was called: %+v", err, acts)
	}
}
