package gateway

import (
	"slices"

	"relais/reason"
	"relais/terms"
)

// Currency is the one of all amounts, in ISO 4217.
func (g *Gateway) Currency() string { return g.currency }

// price puts the price on every message, and tells by which tariff: once where they
// all go to one place.
func price(r *Result) {
	places := map[*terms.Terms]bool{}
	for i := range r.Messages {
		m := &r.Messages[i]
		m.Price = m.terms.Price().Of(m.Segments)
		places[m.terms] = true
	}
	if len(places) == 1 {
		r.Common = append(r.Common, decided(r.Messages[0].terms.Price().Decision)...)
		return
	}
	told := map[*terms.Terms][]reason.Reason{}
	for at := range places {
		told[at] = decided(at.Price().Decision)
	}
	for i := range r.Messages {
		m := &r.Messages[i]
		m.Decisions = slices.Concat(m.Decisions, told[m.terms])
	}
}

// priceAgain gives a message that was made of another, and goes by another
// connector, the price there.
func (g *Gateway) priceAgain(d *Draft) {
	t := g.lanes.Get(d.Connector).TermsOf(&d.Message, d.AcceptedAt)
	d.Price = t.Price().Of(d.Segments)
	d.Decisions = append(d.Decisions, decided(t.Price().Decision)...)
}
