//go:build browser

package browser_test

import (
	"bufio"
	"context"
	"fmt"
	"net/url"
	"os/exec"
	"path/filepath"
	"strings"
	"syscall"
	"testing"
	"time"

	"github.com/chromedp/cdproto/emulation"
	"github.com/chromedp/cdproto/network"
	"github.com/chromedp/chromedp"
	"github.com/chromedp/chromedp/kb"
)

// TestFirstQuarterOfAnHour is somebody's first: `relais demo` from nothing, the address
// that it prints, a text to a telephone of the page, an answer there, the answer among the
// replies, a fault, and a decision about the message that it left without a clear answer.
// All by keyboard, in a browser that prefers French, and in one, too, that runs no script.
func TestFirstQuarterOfAnHour(t *testing.T) {
	t.Run("with scripts", func(t *testing.T) { firstQuarter(t, true) })
	t.Run("without scripts", func(t *testing.T) { firstQuarter(t, false) })
}

func firstQuarter(t *testing.T, scripts bool) {
	t.Helper()
	address := startDemo(t)
	at, err := url.Parse(address)
	if err != nil {
		t.Fatal(err)
	}
	tab, err := newTab(browser, "http://"+at.Host)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(tab.stop)
	seen(t, tab)
	hand := keyboard{t, tab}
	if err := tab.begin(visitor{}, look{"", "light", 1280}); err != nil {
		t.Fatal(err)
	}
	hand.do(
		order(network.SetExtraHTTPHeaders, network.SetExtraHTTPHeadersParams{
			Headers: network.Headers{"Accept-Language": "fr-FR,fr;q=0.9,en;q=0.5"},
		}),
		order(emulation.SetScriptExecutionDisabled, emulation.SetScriptExecutionDisabledParams{Value: !scripts}))
	const telephones, handsets = "Téléphones simulés", "/console/handsets"
	// appears waits for what comes to the telephones: by itself, or when one looks again.
	appears := func(selector, text string) {
		t.Helper()
		if !scripts {
			hand.finds(telephones, handsets, text)
		}
		hand.reads(selector, text)
	}
	hand.do(chromedp.Navigate(address))
	if !scripts { // no script takes the code from the address
		hand.arrives("/console/demo")
		hand.writes("input[name=link]", at.Fragment)
		hand.enters("button", "Continuer")
	}
	hand.arrives("/console/")
	hand.reads("main", "Bonjour, demo")

	hand.goes(telephones, handsets)
	hand.enters("a", "Lui envoyer un SMS : +33 6 39 98 00 01")
	hand.arrives("/console/send")
	hand.writes("#text", "Bonjour, votre carte est prête.")
	hand.enters("button", "Envoyer")
	hand.arrives("/console/messages/")
	hand.reads("main", "Bonjour, votre carte est prête.")

	hand.goes(telephones, handsets)
	appears(".telephone", "Bonjour, votre carte est prête.")
	hand.writes(".telephone textarea", "Merci, je passe demain.")
	hand.enters("button", "Répondre : +33 6 39 98 00 01")
	appears(".telephone .mine", "Merci, je passe demain.")
	hand.finds("Réponses", "/console/inbox", "Merci, je passe demain.")
	hand.enters("td a", "")
	hand.arrives("/console/inbox/")
	hand.reads(".thread .theirs", "Merci, je passe demain.")
	hand.reads(".thread .ours", "Bonjour, votre carte est prête.")

	hand.goes(telephones, handsets)
	hand.enters("button", "Répond par une page web")
	hand.reads(".said", "La panne est commandée")
	hand.reads("section", "OVH : Répond par une page web")
	hand.goes("Envoyer", "/console/send")
	hand.writes("#to", "06 39 98 00 01")
	hand.writes("#text", "La mairie ferme à 16 h.")
	hand.enters("button", "Envoyer")
	hand.arrives("/console/messages/")
	hand.finds("À décider", "/console/held", "La mairie ferme à 16 h.")
	hand.chooses("outcome", "not_taken")
	hand.enters("button", "Confirmer cette décision")
	hand.until("the decision", `location.pathname === '/console/held' && !!document.querySelector('.said')`)
	hand.goes(telephones, handsets)
	appears(".telephone", "La mairie ferme à 16 h.")

	for _, fault := range tab.faultsSoFar() {
		t.Error(fault)
	}
	written := []string{"639980001", "votrecarteestprête", "jepassedemain", "Lamairieferme"}
	for _, found := range tab.wordsOutside(written) {
		t.Errorf("a number or a text stands in %s", found)
	}
}

// startDemo builds the program and runs its demo in an empty directory, until the test
// ends. It returns the address that signs in.
func startDemo(t *testing.T) string {
	t.Helper()
	program := filepath.Join(t.TempDir(), "relais")
	build := exec.CommandContext(t.Context(), "go", "build", "-o", program, "../../cmd/relais")
	if told, err := build.CombinedOutput(); err != nil {
		t.Fatalf("%v\n%s", err, told)
	}
	demo := exec.CommandContext(context.WithoutCancel(t.Context()), program, "demo")
	demo.Dir = t.TempDir()
	demo.Env = append(demo.Environ(), "LC_ALL=fr_FR.UTF-8")
	out, err := demo.StdoutPipe()
	if err == nil {
		err = demo.Start()
	}
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		demo.Process.Signal(syscall.SIGTERM)
		if err := demo.Wait(); err != nil {
			t.Errorf("the demo ended: %v", err)
		}
	})
	found := make(chan string, 1)
	go func() {
		for lines := bufio.NewScanner(out); lines.Scan(); {
			if line := strings.TrimSpace(lines.Text()); strings.Contains(line, "/console/") {
				found <- line
			}
		}
	}()
	select {
	case address := <-found:
		return address
	case <-time.After(time.Minute):
		t.Fatal("the demo prints no address of the console")
		return ""
	}
}

// keyboard is somebody who uses no mouse.
type keyboard struct {
	t   *testing.T
	tab *tab
}

func (k keyboard) do(actions ...action) {
	k.t.Helper()
	if err := k.tab.do(actions...); err != nil {
		k.t.Fatal(err)
	}
}

// until waits for an expression to be true.
func (k keyboard) until(what, expression string) {
	k.t.Helper()
	for end := time.Now().Add(patience); ; <-time.After(50 * time.Millisecond) {
		// A page that is just being left has no answer; the next one has.
		if is, err := ask(k.tab, chromedp.Evaluate[bool](expression)); err == nil && is {
			return
		}
		if time.Now().After(end) {
			page, _ := ask(k.tab, chromedp.Text(chromedp.CSS("body")))
			k.t.Fatalf("%s: not within %v\n%s", what, patience, page)
		}
	}
}

// arrives waits for a page.
func (k keyboard) arrives(path string) {
	k.t.Helper()
	test := `location.pathname === %q`
	if path != "/console/" && strings.HasSuffix(path, "/") {
		test = `location.pathname.startsWith(%q)`
	}
	k.until("to "+path, fmt.Sprintf(test+` && document.readyState === 'complete'`, path))
	if err := k.tab.noteTitle(); err != nil {
		k.t.Fatal(err)
	}
}

// reads waits until an element has a text.
func (k keyboard) reads(selector, text string) {
	k.t.Helper()
	k.until("read "+text, fmt.Sprintf(
		`[...document.querySelectorAll(%q)].some(e => e.innerText.replaceAll('\u00a0', ' ').includes(%q))`,
		selector, text))
}

// reaches presses Tab until an element has the focus that matches, and whose words begin
// with these.
func (k keyboard) reaches(selector, words string) {
	k.t.Helper()
	test := fmt.Sprintf(`(() => {
		const e = document.activeElement;
		const said = e?.textContent.replaceAll('\u00a0', ' ').replace(/\s+/g, ' ').trim();
		return !!e && e.matches(%q) && said.startsWith(%q);
	})()`, selector, words)
	for range mostStops {
		k.do(chromedp.KeyEvent(kb.Tab))
		if there, err := ask(k.tab, chromedp.Evaluate[bool](test)); err == nil && there {
			k.sees(selector)
			return
		}
	}
	k.t.Fatalf("Tab does not reach %s %q", selector, words)
}

// sees fails where the focus is not seen.
func (k keyboard) sees(selector string) {
	k.t.Helper()
	at, err := ask(k.tab, chromedp.Evaluate[focus](focused))
	if err != nil || at.Outline < 3 || at.Hidden {
		k.t.Errorf("the focus is not seen on %s: %+v (%v)", selector, at, err)
	}
}

// enters reaches an element and presses Enter on it.
func (k keyboard) enters(selector, words string) {
	k.t.Helper()
	k.reaches(selector, words)
	k.do(chromedp.KeyEvent(kb.Enter))
}

// goes takes a page of the menu.
func (k keyboard) goes(words, path string) {
	k.t.Helper()
	k.enters("nav a", words)
	k.arrives(path)
}

// finds takes a page of the menu until it has a text.
func (k keyboard) finds(words, path, text string) {
	k.t.Helper()
	const tries = 20
	for range tries {
		k.goes(words, path)
		page, err := ask(k.tab, chromedp.Text(chromedp.CSS("main")))
		if err == nil && strings.Contains(strings.ReplaceAll(page, "\u00a0", " "), text) {
			return
		}
		<-time.After(200 * time.Millisecond)
	}
	k.t.Fatalf("%s never has %q", path, text)
}

// chooses reaches a group of radio buttons and takes one with the arrows.
func (k keyboard) chooses(name, value string) {
	k.t.Helper()
	k.reaches("input[name="+name+"]", "")
	k.do(chromedp.KeyEvent(" "))
	for range 5 {
		at, err := ask(k.tab, chromedp.Evaluate[string](`document.activeElement.value`))
		if err == nil && at == value {
			return
		}
		k.do(chromedp.KeyEvent(kb.ArrowDown))
	}
	k.t.Fatalf("the arrows do not reach %s", value)
}

// writes reaches a field and writes into it.
func (k keyboard) writes(selector, text string) {
	k.t.Helper()
	k.reaches(selector, "")
	k.do(chromedp.KeyEvent(text))
}
