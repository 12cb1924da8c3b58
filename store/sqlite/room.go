package sqlite

import (
	"fmt"
	"syscall"
)

// leastRoom is what the store needs to work, in bytes; SQLite's own errors on a
// disk with less have many names.
const leastRoom = 1 << 20

// Room is what an ordinary user may still write under dir, in bytes.
func Room(dir string) (uint64, error) {
	var fs syscall.Statfs_t
	if err := syscall.Statfs(dir, &fs); err != nil {
		return 0, fmt.Errorf("ask for the room left: %w", err)
	}
	return uint64(fs.Bavail) * uint64(fs.Bsize), nil //nolint:unconvert // the types differ between systems
}

// full is false when the room is not known: another error will speak.
func full(dir string) bool {
	room, err := Room(dir)
	return err == nil && room < leastRoom
}
