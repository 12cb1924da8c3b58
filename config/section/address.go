package section

import (
	"net"
	"net/netip"
	"regexp"
	"strconv"
	"strings"

	"relais/reason"
)

// hostName is a name that may have an address: letters, digits, dashes and dots,
// the last part no number.
var hostName = regexp.MustCompile(
	`^([A-Za-z0-9]([A-Za-z0-9-]*[A-Za-z0-9])?\.)*[A-Za-z]([A-Za-z0-9-]*[A-Za-z0-9])?\.?$`)

// WrongAddress says what is wrong with an address to listen on and what would be
// right, nothing for a good one. Whether this machine has it is another question.
func WrongAddress(address string) reason.Reason {
	host, port, err := net.SplitHostPort(address)
	if err != nil || strings.Contains(address, "://") {
		return wrongListen(likely(address))
	}
	if n, err := strconv.ParseUint(port, 10, 16); err != nil || strconv.FormatUint(n, 10) != port {
		return wrongListen(reason.Of(whyListenPortRange, nil))
	}
	_, err = netip.ParseAddr(host)
	switch {
	case host == "" || err == nil || hostName.MatchString(host) && strings.TrimSpace(address) == address:
		return reason.Reason{}
	case host == "*":
		return wrongListen(reason.Of(whyListenStar, reason.Args{"port": reason.Name(port)}))
	case strings.TrimSpace(address) != address:
		return wrongListen(reason.Of(whyListenSpace, nil))
	}
	return wrongListen(reason.Of(whyListenHost, reason.Args{"host": Quoted(host)}))
}

func wrongListen(more reason.Reason) reason.Reason {
	return reason.Of(whyListen, reason.Args{"more": more})
}

// likely guesses what an address without host or port was meant to be.
func likely(address string) reason.Reason {
	if _, rest, found := strings.Cut(address, "://"); found {
		if rest = strings.TrimRight(rest, "/"); WrongAddress(rest).IsZero() {
			return reason.Of(whyListenScheme, reason.Args{"rest": Quoted(rest)})
		}
		return reason.Of(whyListenSchemeSuch, nil)
	}
	if _, err := strconv.ParseUint(address, 10, 16); err == nil {
		return reason.Of(whyListenPortAlone, reason.Args{"port": reason.Name(address)})
	}
	if at := strings.LastIndexByte(address, ':'); at > 0 {
		if ip, err := netip.ParseAddr(address[:at]); err == nil && ip.Is6() {
			return reason.Of(whyListenBrackets, reason.Args{
				"host": reason.Name(address[:at]), "port": reason.Name(address[at:]),
			})
		}
	}
	if ip, err := netip.ParseAddr(address); err == nil || hostName.MatchString(address) {
		if err == nil && ip.Is6() {
			address = "[" + address + "]"
		}
		return reason.Of(whyListenPortMissing, reason.Args{"address": Quoted(address + ":8080")})
	}
	return reason.Reason{}
}
