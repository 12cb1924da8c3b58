package config

import (
	"fmt"
	"maps"
	"slices"
	"time"

	"relais/sms"
)

// OVH says how an account answers clients of OVHcloud's SMS API.
type OVH struct {
	Senders        []string      `toml:"senders" doc:"Senders that clients may use and see in the list of senders. Empty means any." example:"TownHall"`
	Credits        float64       `toml:"credits" doc:"Credits that are shown while those of the account's connector are not known."`
	ClockTolerance time.Duration `toml:"clock_tolerance" doc:"How far the clock of a client may be off."`
	BareNumbers    bool          `toml:"bare_numbers" doc:"Read 33639980001 as +33639980001. OVH wants + or 00."`
	ShadowHTTP2SMS string        `toml:"shadow_http2sms" doc:"Address of the http2sms that this gateway is to replace, without the path. The account's requests to http2sms go there and are compared; nothing is sent from here. Empty means that they are ours. Requests of OVH's API cannot be tried so: their signature covers the address." example:"https://www.ovh.com"`
	PublicURLs     []string      `toml:"public_urls" doc:"Addresses by which clients call the API, up to /1.0 or /v1 and with it, where a proxy changes the host or the path on the way: the signature of a call covers its address. public_url, and the host that a call names, are tried anyway." example:"https://sms.town.example/1.0"`
	Proxies        []string      `toml:"proxies" doc:"Networks of reverse proxies in front of the gateway, whose X-Forwarded-Host, -Prefix and -For are believed." example:"127.0.0.0/8"`
	Strict         bool          `toml:"strict" doc:"Refuse fields that OVH does not describe, as OVH does for some products, instead of passing them over."`
}

func defaultOVH() OVH { return OVH{Credits: 1000, ClockTolerance: 3 * time.Minute} }

// OVH returns the section of the named account, or the defaults where it has
// none.
func (c Config) OVH(account string) OVH {
	if o, ok := c.OVHClients[account]; ok {
		return o
	}
	return defaultOVH()
}

func (c Config) checkOVH() []finding {
	var found []finding
	for _, name := range slices.Sorted(maps.Keys(c.OVHClients)) {
		at, o := path{"ovh", name}, c.OVHClients[name]
		found = append(found, findings(at, []judged{
			{"shadow_http2sms", wrongURL(o.ShadowHTTP2SMS)},
			{"public_urls", wrongURLs(o.PublicURLs)},
			{"proxies", wrongNetworks(o.Proxies)},
			{"senders", wrongSenders(o.Senders)},
			{"credits", unless(o.Credits >= 0, "want zero or more")},
			{"clock_tolerance", unless(o.ClockTolerance > 0 && o.ClockTolerance <= time.Hour, "want a duration above zero, at most 1h: a signature can be used again that long")},
		})...)
	}
	return found
}

func wrongSenders(senders []string) string {
	for _, sender := range senders {
		if wrong := wrongSender(sender); wrong != "" || sender == "" {
			return fmt.Sprintf("%q is no sender: want names of at most %d characters without accents, short codes or numbers", sender, sms.MaxSenderName)
		}
	}
	return ""
}
