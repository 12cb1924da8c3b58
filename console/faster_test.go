package console_test

import (
	"net/http"
	"regexp"
	"strings"
	"testing"
	"time"

	"relais/auth"
	"relais/console/consoletest"
)

// TestSomebodyWasFaster: whoever saves a form about what somebody changed meanwhile is
// told, loses nothing of what they typed, and may save again.
func TestSomebodyWasFaster(t *testing.T) {
	w := consoletest.Start(t, "")
	w.User("mona", auth.Grant{Account: "sandbox", Role: auth.Manager})
	w.User("luc", auth.Grant{Account: "sandbox", Role: auth.Manager})
	hook, err := w.API.CreateWebhook(t.Context(), "https://town.example/a", nil)
	if err != nil {
		t.Fatal(err)
	}
	mona, luc := w.SignedIn("en", "mona"), w.SignedIn("fr", "luc")
	between := func(p *consoletest.Page, name string) string {
		return p.Between(t, `name="`+name+`" value="`, `"`)
	}

	t.Run("own profile", func(t *testing.T) {
		seen := between(mona.Get("/console/me"), "seen")
		for range 2 { // sent twice it is done
			p := mona.Post("/console/me", "seen", seen, "display", "Mona M.", "language", "")
			if p.Status != http.StatusOK {
				t.Fatalf("%d %s", p.Status, p.HTML)
			}
		}
		p := mona.Post("/console/me", "seen", seen, "display", "Mona N.", "language", "")
		if p.Status != http.StatusConflict || !p.Has("you are now Mona M.", `value="Mona N."`) {
			t.Fatalf("%d %s", p.Status, p.HTML)
		}
		p = mona.Post("/console/me", "seen", between(p, "seen"), "display", "Mona N.", "language", "")
		if p.Status != http.StatusOK || !p.Has("Mona N.") {
			t.Errorf("%d %s", p.Status, p.HTML)
		}
	})
	t.Run("new secret", func(t *testing.T) {
		path := "/console/webhooks/" + hook.ID + "/rotate"
		hers, his := mona.Get(path), luc.Get(path)
		form := func(p *consoletest.Page) []string {
			return []string{"overlap", "0s", "token", between(p, "token"), "seen", between(p, "seen")}
		}
		first := mona.Post(path, form(hers)...)
		if again := mona.Post(path, form(hers)...); first.Status != http.StatusOK || again.Status != http.StatusOK {
			t.Fatalf("%d, again %d", first.Status, again.Status)
		}
		secret := func() (made int) {
			acts, _, err := w.People.Acts(t.Context(), auth.ActQuery{Code: auth.WebhookRotated, Limit: 9})
			if err != nil {
				t.Fatal(err)
			}
			return len(acts)
		}
		p := luc.Post(path, form(his)...)
		if p.Status != http.StatusConflict || !p.Has("Un collègue a donné un nouveau secret") || secret() != 1 {
			t.Fatalf("%d, %d secrets: %s", p.Status, secret(), p.HTML)
		}
		if p := luc.Post(path, form(p)...); p.Status != http.StatusOK || secret() != 2 {
			t.Errorf("%d, %d secrets: %s", p.Status, secret(), p.HTML)
		}
	})
	t.Run("opt-out", func(t *testing.T) {
		page := mona.Post("/console/opt-outs/add", "add", "0639980042", "reason", "au guichet")
		path, _, _ := strings.Cut(page.Path, "?")
		hers := between(mona.Get(path), "seen")
		if p := luc.Post(path+"/remove", "reason", "erreur", "seen", hers); p.Status != http.StatusOK {
			t.Fatalf("%d %s", p.Status, p.HTML)
		}
		gone := mona.Post(path+"/remove", "reason", "x", "seen", hers)
		if p := gone; p.Status != http.StatusOK || !strings.HasSuffix(p.Path, "?said=opt_out_gone") {
			t.Errorf("removed already: %d %s", p.Status, p.Path)
		}
		luc.Post("/console/opt-outs/add", "add", "0639980042", "reason", "encore")
		p := mona.Post(path+"/remove", "reason", "x", "seen", hers)
		if p.Status != http.StatusConflict || !p.Has("put on it again meanwhile", `value="x"`) {
			t.Fatalf("%d %s", p.Status, p.HTML)
		}
		if p := mona.Post(path+"/remove", "reason", "x", "seen", between(p, "seen")); p.Status != http.StatusOK {
			t.Errorf("%d %s", p.Status, p.HTML)
		}
	})
}

var optionValue = regexp.MustCompile(`<option value="[^"]*"`)

// TestHostileNamesOfOthers: what browsers call themselves, and names that came by another
// way than a form, are words on every page.
func TestHostileNamesOfOthers(t *testing.T) {
	w := consoletest.Start(t, "")
	ada := w.User("ada", auth.Grant{Role: auth.Admin}, auth.Grant{Account: "sandbox", Role: auth.Manager})
	w.User("mona", auth.Grant{Account: "sandbox", Role: auth.Manager})
	b, keeper := w.SignedIn("fr", "ada"), w.SignedIn("en", "mona")
	shown := 0
	for i, words := range corpus {
		header := strings.Map(func(r rune) rune { // what Go's client sends at all
			if r < ' ' && r != '\t' || r == 0x7f {
				return -1
			}
			return r
		}, words)
		other := w.Browser("en")
		other.Agent = header
		p := other.Post("/console/signin", "name", "ada", "password", consoletest.Password)
		if p.Status == http.StatusOK {
			shown++
		}
		key := auth.Key{ID: "k" + string(rune('a'+i)), Account: "sandbox", Name: words, CreatedAt: time.Now()}
		if err := w.Store.AddKey(t.Context(), key, auth.HashOf(words)); err != nil {
			t.Fatal(err)
		}
		by := auth.By{Actor: key.Actor(), Address: words, Via: words}
		act := by.Act("sandbox", auth.KeyMade, key.Called(), words)
		if err := w.People.Record(t.Context(), act); err != nil {
			t.Fatal(err)
		}
		if p := keeper.Get("/console/keys/" + key.ID); p.Status != http.StatusOK {
			t.Errorf("a key: %d", p.Status)
		} else {
			harmless(t, "a key", p)
		}
	}
	if shown < len(corpus)/2 {
		t.Errorf("only %d of %d browsers are let in", shown, len(corpus))
	}
	if p := keeper.Get("/console/keys"); p.Status != http.StatusOK {
		t.Errorf("keys: %d", p.Status)
	} else {
		harmless(t, "keys", p)
	}
	for _, path := range []string{
		"/console/me", "/console/users", "/console/users/" + ada.ID, "/console/audit", "/console/",
	} {
		p := b.Get(path)
		if p.Status != http.StatusOK {
			t.Errorf("%s: %d", path, p.Status)
		}
		p.HTML = optionValue.ReplaceAllString(p.HTML, "<option") // nobody sees it, and it must come back as it is
		harmless(t, path, p)
	}
}
