package config

import (
	"relais/connector"
	"relais/sms"
)

// Kannel is one user of the door for Kannel clients: what the group
// sendsms-user is in Kannel's own file.
type Kannel struct {
	Password       connector.Secret `toml:"password" doc:"Password of the user, as the clients send it." example:"changeme"`
	Account        string           `toml:"account" doc:"Account (tenant) that owns the messages." example:"town-hall"`
	AllowFrom      []string         `toml:"allow_from" doc:"Addresses and networks that the user may come from. Empty means every one." example:"127.0.0.1, 10.0.0.0/8"`
	Sender         string           `toml:"sender" doc:"Sender of messages without from (Kannel: default-sender). Empty means the account's." example:"TownHall"`
	Connector      string           `toml:"connector" doc:"Connector of messages without smsc (Kannel: default-smsc). Empty leaves it to routes and account."`
	ForceConnector bool             `toml:"force_connector" doc:"The smsc of a request counts for nothing (Kannel: forced-smsc): for clients that name the ones of their old gateway."`
	Class          sms.Class        `toml:"class" doc:"Class of the messages: otp, transactional or marketing. Empty means the account's."`
	UrgentClass    sms.Class        `toml:"urgent_class" doc:"Class of messages with priority=3, the highest. Empty means class." example:"otp"`
	Shadow         string           `toml:"shadow" doc:"Address of the Kannel that this gateway is to replace, without the path. The user's requests go there and are compared; nothing is sent from here. Empty means that they are ours." example:"http://kannel.town.example:13013"`
	Numbers        string           `toml:"numbers" doc:"How digits that begin with neither + nor 0 are read: international, with the country code first as operators want them, or national, in the account's country."`
}

func defaultKannel() Kannel {
	return Kannel{Account: "default", Numbers: "international"}
}

func (c Config) checkKannel(name string) []finding {
	user := c.Kannel[name]
	return findings(path{"kannel", name}, []judged{
		{"password", unless(user.Password != "", "missing; give the password that the clients send")},
		{"account", unless(user.Account != "", "want the name of an account")},
		{"allow_from", wrongNetworks(user.AllowFrom)},
		{"sender", wrongSender(user.Sender)},
		{"connector", c.wrongConnector(user.Connector)},
		{"class", wrongClassOrNone(user.Class)},
		{"urgent_class", wrongClassOrNone(user.UrgentClass)},
		{"shadow", wrongURL(user.Shadow)},
		{"numbers", wrongWord(user.Numbers, "international", "national")},
	})
}

func wrongClassOrNone(class sms.Class) string {
	if class == "" {
		return ""
	}
	return wrongClass(class)
}
