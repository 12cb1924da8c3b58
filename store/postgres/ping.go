package postgres

import (
	"context"
	"fmt"
)

// Ping reports whether the database takes writes: it commits one, or did within the
// last second. It returns when ctx ends.
func (s *Store) Ping(ctx context.Context) error { return s.probes.Ping(ctx) }

func (s *Store) takesWrites() error {
	ctx, cancel := context.WithTimeout(context.Background(), writeTimeout)
	defer cancel()
	if _, err := s.pool.Exec(ctx, "UPDATE accounts SET created_at = created_at WHERE name = "+
		"'default'"); err != nil {
		return fmt.Errorf("the database takes no writes: %w", explain(err))
	}
	return nil
}
