package gateway

import (
	"strings"
	"testing"

	"relais/gsm"
)

// What a sentence leaves out is counted: one more is no plural in French.
func TestCostlyCharactersThatAreNotNamed(t *testing.T) {
	for _, tc := range []struct{ name, text, english, french string }{
		{"one", strings.Repeat("ê", 6), ", 1 more: ", ", 1 autre : "},
		{"two", strings.Repeat("ê", 7), ", 2 more: ", ", 2 autres : "},
	} {
		t.Run(tc.name, func(t *testing.T) {
			got := ucs2(gsm.CountWith(tc.text, ""), clause{text: tc.text, counted: tc.text})
			if !strings.Contains(got.english, tc.english) || !strings.Contains(got.french, tc.french) {
				t.Errorf("said %q and %q", got.english, got.french)
			}
		})
	}
}
