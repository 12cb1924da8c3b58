package manual

import (
	"bytes"
	"compress/gzip"
	"crypto/sha256"
	"embed"
	"encoding/hex"
	"fmt"
	"html/template"
	"net/http"
	"path"
	"regexp"
	"strings"
	"sync"

	"github.com/danielgtaylor/huma/v2"

	"relais/reason"
)

//go:embed page/*.html
var pageFiles embed.FS

//go:embed static
var staticFiles embed.FS

// Home is where the manual stands.
const Home = "/docs"

// staticHome is where the files beside the pages are.
const staticHome = Home + "/static/"

// policy is what a page may load: nothing from elsewhere, no script and no style within it.
const policy = "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self'; connect-src 'self'; " +
	"form-action 'self'; base-uri 'none'; frame-ancestors 'none'"

// Options make a Manual.
type Options struct {
	Described *huma.OpenAPI // read when the first page is asked for
	Base      string        // address of the gateway; empty: where the request came to
	Key       string        // that everybody knows: the pages have forms then; empty: none
	Doors     []Door
	Failed    func(error) // a page could not be made
}

// Door is one for programs that were written for another gateway.
type Door struct {
	For         string
	Path        string   // of the HTTP server; empty: Address is the place
	Address     string   // of a listener of its own
	Credentials []string // NAME=VALUE, that everybody knows
}

// Manual answers under Home.
type Manual struct {
	Options

	made func() *contents
	kept pages
}

// contents are what every page is made of.
type contents struct {
	book     *book
	examples map[string]*Example
	index    []entry
}

// New makes the manual of a description.
func New(o Options) *Manual {
	m := &Manual{Options: o}
	m.made = sync.OnceValue(func() *contents {
		c := &contents{book: read(o.Described), examples: map[string]*Example{}}
		all, err := c.book.examples()
		if err != nil && o.Failed != nil {
			o.Failed(err) // a test says so before; the pages go without them
		}
		for _, e := range all {
			c.examples[e.Name] = e
		}
		c.index = c.entries()
		return c
	})
	return m
}

// Examples are those of the manual, for the test that runs them.
func (m *Manual) Examples() ([]*Example, error) { return read(m.Described).examples() }

// Register adds the manual's routes.
func (m *Manual) Register(mux *http.ServeMux) {
	mux.HandleFunc("GET "+Home, m.page)
	mux.HandleFunc("GET "+Home+"/{page}", m.page)
	mux.Handle("GET "+staticHome, static())
}

// page answers with a page in the reader's language.
func (m *Manual) page(w http.ResponseWriter, r *http.Request) {
	v := m.view(r)
	h := w.Header()
	h.Set("Vary", "Accept-Language, Accept-Encoding")
	h.Set("Content-Language", string(v.Lang))
	h.Set("Content-Type", "text/html; charset=utf-8")
	h.Set("Content-Security-Policy", policy)
	h.Set("Referrer-Policy", "same-origin")
	text, err := m.kept.of(v.key(), func() ([]byte, error) { return v.render() })
	if err != nil {
		if m.Failed != nil {
			m.Failed(err)
		}
		http.Error(w, "The page cannot be made.", http.StatusInternalServerError)
		return
	}
	status := http.StatusOK
	if v.template == "nowhere" {
		status = http.StatusNotFound
	}
	send(w, r, status, text)
}

// send writes a text, compressed for whom that suits.
func send(w http.ResponseWriter, r *http.Request, status int, packed []byte) {
	if acceptsGzip(r) {
		w.Header().Set("Content-Encoding", "gzip")
		w.WriteHeader(status)
		w.Write(packed) //nolint:errcheck // the client may have gone
		return
	}
	unpacked, err := gzip.NewReader(bytes.NewReader(packed))
	if err != nil {
		panic(err) // it was packed here
	}
	w.WriteHeader(status)
	var plain bytes.Buffer
	plain.ReadFrom(unpacked) //nolint:errcheck,gosec // as above
	w.Write(plain.Bytes())   //nolint:errcheck // the client may have gone
}

// refusesGzip is a weight of nothing (RFC 9110, 12.4.2).
var refusesGzip = regexp.MustCompile(`^\s*q\s*=\s*0(?:\.0*)?\s*$`)

func acceptsGzip(r *http.Request) bool {
	for part := range strings.SplitSeq(r.Header.Get("Accept-Encoding"), ",") {
		name, weight, _ := strings.Cut(part, ";")
		if strings.EqualFold(strings.TrimSpace(name), "gzip") {
			return !refusesGzip.MatchString(weight)
		}
	}
	return false
}

func pack(text []byte) ([]byte, error) {
	var b bytes.Buffer
	z, err := gzip.NewWriterLevel(&b, gzip.BestCompression)
	if err != nil {
		return nil, err
	}
	if _, err := z.Write(text); err != nil {
		return nil, err
	}
	err = z.Close()
	return b.Bytes(), err
}

// pages are those that were made, packed: they are the same for everybody.
type pages struct {
	mu   sync.Mutex
	made map[string][]byte
}

// mostPages are kept. What is asked for beyond is made each time.
const mostPages = 200

func (p *pages) of(key string, make func() ([]byte, error)) ([]byte, error) {
	p.mu.Lock()
	text, there := p.made[key]
	p.mu.Unlock()
	if there {
		return text, nil
	}
	plain, err := make()
	if err == nil {
		text, err = pack(plain)
	}
	if err != nil || key == "" {
		return text, err
	}
	p.mu.Lock()
	defer p.mu.Unlock()
	if p.made == nil {
		p.made = map[string][]byte{}
	}
	if len(p.made) < mostPages {
		p.made[key] = text
	}
	return text, nil
}

// asset is the address of a file beside the pages. It has a hash of what is in the file, so
// that browsers may keep it.
func asset(name string) string {
	data, err := staticFiles.ReadFile("static/" + name)
	if err != nil {
		panic(err) // a page names a file that is not there
	}
	sum := sha256.Sum256(data)
	return staticHome + hex.EncodeToString(sum[:6]) + "/" + name
}

// static serves the files beside the pages.
func static() http.Handler {
	types := map[string]string{".css": "text/css; charset=utf-8", ".js": "text/javascript; charset=utf-8", ".svg": "image/svg+xml"}
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		_, name, hashed := strings.Cut(strings.TrimPrefix(r.URL.Path, staticHome), "/")
		data, err := staticFiles.ReadFile("static/" + name)
		if !hashed || err != nil {
			http.NotFound(w, r)
			return
		}
		packed, err := pack(data)
		if err != nil {
			http.NotFound(w, r)
			return
		}
		h := w.Header()
		h.Set("Content-Type", types[path.Ext(name)])
		h.Set("Cache-Control", "public, max-age=31536000, immutable")
		h.Set("Vary", "Accept-Encoding")
		send(w, r, http.StatusOK, packed)
	})
}

// hosts are the names of a machine that may stand in a command to copy.
var hosts = regexp.MustCompile(`^[A-Za-z0-9.:\[\]-]{1,255}$`)

// reached is the address to which the request came.
func (m *Manual) reached(r *http.Request) string {
	if m.Base != "" {
		return strings.TrimSuffix(m.Base, "/")
	}
	host := r.Host
	if !hosts.MatchString(host) {
		host = "127.0.0.1:8080"
	}
	return "http://" + host
}

// templates are the pages, each with the frame and the parts.
var templates = sync.OnceValue(func() map[string]*template.Template {
	shared := template.Must(template.ParseFS(pageFiles, "page/frame.html", "page/parts.html"))
	all := map[string]*template.Template{}
	for _, name := range []string{"start", "chapter", "events", "problems", "codes", "doors", "search", "nowhere"} {
		all[name] = template.Must(template.Must(shared.Clone()).ParseFS(pageFiles, "page/"+name+".html"))
	}
	return all
})

// say is a phrase of the pages.
func say(l reason.Language, name string, args reason.Args) string {
	return reason.Of(wordsOf+reason.Code(name), args).In(l)
}

// wordsOf begins the codes of the phrases.
const wordsOf reason.Code = reason.Words + "/manual_"

// render is the page in HTML.
func (v *view) render() ([]byte, error) {
	var b bytes.Buffer
	if err := templates()[v.template].ExecuteTemplate(&b, "frame", v); err != nil {
		return nil, fmt.Errorf("page %s of the manual: %w", v.Page, err)
	}
	return b.Bytes(), nil
}
