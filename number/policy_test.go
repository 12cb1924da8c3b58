package number_test

import (
	"errors"
	"testing"

	"relais/number"
	"relais/reason"
)

func TestPolicy(t *testing.T) {
	metro := number.Policy{Families: []string{number.FRMetro}}
	french := number.Policy{Families: []string{number.FRMetro, number.FROverseas, "be"}}
	for _, tc := range []struct {
		name   string
		policy number.Policy
		raw    string
		want   reason.Code // code; empty: taken
	}{
		{"no families take all", number.Policy{}, "+32470123456", ""},
		{"all takes all", number.Policy{Families: []string{number.All}}, "+32470123456", ""},
		{"metropolitan", metro, "0639980123", ""},
		{"Réunion is not metropolitan", metro, "0692123456", number.CodeFamily},
		{"abroad", metro, "+447700900123", number.CodeFamily},
		{"overseas", french, "0692123456", ""},
		{"a country", french, "+32470123456", ""},
		{"premium", number.Policy{}, "0891123456", number.CodePremium},
		{"premium of a family that is not taken is premium first", number.Policy{Families: []string{"be"}}, "0891123456", number.CodePremium},
		{"premium, allowed", number.Policy{Special: true}, "0891123456", ""},
		{"personal number abroad", number.Policy{}, "+447012345678", number.CodeSpecial},
		{"personal number abroad, allowed", number.Policy{Special: true}, "+447012345678", ""},
		{"machine", number.Policy{Special: true, Fixed: number.LinesAll}, "07001234567890", number.CodeMachine},
		{"machine, allowed", number.Policy{Machines: true}, "+33 700 1234567890", ""},
		{"machine, allowed, but no metropolitan number is", number.Policy{Machines: true, Families: []string{"be"}}, "07001234567890", number.CodeFamily},
		{"every one", number.Every, "07001234567890", ""},
		{"Paris", number.Policy{}, "0123456789", number.CodeFixedLine},
		{"Paris, allowed", number.Policy{Fixed: number.LinesAll}, "0123456789", ""},
		{"Paris, allowed, but no metropolitan number is", number.Policy{Fixed: number.LinesAll, Families: []string{"be"}}, "0123456789", number.CodeFamily},
		{"Réunion, fixed", number.Policy{}, "0262123456", ""},
		{"Réunion, no fixed lines", number.Policy{Fixed: number.LinesNone}, "0262123456", number.CodeFixedLine},
		{"mobile, no fixed lines", number.Policy{Fixed: number.LinesNone}, "0639980123", ""},
	} {
		t.Run(tc.name, func(t *testing.T) {
			_, err := tc.policy.Parse(tc.raw, "FR")
			code := reason.Code("")
			if refused, ok := errors.AsType[*number.Error](err); ok {
				code = reason.Code(refused.Reason.Code.Wire())
				assertNoNumber(t, refused)
			} else if err != nil {
				t.Fatal(err)
			}
			if code != tc.want {
				t.Errorf("code %q, want %q", code, tc.want)
			}
		})
	}
}
