package local

import (
	"errors"
	"io/fs"
	"net"
	"os"
	"syscall"

	"relais/app"
	"relais/cmd/relais/terminal"
	"relais/config"
	"relais/connector"
)

// Flags are the settings that the command line may set; each has a key in
// the file and a RELAIS_ variable. A flag wins over both.
type Flags struct {
	Config        string  `help:"Configuration file (TOML)." placeholder:"FILE" env:"RELAIS_CONFIG"`
	Listen        *string `help:"Address of the API (default 127.0.0.1:8080)." placeholder:"ADDR"`
	SMPPListen    *string `name:"smpp-listen" help:"Address of the door for SMPP clients (with --sandbox 127.0.0.1:2775)." placeholder:"ADDR"`
	Database      *string `help:"Database URL; default: SQLite in --data." placeholder:"URL"`
	Data          *string `help:"Data directory (default ./relais-data)." placeholder:"DIR"`
	Sandbox       *bool   `help:"Run simulated operators in the same process; connectors ovh and sfr, API key \"sandbox\"."`
	SandboxListen *string `help:"Address of the simulated operators (default 127.0.0.1:8081)." placeholder:"ADDR"`
	SandboxAt     *string `help:"Like --sandbox, with simulated operators that run at URL." placeholder:"URL"`
}

// Load reads the configuration: defaults, then the file, then the environment,
// then flags.
func (f *Flags) Load(t *terminal.Terminal) (config.Config, error) {
	if f.Sandbox != nil && *f.Sandbox && f.SandboxAt != nil {
		return config.Config{}, t.Misuse("sandbox_flags")
	}
	settings, err := config.Load(f.Config, os.LookupEnv, app.Parts(), f.given()...)
	if unreadable(err) {
		return settings, t.Failed(cause(err), "configuration_unreadable", "file", f.Config)
	}
	if err == nil && settings.Sandbox && settings.SandboxAt != "" {
		return settings, t.Misuse("sandbox_settings")
	}
	return settings, err
}

// unreadable reports whether the file of the configuration could not be read.
func unreadable(err error) bool {
	return errors.Is(err, fs.ErrNotExist) || errors.Is(err, fs.ErrPermission) ||
		errors.Is(err, syscall.EISDIR)
}

// cause is what an error wraps in the end.
func cause(err error) error {
	for inner := errors.Unwrap(err); inner != nil; inner = errors.Unwrap(err) {
		err = inner
	}
	return err
}

// given are the flags that the command line sets. One way to have simulated operators
// replaces the other.
func (f *Flags) given() []config.Flag {
	var flags []config.Flag
	add := func(given bool, key string, set func(*config.Config)) {
		if given {
			flags = append(flags, config.Flag{Key: key, Set: set})
		}
	}
	add(f.Listen != nil, "listen", func(c *config.Config) { c.Listen = *f.Listen })
	add(f.SMPPListen != nil, "smpp_listen", func(c *config.Config) { c.SMPPListen = *f.SMPPListen })
	add(f.Database != nil, "database", func(c *config.Config) { c.Database = connector.Secret(*f.Database) })
	add(f.Data != nil, "data", func(c *config.Config) { c.Data = *f.Data })
	add(f.SandboxListen != nil, "sandbox_listen", func(c *config.Config) {
		c.SandboxListen = *f.SandboxListen
	})
	add(f.Sandbox != nil, "sandbox", func(c *config.Config) {
		if c.Sandbox = *f.Sandbox; c.Sandbox {
			c.SandboxAt = ""
		}
	})
	add(f.SandboxAt != nil, "sandbox_at", func(c *config.Config) {
		c.SandboxAt, c.Sandbox = *f.SandboxAt, false
	})
	return flags
}

// Callable is an address to call where a gateway listens: every interface is
// none.
func Callable(listen string) string {
	host, port, err := net.SplitHostPort(listen)
	if err != nil {
		return listen // the configuration was checked before
	}
	if ip := net.ParseIP(host); host == "" || ip != nil && ip.IsUnspecified() {
		host = "127.0.0.1"
	}
	return net.JoinHostPort(host, port)
}
