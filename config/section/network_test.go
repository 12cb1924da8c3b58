package section_test

import (
	"testing"

	"relais/config/section"
)

func TestParseNetwork(t *testing.T) {
	for _, tc := range []struct{ text, want string }{
		{"127.0.0.1", "127.0.0.1/32"}, {"10.0.0.0/8", "10.0.0.0/8"}, {"2001:db8::1", "2001:db8::1/128"}, {"town.example", ""}, {"10.0.0.0/99", ""},
	} {
		got, err := section.ParseNetwork(tc.text)
		if (err != nil) != (tc.want == "") || err == nil && got.String() != tc.want {
			t.Errorf("%s: %s, %v; want %s", tc.text, got, err, tc.want)
		}
	}
}
