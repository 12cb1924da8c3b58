package config

import (
	"fmt"
	"maps"
	"regexp"
	"slices"
	"time"

	"relais/number"
)

var (
	// slugPattern is what Django takes for a slug.
	slugPattern = regexp.MustCompile(`^[A-Za-z0-9_-]{1,64}$`)
	// taken are the first words of our own addresses.
	taken = []string{"api", "v1", "docs", "callbacks", "passerelle", "cgi-bin", "healthz", "readyz", "metrics"}
)

// longestValidity is that of any message.
const longestValidity = 168 * time.Hour

func (c Config) checkPasserelles() []finding {
	var found []finding
	addresses := map[string]string{}
	for _, name := range slices.Sorted(maps.Keys(c.Passerelles)) {
		p, at := c.Passerelles[name], path{"passerelle", name}
		found = append(found, c.checkPasserelle(at, name, p)...)
		if old := p.Kind + "/" + p.SlugOr(name); p.Kind != "" {
			if other, twice := addresses[old]; twice {
				found = append(found, finding{at.to("kind"), fmt.Sprintf("the address /%s/send is that of [passerelle.%s] already; give one of them another kind or slug", old, other)})
			}
			addresses[old] = name
		}
	}
	return found
}

// SlugOr is the name in the old address.
func (p Passerelle) SlugOr(name string) string {
	if p.Slug != "" {
		return p.Slug
	}
	return name
}

func (c Config) checkPasserelle(at path, name string, p Passerelle) []finding {
	var found []finding
	if !slugPattern.MatchString(name) || slices.Contains(taken, name) {
		found = append(found, finding{at, "want 1 to 64 letters, digits, dashes and underscores, and no word of our own addresses such as api"})
	}
	found = append(found, findings(at, []judged{
		{"account", unless(p.Account != "", "want the name of an account")},
		{"connector", c.wrongConnector(p.Connector)},
		{"kind", unless(p.Kind == "" || slugPattern.MatchString(p.Kind) && !slices.Contains(taken, p.Kind), "want letters, digits, dashes and underscores, and no word of our own addresses")},
		{"slug", unless(p.Slug == "" || slugPattern.MatchString(p.Slug), "want 1 to 64 letters, digits, dashes and underscores")},
		{"families", wrongDoorFamilies(p.Families)},
		{"default_region", unless(p.DefaultRegion == "" || number.KnownRegion(p.DefaultRegion), `want a country in two capital letters, such as "FR"`)},
		{"max_length", outside(p.MaxLength, 10_000)},
		{"class", wrongClassOrNone(p.Class)},
		{"valid_for", unless(p.ValidFor == 0 || p.ValidFor >= time.Second && p.ValidFor <= longestValidity, "want 1s to 168h, or 0s for what the class allows")},
		{"shadow", wrongURL(p.Shadow)},
		{"proxies", wrongNetworks(p.Proxies)},
	})...)
	origs := map[string]string{}
	for _, id := range slices.Sorted(maps.Keys(p.Callers)) {
		caller, here := p.Callers[id], at.to("caller").to(id)
		found = append(found, checkCaller(here, caller)...)
		if other, twice := origs[caller.Orig]; twice && caller.Orig != "" {
			found = append(found, finding{here.to("orig"), "the caller " + other + " has it already; one name has one secret"})
		}
		origs[caller.Orig] = id
	}
	return found
}

func checkCaller(at path, caller PasserelleCaller) []finding {
	return findings(at, []judged{
		{"kind", wrongWord(caller.Kind, "signature", "apikey", "basic", "open")},
		{"secret", unless(caller.Secret != "" || caller.Kind == "open", "want a secret, or the kind open")},
		{"orig", unless(caller.Orig != "" || caller.Kind != "signature", "want the host name that the caller gives as orig")},
		{"username", unless(caller.Username != "" || caller.Kind != "basic", "want a user name")},
		{"addresses", wrongNetworks(caller.Addresses)},
	})
}

func wrongDoorFamilies(families []string) string {
	if len(families) == 0 {
		return "want at least one family; all lets everything through"
	}
	for _, family := range families {
		if wrong := wrongWord(family, "fr-metro", "fr-domtom", "be", "all"); wrong != "" {
			return wrong
		}
	}
	return ""
}
