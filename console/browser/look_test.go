//go:build browser

package browser_test

import (
	"bytes"
	"context"
	"encoding/json"
	"fmt"
	"image/png"
	"os"
	"path/filepath"
	"strings"

	"github.com/chromedp/cdproto/cdp"
	"github.com/chromedp/cdproto/page"
	"github.com/chromedp/cdproto/runtime"
	"github.com/chromedp/chromedp"
)

// The budget of a page that is opened for the first time, as it comes over the network.
const (
	mostWeight   = 45 << 10 // bytes
	mostRequests = 4        // page, style, script, icon
)

// refused is any status of a refusal: who guesses too often has to wait.
const refused = -1

// shape is what a page measures.
type shape struct {
	Title    string
	Language string
	H1       int
	Width    int // that it wants
	Room     int // that it has
	Wide     []string
	Double   []string // ids that stand there more than once
	Small    []string // targets below 44 px
	Bare     []string // tables without a caption, or headers without a scope
}

// measure reads the shape of a page. Targets within a sentence are as high as the line.
const measure = `(() => {
	const room = document.documentElement.clientWidth;
	const name = e => e.tagName.toLowerCase() + (e.id ? '#' + e.id : '') +
		(typeof e.className === 'string' && e.className ? '.' + e.className.split(' ').join('.') : '') +
		' ' + (e.textContent || e.name || '').trim().replace(/\s+/g, ' ').slice(0, 40);
	const shown = e => e.checkVisibility({ visibilityProperty: true }) && !e.closest('.unseen');
	const box = e => e.getBoundingClientRect(), right = e => Math.max(box(e).right, box(e).left + e.scrollWidth);
	const all = [...document.body.querySelectorAll('*')].filter(shown);
	const ids = [...document.querySelectorAll('[id]')].map(e => e.id);
	const targets = [...document.querySelectorAll(
		'button, select, summary, a.button, nav a, ' +
		'input:not([type=hidden]):not([type=checkbox]):not([type=radio])')];
	return {
		Title: document.title, Language: document.documentElement.lang, Room: room,
		H1: document.querySelectorAll('h1').length, Width: document.documentElement.scrollWidth,
		Wide: all.filter(e => right(e) > room + 1).map(name).slice(0, 5),
		Double: ids.filter((id, i) => ids.indexOf(id) !== i),
		Small: targets.filter(e => shown(e) && !e.closest('.skip') && box(e).height < 43.5).map(name).slice(0, 5),
		Bare: [...document.querySelectorAll('table')].filter(t => !t.caption ||
			[...t.querySelectorAll('th')].some(h => !h.scope)).map(name),
	};
})()`

// faultsOf is everything that is wrong with the page that a tab shows. status is what its
// answer must have, 0 for 200.
func (t *tab) faultsOf(l look, axe string, status int64) ([]string, error) {
	s, err := ask(t, chromedp.Evaluate[shape](measure))
	if err != nil {
		return nil, err
	}
	faults := s.faults(l)
	if status == 0 {
		status = 200
	}
	t.mu.Lock()
	if t.status != status && (status != refused || t.status < 400 || t.status >= 500) {
		t.fault("the answer has status %d, not %d", t.status, status)
	}
	if t.weight > mostWeight {
		t.fault("%.0f bytes, more than %d", t.weight, mostWeight)
	}
	if len(t.asked) > mostRequests {
		t.fault("%d requests, more than %d", len(t.asked), mostRequests)
	}
	t.mu.Unlock()
	faults = append(faults, t.faultsSoFar()...)
	violations, err := t.axe(axe)
	return append(faults, violations...), err
}

func (s *shape) faults(l look) (all []string) {
	add := func(wrong bool, format string, args ...any) {
		if wrong {
			all = append(all, fmt.Sprintf(format, args...))
		}
	}
	add(s.Width > s.Room, "it scrolls sideways: %d px of %d: %s", s.Width, s.Room, strings.Join(s.Wide, "; "))
	add(s.H1 != 1, "%d h1", s.H1)
	add(s.Language != l.language, "the language of the page is %q", s.Language)
	add(!strings.HasSuffix(s.Title, " – Relais") || strings.HasPrefix(s.Title, " "), "its title is %q", s.Title)
	add(len(s.Double) > 0, "ids that stand there twice: %s", strings.Join(s.Double, ", "))
	add(len(s.Small) > 0, "targets below 44 px: %s", strings.Join(s.Small, "; "))
	add(len(s.Bare) > 0, "tables without a caption or a scope: %s", strings.Join(s.Bare, "; "))
	return all
}

// run is what axe is asked: the rules of WCAG 2.2 A and AA, those of RGAA, and good manners.
const runAxe = `axe.run(document, {
	resultTypes: ['violations'], preload: false,
	runOnly: ['wcag2a', 'wcag2aa', 'wcag21a', 'wcag21aa', 'wcag22aa', 'best-practice', 'RGAAv4'],
}).then(found => JSON.stringify(found.violations.map(v => ({
	Rule: v.id, Help: v.help,
	Nodes: v.nodes.slice(0, 3).map(n => n.html.slice(0, 160) + ' ' + (n.any[0]?.message ?? '')),
}))))`

// axe are the violations that axe-core finds. It runs in a world of its own, beside the
// page's.
func (t *tab) axe(source string) (all []string, err error) {
	told, err := ask(t, func(ctx context.Context, target *chromedp.Target) (string, error) {
		tree, err := cdp.Call(ctx, target, page.GetFrameTree, cdp.Empty{})
		if err != nil {
			return "", err
		}
		beside, err := cdp.Call(ctx, target, page.CreateIsolatedWorld, page.CreateIsolatedWorldParams{
			FrameID: tree.FrameTree.Frame.ID, WorldName: "axe",
		})
		if err != nil {
			return "", err
		}
		in := func(p *runtime.EvaluateParams) { p.ContextID = beside.ExecutionContextID }
		return chromedp.Evaluate[string](source+";\n"+runAxe, in, chromedp.EvalAwaitPromise)(ctx, target)
	})
	if err != nil {
		return nil, fmt.Errorf("axe: %w", err)
	}
	var violations []struct {
		Rule, Help string
		Nodes      []string
	}
	if err := json.Unmarshal([]byte(told), &violations); err != nil {
		return nil, err
	}
	for _, v := range violations {
		all = append(all, fmt.Sprintf("axe %s: %s: %s", v.Rule, v.Help, strings.Join(v.Nodes, " | ")))
	}
	return all, nil
}

// picture is the whole page, as a PNG in a directory.
func (t *tab) picture(dir, name string) error {
	image, err := ask(t, chromedp.FullScreenshot(100)) // 100: a PNG
	if err != nil {
		return err
	}
	if _, err := png.DecodeConfig(bytes.NewReader(image)); err != nil {
		return err
	}
	return os.WriteFile(filepath.Join(dir, name+".png"), image, 0o644)
}

func inJSON(value any) string {
	text, err := json.Marshal(value)
	if err != nil {
		panic(err) // texts alone
	}
	return string(text)
}
