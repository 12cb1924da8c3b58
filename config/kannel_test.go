package config_test

import (
	"testing"

	"relais/config"
)

func TestKannelPasswordFromTheEnvironment(t *testing.T) {
	got, err := config.Load("testdata/full.toml", environment(map[string]string{"RELAIS_KANNEL_TESTER_PASSWORD": "other"}), providers())
	if err != nil {
		t.Fatal(err)
	}
	if password := got.Kannel["tester"].Password.Reveal(); password != "other" {
		t.Errorf("the password is %q", password)
	}
}

func TestParseNetwork(t *testing.T) {
	for _, tc := range []struct{ text, want string }{
		{"127.0.0.1", "127.0.0.1/32"}, {"10.0.0.0/8", "10.0.0.0/8"}, {"2001:db8::1", "2001:db8::1/128"}, {"town.example", ""}, {"10.0.0.0/99", ""},
	} {
		got, err := config.ParseNetwork(tc.text)
		if (err != nil) != (tc.want == "") || err == nil && got.String() != tc.want {
			t.Errorf("%s: %s, %v; want %s", tc.text, got, err, tc.want)
		}
	}
}
