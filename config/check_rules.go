package config

import (
	"fmt"
	"regexp"
	"slices"
	"strings"
	"time"

	"relais/config/section"
	"relais/number"
	"relais/sms"
)

// The judgements of this file are about routes and rules of replies.

func (c Config) checkRoute(r Route) []section.Finding {
	return section.Findings(path{"route", r.Name}, []section.Judged{
		{Key: "connectors", Wrong: section.Unless(len(r.Connectors) > 0, "missing; name at least one connector")},
		{Key: "connectors", Wrong: c.wrongConnectors(r.Connectors)},
		{Key: "weights", Wrong: wrongWeights(r)},
		{Key: "family", Wrong: wrongFamilies(r.Family)},
		{Key: "country", Wrong: wrongCountries(r.Country)},
		{Key: "class", Wrong: wrongClasses(r.Class)},
		{Key: "second_chance", Wrong: section.Unless(r.SecondChance == 0 || r.SecondChance >= 5*time.Second && r.SecondChance <= time.Hour, "want 0s for never, or from 5s to 1h")},
		{Key: "second_chance", Wrong: section.Unless(r.SecondChance == 0 || len(r.Connectors) > 1, "a second chance needs a second connector")},
	})
}

func (c Config) wrongConnectors(names []string) string {
	for i, name := range names {
		if name == "" || slices.Contains(names[:i], name) {
			return fmt.Sprintf("item %d is empty or there twice", i+1)
		}
		if wrong := c.WrongConnector(name); wrong != "" {
			return wrong
		}
	}
	return ""
}

func wrongWeights(r Route) string {
	if len(r.Weights) == 0 {
		return ""
	}
	total := 0
	for _, w := range r.Weights {
		if w < 0 || w > 1_000_000 {
			return "want whole numbers from 0 to 1000000"
		}
		total += w
	}
	if len(r.Weights) != len(r.Connectors) {
		return fmt.Sprintf("%d weights for %d connectors", len(r.Weights), len(r.Connectors))
	}
	return section.Unless(total > 0, "want at least one weight above 0")
}

func wrongFamilies(families []string) string {
	for _, f := range families {
		if f != number.FRMetro && f != number.FROverseas && (f != strings.ToLower(f) || !number.KnownRegion(strings.ToUpper(f))) {
			return fmt.Sprintf("%q is none of fr-metro, fr-overseas, nor a country in lower case", f)
		}
	}
	return ""
}

func wrongCountries(countries []string) string {
	for _, c := range countries {
		if !number.KnownRegion(c) {
			return fmt.Sprintf(`%q is no country in two capital letters, such as "FR"`, c)
		}
	}
	return ""
}

func wrongClasses(classes []sms.Class) string {
	for _, class := range classes {
		if wrong := section.WrongClass(class); wrong != "" {
			return wrong
		}
	}
	return ""
}

func (c Config) checkReply(r Reply) []section.Finding {
	_, err := regexp.Compile(r.Pattern)
	return section.Findings(path{"reply", r.Name}, []section.Judged{
		{Key: "webhook", Wrong: section.Unless(r.Webhook != "" || r.Text != "", "missing; a rule needs a webhook or a text")},
		{Key: "webhook", Wrong: section.Unless(r.Webhook == "" || strings.HasPrefix(r.Webhook, "http://") || strings.HasPrefix(r.Webhook, "https://"), "want an address such as https://forms.town.example/sms")},
		{Key: "pattern", Wrong: section.Unless(err == nil, "want a regular expression in the syntax of RE2, best in single quotes")},
		{Key: "connector", Wrong: c.wrongConnectors(r.Connector)},
		{Key: "keyword", Wrong: section.Unless(!slices.ContainsFunc(r.Keyword, func(k string) bool { return strings.TrimSpace(k) == "" }), "an item is empty")},
	})
}
