// Package docs_test keeps the documents true: links, commands, configuration,
// tables of keys, fields, metrics and codes, and the examples, which are run
// against a gateway beside simulated operators.
//
// It has no code of its own. pages_test.go reads the pages, run_test.go runs
// their examples, facts_test.go compares their tables with the code.
package docs_test

import (
	"context"
	"errors"
	"flag"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"testing"
)

const root = ".."

var update = flag.Bool("update", false, "rewrite the example of docs/configuration.md")

// program is the built command, and bin the directory that holds it beside a
// curl.
var program, bin string

func TestMain(m *testing.M) {
	if filepath.Base(os.Args[0]) == "curl" {
		os.Exit(curl(os.Args[1:], os.Stdout))
	}
	code, err := runTests(m)
	if err != nil {
		fmt.Fprintln(os.Stderr, err)
		code = 1
	}
	os.Exit(code)
}

func runTests(m *testing.M) (int, error) {
	var err error
	if bin, err = os.MkdirTemp("", "relais-docs-"); err != nil {
		return 0, err
	}
	defer os.RemoveAll(bin)
	program = filepath.Join(bin, "relais")
	build := exec.CommandContext(context.Background(), "go", "build", "-o", program, "./cmd/relais")
	build.Dir = root
	if said, err := build.CombinedOutput(); err != nil {
		return 0, fmt.Errorf("build the program: %w\n%s", err, said)
	}
	self, err := os.Executable()
	if err != nil {
		return 0, err
	}
	if err := os.Symlink(self, filepath.Join(bin, "curl")); err != nil {
		return 0, err
	}
	return m.Run(), nil
}

// environment is that of a person who speaks the language of the page, and
// nothing of ours.
func environment(home, language string) []string {
	return []string{
		"PATH=" + bin + string(os.PathListSeparator) + os.Getenv("PATH"), "HOME=" + home, "TZ=UTC",
		"LC_ALL=" + language,
	}
}

// relais runs a command and returns what it prints; stderr goes to the failure.
func relais(t *testing.T, language string, args ...string) string {
	t.Helper()
	home := t.TempDir()
	c := exec.CommandContext(t.Context(), program, args...)
	c.Env, c.Dir = environment(home, language), home
	said, err := c.Output()
	if err != nil {
		detail := ""
		if e, ok := errors.AsType[*exec.ExitError](err); ok {
			detail = string(e.Stderr)
		}
		t.Fatalf("relais %v: %v\n%s", args, err, detail)
	}
	return string(said)
}
