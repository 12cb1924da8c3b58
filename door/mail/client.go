package mail

import (
	"net/netip"
	"slices"
	"strings"

	"relais/auth"
	"relais/gateway"
	"relais/sms"
)

// Client is one who may send.
type Client struct {
	Account   string
	Password  string         // of its login, or a hash of it; empty: it has no login
	Networks  []netip.Prefix // from which it needs no login
	Senders   []string       // addresses, or @domains, whose mail is taken when their domain is proved
	Domains   []string       // of recipients; none: every one
	Text      string
	CutAt     []string
	Automatic bool
	Receipts  string // failed or all; empty: none
	Replies   bool
	Sender    sms.Sender
	Connector string
	Class     sms.Class
	Region    string
}

// client is one that the door knows.
type client struct {
	Client
	name   string
	secret string // of the API key that it logged in with; empty: it is of the configuration
	within gateway.Within
}

// actor stands in the timeline.
func (c *client) actor() sms.Actor { return sms.DoorActor(Format, c.name) }

// takes reports whether mail for a domain is the client's.
func (c *client) takes(domain string) bool {
	return len(c.Domains) == 0 || slices.ContainsFunc(c.Domains, func(d string) bool { return strings.EqualFold(d, domain) })
}

// near is how long the prefix is of the client's network that an address is of; -1: it is of none.
func (c *client) near(from netip.Addr) int {
	longest := -1
	for _, n := range c.Networks {
		if n.Contains(from) {
			longest = max(longest, n.Bits())
		}
	}
	return longest
}

// lists reports whether the address of a From line is among the client's.
func (c *client) lists(address string) bool {
	_, domain, _ := strings.Cut(address, "@")
	return slices.ContainsFunc(c.Senders, func(s string) bool {
		return strings.EqualFold(s, address) || strings.HasPrefix(s, "@") && strings.EqualFold(s[1:], domain)
	})
}

// ofKey is a client that is an API key of the gateway.
func ofKey(key *auth.Key, secret string) *client {
	return &client{
		Client: Client{Account: key.Account}, name: key.Name, secret: secret,
		within: gateway.Within{Connectors: key.Limits.Connectors, Senders: key.Limits.Senders},
	}
}

// nearest is the client at the nearest network of an address, among those that take a domain; nil: none.
func (p *port) nearest(from netip.Addr, domain string) (nearest *client) {
	best := -1
	for _, c := range p.clients {
		if near := c.near(from); near > best && c.takes(domain) {
			nearest, best = c, near
		}
	}
	return nearest
}

// provable is a client that takes a domain from whoever proves his From line; nil: none.
func (p *port) provable(domain string) *client {
	for _, c := range p.clients {
		if len(c.Senders) > 0 && c.takes(domain) {
			return c
		}
	}
	return nil
}
