package console_test

import (
	"flag"
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"relais/auth"
	"relais/console"
)

var update = flag.Bool("update", false, "rewrite the golden files")

// TestWhoMayDoWhat holds each address to the roles that a person has looked at: TestRoutes
// sees that the table is obeyed, and not that it is right.
func TestWhoMayDoWhat(t *testing.T) {
	var b strings.Builder
	for _, a := range console.Addresses() {
		var roles []string
		for _, role := range auth.Roles() {
			if role.Has(a.Needs) {
				roles = append(roles, string(role))
			}
		}
		fmt.Fprintf(&b, "%s %s  %s: %s\n", a.Method, a.Path, a.Needs, strings.Join(roles, " "))
	}
	file := filepath.Join("testdata", "rights.golden")
	if *update {
		if err := os.WriteFile(file, []byte(b.String()), 0o600); err != nil {
			t.Fatal(err)
		}
	}
	want, err := os.ReadFile(file)
	if err != nil {
		t.Fatal(err)
	}
	if diff := cmp.Diff(string(want), b.String()); diff != "" {
		t.Errorf("who may do what (- as it was looked at):\n%s", diff)
	}
}
