package sqlite

import (
	"context"
	"fmt"
	"syscall"

	"relais/gateway"
)

// Ping reports whether the database takes writes: it commits one, or did within
// the last second. A disk with less than leastRoom counts as full before it is.
// Ping returns when ctx ends, and the write may still be done.
func (s *Store) Ping(ctx context.Context) error { return s.probes.Ping(ctx) }

func (s *Store) takesWrites(dir string) error {
	if full(dir) {
		return gateway.ErrFull
	}
	return s.commits.do(context.Background(), func(t *tx) error {
		return t.exec("UPDATE accounts SET created_at = created_at WHERE name = 'default'")
	})
}

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
