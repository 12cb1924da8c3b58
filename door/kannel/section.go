package kannel

import (
	"maps"
	"slices"

	"relais/config/section"
	"relais/connector"
	"relais/sms"
)

// Section is one user of the door for Kannel clients: what the group
// sendsms-user is in Kannel's own file.
type Section struct {
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

// Table is that of the door's users.
func Table() section.Table {
	return section.Table{
		Key: "kannel",
		Doc: "A user of the door for Kannel clients, /cgi-bin/sendsms, by its username. Without such a " +
			"section only API keys are let in.",
		New: func() any { return &Section{Account: "default", Numbers: "international"} },
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
		{Key: "shadow", Wrong: section.WrongURL(s.Shadow)},
		{Key: "numbers", Wrong: section.WrongWord(s.Numbers, "international", "national")},
	})
}
