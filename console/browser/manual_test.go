//go:build browser

package browser_test

import (
	"fmt"
	"strings"
	"testing"

	"github.com/chromedp/chromedp"
)

// manualPages are those of the manual of the API.
var manualPages = []string{
	"", "messages", "inbound", "opt-outs", "webhooks", "connectors", "people", "usage", "events", "problems", "codes",
	"doors", "search?q=reference", "search?q=zzzz",
}

// TestManual looks at each page of the manual, with the forms open.
func TestManual(t *testing.T) {
	views := looks()
	if !whole {
		views = []look{{"fr", "light", 320}, {"en", "dark", 1280}}
	}
	for _, l := range views {
		t.Run(l.String(), func(t *testing.T) {
			tab := openTab(t)
			for _, page := range manualPages {
				if err := tab.begin(visitor{}, l); err != nil {
					t.Fatal(err)
				}
				path := "/docs"
				if page != "" {
					path += "/" + page
				}
				mark := "?"
				if strings.Contains(path, "?") {
					mark = "&"
				}
				if err := tab.open(path + mark + "code=go&lang=" + l.language); err != nil {
					t.Fatal(err)
				}
				if err := tab.do(run(`document.querySelectorAll('details').forEach(d => { d.open = true })`)); err != nil {
					t.Fatal(err)
				}
				faults, err := tab.faultsOf(l, axe, 0)
				if err == nil && whole {
					err = tab.picture(pictures, fmt.Sprintf("docs-%s-%s-%s-%d", strings.NewReplacer("?", "-", "=", "-").Replace(page), l.language, l.theme, l.width))
				}
				if err != nil {
					t.Fatal(err)
				}
				for _, fault := range faults {
					t.Errorf("%s: %s", path, fault)
				}
			}
		})
	}
}

// run is a script whose value nobody wants.
func run(script string) action { return chromedp.Evaluate[chromedp.Void](script) }

// TestManualTries sends a request by a form of the manual, and another one about what the
// first made.
func TestManualTries(t *testing.T) {
	tab := openTab(t)
	seen(t, tab)
	if err := tab.begin(visitor{}, look{"fr", "light", 1280}); err != nil {
		t.Fatal(err)
	}
	if err := tab.open("/docs/messages?lang=fr"); err != nil {
		t.Fatal(err)
	}
	try := func(anchor, want string) {
		t.Helper()
		form := "#" + anchor + " .try"
		err := tab.do(
			run(`document.querySelector('`+form+`').open = true`),
			run(`document.querySelector('`+form+` form').requestSubmit()`),
			chromedp.WaitVisible(chromedp.CSS(form+" .result .pill")),
		)
		if err != nil {
			t.Fatal(err)
		}
		text, err := ask(tab, chromedp.Text(chromedp.CSS(form+" .result")))
		if err != nil || !strings.Contains(text, want) || !strings.Contains(text, "content-type: ") {
			t.Errorf("the form of %s shows %q (%v), want %s and the header", anchor, text, err, want)
		}
	}
	try("post-messages", "202 Accepted")
	try("get-messages-id", "200 OK")
	for _, fault := range tab.faultsSoFar() {
		t.Error(fault)
	}
}
