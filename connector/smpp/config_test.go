package smpp_test

import (
	"errors"
	"testing"

	"relais/connector"
	operator "relais/connector/smpp"
)

func TestConfig(t *testing.T) {
	tests := map[string]func(*operator.Config){
		"":                func(*operator.Config) {},
		"address":         func(c *operator.Config) { c.Address = "smpp.operator.example" },
		"system_id":       func(c *operator.Config) { c.SystemID = "a name of sixteen" },
		"password":        func(c *operator.Config) { c.Password = "ninechars" },
		"system_type":     func(c *operator.Config) { c.SystemType = "thirteenchars" },
		"service_type":    func(c *operator.Config) { c.ServiceType = "sixsix" },
		"bind":            func(c *operator.Config) { c.Bind = "both" },
		"binds":           func(c *operator.Config) { c.Binds = 0 },
		"window":          func(c *operator.Config) { c.Window = 1001 },
		"sender":          func(c *operator.Config) { c.Sender = "Mairie@" },
		"name_type":       func(c *operator.Config) { c.NameType = "5" },
		"short_code_type": func(c *operator.Config) { c.ShortCodeType = "7/0" },
		"number_type":     func(c *operator.Config) { c.NumberType = "1/19" },
		"to_type":         func(c *operator.Config) { c.ToType = "" },
		"alphabet":        func(c *operator.Config) { c.Alphabet = "utf8" },
		"long_messages":   func(c *operator.Config) { c.LongMessages = "cut" },
		"flash":           func(c *operator.Config) { c.Flash = "yes" },
		"ids":             func(c *operator.Config) { c.IDs = "hex" },
		"query":           func(c *operator.Config) { c.Query, c.IDsFold = true, true },
		"time_zone":       func(c *operator.Config) { c.TimeZone = "Paris" },
		"enquire_every":   func(c *operator.Config) { c.EnquireEvery = 0 },
		"answer_timeout":  func(c *operator.Config) { c.AnswerTimeout = 0 },
	}
	s := newSMSC(t)
	for key, change := range tests {
		c := s.config()
		change(c)
		err := c.Validate()
		wrong, _ := errors.AsType[*connector.ConfigError](err)
		if key == "" && err == nil {
			continue
		}
		if wrong == nil || wrong.Key != key {
			t.Errorf("%s: %v", key, err)
		}
	}
}
