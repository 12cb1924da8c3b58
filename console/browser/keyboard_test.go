//go:build browser

package browser_test

import (
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/chromedp/chromedp"
	"github.com/chromedp/chromedp/kb"
	"github.com/google/go-cmp/cmp"
)

// focus is where the focus is.
type focus struct {
	Name    string // what is said of it, and what it is
	Outline float64
	Hidden  bool // outside of the window
}

// focused describes the element with the focus; its name is empty where none has it.
const focused = `(() => {
	const e = document.activeElement;
	if (!e || e === document.body || e === document.documentElement)
		return { Name: '', Outline: 0, Hidden: false };
	const label = e.labels?.[0]?.textContent || e.getAttribute('aria-label') || e.textContent || '';
	const box = e.getBoundingClientRect(), style = getComputedStyle(e);
	return {
		Name: e.tagName.toLowerCase() + (e.type ? '[' + e.type + ']' : '') + ' ' +
			label.trim().replace(/\s+/g, ' ').slice(0, 60),
		Outline: style.outlineStyle === 'none' ? 0 : parseFloat(style.outlineWidth),
		Hidden: box.bottom <= 0 || box.right <= 0 || box.top >= innerHeight || box.left >= innerWidth ||
			box.width < 2,
	};
})()`

// mostStops is more than any page has.
const mostStops = 120

// walk presses Tab from where the page puts the focus until the focus leaves the page.
func (t *tab) walk() (stops []focus, err error) {
	first, err := ask(t, chromedp.Evaluate[focus](focused))
	if err != nil {
		return stops, err
	}
	if first.Name != "" {
		stops = append(stops, first)
	}
	for range mostStops {
		if err := t.do(chromedp.KeyEvent(kb.Tab)); err != nil {
			return stops, err
		}
		at, err := ask(t, chromedp.Evaluate[focus](focused))
		if err != nil {
			return stops, err
		}
		if at.Name == "" || len(stops) > 1 && at == stops[0] {
			return stops, nil
		}
		stops = append(stops, at)
	}
	return stops, fmt.Errorf("the focus never leaves the page: %d stops", len(stops))
}

// TestKeyboardWalk goes through pages with the Tab key: in which order, that the focus is
// always seen, and that it can leave.
func TestKeyboardWalk(t *testing.T) {
	tab := openTab(t)
	for _, p := range []place{
		{name: "signin", by: here.who["nobody"], path: "/console/signin"},
		{name: "home", by: here.who["manager"], path: "/console/"},
		{name: "send", by: here.who["manager"], path: "/console/send"},
	} {
		t.Run(p.name, func(t *testing.T) {
			if err := tab.begin(p.by, look{"fr", "light", 1280}); err != nil {
				t.Fatal(err)
			}
			if err := tab.open(p.path); err != nil {
				t.Fatal(err)
			}
			stops, err := tab.walk()
			if err != nil {
				t.Fatal(err)
			}
			var order strings.Builder
			for _, s := range stops {
				order.WriteString(s.Name + "\n")
				if s.Outline < 3 {
					t.Errorf("the focus is not seen on %s: its outline is %g px", s.Name, s.Outline)
				}
				if s.Hidden {
					t.Errorf("%s has the focus and is not in the window", s.Name)
				}
			}
			golden(t, "keyboard-"+p.name+".txt", order.String())
		})
	}
}

// golden compares with a file of testdata.
func golden(t *testing.T, name, got string) {
	t.Helper()
	file := filepath.Join("testdata", name)
	if *update {
		if err := os.WriteFile(file, []byte(got), 0o644); err != nil {
			t.Fatal(err)
		}
		return
	}
	want, err := os.ReadFile(file)
	if err != nil {
		t.Fatal(err)
	}
	if diff := cmp.Diff(string(want), got); diff != "" {
		t.Errorf("%s (-want +got); -update rewrites it:\n%s", file, diff)
	}
}
