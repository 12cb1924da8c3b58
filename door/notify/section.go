package notify

import (
	"maps"
	"regexp"
	"slices"
	"strings"

	"relais/config/section"
	"relais/connector"
	"relais/door"
	"relais/reason"
	"relais/sms"
)

// Section is what a client knows as its service.
type Section struct {
	Service       string                   `toml:"service" doc:"Id of the service, a UUID: the second part of the clients' keys." example:"11111111-2222-4333-8444-555555555555"`
	Account       string                   `toml:"account" doc:"Account (tenant) that owns messages and templates. An account has one such section." example:"town-hall"`
	Keys          map[string]KeySection    `toml:"key" doc:"API keys of the clients, by the name that begins them: NAME-SERVICE-SECRET."`
	Senders       map[string]SenderSection `toml:"sender" doc:"Senders that clients may name (sms_sender_id), by a name for people."`
	AllowFrom     []string                 `toml:"allow_from" doc:"Addresses and networks that clients may come from. Empty means every one." example:"127.0.0.1, 10.0.0.0/8"`
	Connector     string                   `toml:"connector" doc:"Connector of the messages. Empty leaves it to routes and account."`
	Class         sms.Class                `toml:"class" doc:"Class of the messages: otp, transactional or marketing. Empty means that of the template, or of the account."`
	DefaultRegion string                   `toml:"default_region" doc:"Country of numbers written without a prefix, as two letters (ISO 3166-1). Empty means the account's." example:"GB"`
	ReceiptsURL   string                   `toml:"receipts_url" doc:"Address that is told how each message ended. Empty means none." example:"https://app.town.example/notify/receipts"`
	ReceiptsToken connector.Secret         `toml:"receipts_token" doc:"Bearer token that it is shown." example:"changeme"`
	RepliesURL    string                   `toml:"replies_url" doc:"Address that is told of each reply to the account. Empty means none." example:"https://app.town.example/notify/replies"`
	RepliesToken  connector.Secret         `toml:"replies_token" doc:"Bearer token that it is shown." example:"changeme"`
}

// KeySection is an API key.
type KeySection struct {
	Secret connector.Secret `toml:"secret" doc:"Secret of the key, a UUID: its last part." example:"66666666-7777-4888-8999-aaaaaaaaaaaa"`
	Kind   string           `toml:"kind" doc:"live, which sends; team, which sends to its guests alone; or test, whose requests are judged and answered, and nothing is stored." example:"live"`
	Guests []string         `toml:"guests" doc:"With team: the numbers that it may send to, in E.164." example:"+33612345678"`
}

// SenderSection is a sender that has an id.
type SenderSection struct {
	ID     string `toml:"id" doc:"Id of the sender, a UUID." example:"bbbbbbbb-cccc-4ddd-8eee-ffffffffffff"`
	Sender string `toml:"sender" doc:"The sender." example:"TownHall"`
}

// Kinds of keys (documented: GNT).
const (
	kindLive = "live"
	kindTeam = "team"
	kindTest = "test"
)

// Table is that of the door's services.
func Table() section.Table {
	return section.Table{
		Key: "notify",
		Doc: "A service of the door for clients of GOV.UK Notify, /v2/notifications, by a name for people. " +
			"Without such a section the door is closed.",
		New:   func() any { return &Section{Account: "default"} },
		Check: check,
	}
}

var uuid = regexp.MustCompile(`^[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}$`)

// isUUID reports whether a text is a UUID, in capitals or small letters.
func isUUID(text string) bool { return uuid.MatchString(strings.ToLower(text)) }

func check(sections map[string]any, rest section.Rest) (found []section.Finding) {
	services := section.Of[Section](sections)
	ids, owners := map[string]string{}, map[string]string{}
	for _, name := range slices.Sorted(maps.Keys(services)) {
		s, at := services[name], section.Path{name}
		found = append(found, s.check(at, rest)...)
		found = append(found, section.Findings(at, []section.Judged{
			{Key: "service", Wrong: door.Twice(ids, strings.ToLower(s.Service), name, whyTwice)},
			{Key: "account", Wrong: door.Twice(owners, s.Account, name, whyAccountTwice)},
		})...)
	}
	return found
}

func (s *Section) check(at section.Path, rest section.Rest) []section.Finding {
	found := section.Findings(at, []section.Judged{
		{Key: "service", Wrong: section.Unless(isUUID(s.Service), whyUUID)},
		{Key: "account", Wrong: section.WrongAccount(s.Account)},
		{Key: "allow_from", Wrong: section.WrongNetworks(s.AllowFrom)},
		{Key: "connector", Wrong: rest.WrongConnector(s.Connector)},
		{Key: "class", Wrong: section.WrongClassOrNone(s.Class)},
		{Key: "default_region", Wrong: section.WrongRegionOrNone(s.DefaultRegion)},
		{Key: "receipts_url", Wrong: door.WrongCallback(s.ReceiptsURL, whyAddress)},
		{Key: "replies_url", Wrong: door.WrongCallback(s.RepliesURL, whyAddress)},
	})
	for _, name := range slices.Sorted(maps.Keys(s.Keys)) {
		key := s.Keys[name]
		found = append(found, section.Findings(at.To("key").To(name), []section.Judged{
			{Key: "secret", Wrong: section.Unless(isUUID(key.Secret.Reveal()), whyUUID)},
			{Key: "kind", Wrong: section.WrongWord(key.Kind, kindLive, kindTeam, kindTest)},
			{Key: "guests", Wrong: wrongGuests(key.Guests)},
		})...)
	}
	for _, name := range slices.Sorted(maps.Keys(s.Senders)) {
		found = append(found, section.Findings(at.To("sender").To(name), []section.Judged{
			{Key: "id", Wrong: section.Unless(isUUID(s.Senders[name].ID), whyUUID)},
			{Key: "sender", Wrong: section.WrongSenderName(s.Senders[name].Sender)},
		})...)
	}
	return found
}

var e164 = regexp.MustCompile(`^\+[1-9][0-9]{3,14}$`)

func wrongGuests(guests []string) reason.Reason {
	for _, guest := range guests {
		if !e164.MatchString(guest) {
			return reason.Of(whyGuest, reason.Args{"text": section.Quoted(guest)})
		}
	}
	return reason.Reason{}
}
