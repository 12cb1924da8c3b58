package vonage

import (
	"maps"
	"regexp"
	"slices"

	"relais/config/section"
	"relais/connector"
	"relais/door"
	"relais/sms"
)

// Section is what a client knows as its Vonage account.
type Section struct {
	APIKey          string           `toml:"api_key" doc:"The api_key that the clients have, or one of your own making: letters, digits, - and _." example:"a1b2c3d4"`
	APISecret       connector.Secret `toml:"api_secret" doc:"The api_secret of the clients. They may also show an API key of the account as their secret." example:"0123456789abcdef"`
	SignatureSecret connector.Secret `toml:"signature_secret" doc:"Secret of signatures: clients may sign their requests with it, and callbacks are signed with it. Empty means that nothing is signed." example:"fedcba9876543210"`
	SignatureMethod string           `toml:"signature_method" doc:"Method of signatures, both ways: md5hash, or md5, sha1, sha256 or sha512 with HMAC."`
	Account         string           `toml:"account" doc:"Account (tenant) that owns the messages. An account has one such section." example:"town-hall"`
	AllowFrom       []string         `toml:"allow_from" doc:"Addresses and networks that secret and signatures may come from. Empty means every one. API keys have their own." example:"127.0.0.1, 10.0.0.0/8"`
	Connector       string           `toml:"connector" doc:"Connector of the messages. Empty leaves it to routes and account."`
	Class           sms.Class        `toml:"class" doc:"Class of the messages: otp, transactional or marketing. Empty means the account's."`
	Parts           bool             `toml:"parts" doc:"Answer with an entry for each part of a long text, as Vonage does, all with the id of the message. Otherwise there is one."`
	ReceiptsURL     string           `toml:"receipts_url" doc:"Address that is told where messages without a callback of their own stand. Empty means none." example:"https://app.town.example/vonage/receipts"`
	RepliesURL      string           `toml:"replies_url" doc:"Address that is told of each reply to the account. Empty means none." example:"https://app.town.example/vonage/replies"`
	HTTPMethod      string           `toml:"http_method" doc:"How these addresses are told: GET, POST with a form, or POST-JSON."`
}

func newSection() *Section {
	return &Section{Account: "default", SignatureMethod: methodMD5Hash, HTTPMethod: byJSON}
}

// Table is that of the door's accounts.
func Table() section.Table {
	return section.Table{
		Key:   Format,
		Doc:   "An account of the door for clients of Vonage's SMS API, /sms/json, by a name for people. Without such a section the door is closed.",
		New:   func() any { return newSection() },
		Check: check,
	}
}

var plainKey = regexp.MustCompile(`^[A-Za-z0-9_-]{1,64}$`)

func check(sections map[string]any, rest section.Rest) (found []section.Finding) {
	accounts := section.Of[Section](sections)
	keys, owners := map[string]string{}, map[string]string{}
	for _, name := range slices.Sorted(maps.Keys(accounts)) {
		s, at := accounts[name], section.Path{name}
		found = append(found, section.Findings(at, []section.Judged{
			{Key: "api_key", Wrong: section.Unless(plainKey.MatchString(s.APIKey), whyKey)},
			{Key: "api_key", Wrong: door.Twice(keys, s.APIKey, name, whyKeyTwice)},
			{Key: "api_secret", Wrong: section.Unless(s.APISecret != "", whySecret)},
			{Key: "signature_method", Wrong: section.WrongWord(s.SignatureMethod, methodMD5Hash, methodMD5, methodSHA1, methodSHA256, methodSHA512)},
			{Key: "account", Wrong: section.WrongAccount(s.Account)},
			{Key: "account", Wrong: door.Twice(owners, s.Account, name, whyAccountTwice)},
			{Key: "allow_from", Wrong: section.WrongNetworks(s.AllowFrom)},
			{Key: "connector", Wrong: rest.WrongConnector(s.Connector)},
			{Key: "class", Wrong: section.WrongClassOrNone(s.Class)},
			{Key: "receipts_url", Wrong: door.WrongCallback(s.ReceiptsURL, whyAddress)},
			{Key: "replies_url", Wrong: door.WrongCallback(s.RepliesURL, whyAddress)},
			{Key: "http_method", Wrong: section.WrongWord(s.HTTPMethod, byGet, byForm, byJSON)},
		})...)
	}
	return found
}
