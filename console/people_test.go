package console_test

import (
	"net/http"
	"strings"
	"testing"
	"time"

	"relais/auth"
	"relais/console/consoletest"
)

// TestProof has a proof grow old: a page asks for another before it is shown, and a form
// that was typed meanwhile is not lost.
func TestProof(t *testing.T) {
	d := newDesk(t)
	d.user("anne", admin)
	s := d.seat("anne")
	s.want(s.get("/console/users"), http.StatusOK, "Utilisateurs", "anne", "administrateur")

	s.now = s.now.Add(auth.ProofLife + time.Second)
	p := s.get("/console/users?said=roles")
	if !strings.HasPrefix(p.Path, "/console/proof?next=") {
		t.Fatalf("the old proof is enough: %s", p.Path)
	}
	s.want(p, http.StatusOK, "Est-ce bien vous ?")
	to := p.Between(t, `name="next" value="`, `"`)
	s.want(s.post("/console/proof", "code", "000000", "next", to), http.StatusUnprocessableEntity, "Le code est faux", `id="code-why"`)
	p = s.post("/console/proof", "code", s.code(), "next", to)
	s.want(p, http.StatusOK, "Utilisateurs")
	if p.Path != "/console/users?said=roles" {
		t.Fatalf("the proof leads to %s", p.Path)
	}

	s.now = s.now.Add(auth.ProofLife + time.Second)
	p = s.post("/console/users/new", "name", "bob", "display", "Bob & Cie", "language", "fr", "role:agent@town", "1")
	s.want(p, http.StatusForbidden, "Ce que vous venez d'envoyer est gardé")
	kept := p.Between(t, `name="kept" value="`, `"`)
	if strings.Contains(kept, "bob") {
		t.Error("what was kept is not sealed")
	}
	s.want(s.post("/console/proof", "code", "000000", "next", "/console/", "kept", kept), http.StatusUnprocessableEntity, kept)
	p = s.post("/console/proof", "code", s.code(), "next", "/console/", "kept", kept)
	s.want(p, http.StatusOK, "Un lien pour Bob & Cie", "/console/welcome#")
	s.want(s.get("/console/users"), http.StatusOK, "Bob & Cie")

	d.user("carl", admin)
	other := d.seat("carl")
	s.want(other.post("/console/proof", "code", other.code(), "next", "/", "kept", kept), http.StatusBadRequest, "Ce formulaire a un champ")
	s.want(other.post("/console/proof", "code", other.code(), "next", "/", "kept", "AAAA"), http.StatusBadRequest, "Ce formulaire a un champ")
	s.http.CheckRedirect = func(*http.Request, []*http.Request) error { return http.ErrUseLastResponse }
	p = s.post("/console/proof", "code", s.code(), "next", "//evil.example/")
	if to := p.Header.Get("Location"); p.Status != http.StatusSeeOther || to != "/console/" {
		t.Errorf("the proof leads to %q", to)
	}
}

// TestProfile has somebody change what is theirs.
func TestProfile(t *testing.T) {
	d := newDesk(t)
	d.user("lea", auth.Grant{Account: "town", Role: auth.Agent})
	s, other := d.seat("lea"), d.seat("lea")
	s.want(s.get("/console/me"), http.StatusOK, "Mon profil", "agent de town", "Firefox </bdi><script>", "ce navigateur")
	if p := s.get("/console/me"); strings.Contains(p.HTML, "</bdi><script>") {
		t.Error("what a browser calls itself is taken for HTML")
	}
	s.want(s.post("/console/me", "display", strings.Repeat("x", 101), "language", "fr"), http.StatusUnprocessableEntity,
		"100 caractères au plus", strings.Repeat("x", 101), `href="#display"`)
	s.want(s.post("/console/me", "display", "Léa", "language", "en"), http.StatusOK, "Name and language are kept.", "You sign in as lea.")
	s.want(s.post("/console/me", "display", "Léa", "language", "fr", "role", "admin"), http.StatusBadRequest, "field that the page does not have")
	s.want(s.post("/console/me", "display", "Léa", "language", "fr"), http.StatusOK, "Le nom et la langue sont enregistrés.")

	s.want(s.post("/console/me/password", "old", "faux", "password", "une autre phrase", "again", "une autre phrase"),
		http.StatusUnprocessableEntity, "Le mot de passe est faux.", `id="old-why"`)
	s.want(s.post("/console/me/password", "old", consoletest.Password, "password", "court", "again", "court"),
		http.StatusUnprocessableEntity, "Il faut au moins 12 caractères", `id="password-why"`)
	s.want(s.post("/console/me/password", "old", consoletest.Password, "password", "une autre phrase", "again", "une autre phrase !"),
		http.StatusUnprocessableEntity, "Les deux mots de passe diffèrent", `id="again-why"`)
	s.want(s.post("/console/me/password", "old", consoletest.Password, "password", "une autre phrase", "again", "une autre phrase"),
		http.StatusOK, "Le mot de passe est changé.")
	if p := other.get("/console/me"); !strings.HasPrefix(p.Path, "/console/signin") {
		t.Errorf("another browser is still signed in: %s", p.Path)
	}
}

// TestOwnSecondStep sets a second step up, asks for new codes, and removes it.
func TestOwnSecondStep(t *testing.T) {
	d := newDesk(t)
	d.user("lea", auth.Grant{Account: "town", Role: auth.Agent})
	s := d.seat("lea")
	s.now = s.now.Add(auth.ProofLife + time.Second)
	p := s.get("/console/me/step")
	s.want(p, http.StatusOK, "Est-ce bien vous ?", `autocomplete="current-password"`)
	p = s.post("/console/proof", "password", consoletest.Password, "next", p.Between(t, `name="next" value="`, `"`))
	s.want(p, http.StatusOK, "Préparer la seconde étape")
	s.secret = p.Between(t, "<code>", "</code>")
	s.want(s.post("/console/me/step", "code", "000000"), http.StatusUnprocessableEntity, "Le code est faux", s.secret)
	s.want(s.post("/console/me/step", "code", s.code()), http.StatusOK, "Vos codes de secours")
	s.want(s.post("/console/me/step", "code", s.code()), http.StatusOK, "Mon profil") // sent twice
	s.want(s.get("/console/me"), http.StatusOK, "Il reste 10 codes de secours.")
	s.want(s.post("/console/me/codes"), http.StatusOK, "Vos codes de secours")
	s.want(s.post("/console/me/step/remove"), http.StatusOK, "La seconde étape est retirée.")
	s.want(s.post("/console/me/step/remove"), http.StatusOK, "Préparer la seconde étape")
	s.want(s.post("/console/me/codes"), http.StatusUnprocessableEntity, "Aucune seconde étape")
}

// TestOwnSessions ends other browsers' sessions, and none of anybody else.
func TestOwnSessions(t *testing.T) {
	d := newDesk(t)
	role := auth.Grant{Account: "town", Role: auth.Agent}
	lea := d.user("lea", role)
	bob := d.user("bob", role)
	s, second, third, foreign := d.seat("lea"), d.seat("lea"), d.seat("lea"), d.seat("bob")
	bobs, err := d.people.Sessions(t.Context(), bob.ID)
	if err != nil {
		t.Fatal(err)
	}
	for _, id := range []string{bobs[0].ID, "nobody", "%2e%2e"} {
		s.want(s.post("/console/me/sessions/"+id+"/end"), http.StatusNotFound, "Il n'y a rien ici.")
	}
	s.want(foreign.get("/console/me"), http.StatusOK)
	p := s.get("/console/me")
	id := p.Between(t, `/console/me/sessions/`, `/end`)
	s.want(s.post("/console/me/sessions/"+id+"/end"), http.StatusOK, "La session est fermée.")
	s.want(s.post("/console/me/sessions/"+id+"/end"), http.StatusNotFound)
	s.want(s.post("/console/me/sessions/end"), http.StatusOK, "Seul ce navigateur est connecté.")
	for _, b := range []*seat{second, third} {
		if p := b.get("/console/me"); !strings.HasPrefix(p.Path, "/console/signin") {
			t.Errorf("still signed in: %s", p.Path)
		}
	}
	if left, err := d.people.Sessions(t.Context(), lea.ID); err != nil || len(left) != 1 {
		t.Errorf("%d sessions are left, %v", len(left), err)
	}
}

// TestUsers has an administrator invite, change, reset and disable somebody.
func TestUsers(t *testing.T) {
	d := newDesk(t)
	anne := d.user("anne", admin)
	s := d.seat("anne")
	s.want(s.get("/console/users/new"), http.StatusOK, "Inviter une personne", "Compte town", "Compte water", "Toute la passerelle")
	s.want(s.post("/console/users/new", "name", "bob", "display", "", "language", ""), http.StatusUnprocessableEntity,
		"Cochez au moins un rôle", `value="bob"`, `href="#roles"`)
	s.want(s.post("/console/users/new", "name", "b o b", "display", "", "language", "", "role:agent@town", "1"),
		http.StatusUnprocessableEntity, "Le nom compte de 1 à 100", `value="b o b"`, `name="role:agent@town" value="1" checked`)
	s.want(s.post("/console/users/new", "name", "bob", "role:agent@moon", "1"), http.StatusBadRequest)
	p := s.post("/console/users/new", "name", "bob", "display", "<b>Bob</b>", "language", "", "role:agent@town", "1")
	s.want(p, http.StatusOK, "Un lien pour <b>Bob</b>")
	if strings.Contains(p.HTML, "<b>") || p.Header.Get("Cache-Control") != "no-store" {
		t.Errorf("%v\n%s", p.Header, p.HTML)
	}
	link := p.Between(t, "/console/welcome#", `"`)
	path := p.Between(t, `href="`, `">Voir cet utilisateur`)
	path = path[strings.LastIndex(path, "/console/users/"):]
	s.want(s.post("/console/users/new", "name", "Bob", "role:agent@town", "1"), http.StatusUnprocessableEntity, "Il y a déjà un utilisateur de ce nom.")

	s.want(s.get(path), http.StatusOK, "sans mot de passe", `name="role:agent@town" value="1" checked`)
	p = s.post(path + "/link")
	again := p.Between(t, "/console/welcome#", `"`)
	guest := &seat{desk: d, http: &http.Client{}}
	s.want(guest.post("/console/welcome", "link", link), http.StatusUnprocessableEntity, "Le lien ne fonctionne plus")
	s.want(guest.post("/console/welcome", "link", again), http.StatusOK, "Bienvenue, <b>Bob</b>")
	if _, _, err := d.people.Redeem(t.Context(), again, consoletest.Password, auth.Browser{Address: "127.0.0.1"}); err != nil {
		t.Fatal(err)
	}
	bob := d.seat("bob")
	p = s.get(path)
	s.want(p, http.StatusOK, "actif", "Firefox </bdi><script>")
	s.want(bob.get("/console/users"), http.StatusForbidden, "Votre rôle ne le permet pas")
	s.want(s.post(path+"/roles", "role:reader@town", "1", "role:dpo@water", "1"), http.StatusOK, "Les rôles sont enregistrés.")
	if p := bob.get("/console/me"); !strings.HasPrefix(p.Path, "/console/signin") {
		t.Errorf("the session lives on with other roles: %s", p.Path)
	}
	d.seat("bob")
	s.want(s.post(path+"/disable"), http.StatusOK, "ne peut plus se connecter", "désactivé")
	s.want(s.post(path+"/disable"), http.StatusOK, "désactivé") // sent twice
	s.want(s.post(path+"/link"), http.StatusUnprocessableEntity)
	s.want(s.post(path+"/enable"), http.StatusOK, "actif")
	d.seat("bob")
	id := s.get(path).Between(t, path+"/sessions/", "/end")
	s.want(s.post(path+"/sessions/"+id+"/end"), http.StatusOK, "La session est fermée.")
	s.want(s.post(path+"/sessions/"+id+"/end"), http.StatusNotFound)
	s.want(s.post(path+"/reset", "step", "1"), http.StatusOK, "Un lien pour")

	own := "/console/users/" + anne.ID
	s.want(s.post(own+"/disable"), http.StatusUnprocessableEntity, "C'est le dernier administrateur")
	s.want(s.post(own+"/roles", "role:agent@town", "1"), http.StatusUnprocessableEntity, "C'est le dernier administrateur", `value="1" checked`)
	for _, nobody := range []string{"nobody", "anne", "..%2f"} {
		s.want(s.get("/console/users/"+nobody), http.StatusNotFound, "Il n'y a rien ici.")
	}
}

// TestAudit shows acts to those who may read them, each account's to its own.
func TestAudit(t *testing.T) {
	d := newDesk(t)
	d.user("anne", admin)
	d.user("dora", auth.Grant{Account: "town", Role: auth.DPO})
	d.user("max", auth.Grant{Account: "water", Role: auth.Agent})
	d.user("zoe", auth.Grant{Account: "town", Role: auth.Agent})
	for _, a := range []auth.Act{
		{Actor: "user:zoe", Account: "town", Code: "replies_read", Subject: `=HYPERLINK("x")`},
		{Actor: "user:max", Account: "water", Code: "replies_read", Subject: "secret of water"},
	} {
		if err := d.people.Record(t.Context(), a); err != nil {
			t.Fatal(err)
		}
	}
	s := d.seat("anne")
	s.want(s.get("/console/audit"), http.StatusOK, "secret of water", "Connexion", "Rôle donné : <bdi>administrateur")
	dora := d.seat("dora")
	p := dora.get("/console/audit")
	s.want(p, http.StatusOK, "=HYPERLINK", "Rôle donné : <bdi>agent")
	if p.Has("secret of water") || strings.Contains(p.HTML, ">max<") {
		t.Error("an account's audit shows another's")
	}
	zoe := d.seat("zoe")
	s.want(zoe.get("/console/audit"), http.StatusForbidden)
	s.want(zoe.post("/console/audit/export"), http.StatusForbidden)
	s.want(s.get("/console/audit?since=demain"), http.StatusUnprocessableEntity, "Écrivez-le comme 2026-12-01.", `value="demain"`)
	s.want(s.get("/console/audit?since=2026-12-02&until=2026-12-01"), http.StatusUnprocessableEntity, "Échangez-les.")
	s.want(s.get("/console/audit?until=2020-01-01"), http.StatusOK, "Rien n'est inscrit pour")
	s.want(s.get("/console/audit?before=x"), http.StatusBadRequest)
	s.want(s.get("/console/audit?person=unknown"), http.StatusNotFound)
	today := d.now.UTC().Format(time.DateOnly)
	p = dora.post("/console/audit/export", "since", today, "until", today)
	s.want(p, http.StatusOK, `,user:zoe,town,replies_read,"'=HYPERLINK(""x"")",,`)
	if p.Header.Get("Content-Type") != "text/csv; charset=utf-8" || !strings.HasPrefix(p.Header.Get("Content-Disposition"), "attachment") {
		t.Errorf("headers %v", p.Header)
	}
	if p.Has("secret of water") {
		t.Error("an account's file has another's acts")
	}
	s.want(s.get("/console/audit"), http.StatusOK, "Journal exporté")
	s.want(s.post("/console/audit/export", "since", "demain"), http.StatusUnprocessableEntity, "Écrivez-le comme 2026-12-01.")
	s.want(s.get("/console/audit?act=audit_exported"), http.StatusOK, "<bdi>dora</bdi></td><td data-label=\"Quoi\">Journal exporté")
	if p := s.get("/console/audit?act=audit_exported"); p.Has("secret of water") {
		t.Error("one kind of act shows others")
	}
	s.want(s.get("/console/audit?account=water"), http.StatusOK, "secret of water")
	s.want(s.get("/console/audit?account=town"), http.StatusOK, "=HYPERLINK")
	if p := s.get("/console/audit?account=town"); p.Has("secret of water") {
		t.Error("one account shows the acts of another")
	}
	s.want(s.get("/console/audit?account=-"), http.StatusOK, "Connexion")
	s.want(s.get("/console/audit?act=nothing"), http.StatusNotFound)
	s.want(dora.get("/console/audit?account=water"), http.StatusNotFound)
	s.want(dora.get("/console/audit?account=-"), http.StatusNotFound)
	s.want(s.get("/console/audit?person=nobody"), http.StatusOK, "Rien n'est inscrit pour")
	for range 30 {
		if err := d.people.Record(t.Context(), auth.Act{Actor: "user:zoe", Account: "town", Code: "replies_read"}); err != nil {
			t.Fatal(err)
		}
	}
	p = s.get("/console/audit")
	next := p.Between(t, `href="/console/audit?`, `"`)
	s.want(s.get("/console/audit?"+strings.ReplaceAll(next, "&amp;", "&")), http.StatusOK, "secret of water")
}

// TestHelp shows the manual in both languages.
func TestHelp(t *testing.T) {
	d := newDesk(t)
	d.user("lea")
	s := d.seat("lea")
	s.want(s.get("/console/help"), http.StatusOK, `lang="fr"`, "<title>Aide – Relais</title>", "<h1")
	s.post("/console/me", "display", "", "language", "en")
	p := s.get("/console/help")
	s.want(p, http.StatusOK, `lang="en"`, "<title>Help – Relais</title>")
	if strings.Count(p.HTML, "<h1") != 1 || strings.Contains(p.HTML, ".md") {
		t.Errorf("%s", p.HTML)
	}
}
