package config

import (
	"maps"
	"slices"
	"strings"
	"time"

	"relais/config/section"
	"relais/number"
	"relais/reason"
	"relais/sms"
)

// The judgements of this file are about what accounts may send, by which senders, and how much.

func wrongAccountFamilies(families []string) reason.Reason {
	if slices.Contains(families, number.All) {
		return section.Unless(len(families) == 1, whyAllFamilies)
	}
	for _, f := range families {
		if family, ok := frenchFamily[f]; ok {
			return reason.Of(
				whyNoFamily, reason.Args{"word": section.Quoted(f), "family": reason.Name(family)},
			)
		}
	}
	return wrongFamilies(families)
}

// frenchFamily names the family of the countries that have none of their own.
var frenchFamily = map[string]string{
	"fr": number.FRMetro, "re": number.FROverseas, "yt": number.FROverseas, "gp": number.FROverseas,
	"mf": number.FROverseas,
	"bl": number.FROverseas, "gf": number.FROverseas, "mq": number.FROverseas, "pm": number.FROverseas,
	"nc": number.FROverseas,
	"pf": number.FROverseas, "wf": number.FROverseas,
}

func wrongLines(lines string) reason.Reason {
	var valid []string
	for _, l := range number.AllLines {
		valid = append(valid, string(l))
	}
	return section.WrongWord(lines, valid...)
}

var (
	quotaPers    = []string{"account", "key", "country", "new_country", "recipient", "text"}
	quotaPeriods = []string{"minute", "hour", "day", "month"}
)

func (q Quota) check() []section.Finding {
	byRecipient := q.Per == "recipient" || q.Per == "text"
	at := path{"quota", q.Name}
	return section.Findings(at, []section.Judged{
		{Key: "class", Wrong: wrongClasses(q.Class)},
		{Key: "family", Wrong: wrongFamilies(q.Family)},
		{Key: "outside", Wrong: wrongFamilies(q.Outside)},
		{Key: "outside", Wrong: section.Unless(len(q.Family) == 0 || len(q.Outside) == 0, whyQuotaOutside)},
		{Key: "per", Wrong: section.WrongWord(q.Per, quotaPers...)},
		{Key: "every", Wrong: section.WrongWord(q.Every, quotaPeriods...)},
		{Key: "every", Wrong: section.Unless(!byRecipient || q.Every != "month", whyQuotaEvery)},
		{Key: "messages", Wrong: section.Unless(q.Messages >= 0 && q.Segments >= 0, whyQuotaNegative)},
		{Key: "messages", Wrong: section.Unless(q.Messages != 0 || q.Segments != 0 || q.Money != "",
			whyQuotaNothing)},
		{Key: "segments", Wrong: section.Unless(!byRecipient || q.Segments == 0, whyQuotaSegments)},
		{Key: "money", Wrong: wrongAmount(q.Money)},
		{Key: "money", Wrong: section.Unless(!byRecipient || q.Money == "", whyQuotaMoney)},
		{Key: "messages", Wrong: section.UnlessWith(!byRecipient || q.Messages <= mostRepeats,
			whyQuotaRepeats, reason.Args{"most": reason.Count(mostRepeats)})},
	})
}

func wrongAmount(text string) reason.Reason {
	if text == "" {
		return reason.Reason{}
	}
	amount, err := sms.ParseMoney(text)
	if err != nil {
		return reason.Of(whyAmount, nil)
	}
	return section.Unless(amount > 0, whyAmountZero)
}

// wrongApprovePrice is wrongAmount; an amount of 0 would be read as none.
func wrongApprovePrice(text string) reason.Reason {
	wrong := wrongAmount(text)
	if wrong.Code == whyAmountZero {
		return reason.Of(whyApprovePrice, nil)
	}
	return wrong
}

// mostRepeats bounds how many messages of a number are read to count them.
const mostRepeats = 1000

// quotasWithoutPrices warns of quotas in money that some connectors pass by: a request
// may name the connector by which it goes.
func (c Config) quotasWithoutPrices() (remarks []reason.Reason) {
	var free []string
	for _, conn := range c.Connectors {
		if conn.Tariff == "" {
			free = append(free, conn.Name)
		}
	}
	for _, q := range c.Quotas {
		switch {
		case q.Money == "":
		case len(free) == len(c.Connectors):
			remarks = append(remarks, reason.Of(whyQuotaWithoutPrices,
				reason.Args{"quota": reason.Name(q.Name)}))
		case len(free) > 0 && q.Messages == 0 && q.Segments == 0:
			remarks = append(remarks, reason.Of(whyQuotaWithoutSomePrices, reason.Args{
				"quota": reason.Name(q.Name), "connectors": reason.List(reason.Names(free)),
			}))
		}
	}
	return remarks
}

// leastWord keeps a word from being in every name.
const leastWord = 2

func wrongWordsOfSenders(words []string) reason.Reason {
	for _, w := range words {
		if len(w) < leastWord || strings.ContainsFunc(w, func(r rune) bool { return r > '~' || r <= ' ' }) {
			return reason.Of(whySenderWords, reason.Args{"least": reason.Count(leastWord)})
		}
	}
	return reason.Reason{}
}

func (a Account) checkSenders(at path) []section.Finding {
	var found []section.Finding
	for _, name := range slices.Sorted(maps.Keys(a.Senders)) {
		s, here := a.Senders[name], at.To("sender").To(name)
		if wrong := section.WrongSenderName(name); !wrong.IsZero() {
			found = append(found, section.Finding{At: here, Wrong: wrong})
		}
		found = append(found, section.Findings(here, []section.Judged{
			{Key: "valid_from", Wrong: wrongDate(s.ValidFrom)},
			{Key: "valid_until", Wrong: wrongDate(s.ValidUntil)},
			{Key: "valid_until", Wrong: section.Unless(s.ValidFrom == "" || s.ValidUntil == "" ||
				s.ValidFrom <= s.ValidUntil, whySenderEnds)},
		})...)
	}
	return found
}

func wrongDate(text string) reason.Reason {
	if text == "" {
		return reason.Reason{}
	}
	_, err := time.Parse(time.DateOnly, text)
	return section.Unless(err == nil, whyDay)
}
