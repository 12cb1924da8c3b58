package ovh

import (
	"net/netip"
	"slices"
	"strings"
)

// believed reports whether the request comes from a proxy of the configuration, whose
// X-Forwarded headers tell the truth.
func (e *envelope) believed() bool {
	return e.settings.proxy(addressOf(e.r.RemoteAddr))
}

// addressOf is the address of host:port, or of a host alone; the zero one, which is in
// no network, when it is neither.
func addressOf(remote string) netip.Addr {
	if peer, err := netip.ParseAddrPort(remote); err == nil {
		return peer.Addr().Unmap()
	}
	alone, err := netip.ParseAddr(remote)
	if err != nil {
		return netip.Addr{}
	}
	return alone.Unmap()
}

func (s *Settings) proxy(address netip.Addr) bool {
	return slices.ContainsFunc(s.Proxies, func(n netip.Prefix) bool { return n.Contains(address.Unmap()) })
}

// address is where the client is: the last address that no proxy of ours stands at.
// The zero one is in no network.
func (e *envelope) address() netip.Addr {
	at := addressOf(e.r.RemoteAddr)
	between := func(r rune) bool { return r == ',' || r == ' ' }
	hops := strings.FieldsFunc(strings.Join(e.r.Header.Values("X-Forwarded-For"), ","), between)
	for _, hop := range slices.Backward(hops) {
		if !e.settings.proxy(at) {
			return at
		}
		before, err := netip.ParseAddr(hop)
		if err != nil {
			return netip.Addr{}
		}
		at = before.Unmap()
	}
	return at
}

// firstOf is what the proxy nearest to the client wrote into a list.
func firstOf(list string) string {
	first, _, _ := strings.Cut(list, ",")
	return strings.TrimSpace(first)
}
