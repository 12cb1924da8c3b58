package notify_test

import (
	"slices"
	"strings"
	"testing"

	"relais/door/notify"
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
	const other = "99999999-2222-4333-8444-eeeeeeeeeeee"
	section := func(change func(*notify.Section)) *notify.Section {
		s := notify.Table().New().(*notify.Section)
		s.Service = town
		s.Keys = map[string]notify.KeySection{"forms": {Secret: live, Kind: "live"}, "staff": {Secret: team, Kind: "team", Guests: []string{"+33639980001"}}}
		s.Senders = map[string]notify.SenderSection{"town": {ID: senderID, Sender: "Mairie"}}
		change(s)
		return s
	}
	for _, tc := range []struct {
		name   string
		change func(*notify.Section)
		want   []string
	}{
		{"whole", func(*notify.Section) {}, nil},
		{"no service", func(s *notify.Section) { s.Service = "" }, []string{"town.service"}},
		{"a service of no UUID", func(s *notify.Section) { s.Service = "town" }, []string{"town.service"}},
		{"another's service", func(s *notify.Section) { s.Service = other }, []string{"town.service"}},
		{"another's service in capitals", func(s *notify.Section) { s.Service = strings.ToUpper(other) }, []string{"town.service"}},
		{"addresses that are never called", func(s *notify.Section) { s.ReceiptsURL, s.RepliesURL = "https://town.example:0/", "http://2130706433/" }, []string{"town.receipts_url", "town.replies_url"}},
		{"an address of the house", func(s *notify.Section) { s.RepliesURL = "http://10.0.0.1/" }, nil},
		{"another's account", func(s *notify.Section) { s.Account = "other" }, []string{"town.account"}},
		{"no network", func(s *notify.Section) { s.AllowFrom = []string{"anywhere"} }, []string{"town.allow_from"}},
		{"no connector", func(s *notify.Section) { s.Connector = "nowhere" }, []string{"town.connector"}},
		{"no class", func(s *notify.Section) { s.Class = "urgent" }, []string{"town.class"}},
		{"no country", func(s *notify.Section) { s.DefaultRegion = "England" }, []string{"town.default_region"}},
		{"no addresses", func(s *notify.Section) { s.ReceiptsURL, s.RepliesURL = "town.example", "https://a:b@town.example/" }, []string{"town.receipts_url", "town.replies_url"}},
		{"addresses", func(s *notify.Section) {
			s.ReceiptsURL, s.RepliesURL = "https://town.example/?k=1", "http://town.example"
		}, nil},
		{"a key", func(s *notify.Section) {
			s.Keys["forms"] = notify.KeySection{Secret: "x", Guests: []string{"0639980001"}}
		}, []string{"town.key.forms.guests", "town.key.forms.kind", "town.key.forms.secret"}},
		{"a sender", func(s *notify.Section) { s.Senders["town"] = notify.SenderSection{ID: "x"} }, []string{"town.sender.town.id", "town.sender.town.sender"}},
	} {
		others := section(func(s *notify.Section) { s.Service, s.Account = other, "other" })
		var got []string
		for _, f := range notify.Table().Check(map[string]any{"other": others, "town": section(tc.change)}, rest{}) {
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
