package gateway

import (
	"relais/gsm"
	"relais/sms"
)

// priceAt is what a message costs where another connector sends it, with the STOP
// clause of that one; 0: not known.
func (g *Gateway) priceAt(connector string, m *sms.Message) sms.Money {
	l := g.lanes[connector]
	n, err := everyNumber.Parse(string(m.To), "")
	if l == nil || err != nil { // what stands for a number that was hidden has no country
		return 0
	}
	segments := m.Segments
	if m.Class == sms.Marketing {
		c := clauseOf(m.Class, m.Sender, m.Text, g.account(m.Account).Policy, l)
		segments = gsm.CountWith(c.counted, c.suffix).Segments
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
