package console_test

import (
	"encoding/json"
	"net/http"
	"strings"
	"testing"

	"relais/auth"
	"relais/auth/passkeytest"
	"relais/console/consoletest"
)

// atLocalhost is a desk where passkeys work.
func atLocalhost(t *testing.T) *desk {
	t.Helper()
	d := newDesk(t)
	d.url = strings.Replace(d.url, "127.0.0.1", "localhost", 1)
	return d
}

// asked is what the console asks a browser.
func (s *seat) asked(path string, pairs ...string) auth.Ask {
	s.t.Helper()
	p := s.post(path+"/ask", pairs...)
	var ask auth.Ask
	if err := json.Unmarshal([]byte(p.HTML), &ask); err != nil || p.Status != http.StatusOK {
		s.t.Fatalf("%s asks nothing: %d %s", path, p.Status, p.HTML)
	}
	return ask
}

// makes has a telephone make a passkey at a form.
func (s *seat) makes(path string, pairs ...string) (*passkeytest.Telephone, *consoletest.Page) {
	s.t.Helper()
	phone := passkeytest.New(s.t, s.url)
	ask := s.asked(path, pairs...)
	return phone, s.post(path, append(pairs, "state", ask.State, "answer", phone.Make(ask.Options))...)
}

// signs has a telephone sign at a form.
func (s *seat) signs(phone *passkeytest.Telephone, path string, pairs ...string) *consoletest.Page {
	s.t.Helper()
	ask := s.asked(path, pairs...)
	return s.post(path, append(pairs, "state", ask.State, "answer", phone.Sign(ask.Options))...)
}

// TestPasskeys has an agent add a passkey, come in by it, use it as the second step and as
// a proof, and remove it.
func TestPasskeys(t *testing.T) {
	d := atLocalhost(t)
	d.user("lea", auth.Grant{Account: "town", Role: auth.Agent})
	s := d.seat("lea")
	s.want(s.get("/console/me"), http.StatusOK, "Clés d'accès", "Vous n'en avez pas.", `data-passkey="make"`)
	ask := s.asked("/console/me/passkeys", "name", "x")
	s.want(s.post("/console/me/passkeys", "name", " ", "state", ask.State, "answer", "{}"), http.StatusUnprocessableEntity,
		"60 caractères au plus", `href="#passkey-name"`)
	s.want(s.post("/console/me/passkeys", "name", "Clé", "state", ask.State, "answer", "{}"), http.StatusUnprocessableEntity,
		"Cette clé d'accès n'ouvre pas la console")
	s.want(s.post("/console/me/passkeys", "name", "Clé"), http.StatusOK, "Appuyez de nouveau sur le bouton")
	phone, p := s.makes("/console/me/passkeys", "name", "Clé <b>")
	s.want(p, http.StatusOK, "codes de secours")
	s.want(s.get("/console/me"), http.StatusOK, "<bdi>Clé <b></bdi>", "n'a jamais servi")

	other := d.stranger()
	s.want(other.get("/console/signin"), http.StatusOK, "Se connecter par une clé d'accès", `data-passkey="use"`)
	s.want(other.signs(phone, "/console/passkey", "next", "/console/me"), http.StatusOK, "Mon profil", "a servi")
	half := d.stranger()
	s.want(half.post("/console/signin", "name", "lea", "password", consoletest.Password, "next", "/console/me"),
		http.StatusOK, "Seconde étape", "Prendre une clé d'accès")
	s.want(half.signs(phone, "/console/step/passkey", "next", "/console/me"), http.StatusOK, "Mon profil")

	d.now = d.now.Add(auth.ProofLife * 2)
	p = half.post("/console/me/passkeys/ask", "name", "x")
	s.want(p, http.StatusForbidden, "Est-ce bien vous ?", "Prendre une clé d'accès")
	s.want(half.get("/console/proof?next=/console/me"), http.StatusOK, "Prendre une clé d'accès")
	s.want(half.signs(phone, "/console/proof/passkey", "next", "/console/me", "kept", ""), http.StatusOK, "Mon profil")
	id := half.get("/console/me").Between(t, "/console/me/passkeys/", "/remove")
	s.want(half.post("/console/me/passkeys/none/remove"), http.StatusNotFound)
	s.want(half.post("/console/me/passkeys/"+id+"/remove"), http.StatusOK, "La clé d'accès est retirée.", "Vous n'en avez pas.")
	late := d.stranger()
	s.want(late.signs(phone, "/console/passkey", "next", "/console/me"), http.StatusUnprocessableEntity,
		"Cette clé d'accès n'ouvre pas la console")
	if strings.Contains(d.logs.String(), "Clé") {
		t.Error("the log has the name of a passkey")
	}
}

// TestWelcomeByPasskey has an administrator begin without a password, and choose one later.
func TestWelcomeByPasskey(t *testing.T) {
	d := atLocalhost(t)
	_, link, err := d.people.Create(t.Context(), auth.By{Actor: auth.Machine}, auth.NewUser{
		Name: "root", Roles: []auth.Grant{admin},
	})
	if err != nil {
		t.Fatal(err)
	}
	s := d.stranger()
	s.want(s.post("/console/welcome", "link", link.Code), http.StatusOK, "Ou bien", "Créer une clé d'accès")
	s.want(s.post("/console/welcome/passkey/ask", "link", "none", "name", "Clé"), http.StatusUnprocessableEntity, "ne fonctionne plus")
	s.want(s.post("/console/welcome/passkey", "link", link.Code, "name", "Clé", "state", "", "answer", ""), http.StatusUnprocessableEntity,
		"Recommencez", "Créer une clé d'accès")
	s.http.CheckRedirect = func(*http.Request, []*http.Request) error { return http.ErrUseLastResponse }
	phone, p := s.makes("/console/welcome/passkey", "link", link.Code, "name", "Clé")
	if to := p.Header.Get("Location"); p.Status != http.StatusSeeOther || to != "/console/" {
		t.Fatalf("%d %q %s", p.Status, to, p.HTML)
	}
	s.http.CheckRedirect = nil
	p = s.get("/console/me")
	s.want(p, http.StatusOK, "Vous n'avez pas de mot de passe", "Choisir un mot de passe")
	id := p.Between(t, "/console/me/passkeys/", "/remove")
	s.want(s.post("/console/me/passkeys/"+id+"/remove"), http.StatusUnprocessableEntity, "C'est votre seul moyen d'entrer")
	d.now = d.now.Add(auth.ProofLife * 2)
	s.want(s.post("/console/me/password", "password", "une autre phrase", "again", "une autre phrase"), http.StatusForbidden, "Est-ce bien vous ?")
	s.want(s.signs(phone, "/console/proof/passkey", "next", "/console/me", "kept", ""), http.StatusOK, "Mon profil")
	s.want(s.post("/console/me/password", "password", "une autre phrase", "again", "une autre phrase"), http.StatusOK, "Le mot de passe est changé.")
}

// TestPasskeysElsewhere says why there are none where browsers make none.
func TestPasskeysElsewhere(t *testing.T) {
	d := newDesk(t)
	d.user("lea", auth.Grant{Account: "town", Role: auth.Agent})
	s := d.seat("lea")
	p := s.get("/console/me")
	s.want(p, http.StatusOK, "Les clés d'accès demandent HTTPS.", "http://localhost")
	if strings.Contains(p.HTML, "data-passkey") {
		t.Error("there is a form for passkeys that cannot be made")
	}
	s.want(d.stranger().post("/console/passkey/ask", "next", ""), http.StatusUnprocessableEntity, "demandent HTTPS et un nom de machine")
}
