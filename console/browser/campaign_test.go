//go:build browser

package browser_test

import (
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/chromedp/cdproto/emulation"
	"github.com/chromedp/chromedp"

	"relais/campaign/export"
	"relais/client"
)

// typist is somebody at a tab who has a keyboard alone.
type typist struct {
	*testing.T

	tab *tab
}

// sit has a visitor take the tab.
func (k *typist) sit(v visitor, path string) {
	k.Helper()
	err := k.tab.begin(v, look{"fr", "light", 1280})
	if err == nil { // the focus leaves the window with the page before
		err = k.tab.do(order(emulation.SetFocusEmulationEnabled, emulation.SetFocusEmulationEnabledParams{Enabled: true}))
	}
	if err == nil {
		err = k.tab.open(path)
	}
	if err != nil {
		k.Fatal(err)
	}
}

// reach presses Tab until the focus is on something.
func (k *typist) reach(selector string) {
	k.Helper()
	for range mostStops {
		there, err := ask(k.tab, chromedp.Evaluate[bool](fmt.Sprintf(`document.activeElement.matches(%q)`, selector)))
		if err == nil && !there {
			err = k.tab.do(pressTab)
		}
		if err != nil {
			k.Fatal(err)
		}
		if there {
			return
		}
	}
	k.Fatalf("the Tab key never reaches %s", selector)
}

// enter presses Enter on something that opens another page.
func (k *typist) enter(selector string) {
	k.Helper()
	k.reach(selector)
	if err := k.tab.onward(chromedp.KeyEvent("\r")); err != nil {
		k.Fatalf("%s: %v", selector, err)
	}
}

// press presses keys in something.
func (k *typist) press(selector, keys string) {
	k.Helper()
	k.reach(selector)
	if err := k.tab.do(chromedp.KeyEvent(keys)); err != nil {
		k.Fatalf("%s: %v", selector, err)
	}
}

// reads waits until the page says words, by itself.
func (k *typist) reads(words ...string) {
	k.Helper()
	for _, one := range words {
		js := fmt.Sprintf(`document.querySelector('main').textContent.replace(/\s+/g, ' ').includes(%q)`, one)
		for end := time.Now().Add(patience); ; <-time.After(100 * time.Millisecond) {
			there, err := ask(k.tab, chromedp.Evaluate[bool](js))
			if err == nil && there {
				break
			}
			if time.Now().After(end) {
				k.Fatalf("the page never says %q (%v)", one, err)
			}
		}
	}
}

// faultyTable is a workbook as people have them: a zero that was lost, a number in scientific form, two in a
// cell, a fixed line, somebody who is there twice. One of the telephones is never reached.
func faultyTable(t *testing.T) string {
	t.Helper()
	file := filepath.Join(t.TempDir(), "inscrits.xlsx")
	out, err := os.Create(file)
	if err != nil {
		t.Fatal(err)
	}
	defer out.Close()
	table, err := export.New(export.Workbook, out, []export.Column{{Name: "Nom"}, {Name: "Portable"}, {Name: "Date"}})
	for _, row := range []string{
		"Zoé|06 39 98 15 01|3 mai", "Léa|639981502|4 mai", "Noé|0033639981503|4 mai", "Ana|06 39 98 15 50|5 mai",
		"Tom|6,12E+08|5 mai", "Max|0639981505 ou 0639981506|6 mai", "Lou|01 99 00 00 01|6 mai", "Zoé|+33639981501|3 mai",
	} {
		if err == nil {
			err = table.Row(strings.Split(row, "|"))
		}
	}
	if err == nil {
		err = table.Close()
	}
	if err != nil {
		t.Fatal(err)
	}
	return file
}

// TestCampaignByKeyboard takes a workbook with faults from the wizard to its end, with keys alone: columns,
// check, start over the threshold, approval by a second person, pause, resume, and the retry of what failed.
// Only the dialog in which a file is chosen is the system's, and is answered for it. The operators are held until
// the campaign was paused and resumed, so that it cannot end before. Each key is an order to the browser, some
// hundreds in all, so that it is walked with RELAIS_CONSOLE_WHOLE alone.
func TestCampaignByKeyboard(t *testing.T) {
	if !whole {
		t.Skip("RELAIS_CONSOLE_WHOLE walks a campaign by keyboard")
	}
	w := ownWorld(t)
	tab, err := newTab(browser, w.url)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(tab.stop)
	seen(t, tab)
	k := &typist{t, tab}
	file := faultyTable(t)

	k.sit(w.who["agent"], "/console/campaigns")
	k.enter(`main a[href="/console/campaigns/new"]`)
	k.press("#name", "Marche du jeudi")
	k.press("#text", "Bonjour ((nom)), rendez-vous le ((date)).")
	k.press("#class-transactional", " ")
	k.enter("main form.card button.main")
	k.reach("#file")
	if err := tab.do(chromedp.SetUploadFiles(chromedp.CSS("#file"), []string{file})); err != nil {
		t.Fatal(err)
	}
	k.enter(`form[action$="/recipients"] button`)
	k.reads("colonne B : Portable", "((nom)) : colonne A : Nom")
	k.enter(`form[action$="/columns"] button.main`)
	k.reads("4 messages partiront.", "4 lignes sont écartées.", "puissance de dix", "plusieurs numéros")
	k.enter(`#judged a[href$="/options"]`)
	k.enter(`form[action$="/options"] button.main`)
	k.enter(`form[action$="/start"] button.main`)
	k.reads("à approuver", "une autre personne doit l'approuver")
	path, err := tab.isAt()
	if err != nil {
		t.Fatal(err)
	}

	all, err := w.api.Connectors(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	for _, connector := range all.Items {
		if _, err := w.api.Pause(t.Context(), connector.Name, client.PauseRequest{Why: "Un essai", Keep: true}); err != nil {
			t.Fatal(err)
		}
	}
	k.sit(w.who["manager"], "/console/")
	k.enter(`main a[href^="/console/campaigns?status="]`) // two wait
	k.enter(`main a[href="` + path + `"]`)
	k.enter(`main a[href="` + path + `/approval"]`)
	k.reads("Bonjour ((nom)), rendez-vous le ((date)).", "4 lignes sont écartées.")
	k.enter(`form[action$="/approve"] button`)
	k.reads("en cours")
	k.enter(`form[action$="/pause"] button`)
	k.reads("en pause")
	k.enter(`form[action$="/resume"] button`)
	k.reads("en cours")
	for _, connector := range all.Items {
		if _, err := w.api.Resume(t.Context(), connector.Name); err != nil {
			t.Fatal(err)
		}
	}
	k.reads("terminée", "4 sur 4 sont confiés à la passerelle")

	k.enter(`main a.button[href="` + path + `"]`)
	k.enter(`form[action$="/retry"] button`)
	k.reads("1 message partira.")
	for _, fault := range tab.faultsSoFar() {
		t.Error(fault)
	}
}
