package gateway

import (
	"relais/number"
	"relais/sms"
	"relais/wish"
)

// Intent says what a reply asks for.
type Intent = wish.Intent

// The intents of a reply.
const (
	IntentReply  = wish.Reply
	IntentStop   = wish.Stop   // no more marketing
	IntentStart  = wish.Start  // marketing again
	IntentUnsure = wish.Unsure // perhaps a stop: no marketing until a person decided
)

// read says what a reply to an account asks for. sender is that of the message which it
// answers, empty when none is known.
func (g *Gateway) read(account string, sender sms.Sender, in *Inbound) {
	country := ""
	if parsed, err := number.Every.Parse(string(in.From), ""); err == nil {
		country = parsed.Country
	}
	in.Intent, in.Word = wish.Reader{Own: g.account(account).StopWords}.Of(in.Text, country, string(sender))
}
