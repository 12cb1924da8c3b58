package brevo

import (
	"maps"
	"slices"
	"time"

	"relais/config/section"
	"relais/connector"
	"relais/door"
)

// Section is what a client knows as its Brevo account.
type Section struct {
	Key           connector.Secret `toml:"key" doc:"The api-key that the clients have, or one of your own making. They may also show an API key of the account." example:"xkeysib-0123456789abcdef"`
	Account       string           `toml:"account" doc:"Account (tenant) that owns the messages. An account has one such section." example:"town-hall"`
	AllowFrom     []string         `toml:"allow_from" doc:"Addresses and networks that the key may come from. Empty means every one. API keys have their own." example:"127.0.0.1, 10.0.0.0/8"`
	Connector     string           `toml:"connector" doc:"Connector of the messages. Empty leaves it to routes and account."`
	EventsURL     string           `toml:"events_url" doc:"Address that is told what happened to messages without a webUrl of their own, and of replies. Empty means none." example:"https://app.town.example/brevo"`
	EventsToken   connector.Secret `toml:"events_token" doc:"Bearer token that it is shown."`
	RepeatsWithin time.Duration    `toml:"repeats_within" doc:"How long a request that says the same as an earlier one counts as that one, by any node: Brevo's clients send again by themselves what was answered with 408, 429 or 5xx, also by a proxy. A person who is to get the same text twice does not, within that time and up to twice as long. 0s means never."`
}

// usualRepeats is longer than the client for Node.js repeats: three times, of 60 seconds at most (documented: BRN).
const usualRepeats = 5 * time.Minute

const mostRepeats = 24 * time.Hour

func newSection() *Section { return &Section{Account: "default", RepeatsWithin: usualRepeats} }

// Table is that of the door's accounts.
func Table() section.Table {
	return section.Table{
		Key: Format,
		Doc: "An account of the door for clients of Brevo's transactional SMS, /v3/transactionalSMS, by a name for people. Without such a " +
			"section the door is closed.",
		New:   func() any { return newSection() },
		Check: check,
	}
}

func check(sections map[string]any, rest section.Rest) (found []section.Finding) {
	accounts := section.Of[Section](sections)
	keys, owners := map[string]string{}, map[string]string{}
	for _, name := range slices.Sorted(maps.Keys(accounts)) {
		s, at := accounts[name], section.Path{name}
		found = append(found, section.Findings(at, []section.Judged{
			{Key: "key", Wrong: section.Unless(s.Key != "", whyKey)},
			{Key: "key", Wrong: door.Twice(keys, s.Key.Reveal(), name, whyKeyTwice)},
			{Key: "account", Wrong: section.WrongAccount(s.Account)},
			{Key: "account", Wrong: door.Twice(owners, s.Account, name, whyAccountTwice)},
			{Key: "allow_from", Wrong: section.WrongNetworks(s.AllowFrom)},
			{Key: "connector", Wrong: rest.WrongConnector(s.Connector)},
			{Key: "events_url", Wrong: door.WrongCallback(s.EventsURL, whyAddress)},
			{Key: "repeats_within", Wrong: section.Unless(s.RepeatsWithin == 0 || s.RepeatsWithin >= time.Second && s.RepeatsWithin <= mostRepeats, whyRepeats)},
		})...)
	}
	return found
}
