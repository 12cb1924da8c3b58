package inbox

import (
	"testing"
	"time"

	"relais/sms"
)

// A handset that wrote exists, whatever the tables and the rules of an account say of its
// number: its STOP must count.
func TestHandsetsOfOperators(t *testing.T) {
	for _, tc := range []struct{ name, raw, want string }{
		{"E.164", "+33639980123", "+33639980123"},
		{"without +", "33639980123", "+33639980123"},
		{"national", "0639980123", "+33639980123"},
		{"a fixed line", "+33123456789", "+33123456789"},
		{"a special number", "+33800123456", "+33800123456"},
		{"a machine", "337001234567890", "+337001234567890"},
		{"Mexico, as networks there still write", "5215512345678", "+525512345678"},
		{"Luxembourg with a 0", "+3520621123456", "+352621123456"},
		{"a length that no table knows", "+525512345678901", "+525512345678901"},
		{"the same with 00", "00525512345678901", "+525512345678901"},
		{"a country that no table knows", "21012345678", "+21012345678"},
		{"a range of another length", "491512345", "+491512345"},
		{"the shortest", "21012345", "+21012345"},
		{"a digit less", "2101234", ""},
		{"the longest", "210123456789012", "+210123456789012"},
		{"a digit more", "2101234567890123", ""},
		{"a short number", "36180", ""},
		{"a name", "OVH", ""},
		{"nothing", "", ""},
		{"only zeros", "000000000", ""},
	} {
		t.Run(tc.name, func(t *testing.T) {
			got, _, ok := handset(tc.raw, "FR")
			if string(got) != tc.want || ok != (tc.want != "") {
				t.Errorf("handset = %q, %v; want %q", string(got), ok, tc.want)
			}
		})
	}
}

// A reply that is told again is known by its id, or by its time. One that has neither may be another
// with the same words, such as a second STOP: it is never taken for one that is known.
func TestRepliesThatAreTheSame(t *testing.T) {
	now := time.Date(2026, 11, 30, 12, 0, 0, 0, time.UTC)
	for _, tc := range []struct {
		name     string
		one, two sms.Inbound
		same     bool
	}{
		{"one id", sms.Inbound{ProviderID: "7"}, sms.Inbound{ProviderID: "7"}, true},
		{"one time", sms.Inbound{At: now}, sms.Inbound{At: now}, true},
		{"another time", sms.Inbound{At: now}, sms.Inbound{At: now.Add(time.Second)}, false},
		{"neither", sms.Inbound{}, sms.Inbound{}, false},
	} {
		t.Run(tc.name, func(t *testing.T) {
			var ids []string
			for _, in := range []sms.Inbound{tc.one, tc.two} {
				in.From, in.To, in.Text = "+33639980123", "38200", "STOP"
				got := inboundOf("smsc", in, "FR", now)
				if got.At.IsZero() {
					t.Error("it has no time")
				}
				ids = append(ids, got.ProviderID)
			}
			if ids[0] == "" || (ids[0] == ids[1]) != tc.same {
				t.Errorf("ids %q", ids)
			}
		})
	}
}
