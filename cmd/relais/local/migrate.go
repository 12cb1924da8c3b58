package local

import (
	"context"
	"fmt"
	"io"
	"path/filepath"

	"relais/cmd/relais/terminal"
	"relais/config"
	"relais/store/postgres"
	"relais/store/sqlite"
)

type migrateCommand struct{ dataFlags }

// Run implements the command. It asks for the database alone: a gateway of an
// older version must not find the tables changed under it.
func (c *migrateCommand) Run(t *terminal.Terminal) error {
	settings, err := c.settings(t)
	if err != nil {
		return err
	}
	place := placeOf(settings)
	before, want, err := place.schema(t.Ctx)
	if err != nil {
		return place.failed(t, err)
	}
	if before == want {
		return c.print(t, place.name, before, before,
			t.Text("migrated_not", "database", place.name, "schema", before))
	}
	store, err := place.upgrade(t.Ctx)
	if err != nil {
		return place.failed(t, err)
	}
	if err := store.Close(); err != nil {
		return err
	}
	return c.print(t, place.name, before, want,
		t.Text("migrated", "database", place.name, "before", before, "after", want))
}

// place is where a database is.
type place struct {
	name    string // for people; holds no password
	where   string // the directory, for people
	schema  func(context.Context) (have, want int, err error)
	upgrade func(context.Context) (io.Closer, error)
	failed  func(*terminal.Terminal, error) error
}

func placeOf(settings config.Config) place {
	if address := settings.Database.Reveal(); address != "" {
		return place{
			name:   "PostgreSQL",
			where:  "PostgreSQL",
			schema: func(ctx context.Context) (int, int, error) { return postgres.Schema(ctx, address) },
			upgrade: func(ctx context.Context) (io.Closer, error) {
				return postgres.Open(ctx, address, true)
			},
			failed: func(t *terminal.Terminal, err error) error {
				return t.Failed(err, "database_failed")
			},
		}
	}
	where, err := filepath.Abs(settings.Data)
	if err != nil {
		where = settings.Data // the working directory is gone; what opens it says so
	}
	return place{
		name:   filepath.Join(settings.Data, sqlite.FileName),
		where:  where,
		schema: func(ctx context.Context) (int, int, error) { return sqlite.Schema(ctx, settings.Data) },
		upgrade: func(ctx context.Context) (io.Closer, error) {
			return sqlite.OpenExclusive(ctx, settings.Data)
		},
		failed: func(t *terminal.Terminal, err error) error {
			return t.Failed(err, "data_failed", "directory", settings.Data)
		},
	}
}

func (c *migrateCommand) print(t *terminal.Terminal, path string, from, to int, sentence string) error {
	if c.JSON {
		return terminal.PrintJSON(t.Stdout, map[string]any{"database": path, "from": from, "to": to})
	}
	_, err := fmt.Fprintln(t.Stdout, sentence)
	return err
}
