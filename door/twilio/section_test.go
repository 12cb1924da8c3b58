package twilio_test

import (
	"slices"
	"strings"
	"testing"

	"relais/door/twilio"
	"relais/reason"
)

// rest has one connector.
type rest struct{}

func (rest) WrongConnector(name string) reason.Reason {
	if name == "" || name == "ovh" {
		return reason.Reason{}
	}
	return reason.Of("config_invalid/no_connector", nil)
}

// TestSectionsThatCannotWork tells the key at fault of each.
func TestSectionsThatCannotWork(t *testing.T) {
	section := func(change func(*twilio.Section)) *twilio.Section {
		s := twilio.Table().New().(*twilio.Section)
		s.Sid, s.Token, s.Services = town, "token", map[string]twilio.ServiceSection{"codes": {Sid: service}}
		change(s)
		return s
	}
	for _, tc := range []struct {
		name   string
		change func(*twilio.Section)
		want   []string
	}{
		{"whole", func(*twilio.Section) {}, nil},
		{"no sid", func(s *twilio.Section) { s.Sid = "" }, []string{"town.sid"}},
		{"the sid of a key", func(s *twilio.Section) { s.Sid = keySid }, []string{"town.sid"}},
		{"a sid that is too short", func(s *twilio.Section) { s.Sid = town[:33] }, []string{"town.sid"}},
		{"a sid in capitals", func(s *twilio.Section) { s.Sid = "AC" + strings.ToUpper(other[2:]) }, []string{"town.sid"}},
		{"a service in capitals", func(s *twilio.Section) {
			s.Services["codes"] = twilio.ServiceSection{Sid: "MG" + strings.ToUpper(service[2:])}
		}, []string{"town.service.codes.sid"}},
		{"another's sid", func(s *twilio.Section) { s.Sid = other }, []string{"town.sid"}},
		{"no token", func(s *twilio.Section) { s.Token = "" }, []string{"town.token"}},
		{"no account", func(s *twilio.Section) { s.Account = "" }, []string{"town.account"}},
		{"another's account", func(s *twilio.Section) { s.Account = "other" }, []string{"town.account"}},
		{"no network", func(s *twilio.Section) { s.AllowFrom = []string{"anywhere"} }, []string{"town.allow_from"}},
		{"no connector", func(s *twilio.Section) { s.Connector = "nowhere" }, []string{"town.connector"}},
		{"no class", func(s *twilio.Section) { s.Class = "urgent" }, []string{"town.class"}},
		{"no address", func(s *twilio.Section) { s.RepliesURL = "town.example" }, []string{"town.replies_url"}},
		{"a port that is none", func(s *twilio.Section) { s.RepliesURL = "https://town.example:0/sms" }, []string{"town.replies_url"}},
		{"a number as a host", func(s *twilio.Section) { s.RepliesURL = "http://2130706433/sms" }, []string{"town.replies_url"}},
		{"an address of the house", func(s *twilio.Section) { s.RepliesURL = "http://10.0.0.1/sms#rc=2" }, nil},
		{"an address", func(s *twilio.Section) { s.RepliesURL = "https://town.example/sms?k=1" }, nil},
		{"a service", func(s *twilio.Section) {
			s.Services["codes"] = twilio.ServiceSection{Sid: town, Sender: "Mairie de très loin", Connector: "nowhere", Class: "urgent"}
		}, []string{"town.service.codes.class", "town.service.codes.connector", "town.service.codes.sender", "town.service.codes.sid", "town.service.codes.sid"}},
	} {
		others := section(func(s *twilio.Section) { s.Sid, s.Account, s.Services = other, "other", nil })
		var got []string
		for _, f := range twilio.Table().Check(map[string]any{"other": others, "town": section(tc.change)}, rest{}) {
			got = append(got, f.At.String())
			if f.Wrong.In(reason.English) == "" {
				t.Errorf("%s: %s says nothing", tc.name, f.At)
			}
		}
		slices.Sort(got)
		if !slices.Equal(got, tc.want) {
			t.Errorf("%s: %v, want %v", tc.name, got, tc.want)
		}
	}
}
