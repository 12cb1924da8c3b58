package main

import (
	"context"
	"database/sql"
	"errors"
	"fmt"
	"io/fs"
	"net/url"
	"os"
	"path/filepath"

	"relais/store/sqlite"
)

type migrateCommand struct{ dataFlags }

// Run implements the command. It asks for the database alone: a gateway of an
// older version must not find the tables changed under it.
func (c *migrateCommand) Run(t *terminal) error {
	dir, err := c.directory()
	if err != nil {
		return err
	}
	before, err := schemaOf(t.ctx, dir)
	if err != nil {
		return errors.New(t.text("data_failed", dir, err))
	}
	want, err := knownSchema(t.ctx)
	if err != nil {
		return err
	}
	path := filepath.Join(dir, sqlite.FileName)
	if before == want {
		return c.print(t, path, before, before, t.text("migrated_not", path, before))
	}
	store, err := sqlite.OpenExclusive(t.ctx, dir)
	if err != nil {
		return errors.New(t.text("data_failed", dir, err))
	}
	after, _, err := store.SchemaVersion(t.ctx)
	if err := closed(store, err); err != nil {
		return err
	}
	return c.print(t, path, before, after, t.text("migrated", path, before, after))
}

func (c *migrateCommand) print(t *terminal, path string, from, to int, sentence string) error {
	if c.JSON {
		return printJSON(t.stdout, map[string]any{"database": path, "from": from, "to": to})
	}
	_, err := fmt.Fprintln(t.stdout, sentence)
	return err
}

// schemaOf reads the version of the schema in dir without opening the store,
// which would bring it up to date. A database that is not there has version 0.
func schemaOf(ctx context.Context, dir string) (version int, err error) {
	path := filepath.Join(dir, sqlite.FileName)
	if _, err := os.Stat(path); errors.Is(err, fs.ErrNotExist) {
		return 0, nil
	}
	dsn := (&url.URL{Scheme: "file", Opaque: url.PathEscape(path)}).String() + "?mode=ro&_pragma=busy_timeout(10000)"
	db, err := sql.Open("sqlite", dsn)
	if err != nil {
		return 0, fmt.Errorf("open %s: %w", path, err)
	}
	err = db.QueryRowContext(ctx, "PRAGMA user_version").Scan(&version)
	if err = errors.Join(err, db.Close()); err != nil {
		return 0, fmt.Errorf("read the version of %s: %w", path, err)
	}
	return version, nil
}

// knownSchema is the version that this program brings. A database of its own
// tells it, so that a check-up changes nothing in the one of the gateway.
func knownSchema(ctx context.Context) (version int, err error) {
	dir, err := os.MkdirTemp("", "relais-schema-")
	if err != nil {
		return 0, fmt.Errorf("make a directory: %w", err)
	}
	defer func() { err = errors.Join(err, os.RemoveAll(dir)) }()
	store, err := sqlite.Open(ctx, dir)
	if err != nil {
		return 0, fmt.Errorf("make an empty database: %w", err)
	}
	_, version, err = store.SchemaVersion(ctx)
	return version, closed(store, err)
}
