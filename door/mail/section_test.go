package mail_test

import (
	"slices"
	"testing"

	"relais/door/mail"
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
	client := func(change func(*mail.ClientSection)) func(*mail.Section) {
		return func(s *mail.Section) {
			c := s.Clients["nagios"]
			change(&c)
			s.Clients["nagios"] = c
		}
	}
	for _, tc := range []struct {
		name   string
		change func(*mail.Section)
		want   []string
	}{
		{"whole", func(*mail.Section) {}, nil},
		{"nowhere", func(s *mail.Section) { s.Listen = "" }, []string{"door.listen"}},
		{"a port alone", func(s *mail.Section) { s.Listen = "25" }, []string{"door.listen"}},
		{"TLS without a certificate", func(s *mail.Section) { s.TLS = "0.0.0.0:465" }, []string{"door.certificate"}},
		{"a certificate without a key", func(s *mail.Section) { s.Certificate = "a.pem" }, []string{"door.certificate"}},
		{"no name", func(s *mail.Section) { s.Hostname = "my server" }, []string{"door.hostname"}},
		{"too small", func(s *mail.Section) { s.MaxSize = 1 }, []string{"door.max_size"}},
		{"nobody", func(s *mail.Section) { s.Clients = nil }, []string{"door.client"}},
		{"aliases", func(s *mail.Section) {
			s.Aliases = map[string]mail.AliasSection{"oncall": {Numbers: []string{"+33639980001"}}, "0123": {Numbers: []string{"+33639980001"}}, "none": {}, "Duty": {Numbers: []string{"+33639980001"}}, "x": {Numbers: []string{"0639980001"}}}
		}, []string{"door.alias.0123.numbers", "door.alias.Duty.numbers", "door.alias.none.numbers", "door.alias.x.numbers"}},
		{"a client without a way in", client(func(c *mail.ClientSection) { c.Password = "" }), []string{"door.client.nagios.password"}},
		{"a network alone", client(func(c *mail.ClientSection) { c.Password, c.Networks = "", []string{"10.0.0.0/8"} }), nil},
		{"no network", client(func(c *mail.ClientSection) { c.Networks = []string{"anywhere"} }), []string{"door.client.nagios.networks"}},
		{"half a hash", client(func(c *mail.ClientSection) { c.Password = "$argon2id$x" }), []string{"door.client.nagios.password"}},
		{"senders without domains", client(func(c *mail.ClientSection) { c.Senders = []string{"a@town.example"} }), []string{"door.client.nagios.senders"}},
		{"no senders", client(func(c *mail.ClientSection) { c.Senders, c.Domains = []string{"town.example"}, []string{"sms"} }), []string{"door.client.nagios.senders"}},
		{"no domains", client(func(c *mail.ClientSection) { c.Domains = []string{"a b"} }), []string{"door.client.nagios.domains"}},
		{"words", client(func(c *mail.ClientSection) {
			c.Text, c.CutAt, c.Class, c.DefaultRegion, c.Connector = "all", []string{" "}, "urgent", "France", "nowhere"
		}), []string{"door.client.nagios.class", "door.client.nagios.connector", "door.client.nagios.cut_at", "door.client.nagios.default_region", "door.client.nagios.text"}},
		{"no account", client(func(c *mail.ClientSection) { c.Account = "" }), []string{"door.client.nagios.account"}},
	} {
		s := mail.Table().New().(*mail.Section)
		s.Listen, s.Clients = "0.0.0.0:587", map[string]mail.ClientSection{"nagios": {Account: "town", Password: "secret08"}}
		tc.change(s)
		var got []string
		for _, f := range mail.Table().Check(map[string]any{"door": s}, rest{}) {
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
