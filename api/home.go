package api

import (
	"bytes"
	_ "embed" // the page's template
	"encoding/json"
	"fmt"
	"html/template"
	"net/http"
	"regexp"
	"strings"

	"relais/reason"
)

//go:embed home.html
var homePage string

var homeTemplate = template.Must(template.New("home").Parse(homePage))

// Home is what the page at / tells beside what every gateway has.
type Home struct {
	PublicURL string // under which the gateway is reached; empty: where the request came to
	Sandbox   string // where the simulated operators answer; empty: there are none
	Key       string // that everybody knows; empty: none works
	Doors     []Door
}

// Door is one for programs that were written for another gateway.
type Door struct {
	For         string   `json:"for"`                   // what they were written for
	Path        string   `json:"path"`                  // empty: Address is where it is
	Address     string   `json:"address,omitempty"`     // of a listener of its own
	Credentials []string `json:"credentials,omitempty"` // NAME=VALUE, that everybody knows
}

// At is the address of the door where the gateway is reached at base.
func (d Door) At(base string) string {
	if d.Address != "" {
		return d.Address
	}
	return base + d.Path
}

// home says where things are.
type home struct {
	failures
	shown   Home
	version string
	health  *health
}

// homeView is the data of the page.
type homeView struct {
	Home
	Lang    reason.Language
	Ready   bool
	Open    bool
	Curl    string
	Version string
}

// homeWords begins the codes of what the page says.
const homeWords reason.Code = reason.Words + "/home_"

// Say puts a phrase of the page into its language.
func (p *homeView) Say(name string) string {
	return reason.Of(homeWords+reason.Code(name), nil).In(p.Lang)
}

// homeJSON is what a program reads at /.
type homeJSON struct {
	Name    string `json:"name"`
	Version string `json:"version"`
	Ready   bool   `json:"ready"`
	Docs    string `json:"docs"`
	OpenAPI string `json:"openapi"`
	Health  string `json:"healthz"`
	Readyz  string `json:"readyz"`
	Metrics string `json:"metrics"`
	Sandbox string `json:"sandbox,omitempty"`
	Key     string `json:"key,omitempty"`
	Doors   []Door `json:"doors"`
}

func (h *home) register(r *router) { r.mux.HandleFunc("GET /{$}", h.show) }

// show says where things are: to people in HTML, to programs that want it in JSON, to
// others in plain text.
func (h *home) show(w http.ResponseWriter, r *http.Request) {
	base := h.shown.PublicURL
	if base == "" {
		base = reached(r)
	}
	page := &homeView{
		Home: h.shown, Lang: reason.Match(r.Header.Get("Accept-Language")),
		Ready: h.health.takes(r.Context()),
		Open:  h.shown.Key != "", Version: h.version, Curl: curlOf(base, h.shown.Key),
	}
	header := w.Header()
	header.Set("Cache-Control", "no-store")
	header.Set("Vary", "Accept, Accept-Language")
	switch preferred(r.Header.Get("Accept")) {
	case "text/html":
		var b bytes.Buffer
		if err := homeTemplate.Execute(&b, page); err != nil {
			h.fail(err, nil).write(w, r)
			return
		}
		header.Set("Content-Type", "text/html; charset=utf-8")
		header.Set("Content-Security-Policy",
			"default-src 'none'; style-src 'unsafe-inline'; base-uri 'none'; "+
				"form-action 'none'; frame-ancestors 'none'")
		header.Set("Content-Language", string(page.Lang))
		w.Write(b.Bytes()) //nolint:errcheck // the client may have gone
	case jsonType:
		header.Set("Content-Type", jsonType)
		json.NewEncoder(w).Encode(homeJSON{ //nolint:errcheck,errchkjson // the client may have gone
			"relais", page.Version, page.Ready, "/docs", "/openapi.json", "/healthz", "/readyz", "/metrics",
			page.Sandbox, page.Key, page.Doors,
		})
	default:
		header.Set("Content-Language", string(page.Lang))
		plain(w, http.StatusOK, page.text(base))
	}
}

// hosts are the names of a machine that may stand in a command to copy.
var hosts = regexp.MustCompile(`^[A-Za-z0-9.:\[\]-]{1,255}$`)

// reached is the address to which the request came.
func reached(r *http.Request) string {
	host := r.Host
	if !hosts.MatchString(host) {
		host = "127.0.0.1:8080"
	}
	return "http://" + host
}

// curlOf sends a text. Without simulated operators the reader has to name a number:
// those of fiction are refused there.
func curlOf(base, key string) string {
	to := "0639980001"
	if key == "" {
		key, to = "KEY", "NUMBER"
	}
	return fmt.Sprintf(
		`curl %s/v1/messages -H 'Authorization: Bearer %s' -d '{"to": "%s", "text": "Bonjour"}'`, base, key,
		to,
	)
}

// preferred is the first of the types that this page has among those that a caller
// names: browsers name text/html before all else.
func preferred(accept string) string {
	for part := range strings.SplitSeq(accept, ",") {
		name, _, _ := strings.Cut(part, ";")
		switch name = strings.ToLower(strings.TrimSpace(name)); name {
		case "text/html", "application/xhtml+xml":
			return "text/html"
		case jsonType, "text/plain":
			return name
		}
	}
	return "text/plain"
}

// text is the page for a terminal.
func (p *homeView) text(base string) string {
	var b strings.Builder
	fmt.Fprintf(&b, "Relais %s\n\n", p.Version)
	fmt.Fprintf(&b, "  %s/docs  %s\n", base, p.Say("text_manual"))
	fmt.Fprintf(&b, "  %s/openapi.json  %s\n", base, p.Say("text_openapi"))
	fmt.Fprintf(&b, "  %s/readyz  %s\n", base, p.Say("text_readyz"))
	if p.Sandbox != "" {
		fmt.Fprintf(&b, "  %s/handsets  %s\n", p.Sandbox, p.Say("text_handsets"))
	}
	fmt.Fprintf(&b, "\n%s\n  %s\n\n%s\n", p.Say("text_send"), p.Curl, p.Say("text_doors"))
	for _, d := range p.Doors {
		fmt.Fprintf(
			&b, "  %s  %s\n", d.For, strings.TrimRight(d.At(base)+"  "+strings.Join(d.Credentials, " "), " "),
		)
	}
	return b.String()
}
