package gateway

import (
	"fmt"
	"testing"

	"relais/number"
	"relais/reason"
	"relais/route"
	"relais/sms"
)

func of(connectors ...string) Within { return Within{Connectors: connectors} }

func TestRoute(t *testing.T) {
	rules := []route.Rule{
		{Name: "overseas", Families: []string{number.FROverseas}, Connectors: []string{"sfr"}},
		{Name: "abroad", Countries: []string{"GB", "IE"}, Connectors: []string{"ovh"}},
		{Name: "codes", Classes: []sms.Class{sms.OTP}, Connectors: []string{"sfr", "ovh"}, SecondChance: 20},
		{Name: "library", Accounts: []string{"library"}, Senders: []sms.Sender{"BIBLIO"}, Connectors: []string{"ovh", "sfr"}},
	}
	for _, tc := range []struct {
		name    string
		s       Submission
		account Account
		to      string
		want    string
		chance  bool
	}{
		{name: "as asked, whatever the rules", s: Submission{Connector: "x", Class: sms.OTP}, to: "0639980001", want: "[x] as asked"},
		{name: "family", to: "0692123456", want: "[sfr] by the rule overseas"},
		{name: "country", to: "+447700900123", want: "[ovh] by the rule abroad"},
		{name: "first rule wins", s: Submission{Class: sms.OTP}, to: "0692123456", want: "[sfr] by the rule overseas"},
		{name: "class, with a second chance", s: Submission{Class: sms.OTP}, to: "0639980001", want: "[sfr ovh] by the rule codes", chance: true},
		{name: "account and sender", s: Submission{Account: "library", Sender: "BIBLIO"}, to: "0639980001", want: "[ovh sfr] by the rule library"},
		{name: "another sender", s: Submission{Account: "library", Sender: "MAIRIE"}, to: "0639980001", want: "[std] the gateway's default"},
		{name: "those of the key alone", s: Submission{Class: sms.OTP, Within: of("ovh")}, to: "0639980001", want: "[ovh] by the rule codes"},
		{name: "no rule has one of the key", s: Submission{Class: sms.OTP, Within: of("std", "z")}, to: "0692123456", want: "[std] the gateway's default"},
		{name: "the account's is not one of the key", s: Submission{Within: of("first")}, account: Account{Connector: "own"}, to: "0639980001", want: "[first] the first one configured"},
		{name: "none is one of the key", s: Submission{Within: of("z", "y")}, account: Account{Connector: "own"}, to: "0639980001", want: "[z y] the first one of the key"},
		{name: "account's own", account: Account{Connector: "own"}, to: "0639980001", want: "[own] the account's default"},
	} {
		t.Run(tc.name, func(t *testing.T) {
			parsed, err := number.Parse(tc.to, "FR")
			if err != nil {
				t.Fatal(err)
			}
			w := wayOf(&tc.s, tc.account, rules, parsed, "std", "first")
			if got := fmt.Sprint(w.connectors, " ", w.why.In(reason.English)); got != tc.want ||
				(w.chance > 0) != tc.chance {
				t.Errorf("got %s, second chance %v; want %s", got, w.chance, tc.want)
			}
		})
	}
	if w := wayOf(&Submission{}, Account{}, nil, number.Parsed{}, "", "first"); w.connectors[0] != "first" {
		t.Errorf("without any setting %v, want the first connector", w.connectors)
	}
}

func TestWeightsShareNumbers(t *testing.T) {
	rule := route.Rule{Connectors: []string{"a", "b", "c"}, Weights: []int{70, 30, 0}}
	count := map[string]int{}
	const n = 10_000
	for i := range n {
		to := sms.Number(fmt.Sprintf("+3363998%04d", i))
		order := rule.Order(to)
		if again := rule.Order(to); order[0] != again[0] || len(order) != 3 {
			t.Fatalf("%v, then %v for one number", order, again)
		}
		count[order[0]]++
	}
	if count["c"] != 0 || count["a"] < n*65/100 || count["a"] > n*75/100 {
		t.Errorf("shares %v, want about 70, 30 and none", count)
	}
}
