// Package dump reads all that a database holds, so that a test can say that something
// changed nothing in it.
package dump

import (
	"database/sql"
	"fmt"
	"os/exec"
	"slices"
	"strings"
	"testing"

	_ "modernc.org/sqlite" // the driver

	"relais/internal/pgtest"
)

// SQLite is every row of a file, but for those of the tables that are left out.
func SQLite(t *testing.T, file string, without ...string) (all []string) {
	t.Helper()
	db, err := sql.Open("sqlite", "file:"+file+"?mode=ro")
	if err != nil {
		t.Fatal(err)
	}
	defer db.Close()
	for _, table := range rowsOf(t, db, "SELECT name FROM sqlite_schema WHERE type = 'table' ORDER BY name") {
		if table = strings.Trim(table, "[]"); slices.Contains(without, table) {
			continue
		}
		for _, row := range rowsOf(t, db, "SELECT * FROM "+table) {
			all = append(all, table+" "+row)
		}
	}
	slices.Sort(all)
	return all
}

// rowsOf are the rows of a query, each as text.
func rowsOf(t *testing.T, db *sql.DB, query string) (all []string) {
	t.Helper()
	rows, err := db.QueryContext(t.Context(), query)
	if err != nil {
		t.Fatal(err)
	}
	defer rows.Close()
	columns, err := rows.Columns()
	if err != nil {
		t.Fatal(err)
	}
	for rows.Next() {
		values, places := make([]any, len(columns)), make([]any, len(columns))
		for i := range values {
			places[i] = &values[i]
		}
		if err := rows.Scan(places...); err != nil {
			t.Fatal(err)
		}
		all = append(all, fmt.Sprint(values))
	}
	if err := rows.Err(); err != nil {
		t.Fatal(err)
	}
	return all
}

// Postgres is every line of pg_dump that is a row or the place of a sequence, and the
// statements that make the tables where none is left out.
func Postgres(t *testing.T, address string, without ...string) []string {
	t.Helper()
	args := []string{"--inserts", "--dbname=" + address}
	if len(without) > 0 {
		args = append(args, "--data-only")
	}
	for _, table := range without {
		args = append(args, "--exclude-table="+table)
	}
	out, err := exec.CommandContext(t.Context(), pgtest.Tool(t, "pg_dump"), args...).Output()
	if err != nil {
		t.Fatalf("pg_dump: %v", err)
	}
	all := slices.DeleteFunc(strings.Split(string(out), "\n"), func(line string) bool {
		row := strings.HasPrefix(line, "INSERT") || strings.Contains(line, "setval")
		return strings.HasPrefix(line, `\`) || len(without) > 0 && !row // a random word since 18
	})
	if len(without) > 0 {
		slices.Sort(all)
	}
	return all
}
