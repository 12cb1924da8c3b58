package sqlite

import (
	"path/filepath"
	"testing"
)

func TestRoom(t *testing.T) {
	dir := t.TempDir()
	if room, err := Room(dir); err != nil || room == 0 {
		t.Errorf("Room = %d, %v", room, err)
	}
	missing := filepath.Join(dir, "missing")
	if room, err := Room(missing); err == nil || full(missing) {
		t.Errorf("Room of no directory = %d, full %v; want an error, which is not full", room, full(missing))
	}
}
