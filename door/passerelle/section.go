package passerelle

import (
	"time"

	"relais/config/section"
	"relais/connector"
	"relais/sms"
)

// Section is one door for Publik: what an instance of an SMS connector was
// there. Its settings keep the names that they had where a name is known.
type Section struct {
	Account       string        `toml:"account" doc:"Account that owns the messages."`
	Connector     string        `toml:"connector" doc:"Connector of the messages. Empty means that the routes choose."`
	Kind          string        `toml:"kind" doc:"Word that stood in the old address for the operator, so that /KIND/SLUG/send works as well. Empty means that it does not." example:"sfr-dmc"`
	Slug          string        `toml:"slug" doc:"Name in the old address, where it is another one than that of this section." example:"town"`
	Families      []string      `toml:"families" doc:"Numbers that are sent to: fr-metro, fr-domtom, be, all. Others are left out, with a warning in the answer."`
	AllowPremium  bool          `toml:"allow_premium" doc:"Send to special-rate and premium-rate numbers of the French plan (08) too."`
	DefaultRegion string        `toml:"default_region" doc:"Country of numbers written without a prefix, as two letters (ISO 3166-1). Empty means the account's." example:"RE"`
	MaxLength     int           `toml:"max_length" doc:"Characters after which a text is cut, with a warning in the answer and in the timeline."`
	Class         sms.Class     `toml:"class" doc:"Class of the messages: otp, transactional or marketing. Empty means the account's. With nostop in the address marketing becomes transactional." example:"otp"`
	CampaignFrom  int           `toml:"campaign_from" doc:"Sends to at least so many recipients become campaigns, which are paused and followed as such; the answer has no messages then. 0 means none." example:"1000"`
	ValidFor      time.Duration `toml:"valid_for" doc:"How long a message may wait; a code that is older helps nobody. 0s means as long as its class allows." example:"3m"`
	KnownServices string        `toml:"known_services" doc:"File with the list by which the parts of a Publik platform know one another (JSON): all that stand in it may send, by their signatures. Relative to the working directory." example:"known_services.json"`
	Shadow        string        `toml:"shadow" doc:"Address of the instance in the gateway that this one is to replace, up to its slug. Requests go there and are compared; nothing is sent from here. Empty means that they are ours." example:"https://passerelle.town.example/sfr-dmc/town"`
	// Proxies are needed where Addresses of a caller are set and a reverse proxy
	// stands in front.
	Proxies []string                 `toml:"proxies" doc:"Networks of reverse proxies in front of the gateway, whose X-Forwarded-For is believed." example:"127.0.0.0/8"`
	Callers map[string]CallerSection `toml:"caller" doc:"Who may send, by a name that the timeline shows. Without one nobody may."`
}

// CallerSection is one that may send through a door for Publik.
type CallerSection struct {
	Kind      string           `toml:"kind" doc:"How the caller is known: signature (orig and secret), apikey (secret, in the address), basic (username and secret) or open (by its address alone)." example:"signature"`
	Secret    connector.Secret `toml:"secret" doc:"Secret of the signature, API key or password." example:"0123456789abcdef"`
	Orig      string           `toml:"orig" doc:"With signature: the host name that the caller gives as orig." example:"forms.town.example"`
	Username  string           `toml:"username" doc:"With basic: the user name." example:"forms"`
	Addresses []string         `toml:"addresses" doc:"Networks that the caller may call from. Empty means any." example:"192.0.2.0/24"`
}

// longest is the length of a text in Passerelle itself.
const longest = 2000

// Table is that of the instances.
func Table() section.Table {
	return section.Table{
		Key: "passerelle",
		Doc: "Doors for Publik, one for each instance of an SMS connector that Passerelle had, " +
			"by the name that stands in its address: /passerelle/NAME/send.",
		New: func() any {
			return &Section{
				Account: "default", Families: []string{"all"}, MaxLength: longest,
			}
		},
		Check: check,
	}
}

// slugOr is the name in the old address.
func (s *Section) slugOr(name string) string {
	if s.Slug != "" {
		return s.Slug
	}
	return name
}
