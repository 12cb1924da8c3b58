package console

import (
	"crypto/sha256"
	"embed"
	"encoding/hex"
	"io/fs"
	"net/http"
	"strings"
)

//go:embed static
var staticFiles embed.FS

// staticHome is where the files beside the pages are.
const staticHome = Home + "static/"

// asset is the address of a file beside the pages. It has a hash of what is in the
// file, so that browsers may keep it.
func asset(name string) string {
	data, err := staticFiles.ReadFile("static/" + name)
	if err != nil {
		panic(err) // a page names a file that is not there
	}
	sum := sha256.Sum256(data)
	return staticHome + hex.EncodeToString(sum[:6]) + "/" + name
}

// Style, Script and Icon are the addresses of the files of every page.
func (f *frame) Style() string  { return asset("console.css") }
func (f *frame) Script() string { return asset("console.js") }
func (f *frame) Icon() string   { return asset("icon.svg") }

// static serves the files beside the pages: the hash in the path only makes a new
// address of a new file.
func static() http.Handler {
	files, err := fs.Sub(staticFiles, "static")
	if err != nil {
		panic(err) // the directory is embedded
	}
	serve := http.FileServerFS(files)
	return http.StripPrefix(staticHome, http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		_, name, hashed := strings.Cut(r.URL.Path, "/")
		if !hashed || name == "" || strings.Contains(name, "/") {
			http.NotFound(w, r)
			return
		}
		w.Header().Set("Cache-Control", "public, max-age=31536000, immutable")
		r.URL.Path = name
		serve.ServeHTTP(w, r)
	}))
}
