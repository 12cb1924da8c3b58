package connector_test

import (
	"testing"

	"relais/connector"
	"relais/sms"
)

func TestSameSender(t *testing.T) {
	for _, tc := range []struct {
		name string
		a, b sms.Sender
		want bool
	}{
		{"equal names", "TownHall", "TownHall", true},
		{"capitals", "TownHall", "TOWNHALL", true},
		{"other names", "TownHall", "Town Hall", false},
		{"a number with 00 and with a plus", "0033639980001", "+33639980001", true},
		{"a number without either", "33639980001", "+33639980001", true},
		{"other numbers", "+33639980001", "+33639980002", false},
		{"short codes", "36111", "36111", true},
		{"a name that looks like a number", "00A", "A", false},
	} {
		t.Run(tc.name, func(t *testing.T) {
			if got := connector.SameSender(tc.a, tc.b); got != tc.want {
				t.Errorf("SameSender(%q, %q) = %t", tc.a, tc.b, got)
			}
		})
	}
}

func TestFindSender(t *testing.T) {
	declared := []connector.DeclaredSender{
		{Name: "Museum", State: connector.SenderRefused}, {Name: "MUSEUM", State: connector.SenderUsable},
	}
	for _, tc := range []struct {
		asked, want sms.Sender // want empty: not found
	}{
		{"Museum", "Museum"}, {"MUSEUM", "MUSEUM"}, {"museum", "MUSEUM"}, {"Pool", ""},
	} {
		if got, found := connector.FindSender(declared, tc.asked); got.Name != tc.want ||
			found != (tc.want != "") {
			t.Errorf("FindSender(%q) = %q, %t", tc.asked, got.Name, found)
		}
	}
}
