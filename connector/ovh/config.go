package ovh

import (
	"errors"
	"net/http"
	"net/url"
	"slices"
	"strings"
	"time"
	"unicode"

	"relais/connector"
	"relais/reason"
	"relais/sms"
)

// Forms of the tag that carries our reference.
const (
	TagShort = "short" // 20 characters, the only length OVH documents (http2sms guide)
	TagUUID  = "uuid"  // 36 characters, observed to work through REST
)

// MostReceivers is the largest batch that a section may ask for: OVH advises
// groups of about 500 receivers (OVHcloud SMS FAQ).
const MostReceivers = 500

// Config is the section of an instance.
type Config struct {
	Endpoint          string           `toml:"endpoint" doc:"Address of the API with its version, without a slash at the end. OVH sells SMS at its European endpoint only." example:"https://eu.api.ovh.com/1.0"`
	ApplicationKey    string           `toml:"application_key" doc:"Application key, 16 characters, from https://auth.eu.ovhcloud.com/api/createApp/." example:"your-application-key"`
	ApplicationSecret connector.Secret `toml:"application_secret" doc:"Application secret, 32 characters, given with the key." example:"your-application-secret"`
	ConsumerKey       connector.Secret `toml:"consumer_key" doc:"Consumer key, 32 characters. relais ovh login obtains one with exactly the rights that the gateway uses." example:"your-consumer-key"`
	Service           string           `toml:"service" doc:"SMS account. relais ovh login lists those of the key." example:"sms-ab12345-1"`
	User              string           `toml:"user" doc:"SMS user of the account to send as, when its quota must apply." example:"town-hall"`
	Sender            string           `toml:"sender" doc:"Approved sender for messages that name none." example:"TownHall"`
	CheckSenders      bool             `toml:"check_senders" doc:"Refuse a sender that OVH does not list as usable before a message is stored; OVH would refuse the message later. False leaves it to OVH, for lists that are wrong."`
	SenderForResponse bool             `toml:"sender_for_response" doc:"Send from a random short number that takes replies for 48 hours. French accounts only. It replaces every sender, the one of the message included, and OVH then refuses texts with an address, a number or an e-mail."`
	Priority          string           `toml:"priority" doc:"Priority of every message: high, medium, low or veryLow. By default it follows the class: high for otp, medium for transactional, low for marketing." example:"high"`
	MessageClass      string           `toml:"class" doc:"Where the handset keeps the text: flash, phoneDisplay, sim or toolkit. OVH calls it deprecated." example:"phoneDisplay"`
	Coding            bool             `toml:"coding" doc:"Tell OVH the alphabet that was counted. OVH calls the field deprecated and deduces the alphabet from the text."`
	Tag               string           `toml:"tag" doc:"Form of our reference in the tag: short (20 characters, the only documented length) or uuid (36)."`
	BillingCountry    string           `toml:"billing_country" doc:"Country of the OVH company that sends the bill, for tariff = \"operator\": fr, es, gb, ie, it or pl."`
	MaxBatch          int              `toml:"max_batch" doc:"Most recipients in one call, up to 500. Above 1, OVH does not say which id is whose: they are read back one by one, and a message whose answer was lost cannot be looked up."`
	CallsPerSecond    float64          `toml:"calls_per_second" doc:"Most calls a second. OVH publishes no limit: its staff called 60 a minute fair use in 2019, and its http2sms guide allows a few dozen a second."`
	Concurrency       int              `toml:"concurrency" doc:"Most calls under way at once."`
}

func defaults() *Config {
	return &Config{
		Endpoint:       "https://eu.api.ovh.com/1.0",
		Coding:         true,
		Tag:            TagShort,
		BillingCountry: "fr",
		CheckSenders:   true,
		MaxBatch:       1,
		CallsPerSecond: 10, // inferred: between the two figures of the doc tag
		Concurrency:    8,
	}
}

// Validate checks every value and returns one ConfigError per wrong key,
// joined. It is no stricter than OVH: the lengths of keys are not checked.
func (c *Config) Validate() error {
	return errors.Join(
		checkEndpoint(c.Endpoint),
		checkKey("application_key", c.ApplicationKey, helpApplicationKey),
		checkKey("application_secret", c.ApplicationSecret.Reveal(), helpApplicationSecret),
		checkKey("consumer_key", c.ConsumerKey.Reveal(), helpConsumerKey),
		checkKey("service", c.Service, helpService),
		checkPlain("user", c.User),
		checkSender(c.Sender),
		checkOneOf("priority", c.Priority, "", "high", "medium", "low", "veryLow"),
		checkOneOf("class", c.MessageClass, "", "flash", "phoneDisplay", "sim", "toolkit"),
		checkOneOf("tag", c.Tag, TagShort, TagUUID),
		checkOneOf("billing_country", c.BillingCountry, billingCountries...),
		checkRange("max_batch", float64(c.MaxBatch), 1, MostReceivers, whyMaxBatch),
		checkRange("calls_per_second", c.CallsPerSecond, 0.001, 10_000, whyRate),
		checkRange("concurrency", float64(c.Concurrency), 1, 1000, whyConcurrency),
	)
}

// LoginOptions lends the keys of the section to WaitValidated and Accounts.
func (c *Config) LoginOptions(client *http.Client) LoginOptions {
	return LoginOptions{
		HTTP:              client,
		Endpoint:          c.Endpoint,
		ApplicationKey:    c.ApplicationKey,
		ApplicationSecret: c.ApplicationSecret,
		ConsumerKey:       c.ConsumerKey,
	}
}

func invalid(key string, why reason.Code, args reason.Args) error {
	return &connector.ConfigError{Key: key, Reason: reason.Of(why, args)}
}

func checkEndpoint(endpoint string) error {
	u, err := url.Parse(endpoint)
	switch {
	case err != nil, u.Scheme != "http" && u.Scheme != "https", u.Host == "":
		return invalid("endpoint", whyEndpoint, nil)
	case u.RawQuery != "" || u.Fragment != "" || u.User != nil:
		return invalid("endpoint", whyEndpointBare, nil)
	case strings.HasSuffix(endpoint, "/"):
		return invalid("endpoint", whyEndpointSlash, nil)
	}
	return nil
}

// checkKey refuses a key with white space in it. A line end copied with a
// secret only shows later, as "Invalid signature" (observed,
// cert-manager-webhook-ovh #5), so it is neither kept nor trimmed in silence.
func checkKey(key, value string, help reason.Code) error {
	if value == "" {
		return invalid(key, whyMissing, reason.Args{"help": reason.Of(help, nil)})
	}
	return checkPlain(key, value)
}

func checkPlain(key, value string) error {
	if strings.ContainsFunc(value, func(r rune) bool { return unicode.IsSpace(r) || !unicode.IsPrint(r) }) {
		return invalid(key, whySpace, nil)
	}
	return nil
}

func checkSender(sender string) error {
	tooLong := sms.Sender(sender).Kind() == sms.Alphanumeric && len([]rune(sender)) > sms.MaxSenderName
	switch {
	case tooLong:
		return invalid("sender", whySenderLong, nil)
	case strings.TrimSpace(sender) != sender:
		return invalid("sender", whySenderSpace, nil)
	}
	return nil
}

func checkOneOf(key, value string, allowed ...string) error {
	if slices.Contains(allowed, value) {
		return nil
	}
	named := slices.DeleteFunc(slices.Clone(allowed), func(s string) bool { return s == "" })
	return invalid(key, whyOneOf, reason.Args{"words": reason.Names(named)})
}

func checkRange(key string, value, low, high float64, why reason.Code) error {
	if value >= low && value <= high {
		return nil
	}
	return invalid(key, why, nil)
}

// Provider is OVHcloud SMS in the application's table.
func Provider() connector.Provider {
	return connector.Provider{
		Name:      "ovh",
		Title:     "OVHcloud SMS",
		NewConfig: func() any { return defaults() },
		Open: func(config any, env connector.Env) (connector.Connector, connector.Facts, error) {
			c, ok := config.(*Config)
			if !ok {
				return nil, connector.Facts{}, errors.New("ovh: the section was not made by NewConfig")
			}
			return open(c, env)
		},
	}
}

func open(config *Config, env connector.Env) (connector.Connector, connector.Facts, error) {
	base := "/sms/" + url.PathEscape(config.Service)
	client := &Client{
		config:  *config,
		api:     newAPI(config.LoginOptions(env.HTTP), env.Now),
		account: base,
		jobs:    base,

		callback: env.CallbackURL,
	}
	client.api.log = env.Log
	if config.User != "" {
		client.jobs = base + "/users/" + url.PathEscape(config.User)
	}
	return client, facts(config), nil
}

func facts(c *Config) connector.Facts {
	sender := sms.Sender(c.Sender).Kind()
	if c.SenderForResponse { // a random short number, which takes replies; it wins over every sender
		sender = sms.ShortCode
	}
	return connector.Facts{
		DefaultSender: sender,
		FixedSender:   c.SenderForResponse,
		CheckSenders:  c.CheckSenders,
		// inferred: a name is declared as it is written, and a job with another is refused (403, observed)
		SenderCase:     true,
		MaxBatch:       c.MaxBatch,
		SameText:       true,
		CallsPerSecond: c.CallsPerSecond,
		Concurrency:    c.Concurrency,
		Timeout:        30 * time.Second,
		Senders:        []sms.SenderKind{sms.Alphanumeric, sms.ShortCode, sms.LongNumber},
		Kinds:          []sms.Kind{sms.Flash},
		// Documented: the counters of the guides and of the control panel use
		// these 11 characters; other pages show other short codes.
		StopClause:  "\nSTOP:36111",
		PollEvery:   pollEvery,
		StatusBatch: statusBatch,
		LookupEvery: time.Duration(2 / c.CallsPerSecond * float64(time.Second)), // it makes two calls
		Simulated:   connector.OnThisMachine(c.Endpoint),
	}
}
