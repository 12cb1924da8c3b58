package console_test

import (
	"encoding/json"
	"fmt"
	"html"
	"maps"
	"net/http"
	"net/url"
	"os"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
	"testing"
	"time"

	"relais/auth"
	"relais/client"
	"relais/console/consoletest"
)

// form is one of a page. Each of its fields gets the corpus in turn; the others have what
// base says.
type form struct {
	page   string // file of the template
	fields string
	at     string // where it goes; {x} stands for a thing of stage
	base   string // as a query: what makes the form good
	get    bool
	open   bool // nobody is signed in
	slow   bool // guesses are held up: a few words alone
}

// forms are those of every page. What people type is in here, and so is what pages put into
// fields by themselves, which whoever means harm types too.
var forms = []form{
	{page: "audit.html", fields: "person act account since until", at: "/console/audit", get: true},
	{page: "audit.html", fields: "person act account since until", at: "/console/audit/export"},
	{page: "campaigns.html", fields: "status", at: "/console/campaigns", get: true},
	{page: "campaign.html", fields: "form", at: "/console/campaigns/{campaign}/export"},
	{page: "campaign_preview.html", fields: "row", at: "/console/campaigns/{campaign}/preview", get: true},
	{page: "campaign_preview.html", fields: "row to", at: "/console/campaigns/{campaign}/test", base: "row=2"},
	{page: "campaign_rows.html", fields: "state", at: "/console/campaigns/{campaign}/rows", get: true},
	{
		page: "campaign_text.html", fields: "version name text class sender", at: "/console/campaigns/new",
		base: "version=0&name=Essai&text=Bonjour&class=transactional",
	},
	{
		page: "campaign_text.html", fields: "version name text class sender", at: "/console/campaigns/{campaign}/text",
		base: "version={version}&name=Essai&text=Bonjour&class=transactional",
	},
	{page: "campaign_recipients.html", fields: "file", at: "/console/campaigns/{campaign}/recipients"}, // by Upload
	{page: "campaign_recipients.html", fields: "version list", at: "/console/campaigns/{campaign}/list", base: "version=0"},
	{page: "campaign_recipients.html", fields: "version group purpose", at: "/console/campaigns/{campaign}/group", base: "version=0&group={group}"},
	{page: "campaign_recipients.html", fields: "version", at: "/console/campaigns/{campaign}/recipients"},
	{
		page: "campaign_columns.html", fields: "version column header_row sheet encoding separator hidden reference",
		at: "/console/campaigns/{campaign}/columns", base: "version={version}&header_row=0",
	},
	{
		page: "campaign_appointments.html", fields: "version rules key date time zone complete",
		at: "/console/campaigns/{campaign}/appointments", base: "version={version}&rules=2h",
	},
	{page: "campaign_check.html", fields: "version", at: "/console/campaigns/{campaign}/gone"},
	{
		page: "campaign_options.html", fields: "version when end hours days rate duplicates segments gsm",
		at: "/console/campaigns/{campaign}/options", base: "version={version}",
	},
	{page: "campaign_approval.html", fields: "check", at: "/console/campaigns/{campaign}/approve"},
	{page: "campaign_approval.html", fields: "check sentence", at: "/console/campaigns/{campaign}/refuse"},
	{page: "campaign_summary.html", fields: "check typed again", at: "/console/campaigns/{campaign}/start"},
	{page: "connector.html", fields: "length why keep seen do", at: "/console/connectors/sfr/pause", base: "length=1h&do=pause"},
	{page: "connector.html", fields: "seen", at: "/console/connectors/sfr/resume"},
	{page: "conversation.html", fields: "note", at: "/console/inbox/{reply}/notes"},
	{page: "conversation.html", fields: "to was", at: "/console/inbox/{reply}/assign"},
	{page: "conversation.html", fields: "decision", at: "/console/inbox/{reply}/decide"},
	{page: "conversation.html", fields: "done", at: "/console/inbox/{reply}/done"},
	{
		page: "conversation.html", fields: "text form last do canned", at: "/console/inbox/{reply}/answer",
		base: "do=check&text=Oui",
	},
	{page: "demo.html", fields: "link", at: "/console/demo", open: true, slow: true},
	{page: "frame.html", fields: "account language theme next", at: "/console/preferences"},
	{page: "handsets.html", fields: "person text do", at: "/console/handsets/reply", base: "person={person}&text=Oui"},
	{page: "handsets.html", fields: "operator kind", at: "/console/handsets/fault", base: "operator=sfr&kind=html"},
	{page: "held.html", fields: "connector", at: "/console/held/together"},
	{page: "held.html", fields: "attempt outcome", at: "/console/held/{held}", base: "attempt=1"},
	{
		page: "held_together.html", fields: "connector seen outcome", at: "/console/held/together",
		base: "connector=ovh&seen=1",
	},
	{page: "kept.html", fields: "do", at: "/console/kept"},
	{page: "key_limits.html", fields: "seen", at: "/console/keys/{key}", base: "read=1&seen={seen}"},
	{page: "keys.html", fields: "name form", at: "/console/keys", base: "name=guichet&form={form}&read=1"},
	{page: "contacts.html", fields: "number", at: "/console/contacts/search"},
	{
		page: "contact.html", fields: "agreed source proof day", at: "/console/contacts/{person}/agree",
		base: "agreed=Agenda&source=formulaire",
	},
	{page: "contact.html", fields: "purpose how", at: "/console/contacts/{person}/withdraw", base: "purpose=Agenda"},
	{
		page: "contact_form.html", fields: "version number {{.NameField}} {{.ValueField}} {{.Value}}", at: "/console/contacts/new",
		base: "version=0&number=0639980011&name0=Nom&value0=Zoe",
	},
	{
		page: "contact_form.html", fields: "version {{.NameField}} {{.ValueField}} {{.Value}}", at: "/console/contacts/{person}/change",
		base: "version={version}&name0=Nom&value0=Zoe",
	},
	{page: "group_form.html", fields: "version name note", at: "/console/groups/new", base: "version=0&name=Amis"},
	{
		page: "group_form.html", fields: "version name note", at: "/console/groups/{group}/change",
		base: "version={version}&name=Amis",
	},
	{page: "list.html", fields: "table", at: "/console/lists/{list}/fill"},
	{page: "list.html", fields: "table", at: "/console/lists/{list}/refuse"},
	{page: "list.html", fields: "person", at: "/console/lists/{list}/remove"},
	{page: "list.html", fields: "key fields column file", at: "/console/lists/{list}/table"}, // by Upload
	{
		page: "list_form.html", fields: "version name source purpose keep_days", at: "/console/lists/new",
		base: "version=0&name=Essai",
	},
	{
		page: "list_form.html", fields: "version name source purpose keep_days", at: "/console/lists/{list}/change",
		base: "version={version}&name=Essai",
	},
	{page: "me.html", fields: "display language seen", at: "/console/me", base: "display=Gaston&language=fr"},
	{page: "me.html", fields: "old password again", at: "/console/me/password", slow: true},
	{page: "me.html", fields: "theme keys next", at: "/console/preferences"},
	{page: "me_step.html", fields: "code", at: "/console/me/step", slow: true},
	{page: "messages.html", fields: "number reference status class", at: "/console/messages/search"},
	{
		page: "operator.html", fields: "name {{.Field}} keep do", at: "/console/operators/twilio",
		base: "name=essai&login=AC1&sender=MAIRIE&do=write",
	},
	{page: "optout.html", fields: "reason seen", at: "/console/opt-outs/{person}/remove"},
	{page: "optouts.html", fields: "number", at: "/console/opt-outs/search"},
	{page: "optouts.html", fields: "add reason", at: "/console/opt-outs/add", base: "add=0639980001&reason=Guichet"},
	{page: "optouts_import.html", fields: "sealed", at: "/console/opt-outs/import"},
	{page: "optouts_import.html", fields: "file", at: "/console/opt-outs/import/check"}, // by Upload
	{page: "parts.html", fields: "live next", at: "/console/preferences"},
	{page: "parts.html", fields: "{{.Name}} state answer name", at: "/console/passkey", base: "state=a&answer={}", open: true, slow: true},
	{page: "parts.html", fields: "state answer name", at: "/console/me/passkeys", base: "name=a&state=a&answer={}"},
	{page: "parts.html", fields: "{{.Field}}", at: "/console/users/{user}/roles"},
	{
		page: "parts.html", fields: "send read manage operate approve networks connectors senders until",
		at: "/console/keys", base: "name=guichet&form={form}&read=1",
	},
	{
		page: "parts.html", fields: "send read manage operate approve networks connectors senders until",
		at: "/console/keys/{key}", base: "read=1&seen={seen}",
	},
	{page: "people.html", fields: "number", at: "/console/people/search"},
	{page: "people.html", fields: "person", at: "/console/people/export"},
	{page: "people.html", fields: "person cancel forget", at: "/console/people/erase", base: "person={person}"},
	{page: "people.html", fields: "sure", at: "/console/people/erase", base: "person=x"},
	{page: "proof.html", fields: "kept next code password", at: "/console/proof", slow: true},
	{page: "send.html", fields: "template", at: "/console/send", get: true},
	{
		page: "send.html", fields: "form to template version text class sender when do", at: "/console/send",
		base: "to=0639980001&text=Oui&class=transactional&do=check",
	},
	{page: "send.html", fields: "{{.Key}}", at: "/console/send", base: "to=0639980001&template={template}&version=1&do=check"},
	{page: "settings.html", fields: "words", at: "/console/settings/search"},
	{page: "signin.html", fields: "next name password", at: "/console/signin", open: true, slow: true},
	{page: "step.html", fields: "next code", at: "/console/step", open: true, slow: true},
	{page: "tab.html", fields: "account next", at: "/console/preferences"},
	{
		page: "template.html", fields: "version name folder text samples class sender circle answer do",
		at: "/console/templates/new", base: "name=Essai&text=Bonjour&circle=everyone&do=save",
	},
	{
		page: "template.html", fields: "version name folder text samples class sender circle answer do",
		at: "/console/templates/{template}", base: "name=Essai&text=Bonjour&circle=everyone&do=check&version=1",
	},
	{page: "usage.html", fields: "since", at: "/console/usage", get: true},
	{page: "user.html", fields: "seen", at: "/console/users/{user}/roles"},
	{page: "user.html", fields: "step", at: "/console/users/{user}/reset"},
	{page: "user.html", fields: "mail seen", at: "/console/users/{user}/mail"},
	{page: "user_new.html", fields: "name display language mail", at: "/console/users/new", base: "name=zoe&display=Zo"},
	{page: "webhook.html", fields: "state since", at: "/console/webhooks/{webhook}/replay", get: true},
	{page: "webhook_form.html", fields: "token url {{.Field}}", at: "/console/webhooks/new", base: "token={form}"},
	{page: "webhook_form.html", fields: "token url seen {{.Field}}", at: "/console/webhooks/{webhook}/change"},
	{page: "webhook_replay.html", fields: "state since", at: "/console/webhooks/{webhook}/replay"},
	{page: "webhook_rotate.html", fields: "token overlap seen", at: "/console/webhooks/{webhook}/rotate"},
	{page: "welcome.html", fields: "link password again", at: "/console/welcome", open: true, slow: true},
}

// dynamic are the fields whose names a page makes.
var dynamic = map[string]string{
	"operator.html {{.Field}}": "base_url", "parts.html {{.Name}}": "next", "parts.html {{.Field}}": "role:agent@sandbox", "send.html {{.Key}}": "value-0",
	"webhook_form.html {{.Field}}": "on_message_delivered", "contact_form.html {{.NameField}}": "name0",
	"contact_form.html {{.ValueField}}": "value0", "contact_form.html {{.Value}}": "group:{group}",
}

// TestEveryFieldHasALine: whoever adds a field to a page says where the corpus goes in it.
func TestEveryFieldHasALine(t *testing.T) {
	named := map[string]bool{}
	for _, f := range forms {
		for field := range strings.FieldsSeq(f.fields) {
			named[f.page+" "+field] = true
		}
	}
	inPages := fieldsOfPages(t)
	for _, field := range slices.Sorted(maps.Keys(inPages)) {
		if !named[field] {
			t.Errorf("%s: no line of forms writes the corpus into it", field)
		}
	}
	for _, field := range slices.Sorted(maps.Keys(named)) {
		if !inPages[field] {
			t.Errorf("%s: no page has that field", field)
		}
	}
}

var (
	control = regexp.MustCompile(`<(?:input|textarea|select|button)\b((?:[^>"{]|\{\{.*?\}\}|"(?:[^"{]|\{\{.*?\}\})*")*)>`)
	nameOf  = regexp.MustCompile(`\sname="((?:[^"{]|\{\{.*?\}\})*)"`)
)

// fieldsOfPages are the controls of forms in all templates, by file and name.
func fieldsOfPages(t *testing.T) map[string]bool {
	t.Helper()
	files, err := filepath.Glob("page/*.html")
	if err != nil || len(files) == 0 {
		t.Fatal(files, err)
	}
	all := map[string]bool{}
	for _, file := range files {
		text, err := os.ReadFile(file)
		if err != nil {
			t.Fatal(err)
		}
		for _, c := range control.FindAllSubmatch(text, -1) {
			if name := nameOf.FindSubmatch(c[1]); name != nil {
				all[filepath.Base(file)+" "+string(name[1])] = true
			}
		}
	}
	return all
}

// typedBack is where a page gives back what was typed, letter by letter.
var typedBack = regexp.MustCompile(`(?s) (?:value|data-copy-text)="[^"]*"|<textarea[^>]*>[^<]*</textarea>`)

// outsideFields judges a page but for what its fields give back.
func outsideFields(t *testing.T, where string, p *consoletest.Page) {
	t.Helper()
	if p.Status >= http.StatusInternalServerError {
		t.Errorf("%s: %d", where, p.Status)
	}
	if !strings.HasPrefix(p.Header.Get("Content-Type"), "text/html") {
		return // a file, which no browser shows
	}
	for _, begun := range []string{"<script>document", "<img src=x", "<svg onload"} {
		if strings.Contains(p.HTML, begun) {
			t.Errorf("%s gives back the HTML of others: %s", where, begun)
		}
	}
	bare := *p
	bare.HTML = typedBack.ReplaceAllString(p.HTML, "")
	harmless(t, where, &bare)
}

// stage has one of everything that forms are about.
func stage(t *testing.T, w *consoletest.World, b *consoletest.Browser) *strings.Replacer {
	t.Helper()
	reply := talked(t, w, "+33639980001", "plus de sms svp")
	template, err := w.API.CreateTemplate(t.Context(), client.TemplateRequest{Name: "Rappel", Text: "Bonjour ((nom))"})
	if err != nil {
		t.Fatal(err)
	}
	hook, err := w.API.CreateWebhook(t.Context(), "https://town.example/sms", nil)
	if err != nil {
		t.Fatal(err)
	}
	_, key, err := auth.NewKey(t.Context(), w.Store, "sandbox", "formulaire", time.Now())
	if err != nil {
		t.Fatal(err)
	}
	user := w.User("ulla", auth.Grant{Account: "sandbox", Role: auth.Agent})
	_, person, _ := strings.Cut(b.Post("/console/messages/search", "number", "0639980001").Path, "person=")
	campaign := strings.TrimPrefix(drafted(t, b, "Bonjour ((nom))", table), "/console/campaigns/")
	list := strings.TrimPrefix(filledList(t, b, "Cantine"), "/console/lists/")
	group := newGroup(t, b, "Amis")
	newContact(t, b, "0639980001", "Zoé", group)
	return strings.NewReplacer("{campaign}", campaign, "{list}", list, "{group}", group, "{reply}", reply, "{template}", template.ID, "{webhook}", hook.ID, "{key}", key.ID,
		"{user}", user.ID, "{person}", person, "{held}", doubtful(t, w, "0639980002", "ovh"),
		"{form}", b.Get("/console/keys").Between(t, `name="form" value="`, `"`))
}

// namesOfThings are fields that say which thing a form is about, or what somebody saw of it:
// hostile words name none. A person who is sure would erase what the others are about.
var namesOfThings = []string{
	"audit.html person", "audit.html act", "audit.html account", "campaign_columns.html version",
	"campaign_options.html version", "campaign_text.html version", "conversation.html canned", "handsets.html person",
	"key_limits.html seen", "me.html seen", "people.html person", "people.html sure", "send.html template",
	"webhook_form.html seen",
}

// unread reports whether a page was refused for what it is about, and its fields were not read.
func unread(status int) bool {
	return status == http.StatusForbidden || status == http.StatusNotFound ||
		status == http.StatusMethodNotAllowed || status == http.StatusConflict
}

// TestHostileWordsInEveryField: whatever stands in a field of a form, its answer and every
// page that shows it afterwards have it as words.
func TestHostileWordsInEveryField(t *testing.T) {
	w := consoletest.Start(t, "")
	w.User("gaston", auth.Grant{Account: "sandbox", Role: auth.Manager},
		auth.Grant{Account: "sandbox", Role: auth.DPO}, auth.Grant{Role: auth.Operator}, auth.Grant{Role: auth.Admin})
	b := w.SignedIn("fr", "gaston")
	b.Post("/console/preferences", "account", "sandbox", "next", "/console/")
	things := stage(t, w, b)
	outside(t, w)
	for _, f := range forms {
		for field := range strings.FieldsSeq(f.fields) {
			words := corpus
			if f.slow {
				words = corpus[:1]
			}
			for i, hostile := range words {
				where := fmt.Sprintf("%s %s, %d", f.page, field, i)
				by := b
				if f.open {
					by = w.Browser("fr")
				}
				p := f.send(t, by, things, field, hostile)
				if unread(p.Status) && !slices.Contains(namesOfThings, f.page+" "+field) {
					t.Errorf("%s: %d, before the words were looked at", where, p.Status)
				}
				outsideFields(t, where, p)
			}
		}
	}
	for _, path := range []string{
		"/console/", "/console/messages", "/console/inbox", "/console/inbox/{reply}", "/console/held",
		"/console/templates", "/console/templates/{template}", "/console/send", "/console/send?template={template}",
		"/console/opt-outs", "/console/opt-outs/{person}", "/console/connectors", "/console/connectors/sfr",
		"/console/operators", "/console/operators/twilio",
		"/console/users", "/console/users/{user}", "/console/keys", "/console/keys/{key}", "/console/webhooks",
		"/console/webhooks/{webhook}", "/console/audit", "/console/usage", "/console/me", "/console/settings",
		"/console/handsets", "/console/people?person={person}", "/console/campaigns", "/console/campaigns/{campaign}",
		"/console/campaigns/{campaign}/text", "/console/campaigns/{campaign}/recipients",
		"/console/campaigns/{campaign}/columns", "/console/campaigns/{campaign}/check", "/console/campaigns/{campaign}/rows",
		"/console/lists", "/console/lists/{list}", "/console/lists/{list}/change", "/console/contacts", "/console/contacts/{person}",
		"/console/contacts/{person}/change", "/console/groups", "/console/groups/{group}", "/console/groups/{group}/change",
	} {
		p := b.Get(things.Replace(path))
		if p.Status != http.StatusOK {
			t.Errorf("%s: %d", path, p.Status)
		}
		outsideFields(t, path, p)
	}
	marked := b.Get(things.Replace("/console/inbox/{reply}"))
	if !strings.Contains(marked.HTML, "‹") || !strings.Contains(marked.HTML, "&lt;script&gt;") {
		t.Error("no hostile note was kept")
	}
}

// send sends the form with hostile words in a field.
func (f *form) send(
	t *testing.T, b *consoletest.Browser, things *strings.Replacer, field, hostile string,
) *consoletest.Page {
	t.Helper()
	if name := dynamic[f.page+" "+field]; name != "" {
		field = things.Replace(name)
	}
	at := things.Replace(f.at)
	if f.page == "optouts_import.html" && field == "file" {
		line := strings.NewReplacer("\n", " ", `"`, `""`).Replace(hostile)
		return b.Upload(at, field, hostile+".csv", "nom;numero\n\""+line+"\";0639980009\nAnne;\""+line+"\"\n")
	}
	if f.at == "/console/lists/{list}/table" {
		line := strings.NewReplacer("\n", " ", `"`, `""`).Replace(hostile)
		pairs := []string{"key", "", "fields", "", "column", ""}
		for i := 0; i < len(pairs); i += 2 {
			if pairs[i] == field {
				pairs[i+1] = hostile
			}
		}
		return b.Upload(at, "file", hostile+".csv", "nom;numero\n\""+line+"\";0639980009\n", pairs...)
	}
	if f.at == "/console/campaigns/{campaign}/recipients" {
		line := strings.NewReplacer("\n", " ", `"`, `""`).Replace(hostile)
		version := b.Get(at).Between(t, `name="version" value="`, `"`)
		if field == "version" {
			version = hostile
		}
		return b.Upload(at, "file", hostile+".csv", "nom;numero\n\""+line+"\";0639980009\n", "version", version)
	}
	base := things.Replace(f.base)
	for _, name := range []string{"seen", "version"} { // of what the page shows
		if strings.Contains(base, "{"+name+"}") {
			seen := html.UnescapeString(b.Get(at).Between(t, `name="`+name+`" value="`, `"`))
			base = strings.ReplaceAll(base, "{"+name+"}", url.QueryEscape(seen))
		}
	}
	values, err := url.ParseQuery(base)
	if err != nil {
		t.Fatal(err)
	}
	values.Set(field, hostile)
	if f.get {
		return b.Get(at + "?" + values.Encode())
	}
	var pairs []string
	for name := range values {
		pairs = append(pairs, name, values.Get(name))
	}
	return b.Post(at, pairs...)
}

// outside has software write the corpus where it may; what is refused is shown nowhere.
func outside(t *testing.T, w *consoletest.World) {
	t.Helper()
	for i, words := range corpus {
		text, err := json.Marshal(words)
		if err != nil {
			t.Fatal(err)
		}
		quoted := string(text)
		for _, call := range []struct{ method, path, body string }{
			{"POST", "/v1/messages", `{"to": ["+33639980001"], "text": ` + quoted + `, "reference": ` + quoted + `}`},
			{"POST", "/v1/messages", `{"to": ["+33639980001"], "text": "Oui", "sender": ` + quoted + `}`},
			{"POST", "/v1/messages", `{"to": ["+33639980001"], "text": "Oui", "metadata": {"a": ` + quoted + `}}`},
			{"POST", "/v1/templates", `{"name": ` + quoted + `, "folder": ` + quoted + `, "text": "a"}`},
			{"POST", "/v1/templates", fmt.Sprintf(`{"name": "m%d", "text": %s, "answer": true}`, i, quoted)},
			{"PUT", "/v1/opt-outs/+33639980003", `{"reason": ` + quoted + `}`},
			{"POST", "/v1/webhooks", `{"url": ` + quoted + `}`},
		} {
			status := atAPI(t, w, "sandbox", call.method, call.path, call.body)
			if status >= http.StatusInternalServerError {
				t.Errorf("%s %s: %d", call.method, call.path, status)
			}
		}
	}
}

// TestHostileWordsThatAreKept: what a session's end kept is shown as words, too.
func TestHostileWordsThatAreKept(t *testing.T) {
	d := newDesk(t)
	d.user("lea", auth.Grant{Account: "town", Role: auth.Agent})
	s := d.seat("lea")
	for i, hostile := range corpus {
		d.now = d.now.Add(auth.SessionIdle + time.Minute)
		s.post("/console/me", "display", hostile, "language", "")
		p := s.comesBack("lea")
		outsideFields(t, fmt.Sprintf("what was kept, %d", i), p)
		if i == 0 && !strings.Contains(p.HTML, "&lt;script&gt;") {
			t.Errorf("nothing was kept: %s", p.HTML)
		}
	}
}
