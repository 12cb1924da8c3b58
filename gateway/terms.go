package gateway

import (
	"context"
	"time"

	"relais/connector"
	"relais/number"
	"relais/sms"
	"relais/terms"
)

// wording is what the terms of all messages of a submission depend on.
func wording(s *Submission) terms.Message {
	return terms.Message{Class: s.Class, Sender: s.Sender, Text: s.Text}
}

// newBook gives a submission the validity that its caller did not choose, and begins
// the book of its terms.
func newBook(s *Submission, account Account, now time.Time) *terms.Book {
	due, firm := now, s.ValidFor > 0
	if s.SendAt.After(now) {
		due = s.SendAt
	}
	if !firm {
		s.ValidFor = s.Class.Validity()
	}
	return terms.NewBook(wording(s), account.Policy, due, s.ValidFor, firm)
}

// deferred tells the caller what was put off.
func deferred(book *terms.Book, accepted []Draft) []Warning {
	counts := map[*terms.Window]int{}
	for i := range accepted {
		counts[accepted[i].window]++
	}
	return warned(book.Deferred(counts, len(accepted)))
}

// termsOf are the terms of a message at a lane, from a moment on.
func (g *Gateway) termsOf(l *lane, m *sms.Message, at time.Time) terms.Terms {
	n, err := number.Every.Parse(string(m.To), "")
	return l.terms.Terms(terms.Message{
		Class: m.Class, Sender: m.Sender, Text: m.Text,
		Country: n.Country, Family: n.Family, Hidden: err != nil, // what stands for a hidden number has no country
	}, g.account(m.Account).Policy.For(n.Country), at)
}

func decided(reasons []terms.Reason) []Decision {
	var all []Decision
	for _, r := range reasons {
		all = append(all, Decision{r.Code, r.English, r.French})
	}
	return all
}

func warned(reasons []terms.Reason) []Warning {
	var all []Warning
	for _, r := range reasons {
		all = append(all, Warning{Code: r.Code, Detail: r.English, French: r.French})
	}
	return all
}

func pricesOf(i Instance) *terms.Prices {
	if i.TariffOfOperator {
		return terms.OperatorPrices()
	}
	return terms.FixedPrices(i.Tariff)
}

// priceReading asks the operator of a lane for its prices. It runs on every node, for
// each of them accepts messages.
func (g *Gateway) priceReading(l *lane) terms.PriceReading {
	return terms.PriceReading{
		Connector: l.name, Prices: l.terms.Prices, Currency: g.currency, Log: g.log, Now: g.now,
		Ask: func(ctx context.Context, country string) (connector.Price, error) {
			return l.connector.Tariff(l.paced(ctx), country)
		},
	}
}
