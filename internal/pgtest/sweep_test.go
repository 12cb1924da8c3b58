package pgtest

import (
	"os"
	"path/filepath"
	"testing"
)

// What a killed test binary left is removed; what another one uses or makes, and what is not ours,
// stays.
func TestSweep(t *testing.T) {
	parent := t.TempDir()
	for _, name := range []string{prefix + "left/data", prefix + "used/data", prefix + "new", "other/data"} {
		if err := os.MkdirAll(filepath.Join(parent, name), 0o700); err != nil {
			t.Fatal(err)
		}
	}
	used, err := hold(filepath.Join(parent, prefix+"used"))
	if err != nil {
		t.Fatal(err)
	}
	defer used.Close()
	if err := sweep(parent); err != nil {
		t.Fatal(err)
	}
	for name, want := range map[string]bool{prefix + "left": false, prefix + "used": true, prefix + "new": true, "other": true} {
		if _, err := os.Stat(filepath.Join(parent, name)); (err == nil) != want {
			t.Errorf("%s is there: %t, want %t", name, err == nil, want)
		}
	}
}
