package webhook

import (
	"context"
	"errors"
	"net"
	"net/http"
	"net/netip"
	"net/url"
	"strconv"
	"strings"
	"syscall"
	"time"

	"relais/reason"
)

// Policy says which networks webhooks may go to beside the public internet.
type Policy struct {
	Loopback bool // this machine
	Private  bool // networks of an organisation, link-local and shared ones
}

// maxURL is the longest address of an endpoint, in characters.
const maxURL = 2048

// CheckURL refuses an address that no webhook may go to. A name is looked up
// only when a request goes there, and its address is judged then.
func CheckURL(text string, p Policy) *Error {
	bad := func(code reason.Code, args reason.Args) *Error {
		return &Error{Reason: reason.Of(code, args), Field: "/url"}
	}
	u, err := url.Parse(text)
	switch {
	case strings.TrimSpace(text) != text:
		return bad(urlSpace, nil)
	case len(text) > maxURL:
		return bad(urlLong, reason.Args{"most": reason.Count(maxURL)})
	case err != nil || u.Host == "" || u.Scheme != "http" && u.Scheme != "https":
		return bad(urlForm, nil)
	case u.User != nil:
		return bad(urlUser, nil)
	case strings.Contains(text, "#"):
		return bad(urlFragment, nil)
	case !validPort(u.Port()):
		return bad(urlPort, nil)
	}
	host := strings.TrimSuffix(strings.ToLower(u.Hostname()), ".")
	if host == "localhost" || strings.HasSuffix(host, ".localhost") {
		host = "127.0.0.1"
	}
	ip, err := netip.ParseAddr(host)
	if err == nil && !p.Allows(ip) {
		return bad(urlPrivate, nil)
	}
	if err != nil && endsInNumber(host) {
		return bad(urlHost, nil)
	}
	return nil
}

// canonical writes an address that CheckURL accepted, so that all spellings of it become the
// same: scheme and host in small letters, no default port, no empty path (RFC 3986, 6.2.2
// and 6.2.3). What follows the host stays as it is.
func canonical(text string) string {
	u, err := url.Parse(text)
	if err != nil || strings.Contains(u.Host, "%") {
		return text
	}
	_, rest, _ := strings.Cut(text, "//")
	rest, written := strings.CutPrefix(rest, u.Host)
	if !written { // with escapes in the host
		return text
	}
	if !strings.HasPrefix(rest, "/") {
		rest = "/" + rest
	}
	host := strings.TrimSuffix(strings.ToLower(u.Hostname()), ".")
	if ip, err := netip.ParseAddr(host); err == nil {
		host = ip.String()
	}
	if strings.Contains(host, ":") {
		host = "[" + host + "]"
	}
	port := strings.TrimLeft(u.Port(), "0")
	if port != "" && port != map[string]string{"http": "80", "https": "443"}[u.Scheme] {
		host += ":" + port
	}
	return u.Scheme + "://" + host + strings.TrimSuffix(rest, "?")
}

func validPort(port string) bool {
	if port == "" {
		return true
	}
	n, err := strconv.ParseUint(port, 10, 16)
	return err == nil && n > 0
}

// endsInNumber tells a host that some resolvers read as an IPv4 address in
// another notation (WHATWG URL, "ends in a number checker"): no name does.
func endsInNumber(host string) bool {
	last := host[strings.LastIndexByte(host, '.')+1:]
	if last != "" && strings.Trim(last, "0123456789") == "" {
		return true
	}
	hex, found := strings.CutPrefix(last, "0x")
	return found && strings.Trim(hex, "0123456789abcdef") == ""
}

// Networks that no policy of netip names.
var (
	shared    = netip.MustParsePrefix("100.64.0.0/10") // RFC 6598
	thisNet   = netip.MustParsePrefix("0.0.0.0/8")     // RFC 1122, 3.2.1.3
	protocols = netip.MustParsePrefix("192.0.0.0/24")  // RFC 6890
	benchmark = netip.MustParsePrefix("198.18.0.0/15") // RFC 2544
	reserved  = netip.MustParsePrefix("240.0.0.0/4")   // RFC 1112, 4
	nat64     = netip.MustParsePrefix("64:ff9b::/96")  // RFC 6052
	localNAT  = netip.MustParsePrefix("64:ff9b:1::/48")
	sixToFour = netip.MustParsePrefix("2002::/16") // RFC 3056
	siteLocal = netip.MustParsePrefix("fec0::/10") // RFC 3879
	teredo    = netip.MustParsePrefix("2001::/32") // RFC 4380
)

// Allows judges the address that a connection would really go to. A name says nothing: it is the
// address that it was looked up to.
func (p Policy) Allows(ip netip.Addr) bool {
	ip = ip.Unmap().WithZone("")
	switch {
	case ip.IsUnspecified(), ip.IsMulticast(), thisNet.Contains(ip), reserved.Contains(ip):
		return false
	case ip.IsLoopback():
		return p.Loopback
	case ip.IsPrivate(), ip.IsLinkLocalUnicast(), shared.Contains(ip), protocols.Contains(ip),
		benchmark.Contains(ip),
		localNAT.Contains(ip), siteLocal.Contains(ip), teredo.Contains(ip):
		return p.Private
	}
	if inner, ok := embedded(ip); ok {
		return p.Allows(inner)
	}
	return true
}

// embedded is the IPv4 address that an IPv6 one leads to.
func embedded(ip netip.Addr) (netip.Addr, bool) {
	b := ip.As16()
	switch {
	case nat64.Contains(ip):
		return netip.AddrFrom4([4]byte(b[12:16])), true
	case sixToFour.Contains(ip):
		return netip.AddrFrom4([4]byte(b[2:6])), true
	}
	return netip.Addr{}, false
}

// errTarget is returned for a connection that the policy forbids.
var errTarget = errors.New("the address is of a private or local network, which webhooks.allow does not open")

// newClient makes a client for endpoints. The address of a connection is judged
// after the name was looked up, so that a name that changes its address gets
// nowhere. Redirects are not followed, and the environment names no proxy: what it
// would be asked for is a name, which nobody has judged.
func newClient(o Options) *http.Client {
	dialer := &net.Dialer{
		Timeout: o.Timeout,
		ControlContext: func(_ context.Context, _, address string, _ syscall.RawConn) error {
			at, err := netip.ParseAddrPort(address)
			if err != nil || !o.Policy.Allows(at.Addr()) {
				return errTarget
			}
			return nil
		},
	}
	dial := dialer.DialContext
	if o.Proxy != nil {
		dial = newTunneler(o.Proxy, dialer, o).dial
	}
	return &http.Client{
		Timeout: o.Timeout,
		Transport: &http.Transport{
			DialContext:           dial,
			TLSHandshakeTimeout:   o.Timeout,
			ResponseHeaderTimeout: o.Timeout,
			MaxIdleConnsPerHost:   o.Concurrency,
			MaxConnsPerHost:       2 * o.Concurrency,
			IdleConnTimeout:       30 * time.Second,
			ForceAttemptHTTP2:     true,
			DisableCompression:    true,
		},
		CheckRedirect: func(*http.Request, []*http.Request) error { return http.ErrUseLastResponse },
	}
}
