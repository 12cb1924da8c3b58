//go:build oracle

package console_test

import (
	"fmt"
	"net"
	"net/http"
	"net/url"
	"strings"
	"testing"

	"relais/auth"
	"relais/console"
	"relais/console/consoletest"
	"relais/internal/identitiestest"
)

// people are those whom the provider knows.
var people = map[string]identitiestest.Facts{
	"claire": {
		"email": "claire@town.example", "email_verified": true, "given_name": "Claire", "usual_name": "Martin",
		"siret": "21350238800019", "groups": []string{"sms-agents", "other"},
	},
	"boss": {
		"email": "boss@town.example", "email_verified": true, "groups": []string{"sms-admins"}, "siret": "21350238800019",
		"amr": []string{"pwd", "otp"},
	},
	"paul":     {"email": "paul@town.example", "email_verified": true, "groups": []string{"sms-agents"}, "siret": "21350238800019"},
	"doubtful": {"email": "doubt@town.example", "groups": []string{"sms-agents"}, "siret": "21350238800019"},
	"foreign":  {"email": "foreign@town.example", "email_verified": true, "siret": "13002526500013", "groups": []string{"sms-agents"}},
}

// town is a gateway whose people sign in by a provider.
type town struct {
	*consoletest.World

	t     *testing.T
	there *identitiestest.Provider
}

func newTown(t *testing.T, more string) *town {
	t.Helper()
	free, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	address := free.Addr().String()
	free.Close()
	there := identitiestest.Start(t, identitiestest.Setup{
		Accounts: people, RequirePKCE: true, Clients: []identitiestest.Client{{
			ID: "relais", Secret: "a secret of the client", Redirects: []string{"http://" + address + console.BackFromProvider},
			AfterLogout: []string{"http://" + address + console.LeftProvider}, UserInfo: "RS256",
		}},
	})
	return &town{consoletest.StartOn(t, address, fmt.Sprintf(`public_url = "http://%s"
[oidc]
issuer = %q
name = "Portail de la ville"
client_id = "relais"
client_secret = "a secret of the client"
scopes = ["openid", "email", "profile", "siret", "groups"]
claims = '{"id_token":{"amr":{"essential":true}}}'
trust_amr = ["otp"]
roles_claim = "groups"
siret = ["21350238800019"]
%s
[oidc.roles]
sms-agents = ["agent@sandbox", "agent@nowhere"]
sms-admins = ["admin"]
`, address, there.Issuer, more)), t, there}
}

// invite lets somebody come under an address.
func (w *town) invite(name, mail string) auth.User {
	w.t.Helper()
	u, _, err := w.People.Create(w.t.Context(), auth.By{Actor: auth.Machine}, auth.NewUser{Name: name, Mail: mail})
	if err != nil {
		w.t.Fatal(err)
	}
	return u
}

// signIn has a browser sign in at the provider, and is the page where it ends.
func (w *town) signIn(b *consoletest.Browser, from, name string) *consoletest.Page {
	w.t.Helper()
	p := b.Get(from)
	if !strings.Contains(p.HTML, `<input name="login">`) {
		return p // the provider knows the browser
	}
	_, rest, _ := strings.Cut(p.HTML, `action="`)
	form, _, _ := strings.Cut(rest, `"`)
	return b.PostTo(w.there.Issuer+form, "login", name)
}

// TestSignInElsewhere signs somebody in, with a role from a claim, and out again.
func TestSignInElsewhere(t *testing.T) {
	w := newTown(t, "")
	w.invite("claire", "claire@town.example")
	b := w.Browser("fr")
	if p := b.Get("/console/signin?next=/console/send"); !p.Has("Se connecter avec Portail de la ville", `name="password"`,
		"/console/oidc/begin?next=%2fconsole%2fsend") {
		t.Fatal(p.HTML)
	}
	p := w.signIn(b, "/console/oidc/begin?next=/console/send", "claire")
	if p.Status != http.StatusOK || p.Path != "/console/send" || !p.Has("Claire Martin") {
		t.Fatalf("%d %s\n%s", p.Status, p.Path, p.HTML)
	}
	u, err := w.People.UserNamed(t.Context(), "claire")
	if err != nil || len(u.Roles) != 1 || u.Roles[0].String() != "agent@sandbox" || u.Identity.Subject != "claire" {
		t.Fatalf("%+v, %v", u, err)
	}
	if p := b.Get("/console/users"); p.Status != http.StatusForbidden {
		t.Errorf("an agent sees users: %d", p.Status)
	}
	for _, path := range []string{"/console/me", "/console/me/step"} {
		if p := b.Get(path); p.Status != http.StatusOK {
			t.Errorf("%s: %d", path, p.Status)
		}
	}
	p = b.Post("/console/signout")
	if p.Path != "/console/oidc/left" || !p.Has("Votre connexion à Portail de la ville continue", "/console/oidc/end") {
		t.Fatalf("%s\n%s", p.Path, p.HTML)
	}
	p = b.Get("/console/oidc/end")
	_, rest, _ := strings.Cut(p.HTML, `name="xsrf" value="`)
	xsrf, _, _ := strings.Cut(rest, `"`)
	p = b.PostTo(w.there.Issuer+"/session/end/confirm", "xsrf", xsrf, "logout", "yes")
	if p.Path != "/console/signin?said=signed_out" {
		t.Fatalf("%s\n%s", p.Path, p.HTML)
	}
	if p := b.Get("/console/send"); !strings.HasPrefix(p.Path, "/console/signin") {
		t.Errorf("still signed in: %s", p.Path)
	}
	for _, secret := range []string{"a secret of the client", "eyJ", "claire@town.example"} {
		if strings.Contains(w.Logs.String(), secret) {
			t.Errorf("the log has %q", secret)
		}
	}
}

// TestStrangers: who is recognised and was not invited sees a page, and stands in the
// audit.
func TestStrangers(t *testing.T) {
	w := newTown(t, "")
	w.invite("foreign", "foreign@town.example")
	w.invite("doubt", "doubt@town.example")
	for name, tc := range map[string]struct {
		why string
		act auth.ActCode
	}{
		"paul":     {"personne ne vous a invité ici", auth.StrangerRefused},
		"doubtful": {"personne ne vous a invité ici", auth.StrangerRefused}, // the address is not verified
		"foreign":  {"établissement (SIRET)", auth.SiretRefused},
	} {
		p := w.signIn(w.Browser("fr"), "/console/oidc/begin", name)
		if p.Status != http.StatusForbidden || !p.Has("Demandez l'accès à", tc.why, people[name]["email"].(string)) { //nolint:forcetypeassert // it is one
			t.Errorf("%s: %d\n%s", name, p.Status, p.HTML)
		}
		acts, _, err := w.People.Acts(t.Context(), auth.ActQuery{Limit: 1})
		if err != nil || acts[0].Code != tc.act || acts[0].Subject != people[name]["email"] {
			t.Errorf("%s: the audit has %+v, %v", name, acts, err)
		}
	}
	all, err := w.People.Users(t.Context())
	if err != nil || len(all) != 2 {
		t.Errorf("%d users, %v", len(all), err)
	}
	p := w.signIn(w.Browser("fr"), "/console/oidc/begin", "whom nobody knows")
	if p.Status != http.StatusBadRequest || !p.Has("Portail de la ville n'a laissé entrer personne", `role="alert"`) {
		t.Errorf("%d\n%s", p.Status, p.HTML)
	}
}

// TestForgedArrivals: only the browser that left comes back, once.
func TestForgedArrivals(t *testing.T) {
	w := newTown(t, "")
	w.invite("claire", "claire@town.example")
	stale := func(p *consoletest.Page) {
		t.Helper()
		if p.Status != http.StatusBadRequest || !p.Has("Cette connexion a commencé dans une autre fenêtre") {
			t.Errorf("%d %s\n%s", p.Status, p.Path, p.HTML)
		}
	}
	stale(w.Browser("fr").Get("/console/oidc/back?code=x&state=y"))
	b := w.Browser("fr")
	b.Get("/console/oidc/begin") // and to the page of the provider
	stale(b.Get("/console/oidc/back?code=x&state=" + strings.Repeat("x", 43)))

	// What one browser was given opens nothing in another, nor a second time.
	first := w.Browser("fr")
	b = w.Browser("fr")
	var given string
	first.Watch(func(to *url.URL) {
		if to.Path == console.BackFromProvider {
			given = to.RequestURI()
		}
	})
	if p := w.signIn(first, "/console/oidc/begin?next=/console/me", "claire"); p.Path != "/console/me" {
		t.Fatalf("%s\n%s", p.Path, p.HTML)
	}
	stale(b.Get(given))
	stale(first.Get(given))
	if p := b.Get("/console/oidc/begin?next=//evil.example/"); !strings.Contains(p.HTML, "login") {
		t.Fatal(p.HTML)
	}
	if p := w.signIn(b, "/console/oidc/begin?next=//evil.example/", "claire"); p.Path != "/console/" {
		t.Errorf("sent on to %s", p.Path)
	}
}

// TestPasswordsAreOff: where people sign in elsewhere, one account has a password; an
// administrator whose provider asks for two steps needs none here, and proves there who
// they are.
func TestPasswordsAreOff(t *testing.T) {
	w := newTown(t, "local = false")
	w.invite("boss", "boss@town.example")
	w.User("anne", auth.Grant{Account: "sandbox", Role: auth.Agent})
	b := w.Browser("fr")
	if p := b.Get("/console/signin"); !p.Has("<summary>Compte de secours</summary>") {
		t.Fatal(p.HTML)
	}
	p := b.Post("/console/signin", "name", "anne", "password", consoletest.Password)
	if p.Status != http.StatusUnprocessableEntity || !p.Has("Les mots de passe sont désactivés ici.") {
		t.Fatalf("%d\n%s", p.Status, p.HTML)
	}
	anne, err := w.People.UserNamed(t.Context(), "anne")
	if err != nil {
		t.Fatal(err)
	}
	link, err := w.People.Invite(t.Context(), auth.By{Actor: auth.Machine}, anne.ID)
	if err != nil {
		t.Fatal(err)
	}
	if p := b.Post("/console/welcome", "link", link.Code, "password", "une autre phrase", "again", "une autre phrase"); p.Status == http.StatusOK ||
		!p.Has("Les mots de passe sont désactivés ici.") {
		t.Errorf("a link: %d\n%s", p.Status, p.HTML)
	}
	if err := w.People.SetEmergency(t.Context(), auth.By{Actor: auth.Machine}, anne.ID, true); err != nil {
		t.Fatal(err)
	}
	if p := b.Post("/console/signin", "name", "anne", "password", consoletest.Password); p.Path != "/console/" {
		t.Errorf("the account for emergencies: %d %s", p.Status, p.Path)
	}

	boss := w.Browser("fr")
	p = w.signIn(boss, "/console/oidc/begin?next=/console/users", "boss")
	if p.Status != http.StatusOK || p.Path != "/console/users" || !p.Has("anne") {
		t.Fatalf("%d %s\n%s", p.Status, p.Path, p.HTML)
	}
	p = w.signIn(boss, "/console/oidc/prove?next=/console/users/new", "boss")
	if p.Path != "/console/users/new" || !p.Has("Adresse électronique", "Portail de la ville") {
		t.Fatalf("%s\n%s", p.Path, p.HTML)
	}
	p = boss.Post("/console/users/new", "name", "luc", "display", "", "language", "", "mail", "luc")
	if p.Status != http.StatusUnprocessableEntity || !p.Has("Ce n'est pas une adresse électronique", `id="mail-why"`) {
		t.Fatalf("%d\n%s", p.Status, p.HTML)
	}
	p = boss.Post("/console/users/new", "name", "luc", "display", "", "language", "", "mail", "Luc@Town.example")
	if !strings.HasPrefix(p.Path, "/console/users/") || !p.Has("La personne peut se connecter.", `value="luc@town.example"`) {
		t.Fatalf("%d %s\n%s", p.Status, p.Path, p.HTML)
	}
	here, _, _ := strings.Cut(p.Path, "?")
	if p = boss.Post(here+"/mail", "mail", "boss@town.example"); p.Status != http.StatusUnprocessableEntity ||
		!p.Has("Une autre personne a été invitée sous cette adresse.") {
		t.Errorf("%d\n%s", p.Status, p.HTML)
	}
	me, err := w.People.UserNamed(t.Context(), "boss")
	if err != nil {
		t.Fatal(err)
	}
	if p = boss.Get("/console/users/" + me.ID); !p.Has("Se connecte ainsi depuis le", w.there.Issuer) {
		t.Error(p.HTML)
	}
	if p = boss.Post("/console/users/" + me.ID + "/release"); !strings.HasPrefix(p.Path, "/console/signin") {
		t.Errorf("after the own identity was released: %s", p.Path)
	}
}

// TestProviderIsDown: the gateway runs, the page says so, and passwords go on.
func TestProviderIsDown(t *testing.T) {
	w := newTown(t, "")
	w.User("anne", auth.Grant{Account: "sandbox", Role: auth.Agent})
	w.there.Stop()
	b := w.Browser("fr")
	if p := b.Get("/console/oidc/begin"); p.Status != http.StatusServiceUnavailable ||
		!p.Has("Portail de la ville ne répond pas en ce moment.", `name="password"`) {
		t.Fatalf("%d\n%s", p.Status, p.HTML)
	}
	if p := b.Post("/console/signin", "name", "anne", "password", consoletest.Password); p.Path != "/console/" {
		t.Errorf("%d %s", p.Status, p.Path)
	}
}
