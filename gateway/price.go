package gateway

import (
	"slices"
	"strings"

	"relais/number"
	"relais/sms"
	"relais/tariff"
)

// Currency is the one of all amounts, in ISO 4217.
func (g *Gateway) Currency() string { return g.currency }

// priceOf is what a message of some segments costs by a lane; 0: not known.
func (g *Gateway) priceOf(l *lane, n number.Parsed, segments int) sms.Money {
	price, _, _ := l.prices.of(n.Country).Segment(n)
	return price * sms.Money(segments)
}

// place is where some of a submission's messages go, and by which connector: they
// have one price.
type place struct{ connector, country, family string }

// price puts the price on every message, and tells once for each destination by
// which tariff. It is worked out once for each place.
func (g *Gateway) price(r *Result) {
	known := map[place]sms.Money{}
	var last place
	var segment sms.Money
	for i := range r.Messages {
		m := &r.Messages[i]
		here := place{m.Connector, m.country, m.family}
		if here != last {
			var worked bool
			if segment, worked = known[here]; !worked {
				segment = g.segmentTo(here, r)
				known[here] = segment
			}
			last = here
		}
		m.Price = segment * sms.Money(m.Segments)
	}
}

// segmentTo is the price of a segment to a place, with its decision.
func (g *Gateway) segmentTo(p place, r *Result) sms.Money {
	prices := g.lanes[p.connector].prices
	if prices.none() {
		return 0
	}
	t := prices.of(p.country)
	price, destination, _ := t.Segment(number.Parsed{Country: p.country, Family: p.family})
	if decision := decidePrice(t, price, destination); !slices.Contains(r.Common, decision) {
		r.Common = append(r.Common, decision)
	}
	return price
}

func decidePrice(t *tariff.Table, price sms.Money, destination string) Decision {
	english, french := destination, destination
	switch destination {
	case number.All:
		english, french = "any other destination", "toute autre destination"
	case "": // a country code that several share, in a block that nobody tells
		english, french = "a place that the number does not tell", "un lieu que le numéro ne dit pas"
	}
	english, french = "A segment to "+english, "Un segment vers "+french
	switch {
	case t == nil:
		english += " has no known price yet: the operator has not told it."
		french += " n'a pas encore de prix connu : l'opérateur ne l'a pas indiqué."
	case price == 0:
		english += " has no price in " + t.Label() + "."
		french += " n'a pas de prix dans " + t.French() + "."
	default:
		english += " costs " + price.String() + " " + t.Currency + " by " + t.Label() + "."
		french += " coûte " + comma(price) + " " + t.Currency + " d'après " + t.French() + "."
	}
	return Decision{Code: "price", Detail: english, French: french}
}

// comma writes an amount as French does.
func comma(m sms.Money) string { return strings.Replace(m.String(), ".", ",", 1) }
