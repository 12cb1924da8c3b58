// Package consoletest is a gateway with its console beside simulated operators, for
// tests of pages: real HTTP, a real store, people who sign in.
package consoletest

import (
	"context"
	"fmt"
	"html"
	"io"
	"log/slog"
	"mime/multipart"
	"net/http"
	"net/http/cookiejar"
	"net/url"
	"os"
	"path/filepath"
	"strings"
	"sync"
	"testing"
	"time"

	"relais/app"
	"relais/auth"
	"relais/client"
	"relais/config"
)

// Password is that of everybody whom World.User makes.
const Password = "une phrase assez longue"

// World is a gateway that runs as long as a test.
type World struct {
	App    *app.App
	API    *client.Client // with the key of the sandbox
	People *auth.People   // on the same database, as the commands are
	Store  app.Database
	Logs   *Logs

	t *testing.T
}

// Logs are what the gateway logged.
type Logs struct {
	mu   sync.Mutex
	text strings.Builder
}

// Write implements io.Writer.
func (l *Logs) Write(b []byte) (int, error) {
	l.mu.Lock()
	defer l.mu.Unlock()
	return l.text.Write(b)
}

// String is everything that was logged so far.
func (l *Logs) String() string {
	l.mu.Lock()
	defer l.mu.Unlock()
	return l.text.String()
}

// Start starts a gateway beside simulated operators. more is added to its
// configuration.
func Start(t *testing.T, more string) *World {
	t.Helper()
	return StartOn(t, "127.0.0.1:0", more)
}

// StartOn is Start at an address that others have to know before.
func StartOn(t *testing.T, address, more string) *World {
	t.Helper()
	text := fmt.Sprintf("listen = %q\ndata = %q\nsandbox = true\nsandbox_listen = \"127.0.0.1:0\"\n%s",
		address, filepath.Join(t.TempDir(), "data"), more)
	return launch(t, settings(t, text, nil))
}

// StartNode starts one node of several on a directory of its own.
func StartNode(t *testing.T, text, data string) *World {
	t.Helper()
	return launch(t, NodeSettings(t, text, data))
}

// NodeSettings are those of a node: what all share is the file, what is its own comes from
// its environment.
func NodeSettings(t *testing.T, text, data string) config.Config {
	t.Helper()
	return settings(t, text, map[string]string{"RELAIS_LISTEN": "127.0.0.1:0", "RELAIS_DATA": data})
}

func settings(t *testing.T, text string, environment map[string]string) config.Config {
	t.Helper()
	file := filepath.Join(t.TempDir(), "relais.toml")
	if err := os.WriteFile(file, []byte(text), 0o600); err != nil {
		t.Fatal(err)
	}
	c, err := config.Load(file, func(name string) (string, bool) {
		value, set := environment[name]
		return value, set
	}, app.Parts())
	if err != nil {
		t.Fatal(err)
	}
	return c
}

func launch(t *testing.T, settings config.Config) *World {
	t.Helper()
	var err error
	w := &World{Logs: &Logs{}, t: t}
	if w.App, err = app.New(t.Context(), settings, "test", app.NewLogger(w.Logs, settings.Log)); err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		ctx, cancel := context.WithTimeout(context.Background(), 10*time.Second)
		defer cancel()
		if err := w.App.Stop(ctx); err != nil {
			t.Error(err)
		}
	})
	if err := w.App.Start(t.Context()); err != nil {
		t.Fatal(err)
	}
	store, err := app.OpenDatabase(t.Context(), settings)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		if err := store.Close(); err != nil {
			t.Error(err)
		}
	})
	w.Store = store
	w.API = client.New(w.App.URL(), app.SandboxKey)
	w.People = auth.NewPeople(auth.PeopleOptions{Store: store, Log: slog.New(slog.DiscardHandler)})
	return w
}

// User makes somebody who may sign in with Password.
func (w *World) User(name string, roles ...auth.Grant) auth.User {
	w.t.Helper()
	ctx, by := w.t.Context(), auth.By{Actor: auth.Machine}
	u, link, err := w.People.Create(ctx, by, auth.NewUser{Name: name, Roles: roles})
	if err != nil {
		w.t.Fatal(err)
	}
	if _, _, err := w.People.Redeem(ctx, link.Code, Password, auth.Browser{Address: "127.0.0.1"}); err != nil {
		w.t.Fatal(err)
	}
	return u
}

// BackedUp notes that a backup of the gateway was made now.
func (w *World) BackedUp() {
	w.t.Helper()
	if err := app.BackedUp(w.t.Context(), w.Store, time.Now()); err != nil {
		w.t.Fatal(err)
	}
}

// Browser is a browser without scripts that keeps cookies and follows redirects.
type Browser struct {
	w    *World
	http *http.Client
	lang string

	Agent string // what it calls itself; empty: as Go's client does
}

// Page is what a browser shows.
type Page struct {
	Status int
	Path   string // where it ended, with the query
	Header http.Header
	HTML   string
}

// Browser opens a browser of somebody who reads a language: "fr".
func (w *World) Browser(lang string) *Browser {
	w.t.Helper()
	jar, err := cookiejar.New(nil)
	if err != nil {
		w.t.Fatal(err)
	}
	return &Browser{w: w, http: &http.Client{Jar: jar, Timeout: time.Minute}, lang: lang}
}

// SignedIn opens a browser and signs somebody in. Roles that ask for a second step have
// one set up on the way.
func (w *World) SignedIn(lang, name string) *Browser {
	w.t.Helper()
	b := w.Browser(lang)
	p := b.Post("/console/signin", "name", name, "password", Password)
	if p.Status != http.StatusOK {
		w.t.Fatalf("%s cannot sign in: %d\n%s", name, p.Status, p.HTML)
	}
	if strings.HasPrefix(p.Path, "/console/step") {
		b.enrol(p)
	}
	return b
}

// enrol sets a second step up, as a telephone does that was shown the secret.
func (b *Browser) enrol(p *Page) {
	b.w.t.Helper()
	code := Code(b.w.t, p.Between(b.w.t, "<code>", "</code>"), time.Now())
	if p = b.Post("/console/step", "code", code, "next", "/console/"); p.Status != http.StatusOK {
		b.w.t.Fatalf("no second step: %d\n%s", p.Status, p.HTML)
	}
}

// Get opens a page.
func (b *Browser) Get(path string) *Page {
	b.w.t.Helper()
	return b.do(http.MethodGet, path, nil)
}

// Post sends a form: names and values in turn.
func (b *Browser) Post(path string, pairs ...string) *Page {
	b.w.t.Helper()
	form := url.Values{}
	for i := 0; i < len(pairs); i += 2 {
		form.Set(pairs[i], pairs[i+1])
	}
	return b.do(http.MethodPost, path, form)
}

// PostTo sends a form to another site.
func (b *Browser) PostTo(address string, pairs ...string) *Page {
	b.w.t.Helper()
	form := url.Values{}
	for i := 0; i < len(pairs); i += 2 {
		form.Set(pairs[i], pairs[i+1])
	}
	return b.at(http.MethodPost, address, form)
}

// Watch has see called with each address to which the browser is sent on.
func (b *Browser) Watch(see func(to *url.URL)) {
	b.http.CheckRedirect = func(r *http.Request, _ []*http.Request) error {
		see(r.URL)
		return nil
	}
}

// Upload sends a form with a file, after the fields of pairs.
func (b *Browser) Upload(path, field, name, content string, pairs ...string) *Page {
	b.w.t.Helper()
	var body strings.Builder
	form := multipart.NewWriter(&body)
	for i := 0; i+1 < len(pairs); i += 2 {
		if err := form.WriteField(pairs[i], pairs[i+1]); err != nil {
			b.w.t.Fatal(err)
		}
	}
	part, err := form.CreateFormFile(field, name)
	if err == nil {
		_, err = io.WriteString(part, content)
	}
	if err != nil || form.Close() != nil {
		b.w.t.Fatal(err)
	}
	return b.send(http.MethodPost, b.w.App.URL()+path, form.FormDataContentType(), strings.NewReader(body.String()))
}

func (b *Browser) do(method, path string, form url.Values) *Page {
	b.w.t.Helper()
	return b.at(method, b.w.App.URL()+path, form)
}

func (b *Browser) at(method, address string, form url.Values) *Page {
	b.w.t.Helper()
	if form == nil {
		return b.send(method, address, "", nil)
	}
	return b.send(method, address, "application/x-www-form-urlencoded", strings.NewReader(form.Encode()))
}

func (b *Browser) send(method, address, kind string, body io.Reader) *Page {
	b.w.t.Helper()
	r, err := http.NewRequestWithContext(b.w.t.Context(), method, address, body)
	if err != nil {
		b.w.t.Fatal(err)
	}
	r.Header.Set("Accept-Language", b.lang)
	if b.Agent != "" {
		r.Header.Set("User-Agent", b.Agent)
	}
	if method == http.MethodGet { // as for a click on a page of the console
		r.Header.Set("Sec-Fetch-Site", "same-origin")
		r.Header.Set("Sec-Fetch-Mode", "navigate")
	}
	if kind != "" {
		r.Header.Set("Content-Type", kind)
		r.Header.Set("Origin", b.w.App.URL())
	}
	answer, err := b.http.Do(r)
	if err != nil {
		b.w.t.Fatal(err)
	}
	defer answer.Body.Close()
	page, err := io.ReadAll(answer.Body)
	if err != nil {
		b.w.t.Fatal(err)
	}
	return &Page{answer.StatusCode, answer.Request.URL.RequestURI(), answer.Header, string(page)}
}

// Has reports whether a page has each of some pieces of HTML, whose entities are read. A
// no-break space is a space.
func (p *Page) Has(words ...string) bool {
	read := strings.ReplaceAll(html.UnescapeString(p.HTML), "\u00a0", " ")
	for _, w := range words {
		if !strings.Contains(read, w) {
			return false
		}
	}
	return true
}

// Await opens a page again and again until it has every piece.
func (w *World) Await(b *Browser, path string, pieces ...string) *Page {
	w.t.Helper()
	const patience = time.Minute
	late := time.After(patience)
	tick := time.NewTicker(50 * time.Millisecond)
	defer tick.Stop()
	for {
		p := b.Get(path)
		if p.Has(pieces...) {
			return p
		}
		select {
		case <-tick.C:
		case <-late:
			w.t.Fatalf("%s never has %q\n%d %s", path, pieces, p.Status, p.HTML)
		}
	}
}
