package app_test

import (
	"database/sql"
	"path/filepath"
	"testing"
	"time"
)

// bringForward makes due what was asked for later: a test that waits for other
// things first says so by this, whatever time they take. A lane that nobody wakes
// looks after some seconds.
func bringForward(t *testing.T, data string) {
	t.Helper()
	db, err := sql.Open("sqlite", "file:"+filepath.Join(data, "relais.db")+"?_pragma=busy_timeout(10000)")
	if err != nil {
		t.Fatal(err)
	}
	defer db.Close()
	done, err := db.ExecContext(t.Context(),
		"UPDATE messages SET due_at = ?, due_minute = 0 WHERE status = 'queued'", time.Now().UnixMicro())
	if err != nil {
		t.Fatal(err)
	}
	if n, err := done.RowsAffected(); err != nil || n == 0 {
		t.Fatalf("%d messages waited, %v", n, err)
	}
}
