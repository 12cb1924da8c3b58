//go:build browser

package browser_test

import (
	"net/http"
	"regexp"
	"slices"
	"strings"
	"testing"

	"github.com/chromedp/chromedp"

	"relais/auth"
	"relais/console"
)

// empties are the pages of an account in which nothing has happened.
func (w *world) empties(t *testing.T) (all []place) {
	t.Helper()
	alone := w.who["alone"]
	user := auth.User{Roles: alone.roles}
	for _, a := range console.Addresses() {
		page := a.Method == http.MethodGet && !noPage(a.Path) && !strings.Contains(a.Path, "{")
		if !page || !slices.Contains(auth.Rights(), a.Needs) || !user.May(a.Needs, empty) {
			continue
		}
		if p, ok := placeOf(t, w, a.Path, alone, &links{}); ok {
			p.name += "-empty"
			all = append(all, p)
		}
	}
	return all
}

// refusal is a form that is sent with something wrong in it.
type refusal struct {
	page   string // by its name
	action string // of the form, as the table of routes has it
	button string // empty: the first one
	fields map[string]string
}

// refusals are one at least for each form of the console in which somebody types.
var refusals = []refusal{
	{page: "signin", action: "/console/signin", fields: map[string]string{"name": "personne", "password": "faux"}},
	{page: "welcome", action: "/console/welcome", fields: map[string]string{"link": "rien"}},
	{page: "demo", action: "/console/demo", fields: map[string]string{"link": "rien"}},
	{page: "send", action: "/console/send", button: "button[value=send]", fields: map[string]string{
		"to": "personne", "text": "Bonjour", "sender": "1",
	}},
	{page: "messages", action: "/console/messages/search", fields: map[string]string{"number": "personne"}},
	{page: "held", action: "/console/held/{id}"},
	{page: "inbox-id", action: "/console/inbox/{id}/answer", button: "button[value=send]"},
	{page: "inbox-id", action: "/console/inbox/{id}/notes", fields: map[string]string{"note": "   "}},
	{page: "campaigns-new", action: "/console/campaigns/new", fields: map[string]string{"text": "((", "sender": "1"}},
	{page: "campaigns-id-text", action: "/console/campaigns/{id}/text", fields: map[string]string{"name": "", "text": "(("}},
	{page: "campaigns-id-recipients", action: "/console/campaigns/{id}/recipients"},
	{page: "campaigns-id-options", action: "/console/campaigns/{id}/options", fields: map[string]string{"rate": "beaucoup"}},
	{page: "campaigns-id-approval", action: "/console/campaigns/{id}/refuse", fields: map[string]string{"sentence": "   "}},
	{page: "campaigns-id-appointments", action: "/console/campaigns/{id}/appointments", fields: map[string]string{"rules": "bientôt"}},
	{page: "lists-new", action: "/console/lists/new", fields: map[string]string{"name": "   ", "keep_days": "toujours"}},
	{page: "lists-id-change", action: "/console/lists/{id}/change", fields: map[string]string{"keep_days": "toujours"}},
	{page: "lists-id", action: "/console/lists/{id}/table"},
	{page: "lists-id", action: "/console/lists/{id}/remove", fields: map[string]string{"person": "personne"}},
	{page: "campaigns-id-recipients", action: "/console/campaigns/{id}/group"},
	{page: "contacts", action: "/console/contacts/search", fields: map[string]string{"number": "personne"}},
	{page: "contacts-new", action: "/console/contacts/new", fields: map[string]string{"number": "personne", "name0": "Nom", "value0": "Zoé"}},
	{page: "contacts-person", action: "/console/contacts/{person}/agree", fields: map[string]string{"day": "1970-01-01", "agreed": "Agenda", "source": "papier"}},
	{page: "contacts-person", action: "/console/contacts/{person}/withdraw"},
	{page: "contacts-person-change", action: "/console/contacts/{person}/change", fields: map[string]string{"value3": "seul"}},
	{page: "groups-new", action: "/console/groups/new", fields: map[string]string{"name": "   "}},
	{page: "groups-id-change", action: "/console/groups/{id}/change", fields: map[string]string{"name": "   "}},
	{page: "templates-new", action: "/console/templates/new", fields: map[string]string{"text": "((", "sender": "1"}},
	{page: "templates-id", action: "/console/templates/{id}", fields: map[string]string{"name": "", "text": "(("}},
	{page: "opt-outs", action: "/console/opt-outs/search", fields: map[string]string{"number": "personne"}},
	{page: "opt-outs", action: "/console/opt-outs/add", fields: map[string]string{"add": "personne"}},
	{page: "opt-outs-import", action: "/console/opt-outs/import/check"},
	{page: "opt-outs-person", action: "/console/opt-outs/{person}/remove"},
	{page: "me", action: "/console/me", fields: map[string]string{"display": strings.Repeat("Trop long ", 50)}},
	{page: "me", action: "/console/me/password", fields: map[string]string{"old": "faux", "password": "court"}},
	{page: "me-step", action: "/console/me/step", fields: map[string]string{"code": "000000"}},
	{page: "users-new", action: "/console/users/new", fields: map[string]string{"name": "<b>"}},
	{page: "keys", action: "/console/keys", fields: map[string]string{"name": "<b>", "networks": "partout"}},
	{page: "keys-key", action: "/console/keys/{key}", fields: map[string]string{"networks": "partout"}},
	{page: "webhooks-new", action: "/console/webhooks/new", fields: map[string]string{"url": "nulle part"}},
	{page: "webhooks-id-change", action: "/console/webhooks/{id}/change", fields: map[string]string{"url": "nulle part"}},
	{page: "people", action: "/console/people/search", fields: map[string]string{"number": "personne"}},
	{page: "operators-preset", action: "/console/operators/{preset}", button: "button[value=write]", fields: map[string]string{
		"name": "<b>", "sender": "MAIRIE",
	}},
	{page: "handsets", action: "/console/handsets/reply", button: "button[value=answer]"},
}

// neverRefused are forms that take everything that somebody can choose: a search for words
// finds nothing at worst, and of the other ones a button is always pressed.
var neverRefused = []string{
	"/console/settings/search", "/console/handsets/fault", "/console/webhooks/{id}/rotate",
}

// refused are the pages that say what is wrong in a form.
func (w *world) refused(t *testing.T, places []place) (all []place) {
	t.Helper()
	for _, r := range refusals {
		at := slices.IndexFunc(places, func(p place) bool { return p.name == r.page })
		if at < 0 {
			t.Errorf("there is no page %s, which a form is refused on", r.page)
			continue
		}
		p := places[at]
		p.name, p.status = r.page+"-refused", refused
		if slices.ContainsFunc(all, func(other place) bool { return other.name == p.name }) {
			p.name += r.action[strings.LastIndex(r.action, "/"):]
			p.name = strings.ReplaceAll(p.name, "/", "-")
		}
		first, last, named := strings.Cut(r.action, "{")
		form := `form[action="` + r.action + `"]`
		if named {
			_, last, _ = strings.Cut(last, "}")
			form = `form[action^="` + first + `"][action$="` + last + `"]`
		}
		if named && last == "" {
			form = `form[action^="` + first + `"]`
		}
		p.form = &sent{form, r.button, r.fields}
		if r.fields == nil {
			p.form.fields = map[string]string{}
		}
		if p.form.button == "" {
			p.form.button = "button"
		}
		all = append(all, p)
	}
	return all
}

// typedInto are the actions of the forms of a page in which somebody types.
const typedInto = `[...document.querySelectorAll('main form')].filter(form => form.method === 'post' &&
	form.querySelector('textarea, input[type=radio], input:not([type]), input[type=text], input[type=tel], ' +
		'input[type=password], input[type=file], input[type=date], input[type=datetime-local]'))
	.map(form => form.getAttribute('action'))`

// TestEveryFormIsRefused holds that the pages that say what is wrong are looked at, of every
// form in which somebody types.
func TestEveryFormIsRefused(t *testing.T) {
	tab := openTab(t)
	for _, p := range placesOf(t, here) {
		if err := tab.visit(p, look{"fr", "light", 1280}); err != nil {
			t.Fatal(err)
		}
		actions, err := ask(tab, chromedp.Evaluate[[]string](typedInto))
		if err != nil {
			t.Fatal(err)
		}
		for _, action := range actions {
			pattern := patternOf(action)
			known := slices.ContainsFunc(refusals, func(r refusal) bool { return r.action == pattern })
			if !known && !slices.Contains(neverRefused, pattern) {
				t.Errorf("nobody looks at how %s refuses what is typed on %s", pattern, p.name)
			}
		}
	}
}

// patternOf is an address as the table of routes has it: with names where it can.
func patternOf(path string) string {
	found := path
	for _, a := range console.Addresses() {
		quoted := strings.NewReplacer(`\{`, "{", `\}`, "}").Replace(regexp.QuoteMeta(a.Path))
		fits := regexp.MustCompile("^" + names.ReplaceAllString(quoted, "[^/]+") + "$").MatchString(path)
		if fits && a.Path == path {
			return path
		}
		if fits && a.Method == http.MethodPost {
			found = a.Path
		}
	}
	return found
}
