//go:build browser

package browser_test

import (
	"context"
	"flag"
	"fmt"
	"html"
	"io"
	"mime"
	"net/http"
	"net/url"
	"os"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/chromedp/chromedp"

	"relais/auth"
	"relais/console"
)

var update = flag.Bool("update", false, "rewrite the golden files")

// whole says that every page is looked at with every eye, and a picture taken of it.
var whole = os.Getenv("RELAIS_CONSOLE_WHOLE") != ""

// only narrows the pages that are looked at, by their names.
var only = flag.String("only", "", "look at pages whose name matches this regular expression")

// pictures is where the pictures go.
const pictures = "screenshots"

// What all tests share. TestMain fills it in.
var (
	here    *world
	browser context.Context
	axe     = mustRead("node_modules/axe-core/axe.min.js")
)

func TestMain(m *testing.M) {
	flag.Parse()
	code, err := runAll(m)
	if err != nil {
		fmt.Fprintln(os.Stderr, "the console cannot be tried; scripts/deps node chromium installs a browser:", err)
		code = 1
	}
	os.Exit(code)
}

func runAll(m *testing.M) (code int, err error) {
	ctx, cancel := context.WithCancel(context.Background())
	defer cancel()
	dir, err := os.MkdirTemp("", "relais-console-")
	if err != nil {
		return 1, err
	}
	defer os.RemoveAll(dir)
	var stop context.CancelFunc
	if browser, stop, err = startBrowser(ctx); err != nil {
		return 1, err
	}
	defer stop()
	if here, err = newWorld(ctx, dir); err != nil {
		return 1, err
	}
	if err := os.MkdirAll(pictures, 0o755); err != nil {
		return 1, err
	}
	code = m.Run()
	return code, here.stop()
}

// place is a page, as somebody sees it.
type place struct {
	name   string // of its picture
	by     visitor
	path   string
	form   *sent // that is sent there first; nil: none
	status int64 // 0: 200

	shows []string // selectors of what must be there
	lacks []string // selectors of what must not

	before func(*tab) error // what the browser has when it opens the page; nil: nothing more
	after  func(*tab) error // what happens on the page then; nil: nothing
}

// sent is a form with what is wrong in it.
type sent struct {
	form, button string
	fields       map[string]string
}

// looks are the ways in which a page is looked at.
func looks() (all []look) {
	if !whole {
		return []look{{"fr", "light", 320}, {"en", "dark", 1280}}
	}
	for _, language := range []string{"fr", "en"} {
		for _, theme := range []string{"light", "dark"} {
			for _, width := range []int{320, 768, 1280} {
				all = append(all, look{language, theme, width})
			}
		}
	}
	return all
}

// TestPages looks at each page of the table of routes, and at states of them that no
// address has.
func TestPages(t *testing.T) {
	pages := placesOf(t, here)
	states := slices.Concat(here.states(), here.empties(t), here.refused(t, pages))
	t.Logf("%d pages, %d states, %d looks", len(pages), len(states), len(looks()))
	for i, l := range looks() {
		t.Run(l.String(), func(t *testing.T) {
			t.Parallel()
			places := pages
			if whole || i == 0 {
				places = slices.Concat(pages, states)
			}
			tab := openTab(t)
			for _, p := range places {
				if !chosen(p) {
					continue
				}
				for _, fault := range faultsAt(t, tab, p, l) {
					t.Errorf("%s (%s, as %s): %s", p.name, p.path, p.by.name, fault)
				}
			}
			noWords(t, tab)
		})
	}
}

// chosen reports whether a page is looked at: every one, unless somebody asks for some.
func chosen(p place) bool { return regexp.MustCompile(*only).MatchString(p.name) }

func openTab(t *testing.T) *tab {
	t.Helper()
	tab, err := newTab(browser, here.url)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(tab.stop)
	return tab
}

func faultsAt(t *testing.T, tab *tab, p place, l look) []string {
	t.Helper()
	if err := tab.visit(p, l); err != nil {
		t.Fatal(err)
	}
	faults, err := tab.faultsOf(l, axe, p.status)
	if err == nil {
		var more []string
		more, err = tab.missing(p)
		faults = append(faults, more...)
	}
	if err == nil && whole {
		err = tab.picture(pictures, fmt.Sprintf("%s-%s-%s-%d", p.name, l.language, l.theme, l.width))
	}
	if err != nil {
		t.Fatalf("%s: %v", p.name, err)
	}
	return faults
}

// missing is what a place does not show that it must, and what it shows that it must not.
func (t *tab) missing(p place) (faults []string, err error) {
	for at, selector := range slices.Concat(p.shows, p.lacks) {
		js := fmt.Sprintf("document.querySelector(%q) !== null", selector)
		there, err := ask(t, chromedp.Evaluate[bool](js))
		if err != nil {
			return nil, err
		}
		if wanted := at < len(p.shows); there != wanted {
			faults = append(faults, fmt.Sprintf("%s is there: %t, want %t", selector, there, wanted))
		}
	}
	return faults, nil
}

// visit brings the tab to a place, as somebody sees it who looks at it so.
func (t *tab) visit(p place, l look) error {
	err := t.begin(p.by, l)
	if err == nil && p.before != nil {
		err = p.before(t)
	}
	if err == nil {
		err = t.open(p.path)
	}
	if err == nil && p.form != nil {
		t.forget()
		err = t.submit(p.form.form, p.form.button, p.form.fields)
	}
	if err == nil && p.after != nil {
		err = p.after(t)
	}
	if err != nil {
		return fmt.Errorf("%s: %w", p.name, err)
	}
	return nil
}

// placesOf are the pages of the table of routes: those without a name in their address,
// and one example, which another page links to, of those with one.
func placesOf(t *testing.T, w *world) (all []place) {
	t.Helper()
	var patterns []console.Address
	var found links
	for _, a := range console.Addresses() {
		if a.Method != http.MethodGet || noPage(a.Path) {
			continue
		}
		if strings.Contains(a.Path, "{") {
			patterns = append(patterns, a)
			continue
		}
		p, ok := placeOf(t, w, a.Path, w.visitorFor(t, a.Needs), &found)
		if ok {
			all = append(all, p)
		}
	}
	for again := true; again; {
		again = false
		patterns = slices.DeleteFunc(patterns, func(a console.Address) bool {
			path, by, there := found.example(a)
			if !there {
				return false
			}
			again = true
			if p, ok := placeOf(t, w, path, by, &found); ok {
				p.name = nameOf(a.Path)
				all = append(all, p)
			}
			return true
		})
	}
	for _, a := range patterns {
		t.Errorf("no page links to an example of %s; let something happen in world_test.go that makes one", a.Path)
	}
	return all
}

// noPage reports whether an address shows nothing by itself here: the stream, which wants
// topics, the replay, which wants a time and is among the states, and those of a provider of identities, which this world has not.
func noPage(path string) bool {
	return path == "/console/live" || path == "/console/webhooks/{id}/replay" || strings.HasPrefix(path, "/console/oidc/")
}

// visitorFor is the first one who has a right.
func (w *world) visitorFor(t *testing.T, right auth.Right) visitor {
	t.Helper()
	if right == "" {
		return w.who["nobody"]
	}
	for _, v := range cast {
		if w.who[v.name].may(right) {
			return w.who[v.name]
		}
	}
	t.Fatalf("nobody has the right %s", right)
	return visitor{}
}

var hrefs = regexp.MustCompile(`href="(/console/[^"#]*)"`)

// placeOf asks for a page. What is no page, such as a file to keep or a stream, and what
// sends the visitor elsewhere, is not looked at. found gets what the page links to.
func placeOf(t *testing.T, w *world, path string, by visitor, found *links) (place, bool) {
	t.Helper()
	ctx, cancel := context.WithTimeout(t.Context(), 10*time.Second)
	defer cancel()
	r, err := http.NewRequestWithContext(ctx, http.MethodGet, w.url+path, nil)
	if err != nil {
		t.Fatal(err)
	}
	now, err := by.now(ctx)
	if err != nil {
		t.Fatal(err)
	}
	resp, err := as(w.url, now).client.Do(r)
	if err != nil {
		t.Fatal(err)
	}
	defer resp.Body.Close()
	kind, _, _ := mime.ParseMediaType(resp.Header.Get("Content-Type"))
	switch {
	case resp.StatusCode >= 300 && resp.StatusCode < 400:
		t.Logf("%s is not looked at as %s: it sends on to %s", path, by.name, resp.Header.Get("Location"))
		return place{}, false
	case kind != "text/html":
		t.Logf("%s is not looked at: it is %s", path, kind)
		return place{}, false
	case resp.StatusCode != http.StatusOK:
		t.Errorf("%s as %s: %s", path, by.name, resp.Status)
		return place{}, false
	}
	for _, href := range hrefs.FindAllStringSubmatch(readAll(t, resp), -1) {
		found.add(href[1], by)
	}
	return place{name: nameOf(path), by: by, path: path}, true
}

func readAll(t *testing.T, resp *http.Response) string {
	t.Helper()
	page, err := io.ReadAll(resp.Body)
	if err != nil {
		t.Fatal(err)
	}
	return html.UnescapeString(string(page))
}

// nameOf is the name of a page for its picture.
func nameOf(path string) string {
	name := strings.Trim(strings.TrimPrefix(path, "/console/"), "/{}$")
	if name == "" {
		return "home"
	}
	return strings.NewReplacer("/{", "-", "}", "", "/", "-").Replace(name)
}

var names = regexp.MustCompile(`\{[^}]*\}`)

// links are those of pages, in the order in which they were found, each by the first who
// found it.
type links []link

type link struct {
	path string
	by   visitor
}

func (l *links) add(path string, by visitor) {
	if !slices.ContainsFunc(*l, func(there link) bool { return there.path == path }) {
		*l = append(*l, link{path, by})
	}
}

// example is a link to a page whose address has a name in it.
func (l links) example(a console.Address) (path string, by visitor, found bool) {
	quoted := strings.NewReplacer(`\{`, "{", `\}`, "}").Replace(regexp.QuoteMeta(a.Path))
	pattern := regexp.MustCompile("^" + names.ReplaceAllString(quoted, "[^/?]+") + "$")
	known := map[string]bool{}
	for _, other := range console.Addresses() {
		known[other.Path] = true
	}
	for _, one := range l {
		if bare, _, _ := strings.Cut(one.path, "?"); pattern.MatchString(bare) && !known[bare] {
			return one.path, one.by, true
		}
	}
	return "", visitor{}, false
}

// states are pages that no address alone has: refusals, what somebody without a right or
// without data sees, and the steps of signing in.
func (w *world) states() []place {
	manager := w.who["manager"]
	talk, mine := `tr[id^="row-"] a[href="`+w.talk+`"]`, `.tabs a[aria-current="page"][href$="show=mine"]`
	send := func(do string, fields map[string]string) *sent {
		return &sent{`form[action="/console/send"]`, `button[value=` + do + `]`, fields}
	}
	costly := map[string]string{
		"to": telephone(1108) + "\n" + telephone(1109), "text": "Le cœur de la fête à 5 € 🎉",
	}
	tried := func(secret string) *sent {
		return &sent{`form[action="/console/operators/vonage"]`, "button[value=try]", map[string]string{
			"login": "a1b2c3d4", "secret_secret": secret, "sender": "MAIRIE",
		}}
	}
	return append(w.endings(), []place{
		{name: "step-enrol", by: w.who["halfway"], path: "/console/step"},
		{name: "step-code", by: w.who["code"], path: "/console/step"},
		{name: "send-checked", by: manager, path: "/console/send", form: send("check", costly)},
		{name: "inbox-mine", by: w.who["agent"], path: "/console/inbox?show=mine", shows: []string{talk, mine}},
		{
			name: "inbox-mine-empty", by: manager, path: "/console/inbox?show=mine",
			shows: []string{mine, "main p.empty"}, lacks: []string{"main table"},
		},
		{
			name: "inbox-shared", by: manager, path: w.talk,
			shows: []string{
				".holder form button[name=to]", "#to option[value][selected]", "li.noted .bubble bdi",
				`li.noted form[action$="/remove"] button`, "li.theirs .bubble",
			},
			lacks: []string{".thread script", ".thread img"},
		},
		{name: "inbox-canned", by: w.who["agent"], path: w.talk, form: &sent{
			`form[action="` + w.talk + `/answer"]`, "button[value=check]", map[string]string{"text": "Oui, à samedi."},
		}, shows: []string{`ul.canned button[name="canned"][data-into="text"]`, "#preview strong"}},
		{
			name: "inbox-writes", by: manager, path: w.talk, before: w.agentWrites,
			shows: []string{"section.card > .warning", `section.card > details:not([open]) form[action$="/answer"]`},
		},
		{name: "campaigns-id-preview", by: manager, path: w.row, shows: []string{".bubble bdi", "#row[value=\"4\"]", "#to"}},
		{name: "operators-tried", by: w.who["operator"], path: "/console/operators/vonage", form: tried("pa55-0a1b2c3d"), shows: []string{
			`#tried .pill.good`, "section[aria-labelledby=section] ol.do pre", "input[type=password]:not([value])",
		}},
		{name: "operators-fails", by: w.who["operator"], path: "/console/operators/vonage", form: tried("un-autre"), shows: []string{`#tried .pill.bad`}},
		{name: "webhook-replay", by: manager, path: w.webhook + "/replay?since=24h&state=failed"},
		{name: "messages-hidden", by: w.who["reader"], path: "/console/messages"},
		{name: "home-operator", by: w.who["operator"], path: "/console/"},
		{name: "home-admin", by: w.who["admin"], path: "/console/"},
		{name: "forbidden", by: w.who["reader"], path: "/console/send", status: 403},
		{name: "nowhere", by: manager, path: "/console/nowhere", status: 404},
	}...)
}

// agentWrites has the agent write an answer to a conversation, and not send it.
func (w *world) agentWrites(*tab) error {
	ctx, cancel := context.WithTimeout(context.Background(), time.Minute)
	defer cancel()
	draft := url.Values{"text": {"Oui, à samedi."}, "do": {"check"}}
	_, err := as(w.url, w.who["agent"]).post(ctx, w.talk+"/answer", draft)
	return err
}

// secretWords are those of the tests' numbers and texts that must stand in no address, no
// title and no log: numbers without their zero or country, and the canary.
func secretWords() []string {
	words := []string{canary}
	for _, end := range []int{1101, 1102, 1103, 1104, 1106, 1108, 1109, 1111, 1150, 1165, 1195} {
		words = append(words, strings.TrimPrefix(telephone(end), "+33"))
	}
	return words
}

// noWords fails where a number or a text of the tests stands outside of a page.
func noWords(t *testing.T, tab *tab) {
	t.Helper()
	for _, found := range tab.wordsOutside(secretWords()) {
		t.Errorf("a number or a text stands in %s", found)
	}
	for line := range strings.Lines(here.logs.String()) {
		for _, word := range secretWords() {
			if strings.Contains(strings.ReplaceAll(line, " ", ""), word) {
				t.Errorf("a number or a text stands in a line of the log: %s", line)
			}
		}
	}
}

// seen is the picture of a test that fails, for who mends it.
func seen(t *testing.T, tab *tab) {
	t.Helper()
	t.Cleanup(func() {
		if t.Failed() {
			name := "failed-" + strings.NewReplacer("/", "-", " ", "-").Replace(t.Name())
			if err := tab.picture(pictures, name); err == nil {
				t.Logf("the page is in %s", filepath.Join(pictures, name+".png"))
			}
		}
	})
}
