//go:build browser

package browser_test

import (
	"context"
	"fmt"
	"net/http"
	"net/url"
	"os"
	"slices"
	"strings"
	"sync"
	"time"

	"github.com/chromedp/cdproto/audits"
	"github.com/chromedp/cdproto/cdp"
	"github.com/chromedp/cdproto/emulation"
	"github.com/chromedp/cdproto/log"
	"github.com/chromedp/cdproto/network"
	"github.com/chromedp/cdproto/page"
	"github.com/chromedp/cdproto/runtime"
	"github.com/chromedp/chromedp"
)

// look is how a page is looked at.
type look struct {
	language string // fr, en; empty: as the browser asks for it
	theme    string // light, dark
	width    int
}

func (l look) String() string { return fmt.Sprintf("%s %s %d", l.language, l.theme, l.width) }

// tab is a tab of the browser, which notes what goes wrong in it.
type tab struct {
	ctx  context.Context
	stop context.CancelFunc
	home string

	mu     sync.Mutex
	page   cdp.LoaderID               // the last one
	loaded bool                       // it is: what it asks for later keeps it up to date
	status int64                      // of it
	asked  map[network.RequestID]bool // for it
	weight float64                    // bytes, of what it asked for
	faults []string
	all    []asked // since the tab was opened
	titles []string
}

// asked is a request of the tab.
type asked struct{ url, referer string }

// startBrowser starts Chromium. The context that it returns is for newTab.
func startBrowser(ctx context.Context) (context.Context, context.CancelFunc, error) {
	options := append(slices.Clone(chromedp.DefaultExecAllocatorOptions[:]),
		chromedp.Flag("disable-dev-shm-usage", true), chromedp.Flag("force-color-profile", "srgb"),
		chromedp.WindowSize(1280, 900))
	if os.Getuid() == 0 {
		options = append(options, chromedp.NoSandbox)
	}
	inner, stopAll := chromedp.NewExecAllocator(ctx, options...)
	browser, stop := chromedp.NewContext(inner)
	err := chromedp.Do(browser)
	return browser, func() { stop(); stopAll() }, err
}

// newTab opens a tab, with cookies of its own.
func newTab(browser context.Context, home string) (*tab, error) {
	ctx, stop := chromedp.NewContext(browser, chromedp.WithNewBrowserContext())
	t := &tab{ctx: ctx, stop: stop, home: home}
	if err := chromedp.Do(ctx); err != nil { // opens it
		return nil, err
	}
	if err := chromedp.Listen(ctx, t.note); err != nil {
		return nil, err
	}
	return t, t.do( //nolint:contextcheck // a tab has a context of its own
		order(network.Enable, network.EnableParams{}), order(log.Enable, cdp.Empty{}),
		order(runtime.Enable, cdp.Empty{}), order(audits.Enable, cdp.Empty{}), order(page.Enable, page.EnableParams{}),
		order(network.SetCacheDisabled, network.SetCacheDisabledParams{CacheDisabled: true}))
}

// note is told of everything that happens in the tab.
func (t *tab) note(event any) {
	t.mu.Lock()
	defer t.mu.Unlock()
	switch e := event.(type) {
	case *network.EventRequestWillBeSent:
		referer, _ := e.Request.Headers["Referer"].(string)
		if e.Type == network.ResourceTypeDocument && e.LoaderID != t.page {
			t.page, t.loaded, t.asked, t.weight = e.LoaderID, false, map[network.RequestID]bool{}, 0
		}
		if e.LoaderID == t.page && !t.loaded {
			t.asked[e.RequestID] = true
		}
		t.all = append(t.all, asked{e.Request.URL, referer})
		if u, err := url.Parse(e.Request.URL); err != nil || u.Scheme != "data" && u.Scheme+"://"+u.Host != t.home {
			t.fault("a request to elsewhere: %s", e.Request.URL)
		}
	case *network.EventResponseReceived:
		if e.Type == network.ResourceTypeDocument {
			t.status = e.Response.Status
		} else if e.Response.Status >= 400 && !refusedOfScript(e) {
			t.fault("%d for %s", e.Response.Status, e.Response.URL)
		}
	case *network.EventLoadingFinished:
		if t.asked[e.RequestID] {
			t.weight += e.EncodedDataLength
		}
	case *page.EventLoadEventFired:
		t.loaded = true
	case *log.EventEntryAdded:
		// Chromium logs a page with a status of its own as an error; the test looks at the status itself.
		if e.Entry.Level == log.EntryLevelError && e.Entry.Source != log.EntrySourceNetwork {
			t.fault("console: %s", e.Entry.Text)
		}
	case *runtime.EventConsoleAPICalled:
		if e.Type == runtime.ConsoleAPICalledTypeError || e.Type == runtime.ConsoleAPICalledTypeWarning {
			t.fault("console: %s", e.Args[0].Value)
		}
	case *runtime.EventExceptionThrown:
		t.fault("exception: %s", (&chromedp.ExceptionError{ExceptionDetails: e.ExceptionDetails}).Error())
	case *audits.EventIssueAdded:
		if e.Issue.Code == audits.InspectorIssueCodeContentSecurityPolicyIssue {
			d := e.Issue.Details.ContentSecurityPolicyIssueDetails
			t.fault("content security policy: %s %s", d.ViolatedDirective, d.BlockedURL)
		}
	case *page.EventJavascriptDialogOpening:
		t.fault("a script that was written by somebody ran: %s", e.Message)
		go t.do(order(page.HandleJavaScriptDialog, page.HandleJavaScriptDialogParams{Accept: true}))
	}
}

// refusedOfScript reports whether a form that a script sent was refused: its page sends it
// again, and says why.
func refusedOfScript(e *network.EventResponseReceived) bool {
	return e.Type == network.ResourceTypeFetch && e.Response.Status == http.StatusUnprocessableEntity
}

// fault notes one; the caller holds the lock.
func (t *tab) fault(format string, args ...any) {
	if text := fmt.Sprintf(format, args...); !slices.Contains(t.faults, text) {
		t.faults = append(t.faults, text)
	}
}

// begin makes the tab that of a visitor, with an eye of theirs, and forgets what was.
func (t *tab) begin(v visitor, l look) error {
	v, err := v.now(t.ctx)
	if err != nil {
		return err
	}
	var cookies []*network.CookieParam
	if l.language != "" {
		cookies = append(cookies, &network.CookieParam{
			Name: "relais-language", Value: l.language, URL: t.home + "/console/", Path: "/console/",
		})
	}
	if v.session != "" {
		cookies = append(cookies, &network.CookieParam{
			Name: sessionCookie, Value: v.session, URL: t.home, Path: "/",
		})
	}
	err = t.do(
		order(network.ClearBrowserCookies, cdp.Empty{}),
		order(network.SetCookies, network.SetCookiesParams{Cookies: cookies}),
		order(emulation.SetDeviceMetricsOverride, emulation.SetDeviceMetricsOverrideParams{
			Width: int64(l.width), Height: 900, DeviceScaleFactor: 1,
		}),
		order(emulation.SetEmulatedMedia, emulation.SetEmulatedMediaParams{Features: []*emulation.MediaFeature{
			{Name: "prefers-color-scheme", Value: l.theme}, {Name: "prefers-reduced-motion", Value: "reduce"},
		}}))
	t.forget()
	return err
}

func (t *tab) forget() {
	t.mu.Lock()
	defer t.mu.Unlock()
	t.faults, t.status = nil, 0
}

// patience bounds one step in the browser.
const patience = time.Minute

// action is something that is done in a tab.
type action = chromedp.Action[chromedp.Void]

// order is a command of the protocol, as an action.
func order[P, R any](command cdp.Command[P, R], with P) action {
	return chromedp.Func(func(ctx context.Context, t *chromedp.Target) error {
		_, err := cdp.Call(ctx, t, command, with)
		return err
	})
}

func (t *tab) do(actions ...action) error {
	ctx, cancel := context.WithTimeout(t.ctx, patience)
	defer cancel()
	return chromedp.Do(ctx, actions...)
}

// ask is what an action finds out.
func ask[T any](t *tab, a chromedp.Action[T]) (T, error) {
	ctx, cancel := context.WithTimeout(t.ctx, patience)
	defer cancel()
	return chromedp.Run(ctx, a)
}

// onward does something that opens another page, and waits until it is there.
func (t *tab) onward(actions ...action) error {
	ctx, cancel := context.WithTimeout(t.ctx, patience)
	defer cancel()
	if _, err := chromedp.RunResponse(ctx, actions...); err != nil {
		return err
	}
	return t.noteTitle()
}

// open goes to a path of the console and waits until it is there.
func (t *tab) open(path string) error {
	if err := t.onward(chromedp.Navigate(t.home + path)); err != nil {
		return fmt.Errorf("%s: %w", path, err)
	}
	return nil
}

func (t *tab) noteTitle() error {
	title, err := ask(t, chromedp.Title())
	t.mu.Lock()
	defer t.mu.Unlock()
	t.titles = append(t.titles, title)
	return err
}

// submit fills in a form and sends it with a button of it, as its page does, though the
// browser would refuse what is in it.
func (t *tab) submit(form, button string, fields map[string]string) error {
	script := fmt.Sprintf(`(() => {
		const form = document.querySelector(%q);
		if (!form) throw new Error('no such form');
		form.noValidate = true;
		for (const [name, value] of Object.entries(%s)) form.elements[name].value = value;
		form.requestSubmit(form.querySelector(%q));
	})()`, form, inJSON(fields), button)
	if err := t.onward(chromedp.Evaluate[chromedp.Void](script)); err != nil {
		return fmt.Errorf("submit %s: %w", form, err)
	}
	return nil
}

// isAt is the path of the page that the tab shows, without its query.
func (t *tab) isAt() (string, error) { return ask(t, chromedp.Evaluate[string](`location.pathname`)) }

// faultsSoFar are those since begin.
func (t *tab) faultsSoFar() []string {
	t.mu.Lock()
	defer t.mu.Unlock()
	return slices.Clone(t.faults)
}

// wordsOutside are places in which one of the words stands that must stand in none: an
// address, a Referer, a title.
func (t *tab) wordsOutside(words []string) (found []string) {
	t.mu.Lock()
	defer t.mu.Unlock()
	look := func(where, text string) {
		plain, err := url.QueryUnescape(text)
		if err != nil {
			plain = text
		}
		for _, word := range words {
			if strings.Contains(strings.ReplaceAll(plain, " ", ""), word) {
				found = append(found, where+" "+text)
			}
		}
	}
	for _, a := range t.all {
		look("address", a.url)
		look("Referer", a.referer)
	}
	for _, title := range t.titles {
		look("title", title)
	}
	return slices.Compact(found)
}
