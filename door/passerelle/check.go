package passerelle

import (
	"maps"
	"regexp"
	"slices"
	"time"

	"relais/config/section"
	"relais/reason"
)

var (
	// slugPattern is what Django takes for a slug.
	slugPattern = regexp.MustCompile(`^[A-Za-z0-9_-]{1,64}$`)
	// taken are the first words of our own addresses.
	taken = []string{
		"api", "v1", "docs", "callbacks", "passerelle", "cgi-bin", "healthz", "readyz", "metrics",
	}
)

// leastCampaign is the least number of recipients that a campaign is made of: a form that writes
// to a few people wants their messages in the answer.
const leastCampaign = 20

// longestValidity is that of any message.
const longestValidity = 168 * time.Hour

func check(sections map[string]any, rest section.Rest) (found []section.Finding) {
	instances, addresses := section.Of[Section](sections), map[string]string{}
	for _, name := range slices.Sorted(maps.Keys(instances)) {
		s, at := instances[name], section.Path{name}
		found = append(found, s.check(at, name, rest)...)
		if old := s.Kind + "/" + s.slugOr(name); s.Kind != "" {
			if other, twice := addresses[old]; twice {
				found = append(found, section.Finding{At: at.To("kind"), Wrong: reason.Of(whyTwice, reason.Args{
					"old": reason.Name(old), "other": reason.Name(other),
				})})
			}
			addresses[old] = name
		}
	}
	return found
}

func (s *Section) check(at section.Path, name string, rest section.Rest) (found []section.Finding) {
	if !slugPattern.MatchString(name) || slices.Contains(taken, name) {
		found = append(found, section.Finding{At: at, Wrong: reason.Of(whyName, nil)})
	}
	found = append(found, section.Findings(at, []section.Judged{
		{Key: "account", Wrong: section.WrongAccount(s.Account)},
		{Key: "connector", Wrong: rest.WrongConnector(s.Connector)},
		{Key: "kind", Wrong: section.Unless(s.Kind == "" || slugPattern.MatchString(s.Kind) &&
			!slices.Contains(taken, s.Kind),
			whyKind)},
		{Key: "slug", Wrong: section.Unless(s.Slug == "" || slugPattern.MatchString(s.Slug),
			whySlug)},
		{Key: "families", Wrong: wrongFamilies(s.Families)},
		{Key: "default_region", Wrong: section.WrongRegionOrNone(s.DefaultRegion)},
		{Key: "max_length", Wrong: section.Outside(s.MaxLength, 10_000)},
		{Key: "campaign_from", Wrong: section.UnlessWith(s.CampaignFrom == 0 ||
			s.CampaignFrom >= leastCampaign && s.CampaignFrom <= mostRecipients, whyCampaign, reason.Args{
			"least": reason.Count(leastCampaign), "most": reason.Count(mostRecipients),
		})},
		{Key: "class", Wrong: section.WrongClassOrNone(s.Class)},
		{Key: "valid_for", Wrong: section.Unless(s.ValidFor == 0 || s.ValidFor >= time.Second &&
			s.ValidFor <= longestValidity,
			whyValidity)},
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
				At: here.To("orig"), Wrong: reason.Of(whyOrigTwice, reason.Args{"other": reason.Name(other)}),
			})
		}
		origs[caller.Orig] = id
	}
	return found
}

func (c CallerSection) check(at section.Path) []section.Finding {
	return section.Findings(at, []section.Judged{
		{Key: "kind", Wrong: section.WrongWord(c.Kind, "signature", "apikey", "basic", "open")},
		{Key: "secret", Wrong: section.Unless(c.Secret != "" || c.Kind == "open", whySecret)},
		{Key: "orig", Wrong: section.Unless(c.Orig != "" || c.Kind != "signature",
			whyOrig)},
		{Key: "username", Wrong: section.Unless(c.Username != "" || c.Kind != "basic", whyUsername)},
		{Key: "addresses", Wrong: section.WrongNetworks(c.Addresses)},
	})
}

func wrongFamilies(families []string) reason.Reason {
	if len(families) == 0 {
		return reason.Of(whyFamilies, nil)
	}
	for _, family := range families {
		if wrong := section.WrongWord(family, "fr-metro", "fr-domtom", "be", "all"); !wrong.IsZero() {
			return wrong
		}
	}
	return reason.Reason{}
}
