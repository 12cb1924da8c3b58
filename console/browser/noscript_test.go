//go:build browser

package browser_test

import (
	"strings"
	"testing"

	"github.com/chromedp/cdproto/emulation"
	"github.com/chromedp/chromedp"
	"github.com/chromedp/chromedp/kb"
)

// TestWithoutScript signs in, checks a text, sends it, finds it again and signs out in a
// browser that runs no script.
func TestWithoutScript(t *testing.T) {
	tab := openTab(t)
	seen(t, tab)
	to := telephone(1111) // no other test writes to it, so that it has one message
	do := func(actions ...action) {
		t.Helper()
		if err := tab.do(actions...); err != nil {
			t.Fatal(err)
		}
	}
	// onward does something that opens another page.
	onward := func(path string, actions ...action) {
		t.Helper()
		if err := tab.onward(actions...); err != nil {
			t.Fatal(err)
		}
		if at, err := tab.isAt(); err != nil || !strings.HasPrefix(at, path) {
			t.Fatalf("the page is %s, not %s (%v)", at, path, err)
		}
	}
	has := func(words ...string) {
		t.Helper()
		text, err := ask(tab, chromedp.Text(chromedp.CSS("main")))
		if err != nil {
			t.Fatal(err)
		}
		for _, word := range words {
			if !strings.Contains(text, word) {
				t.Errorf("the page does not say %q: %s", word, text)
			}
		}
	}
	if err := tab.begin(visitor{}, look{"fr", "light", 320}); err != nil {
		t.Fatal(err)
	}
	do(order(emulation.SetScriptExecutionDisabled, emulation.SetScriptExecutionDisabledParams{Value: true}))
	onward("/console/signin", chromedp.Navigate(here.url+"/console/messages"))
	do(chromedp.SendKeys(chromedp.CSS("#name"), "agent"))
	onward("/console/messages", chromedp.SendKeys(chromedp.CSS("#password"), password+kb.Enter))

	onward("/console/send", chromedp.Navigate(here.url+"/console/send"))
	do(chromedp.SendKeys(chromedp.CSS("#to"), to))
	do(chromedp.SendKeys(chromedp.CSS("#text"), "Sans script, à 5 €. "+canary))
	onward("/console/send", chromedp.Click(chromedp.CSS("button[value=check]")))
	has("Sans script, à 5 €.", "1 SMS")
	onward("/console/messages/", chromedp.Click(chromedp.CSS("button[value=send]")))
	has("Sans script, à 5 €.")

	onward("/console/messages", chromedp.Navigate(here.url+"/console/messages"))
	onward("/console/messages", chromedp.SendKeys(chromedp.CSS("#number"), to+kb.Enter))
	rows, err := ask(tab, chromedp.Evaluate[int](`document.querySelectorAll('tbody tr').length`))
	if err != nil || rows != 1 {
		t.Errorf("%d messages to %s, not 1 (%v)", rows, to, err)
	}
	onward("/console/signin", chromedp.Click(chromedp.CSS(`form[action="/console/signout"] button`)))
	onward("/console/signin", chromedp.Navigate(here.url+"/console/messages"))
	for _, fault := range tab.faultsSoFar() {
		t.Error(fault)
	}
	noWords(t, tab)
}
