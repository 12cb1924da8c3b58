package section

import (
	"net/netip"
	"strings"

	"relais/reason"
)

// WrongNetworks judges a list of addresses and networks.
func WrongNetworks(networks []string) reason.Reason {
	for _, n := range networks {
		if _, err := ParseNetwork(n); err != nil {
			return reason.Of(whyNetwork, reason.Args{"text": Quoted(n)})
		}
	}
	return reason.Reason{}
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
