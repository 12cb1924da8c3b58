package gateway_test

import (
	"slices"
	"testing"

	"relais/connector"
	"relais/gateway"
	"relais/number"
)

// governed is a gateway whose account has rules, and that sends nothing yet.
func governed(t *testing.T, account gateway.Account, change func(*gateway.Options)) *line {
	t.Helper()
	l := prepareOptions(t, t.TempDir(), map[string]*operator{"ovh": {}}, connector.Facts{}, func(s gateway.Store) gateway.Store { return s },
		func(o *gateway.Options) {
			o.Account = func(name string) gateway.Account {
				named := account
				named.Name, named.Region = name, "FR"
				return named
			}
			change(o)
		})
	t.Cleanup(func() { l.stop(t) })
	return l
}

func unchanged(*gateway.Options) {}

// What is refused is refused in the preview, and what decides is in both.
func TestNumberPolicy(t *testing.T) {
	l := governed(t, gateway.Account{Numbers: number.Policy{Families: []string{number.FRMetro}}}, unchanged)
	s := gateway.Submission{
		Account: "default", Actor: "api:form", Text: "Bonjour",
		To: []string{"0639980001", "0692123456", "0891123456", "0123456789"},
	}
	want := []string{number.CodeFamily, number.CodePremium, number.CodeFixedLine}
	preview, err := l.Preview(t.Context(), s)
	if err != nil {
		t.Fatal(err)
	}
	result, err := l.Submit(t.Context(), s, nil)
	if err != nil {
		t.Fatal(err)
	}
	for name, r := range map[string]*gateway.Result{"preview": preview, "submit": result} {
		var got []string
		for _, refused := range r.Rejected {
			got = append(got, refused.Code)
		}
		if !slices.Equal(got, want) || len(r.Messages) != 1 {
			t.Errorf("%s: refused %v, accepted %d; want %v and one", name, got, len(r.Messages), want)
		}
		decided := slices.ContainsFunc(r.Common, func(d gateway.Decision) bool { return d.Code == "number_policy" })
		if !decided {
			t.Errorf("%s does not tell the policy: %v", name, r.Common)
		}
	}
}
