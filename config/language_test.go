package config_test

import (
	"errors"
	"path/filepath"
	"strings"
	"testing"

	"relais/config"
	"relais/reason"
)

// TestProblemsInFrench: every problem that is in our own words is said in French.
func TestProblemsInFrench(t *testing.T) {
	files, err := filepath.Glob("testdata/bad/*.toml")
	if err != nil {
		t.Fatal(err)
	}
	for _, file := range files {
		_, err := config.Load(file, noEnvironment, providers())
		whole, ok := errors.AsType[*config.Error](err)
		if !ok {
			t.Fatal(err)
		}
		for _, p := range whole.Problems {
			theirs := p.Reason.Code.Wire() == reason.Words // of a provider
			if english, french := p.Reason.In(reason.English), p.Reason.In("fr"); english == french &&
				!theirs {
				t.Errorf("%s says in French: %s", file, french)
			}
		}
	}
	_, err = config.Load("", environment(map[string]string{"RELAIS_LEASE": "5"}), providers())
	const want = "environnement RELAIS_LEASE: lease: il faut une durée entre guillemets"
	if whole, ok := errors.AsType[*config.Error](err); !ok || !strings.HasPrefix(whole.In("fr"), want) {
		t.Errorf("error %v, want %s", err, want)
	}
}
