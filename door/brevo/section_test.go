package brevo_test

import (
	"slices"
	"testing"
	"time"

	"relais/door/brevo"
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
	section := func(change func(*brevo.Section)) *brevo.Section {
		s := brevo.Table().New().(*brevo.Section)
		s.Key = key
		change(s)
		return s
	}
	for _, tc := range []struct {
		name   string
		change func(*brevo.Section)
		want   []string
	}{
		{"whole", func(*brevo.Section) {}, nil},
		{"no key", func(s *brevo.Section) { s.Key = "" }, []string{"town.key"}},
		{"another's key", func(s *brevo.Section) { s.Key = otherKey }, []string{"town.key"}},
		{"no account", func(s *brevo.Section) { s.Account = "" }, []string{"town.account"}},
		{"another's account", func(s *brevo.Section) { s.Account = "other" }, []string{"town.account"}},
		{"no network", func(s *brevo.Section) { s.AllowFrom = []string{"anywhere"} }, []string{"town.allow_from"}},
		{"no connector", func(s *brevo.Section) { s.Connector = "nowhere" }, []string{"town.connector"}},
		{"no address", func(s *brevo.Section) { s.EventsURL = "town.example" }, []string{"town.events_url"}},
		{"a number as a host", func(s *brevo.Section) { s.EventsURL = "http://2130706433/sms" }, []string{"town.events_url"}},
		{"an address", func(s *brevo.Section) { s.EventsURL = "http://10.0.0.1/sms?k=1" }, nil},
		{"no repeats", func(s *brevo.Section) { s.RepeatsWithin = 0 }, nil},
		{"a time that is too short", func(s *brevo.Section) { s.RepeatsWithin = time.Millisecond }, []string{"town.repeats_within"}},
		{"a time that is too long", func(s *brevo.Section) { s.RepeatsWithin = 25 * time.Hour }, []string{"town.repeats_within"}},
	} {
		others := section(func(s *brevo.Section) { s.Key, s.Account = otherKey, "other" })
		var got []string
		for _, f := range brevo.Table().Check(map[string]any{"other": others, "town": section(tc.change)}, rest{}) {
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
