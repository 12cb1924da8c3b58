package terms

import (
	"time"

	"relais/connector"
	"relais/policy"
	"relais/sms"
)

// Connector is what terms depend on of a connector.
type Connector struct {
	Name    string
	Facts   connector.Facts
	Overlay *policy.Pack // the operator's own rules, which hold beside the account's; nil: none
	Prices  *Prices      // nil: not known
}

// Message is what terms depend on of a message.
type Message struct {
	Class   sms.Class
	Sender  sms.Sender
	Kind    sms.Kind
	Text    string
	Country string // of the number, ISO 3166-1; empty: not known
	Family  string // of the number
	Hidden  bool   // the number is hidden or erased, so that nobody knows the price
}

// Terms are what a message means at one connector under the rules of its account, from
// a moment on. Each part is worked out when it is first asked for.
type Terms struct {
	at      *Connector
	message Message
	account *policy.Pack
	moment  time.Time

	hours *policy.Verdict
	text  *Text
	price *Price
}

// Terms returns the terms of a message that would go at a moment, under the rules of its
// account as they hold for its number (policy.Pack.For); nil: none.
func (c *Connector) Terms(m Message, account *policy.Pack, moment time.Time) Terms {
	return Terms{at: c, message: m, account: account, moment: moment}
}

// Hours says when the message may go.
func (t *Terms) Hours() *policy.Verdict {
	if t.hours == nil {
		packs, place := []*policy.Pack{t.account, t.at.Overlay}, policy.PlaceOf(t.message.Country)
		v := policy.Next(packs, t.message.Class, place, t.moment)
		t.hours = &v
	}
	return t.hours
}

// haveHours reports whether some rule has hours for the message.
func (t *Terms) haveHours() bool {
	return t.account.Rules(t.message.Class) || t.at.Overlay.Rules(t.message.Class)
}

// Text is what becomes of the text.
func (t *Terms) Text() *Text {
	if t.text == nil {
		text := t.withClause()
		t.text = &text
	}
	return t.text
}

// Price is what a segment costs.
func (t *Terms) Price() Price {
	if t.price == nil {
		price := Price{}
		if !t.message.Hidden {
			price = t.at.Prices.of(t.message.Country, t.message.Family)
		}
		t.price = &price
	}
	return *t.price
}

// Cost is the price of the whole message, which was counted with so many segments where
// it was accepted; 0: not known. The STOP clause of this connector may make others.
func (t *Terms) Cost(segments int) sms.Money {
	if t.message.Class == sms.Marketing && t.message.Kind != sms.Binary {
		segments = t.Text().Count().Segments
	}
	return t.Price().Of(segments)
}
