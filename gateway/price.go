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

func (d *Draft) place() place { return place{d.Connector, d.country, d.family} }

// priced is the price of one segment to a place, and what is told of it.
type priced struct {
	segment   sms.Money
	decisions []Decision
}

// price puts the price on every message, and tells by which tariff: once where they
// all go to one place. It is worked out once for each place.
func (g *Gateway) price(r *Result) {
	known := map[place]priced{}
	var last place
	var now priced
	for i := range r.Messages {
		m := &r.Messages[i]
		here := m.place()
		if here != last {
			var worked bool
			if now, worked = known[here]; !worked {
				now.segment, now.decisions = g.lanes[here.connector].prices.segment(number.Parsed{Country: here.country, Family: here.family})
				known[here] = now
			}
			last = here
		}
		m.Price = now.segment * sms.Money(m.Segments)
	}
	if len(known) == 1 {
		r.Common = append(r.Common, now.decisions...)
		return
	}
	for i := range r.Messages {
		m := &r.Messages[i]
		m.Decisions = slices.Concat(m.Decisions, known[m.place()].decisions)
	}
}

// priceAt is what a message costs where another connector sends it, with the STOP
// clause of that one; 0: not known.
func (g *Gateway) priceAt(connector string, m *sms.Message) sms.Money {
	l := g.lanes[connector]
	n, err := number.Every.Parse(string(m.To), "")
	if l == nil || err != nil { // what stands for a number that was hidden has no country
		return 0
	}
	segments := m.Segments
	if m.Class == sms.Marketing {
		c := clauseOf(m.Class, m.Sender, m.Text, g.account(m.Account).Policy.For(n.Country), l)
		segments = c.count().Segments
	}
	return g.priceOf(l, n, segments)
}

// repriced tells in an event what a message costs where it goes on, if it is not what
// its decisions say.
func (g *Gateway) repriced(was, is sms.Money) string {
	switch is {
	case was:
		return ""
	case 0:
		return " Its price there is not known."
	default:
		return " Its price there is " + is.String() + " " + g.currency + "."
	}
}

// priceAgain gives a message that was made of another, and goes by another
// connector, the price there.
func (g *Gateway) priceAgain(d *Draft) {
	d.Price = 0
	n, err := number.Every.Parse(string(d.To), "")
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
	return price, []Decision{decision("price", said{english, french})}
}
