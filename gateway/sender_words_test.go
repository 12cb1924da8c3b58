package gateway_test

import (
	"errors"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"relais/connector"
	"relais/gateway"
	"relais/lane"
	"relais/sender"
	"relais/sms"
)

func TestWordsOfThePackKeepSendersAway(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		now := time.Now()
		account := gateway.Account{
			Name: "default", Region: "FR", Sender: "ALERTE", Policy: pack(t, "fr-2026-03"),
		}
		proved, expired := account, account
		proved.Senders.Listed = []sender.Listed{{Name: "CAF"}}
		expired.Senders.Listed = []sender.Listed{{Name: "CAF", Until: now.Add(-time.Hour)}}
		own := account
		own.Senders.Generic = []string{"mairie"}
		lenient := account
		lenient.Policy = nil
		replaced := account
		replaced.Senders.Replace = true
		for _, tc := range []struct {
			name    string
			account gateway.Account
			sender  sms.Sender
			code    string // empty: taken
			french  string
		}{
			{"the town's name", account, "MAIRIE", "", ""},
			{"a generic name", account, "Info", "sender_generic", "ne dit pas qui écrit"},
			{"the name of the State", account, "AMELI", "sender_forbidden", "est le nom de quelqu'un d'autre"},
			{"a word of the State", account, "Mes-Impots", "sender_forbidden", "contient le mot impots"},
			{"the account's default", account, "Alerte", "", ""},
			{"with a proof", proved, "caf", "", ""},
			{"with a proof of the past", expired, "CAF", "sender_not_valid", ""},
			{"by the account's own list", own, "MAIRIE", "sender_generic", "ne dit pas qui écrit"},
			{"by the pack beside the own list", own, "Info", "sender_generic", "règles fr-2026-03 (version 1)"},
			{"without a pack", lenient, "Info", "", ""},
			{"replaced", replaced, "Info", "", ""},
		} {
			l := startInstances(t, func(o *gateway.Options) {
				o.Account = func(string) gateway.Account { return tc.account }
			}, lane.Instance{Name: "ovh", Connector: &operator{}, Facts: connector.Facts{Simulated: true}})
			refusal := l.from(t, tc.sender)
			switch {
			case tc.code == "" && refusal != nil:
				t.Errorf("%s: refused: %v", tc.name, refusal)
			case tc.code == "":
			case refusal == nil || refusal.Code.Wire() != tc.code ||
				!strings.Contains(refusal.In("fr"), tc.french):
				t.Errorf("%s: refusal %+v", tc.name, refusal)
			}
			l.stop(t)
		}
	})
}

// The words of an overlay hold on the way through its connector alone.
func TestWordsOfAnOverlay(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		facts := connector.Facts{Simulated: true}
		l := startInstances(t, nil,
			lane.Instance{Name: "ovh", Connector: &operator{}, Facts: facts, Overlay: pack(t, "ovh")},
			lane.Instance{Name: "sfr", Connector: &operator{}, Facts: facts, Overlay: pack(t, "sfr")})
		defer l.stop(t)
		for name, code := range map[string]string{"ovh": "", "sfr": "sender_forbidden"} {
			_, err := l.Submit(t.Context(), gateway.Submission{
				Account: "default", To: []string{"0639980001"},
				Text: "Bonjour", Sender: "Impots", Connector: name,
			}, nil)
			got := ""
			if refusal, ok := errors.AsType[*gateway.Error](err); ok {
				got = refusal.Code.Wire()
			}
			if got != code {
				t.Errorf("%s: code %q, want %q (%v)", name, got, code, err)
			}
		}
	})
}
