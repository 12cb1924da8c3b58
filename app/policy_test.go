package app_test

import (
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"relais/client"
	"relais/sandbox"
)

// always is a pack of one's own that is open at any hour, so that the test may run at
// any.
func always(t *testing.T) string {
	t.Helper()
	text := "name = \"always\"\nversion = 3\nsince = 2026-01-01\nsource = \"this test\"\n[stop]\nclasses = [\"marketing\"]\n[windows.marketing]\n"
	for _, day := range []string{
		"monday", "tuesday", "wednesday", "thursday", "friday", "saturday", "sunday", "holiday",
	} {
		text += day + " = \"all day\"\n"
	}
	file := filepath.Join(t.TempDir(), "always.toml")
	if err := os.WriteFile(file, []byte(text), 0o600); err != nil {
		t.Fatal(err)
	}
	return file
}

// DMC adds no STOP clause: the overlay puts one in, with the words that DMC replaces
// by its short code, and the handset shows it once.
func TestStopClauseOfDMCArrivesOnce(t *testing.T) {
	t.Parallel()
	g := startWith(t, sandbox.Options{},
		fmt.Sprintf("policy_overlay = \"sfr\"\n[account.default]\npolicy = \"town\"\n[policy.town]\nfrom = %q\n", always(t)))
	for _, tc := range []struct{ name, number, text, want string }{
		{"added", "+33639980011", "Soldes", "Soldes\nSTOP au 36111"},
		{"there already", "+33639980012", "Soldes\nSTOP au <#shortcode#>", "Soldes\nSTOP au 36111"},
	} {
		m := g.send(t, client.SubmitRequest{
			To: []string{tc.number}, Text: tc.text, Class: "marketing", Connector: "sfr", Sender: "MAIRIE",
		})[0]
		texts := g.sandbox.Handset(tc.number)
		if !taken(m) || len(texts) != 1 || texts[0].Text != tc.want {
			t.Errorf("%s: message %s, handset %+v, want %q", tc.name, m.Status, texts, tc.want)
		}
		found := ""
		for _, d := range m.Decisions {
			if d.Code == "window" {
				found = d.Detail
			}
		}
		if !strings.Contains(found, "within the hours of town (always, version 3)") {
			t.Errorf("%s: decisions %+v", tc.name, m.Decisions)
		}
	}
}
