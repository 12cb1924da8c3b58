// Package origin finds out where a request comes from: one answer for the limits of
// signing in, the audit, and the networks of API keys.
package origin

import (
	"net"
	"net/http"
	"net/netip"
	"strings"
)

// Client is the address of a client. A proxy on this machine says so in the last entry of
// X-Forwarded-For; those before it are the client's own words. What it says may be no
// address at all, which is in no network.
func Client(r *http.Request) string {
	host, _, err := net.SplitHostPort(r.RemoteAddr)
	if err != nil {
		host = r.RemoteAddr
	}
	if told := strings.Join(r.Header.Values("X-Forwarded-For"), ","); told != "" && Loopback(host) {
		if last := strings.TrimSpace(told[strings.LastIndex(told, ",")+1:]); last != "" {
			host = last
		}
	}
	return host
}

// Loopback reports whether an address is one of this machine.
func Loopback(host string) bool {
	address, err := netip.ParseAddr(host)
	return err == nil && address.Unmap().IsLoopback()
}
