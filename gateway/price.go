package gateway

import (
	"slices"

	"relais/number"
	"relais/sms"
)

// Currency is the one of all amounts, in ISO 4217.
func (g *Gateway) Currency() string { return g.currency }

// priceOf is what a message of some segments costs by a lane; 0: not known.
func (g *Gateway) priceOf(l *lane, n number.Parsed, segments int) sms.Money {
	segment, _ := l.prices.segment(n)
	return segment * sms.Money(segments)
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

// segmentTo is the price of a segment to a place, whose decision it tells.
func (g *Gateway) segmentTo(p place, r *Result) sms.Money {
	segment, decisions := g.lanes[p.connector].prices.segment(number.Parsed{Country: p.country, Family: p.family})
	for _, d := range decisions {
		if !slices.Contains(r.Common, d) {
			r.Common = append(r.Common, d)
		}
	}
	return segment
}

// priceAgain gives a message that was made of another, and goes by another
// connector, the price there.
func (g *Gateway) priceAgain(d *Draft) {
	d.Price = 0
	n, err := number.ParseSpecial(string(d.To), "")
	if err != nil { // a pseudonym stands for it
		return
	}
	segment, decisions := g.lanes[d.Connector].prices.segment(n)
	d.Price = segment * sms.Money(d.Segments)
	d.Decisions = append(d.Decisions, decisions...)
}

// segment is the price of one segment to a number, and the decision that tells it:
// none where there is no tariff.
func (p *prices) segment(n number.Parsed) (sms.Money, []Decision) {
	if p.none() {
		return 0, nil
	}
	t := p.of(n.Country)
	price, destination, _ := t.Segment(n)
	english, french := t.Sentence(destination)
	return price, decided("price", english, french)
}
