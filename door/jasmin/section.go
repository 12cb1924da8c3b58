package jasmin

import (
	"maps"
	"slices"

	"relais/config/section"
	"relais/connector"
	"relais/door"
	"relais/reason"
	"relais/sms"
)

// Section is one user of the door for Jasmin's clients.
type Section struct {
	Password      connector.Secret `toml:"password" doc:"Password of the user, as the clients send it." example:"changeme"`
	Account       string           `toml:"account" doc:"Account (tenant) that owns the messages." example:"town-hall"`
	AllowFrom     []string         `toml:"allow_from" doc:"Addresses and networks that the user may come from. Empty means every one." example:"127.0.0.1, 10.0.0.0/8"`
	Sender        string           `toml:"sender" doc:"Sender of messages without from (Jasmin: default value src_addr). Empty means the account's." example:"TownHall"`
	Connector     string           `toml:"connector" doc:"Connector of the messages. Empty leaves it to routes and account."`
	Class         sms.Class        `toml:"class" doc:"Class of the messages: otp, transactional or marketing. Empty means the account's."`
	UrgentClass   sms.Class        `toml:"urgent_class" doc:"Class of messages with priority=3, the highest. Empty means class." example:"otp"`
	RepliesURL    string           `toml:"replies_url" doc:"Address that is told of each reply to the account: what an HTTP connector is at Jasmin. Empty means none." example:"https://app.town.example/mo"`
	RepliesMethod string           `toml:"replies_method" doc:"How it is called: get or post." example:"get"`
}

// Table is that of the door's users.
func Table() section.Table {
	return section.Table{
		Key: Format,
		Doc: "A user of the door for Jasmin's clients, /send and /secure/send, by its username. Without such a section only API keys " +
			"are let in.",
		New: func() any { return &Section{Account: "default", RepliesMethod: "post"} },
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
		{Key: "replies_url", Wrong: wrongReplies(s.RepliesURL)},
		{Key: "replies_method", Wrong: section.WrongWord(s.RepliesMethod, "get", "post")},
	})
}

// wrongReplies judges an address as far as it needs no word of webhooks.allow.
func wrongReplies(address string) reason.Reason {
	switch {
	case address == "":
		return reason.Reason{}
	case !exactAddress(address):
		return reason.Of(whyReplies, nil)
	}
	return door.WrongTarget(address)
}
