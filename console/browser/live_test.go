//go:build browser

package browser_test

import (
	"fmt"
	"testing"
	"time"

	"github.com/chromedp/chromedp"

	"relais/client"
)

// TestPagesChangeByThemselves sends texts while pages are open: one stands on its telephone,
// one is counted above the list of messages, and the timeline of one goes on, all without a
// reload.
func TestPagesChangeByThemselves(t *testing.T) {
	one, err := newTab(browser, here.url)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(one.stop)
	seen(t, one)
	if err := one.begin(here.who["manager"], look{"fr", "light", 1280}); err != nil {
		t.Fatal(err)
	}
	text := "Sans actualiser, à " + time.Now().Format("15:04:05.000")

	stay(t, one, "/console/handsets")
	sendTo(t, text, time.Time{})
	shows(t, one, ".telephone", text)

	stay(t, one, "/console/messages")
	sendTo(t, text, time.Time{})
	shows(t, one, ".live [role=status]", "nouveau")

	stay(t, one, "/console/messages/"+sendTo(t, text, time.Now().Add(8*time.Second)))
	shows(t, one, "#status", "reçu")
	shows(t, one, "#timeline", "delivered")
	if faults := one.faultsSoFar(); len(faults) > 0 {
		t.Error(faults)
	}
}

func sendTo(t *testing.T, text string, at time.Time) (id string) {
	t.Helper()
	sent, err := here.api.Submit(t.Context(), client.SubmitRequest{To: []string{telephone(1)}, Text: text, SendAt: at})
	if err != nil {
		t.Fatal(err)
	}
	return sent.Messages[0].ID
}

// stay opens a page and marks it, so that a reload is noticed.
func stay(t *testing.T, one *tab, path string) {
	t.Helper()
	if err := one.open(path); err != nil {
		t.Fatal(err)
	}
	if _, err := ask(one, chromedp.Evaluate[bool](`window.stays = true`)); err != nil {
		t.Fatal(err)
	}
}

// shows waits until a piece of the page that was marked has some words.
func shows(t *testing.T, one *tab, selector, words string) {
	t.Helper()
	js := fmt.Sprintf(`window.stays === true && [...document.querySelectorAll(%q)].some(e => e.textContent.includes(%q))`,
		selector, words)
	for end := time.Now().Add(30 * time.Second); time.Now().Before(end); <-time.After(200 * time.Millisecond) {
		if there, err := ask(one, chromedp.Evaluate[bool](js)); err == nil && there {
			return
		}
	}
	t.Errorf("%s never shows %q without a reload", selector, words)
}
