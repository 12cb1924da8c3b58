package section

import (
	"fmt"
	"net/netip"
	"strings"
)

// WrongNetworks judges a list of addresses and networks.
func WrongNetworks(networks []string) string {
	for _, n := range networks {
		if _, err := ParseNetwork(n); err != nil {
			return fmt.Sprintf("%q is neither an address nor a network; want some such as 192.0.2.7 or 192.0.2.0/24", n)
		}
	}
	return ""
}

// ParseNetwork reads a network, or an address as the network of it alone.
func ParseNetwork(text string) (netip.Prefix, error) {
	if strings.Contains(text, "/") {
		return netip.ParsePrefix(text)
	}
	address, err := netip.ParseAddr(text)
	if err != nil {
		return netip.Prefix{}, err
	}
	return address.Prefix(address.BitLen())
}
