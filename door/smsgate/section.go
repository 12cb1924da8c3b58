package smsgate

import (
	"maps"
	"slices"

	"relais/config/section"
	"relais/connector"
	"relais/sms"
)

// Section is one user of the door for SMSGate's clients.
type Section struct {
	Password    connector.Secret `toml:"password" doc:"Password of the user, as the clients send it." example:"changeme"`
	Account     string           `toml:"account" doc:"Account (tenant) that owns the messages." example:"town-hall"`
	AllowFrom   []string         `toml:"allow_from" doc:"Addresses and networks that the user may come from. Empty means every one." example:"127.0.0.1, 10.0.0.0/8"`
	Sender      string           `toml:"sender" doc:"Sender of the messages. Empty means the account's." example:"TownHall"`
	Connector   string           `toml:"connector" doc:"Connector of the messages. Empty leaves it to routes and account."`
	Class       sms.Class        `toml:"class" doc:"Class of the messages: otp, transactional or marketing. Empty means the account's."`
	UrgentClass sms.Class        `toml:"urgent_class" doc:"Class of messages with a priority of 100 and more. Empty means class."`
	SigningKey  connector.Secret `toml:"signing_key" doc:"Secret that calls to webhooks are signed with: the signing key of the telephone's app. Empty: they are not signed." example:"changeme"`
}

// Table is that of the door's users.
func Table() section.Table {
	return section.Table{
		Key: Format,
		Doc: "A user of the door for SMSGate's clients, /3rdparty/v1, by the login. Without such a section only API keys are let in.",
		New: func() any { return &Section{Account: "default", UrgentClass: sms.OTP} },
		Check: func(sections map[string]any, rest section.Rest) (found []section.Finding) {
			users := section.Of[Section](sections)
			for _, name := range slices.Sorted(maps.Keys(users)) {
				found = append(found, users[name].check(section.Path{name}, rest)...)
			}
			return found
		},
	}
}

func (s *Section) check(at section.Path, rest section.Rest) []section.Finding {
	return section.Findings(at, []section.Judged{
		{Key: "password", Wrong: section.Unless(s.Password != "", whyPassword)},
		{Key: "account", Wrong: section.WrongAccount(s.Account)},
		{Key: "allow_from", Wrong: section.WrongNetworks(s.AllowFrom)},
		{Key: "sender", Wrong: section.WrongSender(s.Sender)},
		{Key: "connector", Wrong: rest.WrongConnector(s.Connector)},
		{Key: "class", Wrong: section.WrongClassOrNone(s.Class)},
		{Key: "urgent_class", Wrong: section.WrongClassOrNone(s.UrgentClass)},
	})
}
