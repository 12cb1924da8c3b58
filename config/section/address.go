package section

import (
	"fmt"
	"net"
	"net/netip"
	"regexp"
	"strconv"
	"strings"
)

// hostName is a name that may have an address: letters, digits, dashes and dots,
// the last part no number.
var hostName = regexp.MustCompile(`^([A-Za-z0-9]([A-Za-z0-9-]*[A-Za-z0-9])?\.)*[A-Za-z]([A-Za-z0-9-]*[A-Za-z0-9])?\.?$`)

// WrongAddress says what is wrong with an address to listen on and what would be
// right, "" for a good one. Whether this machine has it is another question.
func WrongAddress(address string) string {
	const want = `want host:port such as "127.0.0.1:8080", or ":8080" for every interface`
	host, port, err := net.SplitHostPort(address)
	if err != nil || strings.Contains(address, "://") {
		return want + likely(address)
	}
	if n, err := strconv.ParseUint(port, 10, 16); err != nil || strconv.FormatUint(n, 10) != port {
		return want + "; the port is a number up to 65535"
	}
	_, err = netip.ParseAddr(host)
	switch {
	case host == "" || err == nil:
		return ""
	case host == "*":
		return fmt.Sprintf(`%s; a star is no address, write ":%s"`, want, port)
	case strings.TrimSpace(address) != address:
		return want + ", without white space"
	}
	return Unless(hostName.MatchString(host), fmt.Sprintf("%s; %q is neither an IP address nor a name", want, host))
}

// likely guesses what an address without host or port was meant to be.
func likely(address string) string {
	if _, rest, found := strings.Cut(address, "://"); found {
		if rest = strings.TrimRight(rest, "/"); WrongAddress(rest) == "" {
			return fmt.Sprintf("; no scheme: %q", rest)
		}
		return "; no scheme such as http://"
	}
	if _, err := strconv.ParseUint(address, 10, 16); err == nil {
		return fmt.Sprintf(`; the port alone is ":%s"`, address)
	}
	if at := strings.LastIndexByte(address, ':'); at > 0 {
		if ip, err := netip.ParseAddr(address[:at]); err == nil && ip.Is6() {
			return fmt.Sprintf(`; IPv6 stands in brackets: "[%s]%s"`, address[:at], address[at:])
		}
	}
	if ip, err := netip.ParseAddr(address); err == nil || hostName.MatchString(address) {
		if err == nil && ip.Is6() {
			address = "[" + address + "]"
		}
		return fmt.Sprintf("; the port is missing: %q", address+":8080")
	}
	return ""
}
