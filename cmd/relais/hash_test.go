package main

import (
	"strings"
	"testing"

	"relais/auth"
	"relais/cmd/relais/terminal"
)

// TestHash: what it writes is the hash of the line that it reads, and not of the end of the line.
func TestHash(t *testing.T) {
	for _, line := range []string{"secret08", "secret08\n", "secret08\r\n"} {
		var out, errs strings.Builder
		code := run([]string{"hash"}, terminal.Terminal{Stdin: strings.NewReader(line), Stdout: &out, Stderr: &errs})
		if code != exitDone || errs.Len() > 0 || !auth.MatchesPassword(strings.TrimSpace(out.String()), "secret08") {
			t.Errorf("%q: exit %d, %q, %q", line, code, out.String(), errs.String())
		}
	}
	var out, errs strings.Builder
	if code := run([]string{"hash"}, terminal.Terminal{Stdin: strings.NewReader("\n"), Stdout: &out, Stderr: &errs}); code != exitUsage || out.Len() > 0 {
		t.Errorf("of nothing: exit %d, %q", code, out.String())
	}
}
