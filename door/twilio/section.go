package twilio

import (
	"maps"
	"slices"

	"relais/config/section"
	"relais/connector"
	"relais/door"
	"relais/reason"
	"relais/sms"
)

// Section is what a client knows as its Twilio account.
type Section struct {
	Sid        string                    `toml:"sid" doc:"Account sid, AC and 32 hexadecimal digits: the one that the clients have, or one of your own making." example:"AC0123456789abcdef0123456789abcdef"`
	Token      connector.Secret          `toml:"token" doc:"Auth token: the password of the account sid, and the secret that callbacks are signed with. Clients may also show any sid of a key, SK and 32 hexadecimal digits, with an API key of the account as its secret." example:"0123456789abcdef0123456789abcdef"`
	Account    string                    `toml:"account" doc:"Account (tenant) that owns the messages. An account has one such section." example:"town-hall"`
	AllowFrom  []string                  `toml:"allow_from" doc:"Addresses and networks that the auth token may come from. Empty means every one. API keys have their own." example:"127.0.0.1, 10.0.0.0/8"`
	Connector  string                    `toml:"connector" doc:"Connector of the messages. Empty leaves it to routes and account."`
	Class      sms.Class                 `toml:"class" doc:"Class of the messages: otp, transactional or marketing. Empty means the account's."`
	RepliesURL string                    `toml:"replies_url" doc:"Address that is called for each reply to the account: what is \"A message comes in\" at Twilio. The TwiML of its answer is sent. Empty means none." example:"https://app.town.example/sms"`
	Services   map[string]ServiceSection `toml:"service" doc:"Messaging services that the clients name, by a name for people."`
}

// ServiceSection is a messaging service.
type ServiceSection struct {
	Sid       string    `toml:"sid" doc:"Service sid, MG and 32 hexadecimal digits." example:"MG0123456789abcdef0123456789abcdef"`
	Sender    string    `toml:"sender" doc:"Sender of its messages without From. Empty means the account's." example:"TownHall"`
	Connector string    `toml:"connector" doc:"Connector of its messages. Empty means that of the section."`
	Class     sms.Class `toml:"class" doc:"Class of its messages: otp, transactional or marketing. Empty means that of the section." example:"otp"`
}

// Table is that of the door's accounts.
func Table() section.Table {
	return section.Table{
		Key: "twilio",
		Doc: "An account of the door for Twilio's clients, /2010-04-01, by a name for people. Without such a " +
			"section the door is closed.",
		New:   func() any { return &Section{Account: "default"} },
		Check: check,
	}
}

func check(sections map[string]any, rest section.Rest) (found []section.Finding) {
	accounts := section.Of[Section](sections)
	sids, owners := map[string]string{}, map[string]string{}
	for _, name := range slices.Sorted(maps.Keys(accounts)) {
		s, at := accounts[name], section.Path{name}
		found = append(found, s.check(at, rest)...)
		found = append(found, section.Findings(at, []section.Judged{
			{Key: "sid", Wrong: door.Twice(sids, s.Sid, name, whySidTwice)},
			{Key: "account", Wrong: door.Twice(owners, s.Account, name, whyAccountTwice)},
		})...)
		for _, service := range slices.Sorted(maps.Keys(s.Services)) {
			found = append(found, s.Services[service].check(at.To("service").To(service), rest)...)
			found = append(found, section.Findings(at.To("service").To(service), []section.Judged{
				{Key: "sid", Wrong: door.Twice(sids, s.Services[service].Sid, name, whySidTwice)},
			})...)
		}
	}
	return found
}

func (s *Section) check(at section.Path, rest section.Rest) []section.Finding {
	return section.Findings(at, []section.Judged{
		{Key: "sid", Wrong: section.Unless(isPlainSid(kindAccount, s.Sid), whySid)},
		{Key: "token", Wrong: section.Unless(s.Token != "", whyToken)},
		{Key: "account", Wrong: section.WrongAccount(s.Account)},
		{Key: "allow_from", Wrong: section.WrongNetworks(s.AllowFrom)},
		{Key: "connector", Wrong: rest.WrongConnector(s.Connector)},
		{Key: "class", Wrong: section.WrongClassOrNone(s.Class)},
		{Key: "replies_url", Wrong: wrongReplies(s.RepliesURL)},
	})
}

// wrongReplies judges an address as far as it needs no word of webhooks.allow: New warns of the rest.
func wrongReplies(address string) reason.Reason {
	switch {
	case address == "":
		return reason.Reason{}
	case !exactAddress(address):
		return reason.Of(whyReplies, nil)
	}
	return door.WrongTarget(called(address))
}

func (s ServiceSection) check(at section.Path, rest section.Rest) []section.Finding {
	return section.Findings(at, []section.Judged{
		{Key: "sid", Wrong: section.Unless(isPlainSid(kindService, s.Sid), whyService)},
		{Key: "sender", Wrong: section.WrongSender(s.Sender)},
		{Key: "connector", Wrong: rest.WrongConnector(s.Connector)},
		{Key: "class", Wrong: section.WrongClassOrNone(s.Class)},
	})
}
