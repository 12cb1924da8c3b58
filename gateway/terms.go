package gateway

import (
	"context"
	"slices"
	"time"

	"relais/connector"
	"relais/number"
	"relais/reason"
	"relais/sender"
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
	return warned(book.Deferred(counts, len(accepted))...)
}

// termsOf are the terms of a message at a lane, from a moment on.
func (g *Gateway) termsOf(l *lane, m *sms.Message, at time.Time) terms.Terms {
	n, err := number.Every.Parse(string(m.To), "")
	return l.terms.Terms(terms.Message{
		Class: m.Class, Sender: m.Sender, Text: m.Text,
		Country: n.Country, Family: n.Family, Hidden: err != nil, // what stands for a hidden number has no country
	}, g.account(m.Account).Policy.For(n.Country), at)
}

// decided are the decisions that say something.
func decided(reasons ...reason.Reason) []Decision {
	var all []Decision
	for _, r := range reasons {
		if !r.IsZero() {
			all = append(all, Decision{r.Code.Wire(), r.In(reason.English), r.In("fr")})
		}
	}
	return all
}

// warned are the warnings that say something.
func warned(reasons ...reason.Reason) []Warning {
	var all []Warning
	for _, d := range decided(reasons...) {
		all = append(all, Warning{Code: d.Code, Detail: d.Detail, French: d.French})
	}
	return all
}

// refusedFor is the error of a field.
func refusedFor(field string, r reason.Reason) *Error {
	return &Error{Kind: Invalid, Code: r.Code.Wire(), Field: field, Detail: r.In(reason.English), French: r.In("fr")}
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

// senderReading reads the senders that the operator of a lane declares.
func (g *Gateway) senderReading(l *lane) sender.Reading {
	return sender.Reading{
		Connector: l.name, Declared: l.senders.Declared, Every: g.sendersEvery, Log: g.log,
		Ask: func(ctx context.Context) ([]connector.DeclaredSender, error) {
			return l.connector.Senders(l.paced(ctx))
		},
	}
}

// fitFor reports whether new messages of a sender may go through the lane, and why not.
func (l *lane) fitFor(s sender.Sender, use use) (ok bool, why said) {
	refusal := l.senders.Declared.Refuses(s)
	if refusal.IsZero() {
		return l.fit(use)
	}
	if use != toLook {
		l.senders.Declared.ReadAgain()
	}
	return false, said{
		"its operator does not take the sender, " + refusal.In(reason.English),
		"son opérateur n'accepte pas l'expéditeur, " + refusal.In("fr"),
	}
}

// rejectedSender has the list read again after the operator refused a sender that it
// holds.
func (l *lane) rejectedSender(outcomes []connector.Outcome, err error) {
	wrong := connector.CodeOf(err) == connector.CodeSenderUndeclared || slices.ContainsFunc(outcomes, func(o connector.Outcome) bool {
		return connector.CodeOf(o.Err) == connector.CodeSenderUndeclared
	})
	if wrong {
		l.senders.Declared.ReadAgain()
	}
}
