//go:build browser

package browser_test

import (
	"context"
	"errors"
	"fmt"
	"net/http"
	"net/url"
	"testing"
	"time"

	"github.com/chromedp/cdproto/emulation"
	"github.com/chromedp/cdproto/network"
	"github.com/chromedp/cdproto/page"
	"github.com/chromedp/chromedp"
	"github.com/chromedp/chromedp/kb"

	"relais/auth"
	"relais/store/sqlite"
)

// Ages of sessions, as they look now.
const (
	nearEnd  = auth.SessionIdle - 90*time.Second // warned of
	afterEnd = auth.SessionIdle + time.Minute
	unproved = auth.ProofLife + time.Minute // who it is has to be proved again
)

// signedIn is a session that a visitor began some time ago, and did nothing in since.
func (w *world) signedIn(ctx context.Context, name string, ago time.Duration) (token string, err error) {
	store, err := sqlite.Open(ctx, w.dir)
	if err != nil {
		return "", err
	}
	defer store.Close() //nolint:contextcheck // what was begun is ended without it
	then := func() time.Time { return time.Now().Add(-ago) }
	token, _, err = auth.NewPeople(auth.PeopleOptions{Store: store, Now: then}).
		SignIn(ctx, auth.Attempt{Name: name, Password: password})
	return token, err
}

// aged gives the tab a session that began some time ago in place of the one it has.
func (w *world) aged(name string, ago time.Duration) func(*tab) error {
	return func(t *tab) error {
		token, err := w.signedIn(t.ctx, name, ago)
		if err != nil {
			return err
		}
		return t.setCookie(sessionCookie, token, "/")
	}
}

func (t *tab) setCookie(name, value, path string) error {
	return t.do(order(network.SetCookies, network.SetCookiesParams{Cookies: []*network.CookieParam{
		{Name: name, Value: value, URL: t.home + path, Path: path},
	}}))
}

// sentTooLate gives the tab a form that the visitor sent after the session was over.
func (w *world) sentTooLate(name string, form url.Values) func(*tab) error {
	return func(t *tab) error {
		token, err := w.signedIn(t.ctx, name, afterEnd)
		if err != nil {
			return err
		}
		b := as(w.url, visitor{session: token})
		if _, err := b.post(t.ctx, "/console/send", form); err != nil {
			return err
		}
		at, err := url.Parse(w.url + "/console/")
		if err != nil {
			return err
		}
		for _, c := range b.client.Jar.Cookies(at) {
			if c.Name == "relais-kept" {
				return t.setCookie(c.Name, c.Value, "/console/")
			}
		}
		return errors.New("the form is not kept")
	}
}

// hold holds what a page does in more than a minute until hurry is called, and notes in
// how many milliseconds that was to be.
const hold = `(() => {
	const later = window.setTimeout, held = [];
	window.waits = [];
	window.setTimeout = (act, wait, ...rest) => {
		if (!(wait > 60000)) return later(act, wait, ...rest);
		waits.push(wait);
		held.push(act);
		return -held.length;
	};
	window.hurry = () => held.splice(0).forEach(act => act());
})()`

func holdWaits(t *tab) error {
	return t.do(order(page.AddScriptToEvaluateOnNewDocument, page.AddScriptToEvaluateOnNewDocumentParams{Source: hold}))
}

// passes lets the session of the page be one that began some time ago, and the page look
// at it, until it says so.
func (w *world) passes(name string, ago time.Duration) func(*tab) error {
	return func(t *tab) error {
		if err := w.aged(name, ago)(t); err != nil {
			return err
		}
		return t.do(run(`hurry()`), chromedp.WaitVisible(chromedp.CSS(".ending.shown")))
	}
}

// endings are pages about the end of a session.
func (w *world) endings() []place {
	agent, nobody := w.who["agent"], w.who["nobody"]
	typed := url.Values{
		"to": {telephone(1109)}, "text": {"Écrit trop tard, à 5 €. " + canary + " " + hostile}, "class": {"transactional"},
		"sender": {"MAIRIE"}, "do": {"send"},
	}
	return []place{
		{name: "ending", by: agent, path: "/console/send", before: holdWaits, after: w.passes("agent", nearEnd)},
		{name: "ended", by: agent, path: "/console/send", before: holdWaits, after: w.passes("agent", afterEnd)},
		{name: "signin-kept", by: nobody, path: "/console/signin?said=form_kept"},
		{name: "signin-lost", by: nobody, path: "/console/signin?said=form_lost"},
		{name: "kept", by: agent, path: "/console/kept", before: w.sentTooLate("agent", typed)},
		{
			name: "kept-refused", by: w.who["reader"], path: "/console/kept", status: http.StatusBadRequest,
			before: w.sentTooLate("agent", typed),
		},
		{name: "proof", by: agent, path: "/console/proof", before: w.aged("agent", unproved)},
		{
			name: "proof-wrong", by: agent, path: "/console/proof", before: w.aged("agent", unproved), status: refused,
			form: &sent{`main form`, "button", map[string]string{"password": "faux"}},
		},
	}
}

// TestSessionEndsWhileWriting lets a session end while somebody writes: they are warned two
// minutes before it does, may stay, and find what they sent too late once they signed in
// again. By keyboard alone.
func TestSessionEndsWhileWriting(t *testing.T) {
	const text = "Écrit pendant que la session finit. " + canary
	for _, scripts := range []bool{true, false} {
		t.Run(fmt.Sprintf("scripts %t", scripts), func(t *testing.T) {
			tab := openTab(t)
			seen(t, tab)
			hand := keyboard{t, tab}
			if err := tab.begin(here.who["agent"], look{"fr", "light", 1280}); err != nil {
				t.Fatal(err)
			}
			if err := holdWaits(tab); err != nil {
				t.Fatal(err)
			}
			hand.do(order(emulation.SetScriptExecutionDisabled, emulation.SetScriptExecutionDisabledParams{Value: !scripts}))
			hand.do(chromedp.Navigate(here.url + "/console/send"))
			hand.writes("#to", telephone(1109))
			hand.writes("#text", text)
			if scripts {
				staysAndEnds(t, hand, text)
			} else if err := here.aged("agent", afterEnd)(tab); err != nil {
				t.Fatal(err)
			}
			hand.enters("button[value=send]", "Envoyer")
			hand.arrives("/console/signin")
			hand.reads(".said", "Ce que vous avez envoyé est gardé une demi-heure")
			hand.writes("#name", "agent")
			hand.writes("#password", password+kb.Enter)
			hand.arrives("/console/kept")
			hand.reads("main", "Rien n'a encore été fait")
			hand.reads("dd", text)
			hand.enters("main button", "L'envoyer maintenant")
			hand.arrives("/console/messages/")
			hand.reads("main", text)
			for _, fault := range tab.faultsSoFar() {
				t.Error(fault)
			}
			noWords(t, tab)
		})
	}
}

// staysAndEnds is what a page with scripts says of the end: nothing for as long as it is
// far, then a warning that a button takes away, then that it came.
func staysAndEnds(t *testing.T, hand keyboard, text string) {
	t.Helper()
	const ahead = (auth.SessionIdle - time.Minute - 2*time.Minute) / time.Millisecond // pages are noted to the minute
	wait, err := ask(hand.tab, chromedp.Evaluate[int64](`waits[0]`))
	if err != nil || wait > int64(ahead) || wait < int64(ahead)-60_000 {
		t.Errorf("the page looks at the session after %d ms, not %d (%v)", wait, ahead, err)
	}
	written := func() {
		t.Helper()
		const fields = `document.querySelector('#to').value + '|' + document.querySelector('#text').value`
		if got, err := ask(hand.tab, chromedp.Evaluate[string](fields)); err != nil || got != telephone(1109)+"|"+text {
			t.Errorf("what was written is now %q (%v)", got, err)
		}
	}
	if err := here.passes("agent", nearEnd)(hand.tab); err != nil {
		t.Fatal(err)
	}
	hand.reads(".ending [role=alert]", "se termine dans deux minutes")
	hand.until("the focus stays", `document.activeElement.id === 'text'`)
	written()
	hand.enters(".ending button", "Rester connecté")
	hand.until("the warning goes", `!document.querySelector('.ending.shown')`)
	const lasts = `(async () => (await (await fetch('/console/session')).json()).seconds)()`
	left, err := ask(hand.tab, chromedp.Evaluate[int64](lasts, chromedp.EvalAwaitPromise))
	if err != nil || left < int64((auth.SessionIdle-10*time.Minute)/time.Second) {
		t.Errorf("who stays has %d s left (%v)", left, err)
	}
	written()
	if err := here.passes("agent", afterEnd)(hand.tab); err != nil {
		t.Fatal(err)
	}
	hand.reads(".ending [role=alert]", "Votre session est terminée")
	written()
}
