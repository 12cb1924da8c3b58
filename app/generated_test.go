//go:build oracle

package app_test

import (
	"io"
	"net/http"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"relais/app"
	"relais/sandbox"
)

// generatedSays is what the programs in internal/generated print.
const generatedSays = `sent 1 rejected number_too_short again true
same true
preview ucs2 1 true
batch 1 no_recipient
status +33639980001 accepted true
list 1 by a generator
problem 404 message_unknown The account has no such message
refused 422 no_recipient /to number_too_short
webhook true message.delivered
deleted 204
`

// TestGeneratedClients has generators make clients of /openapi.json. What they make must
// compile and work with a real gateway.
func TestGeneratedClients(t *testing.T) {
	w := live(t, sandbox.Options{}, "")
	for _, tc := range []struct {
		name, source string
		steps        [][]string
	}{
		{"typescript", "typescript", [][]string{
			{"node", "node_modules/openapi-typescript/bin/cli.js", "openapi.json", "--output", "schema.d.ts"},
			{"node", "node_modules/typescript/bin/tsc", "--project", "."},
			{"node", "out/send.js"},
		}},
		{"go", "go", [][]string{
			{"go", "tool", "oapi-codegen", "--config", "oapi-codegen.yaml", "openapi.json"},
			{"go", "build", "-o", "send", "."},
			{"./send"},
		}},
	} {
		t.Run(tc.name, func(t *testing.T) {
			dir := copied(t, filepath.Join("..", "internal", "generated", tc.source))
			keepDocument(t, w.app.URL(), filepath.Join(dir, "openapi.json"))
			for _, step := range tc.steps[:len(tc.steps)-1] {
				perform(t, dir, step...)
			}
			last := append(tc.steps[len(tc.steps)-1], w.app.URL(), app.SandboxKey)
			if diff := cmp.Diff(generatedSays, perform(t, dir, last...)); diff != "" {
				t.Errorf("the program printed (-want +got):\n%s", diff)
			}
		})
	}
}

// copied is a directory with the files of another one: what is made beside them is not
// kept. Installed packages are only pointed to; main.go.txt is main.go, which does not
// compile before.
func copied(t *testing.T, source string) string {
	t.Helper()
	dir := t.TempDir()
	entries, err := os.ReadDir(source)
	if err != nil {
		t.Fatal(err)
	}
	for _, e := range entries {
		from, err := filepath.Abs(filepath.Join(source, e.Name()))
		if err != nil {
			t.Fatal(err)
		}
		if e.IsDir() {
			err = os.Symlink(from, filepath.Join(dir, e.Name()))
		} else {
			var data []byte
			if data, err = os.ReadFile(from); err == nil {
				err = os.WriteFile(filepath.Join(dir, strings.TrimSuffix(e.Name(), ".txt")), data, 0o600)
			}
		}
		if err != nil {
			t.Fatal(err)
		}
	}
	if err := os.Mkdir(filepath.Join(dir, "relais"), 0o700); err != nil {
		t.Fatal(err)
	}
	return dir
}

func keepDocument(t *testing.T, gateway, file string) {
	t.Helper()
	r, err := http.NewRequestWithContext(t.Context(), http.MethodGet, gateway+"/openapi.json", http.NoBody)
	if err != nil {
		t.Fatal(err)
	}
	answer, err := http.DefaultClient.Do(r)
	if err != nil {
		t.Fatal(err)
	}
	defer answer.Body.Close()
	document, err := io.ReadAll(answer.Body)
	if err == nil {
		err = os.WriteFile(file, document, 0o600)
	}
	if err != nil {
		t.Fatal(err)
	}
}

// perform runs a program and returns what it printed.
func perform(t *testing.T, dir string, command ...string) string {
	t.Helper()
	c := exec.CommandContext(t.Context(), command[0], command[1:]...)
	c.Dir = dir
	out, err := c.Output()
	if err != nil {
		complaint := ""
		if failed, ok := err.(*exec.ExitError); ok { //nolint:errorlint // Output returns it bare
			complaint = string(failed.Stderr)
		}
		t.Fatalf("%v: %v; scripts/deps node installs what is missing\n%s%s", command, err, out, complaint)
	}
	return string(out)
}
