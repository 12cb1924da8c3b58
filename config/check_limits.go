package config

import (
	"fmt"
	"slices"
	"strings"

	"relais/config/section"
	"relais/number"
	"relais/sms"
)

// The judgements of this file are about what accounts may send, and how much.

func wrongAccountFamilies(families []string) string {
	if slices.Contains(families, number.All) {
		return section.Unless(len(families) == 1, "all holds every family; leave the others out, or leave out all")
	}
	for _, f := range families {
		if family, ok := frenchFamily[f]; ok {
			return fmt.Sprintf("%q is no family: its numbers are in %s", f, family)
		}
	}
	return wrongFamilies(families)
}

// frenchFamily names the family of the countries that have none of their own.
var frenchFamily = map[string]string{
	"fr": number.FRMetro, "re": number.FROverseas, "yt": number.FROverseas, "gp": number.FROverseas, "mf": number.FROverseas,
	"bl": number.FROverseas, "gf": number.FROverseas, "mq": number.FROverseas, "pm": number.FROverseas, "nc": number.FROverseas,
	"pf": number.FROverseas, "wf": number.FROverseas,
}

func wrongLines(lines string) string {
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
		{Key: "outside", Wrong: section.Unless(len(q.Family) == 0 || len(q.Outside) == 0, "family says already which numbers count; leave one of the two out")},
		{Key: "per", Wrong: section.WrongWord(q.Per, quotaPers...)},
		{Key: "every", Wrong: section.WrongWord(q.Every, quotaPeriods...)},
		{Key: "every", Wrong: section.Unless(!byRecipient || q.Every != "month", "want minute, hour or day: the messages of one number are counted over a day at most")},
		{Key: "messages", Wrong: section.Unless(q.Messages >= 0 && q.Segments >= 0, "want a number of messages or of segments, 0 for any")},
		{Key: "messages", Wrong: section.Unless(q.Messages != 0 || q.Segments != 0 || q.Money != "", "want a number of messages, of segments, or an amount of money; several may stand together")},
		{Key: "segments", Wrong: section.Unless(!byRecipient || q.Segments == 0, "the messages of one number are counted, not their segments; leave it out")},
		{Key: "money", Wrong: wrongAmount(q.Money)},
		{Key: "money", Wrong: section.Unless(!byRecipient || q.Money == "", "the messages of one number are counted, not what they cost; leave it out")},
		{Key: "messages", Wrong: section.Unless(!byRecipient || q.Messages <= mostRepeats, fmt.Sprintf("want %d or less for one number", mostRepeats))},
	})
}

func wrongAmount(text string) string {
	if text == "" {
		return ""
	}
	amount, err := sms.ParseMoney(text)
	if err != nil {
		return err.Error()
	}
	return section.Unless(amount > 0, "want more than 0; leave it out for any amount")
}

// mostRepeats bounds how many messages of a number are read to count them.
const mostRepeats = 1000

// quotasWithoutPrices warns of quotas in money that some connectors pass by: a request
// may name the connector by which it goes.
func (c Config) quotasWithoutPrices() (remarks []string) {
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
			remarks = append(remarks, fmt.Sprintf("quota.%s: no connector has a tariff, so that no message has a price and money counts nothing; give one a tariff, or bound messages or segments", q.Name))
		case len(free) > 0 && q.Messages == 0 && q.Segments == 0:
			remarks = append(remarks, fmt.Sprintf("quota.%s: messages through %s have no price, so that money does not bound them; give each connector a tariff, or bound messages or segments too",
				q.Name, strings.Join(free, " and ")))
		}
	}
	return remarks
}
