package terms

import (
	"strings"
	"testing"

	"relais/reason"
)

// What a sentence leaves out is counted: one more is no plural in French.
func TestCostlyCharactersThatAreNotNamed(t *testing.T) {
	for _, tc := range []struct{ name, text, english, french string }{
		{"one", strings.Repeat("ê", 6), ", 1 more: ", ", 1 autre\u00a0: "},
		{"two", strings.Repeat("ê", 7), ", 2 more: ", ", 2 autres\u00a0: "},
	} {
		t.Run(tc.name, func(t *testing.T) {
			text := Text{Sent: tc.text, Counted: tc.text}
			why := text.Size().Decision
			if english, french := why.In(reason.English), why.In("fr"); !strings.Contains(english, tc.english) || !strings.Contains(french, tc.french) {
				t.Errorf("said %q and %q", english, french)
			}
		})
	}
}
