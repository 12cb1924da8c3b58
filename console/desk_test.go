package console_test

import (
	"bytes"
	"html"
	"io"
	"log/slog"
	"net/http"
	"net/http/cookiejar"
	"net/http/httptest"
	"net/url"
	"strings"
	"testing"
	"time"

	"relais/auth"
	"relais/console"
	"relais/console/consoletest"
	"relais/store/sqlite"
)

// desk is a console without a gateway, on a real store, with a clock that a test moves.
type desk struct {
	t      *testing.T
	now    time.Time
	people *auth.People
	url    string
	logs   bytes.Buffer
}

func newDesk(t *testing.T) *desk {
	t.Helper()
	store, err := sqlite.Open(t.Context(), t.TempDir())
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { store.Close() })
	for _, name := range []string{"town", "water"} {
		if err := store.AddAccount(t.Context(), auth.Account{Name: name, CreatedAt: time.Now()}); err != nil {
			t.Fatal(err)
		}
	}
	sealer, err := auth.NewSealer(strings.Repeat("0a", 32))
	if err != nil {
		t.Fatal(err)
	}
	d := &desk{t: t, now: time.Now()}
	clock := func() time.Time { return d.now }
	d.people = auth.NewPeople(auth.PeopleOptions{Store: store, Sealer: sealer, Now: clock})
	server := httptest.NewServer(console.New(console.Options{
		Reader: store, People: d.people, Profile: d.people, Passkeys: d.people, Endings: d.people, Users: d.people,
		Journal: d.people, Proofs: store, Usage: store, Keys: store,
		Sealer: sealer, Zone: time.UTC, Version: "test", Now: clock, Log: slog.New(slog.NewTextHandler(&d.logs, nil)),
	}))
	t.Cleanup(server.Close)
	d.url = server.URL
	return d
}

// user makes somebody who may sign in.
func (d *desk) user(name string, roles ...auth.Grant) auth.User {
	d.t.Helper()
	u, link, err := d.people.Create(d.t.Context(), auth.By{Actor: auth.Machine}, auth.NewUser{Name: name, Roles: roles})
	if err != nil {
		d.t.Fatal(err)
	}
	if _, _, err := d.people.Redeem(d.t.Context(), link.Code, consoletest.Password, auth.Browser{Address: "127.0.0.1"}); err != nil {
		d.t.Fatal(err)
	}
	return u
}

// seat is a browser at a desk.
type seat struct {
	*desk

	http   *http.Client
	secret string // of the second step
}

// seat opens a browser and signs somebody in, with a second step where one is asked for.
func (d *desk) seat(name string) *seat {
	d.t.Helper()
	s := d.stranger()
	// Home asks a gateway, and there is none: each desk begins at the profile.
	p := s.post("/console/signin", "name", name, "password", consoletest.Password, "next", "/console/me")
	if strings.HasPrefix(p.Path, "/console/step") {
		s.secret = p.Between(d.t, "<code>", "</code>")
		p = s.post("/console/step", "code", s.code(), "next", "/console/me")
	}
	if p.Status != http.StatusOK {
		d.t.Fatalf("%s cannot sign in: %d %s", name, p.Status, p.HTML)
	}
	return s
}

// stranger is a browser in which nobody is signed in.
func (d *desk) stranger() *seat {
	d.t.Helper()
	jar, err := cookiejar.New(nil)
	if err != nil {
		d.t.Fatal(err)
	}
	return &seat{desk: d, http: &http.Client{Jar: jar}}
}

// code is one of the second step that was not used yet.
func (s *seat) code() string {
	s.now = s.now.Add(31 * time.Second)
	return consoletest.Code(s.t, s.secret, s.now)
}

func (s *seat) get(path string) *consoletest.Page { return s.do(http.MethodGet, path, nil) }

func (s *seat) post(path string, pairs ...string) *consoletest.Page {
	form := url.Values{}
	for i := 0; i < len(pairs); i += 2 {
		form.Set(pairs[i], pairs[i+1])
	}
	return s.do(http.MethodPost, path, strings.NewReader(form.Encode()))
}

func (s *seat) do(method, path string, body io.Reader) *consoletest.Page {
	s.t.Helper()
	r, err := http.NewRequestWithContext(s.t.Context(), method, s.url+path, body)
	if err != nil {
		s.t.Fatal(err)
	}
	r.Header.Set("Accept-Language", "fr")
	r.Header.Set("User-Agent", "Firefox </bdi><script>")
	if method == http.MethodPost {
		r.Header.Set("Content-Type", "application/x-www-form-urlencoded")
		r.Header.Set("Origin", s.url)
	}
	answer, err := s.http.Do(r)
	if err != nil {
		s.t.Fatal(err)
	}
	defer answer.Body.Close()
	return &consoletest.Page{
		Status: answer.StatusCode, Path: answer.Request.URL.RequestURI(), Header: answer.Header, HTML: readAll(s.t, answer.Body),
	}
}

// want fails unless a page has a status and says some words. Spaces that do not break are
// like others.
func (s *seat) want(p *consoletest.Page, status int, words ...string) {
	s.t.Helper()
	text := strings.ReplaceAll(html.UnescapeString(p.HTML), "\u00a0", " ")
	for _, w := range words {
		if !strings.Contains(text, w) {
			s.t.Fatalf("%s does not say %q: %d\n%s", p.Path, w, p.Status, p.HTML)
		}
	}
	if p.Status != status {
		s.t.Fatalf("%s answers %d, want %d\n%s", p.Path, p.Status, status, p.HTML)
	}
}

var admin = auth.Grant{Role: auth.Admin}

// readAll is all that an answer says.
func readAll(t *testing.T, from io.Reader) string {
	t.Helper()
	text, err := io.ReadAll(from)
	if err != nil {
		t.Fatal(err)
	}
	return string(text)
}
