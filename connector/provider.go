package connector

import (
	"log/slog"
	"net/http"
	"time"

	"relais/reason"
)

// Provider is the entry of one operator in the application's table.
type Provider struct {
	Name  string // value of `provider` in the configuration: "ovh"
	Title string // for people: "OVHcloud SMS"
	// NewConfig returns a pointer to the provider's section with its defaults.
	// Fields carry `toml:"key"` and `doc:"sentence"` tags, and `example:"…"`
	// where a placeholder helps; fields of type Secret may also be given as
	// key_file. Config implements Validator when it has rules.
	NewConfig func() any
	// Open makes an instance from a section that NewConfig made and that passed
	// Validate. It does no network call.
	Open func(config any, env Env) (Connector, Facts, error)
}

// Validator is what a section implements to check its values. The error is a
// *ConfigError, or several joined.
type Validator interface {
	Validate() error
}

// ConfigError says which key of a section is wrong.
type ConfigError struct {
	Key    string
	Reason reason.Reason // what is wrong and what would be right; it never holds a secret
}

func (e *ConfigError) Error() string { return e.Key + ": " + e.Reason.In(reason.English) }

// Env is what the application lends to an instance.
type Env struct {
	Instance string // name of the instance: "ovh-town"
	// CallbackURL is the address that the operator may call, without a slash at the
	// end; it holds a secret. Empty when the operator cannot reach the gateway.
	CallbackURL string
	HTTP        *http.Client     // keeps connections alive; without a timeout of its own
	Log         *slog.Logger     // already carries the instance
	Now         func() time.Time // the gateway's clock
}

// Locator is what a section implements that names files of its own. It is told before Validate
// how a name becomes a path: relative to the directory of the configuration's file.
type Locator interface {
	Locate(inPlace func(name string) string)
}
