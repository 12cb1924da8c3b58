//go:build browser

package browser_test

import (
	"testing"

	"github.com/chromedp/chromedp"
)

// TestShortcuts presses keys of one letter, in a field too, and where they are turned off.
func TestShortcuts(t *testing.T) {
	tab := openTab(t)
	if err := tab.begin(here.who["manager"], look{"fr", "light", 1280}); err != nil {
		t.Fatal(err)
	}
	do := func(actions ...action) {
		t.Helper()
		if err := tab.do(actions...); err != nil {
			t.Fatal(err)
		}
	}
	onward := func(want string, actions ...action) {
		t.Helper()
		if err := tab.onward(actions...); err != nil {
			t.Fatal(err)
		}
		if at, err := tab.isAt(); err != nil || at != want {
			t.Fatalf("the page is %s, not %s (%v)", at, want, err)
		}
	}
	focusOn := func(want string) {
		t.Helper()
		got, err := ask(tab, chromedp.Evaluate[string](`document.activeElement.id || document.activeElement.closest('tr')?.rowIndex + ''`))
		if err != nil || got != want {
			t.Errorf("the focus is on %q, not %q (%v)", got, want, err)
		}
	}
	if err := tab.open("/console/"); err != nil {
		t.Fatal(err)
	}
	onward("/console/messages", chromedp.KeyEvent("g"), chromedp.KeyEvent("m"))
	do(chromedp.KeyEvent("j"), chromedp.KeyEvent("j"))
	focusOn("2")
	do(chromedp.KeyEvent("k"))
	focusOn("1")
	do(chromedp.KeyEvent("/"))
	focusOn("number")
	// the protocol sends the letter of a key apart, which a keyboard does not
	do(chromedp.Evaluate[chromedp.Void](`document.activeElement.value = ''`))
	do(chromedp.KeyEvent("g"), chromedp.KeyEvent("i"), chromedp.KeyEvent("?"))
	typed, err := ask(tab, chromedp.Evaluate[string](`document.activeElement.value`))
	if err != nil || typed != "gi?" {
		t.Errorf("in a field they write %q (%v)", typed, err)
	}
	onward("/console/me", chromedp.Navigate(here.url+"/console/me"))
	onward("/console/help", chromedp.KeyEvent("?"))
	onward("/console/me", chromedp.Navigate(here.url+"/console/me"))
	onward("/console/me", chromedp.Click(chromedp.CSS("button[name=keys][value=off]")))
	do(chromedp.KeyEvent("?"), chromedp.KeyEvent("g"), chromedp.KeyEvent("m"))
	if at, err := tab.isAt(); err != nil || at != "/console/me" {
		t.Errorf("turned off they lead to %s (%v)", at, err)
	}
	for _, fault := range tab.faultsSoFar() {
		t.Error(fault)
	}
}
