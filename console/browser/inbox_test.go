//go:build browser

package browser_test

import (
	"testing"

	"github.com/chromedp/chromedp"
)

// TestReadyAnswer chooses a ready answer: with scripts it stands behind what was typed, and
// is looked at, without another page.
func TestReadyAnswer(t *testing.T) {
	one := openTab(t)
	seen(t, one)
	if err := one.begin(here.who["agent"], look{"fr", "light", 1280}); err != nil {
		t.Fatal(err)
	}
	stay(t, one, here.talk)
	const choose = `(() => {
		document.querySelector('#text').value = 'Bonjour,';
		document.querySelector('.canned').closest('details').open = true;
		document.querySelector('.canned button').click();
		return document.querySelector('#text').value;
	})()`
	typed, err := ask(one, chromedp.Evaluate[string](choose))
	if err != nil || typed != "Bonjour,\nMerci de votre réponse." {
		t.Errorf("the field has %q, %v", typed, err)
	}
	shows(t, one, "#preview", "1 SMS")
	if faults := one.faultsSoFar(); len(faults) > 0 {
		t.Error(faults)
	}
}
