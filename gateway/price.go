package gateway

import (
	"relais/number"
	"relais/sms"
)

// This file holds the place of the tariff, whose file of the same name stands for it
// at the merge: until then no price is known.

// Currency is the one of all amounts, in ISO 4217.
func (g *Gateway) Currency() string { return g.currency }

func (g *Gateway) priceOf(*lane, number.Parsed, int) sms.Money { return 0 }

func (g *Gateway) priceAgain(d *Draft) { d.Price = g.priceAt(d.Connector, &d.Message) }
