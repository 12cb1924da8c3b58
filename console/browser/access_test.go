//go:build browser

package browser_test

import (
	"context"
	"fmt"
	"os"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/chromedp/cdproto/cdp"
	"github.com/chromedp/cdproto/emulation"
	"github.com/chromedp/cdproto/network"
	"github.com/chromedp/cdproto/page"
	"github.com/chromedp/chromedp"
)

// wear puts a style sheet over that of the page, as people do who need one. A sheet that
// is constructed is no inline style, so that the content security policy holds.
const wear = `(text => {
	const sheet = new CSSStyleSheet();
	sheet.replaceSync(text);
	document.adoptedStyleSheets = [...document.adoptedStyleSheets, sheet];
})(%s)`

// spacing is what people who read with difficulty may set (WCAG 2.1, 1.4.12; RGAA 10.12).
const spacing = `* { line-height: 1.5 !important; letter-spacing: .12em !important; word-spacing: .16em !important }
	p { margin-bottom: 2em !important }`

// doubled is a text of twice the size (WCAG 2.1, 1.4.4; RGAA 10.4).
const doubled = `:root { font-size: 200% !important }`

// cut finds what does not show whole, and what makes the page scroll sideways.
const cut = `(() => {
	const name = e => e.tagName.toLowerCase() + (e.className && typeof e.className === 'string' ? '.' +
		e.className.split(' ').join('.') : '') + ' ' + e.textContent.trim().replace(/\s+/g, ' ').slice(0, 40);
	const all = [...document.body.querySelectorAll('*')].filter(e => e.checkVisibility() &&
		!e.closest('.unseen, svg, .stacked thead') && e.textContent.trim());
	const hides = e => ['hidden', 'clip'].includes(getComputedStyle(e).overflowX) ||
		['hidden', 'clip'].includes(getComputedStyle(e).overflowY);
	const found = all.filter(e => hides(e) && (e.scrollHeight > e.clientHeight + 1 ||
		e.scrollWidth > e.clientWidth + 1)).map(e => 'cut: ' + name(e));
	const root = document.documentElement;
	if (root.scrollWidth > root.clientWidth + 1) {
		const wide = all.filter(e => e.getBoundingClientRect().right > root.clientWidth + 1);
		found.push('it scrolls sideways: ' + root.scrollWidth + ' px of ' + root.clientWidth + ': ' +
			wide.slice(-2).map(name).join('; '));
	}
	return found.slice(0, 4);
})()`

// sample are the pages of the short form, where each look takes its time.
var sample = []string{"home", "send", "messages", "messages-id", "held", "inbox", "users", "usage", "settings", "signin"}

// everyPlace is each page in the long form, else some.
func everyPlace(t *testing.T) []place {
	t.Helper()
	all := placesOf(t, here)
	if whole {
		return all
	}
	return slices.DeleteFunc(all, func(p place) bool { return !slices.Contains(sample, p.name) })
}

// TestOwnStyles looks at pages with the spacing and the size that people may choose.
func TestOwnStyles(t *testing.T) {
	tab := openTab(t)
	for _, style := range []struct {
		name, sheet string
		width       int
	}{
		{"spacing", spacing, 320},
		{"spacing", spacing, 1280},
		{"twice the size", doubled, 1280},
		{"zoom of 200 %", "", 640},
	} {
		for _, p := range everyPlace(t) {
			if err := tab.begin(p.by, look{"fr", "light", style.width}); err != nil {
				t.Fatal(err)
			}
			if err := tab.open(p.path); err != nil {
				t.Fatal(err)
			}
			if err := tab.do(chromedp.Evaluate[chromedp.Void](fmt.Sprintf(wear, inJSON(style.sheet)))); err != nil {
				t.Fatal(err)
			}
			found, err := ask(tab, chromedp.Evaluate[[]string](cut))
			if err != nil {
				t.Fatal(err)
			}
			for _, fault := range found {
				t.Errorf("%s at %d px, %s: %s", style.name, style.width, p.name, fault)
			}
		}
	}
}

// TestForcedColours takes all colours away (RGAA 3.1): what a colour says, a word says
// too, and the focus is seen.
func TestForcedColours(t *testing.T) {
	tab := openTab(t)
	const plain = `(() => {
		const found = [...document.querySelectorAll('.pill')].filter(e => !e.textContent.trim()).map(() => 'a state without a word');
		const first = [...document.querySelectorAll('main a[href], main button, main input:not([type=hidden])')].find(e => e.checkVisibility());
		first?.focus();
		if (first && getComputedStyle(first).outlineStyle === 'none') found.push('no outline on ' + first.outerHTML.slice(0, 80));
		if (!matchMedia('(forced-colors: active)').matches) found.push('the colours are not forced');
		if (document.getAnimations().length) found.push('something moves');
		return found;
	})()`
	for _, p := range everyPlace(t) {
		if err := tab.begin(p.by, look{"fr", "light", 1280}); err != nil {
			t.Fatal(err)
		}
		if err := tab.do(order(emulation.SetEmulatedMedia, emulation.SetEmulatedMediaParams{
			Features: []*emulation.MediaFeature{
				{Name: "forced-colors", Value: "active"}, {Name: "prefers-reduced-motion", Value: "reduce"},
			},
		})); err != nil {
			t.Fatal(err)
		}
		if err := tab.open(p.path); err != nil {
			t.Fatal(err)
		}
		found, err := ask(tab, chromedp.Evaluate[[]string](plain))
		if err != nil {
			t.Fatal(err)
		}
		for _, fault := range found {
			t.Errorf("%s: %s", p.name, fault)
		}
		if whole {
			if err := tab.picture(pictures, p.name+"-forced"); err != nil {
				t.Fatal(err)
			}
		}
	}
}

var sheets = regexp.MustCompile(`/Type\s*/Page\b`)

// TestPrint prints the pages that people keep on paper: without the menu, with the date,
// on few sheets.
func TestPrint(t *testing.T) {
	tab := openTab(t)
	const onPaper = `(() => {
		const seen = e => e && e.checkVisibility();
		const found = ['.bar', '.foot', 'form.search', '.skip'].filter(s =>
			[...document.querySelectorAll(s)].some(seen)).map(s => s + ' is printed');
		if (!document.querySelector('h1')?.checkVisibility()) found.push('no title');
		if (![...document.querySelectorAll('main time')].some(seen)) found.push('no date');
		return found;
	})()`
	printed := 0
	for _, p := range placesOf(t, here) {
		if !slices.Contains([]string{"usage", "inbox-id", "opt-outs-person"}, p.name) {
			continue
		}
		printed++
		if err := tab.begin(p.by, look{"fr", "light", 800}); err != nil {
			t.Fatal(err)
		}
		if err := tab.open(p.path); err != nil {
			t.Fatal(err)
		}
		if err := tab.do(order(emulation.SetEmulatedMedia, emulation.SetEmulatedMediaParams{Media: "print"})); err != nil {
			t.Fatal(err)
		}
		found, err := ask(tab, chromedp.Evaluate[[]string](onPaper))
		if err != nil {
			t.Fatal(err)
		}
		for _, fault := range found {
			t.Errorf("%s: %s", p.name, fault)
		}
		paper, err := ask(tab, func(ctx context.Context, target *chromedp.Target) ([]byte, error) {
			made, err := cdp.Call(ctx, target, page.PrintToPDF, page.PrintToPDFParams{})
			if err != nil {
				return nil, err
			}
			return made.Data, nil
		})
		if err != nil {
			t.Fatal(err)
		}
		if n := len(sheets.FindAll(paper, -1)); n < 1 || n > 3 {
			t.Errorf("%s takes %d sheets", p.name, n)
		}
		if whole {
			if err := os.WriteFile(filepath.Join(pictures, p.name+".pdf"), paper, 0o644); err != nil {
				t.Fatal(err)
			}
		}
	}
	if printed != 3 {
		t.Errorf("%d pages were printed, want 3", printed)
	}
}

// TestWeakLine opens the first page over a line of the third generation, without anything
// in the cache, and says how long it took: how fast this machine is decides too.
func TestWeakLine(t *testing.T) {
	tab := openTab(t)
	if err := tab.begin(here.who["manager"], look{"fr", "light", 320}); err != nil {
		t.Fatal(err)
	}
	const roundTrip, bytesPerSecond = 300, 750_000 / 8 // ms; 750 kbit/s
	if err := tab.do(order(network.EmulateNetworkConditionsByRule, network.EmulateNetworkConditionsByRuleParams{
		MatchedNetworkConditions: []*network.Conditions{{
			Latency: roundTrip, DownloadThroughput: bytesPerSecond, UploadThroughput: bytesPerSecond / 3,
		}},
	})); err != nil {
		t.Fatal(err)
	}
	begun := time.Now()
	if err := tab.open("/console/"); err != nil {
		t.Fatal(err)
	}
	took := time.Since(begun)
	t.Logf("the first page after %.1f s on a line of 750 kbit/s and %d ms, %.0f bytes in %d requests; wanted within 2 s",
		took.Seconds(), roundTrip, tab.weight, len(tab.asked))
	title, err := ask(tab, chromedp.Title())
	if err != nil || !strings.Contains(title, "Relais") {
		t.Errorf("the page is %q, %v", title, err)
	}
}
