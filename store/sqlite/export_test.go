package sqlite

import (
	"context"
	"fmt"
)

// LimitPages makes the disk as small as n pages for the writer.
func (s *Store) LimitPages(ctx context.Context, n int) error {
	return s.outside(ctx, fmt.Sprintf("PRAGMA max_page_count = %d", n))
}

// SetSchemaVersion pretends that another program migrated the file.
func (s *Store) SetSchemaVersion(ctx context.Context, version int) error {
	return s.outside(ctx, fmt.Sprintf("PRAGMA user_version = %d", version))
}

func (s *Store) outside(ctx context.Context, pragma string) error {
	return s.commits.do(ctx, func(t *tx) error {
		rows, err := t.conn.QueryContext(ctx, pragma)
		if err != nil {
			return err
		}
		defer rows.Close()
		for rows.Next() {
			continue
		}
		return rows.Err()
	})
}
