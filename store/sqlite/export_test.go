package sqlite

import (
	"context"
	"fmt"
	"testing"
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
		rows, err := t.rows.conn.QueryContext(ctx, pragma)
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

// StayYoung lets no message grow old by itself.
func (s *Store) StayYoung() {
	s.commits.aging()
	s.commits.aged.Wait()
}

// NoYouth gives each message its row at once.
func (s *Store) NoYouth() { s.commits.tx.young.own = false }

// Young is how many messages have no row.
func (s *Store) Young() int { return int(s.commits.tx.young.count.Load()) }

// YoungRows is how many rows tell of them.
func (s *Store) YoungRows(t *testing.T) (n int) {
	t.Helper()
	if err := s.readers.QueryRowContext(t.Context(), "SELECT count(*) FROM young").Scan(&n); err != nil {
		t.Fatal(err)
	}
	return n
}

// YoungDeliveries is how many deliveries have no row.
func (s *Store) YoungDeliveries() int { return int(s.commits.tx.young.waiting.Load()) }
