package archtest

import (
	"flag"
	"os"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"relais/sms"
)

var update = flag.Bool("update", false, "rewrite the state diagram of docs/architecture.md")

const (
	architecture = root + "/docs/architecture.md"
	begin        = "<!-- states:begin -->\n"
	end          = "<!-- states:end -->"
)

func TestStateDiagramIsTheOneOfTheCode(t *testing.T) {
	page, err := os.ReadFile(architecture)
	if err != nil {
		t.Fatal(err)
	}
	before, rest, opened := strings.Cut(string(page), begin)
	got, after, closed := strings.Cut(rest, end)
	if !opened || !closed {
		t.Fatalf("docs/architecture.md has no block between %q and %q", strings.TrimSpace(begin), end)
	}
	want := "```mermaid\n" + strings.TrimSpace(sms.Diagram()) + "\n```\n"
	if *update {
		if err := os.WriteFile(architecture, []byte(before+begin+want+end+after), 0o644); err != nil {
			t.Fatal(err)
		}
		return
	}
	if diff := cmp.Diff(want, got); diff != "" {
		t.Errorf("docs/architecture.md is not up to date; run make golden (-code +page):\n%s", diff)
	}
}
