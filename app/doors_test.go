package app_test

import (
	"bufio"
	"context"
	"fmt"
	"io"
	"log/slog"
	"net"
	"net/http"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"sync"
	"testing"

	"relais/app"
	"relais/config"
	"relais/config/section"
	"relais/door"
	engine "relais/gateway"
	"relais/sms"
)

// pager is a door of this test: it takes a text for the one number of a section, by a
// path of the HTTP server or as a line on a connection of its own.
type pager struct {
	env      *door.Env
	sections map[string]*pagerSection
	listener net.Listener
	under    sync.WaitGroup // connections
}

type pagerSection struct {
	Account string `toml:"account" doc:"Account that owns the messages."`
	To      string `toml:"to" doc:"Number of the pager." example:"+33639980001"`
	Listen  string `toml:"listen" doc:"Address that takes lines." example:"127.0.0.1:4444"`
}

func (s *pagerSection) Addresses() []string { return []string{s.Listen} }

func pagerProvider() door.Provider {
	return door.Provider{
		Name: "pager",
		Table: &section.Table{
			Key: "pager", Doc: "A pager, by its name: /pager/NAME.",
			New: func() any { return &pagerSection{Account: "default"} },
			Check: func(sections map[string]any, _ section.Rest) (found []section.Finding) {
				for name, s := range section.Of[pagerSection](sections) {
					found = append(found, section.Findings(section.Path{name}, []section.Judged{
						{Key: "to", Wrong: section.Unless(s.To != "", "missing; give the number")},
						{Key: "listen", Wrong: section.WrongAddress(s.Listen)},
					})...)
				}
				return found
			},
		},
		Open: func(ctx context.Context, env *door.Env) (opened door.Opened, err error) {
			p := &pager{env: env, sections: section.Of[pagerSection](env.Sections["pager"])}
			for _, s := range p.sections {
				if p.listener, err = env.Listen(ctx, s.Listen); err != nil {
					return opened, err
				}
			}
			return door.Opened{
				Mount: p, Listener: p, Places: []door.Place{{For: "Pagers", Path: "/pager/NAME"}},
			}, nil
		},
	}
}

func (p *pager) Name() string                   { return "pager" }
func (p *pager) Owns(path string) bool          { return strings.HasPrefix(path, "/pager/") }
func (p *pager) Panicked(w http.ResponseWriter) { w.WriteHeader(http.StatusInternalServerError) }

func (p *pager) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	text, err := io.ReadAll(r.Body)
	if err != nil {
		return
	}
	fmt.Fprint(w, p.page(r.Context(), strings.TrimPrefix(r.URL.Path, "/pager/"), string(text)))
}

func (p *pager) page(ctx context.Context, name, text string) string {
	s := p.sections[name]
	if s == nil {
		return "no pager"
	}
	result, err := p.env.Gateway.Submit(ctx, engine.Submission{
		Account: s.Account, Actor: sms.DoorActor("pager", name), To: []string{s.To}, Text: text,
	}, nil)
	if err != nil {
		return err.Error()
	}
	return "paged " + string(result.Messages[0].To)
}

func (p *pager) Run(ctx context.Context) error {
	for {
		conn, err := p.listener.Accept()
		if err != nil { // Stop closed it
			return nil //nolint:nilerr // as the contract wants
		}
		p.under.Go(func() {
			defer conn.Close()
			line, err := bufio.NewReader(conn).ReadString('\n')
			if name, text, ok := strings.Cut(strings.TrimSpace(line), " "); ok && err == nil {
				fmt.Fprintln(conn, p.page(ctx, name, text))
			}
		})
	}
}

func (p *pager) At() string { return p.listener.Addr().String() }

func (p *pager) Stop(context.Context) error {
	err := p.listener.Close()
	p.under.Wait()
	return err
}

func loadWithPager(t *testing.T, text string) (config.Config, config.Parts, error) {
	t.Helper()
	file := filepath.Join(t.TempDir(), "relais.toml")
	if err := os.WriteFile(file, []byte(text), 0o600); err != nil {
		t.Fatal(err)
	}
	parts := app.PartsWith(append(app.DoorProviders(), pagerProvider()))
	settings, err := config.Load(file, func(string) (string, bool) { return "", false }, parts)
	return settings, parts, err
}

// TestDoorBringsItself: one that the configuration has never heard of is configured,
// explained, opened and stopped.
func TestDoorBringsItself(t *testing.T) {
	t.Parallel()
	settings, parts, err := loadWithPager(t, fmt.Sprintf(
		"listen = \"127.0.0.1:0\"\ndata = %q\nsandbox_at = \"http://127.0.0.1:1\"\n[pager.night]\nto = \"+33639980001\"\nlisten = \"127.0.0.1:0\"\n", t.TempDir()))
	if err != nil {
		t.Fatal(err)
	}
	if example := config.Example(parts); !strings.Contains(
		example, "# A pager, by its name: /pager/NAME.\n#[pager.town-hall]\n",
	) {
		t.Error("the example does not have the door's section")
	}
	if shown := settings.Redacted(); !strings.Contains(
		shown, "\n[pager.night]\naccount = \"default\" # default\nto = \"+33639980001\" # ",
	) {
		t.Errorf("the effective configuration does not have the door's section:\n%s", shown)
	}
	a, err := app.NewWith(t.Context(), settings, "test", slog.New(slog.DiscardHandler),
		append(app.DoorProviders(), pagerProvider()))
	if err != nil {
		t.Fatal(err)
	}
	if err := a.Start(t.Context()); err != nil {
		t.Fatal(err)
	}
	const want = "paged +33639980001"
	answer, err := http.Post(a.URL()+"/pager/night", "text/plain", strings.NewReader("Bonjour"))
	if err != nil {
		t.Fatal(err)
	}
	defer answer.Body.Close()
	if got, err := io.ReadAll(answer.Body); err != nil || string(got) != want {
		t.Errorf("over HTTP: %q, %v; want %q", got, err, want)
	}
	if last := a.Doors()[len(a.Doors())-1]; last.For != "Pagers" {
		t.Errorf("the last door is %+v", last)
	}
	address := app.DoorPort(a, "pager")
	if got := sayTo(t, address, "night Bonsoir\n"); got != want+"\n" {
		t.Errorf("on a connection: %q, want %q", got, want)
	}
	if err := a.Stop(t.Context()); err != nil {
		t.Fatal(err)
	}
	if conn, err := net.Dial("tcp", address); err == nil {
		conn.Close()
		t.Error("the port is open after the stop")
	}
}

func sayTo(t *testing.T, address, line string) string {
	t.Helper()
	conn, err := net.Dial("tcp", address)
	if err != nil {
		t.Fatal(err)
	}
	defer conn.Close()
	if _, err := io.WriteString(conn, line); err != nil {
		t.Fatal(err)
	}
	got, err := io.ReadAll(conn)
	if err != nil {
		t.Fatal(err)
	}
	return string(got)
}

// TestSectionOfADoorIsReadStrictly: as the configuration's own are.
func TestSectionOfADoorIsReadStrictly(t *testing.T) {
	_, _, err := loadWithPager(t, "[pager.night]\nto = \"\"\nlisten = \"127.0.0.1\"\naccont = \"x\"\n")
	if err == nil {
		t.Fatal("loads")
	}
	for _, want := range []string{":2:1: pager.night.to: missing; give the number", ":3:1: pager.night.listen: want host:port", `:4:1: unknown key "accont" in [pager.night]; did you mean "account"?`} {
		if !strings.Contains(err.Error(), want) {
			t.Errorf("no %q in:\n%v", want, err)
		}
	}
}

// A port that is not of this machine is found before the start.
func TestAddressOfADoorIsLookedFor(t *testing.T) {
	settings, _, err := loadWithPager(t,
		"listen = \"127.0.0.1:0\"\n[pager.night]\nto = \"+33639980001\"\nlisten = \"192.0.2.7:0\"\n")
	if err != nil {
		t.Fatal(err)
	}
	if err := app.Listens(t.Context(), settings); err == nil ||
		!strings.Contains(err.Error(), "192.0.2.7:0") {
		t.Errorf("error %v, want the address", err)
	}
}

// TestListenerThatEndsEndsTheGateway: the one who waits hears why.
func TestListenerThatEndsEndsTheGateway(t *testing.T) {
	settings, _, err := loadWithPager(t, fmt.Sprintf("listen = \"127.0.0.1:0\"\ndata = %q\n", t.TempDir()))
	if err != nil {
		t.Fatal(err)
	}
	broken := door.Provider{Name: "broken", Open: func(context.Context, *door.Env) (door.Opened, error) {
		return door.Opened{Listener: brokenListener{}}, nil
	}}
	a, err := app.NewWith(t.Context(), settings, "test", slog.New(slog.DiscardHandler),
		[]door.Provider{broken})
	if err != nil {
		t.Fatal(err)
	}
	if err := a.Start(t.Context()); err != nil {
		t.Fatal(err)
	}
	if err := a.Wait(t.Context()); err == nil || err.Error() != "the door broken ended: unexpected EOF" {
		t.Errorf("error %v", err)
	}
	if err := a.Stop(t.Context()); err != nil {
		t.Fatal(err)
	}
}

type brokenListener struct{}

func (brokenListener) Run(context.Context) error  { return io.ErrUnexpectedEOF }
func (brokenListener) Stop(context.Context) error { return nil }

// TestEveryDoorStandsInTheTable: a directory of a door that nobody opens is forgotten.
func TestEveryDoorStandsInTheTable(t *testing.T) {
	var names []string
	for _, p := range app.DoorProviders() {
		names = append(names, p.Name)
	}
	entries, err := os.ReadDir("../door")
	if err != nil {
		t.Fatal(err)
	}
	for _, e := range entries {
		if e.IsDir() && e.Name() != "shadow" && !slices.Contains(names, e.Name()) {
			t.Errorf("door/%s has no line in the table of app/doors.go", e.Name())
		}
	}
}
