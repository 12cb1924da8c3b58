package config

import (
	"slices"
	"time"

	"relais/sms"
)

// Config is the whole configuration. The tags give each key of the file, its
// explanation in the example, and a value to show there where the default
// would say nothing.
type Config struct {
	Listen           string             `toml:"listen" doc:"Address of the HTTP API."`
	Data             string             `toml:"data" doc:"Directory of the embedded database, relative to the working directory."`
	Database         string             `toml:"database" doc:"Database. Empty means SQLite in the data directory, the only one for now."`
	Sandbox          bool               `toml:"sandbox" doc:"Run simulated operators in this process, with the connector instances ovh and sfr that point at them and the API key \"sandbox\". For trials: nothing reaches a real phone through them."`
	SandboxListen    string             `toml:"sandbox_listen" doc:"Address of the simulated operators and of their handsets."`
	SandboxAt        string             `toml:"sandbox_at" doc:"URL of simulated operators that run elsewhere (relais sandbox). Otherwise the same as sandbox."`
	StopTimeout      time.Duration      `toml:"stop_timeout" doc:"How long a stop waits for calls to operators that are under way."`
	DefaultConnector string             `toml:"default_connector" doc:"Connector of messages that name none. Empty means the first one of this file."`
	Log              Log                `toml:"log" doc:"What is written to standard error."`
	Limits           Limits             `toml:"limits" doc:"What one request may ask, and how much may wait."`
	Accounts         map[string]Account `toml:"account" doc:"Settings of one account (tenant), by its name. An account without a section has these defaults."`
	Connectors       []Connector        `toml:"connector" doc:"One section for each configured operator; its name is yours to choose: lower-case letters, digits and dashes."`

	// Warnings are remarks on a configuration that works. Load fills it, for
	// the command to log.
	Warnings []string

	origins map[string]origin
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

// Account holds the defaults of one tenant's messages.
type Account struct {
	DefaultRegion    string    `toml:"default_region" doc:"Country of numbers written without a prefix, as two letters (ISO 3166-1)." example:"RE"`
	DefaultSender    string    `toml:"default_sender" doc:"Sender of messages that name none. Empty leaves it to the connector." example:"TownHall"`
	DefaultClass     sms.Class `toml:"default_class" doc:"Class of messages that name none: otp, transactional or marketing."`
	DefaultConnector string    `toml:"default_connector" doc:"Connector of messages that name none. Empty means the general default_connector."`
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

	// Section is the provider's own part: a pointer that its NewConfig made,
	// filled and validated.
	Section any
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

func defaults() Config {
	return Config{
		Listen:        "127.0.0.1:8080",
		Data:          "./relais-data",
		SandboxListen: "127.0.0.1:8081",
		StopTimeout:   30 * time.Second,
		Log:           Log{Level: "info", Format: "text"},
		Limits:        Limits{Segments: 10, Recipients: 10_000, Backlog: 5_000_000},
		Accounts:      map[string]Account{},
	}
}

func defaultAccount() Account {
	return Account{DefaultRegion: "FR", DefaultClass: sms.Transactional}
}
