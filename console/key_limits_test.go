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

// TestKeyIsLimitedAnew changes what a key may do: the program goes on with it until then,
// and the journal tells.
func TestKeyIsLimitedAnew(t *testing.T) {
	w := consoletest.Start(t, "")
	w.User("max", auth.Grant{Account: "sandbox", Role: auth.Manager})
	w.User("claire", auth.Grant{Account: "sandbox", Role: auth.Agent})
	text, key, err := auth.NewKey(t.Context(), w.Store, "sandbox", "guichet", time.Now())
	if err != nil {
		t.Fatal(err)
	}
	caller, path := client.New(w.App.URL(), text), "/console/keys/"+key.ID
	send := func() error {
		_, err := caller.Submit(t.Context(), client.SubmitRequest{To: []string{"0639980001"}, Text: "Bonjour"})
		return err
	}
	if err := send(); err != nil {
		t.Fatalf("the key does not send: %v", err)
	}
	b := w.SignedIn("fr", "max")
	if p := b.Get("/console/keys"); !p.Has(`href="`+path+`"`, "Changer") {
		t.Fatalf("no way to the limits: %s", p.HTML)
	}
	p := b.Get(path)
	if p.Status != http.StatusOK || !p.Has("La clé guichet", `name="send" value="1" checked`, "Limites actuelles :", "<bdi>aucune</bdi>") ||
		p.Has(`name="operate"`) {
		t.Fatalf("%d %s", p.Status, p.HTML)
	}
	seen := p.Between(t, `name="seen" value="`, `"`)
	for _, wrong := range []struct {
		fields []string
		why    string
	}{
		{[]string{"networks", "10.0.0.0/8"}, "au moins une chose"},
		{[]string{"send", "1", "networks", "10.1.2.3/8"}, "n'est pas un réseau"},
		{[]string{"send", "1", "until", "2001-01-01"}, `id="until-why"`},
		{[]string{"send", "1", "operate", "1"}, "touche tous les comptes"},
	} {
		p := b.Post(path, append([]string{"seen", seen}, wrong.fields...)...)
		if p.Status != http.StatusUnprocessableEntity || !p.Has(wrong.why, `value="`+wrong.fields[len(wrong.fields)-1]+`"`) {
			t.Errorf("%v: %d %s", wrong.fields, p.Status, p.HTML)
		}
	}
	if p := b.Post(path, "seen", seen, "read", "1", "account", "default"); p.Status != http.StatusBadRequest {
		t.Errorf("a field that the form has not: %d", p.Status)
	}
	if err := send(); err != nil {
		t.Fatalf("what was refused has changed the key: %v", err)
	}
	day := time.Now().AddDate(0, 0, 60).Format(time.DateOnly)
	for range 2 { // sent twice it changes once
		p = b.Post(path, "seen", seen, "read", "1", "networks", "127.0.0.0/8, ::1", "until", day)
		if p.Status != http.StatusOK || !p.Has("Les limites de la clé sont changées", "lire, 127.0.0.0/8, ::1/128") {
			t.Fatalf("%d %s", p.Status, p.HTML)
		}
	}
	await(t, "the key sends no more", func() bool {
		err := send()
		return err != nil && strings.Contains(err.Error(), "This key may not send; it may read.")
	})
	if n := keyActs(t, w, auth.KeyLimited, "guichet ("+key.ID+")"); n != 1 {
		t.Errorf("%d lines of the journal, want 1", n)
	}
	if p := w.SignedIn("en", "claire").Get(path); p.Status != http.StatusForbidden {
		t.Errorf("an agent: %d", p.Status)
	}
}

// keyActs counts lines of the journal of the sandbox.
func keyActs(t *testing.T, w *consoletest.World, code auth.ActCode, subject string) (count int) {
	t.Helper()
	acts, _, err := w.People.Acts(t.Context(), auth.ActQuery{Accounts: []string{"sandbox"}, Limit: 100})
	if err != nil {
		t.Fatal(err)
	}
	for _, a := range acts {
		if a.Code == code && a.Subject == subject && a.Actor == "user:max" {
			count++
		}
	}
	return count
}

// TestKeyIsLimitedByTwo: the second sees what the first did, and loses nothing.
func TestKeyIsLimitedByTwo(t *testing.T) {
	w := consoletest.Start(t, "")
	w.User("max", auth.Grant{Account: "sandbox", Role: auth.Manager})
	w.User("mia", auth.Grant{Account: "sandbox", Role: auth.Manager})
	_, foreign, err := auth.NewKey(t.Context(), w.Store, "default", "foreign", time.Now())
	if err != nil {
		t.Fatal(err)
	}
	hour := time.Now().AddDate(0, 3, 0).UTC().Truncate(time.Hour).Add(time.Minute)
	_, key, err := auth.MakeKey(t.Context(), w.Store, auth.Key{
		Account: "sandbox", Name: "guichet", CreatedAt: time.Now(), Limits: auth.KeyLimits{
			Rights: []auth.KeyRight{auth.KeySend, auth.KeyOperate}, Senders: []sms.Sender{"Ville, A", "B"}, Until: hour,
		},
	})
	if err != nil {
		t.Fatal(err)
	}
	max, mia, path := w.SignedIn("fr", "max"), w.SignedIn("en", "mia"), "/console/keys/"+key.ID
	p := mia.Get(path)
	if !p.Has(`name="operate" value="1" checked`, `value="Ville, A, B"`) {
		t.Fatalf("%d %s", p.Status, p.HTML)
	}
	hers, day := p.Between(t, `name="seen" value="`, `"`), p.Between(t, `name="until" type="date" value="`, `"`)
	if p := max.Post(path, "seen", hers, "send", "1", "read", "1", "senders", "Ville, A, B", "until", day); p.Status != http.StatusOK {
		t.Fatalf("%d %s", p.Status, p.HTML)
	}
	keys, err := w.Store.Keys(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	for _, k := range keys {
		if k.ID == key.ID && (len(k.Limits.Senders) != 2 || !k.Limits.Until.Equal(hour) || k.Limits.May(auth.KeyOperate)) {
			t.Errorf("what was not touched is other: %+v", k.Limits)
		}
	}
	fields := []string{"send", "1", "connectors", "ovh", "senders", "Ville, A, B", "until", day}
	p = mia.Post(path, append([]string{"seen", hers}, fields...)...)
	if p.Status != http.StatusConflict || !p.Has("Somebody changed the limits of this key meanwhile", `value="ovh"`, "send, read", `href="#now"`) {
		t.Fatalf("%d %s", p.Status, p.HTML)
	}
	fresh := p.Between(t, `name="seen" value="`, `"`)
	if p = mia.Post(path, append([]string{"seen", fresh}, fields...)...); p.Status != http.StatusOK || !p.Has("The key has other limits") {
		t.Fatalf("%d %s", p.Status, p.HTML)
	}
	max.Post(path + "/revoke")
	if p = mia.Post(path, append([]string{"seen", fresh}, fields...)...); !p.Has("Somebody revoked the key meanwhile") {
		t.Errorf("%d %s", p.Status, p.HTML)
	}
	if p = max.Get(path); !p.Has("La clé est révoquée.") {
		t.Errorf("%d %s", p.Status, p.HTML)
	}
	for _, none := range []string{foreign.ID, "nothing"} {
		if p := max.Get("/console/keys/" + none); p.Status != http.StatusNotFound {
			t.Errorf("the key %q of nobody here: %d", none, p.Status)
		}
		if p := max.Post("/console/keys/"+none, "send", "1"); p.Status != http.StatusNotFound {
			t.Errorf("the key %q of nobody here: %d", none, p.Status)
		}
	}
}
