package console

import (
	"bytes"
	"compress/gzip"
	"crypto/sha256"
	"embed"
	"encoding/hex"
	"io/fs"
	"net/http"
	"path"
	"strings"
	"sync"
	"time"
)

//go:embed static
var staticFiles embed.FS

// staticHome is where the files beside the pages are.
const staticHome = Home + "static/"

// asset is the address of a file beside the pages. It has a hash of what is in the
// file, so that browsers may keep it.
func asset(name string) string {
	f, ok := embedded()[name]
	if !ok {
		panic("console: a page names a file that is not there: " + name)
	}
	return addressOf(name, f)
}

func addressOf(name string, f staticFile) string {
	sum := sha256.Sum256(f.data)
	return staticHome + hex.EncodeToString(sum[:6]) + "/" + name
}

// Style, Script and Icon are the addresses of the files of every page.
func (f *frame) Style() string      { return asset("console.css") }
func (f *frame) Script() string     { return asset("console.js") }
func (f *frame) LiveScript() string { return asset("live.js") }
func (f *frame) Icon() string       { return asset("icon.svg") }

// staticFile is one beside the pages.
type staticFile struct {
	data   []byte
	packed []byte // data in gzip
	kind   string // its media type
}

// newFile compresses it, once. Pages are another matter: see compresses.
func newFile(data []byte, kind string) staticFile {
	var b bytes.Buffer
	w := gzip.NewWriter(&b)
	w.Write(data) //nolint:errcheck // a buffer takes everything
	w.Close()     //nolint:errcheck // a buffer takes everything
	return staticFile{data, b.Bytes(), kind}
}

// embedded has the files of every console, by name.
var embedded = sync.OnceValue(func() map[string]staticFile {
	all := map[string]staticFile{}
	names, err := fs.Glob(staticFiles, "static/*")
	if err != nil {
		panic(err) // the pattern is right
	}
	for _, name := range names {
		data, err := staticFiles.ReadFile(name)
		if err != nil {
			panic(err) // the file is embedded
		}
		kind := map[string]string{
			".css": "text/css; charset=utf-8", ".js": "text/javascript; charset=utf-8", ".svg": "image/svg+xml",
		}[path.Ext(name)]
		all[path.Base(name)] = newFile(data, kind)
	}
	return all
})

// static serves the files beside the pages, those of this organisation among them: the
// hash in the path only makes a new address of a new file.
func static(own map[string]staticFile) http.Handler {
	return http.StripPrefix(staticHome, http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		_, name, _ := strings.Cut(r.URL.Path, "/")
		f, ok := embedded()[name]
		if !ok {
			f, ok = own[name]
		}
		if !ok {
			http.NotFound(w, r)
			return
		}
		h := w.Header()
		h.Set("Content-Type", f.kind)
		h.Set("Cache-Control", "public, max-age=31536000, immutable")
		h.Set("Vary", "Accept-Encoding")
		data := f.data
		if takesGzip(r.Header) {
			h.Set("Content-Encoding", "gzip")
			data = f.packed
		}
		http.ServeContent(w, r, name, time.Time{}, bytes.NewReader(data))
	}))
}

// takesGzip reports whether a browser reads gzip (RFC 9110, section 12.5.3): a weight of
// zero says that it does not.
func takesGzip(h http.Header) bool {
	for one := range strings.SplitSeq(h.Get("Accept-Encoding"), ",") {
		name, weight, _ := strings.Cut(strings.ReplaceAll(one, " ", ""), ";")
		if strings.EqualFold(name, "gzip") {
			return strings.Trim(weight, "qQ=.0") != "" || weight == ""
		}
	}
	return false
}
