package sqlite_test

import (
	"os"
	"path/filepath"
	"strings"
	"testing"

	"relais/store/sqlite"
)

// TestUnwritableDirectory: SQLite writes beside a database also to read it, and says
// only "unable to open database file" where it cannot. A directory in the place of
// one of its files stands for a read-only one, which holds nobody back who runs the
// tests as root.
func TestUnwritableDirectory(t *testing.T) {
	dir := t.TempDir()
	s, err := sqlite.Open(t.Context(), dir)
	if err != nil {
		t.Fatal(err)
	}
	if err := s.Close(); err != nil {
		t.Fatal(err)
	}
	for _, beside := range []string{"-shm", "-wal"} {
		if err := os.Mkdir(filepath.Join(dir, sqlite.FileName+beside), 0o700); err != nil {
			t.Fatal(err)
		}
	}
	_, _, err = sqlite.Schema(t.Context(), dir)
	if err == nil || !strings.Contains(err.Error(), "must be able to write to the directory of the database") {
		t.Errorf("error = %v, want one that says what must be writable", err)
	}
}
