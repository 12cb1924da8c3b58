package gateway

import (
	"errors"
	"testing"
	"time"
)

// What a door hands over is text, or it is refused: a database would put other characters in
// its place.
func TestWhatIsNoTextIsRefused(t *testing.T) {
	g := &Gateway{limits: Limits{Recipients: 1}}
	for _, tc := range []struct {
		name, code string
		s          Submission
	}{
		{"text", "text_not_utf8", Submission{Text: "R\xe9union"}},
		{"reference", "reference_forbidden_character", Submission{Text: "a", Reference: "\xe9"}},
		{"metadata", "metadata_forbidden_character", Submission{Text: "a", Metadata: map[string]string{"k": "\xe9"}}},
		{"a key of the metadata", "metadata_forbidden_character", Submission{Text: "a", Metadata: map[string]string{"\xe9": "v"}}},
		{"a sign of Windows-1252", "text_forbidden_character", Submission{Text: "l\u0092"}},
		{"no character", "text_forbidden_character", Submission{Text: "a\ufdd0"}},
		{"U+0081, which Windows-1252 lacks too", "text_forbidden_character", Submission{Text: "a\u0081"}},
		{"a text", "", Submission{Text: "l’é 😀\t\n", Reference: "é", Metadata: map[string]string{"é": "é"}}},
	} {
		t.Run(tc.name, func(t *testing.T) {
			tc.s.To = []string{"+33639980001"}
			code := ""
			if err := g.check(&tc.s, time.Now()); err != nil {
				refused, ok := errors.AsType[*Error](err)
				if !ok || refused.In("fr") == "" {
					t.Fatalf("check: %v", err)
				}
				code = refused.Code.Wire()
			}
			if code != tc.code {
				t.Errorf("code %q, want %q", code, tc.code)
			}
		})
	}
}
