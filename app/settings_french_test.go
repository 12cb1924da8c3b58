package app_test

import (
	"slices"
	"testing"

	"relais/app"
	"relais/config"
)

// TestEveryKeyIsExplainedInFrench: a key that is added has its French, and a sentence that
// is changed loses it.
func TestEveryKeyIsExplainedInFrench(t *testing.T) {
	all := config.Explanations(app.Parts())
	if len(all) < 200 {
		t.Errorf("%d explanations, so that not every key was found", len(all))
	}
	for _, english := range all {
		if config.InFrench(english) == "" {
			t.Errorf("add to config/french.toml\n%q = \"…\"", english)
		}
	}
	for _, english := range config.Translated() {
		if !slices.Contains(all, english) {
			t.Errorf("config/french.toml has %q, which no key says any more", english)
		}
	}
}
