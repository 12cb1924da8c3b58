package main

import (
	"crypto/sha256"
	"errors"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"relais/internal/dump"
	"relais/internal/pgtest"
)

// TestCommandsThatAskChangeNothing runs each command that only tells on a database with
// an account and a key, and compares the database and the files beside it.
func TestCommandsThatAskChangeNothing(t *testing.T) {
	for _, test := range []struct {
		name string
		open func(t *testing.T, dir string) (flags []string, rows func(*testing.T) []string)
	}{
		{"SQLite", func(_ *testing.T, dir string) ([]string, func(*testing.T) []string) {
			return []string{"--data", dir}, func(t *testing.T) []string {
				return slices.Concat(dump.SQLite(t, filepath.Join(dir, "relais.db")), filesIn(t, dir))
			}
		}},
		{"PostgreSQL", func(t *testing.T, dir string) ([]string, func(*testing.T) []string) {
			address := pgtest.Database(t)
			return []string{"--data", dir, "--database", address}, func(t *testing.T) []string {
				return slices.Concat(dump.Postgres(t, address), filesIn(t, dir))
			}
		}},
	} {
		t.Run(test.name, func(t *testing.T) {
			dir := t.TempDir()
			flags, rows := test.open(t, dir)
			for _, args := range [][]string{{"migrate"}, {"accounts", "create", "town"}, {"keys", "create", "--account", "town", "--name", "a"}} {
				if said, err := command(t, append(args, flags...)...).CombinedOutput(); err != nil {
					t.Fatalf("%v: %v, %s", args, err, said)
				}
			}
			before := rows(t)
			for _, asked := range []struct {
				args  []string
				plain bool // takes no database
			}{
				{[]string{"doctor"}, false},
				{[]string{"config", "check"}, false},
				{[]string{"accounts", "list"}, false},
				{[]string{"keys", "list"}, false},
				{[]string{"receipts"}, false},
				{[]string{"usage"}, false},
				{[]string{"usage", "--csv"}, false},
				{[]string{"shadow"}, false},
				{[]string{"callbacks"}, true},
				{[]string{"config", "example"}, true},
				{[]string{"version"}, true},
				{[]string{"help"}, true},
			} {
				args := asked.args
				if !asked.plain {
					args = slices.Concat(args, flags)
				}
				c := command(t, args...)
				c.Dir = dir
				said, err := c.CombinedOutput()
				if _, ended := errors.AsType[*exec.ExitError](err); err != nil && !ended {
					t.Fatalf("%v: %v", args, err)
				}
				if c.ProcessState.ExitCode() == 2 {
					t.Errorf("%v is no good use: %s", args, said)
				}
				if diff := cmp.Diff(before, rows(t)); diff != "" {
					t.Errorf("%v changed something (-before +after):\n%s", args, diff)
				}
			}
		})
	}
}

// filesIn are the files of a directory with what they hold, those of an open SQLite
// database apart.
func filesIn(t *testing.T, dir string) (all []string) {
	t.Helper()
	entries, err := os.ReadDir(dir)
	if err != nil {
		t.Fatal(err)
	}
	for _, e := range entries {
		if strings.HasPrefix(e.Name(), "relais.db") {
			continue
		}
		text, err := os.ReadFile(filepath.Join(dir, e.Name()))
		if err != nil {
			t.Fatal(err)
		}
		all = append(all, fmt.Sprintf("%s %x", e.Name(), sha256.Sum256(text)))
	}
	return all
}
