package sqlite

import (
	"context"
	"database/sql"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"strconv"
	"strings"
)

// ErrSchema is returned by Open for a database that an older program made.
var ErrSchema = errors.New("the database was made by an older version; start the gateway, or run relais migrate while it is stopped")

// migrate applies the numbered files that the database has not seen, in order, all
// in one transaction: nobody beside it finds half a schema, and one that fails
// leaves the old one. Only an exclusive opening changes a
// database that has a schema already: a gateway of an older version must not
// find its tables changed. A database from a newer version is refused.
func migrate(ctx context.Context, db *sql.DB, exclusive bool) error {
	files, err := migrationFiles()
	if err != nil {
		return err
	}
	var have int
	if err := db.QueryRowContext(ctx, "PRAGMA user_version").Scan(&have); err != nil {
		return fmt.Errorf("read the schema's version: %w", err)
	}
	switch {
	case have > len(files):
		return fmt.Errorf("the database has schema %d and this program knows %d: run the newer program", have, len(files))
	case have > 0 && have < len(files) && !exclusive:
		return ErrSchema
	}
	if have == len(files) {
		return nil
	}
	tx, err := db.BeginTx(ctx, nil)
	if err != nil {
		return err
	}
	defer tx.Rollback() //nolint:errcheck // after Commit it has nothing to do
	// Another process may have been faster.
	if err := tx.QueryRowContext(ctx, "PRAGMA user_version").Scan(&have); err != nil {
		return err
	}
	for i := have; i < len(files); i++ {
		if err := applyMigration(ctx, tx, files[i], i+1); err != nil {
			return fmt.Errorf("apply %s: %w", files[i], err)
		}
	}
	return tx.Commit()
}

func migrationFiles() ([]string, error) {
	files, err := fs.Glob(migrations, "migration/*.sql") // sorted by name
	if err != nil {
		return nil, fmt.Errorf("list migrations: %w", err)
	}
	return files, nil
}

func applyMigration(ctx context.Context, tx *sql.Tx, file string, version int) error {
	if !strings.HasPrefix(file, fmt.Sprintf("migration/%04d_", version)) {
		return fmt.Errorf("number %d is missing", version)
	}
	script, err := migrations.ReadFile(file)
	if err != nil {
		return err
	}
	if _, err := tx.ExecContext(ctx, string(script)); err != nil {
		return err
	}
	_, err = tx.ExecContext(ctx, "PRAGMA user_version = "+strconv.Itoa(version))
	return err
}

// Schema returns the version of the database in dir, 0 when there is none, and
// the one that this program brings. It changes nothing.
func Schema(ctx context.Context, dir string) (have, want int, err error) {
	files, err := migrationFiles()
	if err != nil {
		return 0, 0, err
	}
	path := filepath.Join(dir, FileName)
	switch file, err := os.Open(path); { // SQLite has one error for every reason
	case errors.Is(err, fs.ErrNotExist):
		return 0, len(files), nil
	case err != nil:
		return 0, 0, fmt.Errorf("open the database: %w", err)
	default:
		if err := file.Close(); err != nil {
			return 0, 0, err
		}
	}
	db, err := sql.Open("sqlite", fileURL(path)+"?mode=ro&_pragma=busy_timeout(10000)")
	if err != nil {
		return 0, 0, fmt.Errorf("open %s: %w", path, err)
	}
	defer db.Close()
	if err := db.QueryRowContext(ctx, "PRAGMA user_version").Scan(&have); err != nil {
		return 0, 0, fmt.Errorf("read the schema's version: %w", explain(err))
	}
	return have, len(files), nil
}
