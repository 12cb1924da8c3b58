package lane

import (
	"time"

	"relais/number"
	"relais/reason"
	"relais/sms"
	"relais/terms"
)

// TermsOf are the terms of a message at the lane, from a moment on.
func (l *Lane) TermsOf(m *sms.Message, at time.Time) terms.Terms {
	country, family, known := number.PlaceOf(m)
	return l.Terms.Terms(terms.Message{
		Class: m.Class, Sender: m.Sender, Kind: m.Kind, Text: m.Text,
		// what stands for a hidden number has no country
		Country: country, Family: family, Hidden: !known,
	}, l.o.Account(m.Account).Policy.For(country), at)
}

// PriceAt is what a message costs when another connector sends it, with the STOP clause of
// that one; 0: not known.
func (s *Set) PriceAt(connector string, m *sms.Message) sms.Money {
	l := s.lanes[connector]
	if l == nil {
		return 0
	}
	t := l.TermsOf(m, m.AcceptedAt)
	return t.Cost(m.Segments)
}

// Repriced tells in an event what a message costs where it goes on, if it is not what
// its decisions say.
func (s *Set) Repriced(was, is sms.Money) reason.Reason {
	switch is {
	case was:
		return reason.Reason{}
	case 0:
		return reason.Of(priceUnknown, nil)
	default:
		return reason.Of(priceThere, reason.Args{"price": reason.Money{
			Amount:   is.String(),
			Currency: s.o.Currency,
		}})
	}
}
