package console

import (
	"testing"

	"relais/campaign/appointment"
	"relais/reason"
)

// TestRulesInWordsAreReadAgain: what the form shows of rules is read as the same rules.
func TestRulesInWordsAreReadAgain(t *testing.T) {
	const kept = "12d 07:30, 1d 18:00, 2h, 45m, 0d 08:05"
	for _, l := range reason.Languages() {
		words := rulesInWords(kept, l)
		rules, err := appointment.ReadRules(words)
		if err != nil {
			t.Errorf("%s: %v", words, err)
			continue
		}
		if got := appointment.Canonical(rules); got != kept {
			t.Errorf("%q is read as %q", words, got)
		}
	}
	if got := rulesInWords("1h30m", "fr"); got != "1 h 30 min avant" {
		t.Errorf("%q", got)
	}
}
