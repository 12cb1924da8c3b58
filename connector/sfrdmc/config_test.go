package sfrdmc_test

import (
	"errors"
	"reflect"
	"testing"
	"time"

	"relais/connector"
	"relais/connector/sfrdmc"
)

func TestValidate(t *testing.T) {
	for _, tc := range []struct {
		name   string
		change func(*sfrdmc.Config)
		want   string // key at fault; empty for none
	}{
		{"complete", func(*sfrdmc.Config) {}, ""},
		{"simulated operator", func(c *sfrdmc.Config) { c.BaseURL = "http://127.0.0.1:8081/dmc/" }, ""},
		{"no base_url", func(c *sfrdmc.Config) { c.BaseURL = "" }, "base_url"},
		{"base_url without a scheme", func(c *sfrdmc.Config) { c.BaseURL = "www.dmc.sfr-sh.fr" }, "base_url"},
		{"base_url with a password", func(c *sfrdmc.Config) { c.BaseURL = "https://a:b@www.dmc.sfr-sh.fr" }, "base_url"},
		{"base_url with a query", func(c *sfrdmc.Config) { c.BaseURL = "https://www.dmc.sfr-sh.fr?a=b" }, "base_url"},
		{"short version", func(c *sfrdmc.Config) { c.Version = "1.5" }, ""},
		{"no version", func(c *sfrdmc.Config) { c.Version = "" }, "version"},
		{"version with a path", func(c *sfrdmc.Config) { c.Version = "1.5.8/.." }, "version"},
		{"no service", func(c *sfrdmc.Config) { c.ServiceID = " " }, "service_id"},
		{"no password", func(c *sfrdmc.Config) { c.ServicePassword = "" }, "service_password"},
		{"no space", func(c *sfrdmc.Config) { c.SpaceID = "" }, "space_id"},
		{"space by its name", func(c *sfrdmc.Config) { c.SpaceID = "Mairie" }, "space_id"},
		{"other language", func(c *sfrdmc.Config) { c.Lang = "En_gb" }, ""},
		{"no language", func(c *sfrdmc.Config) { c.Lang = "" }, "lang"},
		{"longest sender", func(c *sfrdmc.Config) { c.Sender = "MAIRIE-DE-X" }, ""},
		{"sender too long", func(c *sfrdmc.Config) { c.Sender = "MAIRIE-DE-XX" }, "sender"},
		{"no rate", func(c *sfrdmc.Config) { c.CallsPerSecond = 0 }, "calls_per_second"},
		{"no batch", func(c *sfrdmc.Config) { c.MaxBatch = 0 }, "max_batch"},
		{"batch too large", func(c *sfrdmc.Config) { c.MaxBatch = 21 }, "max_batch"},
		{"batch refusal that holds", func(c *sfrdmc.Config) { c.BatchRefusal = "hold" }, ""},
		{"unknown batch refusal", func(c *sfrdmc.Config) { c.BatchRefusal = "resend" }, "batch_refusal"},
		{"no batch refusal", func(c *sfrdmc.Config) { c.BatchRefusal = "" }, "batch_refusal"},
		{"shortest overlap", func(c *sfrdmc.Config) { c.ReportOverlap = time.Minute }, ""},
		{"no overlap", func(c *sfrdmc.Config) { c.ReportOverlap = 0 }, "report_overlap"},
		{"overlap of a month", func(c *sfrdmc.Config) { c.ReportOverlap = 30 * 24 * time.Hour }, "report_overlap"},
		{"broadcast", func(c *sfrdmc.Config) { c.BroadcastID = "901000" }, ""},
		{"broadcast by its name", func(c *sfrdmc.Config) { c.BroadcastID = "UnitarySMS" }, "broadcast_id"},
		{"no time", func(c *sfrdmc.Config) { c.Timeout = 0 }, "timeout"},
	} {
		t.Run(tc.name, func(t *testing.T) {
			c := config("https://www.dmc.sfr-sh.fr")
			tc.change(c)
			err := c.Validate()
			wrong, _ := errors.AsType[*connector.ConfigError](err)
			if tc.want == "" && err != nil || tc.want != "" && (wrong == nil || wrong.Key != tc.want) {
				t.Errorf("Validate = %v, want key %q", err, tc.want)
			}
		})
	}
}

func TestDefaultsNeedOnlyTheContract(t *testing.T) {
	c := sfrdmc.Provider().NewConfig().(*sfrdmc.Config)
	err := c.Validate()
	joined, ok := err.(interface{ Unwrap() []error })
	if !ok || len(joined.Unwrap()) != 3 {
		t.Errorf("Validate of the defaults = %v, want service_id, service_password and space_id", err)
	}
}

func TestEveryKeyIsExplained(t *testing.T) {
	section := reflect.TypeFor[sfrdmc.Config]()
	for field := range section.Fields() {
		if field.Tag.Get("toml") == "" || field.Tag.Get("doc") == "" {
			t.Errorf("field %s has no toml or doc tag", field.Name)
		}
	}
}

func TestOpenRefusesAnotherSection(t *testing.T) {
	if _, _, err := sfrdmc.Provider().Open(&struct{}{}, connector.Env{}); err == nil {
		t.Error("Open takes a configuration that is not its own")
	}
}
