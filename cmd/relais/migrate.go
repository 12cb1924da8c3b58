package main

import (
	"errors"
	"fmt"
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
	before, want, err := sqlite.Schema(t.ctx, dir)
	if err != nil {
		return errors.New(t.text("data_failed", dir, err))
	}
	path := filepath.Join(dir, sqlite.FileName)
	if before == want {
		return c.print(t, path, before, before, t.text("migrated_not", path, before))
	}
	store, err := sqlite.OpenExclusive(t.ctx, dir)
	if err != nil {
		return errors.New(t.text("data_failed", dir, err))
	}
	if err := store.Close(); err != nil {
		return err
	}
	return c.print(t, path, before, want, t.text("migrated", path, before, want))
}

func (c *migrateCommand) print(t *terminal, path string, from, to int, sentence string) error {
	if c.JSON {
		return printJSON(t.stdout, map[string]any{"database": path, "from": from, "to": to})
	}
	_, err := fmt.Fprintln(t.stdout, sentence)
	return err
}
