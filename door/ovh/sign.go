package ovh

import (
	"crypto/sha1" //nolint:gosec // the signature scheme of the API is SHA-1
	"crypto/subtle"
	"encoding/hex"
	"net"
	"net/http"
	"net/url"
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

// candidates are the addresses that a client may have signed: both schemes,
// since a proxy may end TLS before us; the host as it was sent and without its
// port, which node clients leave out (observed); the address that people know
// us by. The raw target counts byte for byte.
func candidates(r *http.Request, publicURL string) []string {
	target := r.RequestURI
	if parsed, err := url.Parse(target); err == nil && parsed.Host != "" {
		target = parsed.RequestURI() // a proxy sent the whole address
	}
	hosts := withoutPort(r.Host)
	if public, err := url.Parse(publicURL); err == nil && public.Host != "" {
		for _, host := range withoutPort(public.Host) {
			hosts = append(hosts, host, host+strings.TrimSuffix(public.EscapedPath(), "/"))
		}
	}
	var all []string
	for _, host := range hosts {
		all = append(all, "http://"+host+target, "https://"+host+target)
	}
	return all
}

func withoutPort(host string) []string {
	if name, _, err := net.SplitHostPort(host); err == nil {
		return []string{host, name}
	}
	return []string{host}
}

// signed compares with every candidate, whichever fits, so that the time does
// not tell. It returns the address that was signed.
func signed(r *http.Request, secret, publicURL string, body []byte) (target string, ok bool) {
	consumer, stamp := r.Header.Get("X-Ovh-Consumer"), r.Header.Get("X-Ovh-Timestamp")
	sent := []byte(r.Header.Get("X-Ovh-Signature"))
	bodies := [][]byte{body}
	if len(body) > 0 && (r.Method == http.MethodGet || r.Method == http.MethodDelete) {
		bodies = append(bodies, nil) // sent and not hashed (observed: ovh/java-ovh issue 4)
	}
	for _, candidate := range candidates(r, publicURL) {
		for _, hashed := range bodies {
			want := signature(secret, consumer, r.Method, candidate, hashed, stamp)
			if subtle.ConstantTimeCompare([]byte(want), sent) == 1 {
				target, ok = candidate, true
			}
		}
	}
	return target, ok
}
