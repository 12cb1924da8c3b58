package config_test

import (
	"testing"

	"relais/config"
	"relais/config/section"
	"relais/door/kannel"
)

func TestKannelPasswordFromTheEnvironment(t *testing.T) {
	got, err := config.Load("testdata/full.toml",
		environment(map[string]string{"RELAIS_KANNEL_TESTER_PASSWORD": "other"}), providers())
	if err != nil {
		t.Fatal(err)
	}
	if password := section.Of[kannel.Section](got.Doors["kannel"])["tester"].Password.Reveal(); password != "other" {
		t.Errorf("the password is %q", password)
	}
}
