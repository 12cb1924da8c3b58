package ovh

import (
	"errors"
	"fmt"
	"net/http"
	"reflect"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"relais/connector"
	"relais/sms"
)

func goodConfig() *Config {
	c := defaults()
	c.ApplicationKey, c.ApplicationSecret, c.ConsumerKey, c.Service = testKey, testSecret, testToken, testService
	return c
}

func TestValidate(t *testing.T) {
	for _, tc := range []struct {
		name   string
		change func(*Config)
		want   string // key at fault; empty: none
	}{
		{"good", func(*Config) {}, ""},
		{"key of another length", func(c *Config) { c.ApplicationKey = "short" }, ""},
		{"no account", func(c *Config) { c.Service = "" }, "service"},
		{"v1 and port", func(c *Config) { c.Endpoint = "http://127.0.0.1:8081/ovh/v1" }, ""},
		{"sender with a space inside", func(c *Config) { c.Sender = "Town Hall" }, ""},
		{"sender that is a number", func(c *Config) { c.Sender = "+33639980100" }, ""},
		{"no endpoint", func(c *Config) { c.Endpoint = "" }, "endpoint"},
		{"endpoint by name", func(c *Config) { c.Endpoint = "ovh-eu" }, "endpoint"},
		{"endpoint with a slash", func(c *Config) { c.Endpoint += "/" }, "endpoint"},
		{"endpoint with a query", func(c *Config) { c.Endpoint += "?a=b" }, "endpoint"},
		{"no application key", func(c *Config) { c.ApplicationKey = "" }, "application_key"},
		{"application key with a tab", func(c *Config) { c.ApplicationKey += "\t" }, "application_key"},
		{"no application secret", func(c *Config) { c.ApplicationSecret = "" }, "application_secret"},
		{"application secret with a line end", func(c *Config) { c.ApplicationSecret += "\n" }, "application_secret"},
		{"no consumer key", func(c *Config) { c.ConsumerKey = "" }, "consumer_key"},
		{"consumer key with a space", func(c *Config) { c.ConsumerKey = " " + c.ConsumerKey }, "consumer_key"},
		{"consumer key with a hidden character", func(c *Config) { c.ConsumerKey += "\u200b" }, "consumer_key"},
		{"account with a space", func(c *Config) { c.Service += " " }, "service"},
		{"user with a line end", func(c *Config) { c.User = "hall\n" }, "user"},
		{"long sender", func(c *Config) { c.Sender = "TownHallOfParis" }, "sender"},
		{"sender with a space after", func(c *Config) { c.Sender = "Town " }, "sender"},
		{"priority", func(c *Config) { c.Priority = "urgent" }, "priority"},
		{"class as an integer", func(c *Config) { c.MessageClass = "0" }, "class"},
		{"tag", func(c *Config) { c.Tag = "long" }, "tag"},
		{"batch of none", func(c *Config) { c.MaxBatch = 0 }, "max_batch"},
		{"batch too large", func(c *Config) { c.MaxBatch = 501 }, "max_batch"},
		{"no rate", func(c *Config) { c.CallsPerSecond = 0 }, "calls_per_second"},
		{"no concurrency", func(c *Config) { c.Concurrency = 0 }, "concurrency"},
	} {
		t.Run(tc.name, func(t *testing.T) {
			c := goodConfig()
			tc.change(c)
			err := c.Validate()
			var got string
			if e, is := errors.AsType[*connector.ConfigError](err); is {
				got = e.Key
			}
			if got != tc.want || (err != nil) != (tc.want != "") {
				t.Errorf("got %v, want a word on %q", err, tc.want)
			}
			if err != nil && strings.Contains(err.Error(), testSecret) {
				t.Errorf("%q shows the secret", err)
			}
		})
	}
}

func TestValidateTellsEverything(t *testing.T) {
	err := (&Config{}).Validate()
	for _, key := range []string{
		"endpoint", "application_key", "application_secret", "consumer_key", "service", "tag", "max_batch",
	} {
		if !strings.Contains(fmt.Sprint(err), key+": ") {
			t.Errorf("no word on %s in %v", key, err)
		}
	}
}

func TestEveryKeyIsDocumented(t *testing.T) {
	for field := range reflect.TypeFor[Config]().Fields() {
		if field.Tag.Get("toml") == "" || !strings.HasSuffix(field.Tag.Get("doc"), ".") {
			t.Errorf("%s has no key, or no sentence", field.Name)
		}
	}
}

func TestOpenWithAnotherSection(t *testing.T) {
	if _, _, err := Provider().Open(new(int), connector.Env{}); err == nil {
		t.Error("another provider's section was accepted")
	}
}

func TestProvider(t *testing.T) {
	p := Provider()
	section := p.NewConfig()
	config, is := section.(*Config)
	if !is || p.Name != "ovh" {
		t.Fatalf("%s makes a %T", p.Name, section)
	}
	config.ApplicationKey, config.ApplicationSecret, config.ConsumerKey, config.Service = testKey, testSecret, testToken, testService
	if err := config.Validate(); err != nil {
		t.Fatalf("the defaults are not valid: %v", err)
	}
	c, facts, err := p.Open(config, connector.Env{HTTP: http.DefaultClient, Now: time.Now})
	if err != nil {
		t.Fatal(err)
	}
	want := connector.Facts{
		MaxBatch: 1, SameText: true, CallsPerSecond: 10, Concurrency: 8, Timeout: 30 * time.Second,
		CheckSenders: true, SenderCase: true,
		Senders: []sms.SenderKind{sms.Alphanumeric, sms.ShortCode, sms.LongNumber},
		Kinds:   []sms.Kind{sms.Flash}, StopClause: "\nSTOP:36111", PollEvery: 5 * time.Minute, StatusBatch: 20,
		LookupEvery: 200 * time.Millisecond,
	}
	if diff := cmp.Diff(want, facts); diff != "" {
		t.Errorf("facts (-want +got):\n%s", diff)
	}
	abilities := []string{
		"submit", "callbacks", "poll", "status", "balance", "tariff", "lookup", "check", "senders",
	}
	if diff := cmp.Diff(abilities, connector.CapabilitiesOf(c).Names()); diff != "" {
		t.Errorf("abilities (-want +got):\n%s", diff)
	}
}
