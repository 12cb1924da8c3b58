package config_test

import (
	"errors"
	"slices"
	"strings"
	"time"

	"relais/config"
	"relais/config/section"
	"relais/connector"
	"relais/door/alertmanager"
	"relais/door/kannel"
	"relais/door/ovh"
	"relais/door/passerelle"
	"relais/reason"
)

// pigeon is a provider of these tests. It declares max_batch, which is a
// common key too.
type pigeon struct {
	Endpoint string            `toml:"endpoint" doc:"Where the loft is."`
	Key      connector.Secret  `toml:"key" doc:"The key of the loft." example:"feather"`
	Ring     connector.Secret  `toml:"ring" doc:"What is written on the ring."`
	Depart   time.Duration     `toml:"depart" doc:"How long a bird waits." example:"2m"`
	MaxBatch int               `toml:"max_batch" doc:"Letters a bird carries."`
	Speed    float64           `toml:"speed" doc:"In metres per second."`
	Colours  []string          `toml:"colours" doc:"Of the birds." example:"white, grey"`
	Headers  map[string]string `toml:"headers" doc:"Sent with each letter."`
	Homing   bool              `toml:"homing" doc:"Whether birds come back."`
	hidden   string
}

var errNoBird = errors.New("no bird of this colour")

func (p *pigeon) Validate() error {
	var problems []error
	if p.Key == "" {
		problems = append(problems, &connector.ConfigError{
			Key: "key", Reason: reason.Verbatim("missing; the loft gave you one"),
		})
	}
	if strings.ContainsAny(p.Key.Reveal(), " \n") {
		problems = append(problems, &connector.ConfigError{
			Key: "key", Reason: reason.Verbatim("holds white space; copy it again"),
		})
	}
	if p.Speed > 40 {
		problems = append(problems, &connector.ConfigError{
			Key: "speed", Reason: reason.Verbatim("no pigeon flies faster than 40"),
		})
	}
	if slices.Contains(p.Colours, "blue") {
		problems = append(problems, errNoBird)
	}
	return errors.Join(problems...)
}

type raven struct {
	Name string `toml:"name" doc:"Of the raven."`
}

func providers() config.Parts {
	return config.Parts{Doors: doors(), Connectors: []connector.Provider{
		{
			Name: "pigeon", Title: "Pigeon Post",
			NewConfig: func() any {
				return &pigeon{
					Endpoint: "https://loft.example", MaxBatch: 3, Depart: time.Minute, hidden: "not a key",
				}
			},
		},
		{Name: "raven", Title: "Raven Mail", NewConfig: func() any { return &raven{} }},
	}}
}

// doors bring their tables in the order of the application.
func doors() []section.Table {
	return []section.Table{passerelle.Table(), kannel.Table(), alertmanager.Table(), ovh.Table()}
}

func noEnvironment(string) (string, bool) { return "", false }

func environment(values map[string]string) func(string) (string, bool) {
	return func(name string) (string, bool) {
		value, ok := values[name]
		return value, ok
	}
}
