package sqlite

import (
	"context"
	"database/sql"
	"testing"
)

// TestPragmas asks the connections themselves: without FULL a power loss takes
// back what was answered with 202, and nothing else would show it.
func TestPragmas(t *testing.T) {
	s := openForTest(t)
	reader, err := s.readers.Conn(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	defer reader.Close()
	for _, tc := range []struct {
		name         string
		conn         *sql.Conn
		pragma, want string
	}{
		{"writer", s.commits.conn, "journal_mode", "wal"},
		{"writer", s.commits.conn, "synchronous", "2"}, // FULL
		{"writer", s.commits.conn, "busy_timeout", "10000"},
		{"writer", s.commits.conn, "wal_autocheckpoint", "4000"},
		{"writer", s.commits.conn, "query_only", "0"},
		{"reader", reader, "journal_mode", "wal"},
		{"reader", reader, "busy_timeout", "10000"},
		{"reader", reader, "query_only", "1"},
	} {
		t.Run(tc.name+" "+tc.pragma, func(t *testing.T) {
			if got := askPragma(t.Context(), t, tc.conn, tc.pragma); got != tc.want {
				t.Errorf("got %s, want %s", got, tc.want)
			}
		})
	}
}

func askPragma(ctx context.Context, t *testing.T, conn *sql.Conn, pragma string) (value string) {
	t.Helper()
	if err := conn.QueryRowContext(ctx, "PRAGMA "+pragma).Scan(&value); err != nil {
		t.Fatal(err)
	}
	return value
}
