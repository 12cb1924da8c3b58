package tariff

import (
	"fmt"
	"time"

	"relais/number"
	"relais/reason"
	"relais/sms"
)

// Codes of prices.
const (
	CodePrice reason.Code = "price"

	codeNotTold reason.Code = "price/not_told"
	codeNone    reason.Code = "price/none"

	phraseTo        reason.Code = "words/segment_to"
	phraseElsewhere reason.Code = "words/segment_elsewhere"
	phraseNowhere   reason.Code = "words/segment_nowhere"
	phraseTold      reason.Code = "words/tariff_told"
)

// ready makes the reasons of all prices: every message that is accepted has one.
func (t *Table) ready() *Table {
	t.reasons = make(map[string]reason.Reason, len(t.segment))
	for destination, price := range t.segment {
		t.reasons[destination] = t.reason(destination, price)
	}
	return t
}

// Reason says what a segment costs to a destination that Segment returned, and by which
// tariff. A nil table is an operator's that was not told yet.
func (t *Table) Reason(destination string) reason.Reason {
	if t != nil {
		if known, ok := t.reasons[destination]; ok {
			return known
		}
	}
	return t.reason(destination, 0)
}

func (t *Table) reason(destination string, price sms.Money) reason.Reason {
	args := reason.Args{"segment": segmentTo(destination)}
	if t == nil {
		return reason.Of(codeNotTold, args)
	}
	args["tariff"] = t.phrase()
	if price == 0 {
		return reason.Of(codeNone, args)
	}
	args["price"] = reason.Money{Amount: price.String(), Currency: t.Currency}
	return reason.Of(CodePrice, args)
}

// segmentTo names a segment by where it goes.
func segmentTo(destination string) reason.Reason {
	switch destination {
	case number.All:
		return reason.Of(phraseElsewhere, nil)
	case "": // a country code that several share, in a block that nobody tells
		return reason.Of(phraseNowhere, nil)
	default:
		return reason.Of(phraseTo, reason.Args{"destination": reason.Name(destination)})
	}
}

// phrase names the tariff in a sentence.
func (t *Table) phrase() reason.Arg {
	if t.told {
		return reason.Of(phraseTold, reason.Args{"day": reason.Name(t.Since.Format(time.DateOnly))})
	}
	return reason.Name(t.Label())
}

// Label names a tariff of a file.
func (t *Table) Label() string { return fmt.Sprintf("%s (version %d)", t.Name, t.Version) }
