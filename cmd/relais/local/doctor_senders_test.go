package local

import (
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"relais/config"
	"relais/sms"
)

func TestSendersThatLeaveByAConnector(t *testing.T) {
	settings := config.Config{
		DefaultConnector: "ovh",
		Accounts: map[string]config.Account{
			"town": {DefaultSender: "MAIRIE", Senders: map[string]config.Sender{
				"mairie": {}, "MUSEE": {ValidUntil: "2026-03-01"}, "OLD": {ValidUntil: "2026-02-28"},
			}},
			"beach": {DefaultSender: "PLAGE", DefaultConnector: "sfr"},
			"pool":  {DefaultSender: "PISCINE"},
			"none":  {},
		},
		Routes: []config.Route{
			{Connectors: []string{"sfr", "ovh"}, Sender: []string{"MUSEE"}, Class: []sms.Class{sms.OTP}},
			{Connectors: []string{"sfr"}, Account: []string{"pool"}},
		},
	}
	for connector, want := range map[string][]leaving{
		"ovh":   {{"MAIRIE", []string{"town"}}, {"MUSEE", []string{"town"}}},
		"sfr":   {{"MUSEE", []string{"town"}}, {"PISCINE", []string{"pool"}}, {"PLAGE", []string{"beach"}}},
		"spare": nil,
	} {
		got := leavingBy(settings, connector, "ovh", time.Date(2026, 3, 1, 12, 0, 0, 0, time.UTC))
		if diff := cmp.Diff(want, got, cmp.AllowUnexported(leaving{})); diff != "" {
			t.Errorf("%s (-want +got):\n%s", connector, diff)
		}
	}
}
