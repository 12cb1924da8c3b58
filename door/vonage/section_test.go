package vonage_test

import (
	"slices"
	"testing"

	"relais/door/vonage"
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
	section := func(change func(*vonage.Section)) *vonage.Section {
		s := vonage.Table().New().(*vonage.Section)
		s.APIKey, s.APISecret = key, secret
		change(s)
		return s
	}
	for _, tc := range []struct {
		name   string
		change func(*vonage.Section)
		want   []string
	}{
		{"whole", func(*vonage.Section) {}, nil},
		{"no key", func(s *vonage.Section) { s.APIKey = "" }, []string{"town.api_key"}},
		{"a key with a space", func(s *vonage.Section) { s.APIKey = "a b" }, []string{"town.api_key"}},
		{"another's key", func(s *vonage.Section) { s.APIKey = otherKey }, []string{"town.api_key"}},
		{"no secret", func(s *vonage.Section) { s.APISecret = "" }, []string{"town.api_secret"}},
		{"no method", func(s *vonage.Section) { s.SignatureMethod = "sha3" }, []string{"town.signature_method"}},
		{"no account", func(s *vonage.Section) { s.Account = "" }, []string{"town.account"}},
		{"another's account", func(s *vonage.Section) { s.Account = "other" }, []string{"town.account"}},
		{"no network", func(s *vonage.Section) { s.AllowFrom = []string{"anywhere"} }, []string{"town.allow_from"}},
		{"no connector", func(s *vonage.Section) { s.Connector = "nowhere" }, []string{"town.connector"}},
		{"no class", func(s *vonage.Section) { s.Class = "urgent" }, []string{"town.class"}},
		{"no addresses", func(s *vonage.Section) { s.ReceiptsURL, s.RepliesURL = "town.example", "https://town.example/#a" }, []string{"town.receipts_url", "town.replies_url"}},
		{"a number as a host", func(s *vonage.Section) { s.RepliesURL = "http://2130706433/sms" }, []string{"town.replies_url"}},
		{"addresses", func(s *vonage.Section) {
			s.ReceiptsURL, s.RepliesURL = "http://10.0.0.1/sms", "https://town.example/sms?k=1"
		}, nil},
		{"another way", func(s *vonage.Section) { s.HTTPMethod = "PUT" }, []string{"town.http_method"}},
	} {
		others := section(func(s *vonage.Section) { s.APIKey, s.Account = otherKey, "other" })
		var got []string
		for _, f := range vonage.Table().Check(map[string]any{"other": others, "town": section(tc.change)}, rest{}) {
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
