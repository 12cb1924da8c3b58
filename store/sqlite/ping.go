package sqlite

import (
	"context"

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
