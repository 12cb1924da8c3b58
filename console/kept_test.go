package console_test

import (
	"crypto/rand"
	"encoding/hex"
	"encoding/json"
	"fmt"
	"net/http"
	"strings"
	"testing"
	"time"

	"relais/auth"
	"relais/console/consoletest"
)

// comesBack signs somebody in again, in the same browser.
func (s *seat) comesBack(name string) *consoletest.Page {
	s.t.Helper()
	return s.post("/console/signin", "name", name, "password", consoletest.Password, "next", "/console/me")
}

// TestSessionEndsWhileWriting keeps what was sent too late for who sent it, shows it after
// they signed in, and does it once they say so.
func TestSessionEndsWhileWriting(t *testing.T) {
	d := newDesk(t)
	d.user("lea", auth.Grant{Account: "town", Role: auth.Agent}, auth.Grant{Account: "water", Role: auth.Agent})
	d.user("bob", auth.Grant{Account: "town", Role: auth.Agent})
	s := d.seat("lea")
	s.post("/console/preferences", "account", "water", "next", "/console/me")
	late := func() {
		d.now = d.now.Add(auth.SessionIdle + time.Minute)
		p := s.post("/console/me", "display", "Léa <b>", "language", "")
		s.want(p, http.StatusOK, "Votre session est terminée.", "est gardé une demi-heure")
		if strings.Contains(p.Path, "L") || p.Path != "/console/signin?said=form_kept" {
			t.Fatalf("sent to %s", p.Path)
		}
	}
	late()
	s.want(s.comesBack("lea"), http.StatusOK, "Ce que vous aviez écrit", "pour le compte water", "Nom affiché", "<bdi>Léa <b></bdi>")
	s.want(s.get("/console/me"), http.StatusOK, `id="display" name="display" value=""`)
	s.want(s.post("/console/kept", "do", "send"), http.StatusOK, "Le nom et la langue sont enregistrés.", `value="Léa <b>"`)
	stopping := func(*http.Request, []*http.Request) error { return http.ErrUseLastResponse }
	s.http.CheckRedirect = stopping
	if p := s.get("/console/kept"); p.Header.Get("Location") != "/console/" {
		t.Errorf("the form is kept after it was sent: %d %s", p.Status, p.HTML)
	}
	s.http.CheckRedirect = nil

	late()
	s.want(s.comesBack("bob"), http.StatusBadRequest, "Ce formulaire")
	late = func() {
		t.Helper()
		s.comesBack("lea")
		d.now = d.now.Add(auth.SessionIdle + time.Minute)
		s.post("/console/me", "display", "Autre", "language", "")
	}
	late()
	d.now = d.now.Add(31 * time.Minute)
	s.want(s.comesBack("lea"), http.StatusConflict, "a attendu plus d'une demi-heure")

	late()
	s.comesBack("lea")
	s.post("/console/preferences", "account", "town", "next", "/console/me")
	s.want(s.get("/console/kept"), http.StatusConflict, "écrit pour le compte water")
	s.post("/console/preferences", "account", "water", "next", "/console/me")
	s.want(s.post("/console/kept", "do", "send"), http.StatusOK, "Le nom et la langue sont enregistrés.")

	late()
	s.http.CheckRedirect = stopping
	s.comesBack("lea")
	p := s.post("/console/kept", "do", "drop")
	if to := p.Header.Get("Location"); to != "/console/?said=form_dropped" {
		t.Errorf("dropped: %d %q", p.Status, to)
	}
	s.http.CheckRedirect = nil

	d.now = d.now.Add(auth.SessionIdle + time.Minute)
	s.want(s.post("/console/me/password", "old", "x", "password", "y", "again", "y"), http.StatusOK, "n'a pas pu être gardé")
	s.comesBack("lea")
	d.now = d.now.Add(auth.SessionIdle + time.Minute)
	var noise [3000]byte
	rand.Read(noise[:])
	s.want(s.post("/console/me", "display", hex.EncodeToString(noise[:]), "language", ""), http.StatusOK, "n'a pas pu être gardé")
	s.comesBack("lea")
	d.now = d.now.Add(auth.SessionIdle + time.Minute)
	var numbers strings.Builder
	for i := range 300 {
		fmt.Fprintf(&numbers, "+33 6 39 98 %02d %02d\r\n", i/97, i*37%97)
	}
	long := strings.Repeat("La crèche est fermée ; ", 60)
	s.want(s.post("/console/send", "to", numbers.String(), "text", long, "class", "transactional", "when", "2027-01-04T09:30", "do", "send"),
		http.StatusOK, "est gardé une demi-heure")
	p = s.comesBack("lea")
	s.want(p, http.StatusOK, "33 6 39 98 03 28\n", long, "information", "2027-01-04 09:30")
	if strings.Contains(p.HTML, "<dt>do") || strings.Contains(p.HTML, "000D") {
		t.Error("what nobody typed stands there")
	}
	if strings.Contains(d.logs.String(), "Léa") {
		t.Error("the log has what was typed")
	}
}

// TestKeptFormIsOfItsAccount has a form that waits for a proof belong to the account that
// it was written in, and wait for half an hour.
func TestKeptFormIsOfItsAccount(t *testing.T) {
	d := newDesk(t)
	d.user("max", auth.Grant{Account: "town", Role: auth.Manager}, auth.Grant{Account: "water", Role: auth.Manager})
	s := d.seat("max")
	keep := func() string {
		s.post("/console/preferences", "account", "water", "next", "/console/me")
		d.now = d.now.Add(auth.ProofLife + time.Second)
		p := s.post("/console/keys", "name", "etat-civil")
		if p.Status != http.StatusForbidden {
			t.Fatalf("the old proof is enough: %d %s", p.Status, p.HTML)
		}
		return p.Between(t, `name="kept" value="`, `"`)
	}
	kept := keep()
	s.post("/console/preferences", "account", "town", "next", "/console/me")
	s.want(s.post("/console/proof", "password", consoletest.Password, "next", "/console/", "kept", kept), http.StatusConflict,
		"écrit pour le compte water")
	kept = keep()
	d.now = d.now.Add(31 * time.Minute)
	s.want(s.post("/console/proof", "password", consoletest.Password, "next", "/console/", "kept", kept), http.StatusConflict,
		"a attendu plus d'une demi-heure")
}

// TestEnding says how long a session lasts without making it last, until somebody asks.
func TestEnding(t *testing.T) {
	d := newDesk(t)
	d.user("lea", auth.Grant{Account: "town", Role: auth.Agent})
	s := d.seat("lea")
	s.want(s.get("/console/me"), http.StatusOK, `data-session="7140"`, "Rester connecté", "deux minutes")
	left := func(p *consoletest.Page) (seconds int, more bool) {
		t.Helper()
		var told struct {
			Seconds int
			More    bool
		}
		if err := json.Unmarshal([]byte(p.HTML), &told); err != nil || p.Status != http.StatusOK {
			t.Fatalf("%d %s", p.Status, p.HTML)
		}
		return told.Seconds, told.More
	}
	d.now = d.now.Add(auth.SessionIdle - 2*time.Minute)
	for range 2 { // which does not make it last
		if seconds, more := left(s.get("/console/session")); seconds < 60 || seconds > 120 || !more {
			t.Errorf("%d s left, more %t; want two minutes", seconds, more)
		}
	}
	if seconds, _ := left(s.post("/console/session")); seconds < 7100 {
		t.Errorf("%d s left after staying, want two hours", seconds)
	}
	for range 5 {
		d.now = d.now.Add(auth.SessionIdle - time.Minute)
		s.get("/console/me")
	}
	if seconds, more := left(s.post("/console/session")); seconds > int(2*time.Hour/time.Second) || more && seconds < 60 {
		t.Errorf("%d s left, more %t; want what is left of twelve hours", seconds, more)
	}
}
