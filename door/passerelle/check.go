package passerelle

import (
	"fmt"
	"maps"
	"regexp"
	"slices"
	"time"

	"relais/config/section"
)

var (
	// slugPattern is what Django takes for a slug.
	slugPattern = regexp.MustCompile(`^[A-Za-z0-9_-]{1,64}$`)
	// taken are the first words of our own addresses.
	taken = []string{"api", "v1", "docs", "callbacks", "passerelle", "cgi-bin", "healthz", "readyz", "metrics"}
)

// longestValidity is that of any message.
const longestValidity = 168 * time.Hour

func check(sections map[string]any, rest section.Rest) (found []section.Finding) {
	instances, addresses := section.Of[Section](sections), map[string]string{}
	for _, name := range slices.Sorted(maps.Keys(instances)) {
		s, at := instances[name], section.Path{name}
		found = append(found, s.check(at, name, rest)...)
		if old := s.Kind + "/" + s.slugOr(name); s.Kind != "" {
			if other, twice := addresses[old]; twice {
				found = append(found, section.Finding{At: at.To("kind"), Detail: fmt.Sprintf(
					"the address /%s/send is that of [passerelle.%s] already; give one of them another kind or slug", old, other)})
			}
			addresses[old] = name
		}
	}
	return found
}

func (s *Section) check(at section.Path, name string, rest section.Rest) (found []section.Finding) {
	if !slugPattern.MatchString(name) || slices.Contains(taken, name) {
		found = append(found, section.Finding{At: at, Detail: "want 1 to 64 letters, digits, dashes and underscores, " +
			"and no word of our own addresses such as api"})
	}
	found = append(found, section.Findings(at, []section.Judged{
		{Key: "account", Wrong: section.WrongAccount(s.Account)},
		{Key: "connector", Wrong: rest.WrongConnector(s.Connector)},
		{Key: "kind", Wrong: section.Unless(s.Kind == "" || slugPattern.MatchString(s.Kind) && !slices.Contains(taken, s.Kind),
			"want letters, digits, dashes and underscores, and no word of our own addresses")},
		{Key: "slug", Wrong: section.Unless(s.Slug == "" || slugPattern.MatchString(s.Slug),
			"want 1 to 64 letters, digits, dashes and underscores")},
		{Key: "families", Wrong: wrongFamilies(s.Families)},
		{Key: "default_region", Wrong: section.WrongRegion(s.DefaultRegion)},
		{Key: "max_length", Wrong: section.Outside(s.MaxLength, 10_000)},
		{Key: "class", Wrong: section.WrongClassOrNone(s.Class)},
		{Key: "valid_for", Wrong: section.Unless(s.ValidFor == 0 || s.ValidFor >= time.Second && s.ValidFor <= longestValidity,
			"want 1s to 168h, or 0s for what the class allows")},
		{Key: "shadow", Wrong: section.WrongURL(s.Shadow)},
		{Key: "proxies", Wrong: section.WrongNetworks(s.Proxies)},
	})...)
	return append(found, s.checkCallers(at.To("caller"))...)
}

func (s *Section) checkCallers(at section.Path) (found []section.Finding) {
	origs := map[string]string{}
	for _, id := range slices.Sorted(maps.Keys(s.Callers)) {
		caller, here := s.Callers[id], at.To(id)
		found = append(found, caller.check(here)...)
		if other, twice := origs[caller.Orig]; twice && caller.Orig != "" {
			found = append(found, section.Finding{
				At: here.To("orig"), Detail: "the caller " + other + " has it already; one name has one secret",
			})
		}
		origs[caller.Orig] = id
	}
	return found
}

func (c CallerSection) check(at section.Path) []section.Finding {
	return section.Findings(at, []section.Judged{
		{Key: "kind", Wrong: section.WrongWord(c.Kind, "signature", "apikey", "basic", "open")},
		{Key: "secret", Wrong: section.Unless(c.Secret != "" || c.Kind == "open", "want a secret, or the kind open")},
		{Key: "orig", Wrong: section.Unless(c.Orig != "" || c.Kind != "signature",
			"want the host name that the caller gives as orig")},
		{Key: "username", Wrong: section.Unless(c.Username != "" || c.Kind != "basic", "want a user name")},
		{Key: "addresses", Wrong: section.WrongNetworks(c.Addresses)},
	})
}

func wrongFamilies(families []string) string {
	if len(families) == 0 {
		return "want at least one family; all lets everything through"
	}
	for _, family := range families {
		if wrong := section.WrongWord(family, "fr-metro", "fr-domtom", "be", "all"); wrong != "" {
			return wrong
		}
	}
	return ""
}
