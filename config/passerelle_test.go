package config_test

import (
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"relais/config"
	"relais/door/passerelle"
	"relais/sms"
)

const publik = `
[passerelle.town]
kind = "sfr-dmc"
slug = "mairie"
families = ["fr-metro", "fr-domtom"]
class = "otp"
valid_for = "3m"
[passerelle.town.caller.forms]
kind = "signature"
orig = "forms.town.example"
secret = "hunter2"
[passerelle.town.caller.codes]
kind = "open"
addresses = ["192.0.2.0/24"]
`

func TestPasserelle(t *testing.T) {
	got, err := config.Load(write(t, "relais.toml", publik, 0o600), noEnvironment, providers())
	if err != nil {
		t.Fatal(err)
	}
	want := map[string]any{"town": &passerelle.Section{
		Account: "default", Kind: "sfr-dmc", Slug: "mairie", Families: []string{"fr-metro", "fr-domtom"},
		MaxLength: 2000,
		Class:     sms.OTP, ValidFor: 3 * time.Minute,
		Callers: map[string]passerelle.CallerSection{
			"forms": {Kind: "signature", Orig: "forms.town.example", Secret: "hunter2"},
			"codes": {Kind: "open", Addresses: []string{"192.0.2.0/24"}},
		},
	}}
	if diff := cmp.Diff(want, got.Doors["passerelle"]); diff != "" {
		t.Errorf("doors (-want +got):\n%s", diff)
	}
	shown := got.Redacted()
	for _, line := range []string{"\n[passerelle.town]\n", "\n[passerelle.town.caller.forms]\n", "secret = \"***\" # ", "valid_for = \"3m\" # "} {
		if !strings.Contains(shown, line) {
			t.Errorf("config check does not show %q", line)
		}
	}
	if strings.Contains(shown, "hunter2") {
		t.Error("config check shows a secret")
	}
}
