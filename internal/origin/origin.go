// Package origin finds out where a request comes from: one answer for the limits of
// signing in, the audit, and the networks of API keys.
package origin

import (
	"context"
	"net"
	"net/http"
	"net/netip"
	"slices"
	"strings"
)

// Proxies are the networks of the proxies whose word is taken for an address.
type Proxies []netip.Prefix

// here are the proxies of a request that nobody has configured any for: those on this
// machine.
var here = Proxies{netip.MustParsePrefix("127.0.0.0/8"), netip.MustParsePrefix("::1/128")}

// key is that of Proxies in the context of a request.
type key struct{}

// Handler has requests judged by these proxies from there on.
func (p Proxies) Handler(next http.Handler) http.Handler {
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		next.ServeHTTP(w, r.WithContext(context.WithValue(r.Context(), key{}, p)))
	})
}

// Client is the address of a client. Each trusted proxy tells whom it spoke for, at the
// end of X-Forwarded-For, so that the list is read from there: up to the first address
// that is of no trusted proxy. What stands before it are the client's own words. What a
// proxy tells may be no address at all, which is in no network.
//
// Forwarded (RFC 7239) is not read: a proxy that writes the one leaves the other as the
// client sent it, and nobody can tell which.
func Client(r *http.Request) string {
	proxies, known := r.Context().Value(key{}).(Proxies)
	if !known {
		proxies = here
	}
	host := withoutPort(r.RemoteAddr)
	hops := strings.Split(strings.Join(r.Header.Values("X-Forwarded-For"), ","), ",")
	for _, hop := range slices.Backward(hops) {
		told := withoutPort(strings.TrimSpace(hop))
		if told == "" || !proxies.hold(host) {
			break
		}
		host = told
	}
	return host
}

func (p Proxies) hold(host string) bool {
	address, err := netip.ParseAddr(host)
	if err != nil {
		return false
	}
	address = address.Unmap().WithZone("")
	return slices.ContainsFunc(p, func(n netip.Prefix) bool { return n.Contains(address) })
}

// withoutPort is an address without its port, and without the brackets of IPv6.
func withoutPort(text string) string {
	if host, _, err := net.SplitHostPort(text); err == nil {
		return host
	}
	return strings.Trim(text, "[]")
}

// Loopback reports whether an address is one of this machine.
func Loopback(host string) bool {
	address, err := netip.ParseAddr(host)
	return err == nil && address.Unmap().IsLoopback()
}
