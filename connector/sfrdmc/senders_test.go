package sfrdmc_test

import (
	"testing"

	"github.com/google/go-cmp/cmp"

	"relais/connector"
)

func TestSenders(t *testing.T) {
	for _, tc := range []struct {
		name, answer string
		want         []connector.DeclaredSender
	}{
		{"listed", `{"success":true,"response":["MAIRIE","PISCINE"]}`, []connector.DeclaredSender{
			{Name: "MAIRIE", State: connector.SenderUsable}, {Name: "PISCINE", State: connector.SenderUsable},
		}},
		{"none listed proves nothing", `{"success":true,"response":[]}`, nil},
		{"refused", refusal("option_not_present", "OADC", false), nil},
		{"no list", `{"success":true}`, nil},
	} {
		t.Run(tc.name, func(t *testing.T) {
			o := newOperator(t, map[string]string{"findServiceOadc": tc.answer})
			got, err := connector.CapabilitiesOf(o.connect(t, nil)).SenderLister.Senders(t.Context())
			if diff := cmp.Diff(tc.want, got); diff != "" {
				t.Errorf("senders (-want +got):\n%s", diff)
			}
			if (err == nil) != (tc.want != nil) {
				t.Errorf("error %v", err)
			}
		})
	}
}
