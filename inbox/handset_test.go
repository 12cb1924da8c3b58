package inbox

import "testing"

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
