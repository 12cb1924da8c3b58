package ovh

import (
	"crypto/sha1" //nolint:gosec // the signature scheme of the API is SHA-1
	"crypto/subtle"
	"encoding/hex"
	"net"
	"net/http"
	"net/url"
	"slices"
	"strings"
)

// signature is documented in the guide "First Steps with the OVHcloud APIs".
func signature(secret, consumer, method, target string, body []byte, stamp string) string {
	text := make([]byte, 0, 160+len(target)+len(body))
	for _, part := range [...]string{secret, consumer, method, target} {
		text = append(text, part...)
		text = append(text, '+')
	}
	text = append(text, body...)
	text = append(text, '+')
	text = append(text, stamp...)
	sum := sha1.Sum(text) //nolint:gosec // as above
	return string(hex.AppendEncode([]byte("$1$"), sum[:]))
}

// prefixes are the paths under which the API answers. The official one is /1.0 or /v1,
// which are the same API (observed: ovh/python-ovh issue 141): a client that can set
// its host alone calls those.
var prefixes = [...]string{"/ovh/1.0", "/ovh/v1", "/1.0", "/v1"}

// withoutPrefix splits a path, or a target with its query, behind the prefix of the API.
func withoutPrefix(path string) (rest string, found bool) {
	for _, prefix := range prefixes {
		if rest, found := strings.CutPrefix(path, prefix); found && strings.HasPrefix(rest, "/") {
			return rest, true
		}
	}
	return "", false
}

// envelope is a request as it arrived: from where, under which address, signed how.
type envelope struct {
	r         *http.Request
	body      []byte
	publicURL string // of the gateway
	settings  *Settings
}

func (c *call) envelope() *envelope {
	return &envelope{r: c.r, body: c.body, publicURL: c.PublicURL, settings: &c.settings}
}

// origins are hosts, each with the path before that of the API, by which a client may
// call: the host as it was sent; that of a proxy that is believed; the address that
// people know us by; those of the configuration. Node clients leave the port out
// (observed).
func (e *envelope) origins() []string {
	all := withoutPort(e.r.Host)
	if e.believed() {
		before := strings.TrimSuffix(firstOf(e.r.Header.Get("X-Forwarded-Prefix")), "/")
		for _, host := range withoutPort(firstOf(e.r.Header.Get("X-Forwarded-Host"))) {
			all = append(all, host, host+before)
		}
	}
	for _, address := range append([]string{e.publicURL}, e.settings.PublicURLs...) {
		public, err := url.Parse(address)
		if err != nil || public.Host == "" {
			continue
		}
		for _, host := range withoutPort(public.Host) {
			all = append(all, host, host+strings.TrimSuffix(public.EscapedPath(), "/"))
		}
	}
	slices.Sort(all)
	return slices.Compact(all)
}

// candidates are the addresses that a client may have signed: any origin, with both
// schemes, since a proxy may end TLS before us, and with any path of the API, since it
// may change that as well. An origin of the configuration may hold the path of the API
// itself. What is behind that path counts byte for byte, but for the plus sign of a
// number: proxies that change a path write %2B as + (observed: Caddy 2.6, and nginx with a
// path in proxy_pass).
func (e *envelope) candidates() []string {
	target := e.r.RequestURI
	if parsed, err := url.Parse(target); err == nil && parsed.Host != "" {
		target = parsed.RequestURI() // a proxy sent the whole address
	}
	targets := []string{target}
	if rest, found := withoutPrefix(target); found {
		for _, prefix := range prefixes {
			if other := prefix + rest; other != target {
				targets = append(targets, other)
			}
		}
		targets = append(targets, rest)
	}
	for _, path := range targets {
		if escaped := plusEscaped(path); escaped != path {
			targets = append(targets, escaped)
		}
	}
	var all []string
	for _, origin := range e.origins() {
		for _, path := range targets {
			if path[0] != '/' || origin == "" {
				continue
			}
			all = append(all, "http://"+origin+path, "https://"+origin+path)
		}
	}
	return all
}

// plusEscaped writes the plus signs of a path, and not those of the query, as %2B.
func plusEscaped(target string) string {
	path, query, found := strings.Cut(target, "?")
	if path = strings.ReplaceAll(path, "+", "%2B"); found {
		path += "?"
	}
	return path + query
}

func withoutPort(host string) []string {
	if host == "" {
		return nil
	}
	if name, _, err := net.SplitHostPort(host); err == nil {
		return []string{host, name}
	}
	return []string{host}
}

// signed looks for the address that the client signed.
func (e *envelope) signed(secret string) (target string, ok bool) {
	consumer, stamp := e.r.Header.Get("X-Ovh-Consumer"), e.r.Header.Get("X-Ovh-Timestamp")
	sent := []byte(e.r.Header.Get("X-Ovh-Signature"))
	bodies := [][]byte{e.body}
	if len(e.body) > 0 && (e.r.Method == http.MethodGet || e.r.Method == http.MethodDelete) {
		bodies = append(bodies, nil) // sent and not hashed (observed: ovh/java-ovh issue 4)
	}
	for _, candidate := range e.candidates() {
		for _, hashed := range bodies {
			want := signature(secret, consumer, e.r.Method, candidate, hashed, stamp)
			if subtle.ConstantTimeCompare([]byte(want), sent) == 1 {
				return candidate, true
			}
		}
	}
	return "", false
}
