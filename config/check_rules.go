package config

import (
	"regexp"
	"slices"
	"strings"
	"time"

	"relais/config/section"
	"relais/number"
	"relais/reason"
	"relais/sms"
)

// The judgements of this file are about routes and rules of replies.

func (c Config) checkRoute(r Route) []section.Finding {
	return section.Findings(path{"route", r.Name}, []section.Judged{
		{Key: "connectors", Wrong: section.Unless(len(r.Connectors) > 0, whyRouteConnectors)},
		{Key: "connectors", Wrong: c.wrongConnectors(r.Connectors)},
		{Key: "weights", Wrong: wrongWeights(r)},
		{Key: "family", Wrong: wrongFamilies(r.Family)},
		{Key: "country", Wrong: wrongCountries(r.Country)},
		{Key: "class", Wrong: wrongClasses(r.Class)},
		{Key: "second_chance", Wrong: section.Unless(r.SecondChance == 0 || r.SecondChance >= 5*time.Second &&
			r.SecondChance <= time.Hour, whySecondChance)},
		{Key: "second_chance", Wrong: section.Unless(r.SecondChance == 0 || len(r.Connectors) > 1,
			whySecondConnector)},
	})
}

func (c Config) wrongConnectors(names []string) reason.Reason {
	for i, name := range names {
		if name == "" || slices.Contains(names[:i], name) {
			return reason.Of(whyItemTwice, reason.Args{"item": reason.Count(i + 1)})
		}
		if wrong := c.WrongConnector(name); !wrong.IsZero() {
			return wrong
		}
	}
	return reason.Reason{}
}

func wrongWeights(r Route) reason.Reason {
	if len(r.Weights) == 0 {
		return reason.Reason{}
	}
	total := 0
	for _, w := range r.Weights {
		if w < 0 || w > 1_000_000 {
			return reason.Of(whyWeights, nil)
		}
		total += w
	}
	if len(r.Weights) != len(r.Connectors) {
		return reason.Of(whyWeightsCount, reason.Args{
			"weights": reason.Count(len(r.Weights)), "connectors": reason.Count(len(r.Connectors)),
		})
	}
	return section.Unless(total > 0, whyWeightsZero)
}

func wrongFamilies(families []string) reason.Reason {
	for _, f := range families {
		if f != number.FRMetro && f != number.FROverseas &&
			(f != strings.ToLower(f) || !number.KnownRegion(strings.ToUpper(f))) {
			return reason.Of(whyFamily, reason.Args{"word": section.Quoted(f)})
		}
	}
	return reason.Reason{}
}

func wrongCountries(countries []string) reason.Reason {
	for _, c := range countries {
		if !number.KnownRegion(c) {
			return reason.Of(whyCountry, reason.Args{"word": section.Quoted(c)})
		}
	}
	return reason.Reason{}
}

func wrongClasses(classes []sms.Class) reason.Reason {
	for _, class := range classes {
		if wrong := section.WrongClass(class); !wrong.IsZero() {
			return wrong
		}
	}
	return reason.Reason{}
}

func (c Config) checkReply(r Reply) []section.Finding {
	_, err := regexp.Compile(r.Pattern)
	return section.Findings(path{"reply", r.Name}, []section.Judged{
		{Key: "webhook", Wrong: section.Unless(r.Webhook != "" || r.Text != "", whyReplyDoesNothing)},
		{Key: "webhook", Wrong: section.Unless(r.Webhook == "" || strings.HasPrefix(r.Webhook, "http://") ||
			strings.HasPrefix(r.Webhook, "https://"), whyReplyWebhook)},
		{Key: "pattern", Wrong: section.Unless(err == nil, whyPattern)},
		{Key: "connector", Wrong: c.wrongConnectors(r.Connector)},
		{Key: "keyword", Wrong: section.Unless(!slices.ContainsFunc(r.Keyword,
			func(k string) bool { return strings.TrimSpace(k) == "" }), whyItemEmpty)},
	})
}
