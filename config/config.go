package config

import (
	"slices"
	"time"

	"relais/config/section"
	"relais/connector"
	"relais/number"
	"relais/reason"
	"relais/sms"
	"relais/tariff"
)

// Config is the whole configuration. The tags give each key of the file, its
// explanation in the example, and a value to show there where the default
// would say nothing.
type Config struct {
	Listen            string             `toml:"listen" doc:"Address of the HTTP API."`
	Data              string             `toml:"data" doc:"Directory of the embedded database, relative to the working directory."`
	PublicURL         string             `toml:"public_url" doc:"Address under which operators reach this gateway, for their callbacks. Empty means that they are polled." example:"https://sms.town.example"`
	TrustedProxies    []string           `toml:"trusted_proxies" doc:"Networks of the proxies in front of the gateway, whose X-Forwarded-For is believed, from its end: for the limits of signing in, for what the audit says, and for the networks of API keys. Doors have lists of their own." example:"127.0.0.0/8, ::1, 10.0.3.0/24"`
	SealKey           connector.Secret   `toml:"seal_key" doc:"Key that seals secrets in the database: 64 hexadecimal digits, which openssl rand -hex 32 makes. Empty means the file seal.key in the data directory, which the first start makes." example:"0123456789abcdef0123456789abcdef0123456789abcdef0123456789abcdef"`
	Database          connector.Secret   `toml:"database" doc:"URL of a PostgreSQL database, for several nodes or a large queue; it may hold a password. Empty means SQLite in the data directory." example:"postgres://relais@db.town.example/relais"`
	Lease             time.Duration      `toml:"lease" doc:"With PostgreSQL: how long the work of a node that died stays its own, before another takes it over."`
	Sandbox           bool               `toml:"sandbox" doc:"Run simulated operators in this process, with the connector instances ovh and sfr that point at them and the API key \"sandbox\". For trials: nothing reaches a real phone through them."`
	SandboxListen     string             `toml:"sandbox_listen" doc:"Address of the simulated operators and of their handsets."`
	SandboxAt         string             `toml:"sandbox_at" doc:"URL of simulated operators that run elsewhere (relais sandbox). Otherwise the same as sandbox."`
	SMPPListen        string             `toml:"smpp_listen" doc:"Address of the door for clients that speak SMPP ([smpp.SYSTEM_ID]). Empty means that it is closed; beside simulated operators that it is at 127.0.0.1:2775, or at any free port where listen is not 127.0.0.1:8080." example:"0.0.0.0:2775"`
	KeepHistoryMonths int                `toml:"keep_history_months" doc:"Full months before this one whose messages are kept, with their timelines and the replies. Older ones are dropped once they have ended. 0 keeps all."`
	KeepAuditMonths   int                `toml:"keep_audit_months" doc:"Months after which what people did in the console, and who failed to sign in, is removed from the audit; 6 at least. 0 keeps all. Exports and erasures of persons are kept as proofs."`
	StopTimeout       time.Duration      `toml:"stop_timeout" doc:"How long a stop waits for calls to operators that are under way."`
	DefaultConnector  string             `toml:"default_connector" doc:"Connector of messages that name none. Empty means the first one of this file."`
	Currency          string             `toml:"currency" doc:"Currency of every price (ISO 4217). Amounts that are stored are not converted: choose it once."`
	Log               Log                `toml:"log" doc:"What is written to standard error."`
	Limits            Limits             `toml:"limits" doc:"What one request may ask, and how much may wait."`
	Receipts          Receipts           `toml:"receipts" doc:"How long an operator's receipt may take. Then the message is looked up a last time, and expires with the reason no_receipt."`
	Doubt             Doubt              `toml:"doubt" doc:"When an operator gave no clear answer to a call it is asked whether it took the message. What happens where it cannot tell."`
	Health            Health             `toml:"health" doc:"When a connector is left for the others of a route, and how it comes back."`
	Webhooks          Webhooks           `toml:"webhooks" doc:"How callers' systems are told what happened."`
	Credit            Credit             `toml:"credit" doc:"How the credit with operators is watched."`
	SMPPTLS           SMPPTLS            `toml:"smpp_tls" doc:"The door for clients that speak SMPP over TLS, from the first octet on."`
	Traces            Traces             `toml:"traces" doc:"OpenTelemetry traces of messages, from the request to the webhook. They hold no number and no text."`
	Mail              Mail               `toml:"mail" doc:"Mail to people who look after the gateway, when credit runs out."`
	Console           Console            `toml:"console" doc:"How the pages for people look."`
	Accessibility     Accessibility      `toml:"accessibility" doc:"What the declaration of accessibility of the console says. The law asks French authorities for one; without an audit the pages count as not compliant."`
	OIDC              OIDC               `toml:"oidc" doc:"OpenID Connect: how people sign in to the console by a provider of identities; see docs/sign-in.md."`
	Routes            []Route            `toml:"route" doc:"Rules that choose the connector of messages whose caller names none, in the order of this file: the first that holds is used. Conditions that are left out hold for everything."`
	Quotas            []Quota            `toml:"quota" doc:"How much may be sent in a period; see docs/limits.md. Each quota counts for itself, conditions that are left out hold for everything."`
	Replies           []Reply            `toml:"reply" doc:"What else happens to replies, in the order of this file: the first rule that holds is used. Conditions that are left out hold for every reply."`
	Accounts          map[string]Account `toml:"account" doc:"Settings of one account (tenant), by its name. An account without a section has these defaults."`
	Policies          map[string]Policy  `toml:"policy" doc:"Rules of advertising of your own, by a name that accounts and connectors then use."`
	Connectors        []Connector        `toml:"connector" doc:"One section for each configured operator; its name is yours to choose: lower-case letters, digits and dashes."`

	// Doors are the sections of doors, by the key of their table and their name: each is
	// a pointer that the New of the table made.
	Doors map[string]map[string]any

	// Warnings are remarks on a configuration that works. Load fills it, for
	// the command to log.
	Warnings []reason.Reason

	// Digest tells files apart: where it is the same, the same was read.
	Digest string

	origins map[string]origin
	tables  []section.Table // that Doors has
}

// Log says what is logged and how.
type Log struct {
	Level  string `toml:"level" doc:"Least level that is written: debug, info, warn or error."`
	Format string `toml:"format" doc:"text for people, json for machines."`
}

// Limits bounds requests and the queue. What goes beyond is refused with the
// limit in the answer.
type Limits struct {
	Segments   int `toml:"segments" doc:"Most segments of one message. The concatenation header allows 255 at most (3GPP TS 23.040, 9.2.3.24.1)."`
	Recipients int `toml:"recipients" doc:"Most recipients of one request, at most 10000."`
	Backlog    int `toml:"backlog" doc:"Messages that may wait before further ones are answered with 429."`
}

// Receipts says how long a receipt may take, by class.
type Receipts struct {
	OTP           time.Duration `toml:"otp" doc:"For one-time codes."`
	Transactional time.Duration `toml:"transactional" doc:"Operators hold a text for a handset that is off for 48 to 72 hours."`
	Marketing     time.Duration `toml:"marketing" doc:"For advertising."`
}

// Doubt says what happens to messages that an operator may have taken.
type Doubt struct {
	OTP string `toml:"otp" doc:"One-time codes: hold, or resend once the operator was asked twice. The person may get a code twice then."`
}

// Health says when a connector is left.
type Health struct {
	ErrorRate    float64       `toml:"error_rate" doc:"Share of the last minute's messages whose calls failed, or of the messages whose receipts are late, from which a connector is left."`
	Least        int           `toml:"least" doc:"Messages before a share counts."`
	ReceiptDelay time.Duration `toml:"receipt_delay" doc:"A receipt that takes longer is late."`
	ProbeEvery   time.Duration `toml:"probe_every" doc:"How often one message, no one-time code, tries a connector that was left; ever more seldom while it fails."`
}

// Webhooks says how webhooks are delivered.
type Webhooks struct {
	Allow       []string         `toml:"allow" doc:"Networks that webhooks may go to beside the public internet: loopback, private. With sandbox loopback is allowed." example:"private"`
	Proxy       connector.Secret `toml:"proxy" doc:"HTTP proxy through which webhooks reach the public internet, with its port; it may hold a login. Empty means directly: HTTPS_PROXY does not count here." example:"http://relais:changeme@proxy.town.example:3128"`
	Timeout     time.Duration    `toml:"timeout" doc:"Longest time of one request."`
	Concurrency int              `toml:"concurrency" doc:"Most requests under way to one endpoint."`
}

// SMPPTLS is where SMPP clients reach the gateway over TLS.
type SMPPTLS struct {
	Listen      string `toml:"listen" doc:"Address of the door. Empty means that there is none with TLS." example:"0.0.0.0:3550"`
	Certificate string `toml:"certificate" doc:"File with the certificate and those between it and its authority (PEM), relative to the working directory." example:"/etc/relais/smpp.pem"`
	Key         string `toml:"key" doc:"File with its private key (PEM), relative to the working directory." example:"/etc/relais/smpp.key"`
}

// Credit says how credit is watched.
type Credit struct {
	CheckEvery  time.Duration `toml:"check_every" doc:"How often operators that can tell are asked."`
	RemindEvery time.Duration `toml:"remind_every" doc:"How often people are told again, until the credit recovers."`
}

// Traces says where traces are sent.
type Traces struct {
	Endpoint string           `toml:"endpoint" doc:"Collector that takes OTLP over HTTP; /v1/traces is added. Empty means no traces." example:"http://127.0.0.1:4318"`
	Sample   float64          `toml:"sample" doc:"Share of the requests whose caller named no trace that are traced. One that names a trace is traced when its caller's is."`
	Header   string           `toml:"header" doc:"Header in which the collector wants its token."`
	Token    connector.Secret `toml:"token" doc:"What stands in that header, whole. Empty means that the header is not sent." example:"Bearer changeme"`
}

// Mail says how mail leaves.
type Mail struct {
	Server   string           `toml:"server" doc:"SMTP server with its port. Empty means no mail." example:"smtp.town.example:587"`
	TLS      string           `toml:"tls" doc:"starttls, tls from the first byte, or none."`
	Username string           `toml:"username" doc:"Empty means without login." example:"relais"`
	Password connector.Secret `toml:"password" doc:"Password of the username."`
	From     string           `toml:"from" doc:"Sender of the mail." example:"relais@town.example"`
	To       []string         `toml:"to" doc:"Who gets it." example:"it@town.example"`
	Language string           `toml:"language" doc:"fr or en."`
}

// Route chooses connectors.
type Route struct {
	Name         string
	Connectors   []string      `toml:"connectors" doc:"Connectors, most wanted first. The next one takes over when one fails and certainly did not take the message."`
	Weights      []int         `toml:"weights" doc:"Share of the numbers that begins with each connector. Empty means the first for all." example:"70, 30"`
	Family       []string      `toml:"family" doc:"Families of numbers: fr-metro, fr-overseas, else a country in lower case." example:"fr-metro"`
	Country      []string      `toml:"country" doc:"Countries of numbers, as two letters (ISO 3166-1)." example:"FR, RE"`
	Class        []sms.Class   `toml:"class" doc:"Classes: otp, transactional, marketing." example:"otp"`
	Sender       []string      `toml:"sender" doc:"Senders." example:"TownHall"`
	Account      []string      `toml:"account" doc:"Accounts." example:"town-hall"`
	SecondChance time.Duration `toml:"second_chance" doc:"When the receipt of a one-time code takes longer, the text is sent once more through the next connector. The person may get it twice. 0s means never." example:"20s"`
}

// Quota bounds what is accepted in a period.
type Quota struct {
	Name     string
	Account  []string    `toml:"account" doc:"Accounts that it holds for." example:"town-hall"`
	Key      []string    `toml:"key" doc:"Keys that it holds for, as the timeline names who sent: forms or api:forms, kannel:NAME, passerelle:INSTANCE/CALLER." example:"forms"`
	Class    []sms.Class `toml:"class" doc:"Classes: otp, transactional, marketing." example:"marketing"`
	Family   []string    `toml:"family" doc:"Families of numbers that it counts: fr-metro, fr-overseas, else a country in lower case. Empty means all."`
	Outside  []string    `toml:"outside" doc:"Families of numbers that it does not count." example:"fr-metro, fr-overseas"`
	Per      string      `toml:"per" doc:"What is counted apart: each account; each key; each country to which a key sends, country; the same in the first period after its first message there, new_country; each recipient; or each text to a recipient, text." example:"key"`
	Every    string      `toml:"every" doc:"Period: minute, hour, day or month. Days and months are those of the calendar, in the time zone of the machine. recipient and text count the minute, hour or day that just passed." example:"hour"`
	Messages int         `toml:"messages" doc:"Most messages in a period. 0: any number." example:"1000"`
	Segments int         `toml:"segments" doc:"Most segments in a period. 0: any number." example:"3000"`
	Money    string      `toml:"money" doc:"Most money in a period, by the prices of the connectors that are chosen; in quotes, with a point. Messages without a price count nothing. Empty means any amount." example:"50"`
}

// Reply is a rule about replies.
type Reply struct {
	Name      string
	Account   []string `toml:"account" doc:"Accounts whose messages are answered." example:"town-hall"`
	Connector []string `toml:"connector" doc:"Connectors that the reply comes by."`
	Keyword   []string `toml:"keyword" doc:"Words of which one begins the reply; case, accents and punctuation do not matter." example:"HORAIRES"`
	Pattern   string   `toml:"pattern" doc:"Regular expression (RE2) that the reply matches." example:"(?i)^oui"`
	Webhook   string   `toml:"webhook" doc:"Address that gets the event inbound.received, beside the webhooks that subscribed." example:"https://forms.town.example/sms"`
	Text      string   `toml:"text" doc:"Text that is answered, at most once in ten minutes to one number." example:"Ouvert de 9 h à 17 h."`
}

// Account holds the defaults of one tenant's messages.
type Account struct {
	DefaultRegion     string            `toml:"default_region" doc:"Country of numbers written without a prefix, as two letters (ISO 3166-1)." example:"RE"`
	DefaultSender     string            `toml:"default_sender" doc:"Sender of messages that name none. Empty leaves it to the connector." example:"TownHall"`
	DefaultClass      sms.Class         `toml:"default_class" doc:"Class of messages that name none: otp, transactional or marketing."`
	DefaultConnector  string            `toml:"default_connector" doc:"Connector of messages that name none and that no route takes. Empty means the general default_connector."`
	KeepTextsDays     int               `toml:"keep_texts_days" doc:"Days after which the texts of messages that ended, and of replies, are removed. 0 keeps them."`
	KeepNumbersDays   int               `toml:"keep_numbers_days" doc:"Days after which a pseudonym stands for the numbers of messages that ended, and of replies; a search by number still finds them. 0 keeps them."`
	KeepFileDays      int               `toml:"keep_file_days" doc:"Days after the end of a campaign, or without a change of one that was not started, after which its file and the values of its rows are removed. 0 keeps them, the values no longer than keep_texts_days."`
	ApproveAboveRows  int               `toml:"approve_above_rows" doc:"Campaigns of more messages start once a second person agreed, who neither wrote nor started them: one with the role approver or manager, or a key with the right approve. 0: each campaign; -1: none."`
	ApproveAbovePrice string            `toml:"approve_above_price" doc:"Campaigns that cost more start once a second person agreed, and those of which a message has no known price; in quotes, with a point. Empty: none." example:"250"`
	Families          []string          `toml:"families" doc:"Families of numbers that get messages: fr-metro, fr-overseas, else a country in lower case. all, or an empty list, takes every one." example:"fr-metro, fr-overseas"`
	AllowSpecial      bool              `toml:"allow_special" doc:"Send to premium-rate, special-rate and freephone numbers too."`
	AllowMachines     bool              `toml:"allow_machines" doc:"Send to numbers between machines too: those of 14 digits in France, which begin with 0700."`
	FixedLines        string            `toml:"fixed_lines" doc:"Which fixed lines get messages, with a warning: abroad, those outside metropolitan France; all; or none."`
	SenderPunctuation bool              `toml:"sender_punctuation" doc:"Names of senders may hold space and - . , & + _ ' beside letters and digits. Operators differ in which of them they take; false leaves letters and digits alone."`
	GenericSenders    []string          `toml:"generic_senders" doc:"Names that tell nobody who writes: refused as senders, unless listed." example:"info, infos, sms, message, test, alerte, alert, urgent, important, service, client, code, notif, otp"`
	ForbiddenSenders  []string          `toml:"forbidden_senders" doc:"Words of others that no sender may hold, unless listed." example:"ameli, antai, impots, gouv, police, cpam, urssaf, chronopost, colissimo, netflix, paypal, banque"`
	ReplaceSenders    bool              `toml:"replace_senders" doc:"Send with default_sender what asks for a sender that is refused, with a warning, where otherwise the request is refused."`
	Senders           map[string]Sender `toml:"sender" doc:"A sender that the account may use, by its name. When one is listed, no other may be used, save default_sender."`
	Policy            string            `toml:"policy" doc:"Rules of the account's advertising: the hours at which it goes, its STOP clause, its senders. One of those in the program (fr-2024-09, fr-2026-03, fr-prudent), or a [policy.NAME]. Empty means the hours and the STOP clause of fr-2026-03 for numbers of the French plan, overseas with it, and nothing for others. none: everything goes at once." example:"fr-2026-03"`
	Typography        string            `toml:"typography" doc:"What becomes of characters that the GSM alphabet lacks, one of which makes a text dearer: keep, they stay; gsm, they are replaced, œ by oe for one, where that makes the text GSM 7-bit."`
	StopWords         []string          `toml:"stop_words" doc:"Further words that are a STOP when a reply is nothing else, beside those in the program: see docs/opt-outs.md." example:"FINI, ABMELDEN"`
	StopConfirmation  string            `toml:"stop_confirmation" doc:"Text that confirms a STOP, once for each: transactional, billed and counted like any other. Empty means none." example:"Mairie : vous ne recevrez plus de publicité."`
	Weight            int               `toml:"weight" doc:"Turns in a row, 1 to 100, where others wait for the same operator in the same class: 3 has three messages sent for each one of an account with 1. Nobody who has nothing waiting takes a turn."`
	OptOutScope       string            `toml:"opt_out_scope" doc:"What a STOP stops: account, every sender of the account, or sender, the one that was answered."`
}

// Sender is one that an account may use.
type Sender struct {
	ValidFrom  string `toml:"valid_from" doc:"First day, as 2026-01-31. Empty means always." example:"2026-01-01"`
	ValidUntil string `toml:"valid_until" doc:"Last day. Empty means for ever." example:"2027-12-31"`
	Proof      string `toml:"proof" doc:"Why the account may use it: a trade mark, a decision, the operator's approval, and where it is kept. For people." example:"Approved by OVH on 2026-01-15, ticket 4711"`
}

// Connector is one configured operator. A nil limit leaves the matter to the
// provider.
//
// A provider may declare one of these keys in its own section too and then
// receives the value there as well: this is where it has a default and a bound
// of its own to show in the example and to judge by, such as the 5 calls a
// second of a contract. The gateway reads the value here, for every provider
// alike; both come from the same line, so they cannot differ.
type Connector struct {
	Name              string
	Provider          string         `toml:"provider" doc:"Whose code speaks to the operator."`
	CallsPerSecond    *float64       `toml:"calls_per_second" doc:"Most calls a second. Unset means the provider's limit." example:"5"`
	SegmentsPerSecond *float64       `toml:"segments_per_second" doc:"Most segments a second. Unset means the provider's limit." example:"50"`
	Concurrency       *int           `toml:"concurrency" doc:"Most calls under way at once. Unset means the provider's limit." example:"4"`
	MaxBatch          *int           `toml:"max_batch" doc:"Most messages in one call. Unset means the provider's limit." example:"10"`
	Timeout           *time.Duration `toml:"timeout" doc:"Longest time of one call. Unset means the provider's." example:"30s"`

	PollEvery      *time.Duration   `toml:"poll_every" doc:"How often the operator is asked for receipts and replies that it did not push. Unset means the provider's." example:"1m"`
	Account        string           `toml:"account" doc:"Account that owns replies which answer no known message. Empty means default." example:"town-hall"`
	CallbackSecret connector.Secret `toml:"callback_secret" doc:"Secret in the address that the operator calls: 16 characters or more of a-z and 0-9. Empty means one that is derived from the seal key." example:"changeme0changeme0changeme"`
	CreditAlert    *float64         `toml:"credit_alert" doc:"People and webhooks are told when the credit falls below. Unset means never." example:"500"`

	PolicyOverlay string `toml:"policy_overlay" doc:"Rules of the operator, which hold beside the account's: ovh, sfr, or a [policy.NAME]. Empty means none." example:"ovh"`

	Tariff string `toml:"tariff" doc:"What a segment costs by it: operator, where the operator tells its prices, or a file with prices that ends in .toml, relative to the directory of this one; see docs/tariffs.md. Empty means that prices are not known." example:"contract.toml"`
	// Prices are those of the file that Tariff names; nil: it names none.
	Prices *tariff.Table

	// Section is the provider's own part: a pointer that its NewConfig made,
	// filled and validated.
	Section any
}

// Parts are what brings sections of its own.
type Parts struct {
	Connectors []connector.Provider
	Doors      []section.Table
}

// Account returns the settings of the named account: its section, or the
// defaults where it has none.
func (c Config) Account(name string) Account {
	if account, ok := c.Accounts[name]; ok {
		return account
	}
	return defaultAccount()
}

// Connector returns the named instance.
func (c Config) Connector(name string) (Connector, bool) {
	at := slices.IndexFunc(c.Connectors, func(conn Connector) bool { return conn.Name == name })
	if at < 0 {
		return Connector{}, false
	}
	return c.Connectors[at], true
}

// defaults are those of a configuration with these parts.
func defaults(p Parts) Config {
	return Config{
		Listen:          "127.0.0.1:8080",
		TrustedProxies:  []string{"127.0.0.0/8", "::1"},
		Data:            "./relais-data",
		SandboxListen:   "127.0.0.1:8081",
		Currency:        "EUR",
		StopTimeout:     30 * time.Second,
		KeepAuditMonths: 12,
		Lease:           10 * time.Second,
		Log:             Log{Level: "info", Format: "text"},
		Limits:          Limits{Segments: 10, Recipients: 10_000, Backlog: 5_000_000},
		Doubt:           Doubt{OTP: "hold"},
		Accessibility:   Accessibility{Conformity: "none"},
		Receipts:        Receipts{OTP: time.Hour, Transactional: 72 * time.Hour, Marketing: 72 * time.Hour},
		Health: Health{
			ErrorRate: 0.5, Least: 10, ReceiptDelay: 10 * time.Minute, ProbeEvery: 30 * time.Second,
		},
		Webhooks: Webhooks{Timeout: 10 * time.Second, Concurrency: 16},
		Credit:   Credit{CheckEvery: 5 * time.Minute, RemindEvery: 24 * time.Hour},
		Traces:   Traces{Sample: 1, Header: "Authorization"},
		Mail:     Mail{TLS: "starttls", Language: "fr"},
		OIDC:     defaultOIDC(),
		Accounts: map[string]Account{},
		tables:   p.Doors,
	}
}

func defaultAccount() Account {
	return Account{
		DefaultRegion: "FR", DefaultClass: sms.Transactional, FixedLines: string(number.LinesAbroad),
		SenderPunctuation: true, KeepFileDays: 7, ApproveAboveRows: -1,
		Typography: "keep", OptOutScope: "account", Weight: 1,
	}
}

func (a *Account) setDefaults() { *a = defaultAccount() }
