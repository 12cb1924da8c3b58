package ovh

import (
	"maps"
	"slices"
	"time"

	"relais/config/section"
	"relais/reason"
	"relais/sms"
)

// Section says how an account answers clients of OVHcloud's SMS API.
type Section struct {
	Senders        []string      `toml:"senders" doc:"Senders that clients may use and see in the list of senders. Empty means any." example:"TownHall"`
	Credits        float64       `toml:"credits" doc:"Credits that are shown while those of the account's connector are not known."`
	ClockTolerance time.Duration `toml:"clock_tolerance" doc:"How far the clock of a client may be off."`
	BareNumbers    bool          `toml:"bare_numbers" doc:"Read 33639980001 as +33639980001. OVH wants + or 00."`
	ShadowHTTP2SMS string        `toml:"shadow_http2sms" doc:"Address of the http2sms that this gateway is to replace, without the path. The account's requests to http2sms go there and are compared; nothing is sent from here. Empty means that they are ours. Requests of OVH's API cannot be tried so: their signature covers the address." example:"https://www.ovh.com"`
	PublicURLs     []string      `toml:"public_urls" doc:"Addresses by which clients call the API, up to /1.0 or /v1 and with it, where a proxy changes the host or the path on the way: the signature of a call covers its address. public_url, and the host that a call names, are tried anyway." example:"https://sms.town.example/1.0"`
	Proxies        []string      `toml:"proxies" doc:"Networks of reverse proxies in front of the gateway, whose X-Forwarded-Host, -Prefix and -For are believed." example:"127.0.0.0/8"`
	Strict         bool          `toml:"strict" doc:"Refuse fields that OVH does not describe, as OVH does for some products, instead of passing them over."`
}

func defaults() *Section { return &Section{Credits: 1000, ClockTolerance: 3 * time.Minute} }

// Table is that of the accounts' settings.
func Table() section.Table {
	return section.Table{
		Key: "ovh",
		Doc: "How one account answers clients of OVHcloud's SMS API, by the account's name. An account " +
			"without a section has these defaults.",
		New: func() any { return defaults() },
		Lacks: map[string]reason.Code{
			"shadow": whyShadow,
		},
		Check: func(sections map[string]any, _ section.Rest) (found []section.Finding) {
			accounts := section.Of[Section](sections)
			for _, name := range slices.Sorted(maps.Keys(accounts)) {
				found = append(found, accounts[name].check(section.Path{name})...)
			}
			return found
		},
	}
}

// SectionOf is the section of an account, or the defaults where it has none.
func SectionOf(sections map[string]any, account string) *Section {
	if s, ok := sections[account].(*Section); ok {
		return s
	}
	return defaults()
}

func (s *Section) check(at section.Path) []section.Finding {
	tolerable := s.ClockTolerance > 0 && s.ClockTolerance <= time.Hour
	return section.Findings(at, []section.Judged{
		{Key: "shadow_http2sms", Wrong: section.WrongURL(s.ShadowHTTP2SMS)},
		{Key: "public_urls", Wrong: wrongURLs(s.PublicURLs)},
		{Key: "proxies", Wrong: section.WrongNetworks(s.Proxies)},
		{Key: "senders", Wrong: wrongSenders(s.Senders)},
		{Key: "credits", Wrong: section.Unless(s.Credits >= 0, whyCredits)},
		{Key: "clock_tolerance", Wrong: section.Unless(tolerable,
			whyClock)},
	})
}

func wrongURLs(texts []string) reason.Reason {
	for _, text := range texts {
		if wrong := section.WrongURL(text); !wrong.IsZero() || text == "" {
			return reason.Of(whyAddress, reason.Args{
				"text": section.Quoted(text), "example": section.Quoted("https://sms.town.example/1.0"),
			})
		}
	}
	return reason.Reason{}
}

func wrongSenders(senders []string) reason.Reason {
	for _, sender := range senders {
		if wrong := section.WrongSenderName(sender); !wrong.IsZero() {
			return reason.Of(whySender, reason.Args{
				"text": section.Quoted(sender), "most": reason.Count(sms.MaxSenderName),
			})
		}
	}
	return reason.Reason{}
}
