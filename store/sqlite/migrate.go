package sqlite

import (
	"context"
	"database/sql"
	"fmt"
	"io/fs"
	"strconv"
	"strings"
)

// migrate applies the numbered files that the database has not seen, in order,
// each in a transaction with its number. A database from a newer version of
// the program is refused.
func migrate(ctx context.Context, db *sql.DB) error {
	files, err := fs.Glob(migrations, "migration/*.sql") // sorted by name
	if err != nil {
		return fmt.Errorf("list migrations: %w", err)
	}
	var have int
	if err := db.QueryRowContext(ctx, "PRAGMA user_version").Scan(&have); err != nil {
		return fmt.Errorf("read the schema's version: %w", err)
	}
	if have > len(files) {
		return fmt.Errorf("the database has schema %d and this program knows %d: run the newer program", have, len(files))
	}
	for i := have; i < len(files); i++ {
		if err := applyMigration(ctx, db, files[i], i+1); err != nil {
			return fmt.Errorf("apply %s: %w", files[i], err)
		}
	}
	return nil
}

func applyMigration(ctx context.Context, db *sql.DB, file string, version int) error {
	if !strings.HasPrefix(file, fmt.Sprintf("migration/%04d_", version)) {
		return fmt.Errorf("number %d is missing", version)
	}
	script, err := migrations.ReadFile(file)
	if err != nil {
		return err
	}
	tx, err := db.BeginTx(ctx, nil)
	if err != nil {
		return err
	}
	defer tx.Rollback() //nolint:errcheck // after Commit it has nothing to do
	var have int
	if err := tx.QueryRowContext(ctx, "PRAGMA user_version").Scan(&have); err != nil || have >= version {
		return err // another process was faster
	}
	if _, err := tx.ExecContext(ctx, string(script)); err != nil {
		return err
	}
	if _, err := tx.ExecContext(ctx, "PRAGMA user_version = "+strconv.Itoa(version)); err != nil {
		return err
	}
	return tx.Commit()
}

// SchemaVersion returns the version of the database and the one that this
// program brings.
func (s *Store) SchemaVersion(ctx context.Context) (have, want int, err error) {
	files, err := fs.Glob(migrations, "migration/*.sql")
	if err != nil {
		return 0, 0, fmt.Errorf("list migrations: %w", err)
	}
	if err := s.readers.QueryRowContext(ctx, "PRAGMA user_version").Scan(&have); err != nil {
		return 0, 0, fmt.Errorf("read the schema's version: %w", explain(err))
	}
	return have, len(files), nil
}
