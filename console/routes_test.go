package console_test

import (
	"fmt"
	"net/http"
	"net/http/cookiejar"
	"net/url"
	"regexp"
	"slices"
	"strings"
	"testing"
	"time"

	"relais/auth"
	"relais/client"
	"relais/console"
	"relais/console/consoletest"
	"relais/contact"
	"relais/sms"
)

// hidden is what nobody of another account may ever see.
const hidden = "Texte que seul le bac à sable voit"

// walker walks the table as one person, or as nobody.
type walker struct {
	*testing.T

	world  *consoletest.World
	http   *http.Client
	role   auth.Role // empty: none
	signed bool
	inside bool // the person belongs to the account whose ids are asked for
	walked int
}

// TestRoutes walks every route as nobody, as somebody without a role, and as each role,
// in the account that the ids are of and in another.
func TestRoutes(t *testing.T) {
	w := consoletest.Start(t, "")
	if err := w.Store.AddAccount(t.Context(), auth.Account{Name: "other", CreatedAt: time.Now()}); err != nil {
		t.Fatal(err)
	}
	known := things(t, w)
	walked := 0
	walk := func(name string, role auth.Role, signed, inside bool) {
		one := &walker{T: t, world: w, role: role, signed: signed, inside: inside}
		one.http = one.browser(name)
		for _, at := range console.Table() {
			one.walk(at, known)
		}
		walked += one.walked
	}
	walk("", "", false, false)
	w.User("nobody")
	walk("nobody", "", true, false)
	for _, role := range auth.Roles() {
		inside, outside := auth.Grant{Account: "sandbox", Role: role}, auth.Grant{Account: "other", Role: role}
		if role.WholeGateway() {
			inside.Account, outside.Account = "", ""
		}
		w.User(string(role), inside)
		walk(string(role), role, true, true)
		if !role.WholeGateway() {
			w.User("other."+string(role), outside)
			walk("other."+string(role), role, true, false)
		}
	}
	t.Logf("%d combinations of route, role and account walked over %d routes", walked, len(console.Table()))
}

// things are ids in the account sandbox, by the beginnings of routes that name one.
func things(t *testing.T, w *consoletest.World) map[string]string {
	t.Helper()
	taken, err := w.API.Submit(t.Context(), client.SubmitRequest{To: []string{"0639980001"}, Text: hidden})
	if err != nil {
		t.Fatal(err)
	}
	_, key, err := auth.NewKey(t.Context(), w.Store, "sandbox", "walked", time.Now())
	if err != nil {
		t.Fatal(err)
	}
	w.User("seeker", auth.Grant{Account: "sandbox", Role: auth.Agent})
	found := w.SignedIn("fr", "seeker").Post("/console/messages/search", "number", "0639980001")
	_, person, _ := strings.Cut(found.Path, "person=")
	talk := talked(t, w, "+33639980003", hidden) // before an operator answers nonsense
	template, err := w.API.CreateTemplate(t.Context(), client.TemplateRequest{Name: "Caché", Text: hidden})
	if err != nil {
		t.Fatal(err)
	}
	hook, err := w.API.CreateWebhook(t.Context(), "https://town.example/sms", nil)
	if err != nil {
		t.Fatal(err)
	}
	list, err := (&contact.Book{Store: w.Store, Now: time.Now}).Create(t.Context(), "sandbox", contact.Content{Name: hidden}, "test")
	if err != nil {
		t.Fatal(err)
	}
	group, err := w.API.CreateGroup(t.Context(), hidden, "")
	if err != nil {
		t.Fatal(err)
	}
	_, err = w.API.CreateContact(t.Context(), "0639980001", client.ContactRequest{
		Values: map[string]string{"Nom": hidden}, Groups: []string{group.ID},
	})
	if err != nil {
		t.Fatal(err)
	}
	return map[string]string{
		"/console/messages/{id}":     taken.Messages[0].ID,
		"/console/held/{id}":         doubtful(t, w, "0639980002", "ovh"),
		"/console/inbox/{id}":        talk,
		"/console/keys/{key}":        key.ID,
		"/console/opt-outs/{person}": person,
		"/console/templates/{id}":    template.ID,
		"/console/campaigns/{id}":    strings.TrimPrefix(drafted(t, w.SignedIn("fr", "seeker"), hidden, table), "/console/campaigns/"),
		"/console/lists/{id}":        list.ID.String(),
		"/console/groups/{id}":       group.ID,
		"/console/contacts/{person}": person,
		"/console/webhooks/{id}":     hook.ID,
	}
}

// browser is one in which somebody signed in, who then asked for the account sandbox.
func (w *walker) browser(name string) *http.Client {
	jar, err := cookiejar.New(nil)
	if err != nil {
		w.Fatal(err)
	}
	switch {
	case w.signed && w.role == "": // home is not for them
		b := w.world.Browser("fr")
		b.Post("/console/signin", "name", name, "password", consoletest.Password, "next", "/console/me")
		jar = b.Cookies()
	case w.signed:
		jar = w.world.SignedIn("fr", name).Cookies()
	}
	home, err := url.Parse(w.world.App.URL() + "/console/")
	if err != nil {
		w.Fatal(err)
	}
	jar.SetCookies(home, []*http.Cookie{{Name: "relais-account", Value: "sandbox", Path: "/console/"}})
	return &http.Client{Jar: jar, Timeout: time.Minute, CheckRedirect: func(*http.Request, []*http.Request) error {
		return http.ErrUseLastResponse
	}}
}

var placeholder = regexp.MustCompile(`\{[a-z]+\}`)

// walk asks for one route: with a field that no page has, so that nothing is changed, and,
// where there are ids in its path, with those of another account and with some of nothing.
func (w *walker) walk(at console.Address, known map[string]string) {
	nothing := placeholder.ReplaceAllString(at.Path, sms.NewID(time.Now()).String())
	unknown := w.ask(at, nothing, "stray=1")
	w.judge(at, nothing, unknown)
	if nothing == at.Path {
		return
	}
	foreign := ""
	for pattern, id := range known {
		if rest, its := strings.CutPrefix(at.Path, pattern); its {
			foreign = placeholder.ReplaceAllLiteralString(pattern, id) + placeholder.ReplaceAllString(rest, "x")
		}
	}
	if foreign == "" || w.inside {
		return
	}
	// Rights come first, then ids: those of another account are as good as none.
	unknown, got := w.ask(at, nothing, ""), w.ask(at, foreign, "")
	w.judge(at, foreign, got)
	same := strings.NewReplacer(foreign, nothing, url.QueryEscape(foreign), url.QueryEscape(nothing)).Replace(got.text)
	if got.status != unknown.status || same != unknown.text {
		w.Errorf("%s %s as %q tells a foreign id (%d) from none (%d):\n%s", at.Method, at.Path, w.role, got.status, unknown.status, got.text)
	}
}

// outcome is what a walker got.
type outcome struct {
	status   int
	location string
	text     string
}

func (w *walker) ask(at console.Address, path, form string) outcome {
	w.walked++
	r, err := http.NewRequestWithContext(w.Context(), at.Method, w.world.App.URL()+path, strings.NewReader(form))
	if err != nil {
		w.Fatal(err)
	}
	r.Header.Set("Accept-Language", "fr")
	if at.Method == http.MethodPost {
		r.Header.Set("Content-Type", "application/x-www-form-urlencoded")
		r.Header.Set("Origin", w.world.App.URL())
	}
	answer, err := w.http.Do(r)
	if err != nil {
		w.Fatalf("%s %s: %v", at.Method, path, err)
	}
	defer answer.Body.Close()
	got := outcome{status: answer.StatusCode, location: answer.Header.Get("Location")}
	if !strings.HasPrefix(answer.Header.Get("Content-Type"), "text/event-stream") { // which does not end
		got.text = readAll(w.T, answer.Body)
	}
	return got
}

// judge compares an answer with what the table says of the route.
func (w *walker) judge(at console.Address, path string, got outcome) {
	what := fmt.Sprintf("%s %s (%s) as %q, signed in %t, in the account %t", at.Method, path, at.Needs, w.role, w.signed, w.inside)
	if !w.inside && strings.Contains(got.text, hidden) {
		w.Errorf("%s shows a text of another account", what)
	}
	switch {
	case at.Needs == console.Open:
	case !w.signed:
		if got.status != http.StatusSeeOther || !strings.HasPrefix(got.location, "/console/signin") {
			w.Errorf("%s: %d %s, want to be sent to sign in", what, got.status, got.location)
		}
		return
	case at.Needs != console.Self && at.Needs != console.SelfSure && !w.role.Has(at.Needs):
		if got.status != http.StatusForbidden {
			w.Errorf("%s: %d, want 403", what, got.status)
		}
		return
	}
	right := []int{http.StatusOK, http.StatusSeeOther, http.StatusBadRequest, http.StatusNotFound, http.StatusUnprocessableEntity}
	if at.Method == http.MethodPost && path == at.Path {
		right = []int{http.StatusBadRequest} // for the field that no page has
	}
	if !slices.Contains(right, got.status) {
		w.Errorf("%s: %d %s, want one of %v\n%s", what, got.status, got.location, right, got.text)
	}
}

// TestForeignIdsInFields: an id or a token of another account in a field of a form is as good
// as one of nothing, and shows nothing.
func TestForeignIdsInFields(t *testing.T) {
	w := consoletest.Start(t, "")
	w.User("claire", auth.Grant{Account: "sandbox", Role: auth.Agent})
	eve := w.User("eve", auth.Grant{Account: "default", Role: auth.Manager},
		auth.Grant{Account: "default", Role: auth.DPO})
	ours, err := w.API.CreateTemplate(t.Context(), client.TemplateRequest{Name: "Caché", Text: hidden, Answer: true})
	if err != nil {
		t.Fatal(err)
	}
	insider, stranger := w.SignedIn("fr", "claire"), w.SignedIn("fr", "eve")
	_, person, _ := strings.Cut(insider.Post("/console/messages/search", "number", "0639980001").Path, "person=")
	talk := "/console/inbox/" + talked(t, w, "+33639980001", "Bonjour")
	stranger.Post("/console/templates/new", "name", "Autre", "text", "Texte d'un autre compte",
		"class", "transactional", "circle", "everyone", "answer", "1", "do", "save")
	theirs := linkedIn(t, stranger.Get("/console/templates"), "/console/templates/")
	nothing := sms.NewID(time.Now()).String()
	for _, tc := range []struct {
		by             *consoletest.Browser
		at             string
		field          string
		foreign, known string // known: what else the form has
	}{
		{stranger, "/console/send", "template", ours.ID, "to=0639980001&do=check&version=1"},
		{stranger, "/console/people/export", "person", person, ""},
		{stranger, "/console/people/erase", "person", person, "sure=1"},
		{insider, talk + "/assign", "to", eve.ID, "was="},
		{insider, talk + "/answer", "canned", theirs, "text=Oui"},
	} {
		var got [2]*consoletest.Page
		for i, id := range []string{tc.foreign, nothing} {
			values, err := url.ParseQuery(tc.known)
			if err != nil {
				t.Fatal(err)
			}
			values.Set(tc.field, id)
			var pairs []string
			for name := range values {
				pairs = append(pairs, name, values.Get(name))
			}
			got[i] = tc.by.Post(tc.at, pairs...)
		}
		if got[0].Status != got[1].Status || got[0].Status < http.StatusBadRequest ||
			tc.by == stranger && got[0].Has(hidden) || tc.by == insider && got[0].Has("Texte d'un autre compte") {
			t.Errorf("%s of %s: %d, and %d of nothing", tc.field, tc.at, got[0].Status, got[1].Status)
		}
	}
	for _, path := range []string{"/console/messages?person=" + person, "/console/people?person=" + person} {
		if p := stranger.Get(path); p.Status != http.StatusNotFound {
			t.Errorf("%s: %d", path, p.Status)
		}
	}
}

// linkedIn is the first id behind the beginning of an address on a page.
func linkedIn(t *testing.T, p *consoletest.Page, begun string) string {
	t.Helper()
	found := regexp.MustCompile(regexp.QuoteMeta(begun) + `([0-9a-f-]{36})`).FindStringSubmatch(p.HTML)
	if found == nil {
		t.Fatalf("no %s on %s: %s", begun, p.Path, p.HTML)
	}
	return found[1]
}
