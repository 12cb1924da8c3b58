//go:build browser

package browser_test

import (
	"errors"
	"fmt"
	"io/fs"
	"maps"
	"os"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
	"testing"

	"github.com/chromedp/cdproto/emulation"
	"github.com/chromedp/cdproto/input"
	"github.com/chromedp/chromedp"
	"github.com/google/go-cmp/cmp"
)

// focus is where the focus is.
type focus struct {
	Name    string // what is said of it, and what it is
	Part    string // of the page: menu, main or foot
	Outline float64
	Hidden  bool // outside of the window
}

// focused describes the element with the focus; its name is empty where none has it.
const focused = `(() => {
	const e = document.activeElement;
	if (!e || e === document.body || e === document.documentElement)
		return { Name: '', Part: '', Outline: 0, Hidden: false };
	const label = e.labels?.[0]?.textContent || e.getAttribute('aria-label') || e.textContent || '';
	const box = e.getBoundingClientRect(), style = getComputedStyle(e);
	return {
		Name: e.tagName.toLowerCase() + (e.type ? '[' + e.type + ']' : '') + ' ' +
			label.trim().replace(/\s+/g, ' ').slice(0, 60),
		Part: e.closest('.bar, .skip') ? 'menu' : e.closest('.foot') ? 'foot' : 'main',
		Outline: style.outlineStyle === 'none' ? 0 : parseFloat(style.outlineWidth),
		Hidden: box.bottom <= 0 || box.right <= 0 || box.top >= innerHeight || box.left >= innerWidth ||
			box.width < 2,
	};
})()`

// mostStops is more than any page has.
const mostStops = 250

// pressTab is the Tab key that goes down, which is all that the focus follows.
var pressTab = order(input.DispatchKeyEvent, input.DispatchKeyEventParams{
	Type: input.DispatchKeyEventTypeRawKeyDown, Key: "Tab", Code: "Tab", WindowsVirtualKeyCode: 9, NativeVirtualKeyCode: 9,
})

// walk presses Tab from where the page puts the focus until the focus leaves the page, or
// is where it began.
func (t *tab) walk() (stops []focus, err error) {
	at, err := ask(t, chromedp.Evaluate[focus](focused))
	if err != nil {
		return stops, err
	}
	if at.Name != "" {
		stops = append(stops, at)
	}
	for range mostStops {
		if err := t.do(pressTab); err != nil {
			return stops, err
		}
		if at, err = ask(t, chromedp.Evaluate[focus](focused)); err != nil {
			return stops, err
		}
		if at.Name == "" || len(stops) > 1 && at == stops[0] {
			return stops, nil
		}
		stops = append(stops, at)
	}
	return stops, fmt.Errorf("the focus never leaves the page: %d stops", len(stops))
}

// TestKeyboardWalk goes through every page with the Tab key: in which order, that the focus
// is always seen, and that it can leave. The gateway is its own, so that what other tests do
// is on no page. The order of each page stands in a file; what is the same on all pages of
// a person stands there once.
func TestKeyboardWalk(t *testing.T) {
	views := []look{{"fr", "light", 1280}}
	if whole {
		views = append(views, look{"en", "dark", 320})
	}
	for _, l := range views {
		t.Run(l.String(), func(t *testing.T) {
			w := ownWorld(t)
			pages := placesOf(t, w)
			places := slices.Concat(pages, w.states())
			all := slices.Concat(places, w.empties(t), w.refused(t, pages))
			if whole {
				places = all
			}
			tab, err := newTab(browser, w.url)
			if err != nil {
				t.Fatal(err)
			}
			t.Cleanup(tab.stop)
			orders := readOrders(t, fmt.Sprintf("keyboard-%s-%d.txt", l.language, l.width))
			for _, p := range places {
				if chosen(p) {
					orders.compare(t, p, walked(t, tab, p, l))
				}
			}
			orders.finish(t, all)
		})
	}
}

// walked is the order of a page.
func walked(t *testing.T, tab *tab, p place, l look) []focus {
	t.Helper()
	err := tab.visit(p, l)
	if err == nil { // the focus left the window with the page before this one
		err = tab.do(order(emulation.SetFocusEmulationEnabled, emulation.SetFocusEmulationEnabledParams{Enabled: true}))
	}
	if err != nil {
		t.Fatal(err)
	}
	stops, err := tab.walk()
	if err != nil {
		t.Fatalf("%s: %v", p.name, err)
	}
	for _, s := range stops {
		if s.Outline < 3 {
			t.Errorf("%s: the focus is not seen on %s: its outline is %g px", p.name, s.Name, s.Outline)
		}
		if s.Hidden {
			t.Errorf("%s: %s has the focus and is not in the window", p.name, s.Name)
		}
	}
	return stops
}

// orders are those of a file: a line with the name of the page after "== ", then a line for
// each stop.
type orders struct {
	file string
	want map[string]string
	got  map[string]string
}

func readOrders(t *testing.T, name string) *orders {
	t.Helper()
	o := &orders{filepath.Join("testdata", name), map[string]string{}, map[string]string{}}
	text, err := os.ReadFile(o.file)
	if err != nil && (!*update || !errors.Is(err, fs.ErrNotExist)) {
		t.Fatal(err)
	}
	for part := range strings.SplitSeq(string(text), "== ") {
		if name, order, found := strings.Cut(part, "\n"); found {
			o.want[name] = order
		}
	}
	return o
}

// compare compares the order of a page with that of the file. The menu and the foot are
// those that every page of the person has; where a page has others, they stand with it.
func (o *orders) compare(t *testing.T, p place, stops []focus) {
	t.Helper()
	var order strings.Builder
	for len(stops) > 0 {
		part := stops[0].Part
		n := slices.IndexFunc(stops, func(s focus) bool { return s.Part != part })
		if n < 0 {
			n = len(stops)
		}
		text := written(stops[:n])
		stops = stops[n:]
		if part == "main" {
			order.WriteString(text)
			continue
		}
		frame := part + " of " + p.by.name
		if _, there := o.got[frame]; !there {
			o.check(t, frame, text)
		}
		if o.got[frame] == text {
			text = "(" + frame + ")\n"
		}
		order.WriteString(text)
	}
	o.check(t, p.name, order.String())
}

func (o *orders) check(t *testing.T, name, got string) {
	t.Helper()
	o.got[name] = got
	want, there := o.want[name]
	switch {
	case *update:
	case !there:
		t.Errorf("%s has no order in %s; -update writes it", name, o.file)
	case want != got:
		t.Errorf("%s in %s (-want +got); -update rewrites it:\n%s", name, o.file, cmp.Diff(want, got))
	}
}

// finish fails where the file has pages that nobody has any more, or writes it.
func (o *orders) finish(t *testing.T, places []place) {
	t.Helper()
	all := map[string]string{}
	for name, order := range o.want {
		frame := strings.HasPrefix(name, "menu of ") || strings.HasPrefix(name, "foot of ")
		if frame || slices.ContainsFunc(places, func(p place) bool { return p.name == name }) {
			all[name] = order
		} else if !*update {
			t.Errorf("%s has an order of %s, which is no page; -update takes it out", o.file, name)
		}
	}
	if !*update {
		return
	}
	maps.Copy(all, o.got)
	var text strings.Builder
	for _, name := range slices.Sorted(maps.Keys(all)) {
		text.WriteString("== " + name + "\n" + all[name])
	}
	if err := os.WriteFile(o.file, []byte(text.String()), 0o644); err != nil {
		t.Fatal(err)
	}
}

var (
	numerals = regexp.MustCompile(`[0-9]+`)
	events   = regexp.MustCompile(`^(\w+) .*, evt_0$`)
	months   = regexp.MustCompile(`\b(janvier|février|mars|avril|mai|juin|juillet|août|septembre|octobre|novembre|` +
		`décembre|January|February|March|April|May|June|July|August|September|October|November|December)\b`)
)

// written are stops as lines. Numbers and dates of today are not told, nor which events a
// webhook has first, and rows that are alike stand there once.
func written(stops []focus) string {
	lines := make([]string, 0, len(stops))
	for _, s := range stops {
		line := months.ReplaceAllString(numerals.ReplaceAllString(s.Name, "0"), "MONTH")
		line = events.ReplaceAllString(line, "$1 EVENT")
		lines = append(lines, strings.TrimSpace(strings.ReplaceAll(line, "\u00a0", " "))+"\n")
		const mostOfRow = 8
		for row := 1; row <= mostOfRow && 2*row <= len(lines); row++ {
			last := len(lines) - row
			if slices.Equal(lines[last:], lines[last-row:last]) {
				lines = lines[:last]
				break
			}
		}
	}
	return strings.Join(lines, "")
}
