package gateway

import (
	"relais/inbox"
	"relais/number"
	"relais/sms"
	"relais/wish"
)

// read says what a reply to an account asks for. sender is that of the message which it
// answers, empty when none is known.
func (g *Gateway) read(account string, sender sms.Sender, in *inbox.Inbound) {
	country := ""
	if parsed, err := number.Every.Parse(string(in.From), ""); err == nil {
		country = parsed.Country
	}
	in.Intent, in.Word = wish.Reader{Own: g.account(account).StopWords}.Of(in.Text, country, string(sender))
}
