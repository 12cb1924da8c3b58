package sqlite

import (
	"context"
	"database/sql"
	"embed"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"strconv"

	"relais/reason"
	"relais/store/schema"
)

// ErrSchema is returned by Open for a database that an older program made.
var ErrSchema = reason.NewError(whySchema, nil)

//go:embed migration/*.sql
var migrations embed.FS

func readSteps() (schema.Steps, error) { return schema.Read(migrations, "migration/*.sql") }

// migrate applies the steps that the database has not seen, in order, all in one
// transaction: nobody beside it finds half a schema, and a step that fails leaves the
// old one. Only an exclusive opening changes a database that has a schema already: a
// gateway of an older version must not find its tables changed.
func migrate(ctx context.Context, db *sql.DB, exclusive bool) error {
	steps, err := readSteps()
	if err != nil {
		return err
	}
	have, err := version(ctx, db)
	if err != nil {
		return err
	}
	if err := steps.Check(have); err != nil || have == steps.Last() {
		return err
	}
	if have > 0 && !exclusive {
		return ErrSchema
	}
	tx, err := db.BeginTx(ctx, nil)
	if err != nil {
		return err
	}
	defer tx.Rollback()                           //nolint:errcheck // after Commit it has nothing to do
	if have, err = version(ctx, tx); err != nil { // another process may have been faster
		return err
	}
	for _, step := range steps.After(have) {
		if err := apply(ctx, tx, step); err != nil {
			return fmt.Errorf("apply %s: %w", step.Name, err)
		}
	}
	return tx.Commit()
}

type querier interface {
	QueryRowContext(ctx context.Context, query string, args ...any) *sql.Row
}

// version is 0 in an empty database.
func version(ctx context.Context, q querier) (have int, err error) {
	if err := q.QueryRowContext(ctx, "PRAGMA user_version").Scan(&have); err != nil {
		return 0, fmt.Errorf("read the schema's version: %w", err)
	}
	return have, nil
}

func apply(ctx context.Context, tx *sql.Tx, step schema.Step) error {
	if _, err := tx.ExecContext(ctx, step.Script); err != nil {
		return err
	}
	_, err := tx.ExecContext(ctx, "PRAGMA user_version = "+strconv.Itoa(step.Number))
	return err
}

// Schema returns the version of the database in dir, 0 when there is none, and
// the one that this program brings. It changes nothing.
func Schema(ctx context.Context, dir string) (have, want int, err error) {
	steps, err := readSteps()
	if err != nil {
		return 0, 0, err
	}
	path := filepath.Join(dir, FileName)
	switch file, err := os.Open(path); { // SQLite has one error for every reason
	case errors.Is(err, fs.ErrNotExist):
		return 0, steps.Last(), nil
	case err != nil:
		return 0, 0, reason.Wrap(err, whyOpen, nil)
	default:
		if err := file.Close(); err != nil {
			return 0, 0, err
		}
	}
	db, err := sql.Open("sqlite", fileURL(path)+"?mode=ro&_pragma=busy_timeout(10000)")
	if err != nil {
		return 0, 0, reason.Wrap(err, whyOpenFile, reason.Args{"file": reason.Name(path)})
	}
	defer db.Close()
	have, err = version(ctx, db)
	return have, steps.Last(), explain(err)
}
